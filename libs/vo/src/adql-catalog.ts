// The same tables as the ADQL compiler takes them.

import type { AdqlCatalog, AdqlColumn, AdqlTable } from '#libs/adql';
import type { VoColumn, VoTable, VoTableset } from './vo-table.js';
import { SURVEY_SCHEMA } from './survey-tables.js';

function adqlColumn({ name, datatype, arraysize, xtype, unit, ucd, utype, description, sqlName, geography }: VoColumn): AdqlColumn {
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

export const adqlTable = ({ schema, name, description, sqlName, position, columns }: VoTable): AdqlTable => ({
  schema,
  name,
  description,
  sqlName,
  ...(position && { position }),
  columns: columns.map(adqlColumn),
});

const CACHE = new WeakMap<VoTable, AdqlTable>();

/** Tables keep their identity from call to call. */
function cached(table: VoTable): AdqlTable {
  let known = CACHE.get(table);
  if (known === undefined) CACHE.set(table, (known = adqlTable(table)));
  return known;
}

export const adqlCatalog = ({ tables }: VoTableset, uploads: readonly AdqlTable[] = []): AdqlCatalog => ({
  tables: [...tables.map(cached), ...uploads],
  defaultSchema: SURVEY_SCHEMA.name,
});
