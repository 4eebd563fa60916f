// Rows of any public table: chosen columns, typed filters, a part of the sky, any order, keyset pages; and rows that belong to others, many at
// once. 64-bit integers come as text, what GraphQL and JSON carry.

import type { DataSource } from 'typeorm';
import { columnOf, DiaObject, DiaObjectLast, quoted, type TableDescription } from '#libs/schema';
import { CatalogError } from './catalog-error.js';
import { filterSql, parameterType, type RowFilter } from './conditions.js';
import { type Page, type PageRequest, pageSize } from './cursor.js';
import { type SkySelection, skySql } from './sky-selection.js';
import { runPrepared } from './prepared.js';

export type PlainRow = Readonly<Record<string, unknown>>;

export interface RowOrder {
  readonly column: string;
  readonly descending?: boolean;
}

export interface RowSelection {
  readonly columns: readonly string[];
  readonly where?: RowFilter;
  readonly region?: SkySelection;
  /** of the (first column of the) primary key */
  readonly ids?: readonly string[];
  readonly order?: readonly RowOrder[];
  /** a condition on rows aliased t, such as an embargo */
  readonly only?: string;
  /** of DiaObject: the versions valid at this time [MJD TAI]; the current ones unless given */
  readonly asOf?: number;
  readonly page?: PageRequest;
}

const MAX_IDS = 10_000;
const MAX_ORDER = 5;

/** Objects have versions: one of each counts, and their place is searched where it is indexed, in the table of last places. */
const versioned = (table: TableDescription): boolean => table.name === DiaObject.name;

function validity(asOf: number | undefined, parameters: unknown[]): string {
  if (asOf === undefined) return 't."validityEndMjdTai" IS NULL';
  if (!Number.isFinite(asOf)) throw new CatalogError('BAD_FILTER', `asOf is a time, MJD TAI, not ${asOf}`, asOf);
  const at = `$${parameters.push(asOf)}::float8`;
  return `t."validityStartMjdTai" <= ${at} AND (t."validityEndMjdTai" IS NULL OR t."validityEndMjdTai" > ${at})`;
}

/** `t."column"`, 64-bit integers as text. */
function selected(table: TableDescription, names: readonly string[]): string {
  return names
    .map((name) =>
      columnOf(table, name).datatype === 'long' ? `t.${quoted(name)}::text AS ${quoted(name)}` : `t.${quoted(name)}`,
    )
    .join(', ');
}

/** One page. The order is made total by the primary key, so rows that come meanwhile neither repeat nor hide another; nulls come last. */
export async function selectRows(
  dataSource: DataSource,
  table: TableDescription,
  selection: RowSelection,
): Promise<Page<PlainRow>> {
  const { where, region, ids, only, asOf } = selection;
  const order = totalOrder(table, selection.order ?? []);
  const parameters: unknown[] = [];
  const conditions: string[] = [];
  let from = `${quoted(table.name)} t`;
  if (versioned(table)) conditions.push(validity(asOf, parameters));
  else if (asOf !== undefined)
    throw new CatalogError('BAD_FILTER', `rows of ${table.name} have no versions: asOf has no meaning`, asOf);
  if (region) {
    if (!table.position && !versioned(table))
      throw new CatalogError('BAD_REGION', `rows of ${table.name} have no place on the sky`, table.name);
    const alias = versioned(table) ? 'place' : 't';
    const sky = skySql(region, alias, parameters);
    if (versioned(table))
      from = `${quoted(DiaObjectLast.name)} place JOIN ${from} ON t."diaObjectId" = place."diaObjectId"`;
    if (sky.from) from = `${sky.from} CROSS JOIN ${from}`;
    conditions.push(sky.condition);
  }
  if (ids) {
    if (ids.length > MAX_IDS)
      throw new CatalogError('BAD_FILTER', `at most ${MAX_IDS} identifiers at once, not ${ids.length}`, ids.length);
    conditions.push(`t.${quoted(table.primaryKey[0]!)} = ANY($${parameters.push(ids)}::bigint[])`);
  }
  const filter = where && filterSql(table, where, 't', parameters);
  if (filter) conditions.push(filter);
  if (only !== undefined) conditions.push(only);
  const size = pageSize(selection.page ?? {});
  const signature = order.map(({ column, descending }) => `${descending ? '-' : ''}${column}`).join();
  if (selection.page?.after)
    conditions.push(afterSql(table, order, decodeKey(selection.page.after, signature, order.length), parameters));
  const keys = order.map(({ column }, i) => `t.${quoted(column)}::text AS "key ${i}"`).join(', ');
  const sorted = order.map(
    ({ column, descending }) =>
      `t.${quoted(column)}${descending ? ' DESC' : ''}${columnOf(table, column).nullable ? ' NULLS LAST' : ''}`,
  );
  const columns = selection.columns.length > 0 ? `${selected(table, selection.columns)}, ` : '';
  const rows = await runPrepared<Record<string, unknown>>(
    dataSource,
    `SELECT ${columns}${keys} FROM ${from}${conditions.length > 0 ? ` WHERE ${conditions.join(' AND ')}` : ''} ORDER BY ${sorted.join(', ')} LIMIT $${parameters.push(size + 1)}`,
    parameters,
  );
  const page = rows.slice(0, size);
  if (rows.length <= size) return { rows: page };
  const last = page.at(-1)!;
  return {
    rows: page,
    next: encodeKey(
      signature,
      order.map((_, i) => last[`key ${i}`] as string | null),
    ),
  };
}

