// GraphQL types of catalog tables, made at start from the one description of the schema: names, types, units and descriptions are never typed twice.

import { Field, Float, GraphQLISODateTime, ID, Int, ObjectType } from '@nestjs/graphql';
import type { ColumnDescription, TableDescription } from '#libs/schema';

/** A class for decorators; its instances are plain rows. */
export type RowType = new () => Readonly<Record<string, unknown>>;

/** Columns of the search index are no business of readers. */
const HIDDEN = new Set(['hpx29', 'geog']);

/** 64-bit identifiers do not fit a JSON number; 64-bit counts of something do. */
export const isIdentifier = (column: ColumnDescription): boolean => column.datatype === 'long' && !column.unit;

function scalarOf(column: ColumnDescription) {
  switch (column.datatype) {
    case 'boolean':
      return Boolean;
    case 'short':
    case 'int':
      return Int;
    case 'float':
    case 'double':
      return Float;
    case 'timestamp':
      return GraphQLISODateTime;
    case 'long':
      return isIdentifier(column) ? ID : Int;
    default:
      return String;
  }
}

export const visibleColumns = (table: TableDescription): readonly ColumnDescription[] =>
  table.columns.filter((column) => column.datatype !== 'point' && !HIDDEN.has(column.name));

/** The object type of a table. Resolvers add fields to it as to any other type. */
export function objectTypeOf(table: TableDescription, name: string = table.name): RowType {
  const type = { [name]: class {} }[name] as RowType;
  ObjectType(name, { description: table.description })(type);
  for (const column of visibleColumns(table)) {
    const scalar = scalarOf(column);
    const description = `${column.description}${column.unit ? ` [${column.unit}]` : ''}${column.ucd ? ` UCD: ${column.ucd}` : ''}`;
    Field(() => scalar, { nullable: column.nullable, description })(type.prototype as object, column.name);
  }
  return type;
}

/** A row as GraphQL and JSON can carry it: 64-bit integers as strings, what is no number as null. */
export function plainRow(row: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'bigint' ? value.toString() : Number.isNaN(value) ? null : value,
    ]),
  );
}
