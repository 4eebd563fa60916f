import { DatabaseError } from './database-error.js';
import { quoteIdentifier } from './identifier.js';

/** Whatever runs SQL with parameters: a DataSource, an EntityManager, a QueryRunner or a `pg` client. */
export interface SqlClient {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

export interface BulkColumn {
  readonly name: string;
  /** Element type of the array parameter: 'bigint', 'double precision', 'text', 'timestamptz', 'jsonb'... */
  readonly type: string;
  /** SQL made of the element, e.g. (v) => `ST_GeogFromText(${v})`. Default: the element itself. */
  readonly expression?: (element: string) => string;
}

export interface BulkInsertOptions {
  /** Text after the rows, e.g. `ON CONFLICT (id) DO NOTHING` or `RETURNING id`. */
  readonly suffix?: string;
  /** Rows per statement. */
  readonly batchSize?: number;
}

const DEFAULT_BATCH = 5_000;

/**
 * Inserts rows (arrays in column order) with one `INSERT ... SELECT FROM unnest(...)` per batch: one array parameter per
 * column, so no limit of 65 535 parameters and one plan whatever the number of rows. Returns what `RETURNING` returned.
 */
export async function bulkInsert<R = unknown>(
  client: SqlClient,
  table: string,
  columns: readonly BulkColumn[],
  rows: readonly (readonly unknown[])[],
  options: BulkInsertOptions = {},
): Promise<R[]> {
  const short = rows.findIndex((row) => row.length !== columns.length);
  if (short >= 0)
    throw new DatabaseError(
      'invalid_rows',
      `row ${short} for ${table} has ${rows[short]!.length} values for ${columns.length} columns`,
      short,
    );
  return bulkInsertColumns(
    client,
    table,
    columns,
    columns.map((_, column) => ({ length: rows.length, at: (row: number) => rows[row]![column] })),
    options,
  );
}

/** The values of one column: any array, typed array or accessor of the same shape. */
export interface ColumnValues {
  readonly length: number;
  at(index: number): unknown;
}

/** bulkInsert for data that is already a struct of arrays. */
export async function bulkInsertColumns<R = unknown>(
  client: SqlClient,
  table: string,
  columns: readonly BulkColumn[],
  values: readonly ColumnValues[],
  options: BulkInsertOptions = {},
): Promise<R[]> {
  if (columns.length === 0 || values.length !== columns.length)
    throw new DatabaseError(
      'invalid_rows',
      `${values.length} value arrays for ${columns.length} columns of ${table}`,
      values.length,
    );
  const count = values[0]!.length;
  const uneven = values.findIndex((column) => column.length !== count);
  if (uneven >= 0)
    throw new DatabaseError(
      'invalid_rows',
      `column ${columns[uneven]!.name} of ${table} has ${values[uneven]!.length} values instead of ${count}`,
      columns[uneven]!.name,
    );

  const names = columns.map((column) => quoteIdentifier(column.name)).join(', ');
  const elements = columns.map((column, i) => column.expression?.(`v.c${i}`) ?? `v.c${i}`).join(', ');
  const parameters = columns.map((column, i) => `$${i + 1}::${column.type}[]`).join(', ');
  const aliases = columns.map((_, i) => `c${i}`).join(', ');
  const sql = `INSERT INTO ${quoteIdentifier(table)} (${names}) SELECT ${elements} FROM unnest(${parameters}) AS v(${aliases}) ${options.suffix ?? ''}`;

  const returned: R[] = [];
  const batch = options.batchSize ?? DEFAULT_BATCH;
  for (let start = 0; start < count; start += batch) {
    const end = Math.min(count, start + batch);
    returned.push(
      ...resultRows<R>(
        await client.query(
          sql,
          values.map((column) => arrayLiteral(column, start, end)),
        ),
      ),
    );
  }
  return returned;
}

/** `pg` answers {rows}, TypeORM answers the rows themselves. */
const resultRows = <R>(result: unknown): R[] =>
  (Array.isArray(result) ? result : ((result as { rows?: R[] } | undefined)?.rows ?? [])) as R[];

function arrayLiteral(column: ColumnValues, start: number, end: number): string {
  const parts: string[] = [];
  for (let i = start; i < end; i++) parts.push(arrayElement(column.at(i)));
  return `{${parts.join(',')}}`;
}

/** One element of a PostgreSQL array literal. NaN, the infinities and -0 arrive as they are. */
export function arrayElement(value: unknown): string {
  if (value === null || value === undefined) return 'NULL';
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return String(value);
  const text =
    value instanceof Date
      ? value.toISOString()
      : value instanceof Uint8Array
        ? `\\x${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')}`
        : typeof value === 'string'
          ? value
          : JSON.stringify(value);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
