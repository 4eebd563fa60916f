import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '#libs/algorithms';
import { type Exposure, makeExposure, zeroPointOf } from '#libs/image';
import type { TaskContext } from '#libs/pipeline';
import { cdMatrix, makeTanWcs } from '#libs/sky';
import { type Table, tableFromRows } from '#libs/table';
import { calibrate, CalibrateConfig, type CalibrationSummary } from './calibrate.js';

const SIZE = 512;
const ZERO_POINT = 29.5;
const truth = makeTanWcs({ crpix: { x: 255, y: 255 }, crvalRaDeg: 0.01, crvalDecDeg: -60, cd: cdMatrix(0.4, 5) });
/** 12 arcsec off and turned by 0.1 degrees */
const guess = makeTanWcs({ crpix: { x: 285, y: 255 }, crvalRaDeg: 0.01, crvalDecDeg: -60, cd: cdMatrix(0.4, 5.1) });

function field(count: number): { sources: Table; references: Table } {
  const random = seededRandom(5);
  const stars = Array.from({ length: count }, (_, i) => {
    const [x, y, mag] = [SIZE * random.uniform(), SIZE * random.uniform(), 16 + 4 * random.uniform()];
    const flux = 10 ** (0.4 * (ZERO_POINT - mag));
    const { raDeg, decDeg } = truth.pixelToSky(x, y);
    return {
      source: {
        x: x + 0.02 * random.normal(),
        y: y + 0.02 * random.normal(),
        xErr: 0.02,
        yErr: 0.02,
        psfInstFlux: flux * (1 + 0.01 * random.normal()),
        psfInstFluxErr: 0.01 * flux,
        apInstFlux: flux,
        apInstFluxErr: 0.02 * flux,
      },
      reference: {
        refId: BigInt(i),
        ra: raDeg,
        dec: decDeg,
        pmRa: 0,
        pmDec: 0,
        epoch: 57388,
        mag_g: mag,
        magErr_g: 0.01,
      },
    };
  });
  const doubles = (row: object) =>
    Object.keys(row).map((name) => ({ name, type: name === 'refId' ? ('long' as const) : ('double' as const) }));
  return {
    sources: tableFromRows(
      doubles(stars[0]!.source),
      stars.map(({ source }) => source),
      'icSource',
    ),
    references: tableFromRows(
      doubles(stars[0]!.reference),
      stars.map(({ reference }) => reference),
      'refcat',
    ),
  };
}

const exposureOf = (over: Partial<Exposure> = {}): Exposure => ({
  ...makeExposure(SIZE, SIZE),
  wcs: guess,
  metadata: { OBJECT: 'field' },
  info: { instrument: 'test', visit: 1n, detector: 0, band: 'g', midpointMjdTai: 60000, exposureTime: 30 },
  ...over,
});

function run(exposure: Exposure, tables: { sources: Table; references: Table }) {
  const metrics = new Map<string, number>();
  const warnings: string[] = [];
  const context: TaskContext<CalibrateConfig> = {
    config: CalibrateConfig.parse({}),
    dataId: { visit: '1', detector: 0 },
    allocator: {
      float32: (n) => new Float32Array(n),
      float64: (n) => new Float64Array(n),
      int32: (n) => new Int32Array(n),
    },
    log: { debug: () => undefined, info: () => undefined, warn: (message) => void warnings.push(message) },
    metric: (name, value) => void metrics.set(name, value),
    cancelled: () => undefined,
    seed: () => 1,
  };
  const outputs = calibrate.run({ exposure, ...tables }, context) as {
    calexp: Exposure;
    source: Table;
    summary: CalibrationSummary;
  };
  return { ...outputs, metrics, warnings };
}

const failureOf = (action: () => unknown): unknown => {
  try {
    action();
  } catch (error) {
    const { kind, code } = error as { kind: string; code: string };
    return { kind, code };
  }
  return 'no failure';
};

describe('the Task calibrate', () => {
  it('gives the exposure its WCS and photometric calibration, the sources positions and fluxes, and says how good they are', () => {
    const { calexp, source, summary, metrics, warnings } = run(exposureOf(), field(200));
    const centre = calexp.wcs!.pixelToSky(255, 255);
    expect(centre.decDeg).toBeCloseTo(-60, 5);
    expect(zeroPointOf(calexp.photoCalib!)).toBeCloseTo(ZERO_POINT, 2);
    expect(calexp.metadata).toMatchObject({ OBJECT: 'field', MAGZERO: summary.zeroPoint });
    expect(source.value('psfFlux', 0)).toBeCloseTo(
      (source.value('psfInstFlux', 0) as number) * calexp.photoCalib!.scale,
      6,
    );
    // 0.02 px of 0.4 arcsec are 8 mas per axis, 11 mas radially
    expect(summary.astromRms).toBeGreaterThan(8);
    expect(summary.astromRms).toBeLessThan(15);
    expect(summary.pointingOffset).toBeCloseTo(12, 0);
    expect(Math.abs(summary.pointingRotation)).toBeCloseTo(0.1, 2);
    expect(summary.pixelScale).toBeCloseTo(0.4, 4);
    expect(metrics.get('nMatched')).toBe(summary.nMatched);
    expect(warnings).toEqual([]);
    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
  });

  it('warns when few stars lower the order of the distortion', () => {
    const { summary, warnings } = run(exposureOf(), field(20));
    expect(summary.order).toBe(1);
    expect(warnings).toHaveLength(1);
  });

  it('fails with a kind: no pointing and no band are unprocessable, no stars an algorithm failure', () => {
    const { sources, references } = field(100);
    const { wcs: _, ...blind } = exposureOf();
    const { info: __, ...nameless } = exposureOf();
    expect(failureOf(() => run(blind, { sources, references }))).toEqual({ kind: 'unprocessable', code: 'NO_WCS' });
    expect(failureOf(() => run(nameless, { sources, references }))).toEqual({
      kind: 'unprocessable',
      code: 'NO_VISIT_INFO',
    });
    expect(failureOf(() => run(exposureOf(), { sources: sources.take([]), references }))).toEqual({
      kind: 'algorithm',
      code: 'NO_STARS',
    });
  });
});
