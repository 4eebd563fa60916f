// A small night in the catalog and the alert archive, without a pipeline: made by the same doors that alert production uses.

import type { DataSource } from 'typeorm';
import { AlertPublisher, type AlertStorage, type CutoutTriplet } from '#libs/alerts';
import { AlertOutbox, CatalogRepository, commitVisit, importOrbits, loadSnapshot } from '#libs/catalog';
import { FolderStorage } from '#libs/datastore';
import { DiaObject, DiaSource, type DetectorSummaryRow, SSSource, tableOf } from '#libs/schema';
import { planOf } from '../../libs/catalog/src/testing.js';

export const FIELD = { raDeg: 359.98, decDeg: -60, radiusDeg: 0.4 };
export const FIRST_VISIT = 2026112000001n;
export const NIGHT_MJD = 61364;
export const ASTEROID = '2026 VA1';
const BANDS = ['g', 'r', 'i'] as const;
const STAMP_PX = 31;

/** mulberry32 */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

interface Star {
  readonly ra: number;
  readonly dec: number;
  readonly period: number;
  readonly flux: number;
  readonly reliability: number;
}

function starsOf(count: number): Star[] {
  const random = generator(7);
  return Array.from({ length: count }, () => ({
    ra: (FIELD.raDeg + (random() - 0.5) * 0.4 + 360) % 360,
    dec: FIELD.decDeg + (random() - 0.5) * 0.2,
    period: 3 + 9 * random(),
    flux: 3_000 + 20_000 * random(),
    reliability: 0.3 + 0.7 * random(),
  }));
}

/** A stamp: noise, a Gaussian of the given height in the middle, a neighbour. */
function stamp(random: () => number, height: number, neighbour: number): Float32Array {
  const data = new Float32Array(STAMP_PX * STAMP_PX);
  const gauss = (x: number, y: number, x0: number, y0: number): number =>
    Math.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2 * 1.8 ** 2));
  for (let y = 0; y < STAMP_PX; y++)
    for (let x = 0; x < STAMP_PX; x++) {
      const noise = (random() + random() + random() - 1.5) * 20;
      data[x + STAMP_PX * y] = noise + height * gauss(x, y, 15, 15) + neighbour * gauss(x, y, 7, 22);
    }
  return data;
}

export interface Night {
  readonly visits: readonly bigint[];
  readonly alerts: number;
  /** the alerts of one more visit, committed and published now */
  addVisit(): Promise<number>;
}

