// Reads of the public tables as plain rows. Lists are keyset pages; a cone search is exact on the sphere.

import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import {
  DetectorVisitProcessingSummary,
  DiaForcedSource,
  DiaObject,
  type DiaObjectLast,
  DiaSource,
  MpcOrbits,
  ObjectTable,
  type RowOf,
  type SkyCircle,
  Source,
  SSObject,
  SSSource,
  type TableDescription,
  Visit,
} from '#libs/schema';
import { decodeCursor, type Page, pageOf, type PageRequest, pageSize } from './cursor.js';
import { selectList } from './rows.js';
import { checkRegion, METRES_PER_DEGREE } from './sky-cells.js';

export type DiaSourceRow = RowOf<typeof DiaSource>;
export type DiaForcedSourceRow = RowOf<typeof DiaForcedSource>;
export type DiaObjectRow = RowOf<typeof DiaObject>;
export type SSObjectRow = RowOf<typeof SSObject>;
export type SSSourceRow = RowOf<typeof SSSource>;
export type OrbitRow = RowOf<typeof MpcOrbits>;
export type SourceRow = RowOf<typeof Source>;
export type ObjectRow = RowOf<typeof ObjectTable>;
export type CatalogVisitRow = RowOf<typeof Visit>;
export type DetectorSummary = RowOf<typeof DetectorVisitProcessingSummary>;

/** A row with its distance from the centre of the search. */
export type Near<T> = T & { readonly distanceArcsec: number };

export interface TimeRange {
  /** half-open, MJD TAI */
  readonly fromMjdTai?: number;
  readonly toMjdTai?: number;
}

