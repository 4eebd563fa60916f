// How a described table looks in PostgreSQL with PostGIS. Migrations are written by hand; these functions are what they
// are compared with, and what makes statements that insert.

import type { ColumnDescription, TableDescription } from './description.js';

/** The type as information_schema spells it. */
export function sqlType(column: ColumnDescription): string {
  switch (column.datatype) {
    case 'boolean':
      return 'boolean';
    case 'short':
      return 'smallint';
    case 'int':
      return 'integer';
    case 'long':
      return 'bigint';
    case 'float':
      return 'real';
    case 'double':
      return 'double precision';
    case 'char':
    case 'string':
      return column.length ? `character varying(${column.length})` : 'text';
    case 'text':
      return 'text';
    case 'timestamp':
      return 'timestamp with time zone';
    case 'point':
      return 'geography(Point,4326)';
  }
}

export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Longitude of a right ascension as PostGIS wants it, in (-180, 180]. */
export const longitudeSql = (ra: string): string => `CASE WHEN ${ra} > 180 THEN ${ra} - 360 ELSE ${ra} END`;
/** A position as a point on the sphere. */
export const pointSql = (ra: string, dec: string): string =>
  `ST_SetSRID(ST_MakePoint(${longitudeSql(ra)}, ${dec}), 4326)::geography`;

/** CREATE TABLE with named constraints: pk_, uq_ as described, ck_ for the ranges of the position. */
export function createTableSql(table: TableDescription): string {
  const position = table.position && { ra: quoted(table.position.ra), dec: quoted(table.position.dec) };
  const columns = table.columns.map((column) => {
    const generated =
      column.datatype === 'point' && position
        ? ` GENERATED ALWAYS AS (${pointSql(position.ra, position.dec)}) STORED`
        : '';
    return `${quoted(column.name)} ${sqlType(column)}${generated}${column.nullable ? '' : ' NOT NULL'}`;
  });
  const list = (names: readonly string[]): string => names.map(quoted).join(', ');
  const constraints = [
    `CONSTRAINT ${quoted(`pk_${table.name}`)} PRIMARY KEY (${list(table.primaryKey)})`,
    ...table.uniques.map((unique) => `CONSTRAINT ${quoted(unique.name)} UNIQUE (${list(unique.columns)})`),
    ...(position
      ? [
          `CONSTRAINT ${quoted(`ck_${table.name}_dec`)} CHECK (${position.dec} BETWEEN -90 AND 90)`,
          `CONSTRAINT ${quoted(`ck_${table.name}_ra`)} CHECK (${position.ra} >= 0 AND ${position.ra} < 360)`,
        ]
      : []),
  ];
  return `CREATE TABLE ${quoted(table.name)} (\n  ${[...columns, ...constraints].join(',\n  ')}\n)`;
}

/** Indexes: the described ones, GiST on the point, a btree on the HEALPix cell. */
export function createIndexSql(table: TableDescription): string[] {
  const named = table.indexes.map(
    (index) => `CREATE INDEX ${quoted(index.name)} ON ${quoted(table.name)} (${index.columns.map(quoted).join(', ')})`,
  );
  if (!table.position) return named;
  return [
    ...named,
    `CREATE INDEX ${quoted(`IDX_${table.name}_geog`)} ON ${quoted(table.name)} USING gist ("geog")`,
    `CREATE INDEX ${quoted(`IDX_${table.name}_hpx29`)} ON ${quoted(table.name)} ("hpx29")`,
  ];
}
