// TAP_SCHEMA of TAP 1.1, section 4: the tables that describe all tables, themselves included.

import {
  qualifiedName,
  spelledName,
  type VoColumn,
  type VoKey,
  type VoSchema,
  type VoTable,
  type VoTableset,
} from './vo-table.js';

export const TAP_SCHEMA: VoSchema = {
  name: 'TAP_SCHEMA',
  description: 'The tables, columns and keys that can be queried here.',
};

type Kind = 'text' | 'int';
const column = (
  name: string,
  kind: Kind,
  description: string,
  options: { principal?: true; sqlName?: string } = {},
): VoColumn => ({
  name,
  ...(kind === 'text' ? { datatype: 'char', arraysize: '*' } : { datatype: 'int' }),
  description,
  std: true,
  ...options,
});

const main = { principal: true } as const;
const utype = column('utype', 'text', 'Utype, if any.');

const table = (name: string, description: string, columns: readonly VoColumn[]): VoTable => ({
  schema: TAP_SCHEMA.name,
  name,
  type: 'table',
  description,
  sqlName: `tap_schema_${name}`,
  columns,
});

export const TAP_SCHEMA_TABLES: readonly VoTable[] = [
  table('schemas', 'Schemas that can be queried.', [
    column('schema_name', 'text', 'Name of the schema.', main),
    utype,
    column('description', 'text', 'What the schema holds.', main),
    column('schema_index', 'int', 'Recommended order of schemas.'),
  ]),
  table('tables', 'Tables that can be queried.', [
    column('schema_name', 'text', 'Schema of the table.', main),
    column('table_name', 'text', 'Name of the table as it is used in a query.', main),
    column('table_type', 'text', 'table or view.', main),
    utype,
    column('description', 'text', 'What the table holds.', main),
    column('table_index', 'int', 'Recommended order of tables.'),
  ]),
  table('columns', 'Columns of the tables that can be queried.', [
    column('table_name', 'text', 'Table of the column.', main),
    column('column_name', 'text', 'Name of the column.', main),
    column('datatype', 'text', 'VOTable datatype.', main),
    column('arraysize', 'text', 'VOTable arraysize; NULL for a single value.'),
    column('xtype', 'text', 'VOTable xtype, if any.'),
    column('size', 'int', 'Length of a column of variable length (deprecated).'),
    column('description', 'text', 'What the column holds.', main),
    utype,
    column('unit', 'text', 'Unit (VOUnits).', main),
    column('ucd', 'text', 'UCD1+.', main),
    column('indexed', 'int', '1 when a condition on the column is answered from an index.'),
    column('principal', 'int', '1 for a column to be shown first.'),
    column('std', 'int', '1 when an IVOA standard defines the column.'),
    column('column_index', 'int', 'Recommended order of columns.'),
  ]),
  table('keys', 'Foreign keys between the tables.', [
    column('key_id', 'text', 'Identifier of the key.', main),
    column('from_table', 'text', 'The table that refers.', main),
    column('target_table', 'text', 'The table referred to.', main),
    column('description', 'text', 'What the key means.', main),
    utype,
  ]),
  table('key_columns', 'Columns of the foreign keys.', [
    column('key_id', 'text', 'Identifier of the key.', main),
    column('from_column', 'text', 'Column of the table that refers.', main),
    column('target_column', 'text', 'Column of the table referred to.', main),
  ]),
];

const key = (id: string, from: string, fromColumn: string, target: string, targetColumn: string): VoKey => ({
  id: `TAP_SCHEMA_${id}`,
  from: `TAP_SCHEMA.${from}`,
  target: `TAP_SCHEMA.${target}`,
  description: `${from} of TAP_SCHEMA refer to ${target}.`,
  columns: [{ from: fromColumn, target: targetColumn }],
});

export const TAP_SCHEMA_KEYS: readonly VoKey[] = [
  key('tables_schema', 'tables', 'schema_name', 'schemas', 'schema_name'),
  key('columns_table', 'columns', 'table_name', 'tables', 'table_name'),
  key('keys_from', 'keys', 'from_table', 'tables', 'table_name'),
  key('keys_target', 'keys', 'target_table', 'tables', 'table_name'),
  key('key_columns_key', 'key_columns', 'key_id', 'keys', 'key_id'),
];

export interface SchemaRows {
  /** name in the database */
  readonly table: string;
  readonly columns: readonly { readonly name: string; readonly type: 'text' | 'integer' }[];
  readonly rows: readonly (readonly (string | number | null)[])[];
}

const flag = (set: true | undefined): number => (set ? 1 : 0);
const sizeOf = (arraysize: string | undefined): number | null => {
  const length = /^(\d+)\*?$/.exec(arraysize ?? '')?.[1];
  return length === undefined ? null : Number(length);
};

/** The rows of TAP_SCHEMA's own tables for a set of tables. */
export function tapSchemaRows({ schemas, tables, keys }: VoTableset): readonly SchemaRows[] {
  const rows: Record<string, (string | number | null)[][]> = {
    schemas: schemas.map((schema, i) => [schema.name, schema.utype ?? null, schema.description, i]),
    tables: tables.map((one, i) => [one.schema, qualifiedName(one), one.type, one.utype ?? null, one.description, i]),
    columns: tables.flatMap((one) =>
      one.columns.map((c, i) => [
        qualifiedName(one),
        spelledName(c),
        c.datatype,
        c.arraysize ?? null,
        c.xtype ?? null,
        sizeOf(c.arraysize),
        c.description,
        c.utype ?? null,
        c.unit ?? null,
        c.ucd ?? null,
        flag(c.indexed),
        flag(c.principal),
        flag(c.std),
        i,
      ]),
    ),
    keys: keys.map((one) => [one.id, one.from, one.target, one.description, null]),
    key_columns: keys.flatMap((one) => one.columns.map((pair) => [one.id, pair.from, pair.target])),
  };
  return TAP_SCHEMA_TABLES.map((one) => ({
    table: one.sqlName,
    columns: one.columns.map(({ name, datatype }) => ({ name, type: datatype === 'int' ? 'integer' : 'text' })),
    rows: rows[one.name]!,
  }));
}
