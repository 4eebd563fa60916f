// A small simulated survey through the Tasks of the association and the database: variables seen again and again, transients
// that appear, an asteroid, junk; around RA 0 at declination -60 and at the pole.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { heapAllocator, makeExposure } from '#libs/image';
import { associate, diaFeatures, visitPlanOf } from '#libs/productions';
import { DiaForcedSource, DiaSource, makeDiaSourceId, SOLAR_SYSTEM_COLUMNS, type VisitPlan } from '#libs/schema';
import { tableOf } from '#libs/schema';
import { cdMatrix, fromTangentOffsetDeg, makeTanWcs } from '#libs/sky';
import { type Table, tableFromRows } from '#libs/table';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { CATALOG_ENTITIES, CatalogRepository, commitVisit, importOrbits, loadSnapshot } from './index.js';

const ARCSEC = 1 / 3600;
const OBJECTS = 104;
const VISITS = 10;
const SIGMA = 0.1;
const published = DiaSource.columns.filter((column) => !('extra' in column)).map(({ name }) => name);

function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

interface Seen {
  /** number of the true source; -1 asteroid, -2 junk */
  readonly truth: number;
  readonly east: number;
  readonly north: number;
}

/** What visit v sees, offsets in arcsec from the centre. Objects lie on a jittered grid, 20 arcsec apart: no blends. */
function visitOf(v: number): Seen[] {
  const place = generator(1);
  const random = generator(100 + v);
  const seen: Seen[] = [];
  for (let k = 0; k < OBJECTS; k++) {
    const east = 20 * ((k % 13) - 6) + 6 * place();
    const north = 20 * (Math.floor(k / 13) - 6) + 6 * place();
    const born = k % 3 === 0 ? k % VISITS : 0;
    if (v >= born && random() < 0.9)
      seen.push({ truth: k, east: east + SIGMA * gaussian(random), north: north + SIGMA * gaussian(random) });
  }
  seen.push({ truth: -1, east: 3 * v + 10 + SIGMA * gaussian(random), north: 110 + SIGMA * gaussian(random) });
  for (let k = 0; k < 5; k++) seen.push({ truth: -2, east: 240 * (random() - 0.5), north: 240 * (random() - 0.5) });
  return seen;
}

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ entities: CATALOG_ENTITIES });
});
afterAll(() => database.close());

