// Small plans for the tests of this library.

import {
  type DiaCatalogSnapshot,
  diaObjectIdOf,
  DiaForcedSource,
  DiaObject,
  DiaSource,
  makeDiaForcedSourceId,
  makeDiaSourceId,
  SSSource,
  tableOf,
  type VisitPlan,
} from '#libs/schema';
import type { CellValue } from '#libs/table';

export interface Spot {
  readonly ra: number;
  readonly dec: number;
  readonly flux?: number;
  /** the known object it belongs to; a new one unless given */
  readonly object?: bigint;
}

const COUNTS = Object.fromEntries(
  DiaObject.columns.filter((column) => !column.nullable && column.name.endsWith('Ndata')).map(({ name }) => [name, 0]),
);

/** A plan that sees the spots and makes an object of each, or a new version of the object it names. */
export function planOf(
  snapshot: DiaCatalogSnapshot,
  visit: bigint,
  detector: number,
  spots: readonly Spot[],
  mjd = 60000,
  forced: readonly bigint[] = [],
): VisitPlan {
  const sources = spots.map((spot, n) => {
    const diaSourceId = makeDiaSourceId(visit, detector, n);
    return {
      diaSourceId,
      visit,
      detector,
      diaObjectId: spot.object ?? diaObjectIdOf(diaSourceId),
      midpointMjdTai: mjd,
      ra: spot.ra,
      dec: spot.dec,
      x: 10,
      y: 20,
      psfFlux: spot.flux ?? 1000,
      psfFluxErr: 50,
      snr: 20,
      band: 'r',
      psfNdata: 49,
      trailNdata: 0,
      dipoleNdata: 0,
      bboxSize: 30,
    };
  });
  const place = (id: bigint): { ra: number; dec: number } => {
    const row = [...snapshot.diaObjects.data('diaObjectId', 'long')].indexOf(id);
    return { ra: snapshot.diaObjects.data('ra', 'double')[row]!, dec: snapshot.diaObjects.data('dec', 'double')[row]! };
  };
  const objects: Record<string, CellValue>[] = [
    ...new Map(sources.map((source) => [source.diaObjectId, source])).values(),
  ].map(({ diaObjectId, ra, dec }) => {
    const known = snapshot.diaObjects.rowCount
      ? [...snapshot.diaObjects.data('diaObjectId', 'long')].indexOf(diaObjectId)
      : -1;
    const count = known < 0 ? 0 : Number(snapshot.diaObjects.value('nDiaSources', known));
    const last = known < 0 ? mjd : Number(snapshot.diaObjects.value('lastDiaSourceMjdTai', known));
    return {
      diaObjectId,
      ra,
      dec,
      ...COUNTS,
      nDiaSources: count + 1,
      firstDiaSourceMjdTai: mjd,
      lastDiaSourceMjdTai: Math.max(mjd, last),
    };
  });
  return {
    visit: {
      visit,
      band: 'r',
      ra: snapshot.region.raDeg,
      dec: snapshot.region.decDeg,
      expTime: 30,
      expMidptMJD: mjd,
      instrument: 'test',
    },
    detector,
    cells: snapshot.cells,
    diaSources: tableOf(
      DiaSource,
      sources,
      Object.keys(sources[0] ?? { diaSourceId: 0, visit: 0, detector: 0, diaObjectId: 0 }),
    ),
    diaObjects: tableOf(DiaObject, objects, Object.keys(objects[0] ?? { diaObjectId: 0, ra: 0, dec: 0 })),
    diaForcedSources: tableOf(
      DiaForcedSource,
      forced.map((diaObjectId, n) => ({
        diaForcedSourceId: makeDiaForcedSourceId(visit, detector, n),
        diaObjectId,
        ...place(diaObjectId),
        visit,
        detector,
        midpointMjdTai: mjd,
        psfFlux: 3,
        psfFluxErr: 1,
        band: 'r',
      })),
      [
        'diaForcedSourceId',
        'diaObjectId',
        'ra',
        'dec',
        'visit',
        'detector',
        'midpointMjdTai',
        'psfFlux',
        'psfFluxErr',
        'band',
      ],
    ),
    ssSources: tableOf(SSSource, []),
    alerts: sources.map(({ diaSourceId }) => ({ diaSourceId, payload: { cutout: `c${diaSourceId}` } })),
  };
}
