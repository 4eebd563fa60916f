import type { DataSource } from 'typeorm';
import {
  DiaForcedSource,
  DiaObjectLast,
  DiaSource,
  type DiaCatalogSnapshot,
  type SkyCircle,
  SOLAR_SYSTEM_COLUMNS,
  tableColumns,
} from '#libs/schema';
import { type CellValue, tableFromRows, type Table } from '#libs/table';
import { selectList, tableFromDatabase } from './rows.js';
import { METRES_PER_DEGREE, skyCellsOf } from './sky-cells.js';

export interface SnapshotOptions {
  /** predicted Solar System objects of the region (SOLAR_SYSTEM_COLUMNS); none unless given */
  readonly solarSystem?: Table;
  /** detections before this are left out (MJD TAI); aggregates made from the snapshot then cover that time only */
  readonly historySinceMjdTai?: number;
}

type Row = Record<string, CellValue | undefined>;

/**
 * The Level 1 catalog inside a circle. Versions of the sky cells are read first: whatever changes afterwards, seen or not,
 * makes the snapshot stale, and commitVisit says so. No transaction is held.
 */
export async function loadSnapshot(
  dataSource: DataSource,
  region: SkyCircle,
  options: SnapshotOptions = {},
): Promise<DiaCatalogSnapshot> {
  const cells = skyCellsOf(region);
  await dataSource.query(
    'INSERT INTO sky_cell (cell) SELECT c FROM unnest($1::int[]) c ORDER BY c ON CONFLICT DO NOTHING',
    [cells],
  );
  const versions = await dataSource.query<{ cell: number; version: bigint }[]>(
    'SELECT cell, version FROM sky_cell WHERE cell = ANY($1::int[]) ORDER BY cell',
    [cells],
  );
  const diaObjects = await dataSource.query<Row[]>(
    `SELECT ${selectList(DiaObjectLast)} FROM "DiaObjectLast"
     WHERE ST_DWithin("geog", ST_SetSRID(ST_MakePoint($1, $2), 4326)::geography, $3, false) ORDER BY "diaObjectId"`,
    [region.raDeg > 180 ? region.raDeg - 360 : region.raDeg, region.decDeg, region.radiusDeg * METRES_PER_DEGREE],
  );
  const ids = diaObjects.map((row) => row['diaObjectId']);
  const history = (table: string, list: string, order: string): Promise<Row[]> =>
    dataSource.query<Row[]>(
      `SELECT ${list} FROM "${table}" WHERE "diaObjectId" = ANY($1::bigint[]) AND "midpointMjdTai" >= $2
       AND "timeWithdrawnMjdTai" IS NULL ORDER BY "diaObjectId", "midpointMjdTai", ${order}`,
      [ids.map(String), options.historySinceMjdTai ?? 0],
    );
  const diaSources = ids.length ? await history('DiaSource', selectList(DiaSource), '"diaSourceId"') : [];
  const forced = ids.length ? await history('DiaForcedSource', selectList(DiaForcedSource), '"visit", "detector"') : [];
  return {
    region,
    cells: versions,
    diaObjects: tableFromDatabase(DiaObjectLast, diaObjects),
    diaSources: tableFromRows(tableColumns(DiaSource), diaSources, 'DiaSource'),
    diaForcedSources: tableFromDatabase(DiaForcedSource, forced),
    solarSystem: options.solarSystem ?? tableFromRows(SOLAR_SYSTEM_COLUMNS, [], 'solarSystem'),
  };
}
