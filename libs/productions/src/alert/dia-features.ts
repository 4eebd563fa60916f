// diaFeatures: the aggregates of every DIAObject that gained a detection, from its whole history and the new detections:
// mean position, per-band fluxes and cheap variability. Independent of the order in which visits arrive.
import { fluxStatistics, type LightCurve, meanPosition } from '#libs/algorithms';
import { defineTask, one } from '#libs/pipeline';
import { BANDS, DiaObject, tableOf } from '#libs/schema';
import type { CellValue, Table } from '#libs/table';
import { z } from 'zod';
import { TableStorage } from '../storage/index.js';
import { DiaCatalogStorage } from './load-dia-catalogs.js';

export const DiaFeaturesConfig = z.strictObject({});

export const diaFeatures = defineTask({
  name: 'diaFeatures',
  version: '1',
  description: 'Recomputes the aggregates of the DIAObjects that were detected.',
  dimensions: ['visit', 'detector'],
  config: DiaFeaturesConfig,
  inputs: {
    associated: one('associatedDiaSource', TableStorage),
    catalogs: one('diaCatalogs', DiaCatalogStorage),
    forced: one('diaForcedSource', TableStorage),
  },
  outputs: { diaObject: one('diaObject', TableStorage) },
  run({ associated, catalogs, forced }, { metric }) {
    const fresh = detectionsByObject([associated]);
    const history = detectionsByObject([catalogs.diaSources]);
    const direct = forcedByObject([catalogs.diaForcedSources, forced]);
    const ids = [...fresh.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    metric('changedDiaObjects', ids.length);
    const rows = ids.map((id) =>
      diaObjectRow(id, [...(history.get(id) ?? []), ...fresh.get(id)!], direct.get(id) ?? []),
    );
    return { diaObject: tableOf(DiaObject, rows, rows[0] ? Object.keys(rows[0]) : ['diaObjectId', 'ra', 'dec']) };
  },
});

interface Detection {
  readonly time: number;
  readonly band: string;
  readonly raDeg: number;
  readonly decDeg: number;
  readonly raErrDeg: number;
  readonly decErrDeg: number;
  readonly covDeg2: number;
  readonly psfFlux: number;
  readonly psfFluxErr: number;
  readonly scienceFlux: number;
  readonly scienceFluxErr: number;
}
type ForcedMeasurement = Pick<Detection, 'time' | 'band' | 'scienceFlux' | 'scienceFluxErr'>;

/** A row of DiaObject without validity, from all detections of the object; at least one. */
export function diaObjectRow(
  diaObjectId: bigint,
  detections: readonly Detection[],
  forced: readonly ForcedMeasurement[],
): Record<string, CellValue> {
  const position = meanPosition(detections);
  const times = detections.map(({ time }) => time);
  const row: Record<string, CellValue> = {
    diaObjectId,
    ra: position.raDeg,
    raErr: position.raErrDeg,
    dec: position.decDeg,
    decErr: position.decErrDeg,
    ra_dec_Cov: position.covDeg2,
    firstDiaSourceMjdTai: Math.min(...times),
    lastDiaSourceMjdTai: Math.max(...times),
    nDiaSources: detections.length,
  };
  for (const band of BANDS) {
    const inBand = detections.filter((detection) => detection.band === band);
    const psf = fluxStatistics(curve(inBand, 'psfFlux', 'psfFluxErr'));
    const science = fluxStatistics(curve(inBand, 'scienceFlux', 'scienceFluxErr'));
    const total = fluxStatistics(
      curve(
        forced.filter((measurement) => measurement.band === band),
        'scienceFlux',
        'scienceFluxErr',
      ),
    );
    Object.assign(row, {
      [`${band}_psfFluxMean`]: psf.mean,
      [`${band}_psfFluxMeanErr`]: psf.meanErr,
      [`${band}_psfFluxSigma`]: psf.sigma,
      [`${band}_psfFluxNdata`]: psf.count,
      [`${band}_psfFluxMin`]: psf.minimum,
      [`${band}_psfFluxMax`]: psf.maximum,
      [`${band}_psfFluxMaxSlope`]: psf.maxSlope,
      [`${band}_psfFluxErrMean`]: psf.errMean,
      [`${band}_psfFluxChi2`]: psf.chi2,
      [`${band}_psfFluxStetsonJ`]: psf.stetsonJ,
      [`${band}_scienceFluxMean`]: science.mean,
      [`${band}_scienceFluxMeanErr`]: science.meanErr,
      [`${band}_fpFluxMean`]: total.mean,
      [`${band}_fpFluxMeanErr`]: total.meanErr,
    });
  }
  return row;
}

const curve = <K extends string, T extends { time: number } & Record<K, number>>(
  points: readonly T[],
  flux: K,
  fluxErr: K,
): LightCurve => ({
  timeDays: points.map(({ time }) => time),
  flux: points.map((point) => point[flux]),
  fluxErr: points.map((point) => point[fluxErr]),
});

function detectionsByObject(tables: readonly Table[]): Map<bigint, Detection[]> {
  return byObject(tables, (number, text) => ({
    time: number('midpointMjdTai'),
    band: text('band'),
    raDeg: number('ra'),
    decDeg: number('dec'),
    raErrDeg: number('raErr'),
    decErrDeg: number('decErr'),
    covDeg2: number('ra_dec_Cov'),
    psfFlux: number('psfFlux'),
    psfFluxErr: number('psfFluxErr'),
    scienceFlux: number('scienceFlux'),
    scienceFluxErr: number('scienceFluxErr'),
  }));
}

function forcedByObject(tables: readonly Table[]): Map<bigint, ForcedMeasurement[]> {
  return byObject(tables, (number, text) => ({
    time: number('midpointMjdTai'),
    band: text('band'),
    scienceFlux: number('scienceFlux'),
    scienceFluxErr: number('scienceFluxErr'),
  }));
}

/** Rows by their object; a missing number is NaN, a missing text empty. Rows without an object are left out. */
function byObject<T>(
  tables: readonly Table[],
  read: (number: (name: string) => number, text: (name: string) => string) => T,
): Map<bigint, T[]> {
  const groups = new Map<bigint, T[]>();
  for (const table of tables)
    for (let row = 0; row < table.rowCount; row++) {
      const id = table.value('diaObjectId', row) as bigint | null;
      if (id === null) continue;
      const value = read(
        (name) => (table.has(name) ? ((table.value(name, row) as number | null) ?? NaN) : NaN),
        (name) => (table.value(name, row) as string | null) ?? '',
      );
      const group = groups.get(id);
      if (group) group.push(value);
      else groups.set(id, [value]);
    }
  return groups;
}
