import { describe, expect, it } from '@jest/globals';
import { roundGaussianPsf } from '#libs/algorithms';
import { type Exposure, heapAllocator, makeExposure } from '#libs/image';
import { TaskFailure } from '#libs/pipeline';
import {
  type DiaCatalogSnapshot,
  DiaForcedSource,
  DiaObjectLast,
  DiaSource,
  makeDiaSourceId,
  SOLAR_SYSTEM_COLUMNS,
  tableOf,
} from '#libs/schema';
import { cdMatrix, makeTanWcs } from '#libs/sky';
import { type CellValue, tableFromRows } from '#libs/table';
import { associate, AssociateConfig } from './associate.js';
import { diaFeatures, DiaFeaturesConfig, diaObjectRow } from './dia-features.js';
import { forcedPhotometry, ForcedPhotometryConfig } from './forced-photometry.js';
import { DiaCatalogStorage, loadDiaCatalogs, LoadDiaCatalogsConfig } from './load-dia-catalogs.js';
import { directionColumns } from './sky-directions.js';
import { TableStorage } from '../storage/index.js';
import { visitPlanOf } from './visit-plan.js';

const RA = 359.999;
const DEC = -60;
const VISIT = 77n;
const NJY_PER_ELECTRON = 2;
const wcs = makeTanWcs({ crpix: { x: 50, y: 50 }, crvalRaDeg: RA, crvalDecDeg: DEC, cd: cdMatrix(0.2) });

function contextOf<C>(config: C) {
  const metrics = new Map<string, number>();
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined };
  return {
    config,
    dataId: {},
    allocator: heapAllocator,
    log,
    metrics,
    metric: (name: string, value: number) => void metrics.set(name, value),
    cancelled: () => undefined,
    seed: () => 1,
  };
}

/** An exposure with point sources of a given flux [e-]. */
function exposureWith(stars: readonly (readonly [number, number, number])[]): Exposure {
  const exposure = makeExposure(100, 100);
  exposure.variance.fill(1);
  const psf = roundGaussianPsf(1.5);
  for (const [x, y, flux] of stars) {
    const stamp = psf.stamp(x, y);
    const half = stamp.width >> 1;
    for (let j = 0; j < stamp.height; j++)
      for (let i = 0; i < stamp.width; i++) {
        const px = Math.round(x) - half + i;
        const py = Math.round(y) - half + j;
        if (px >= 0 && py >= 0 && px < 100 && py < 100)
          exposure.image[py * 100 + px]! += flux * stamp.data[j * stamp.width + i]!;
      }
  }
  return {
    ...exposure,
    wcs,
    psf,
    photoCalib: { scale: NJY_PER_ELECTRON, scaleErr: 0 },
    info: { instrument: 'test', visit: VISIT, detector: 3, band: 'r', midpointMjdTai: 60010, exposureTime: 30 },
  };
}

const err = 0.05 / 3600;
const skyAt = (x: number, y: number): { ra: number; dec: number } => {
  const { raDeg, decDeg } = wcs.pixelToSky(x, y);
  return { ra: raDeg, dec: decDeg };
};
const detection = (n: number, x: number, y: number, over: Record<string, CellValue> = {}) => ({
  diaSourceId: makeDiaSourceId(VISIT, 3, n),
  visit: VISIT,
  detector: 3,
  ...skyAt(x, y),
  raErr: err,
  decErr: err,
  x,
  y,
  psfFlux: 100,
  psfFluxErr: 10,
  scienceFlux: 120,
  scienceFluxErr: 10,
  snr: 10,
  band: 'r',
  midpointMjdTai: 60010,
  exposureTime: 30,
  reliability: 0.9,
  ...over,
});
const published = DiaSource.columns.filter((column) => !('extra' in column)).map(({ name }) => name);
const lastObject = (diaObjectId: bigint, x: number, y: number) => ({
  diaObjectId,
  ...skyAt(x, y),
  raErr: err,
  decErr: err,
  validityStartMjdTai: 60001,
  lastDiaSourceMjdTai: 60000,
  firstDiaSourceMjdTai: 60000,
  nDiaSources: 1,
});
const snapshot: DiaCatalogSnapshot = {
  region: { raDeg: RA, decDeg: DEC, radiusDeg: 0.01 },
  cells: [{ cell: 5, version: 2n ** 60n }],
  // 1: detected again; 2: not detected; 3: off the image
  diaObjects: tableOf(DiaObjectLast, [lastObject(1n, 30, 30), lastObject(2n, 70, 60), lastObject(3n, 140, 50)]),
  diaSources: tableOf(DiaSource, [
    { ...detection(9, 30, 30), diaSourceId: 1n, diaObjectId: 1n, midpointMjdTai: 60000, psfFlux: 200, psfFluxErr: 20 },
    { ...detection(9, 140, 50), diaSourceId: 3n, diaObjectId: 3n, midpointMjdTai: 60000 },
  ]),
  diaForcedSources: tableOf(DiaForcedSource, []),
  solarSystem: tableFromRows(
    SOLAR_SYSTEM_COLUMNS,
    [
      {
        ssObjectId: 42n,
        designation: 'K08K42V',
        ...skyAt(20, 80),
        majorArcsec: 0.3,
        minorArcsec: 0.1,
        angleDeg: 90,
        rateRa: 0.2,
        rateDec: 0,
        vMag: 20,
      },
    ],
    'solarSystem',
  ),
};
const science = exposureWith([
  [30, 30, 60],
  [70, 60, 500],
]);
const difference = exposureWith([
  [30, 30, 50],
  [70, 60, -40],
]);
const diaSource = tableOf(
  DiaSource,
  [
    detection(0, 30.2, 30), // object 1
    detection(1, 20.5, 80), // the asteroid
    detection(2, 60, 20), // new
    detection(3, 60.5, 20, { snr: 40 }), // the same new object, brighter
    detection(4, 90, 90, { reliability: 0.01 }), // junk
  ],
  published,
);