function totalOrder(table: TableDescription, wanted: readonly RowOrder[]): RowOrder[] {
  if (wanted.length > MAX_ORDER)
    throw new CatalogError(
      'BAD_FILTER',
      `at most ${MAX_ORDER} columns to order by, not ${wanted.length}`,
      wanted.length,
    );
  for (const { column } of wanted) columnOf(table, column);
  const unique = wanted.filter(({ column }, i) => wanted.findIndex((other) => other.column === column) === i);
  // one version of an object is shown: its identifier alone decides
  const key = versioned(table) ? table.primaryKey.slice(0, 1) : table.primaryKey;
  return [
    ...unique,
    ...key.filter((name) => !unique.some(({ column }) => column === name)).map((column) => ({ column })),
  ];
}

/** Rows after a key in lexicographic order: greater in the first column, or equal and greater in the next, and so on. */
function afterSql(
  table: TableDescription,
  order: readonly RowOrder[],
  key: readonly (string | null)[],
  parameters: unknown[],
): string {
  const alternatives: string[] = [];
  const equal: string[] = [];
  for (const [i, { column: name, descending }] of order.entries()) {
    const column = columnOf(table, name);
    const value = key[i];
    const at = `t.${quoted(name)}`;
    if (value === null) {
      equal.push(`${at} IS NULL`);
      continue;
    }
    const parameter = `$${parameters.push(value)}::${parameterType(column)}`;
    const later = `${at} ${descending ? '<' : '>'} ${parameter}`;
    alternatives.push([...equal, column.nullable ? `(${later} OR ${at} IS NULL)` : later].join(' AND '));
    equal.push(`${at} = ${parameter}`);
  }
  return `(${alternatives.join(' OR ') || 'false'})`;
}

const encodeKey = (signature: string, key: readonly (string | null)[]): string =>
  Buffer.from(JSON.stringify([signature, ...key])).toString('base64url');

function decodeKey(cursor: string, signature: string, length: number): (string | null)[] {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (
      Array.isArray(key) &&
      key.length === length + 1 &&
      key[0] === signature &&
      key
        .slice(1)
        .every((part) => part === null || (typeof part === 'string' && part.length < 200 && !part.includes('\0')))
    )
      return key.slice(1) as (string | null)[];
  } catch {
    // falls through to the one complaint
  }
  throw new CatalogError('BAD_CURSOR', 'the cursor was not given out by this query in this order', cursor);
}

export interface RelatedSelection {
  readonly columns: readonly string[];
  /** the column that names the owner */
  readonly key: string;
  readonly order: readonly string[];
  readonly only?: string;
  /** DiaObject: every version instead of the current one */
  readonly everyVersion?: boolean;
}

/** Rows that belong to others, by owner: one statement for all of them. */
export async function selectRelated(
  dataSource: DataSource,
  table: TableDescription,
  { columns, key, order, only, everyVersion }: RelatedSelection,
  owners: readonly string[],
): Promise<Map<string, PlainRow[]>> {
  const conditions = [`t.${quoted(key)} = ANY($1::${parameterType(columnOf(table, key))}[])`];
  if (versioned(table) && !everyVersion) conditions.push('t."validityEndMjdTai" IS NULL');
  if (only !== undefined) conditions.push(only);
  const names = [...new Set([key, ...columns])];
  const rows = await runPrepared<Record<string, unknown>>(
    dataSource,
    `SELECT ${selected(table, names)} FROM ${quoted(table.name)} t WHERE ${conditions.join(' AND ')} ORDER BY ${[key, ...order].map((name) => `t.${quoted(name)}`).join(', ')}`,
    [owners],
  );
  const groups = new Map<string, PlainRow[]>();
  for (const row of rows) {
    const owner = String(row[key]);
    const group = groups.get(owner);
    if (group) group.push(row);
    else groups.set(owner, [row]);
  }
  return groups;
}