describe.each([
  [0, -60, 1000],
  [200, 90, 2000],
])('a survey around RA %d, dec %d', (ra, dec, firstVisit) => {
  const wcs = makeTanWcs({ crpix: { x: 500, y: 500 }, crvalRaDeg: ra, crvalDecDeg: dec, cd: cdMatrix(0.3) });
  const truthOf = new Map<bigint, number>();
  const config = {
    maxDistance: 2,
    systematicError: 0.05,
    newSourceDensity: 5000,
    otherSourceDensity: 5000,
    mergeNew: 0.3,
    minReliabilityNew: 0.1,
  };
  const context = {
    dataId: {},
    allocator: heapAllocator,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    metric: () => undefined,
    cancelled: () => undefined,
    seed: () => 1,
  };
  let ssObjectId: bigint;

  async function plan(v: number): Promise<VisitPlan> {
    const visit = BigInt(firstVisit + v);
    const midpointMjdTai = 60000 + v;
    const at = (east: number, north: number): { ra: number; dec: number } => {
      const p = fromTangentOffsetDeg(east * ARCSEC, north * ARCSEC, ra, dec);
      return { ra: p.raDeg, dec: p.decDeg };
    };
    const rows = visitOf(v).map(({ truth, east, north }, n) => {
      const diaSourceId = makeDiaSourceId(visit, 1, n);
      truthOf.set(diaSourceId, truth);
      return {
        diaSourceId,
        visit,
        detector: 1,
        ...at(east, north),
        raErr: SIGMA * ARCSEC,
        decErr: SIGMA * ARCSEC,
        x: 1,
        y: 1,
        psfFlux: 1000 + truth,
        psfFluxErr: 30,
        scienceFlux: 5000,
        scienceFluxErr: 30,
        snr: 30,
        band: v % 2 ? 'r' : 'g',
        midpointMjdTai,
        exposureTime: 30,
        reliability: truth === -2 ? 0.01 : 0.95,
      };
    });
    const solarSystem = tableFromRows(SOLAR_SYSTEM_COLUMNS, [
      {
        ssObjectId,
        designation: `TEST${firstVisit}`,
        ...at(3 * v + 10, 110),
        majorArcsec: 0.3,
        minorArcsec: 0.2,
        angleDeg: 20,
        rateRa: 3 * ARCSEC,
        rateDec: 0,
        vMag: 21,
      },
    ]);
    const catalogs = await loadSnapshot(
      database.dataSource,
      { raDeg: ra, decDeg: dec, radiusDeg: 0.08 },
      { solarSystem },
    );
    const diaSource = tableOf(DiaSource, rows, published);
    const owned = (await associate.run({ diaSource, catalogs }, { ...context, config })) as {
      associated: Table;
      ssSource: Table;
    };
    const forced = tableOf(
      DiaForcedSource,
      [],
      [
        'diaForcedSourceId',
        'diaObjectId',
        'ra',
        'dec',
        'visit',
        'detector',
        'midpointMjdTai',
        'scienceFlux',
        'scienceFluxErr',
        'band',
      ],
    );
    const { diaObject } = (await diaFeatures.run(
      { associated: owned.associated, catalogs, forced },
      { ...context, config: {} },
    )) as { diaObject: Table };
    const science = {
      ...makeExposure(1000, 1000),
      wcs,
      photoCalib: { scale: 1, scaleErr: 0 },
      info: { instrument: 'test', visit, detector: 1, band: v % 2 ? 'r' : 'g', midpointMjdTai, exposureTime: 30 },
    };
    return visitPlanOf({ science, catalogs, ...owned, diaObject, forced });
  }

  it('groups the detections of each true source and no others, in a shuffled order of visits', async () => {
    ssObjectId = (
      await importOrbits(database.dataSource, [
        {
          designation: `TEST${firstVisit}`,
          a: 2.5,
          e: 0.1,
          i: 5,
          node: 1,
          argperi: 2,
          mean_anomaly: 3,
          epoch_mjd: 60000,
        },
      ])
    ).get(`TEST${firstVisit}`)!;
    for (const v of [3, 0, 7, 1, 9, 2, 8, 4, 6, 5]) {
      const result = await commitVisit(database.dataSource, await plan(v));
      expect(result.status).toBe('committed');
      expect(result.late).toBe([0, 1, 2, 8, 4, 6, 5].includes(v));
    }
    const rows = await database.dataSource.query<{ id: bigint; object: bigint | null; ss: bigint | null }[]>(
      'SELECT "diaSourceId" AS id, "diaObjectId" AS object, "ssObjectId" AS ss FROM "DiaSource" WHERE "visit" BETWEEN $1 AND $2',
      [firstVisit, firstVisit + VISITS],
    );
    const membersOf = new Map<bigint, number[]>();
    const objectsOf = new Map<number, Set<bigint>>();
    for (const { id, object } of rows) {
      if (object === null) continue;
      const truth = truthOf.get(id)!;
      membersOf.set(object, [...(membersOf.get(object) ?? []), truth]);
      objectsOf.set(truth, (objectsOf.get(truth) ?? new Set()).add(object));
    }
    // purity: objects whose detections are all of one source; completeness: sources whose detections are all in one object.
    // 99 %: a miss of more than 4.5 sigma of 0.15 arcsec happens to 1 detection in 10,000, so at most one in 1,350 here
    const pure = [...membersOf.values()].filter((truths) => new Set(truths).size === 1).length;
    expect(pure / membersOf.size).toBeGreaterThanOrEqual(0.99);
    const real = [...objectsOf].filter(([truth]) => truth >= 0);
    expect(real).toHaveLength(OBJECTS);
    expect(real.filter(([, objects]) => objects.size === 1).length / OBJECTS).toBeGreaterThanOrEqual(0.99);
    // the asteroid in every visit, and nothing else is taken for it; junk founds nothing
    expect(rows.filter((row) => row.ss === ssObjectId).map((row) => truthOf.get(row.id))).toEqual(
      Array(VISITS).fill(-1),
    );
    expect(rows.filter((row) => truthOf.get(row.id) === -2 && row.object === row.id)).toEqual([]);
  });

  it('counts the observations of the Solar System object, by band, and its arc', async () => {
    expect(await new CatalogRepository(database.dataSource).ssObject(ssObjectId)).toMatchObject({
      nObs: VISITS,
      g_nObs: VISITS / 2,
      r_nObs: VISITS / 2,
      u_nObs: 0,
      firstObservationMjdTai: 60000,
      arc: VISITS - 1,
    });
  });

  it('leaves objects whose aggregates are those of their detections', async () => {
    const catalog = new CatalogRepository(database.dataSource);
    const { rows } = await catalog.diaObjects({ first: 1000 }, { raDeg: ra, decDeg: dec, radiusDeg: 0.08 }, VISITS - 2);
    expect(rows.length).toBeGreaterThan(50);
    for (const object of rows.slice(0, 20)) {
      const lightCurve = await catalog.diaSourcesOf(object.diaObjectId);
      expect(object.nDiaSources).toBe(lightCurve.length);
      expect(object.lastDiaSourceMjdTai).toBe(Math.max(...lightCurve.map((source) => source.midpointMjdTai)));
      expect(object.r_psfFluxNdata + object.g_psfFluxNdata).toBe(lightCurve.length);
      // the error of the mean position falls as the square root of the number of detections (float32: 1e-6)
      expect((object.decErr! * Math.sqrt(lightCurve.length)) / (SIGMA * ARCSEC)).toBeCloseTo(1, 3);
      expect(await catalog.diaObjectHistory(object.diaObjectId)).toHaveLength(lightCurve.length);
    }
  });
});