const run = () => {
  const { catalogs } = loadDiaCatalogs.run({ snapshot, science }, contextOf(LoadDiaCatalogsConfig.parse({}))) as {
    catalogs: DiaCatalogSnapshot;
  };
  const context = contextOf(AssociateConfig.parse({}));
  const owned = associate.run({ diaSource, catalogs }, context) as {
    associated: ReturnType<typeof tableOf>;
    ssSource: ReturnType<typeof tableOf>;
  };
  const { forced } = forcedPhotometry.run(
    { science, difference, catalogs, associated: owned.associated },
    contextOf(ForcedPhotometryConfig.parse({})),
  ) as { forced: ReturnType<typeof tableOf> };
  const { diaObject } = diaFeatures.run(
    { associated: owned.associated, catalogs, forced },
    contextOf(DiaFeaturesConfig.parse({})),
  ) as { diaObject: ReturnType<typeof tableOf> };
  return { catalogs, ...owned, forced, diaObject, metrics: context.metrics };
};

describe('the association of one detector, across RA 0 at declination -60', () => {
  const result = run();

  it('keeps the objects of the field and refuses a snapshot that does not cover it', () => {
    expect([...result.catalogs.diaObjects.data('diaObjectId', 'long')]).toEqual([1n, 2n]);
    expect(result.catalogs.diaSources.rowCount).toBe(1);
    const small = { ...snapshot, region: { ...snapshot.region, radiusDeg: 0.003 } };
    expect(() => loadDiaCatalogs.run({ snapshot: small, science }, contextOf(LoadDiaCatalogsConfig.parse({})))).toThrow(
      TaskFailure,
    );
  });

  it('gives every kept detection one owner and drops junk that matches nothing', () => {
    const named = makeDiaSourceId(VISIT, 3, 3);
    expect(
      Array.from({ length: 4 }, (_, row) => [
        result.associated.value('diaObjectId', row),
        result.associated.value('ssObjectId', row),
      ]),
    ).toEqual([
      [1n, null],
      [null, 42n],
      [named, null],
      [named, null],
    ]);
    expect(result.associated.rowCount).toBe(4);
    expect(result.associated.value('trailNdata', 0)).toBe(0);
    expect(Object.fromEntries(result.metrics)).toMatchObject({
      ssSources: 1,
      matchedDiaSources: 1,
      newDiaObjects: 1,
      unreliableDiaSources: 1,
    });
  });

  it('describes the asteroid: offset from its place along and across the motion', () => {
    expect(result.ssSource.rowCount).toBe(1);
    // half a pixel of 0.2 arcsec; x runs to the west on this camera or to the east: the sign is that of the motion along RA
    expect(Math.abs(result.ssSource.value('ephOffsetAlongTrack', 0) as number)).toBeCloseTo(0.1, 4);
    expect(result.ssSource.value('ephOffsetCrossTrack', 0) as number).toBeCloseTo(0, 4);
    expect(result.ssSource.value('designation', 0)).toBe('K08K42V');
  });

  it('measures the object that was not detected, negative flux and all, in nJy', () => {
    expect([...result.forced.data('diaObjectId', 'long')]).toEqual([2n]);
    // noise-free images rendered with the same PSF: only float32 rounding, 1e-3 nJy
    expect(result.forced.value('psfFlux', 0) as number).toBeCloseTo(-40 * NJY_PER_ELECTRON, 2);
    expect(result.forced.value('scienceFlux', 0) as number).toBeCloseTo(500 * NJY_PER_ELECTRON, 2);
    expect(result.forced.value('psfFluxErr', 0) as number).toBeGreaterThan(0);
  });

  it('recomputes the objects that were detected from their whole history', () => {
    expect([...result.diaObject.data('diaObjectId', 'long')]).toEqual([1n, makeDiaSourceId(VISIT, 3, 3)]);
    expect(result.diaObject.row(0)).toMatchObject({
      nDiaSources: 2,
      firstDiaSourceMjdTai: 60000,
      lastDiaSourceMjdTai: 60010,
      r_psfFluxNdata: 2,
      g_psfFluxNdata: 0,
    });
    // weights 1/20^2 and 1/10^2 of 200 and 100
    expect(result.diaObject.value('r_psfFluxMean', 0) as number).toBeCloseTo(120, 4);
    expect(result.diaObject.value('g_psfFluxMean', 0)).toBeNaN();
    expect(result.diaObject.value('r_psfFluxMaxSlope', 0) as number).toBeCloseTo(-10, 4);
  });

  it('becomes a plan in which everything belongs together', () => {
    const plan = visitPlanOf({ science, ...result, alertPayload: (id) => ({ stamp: String(id) }) });
    expect(plan.alerts).toHaveLength(4);
    expect(plan.summary).toMatchObject({ visit: VISIT, detector: 3, xSize: 100n });
    // AB zero point of 2 nJy per electron: 31.4 - 2.5 log10(2)
    expect(plan.summary!.zeroPoint).toBeCloseTo(31.4 - 2.5 * Math.log10(2), 6);
    expect(plan.visit).toMatchObject({ visit: VISIT, band: 'r', expMidptMJD: 60010 });
    expect(plan.cells).toEqual(snapshot.cells);
  });

  it('does not depend on the order of the history', () => {
    const point = (time: number, psfFlux: number) => ({
      time,
      band: 'r',
      raDeg: 10 + time * 1e-9,
      decDeg: 5,
      raErrDeg: err,
      decErrDeg: err,
      covDeg2: 0,
      psfFlux,
      psfFluxErr: 1,
      scienceFlux: psfFlux,
      scienceFluxErr: 2,
    });
    const points = [point(1, 10.1), point(2, 33.3), point(3, -7.7), point(4, 0.1)];
    expect(diaObjectRow(1n, points.toReversed(), [])).toEqual(diaObjectRow(1n, points, []));
  });

  it('works on an empty sky and without detections', () => {
    const empty = {
      ...snapshot,
      diaObjects: tableOf(DiaObjectLast, []),
      diaSources: tableOf(DiaSource, []),
      solarSystem: tableFromRows(SOLAR_SYSTEM_COLUMNS, []),
    };
    const none = tableOf(DiaSource, [], published);
    const { associated } = associate.run(
      { diaSource: none, catalogs: empty },
      contextOf(AssociateConfig.parse({})),
    ) as { associated: ReturnType<typeof tableOf> };
    const { forced } = forcedPhotometry.run(
      { science, difference, catalogs: empty, associated },
      contextOf(ForcedPhotometryConfig.parse({})),
    ) as { forced: ReturnType<typeof tableOf> };
    const { diaObject } = diaFeatures.run(
      { associated, catalogs: empty, forced },
      contextOf(DiaFeaturesConfig.parse({})),
    ) as { diaObject: ReturnType<typeof tableOf> };
    expect([associated.rowCount, forced.rowCount, diaObject.rowCount]).toEqual([0, 0, 0]);
  });
});

