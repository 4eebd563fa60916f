// The same tables as the ADQL compiler takes them.

import { quoteIdentifier } from '#libs/database';
import type { AdqlCatalog, AdqlColumn, AdqlTable } from '#libs/adql';
import type { VoColumn, VoTable, VoTableset } from './vo-table.js';
import { SURVEY_SCHEMA } from './survey-tables.js';

function adqlColumn({
  name,
  datatype,
  arraysize,
  xtype,
  unit,
  ucd,
  utype,
  description,
  sqlName,
  geography,
}: VoColumn): AdqlColumn {
  return {
    name,
    datatype: xtype === 'timestamp' ? 'timestamp' : datatype,
    ...(arraysize && { arraysize }),
    ...(xtype && { xtype }),
    ...(unit && { unit }),
    ...(ucd && { ucd }),
    ...(utype && { utype }),
    description,
    sqlName: sqlName ?? name,
    ...(geography && { geography }),
  };
}

/** A table of which a caller sees a part is read through a common table of this name (see `visibleRows`). */
const relationOf = ({ sqlName, condition }: VoTable): string =>
  condition === undefined ? sqlName : `visible_${sqlName}`;

const adqlTable = (table: VoTable): AdqlTable => ({
  schema: table.schema,
  name: table.name,
  description: table.description,
  sqlName: relationOf(table),
  ...(table.position && { position: table.position }),
  columns: table.columns.map(adqlColumn),
});

const TABLES = new WeakMap<VoTable, AdqlTable>();
const CATALOGS = new WeakMap<VoTableset, AdqlCatalog>();

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: (key: K) => V): V {
  let known = memory.get(key);
  if (known === undefined) memory.set(key, (known = make(key)));
  return known;
}

const whole = (tableset: VoTableset): AdqlCatalog => ({
  tables: tableset.tables.map((table) => remembered(TABLES, table, adqlTable)),
  defaultSchema: SURVEY_SCHEMA.name,
});

/** Tables and catalogs keep their identity from call to call. */
export function adqlCatalog(tableset: VoTableset, uploads: readonly AdqlTable[] = []): AdqlCatalog {
  const catalog = remembered(CATALOGS, tableset, whole);
  return uploads.length === 0 ? catalog : { ...catalog, tables: [...catalog.tables, ...uploads] };
}

export interface CommonTable {
  readonly name: string;
  readonly sql: string;
  /** read once and kept; otherwise it is a view, and indexes are used through it */
  readonly materialized: boolean;
}

/** The visible rows of the tables that a query reads, as far as not all rows are. */
export const visibleRows = ({ tables }: VoTableset, read: readonly AdqlTable[]): readonly CommonTable[] =>
  tables
    .filter((table) => table.condition !== undefined && read.includes(remembered(TABLES, table, adqlTable)))
    .map((table) => ({
      name: relationOf(table),
      sql: `SELECT t.* FROM ${quoteIdentifier(table.sqlName)} AS t WHERE ${table.condition}`,
      materialized: false,
    }));
