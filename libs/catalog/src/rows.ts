// Between tables in memory and tables in the database.

import { type BulkColumn, bulkInsertColumns, type ColumnValues, type SqlClient } from '#libs/database';
import { columnOf, sqlType, type TableDescription, tableOf } from '#libs/schema';
import { hpx29 } from '#libs/sky';
import type { CellValue, Table } from '#libs/table';

/** Values written besides those of the table, the same in every row. */
export type Constants = Readonly<Record<string, CellValue>>;

const elementType = (table: TableDescription, name: string): string => {
  const type = sqlType(columnOf(table, name));
  return type.startsWith('character varying') ? 'text' : type;
};

/** Inserts a Table: its columns, constants, and hpx29 where the description has a position. NaN and null become NULL. */
export async function insertTable(
  client: SqlClient,
  description: TableDescription,
  table: Table,
  constants: Constants = {},
  suffix?: string,
): Promise<void> {
  if (table.rowCount === 0) return;
  const columns: BulkColumn[] = [];
  const values: ColumnValues[] = [];
  const add = (name: string, at: (row: number) => unknown): void => {
    columns.push({ name, type: elementType(description, name) });
    values.push({ length: table.rowCount, at });
  };
  for (const column of table.columns) {
    if (column.name in constants || column.name === 'hpx29') continue;
    const { data, nulls } = column;
    const boolean = column.type === 'boolean';
    add(column.name, (row) => {
      const value = nulls?.[row] ? null : data[row];
      if (typeof value === 'number' && Number.isNaN(value)) return null;
      return boolean && value !== null ? value === 1 : value;
    });
  }
  for (const [name, value] of Object.entries(constants)) add(name, () => value);
  if (description.position) {
    const ra = table.data(description.position.ra, 'double');
    const dec = table.data(description.position.dec, 'double');
    add('hpx29', (row) => (Number.isNaN(ra[row]!) ? null : hpx29(ra[row]!, dec[row]!)));
  }
  await bulkInsertColumns(client, description.name, columns, values, { ...(suffix && { suffix }), batchSize: 2_000 });
}

/** Inserts one row given as an object; nothing happens when its key is there already. */
export async function insertRow(
  client: SqlClient,
  description: TableDescription,
  row: Readonly<Record<string, unknown>>,
): Promise<void> {
  const cells = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : (value as CellValue),
    ]),
  );
  await insertTable(
    client,
    description,
    tableOf(description, [cells], Object.keys(cells)),
    {},
    'ON CONFLICT DO NOTHING',
  );
}

/** Database rows as a Table with the columns of their description. */
export const tableFromDatabase = (
  description: TableDescription,
  rows: readonly Record<string, CellValue | undefined>[],
  names?: readonly string[],
): Table => tableOf(description, rows, names);

/** A select list of all readable columns, each under its own name. */
export function selectList(description: TableDescription, alias?: string, names?: readonly string[]): string {
  const prefix = alias ? `${alias}.` : '';
  return description.columns
    .filter((column) => column.datatype !== 'point' && (!names || names.includes(column.name)))
    .map((column) => `${prefix}"${column.name}"`)
    .join(', ');
}