describe('the stored form of the snapshot', () => {
  it('keeps 64-bit numbers, nulls and versions', async () => {
    const again = await DiaCatalogStorage.decode(await DiaCatalogStorage.encode(snapshot));
    expect(again.cells).toEqual(snapshot.cells);
    expect(again.diaObjects.row(0)).toEqual(snapshot.diaObjects.row(0));
    expect(again.diaSources.row(1)).toEqual(snapshot.diaSources.row(1));
    expect(again.solarSystem.value('designation', 0)).toBe('K08K42V');
  });
});

describe('the stored form of the tables', () => {
  it('keeps who owns a detection, and the columns of a table without rows', async () => {
    const { associated } = run();
    const again = await TableStorage.decode(await TableStorage.encode(associated));
    for (const name of ['diaSourceId', 'diaObjectId', 'ssObjectId'])
      expect(Array.from({ length: 4 }, (_, row) => again.value(name, row))).toEqual(
        Array.from({ length: 4 }, (_, row) => associated.value(name, row)),
      );
    const none = associated.take([]);
    const empty = await TableStorage.decode(await TableStorage.encode(none));
    expect(empty.rowCount).toBe(0);
    expect(empty.columns.map(({ name, type }) => [name, type])).toEqual(
      none.columns.map(({ name, type }) => [name, type]),
    );
  });
});

describe('directions in other frames', () => {
  it('the Galactic centre and the north ecliptic pole are where they are', () => {
    // Sgr A* direction of the Galactic origin in ICRS: 266.40499, -28.93617 (Hipparcos); 1e-4 deg
    const centre = directionColumns(266.40499, -28.93617);
    expect(Math.min(centre.galLon, 360 - centre.galLon)).toBeLessThan(1e-4);
    expect(Math.abs(centre.galLat)).toBeLessThan(1e-4);
    expect(directionColumns(270, 66.5607208).eclBeta).toBeCloseTo(90, 4);
    // the origin of right ascension: l = 96.3373, b = -60.1886
    expect(directionColumns(0, 0).galLon).toBeCloseTo(96.3373, 3);
    expect(directionColumns(0, 0).galLat).toBeCloseTo(-60.1886, 3);
    expect(directionColumns(0, 0).eclLambda).toBeCloseTo(0, 10);
  });
});
