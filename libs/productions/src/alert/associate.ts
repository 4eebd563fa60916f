// associate: every DIASource gets an owner: a Solar System object that was predicted there, a known DIAObject, or a new
// DIAObject named after it. Unreliable detections that match nothing are left out instead of founding an object.
import {
  associateVisit,
  DEFAULT_ASSOCIATE,
  DEFAULT_MATCH,
  DEFAULT_SOLAR_SYSTEM_MATCH,
  skyOffsetArcsec,
  type SolarSystemPredictions,
  type UncertainPositions,
} from '#libs/algorithms';
import { defineTask, one } from '#libs/pipeline';
import { diaObjectIdOf, DiaSource, SSSource, tableColumns, tableOf } from '#libs/schema';
import { type Column, newColumnData, type Table } from '#libs/table';
import { z } from 'zod';
import { TableStorage } from '../storage/index.js';
import { DiaCatalogStorage, keepRows } from './load-dia-catalogs.js';
import { directionColumns } from './sky-directions.js';

export const AssociateConfig = z.strictObject({
  maxDistance: z
    .number()
    .positive()
    .default(DEFAULT_MATCH.maxDistanceArcsec)
    .meta({ unit: 'arcsec', description: 'no match is looked for beyond' }),
  systematicError: z
    .number()
    .nonnegative()
    .default(DEFAULT_MATCH.systematicArcsec)
    .meta({ unit: 'arcsec', description: 'error of an offset per axis, in quadrature' }),
  newSourceDensity: z.number().positive().default(DEFAULT_MATCH.newSourceDensityPerDeg2).meta({
    unit: 'deg^-2',
    description: 'expected density of detections that belong to nothing known: the price of a new object',
  }),
  otherSourceDensity: z
    .number()
    .positive()
    .default(DEFAULT_SOLAR_SYSTEM_MATCH.otherSourceDensityPerDeg2)
    .meta({ unit: 'deg^-2', description: 'expected density of detections that are no known Solar System object' }),
  mergeNew: z
    .number()
    .nonnegative()
    .default(DEFAULT_ASSOCIATE.mergeNewArcsec)
    .meta({ unit: 'arcsec', description: 'new detections nearer than this are one object' }),
  minReliabilityNew: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .meta({ description: 'a detection less reliable than this founds no object' }),
});

export const associate = defineTask({
  name: 'associate',
  version: '1',
  description: 'Associates DIASources with Solar System objects, known DIAObjects and new DIAObjects.',
  dimensions: ['visit', 'detector'],
  config: AssociateConfig,
  inputs: { diaSource: one('diaSource', TableStorage), catalogs: one('diaCatalogs', DiaCatalogStorage) },
  outputs: { associated: one('associatedDiaSource', TableStorage), ssSource: one('ssSource', TableStorage) },
  run({ diaSource, catalogs }, { config, metric, log }) {
    const predicted = catalogs.solarSystem;
    const result = associateVisit(
      {
        sources: positionsOf(diaSource, 'diaSourceId'),
        snr: diaSource.data('snr', 'float'),
        trails: {
          lengthArcsec: diaSource.data('trailLength', 'float'),
          angleDeg: diaSource.data('trailAngle', 'float'),
        },
        exposureTimeS: exposureTimeOf(diaSource),
        objects: positionsOf(catalogs.diaObjects, 'diaObjectId'),
        ...(predicted.rowCount && { solarSystem: predictionsOf(predicted) }),
      },
      {
        match: {
          ...DEFAULT_MATCH,
          maxDistanceArcsec: config.maxDistance,
          systematicArcsec: config.systematicError,
          newSourceDensityPerDeg2: config.newSourceDensity,
        },
        solarSystem: { ...DEFAULT_SOLAR_SYSTEM_MATCH, otherSourceDensityPerDeg2: config.otherSourceDensity },
        mergeNewArcsec: config.mergeNew,
      },
    );
    const n = diaSource.rowCount;
    const ids = diaSource.data('diaSourceId', 'long');
    const known = catalogs.diaObjects.data('diaObjectId', 'long');
    const ssIds = predicted.data('ssObjectId', 'long');
    const diaObjectId = new BigInt64Array(n);
    const ssObjectId = new BigInt64Array(n);
    const noObject = new Uint8Array(n);
    const noSsObject = new Uint8Array(n);
    for (let row = 0; row < n; row++) {
      const moving = result.solarSystemOf[row]!;
      const still = result.objectOf[row]!;
      noObject[row] = moving >= 0 ? 1 : 0;
      noSsObject[row] = 1 - noObject[row]!;
      if (moving >= 0) ssObjectId[row] = ssIds[moving]!;
      else diaObjectId[row] = still >= 0 ? known[still]! : diaObjectIdOf(ids[result.newObjectOf[row]!]!);
    }
    const owned = completed(diaSource).withColumns([
      ownerColumn('diaObjectId', diaObjectId, noObject),
      ownerColumn('ssObjectId', ssObjectId, noSsObject),
    ]);
    // the founder decides: what merged with it follows its fate
    const reliable = (row: number): boolean =>
      !(((diaSource.value('reliability', row) as number | null) ?? 1) < config.minReliabilityNew);
    const founder = result.newObjectOf;
    const associated = keepRows(owned, (row) => founder[row]! < 0 || reliable(founder[row]!));
    const dropped = n - associated.rowCount;
    metric('ssSources', result.solarSystemOf.filter((o) => o >= 0).length);
    metric('matchedDiaSources', result.objectOf.filter((o) => o >= 0).length);
    metric('newDiaObjects', new Set(founder.filter((f) => f >= 0 && reliable(f))).size);
    metric('unreliableDiaSources', dropped);
    if (dropped > 0) log.debug('unreliable detections that match nothing were left out', { dropped });
    return { associated, ssSource: ssSourceTable(owned, predicted, result.solarSystemOf) };
  },
});