@Injectable()
export class CatalogRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** The current version of an object. */
  async diaObject(diaObjectId: bigint): Promise<DiaObjectRow | undefined> {
    const rows = await this.query<DiaObjectRow>(
      `SELECT ${selectList(DiaObject)} FROM "DiaObject" WHERE "diaObjectId" = $1 AND "validityEndMjdTai" IS NULL`,
      [String(diaObjectId)],
    );
    return rows[0];
  }

  async diaObjectsById(ids: readonly bigint[]): Promise<DiaObjectRow[]> {
    return this.query(
      `SELECT ${selectList(DiaObject)} FROM "DiaObject"
       WHERE "diaObjectId" = ANY($1::bigint[]) AND "validityEndMjdTai" IS NULL ORDER BY "diaObjectId"`,
      [ids.map(String)],
    );
  }

  /** Every version, oldest first. */
  async diaObjectHistory(diaObjectId: bigint): Promise<DiaObjectRow[]> {
    return this.query(
      `SELECT ${selectList(DiaObject)} FROM "DiaObject" WHERE "diaObjectId" = $1 ORDER BY "validityStartMjdTai"`,
      [String(diaObjectId)],
    );
  }

  /** The version that a commit wrote or found. */
  async diaObjectAsOf(diaObjectId: bigint, commitId: bigint): Promise<DiaObjectRow | undefined> {
    const rows = await this.query<DiaObjectRow>(
      `SELECT ${selectList(DiaObject)} FROM "DiaObject" WHERE "diaObjectId" = $1 AND "commitId" <= $2
       ORDER BY "commitId" DESC LIMIT 1`,
      [String(diaObjectId), String(commitId)],
    );
    return rows[0];
  }

  /** Current objects in order of identifier, in a region if one is given. */
  async diaObjects(page: PageRequest = {}, region?: SkyCircle, minimumSources = 0): Promise<Page<DiaObjectRow>> {
    const [after] = page.after ? decodeCursor(page.after, 1) : ['-1'];
    const parameters: unknown[] = [after, minimumSources, pageSize(page) + 1];
    const inside = region ? `AND ${this.within('l', region, parameters)}` : '';
    const rows = await this.query<DiaObjectRow>(
      `SELECT ${selectList(DiaObject, 'o')} FROM "DiaObjectLast" l
       JOIN "DiaObject" o ON o."diaObjectId" = l."diaObjectId" AND o."validityEndMjdTai" IS NULL
       WHERE l."diaObjectId" > $1 AND l."nDiaSources" >= $2 ${inside} ORDER BY l."diaObjectId" LIMIT $3`,
      parameters,
    );
    return pageOf(rows, pageSize(page), (row) => [row.diaObjectId]);
  }

  /** The light curve of an object: its detections by time. As of a commit, if one is given. */
  async diaSourcesOf(diaObjectId: bigint, commitId?: bigint): Promise<DiaSourceRow[]> {
    return this.query(
      `SELECT ${selectList(DiaSource)} FROM "DiaSource" WHERE "diaObjectId" = $1 AND ($2::bigint IS NULL OR "commitId" <= $2)
       ORDER BY "midpointMjdTai", "diaSourceId"`,
      [String(diaObjectId), commitId === undefined ? null : String(commitId)],
    );
  }

  /** Light curves of many objects at once, each by time. As of a commit, if one is given. */
  async diaSourcesOfMany(ids: readonly bigint[], commitId?: bigint): Promise<Map<bigint, DiaSourceRow[]>> {
    return this.byObject<DiaSourceRow>(DiaSource, ids, '"diaSourceId"', commitId);
  }

  async diaForcedSourcesOfMany(ids: readonly bigint[], commitId?: bigint): Promise<Map<bigint, DiaForcedSourceRow[]>> {
    return this.byObject<DiaForcedSourceRow>(DiaForcedSource, ids, '"visit", "detector"', commitId);
  }

  /** The versions of many objects that a commit wrote or found. */
  async diaObjectsAsOf(ids: readonly bigint[], commitId: bigint): Promise<Map<bigint, DiaObjectRow>> {
    const rows = await this.query<DiaObjectRow>(
      `SELECT DISTINCT ON ("diaObjectId") ${selectList(DiaObject)} FROM "DiaObject"
       WHERE "diaObjectId" = ANY($1::bigint[]) AND "commitId" <= $2 ORDER BY "diaObjectId", "commitId" DESC`,
      [ids.map(String), String(commitId)],
    );
    return new Map(rows.map((row) => [row.diaObjectId, row]));
  }

  async diaSourcesById(ids: readonly bigint[]): Promise<Map<bigint, DiaSourceRow>> {
    const rows = await this.query<DiaSourceRow>(
      `SELECT ${selectList(DiaSource)} FROM "DiaSource" WHERE "diaSourceId" = ANY($1::bigint[])`,
      [ids.map(String)],
    );
    return new Map(rows.map((row) => [row.diaSourceId, row]));
  }

  async ssSourcesById(diaSourceIds: readonly bigint[]): Promise<Map<bigint, SSSourceRow>> {
    const rows = await this.query<SSSourceRow>(
      `SELECT ${selectList(SSSource)} FROM "SSSource" WHERE "diaSourceId" = ANY($1::bigint[])`,
      [diaSourceIds.map(String)],
    );
    return new Map(rows.map((row) => [row.diaSourceId, row]));
  }

  async diaForcedSourcesOf(diaObjectId: bigint, commitId?: bigint): Promise<DiaForcedSourceRow[]> {
    return this.query(
      `SELECT ${selectList(DiaForcedSource)} FROM "DiaForcedSource"
       WHERE "diaObjectId" = $1 AND ($2::bigint IS NULL OR "commitId" <= $2) ORDER BY "midpointMjdTai", "visit", "detector"`,
      [String(diaObjectId), commitId === undefined ? null : String(commitId)],
    );
  }

  async diaSource(diaSourceId: bigint): Promise<DiaSourceRow | undefined> {
    const rows = await this.query<DiaSourceRow>(
      `SELECT ${selectList(DiaSource)} FROM "DiaSource" WHERE "diaSourceId" = $1`,
      [String(diaSourceId)],
    );
    return rows[0];
  }

  async diaSourcesOfVisit(visit: bigint, page: PageRequest = {}): Promise<Page<DiaSourceRow>> {
    const [after] = page.after ? decodeCursor(page.after, 1) : ['-1'];
    const rows = await this.query<DiaSourceRow>(
      `SELECT ${selectList(DiaSource)} FROM "DiaSource" WHERE "visit" = $1 AND "diaSourceId" > $2
       ORDER BY "diaSourceId" LIMIT $3`,
      [String(visit), after, pageSize(page) + 1],
    );
    return pageOf(rows, pageSize(page), (row) => [row.diaSourceId]);
  }

  async diaSources(page: PageRequest = {}, region?: SkyCircle, time: TimeRange = {}): Promise<Page<DiaSourceRow>> {
    return this.list<DiaSourceRow>(DiaSource, 'diaSourceId', page, region, { column: 'midpointMjdTai', ...time });
  }

  async sources(page: PageRequest = {}, region?: SkyCircle, visit?: bigint): Promise<Page<SourceRow>> {
    const only = visit === undefined ? undefined : { column: 'visit', fromMjdTai: visit, toMjdTai: visit + 1n };
    return this.list<SourceRow>(Source, 'sourceId', page, region, only);
  }

  async objects(page: PageRequest = {}, region?: SkyCircle): Promise<Page<ObjectRow>> {
    return this.list<ObjectRow>(ObjectTable, 'objectId', page, region);
  }

  async ssObjects(page: PageRequest = {}): Promise<Page<SSObjectRow>> {
    return this.list<SSObjectRow>(SSObject, 'ssObjectId', page);
  }

  async ssObject(ssObjectId: bigint): Promise<SSObjectRow | undefined> {
    const rows = await this.query<SSObjectRow>(
      `SELECT ${selectList(SSObject)} FROM "SSObject" WHERE "ssObjectId" = $1`,
      [String(ssObjectId)],
    );
    return rows[0];
  }

  async ssSourcesOf(ssObjectId: bigint): Promise<SSSourceRow[]> {
    return this.query(`SELECT ${selectList(SSSource)} FROM "SSSource" WHERE "ssObjectId" = $1 ORDER BY "diaSourceId"`, [
      String(ssObjectId),
    ]);
  }

  async ssSource(diaSourceId: bigint): Promise<SSSourceRow | undefined> {
    const rows = await this.query<SSSourceRow>(
      `SELECT ${selectList(SSSource)} FROM "SSSource" WHERE "diaSourceId" = $1`,
      [String(diaSourceId)],
    );
    return rows[0];
  }

  async orbit(designation: string): Promise<OrbitRow | undefined> {
    const rows = await this.query<OrbitRow>(
      `SELECT ${selectList(MpcOrbits)} FROM "mpc_orbits" WHERE "designation" = $1`,
      [designation],
    );
    return rows[0];
  }

  /** Every orbit that can be propagated: elements and an epoch are there. */
  async orbits(): Promise<OrbitRow[]> {
    return this.query(
      `SELECT ${selectList(MpcOrbits)} FROM "mpc_orbits"
       WHERE "q" IS NOT NULL AND "e" IS NOT NULL AND "i" IS NOT NULL AND "node" IS NOT NULL AND "argperi" IS NOT NULL
         AND "epoch_mjd" IS NOT NULL ORDER BY "id"`,
      [],
    );
  }

  async visit(visit: bigint): Promise<CatalogVisitRow | undefined> {
    const rows = await this.query<CatalogVisitRow>(`SELECT ${selectList(Visit)} FROM "Visit" WHERE "visit" = $1`, [
      String(visit),
    ]);
    return rows[0];
  }

  async visits(page: PageRequest = {}, time: TimeRange = {}): Promise<Page<CatalogVisitRow>> {
    return this.list<CatalogVisitRow>(Visit, 'visit', page, undefined, { column: 'expMidptMJD', ...time });
  }

  async detectorSummaries(visit: bigint): Promise<DetectorSummary[]> {
    return this.query(
      `SELECT ${selectList(DetectorVisitProcessingSummary)} FROM "DetectorVisitProcessingSummary"
       WHERE "visit" = $1 ORDER BY "detector"`,
      [String(visit)],
    );
  }

  /** Rows of a table with a position inside a circle, nearest first. */
  async coneSearch(table: typeof DiaSource, region: SkyCircle, limit?: number): Promise<Near<DiaSourceRow>[]>;
  async coneSearch(
    table: typeof DiaObjectLast,
    region: SkyCircle,
    limit?: number,
  ): Promise<Near<RowOf<typeof DiaObjectLast>>[]>;
  async coneSearch(table: typeof Source, region: SkyCircle, limit?: number): Promise<Near<SourceRow>[]>;
  async coneSearch(table: typeof ObjectTable, region: SkyCircle, limit?: number): Promise<Near<ObjectRow>[]>;
  async coneSearch(table: TableDescription, region: SkyCircle, limit = 1000): Promise<Near<object>[]> {
    const parameters: unknown[] = [limit];
    const inside = this.within('t', region, parameters);
    const key = table.primaryKey.map((name) => `t."${name}"`).join(', ');
    return this.query(
      `SELECT ${selectList(table, 't')},
         ST_Distance(t."geog", ST_SetSRID(ST_MakePoint($2, $3), 4326)::geography, false) / ${METRES_PER_DEGREE / 3600} AS "distanceArcsec"
       FROM "${table.name}" t WHERE ${inside} ORDER BY "distanceArcsec", ${key} LIMIT $1`,
      parameters,
    );
  }

  private async byObject<T extends { diaObjectId: bigint | null }>(
    table: TableDescription,
    ids: readonly bigint[],
    tieOrder: string,
    commitId?: bigint,
  ): Promise<Map<bigint, T[]>> {
    const rows = await this.query<T>(
      `SELECT ${selectList(table)} FROM "${table.name}"
       WHERE "diaObjectId" = ANY($1::bigint[]) AND ($2::bigint IS NULL OR "commitId" <= $2)
       ORDER BY "diaObjectId", "midpointMjdTai", ${tieOrder}`,
      [ids.map(String), commitId === undefined ? null : String(commitId)],
    );
    const groups = new Map<bigint, T[]>(ids.map((id) => [id, []]));
    for (const row of rows) groups.get(row.diaObjectId!)?.push(row);
    return groups;
  }

  /** A page by primary key, in a region and a half-open range of one column if given. */
  private async list<T extends object>(
    table: TableDescription,
    key: string,
    page: PageRequest,
    region?: SkyCircle,
    range?: { column: string; fromMjdTai?: number | bigint; toMjdTai?: number | bigint },
  ): Promise<Page<T>> {
    const [after] = page.after ? decodeCursor(page.after, 1) : ['-1'];
    const parameters: unknown[] = [after, pageSize(page) + 1];
    const conditions = [`t."${key}" > $1`];
    if (region) conditions.push(this.within('t', region, parameters));
    if (range?.fromMjdTai !== undefined)
      conditions.push(`t."${range.column}" >= $${parameters.push(String(range.fromMjdTai))}`);
    if (range?.toMjdTai !== undefined)
      conditions.push(`t."${range.column}" < $${parameters.push(String(range.toMjdTai))}`);
    const rows = await this.query<T>(
      `SELECT ${selectList(table, 't')} FROM "${table.name}" t WHERE ${conditions.join(' AND ')} ORDER BY t."${key}" LIMIT $2`,
      parameters,
    );
    return pageOf(rows, pageSize(page), (row) => [(row as Record<string, bigint>)[key]!]);
  }

  /** The condition that a row lies in a circle; pushes longitude, latitude and radius [m]. */
  private within(alias: string, region: SkyCircle, parameters: unknown[]): string {
    checkRegion(region);
    const longitude = region.raDeg > 180 ? region.raDeg - 360 : region.raDeg;
    const at = parameters.push(longitude, region.decDeg, region.radiusDeg * METRES_PER_DEGREE) - 2;
    return `ST_DWithin(${alias}."geog", ST_SetSRID(ST_MakePoint($${at}, $${at + 1}), 4326)::geography, $${at + 2}, false)`;
  }

  private query<T>(sql: string, parameters: unknown[]): Promise<T[]> {
    return this.dataSource.query<T[]>(sql, parameters);
  }
}
