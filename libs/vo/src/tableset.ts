import { OBSCORE_TABLE, IVOA_SCHEMA } from './obscore-table.js';
import { SURVEY_KEYS, SURVEY_SCHEMA, SURVEY_TABLES } from './survey-tables.js';
import { TAP_SCHEMA, TAP_SCHEMA_KEYS, TAP_SCHEMA_TABLES } from './tap-schema-tables.js';
import { qualifiedName, type VoTable, type VoTableset } from './vo-table.js';

/** Everything that is published. */
export const PUBLISHED: VoTableset = {
  schemas: [SURVEY_SCHEMA, IVOA_SCHEMA, TAP_SCHEMA],
  tables: [...SURVEY_TABLES, OBSCORE_TABLE, ...TAP_SCHEMA_TABLES],
  keys: [...SURVEY_KEYS, ...TAP_SCHEMA_KEYS],
};

/** The part of it that satisfies a condition; keys only between tables that do. */
export function visibleTables(tableset: VoTableset, isVisible: (table: VoTable) => boolean): VoTableset {
  const tables = tableset.tables.filter(isVisible);
  const names = new Set(tables.map(qualifiedName));
  return {
    schemas: tableset.schemas.filter(({ name }) => tables.some(({ schema }) => schema === name)),
    tables,
    keys: tableset.keys.filter(({ from, target }) => names.has(from) && names.has(target)),
  };
}