/** [s]; 0, hence no error along the motion, where it is not known. */
function exposureTimeOf(table: Table): number {
  const time = table.rowCount && table.has('exposureTime') ? table.value('exposureTime', 0) : 0;
  return typeof time === 'number' && Number.isFinite(time) ? time : 0;
}

function positionsOf(table: Table, id: string): UncertainPositions {
  return {
    id: table.data(id, 'long'),
    raDeg: table.data('ra', 'double'),
    decDeg: table.data('dec', 'double'),
    raErrDeg: table.data('raErr', 'float'),
    decErrDeg: table.data('decErr', 'float'),
    raDecCovDeg2: table.data('ra_dec_Cov', 'float'),
  };
}

const predictionsOf = (table: Table): SolarSystemPredictions => ({
  id: table.data('ssObjectId', 'long'),
  raDeg: table.data('ra', 'double'),
  decDeg: table.data('dec', 'double'),
  // the ellipse says it all: the prediction itself adds nothing on top
  majorArcsec: table.data('majorArcsec', 'double'),
  minorArcsec: table.data('minorArcsec', 'double'),
  angleDeg: table.data('angleDeg', 'double'),
  rateRaDegPerDay: table.data('rateRa', 'double'),
  rateDecDegPerDay: table.data('rateDec', 'double'),
});

const ownerColumn = (name: string, data: BigInt64Array, nulls: Uint8Array): Column => ({
  ...(tableColumns(DiaSource, [name])[0]! as { name: string; type: 'long' }),
  data,
  nulls,
});

/** Counts that the catalog wants as numbers and that were not measured are 0: no pixel was used. */
function completed(table: Table): Table {
  const zeros = tableColumns(DiaSource, ['psfNdata', 'trailNdata', 'dipoleNdata', 'bboxSize']).map(
    (description): Column => {
      const old = table.has(description.name) ? table.column(description.name) : undefined;
      const data = newColumnData('int', table.rowCount);
      if (old) for (let row = 0; row < data.length; row++) data[row] = old.nulls?.[row] ? 0 : Number(old.data[row]);
      return { ...description, data } as Column;
    },
  );
  return table.withColumns(zeros);
}

/** What a detection means as an observation of its Solar System object. */
function ssSourceTable(sources: Table, predicted: Table, solarSystemOf: Int32Array): Table {
  const number = (table: Table, name: string, row: number): number => table.value(name, row) as number;
  const rows = Array.from(solarSystemOf).flatMap((k, row) => {
    if (k < 0) return [];
    const ra = number(sources, 'ra', row);
    const dec = number(sources, 'dec', row);
    const ephRa = number(predicted, 'ra', k);
    const ephDec = number(predicted, 'dec', k);
    const rateRa = number(predicted, 'rateRa', k);
    const rateDec = number(predicted, 'rateDec', k);
    const rate = Math.hypot(rateRa, rateDec);
    const { east, north } = skyOffsetArcsec(ephRa, ephDec, ra, dec);
    return [
      {
        diaSourceId: sources.value('diaSourceId', row),
        ssObjectId: predicted.value('ssObjectId', k),
        designation: predicted.value('designation', k),
        ...directionColumns(ra, dec),
        elongation: predicted.value('elongation', k),
        phaseAngle: predicted.value('phaseAngle', k),
        topoRange: predicted.value('topoRange', k),
        helioRange: predicted.value('helioRange', k),
        ephRa,
        ephDec,
        ephVmag: predicted.value('vMag', k),
        ephRate: rate,
        ephRateRa: rateRa,
        ephRateDec: rateDec,
        ephOffset: Math.hypot(east, north),
        ephOffsetRa: east,
        ephOffsetDec: north,
        ephOffsetAlongTrack: rate > 0 ? (east * rateRa + north * rateDec) / rate : null,
        ephOffsetCrossTrack: rate > 0 ? (north * rateRa - east * rateDec) / rate : null,
        diaDistanceRank: 1,
      },
    ];
  });
  return tableOf(SSSource, rows);
}
