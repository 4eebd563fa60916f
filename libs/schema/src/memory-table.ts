import {
  type CellValue,
  type ColumnDescription as TableColumn,
  type ColumnType,
  type Table,
  tableFromRows,
} from '#libs/table';
import { type ColumnDescription, columnOf, type Datatype, type TableDescription } from './description.js';

const COLUMN_TYPES: Record<Datatype, ColumnType | undefined> = {
  boolean: 'boolean',
  short: 'short',
  int: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
  char: 'string',
  string: 'string',
  text: 'string',
  timestamp: 'string',
  point: undefined,
};

/** The schema of a Table in memory: all columns but points, or the named ones in the order given. */
export function tableColumns(table: TableDescription, names?: readonly string[]): TableColumn[] {
  const columns = names ? names.map((name) => columnOf(table, name)) : table.columns;
  return columns.flatMap((column: ColumnDescription) => {
    const type = COLUMN_TYPES[column.datatype];
    const { name, unit, ucd, description } = column;
    return type ? [{ name, type, ...(unit && { unit }), ...(ucd && { ucd }), description }] : [];
  });
}

/** A Table of a described kind from row objects; cells not given are null. */
export function tableOf(
  table: TableDescription,
  rows: readonly Readonly<Record<string, CellValue | undefined>>[],
  names?: readonly string[],
): Table {
  return tableFromRows(tableColumns(table, names), rows, table.name);
}
