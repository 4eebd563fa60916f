import { describe, expect, it } from '@jest/globals';
import { abMagToNjy } from '#libs/image';
import { angularSeparationDeg, cdMatrix, makeTanSipWcs, makeTanWcs, SipMap, sipPolynomial, type Wcs } from '#libs/sky';
import { type Table, tableFromRows } from '#libs/table';
import type { AlgorithmError } from '../errors.js';
import { seededRandom } from '../numeric/index.js';
import { calibrateExposure, calibrateSources, type ExposureToCalibrate } from './index.js';

const SIZE = 1024;
const SCALE = 0.25;
const ZERO_POINT = 28.4;
const MJD = 57388 + 9 * 365.25;

interface Scene {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly stars?: number;
  /** pointing error [arcsec] and rotation [deg] */
  readonly offset?: readonly [number, number];
  readonly rotation?: number;
  readonly seed?: number;
}

/** A field as a measurement sees it: point sources with errors, a tenth galaxies and junk, references brighter than mag 20.5. */
function makeScene({ raDeg, decDeg, stars = 600, offset = [8, -6], rotation = 0.2, seed = 1 }: Scene) {
  const random = seededRandom(seed);
  const cubic = 1.5e-9;
  const truth: Wcs = makeTanSipWcs({
    crpix: { x: 1100, y: 500 },
    crvalRaDeg: raDeg,
    crvalDecDeg: decDeg,
    cd: cdMatrix(SCALE, 12),
    sip: new SipMap(
      sipPolynomial(3, [
        [3, 0, cubic],
        [1, 2, cubic],
      ]),
      sipPolynomial(3, [
        [0, 3, cubic],
        [2, 1, cubic],
      ]),
    ),
  });
  const guess = makeTanWcs({
    crpix: { x: 1100 + offset[0] / SCALE, y: 500 + offset[1] / SCALE },
    crvalRaDeg: raDeg,
    crvalDecDeg: decDeg,
    cd: cdMatrix(SCALE, 12 + rotation),
  });
  const sourceRows: Record<string, number | boolean>[] = [];
  const referenceRows: Record<string, number | bigint>[] = [];
  const density = stars / SIZE ** 2;
  const margin = 250;
  const count = Math.round(density * (SIZE + 2 * margin) ** 2);
  for (let k = 0; k < count; k++) {
    const x = -margin + random.uniform() * (SIZE + 2 * margin);
    const y = -margin + random.uniform() * (SIZE + 2 * margin);
    const mag = 15.5 + 6.5 * random.uniform() ** 0.5;
    const { raDeg: ra, decDeg: dec } = truth.pixelToSky(x, y);
    if (x > 5 && y > 5 && x < SIZE - 6 && y < SIZE - 6) {
      const flux = 10 ** (0.4 * (ZERO_POINT - mag));
      const fluxErr = Math.sqrt(flux + 1e4);
      const positionErr = (1.8 * fluxErr) / flux;
      const saturated = mag < 15.9;
      sourceRows.push({
        x: x + positionErr * random.normal() + (saturated ? 0.7 : 0),
        y: y + positionErr * random.normal(),
        xErr: positionErr,
        yErr: positionErr,
        x_y_Cov: 0,
        psfInstFlux: flux + fluxErr * random.normal() - (saturated ? 0.4 * flux : 0),
        psfInstFluxErr: fluxErr,
        apInstFlux: flux,
        apInstFluxErr: 2 * fluxErr,
        flag_saturated: saturated,
      });
    }
    if (mag > 20.5) continue;
    const pmRa = 20 * random.normal();
    const pmDec = 20 * random.normal();
    const years = (57388 - MJD) / 365.25;
    referenceRows.push({
      refId: BigInt(k),
      ra: ra + (pmRa * years) / 3.6e6 / Math.cos((dec * Math.PI) / 180),
      dec: dec + (pmDec * years) / 3.6e6,
      pmRa,
      pmDec,
      epoch: 57388,
      mag_r: mag + 0.01 * random.normal(),
      magErr_r: 0.01,
    });
  }
  for (let k = 0; k < stars / 10; k++)
    sourceRows.push({
      x: random.uniform() * SIZE,
      y: random.uniform() * SIZE,
      xErr: 0.05,
      yErr: 0.05,
      x_y_Cov: 0,
      psfInstFlux: 10 ** (2 + 3 * random.uniform()),
      psfInstFluxErr: 100,
      apInstFlux: 1,
      apInstFluxErr: 1,
      flag_saturated: false,
    });
  const describeColumns = (row: Record<string, unknown>) =>
    Object.entries(row).map(([name, value]) => ({
      name,
      type:
        typeof value === 'bigint'
          ? ('long' as const)
          : typeof value === 'boolean'
            ? ('boolean' as const)
            : ('double' as const),
    }));
  const sources = tableFromRows(describeColumns(sourceRows[0]!), sourceRows, 'source');
  const references = tableFromRows(describeColumns(referenceRows[0]!), referenceRows, 'refcat');
  const exposure: ExposureToCalibrate = { width: SIZE, height: SIZE, guess, mjd: MJD, band: 'r', sources, references };
  return { exposure, truth };
}