/** Commits `visits` visits of one detector that see `stars` variables and an asteroid, and publishes their alerts. */
export async function makeNight(dataSource: DataSource, dataDir: string, visits = 6, stars = 12): Promise<Night> {
  const storage = new FolderStorage(`${dataDir}/store`);
  const truth = starsOf(stars);
  const cutouts = new Map<string, CutoutTriplet[]>();
  const alertStorage: AlertStorage = {
    put: (key, bytes) => storage.put(key, bytes),
    get: (key) => storage.get(key),
    cutouts: (_run, visit) => Promise.resolve(cutouts.get(String(visit)) ?? []),
  };
  const publisher = new AlertPublisher(
    dataSource,
    new AlertOutbox(dataSource),
    new CatalogRepository(dataSource),
    alertStorage,
  );
  const ssObjectId = (
    await importOrbits(dataSource, [
      { designation: ASTEROID, a: 2.3, e: 0.1, i: 4, node: 10, argperi: 20, epoch_mjd: 61000 },
    ])
  ).get(ASTEROID)!;
  const known: bigint[] = [];

  const add = async (n: number): Promise<bigint> => {
    const visit = FIRST_VISIT + BigInt(n);
    const random = generator(100 + n);
    const band = BANDS[n % BANDS.length]!;
    const mjd = NIGHT_MJD + 0.1 + n * 0.02;
    const snapshot = await loadSnapshot(dataSource, FIELD);
    // every third star is too faint in one of the visits: it is measured there, but not detected
    const hidden = (k: number): boolean => n > 0 && k % 3 === 0 && (n + k) % 4 === 0;
    const seen = truth.map((star, k) => ({ star, k })).filter(({ k }) => !hidden(k));
    const flux = ({ star }: { star: Star }): number =>
      star.flux * (1 + 0.5 * Math.sin((2 * Math.PI * n) / star.period));
    const spots = seen.map((item) => ({
      ra: item.star.ra,
      dec: item.star.dec,
      flux: flux(item),
      ...(known[item.k] !== undefined && { object: known[item.k]! }),
    }));
    const plan = planOf(
      snapshot,
      visit,
      0,
      [...spots, { ra: (FIELD.raDeg + 0.001 * n) % 360, dec: FIELD.decDeg + 0.02 + 0.0005 * n, flux: 5_000 }],
      mjd,
      known,
    );
    const rows = Array.from({ length: plan.diaSources.rowCount }, (_, row) => {
      const asteroid = row === spots.length;
      const values = Object.fromEntries(
        plan.diaSources.columns.map(({ name }) => [name, plan.diaSources.value(name, row)]),
      );
      const error = 120 + 60 * random();
      return {
        ...values,
        diaObjectId: asteroid ? null : values['diaObjectId'],
        ssObjectId: asteroid ? ssObjectId : null,
        band,
        exposureTime: 30,
        psfFluxErr: error,
        snr: Number(values['psfFlux']) / error,
        scienceFlux: Number(values['psfFlux']) + 9_000,
        scienceFluxErr: error,
        templateFlux: 9_000,
        templateFluxErr: 40,
        reliability: asteroid ? 0.97 : seen[row]!.star.reliability,
        x: 100 + 40 * row,
        y: 200 + 30 * row,
      };
    });
    const asteroidId = rows[spots.length]!['diaSourceId' as keyof (typeof rows)[0]] as unknown as bigint;
    const noObject = new Set([asteroidId]);
    const objectRows = Array.from({ length: plan.diaObjects.rowCount }, (_, row) =>
      Object.fromEntries(plan.diaObjects.columns.map(({ name }) => [name, plan.diaObjects.value(name, row)])),
    ).filter((row) => !noObject.has(row['diaObjectId'] as bigint));
    cutouts.set(
      String(visit),
      rows.map((row) => {
        const height = row.snr * 8;
        const id = (row as Record<string, unknown>)['diaSourceId'] as bigint;
        const triplet = (data: Float32Array) => ({ size: STAMP_PX, data });
        return {
          diaSourceId: id,
          science: triplet(stamp(random, height + 300, 900)),
          template: triplet(stamp(random, row.ssObjectId ? 0 : 300, 900)),
          difference: triplet(stamp(random, height, 0)),
        };
      }),
    );
    const summary: DetectorSummaryRow = {
      visit,
      detector: 0,
      xSize: 1024n,
      ySize: 1024n,
      nPsfStar: 40 + n,
      seeing: 0.9 + 0.05 * n,
      zeroPoint: 27.5,
      psfSigma: 1.8,
      skyBg: 210,
      skyNoise: 14,
    };
    await commitVisit(dataSource, {
      ...plan,
      visit: { ...plan.visit, band, expTime: 30, instrument: 'AlmagestCam' },
      summary,
      diaSources: tableOf(DiaSource, rows, Object.keys(rows[0]!)),
      diaObjects: tableOf(DiaObject, objectRows, Object.keys(objectRows[0]!)),
      ssSources: tableOf(
        SSSource,
        [
          {
            diaSourceId: asteroidId,
            ssObjectId,
            designation: ASTEROID,
            eclLambda: 330,
            eclBeta: -52,
            galLon: 310,
            galLat: -56,
            topoRange: 1.4,
            helioRange: 2.2,
            phaseAngle: 14,
            ephRa: FIELD.raDeg,
            ephDec: FIELD.decDeg,
          },
        ],
        [
          'diaSourceId',
          'ssObjectId',
          'designation',
          'eclLambda',
          'eclBeta',
          'galLon',
          'galLat',
          'topoRange',
          'helioRange',
          'phaseAngle',
          'ephRa',
          'ephDec',
        ],
      ),
      alerts: rows.map((row) => ({
        diaSourceId: (row as Record<string, unknown>)['diaSourceId'] as bigint,
        payload: { run: 'test', wcs: { dx: 0, dy: 0, raDeg: 0, decDeg: -60, cd: [-5e-5, 0, 0, 5e-5] } },
      })),
    });
    if (n === 0) for (const [k, row] of rows.slice(0, spots.length).entries()) known[k] = row.diaObjectId as bigint;
    return visit;
  };

  const all: bigint[] = [];
  for (let n = 0; n < visits; n++) all.push(await add(n));
  let next = visits;
  return {
    visits: all,
    alerts: await publisher.publishPending(),
    addVisit: async () => {
      await add(next++);
      return publisher.publishPending();
    },
  };
}