function rmsMas(wcs: Wcs, truth: Wcs): number {
  let sum = 0;
  let count = 0;
  for (let x = 0; x < SIZE; x += 64)
    for (let y = 0; y < SIZE; y += 64) {
      const [a, b] = [wcs.pixelToSky(x, y), truth.pixelToSky(x, y)];
      sum += (angularSeparationDeg(a.raDeg, a.decDeg, b.raDeg, b.decDeg) * 3.6e6) ** 2;
      count++;
    }
  return Math.sqrt(sum / count);
}

describe('calibrateExposure', () => {
  it.each<Scene>([
    { raDeg: 150, decDeg: 2 },
    { raDeg: 0.01, decDeg: -60, seed: 2, offset: [-15, 20], rotation: -0.5 },
    { raDeg: 359.99, decDeg: 45, seed: 3, stars: 1500 },
    { raDeg: 80, decDeg: 89.8, seed: 4, rotation: 1 },
    { raDeg: 200, decDeg: -30, seed: 5, stars: 60 },
  ])('solves %p to a few mas rms and the error it states', (scene) => {
    const { exposure, truth } = makeScene(scene);
    const { wcs, photometry, photoCalib } = calibrateExposure(exposure);
    // 350 and more stars of 10 to 30 mas: 3 mas; the sparse field has some 30 and a lower order of distortion
    expect(rmsMas(wcs, truth)).toBeLessThan((scene.stars ?? 600) < 100 ? 25 : 5);
    expect(Math.abs(photometry.zeroPoint - ZERO_POINT)).toBeLessThan(Math.min(0.015, 4 * photometry.zeroPointErr));
    expect(photoCalib.scale / abMagToNjy(ZERO_POINT)).toBeCloseTo(1, 2);
    expect(photoCalib.scaleErr / photoCalib.scale).toBeLessThan(0.01);
  });

  it('fails loudly on the wrong field, on too few stars, and without the band', () => {
    const { exposure } = makeScene({ raDeg: 10, decDeg: 10 });
    const other = makeScene({ raDeg: 10, decDeg: 10, seed: 77 }).exposure.references;
    const codes = [
      { ...exposure, references: other },
      { ...exposure, sources: exposure.sources.take([0, 1, 2]) },
      { ...exposure, band: 'y' },
    ].map((broken) => {
      try {
        calibrateExposure(broken);
      } catch (error) {
        return (error as AlgorithmError).code;
      }
      return 'no error';
    });
    expect(codes).toEqual(['NO_CONVERGENCE', 'NO_STARS', 'BAD_INPUT']);
  });
});

describe('calibrateSources', () => {
  const row = {
    x: 100,
    y: 200,
    xErr: 0.1,
    yErr: 0.2,
    x_y_Cov: 0,
    psfInstFlux: 50,
    psfInstFluxErr: 5,
    apInstFlux: 40,
    apInstFluxErr: 8,
  };
  const table: Table = tableFromRows(
    Object.keys(row).map((name) => ({ name, type: 'double' as const })),
    [row],
  );
  it('turns pixel errors into errors on the sky: a camera turned by 90 degrees swaps the axes, at any declination', () => {
    for (const crvalDecDeg of [0, -60, 89]) {
      const wcs = makeTanWcs({ crpix: { x: 100, y: 200 }, crvalRaDeg: 10, crvalDecDeg, cd: cdMatrix(0.5, 90) });
      const out = calibrateSources(table, wcs, { scale: 3, scaleErr: 0 });
      expect((out.value('decErr', 0) as number) * 3600).toBeCloseTo(0.05, 6);
      expect((out.value('raErr', 0) as number) * 3600).toBeCloseTo(0.1, 6);
      expect(out.value('ra', 0)).toBeCloseTo(10, 9);
      expect(out.value('psfFlux', 0)).toBe(150);
      expect(out.value('apFluxErr', 0)).toBe(24);
    }
  });
});
