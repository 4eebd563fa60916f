// Columnar catalogs: named typed arrays with units, UCDs and descriptions.

import { type ArrayColumn, arrayCell, type ArrayCell, joinCells, takeCells } from './array-column.js';
import { TableError } from './errors.js';

export type ColumnType = 'double' | 'float' | 'int' | 'short' | 'byte' | 'long' | 'boolean' | 'string';

interface ColumnDataByType {
  double: Float64Array;
  float: Float32Array;
  int: Int32Array;
  short: Int16Array;
  byte: Uint8Array;
  long: BigInt64Array;
  boolean: Uint8Array;
  string: (string | null)[];
}
export type ColumnData<T extends ColumnType = ColumnType> = ColumnDataByType[T];

export interface ColumnDescription<T extends ColumnType = ColumnType> {
  readonly name: string;
  readonly type: T;
  readonly unit?: string;
  readonly ucd?: string;
  readonly description?: string;
}

/** One column. `nulls[i] === 1` marks a missing value; floating columns also use NaN for "not measured". */
export interface Column<T extends ColumnType = ColumnType> extends ColumnDescription<T> {
  readonly data: ColumnData<T>;
  readonly nulls?: Uint8Array;
}

export type CellValue = number | bigint | boolean | string | null;

/**
 * A catalog held by columns. Immutable in shape; column data are plain typed arrays and may be written by their owner.
 * Scalars and text are `columns`; cells that are arrays or complex numbers are `arrayColumns`. Names are unique over both.
 */
export class Table {
  readonly #columns: ReadonlyMap<string, Column>;
  readonly #arrays: ReadonlyMap<string, ArrayColumn>;
  readonly rowCount: number;

  constructor(
    columns: readonly Column[],
    rowCount = columns[0]?.data.length ?? 0,
    readonly name?: string,
    arrays: readonly ArrayColumn[] = [],
  ) {
    this.rowCount = rowCount;
    const map = new Map<string, Column>();
    for (const column of columns) {
      if (column.data.length !== rowCount)
        throw new TableError(
          'LENGTH_MISMATCH',
          `column ${column.name} has ${column.data.length} rows, not ${rowCount}`,
        );
      if (map.has(column.name)) throw new TableError('DUPLICATE_COLUMN', `column ${column.name} occurs twice`);
      map.set(column.name, column);
    }
    this.#columns = map;
    const cells = new Map<string, ArrayColumn>();
    for (const array of arrays) {
      if (array.offsets.length !== rowCount + 1)
        throw new TableError(
          'LENGTH_MISMATCH',
          `array column ${array.name} has ${array.offsets.length - 1} rows, not ${rowCount}`,
        );
      if (map.has(array.name) || cells.has(array.name))
        throw new TableError('DUPLICATE_COLUMN', `column ${array.name} occurs twice`);
      cells.set(array.name, array);
    }
    this.#arrays = cells;
  }

  get columns(): readonly Column[] {
    return [...this.#columns.values()];
  }
  get arrayColumns(): readonly ArrayColumn[] {
    return [...this.#arrays.values()];
  }
  arrayColumn(name: string): ArrayColumn {
    const column = this.#arrays.get(name);
    if (!column)
      throw new TableError(
        'NO_SUCH_COLUMN',
        `no array column ${name}; there are ${[...this.#arrays.keys()].join(', ')}`,
      );
    return column;
  }
  hasArray(name: string): boolean {
    return this.#arrays.has(name);
  }
  /** The cell of an array column: a view of its values, or null. */
  cell(name: string, row: number): ArrayCell | null {
    return arrayCell(this.arrayColumn(name), row);
  }
  /** A column of scalars or text. */
  has(name: string): boolean {
    return this.#columns.has(name);
  }
  column(name: string): Column {
    const column = this.#columns.get(name);
    if (!column)
      throw new TableError('NO_SUCH_COLUMN', `no column ${name}; there are ${[...this.#columns.keys()].join(', ')}`);
    return column;
  }
  /** The typed array of a column of a known type. */
  data<T extends ColumnType>(name: string, type: T): ColumnData<T> {
    const column = this.column(name);
    if (column.type !== type) throw new TableError('WRONG_TYPE', `column ${name} is ${column.type}, not ${type}`);
    return column.data as ColumnData<T>;
  }
  value(name: string, row: number): CellValue {
    const column = this.column(name);
    if (column.nulls?.[row]) return null;
    const value = column.data[row] as number | bigint | string | null;
    return column.type === 'boolean' ? value === 1 : value;
  }
  row(index: number): Record<string, CellValue> {
    return Object.fromEntries(this.columns.map((column) => [column.name, this.value(column.name, index)]));
  }
  withColumns(more: readonly Column[]): Table {
    const replaced = new Set(more.map((column) => column.name));
    return new Table(
      [...this.columns.filter((column) => !replaced.has(column.name)), ...more],
      this.rowCount,
      this.name,
      this.arrayColumns.filter((array) => !replaced.has(array.name)),
    );
  }
  /** Rows `from` to `to`, the last excluded. */
  slice(from: number, to: number): Table {
    const rows = Math.max(0, Math.min(to, this.rowCount) - from);
    return this.take(Array.from({ length: rows }, (_, i) => from + i));
  }
  /** The rows at the given indices, in that order. */
  take(indices: ArrayLike<number>): Table {
    const columns = this.columns.map((column): Column => {
      const nulls = column.nulls && Uint8Array.from(indices, (i) => column.nulls![i]!);
      const data =
        column.type === 'string'
          ? Array.from(indices, (i) => (column.data as string[])[i]!)
          : takeTyped(column.data as Float64Array, indices);
      return { ...column, data, ...(nulls && { nulls }) } as Column;
    });
    const arrays = this.arrayColumns.map((array) => takeCells(array, indices));
    return new Table(columns, indices.length, this.name, arrays);
  }
}

function takeTyped(data: Float64Array, indices: ArrayLike<number>): Float64Array {
  const result = new (data.constructor as Float64ArrayConstructor)(indices.length);
  for (let k = 0; k < indices.length; k++) result[k] = data[indices[k]!]!;
  return result;
}

export function newColumnData<T extends ColumnType>(type: T, length: number): ColumnData<T> {
  const make: { [K in ColumnType]: () => ColumnData<K> } = {
    double: () => new Float64Array(length),
    float: () => new Float32Array(length),
    int: () => new Int32Array(length),
    short: () => new Int16Array(length),
    byte: () => new Uint8Array(length),
    long: () => new BigInt64Array(length),
    boolean: () => new Uint8Array(length),
    string: () => Array.from({ length }, () => null),
  };
  return make[type]();
}

/** Builds a table from row objects; a missing or null cell becomes null (NaN in floating columns). */
export function tableFromRows(
  descriptions: readonly ColumnDescription[],
  rows: readonly Readonly<Record<string, CellValue | undefined>>[],
  name?: string,
): Table {
  const columns = descriptions.map((description): Column => {
    const data = newColumnData(description.type, rows.length);
    const floating = description.type === 'double' || description.type === 'float';
    let nulls: Uint8Array | undefined;
    rows.forEach((row, i) => {
      const value = row[description.name];
      if (value === null || value === undefined) {
        if (floating) (data as Float64Array)[i] = NaN;
        (nulls ??= new Uint8Array(rows.length))[i] = 1;
      } else if (description.type === 'boolean') (data as Uint8Array)[i] = value ? 1 : 0;
      else (data as (CellValue | undefined)[])[i] = value;
    });
    return { ...description, data, ...(nulls && { nulls }) } as Column;
  });
  return new Table(columns, rows.length, name);
}

/** The rows of all, one after the other; columns are those of the first, and must be of equal types in all. */
export function concatTables(tables: readonly Table[]): Table {
  const [first, ...more] = tables;
  if (!first) throw new TableError('LENGTH_MISMATCH', 'there is no table to begin with');
  if (more.length === 0) return first;
  const rows = tables.reduce((total, table) => total + table.rowCount, 0);
  const columns = first.columns.map((column) => {
    const parts = tables.map((table) => ({ ...table.column(column.name), data: table.data(column.name, column.type) }));
    return { ...column, data: joinedData(column.type, parts, rows), ...joinedNulls(parts, rows) } as Column;
  });
  const arrays = first.arrayColumns.map((array) => joinCells(tables.map((table) => table.arrayColumn(array.name))));
  return new Table(columns, rows, first.name, arrays);
}

function joinedData(type: ColumnType, parts: readonly { readonly data: ColumnData }[], rows: number): ColumnData {
  if (type === 'string') return parts.flatMap(({ data }) => data as (string | null)[]);
  const joined = newColumnData(type, rows) as Float64Array;
  let at = 0;
  for (const { data } of parts) {
    joined.set(data as Float64Array, at);
    at += data.length;
  }
  return joined;
}

function joinedNulls(
  parts: readonly { readonly data: ArrayLike<unknown>; readonly nulls?: Uint8Array }[],
  rows: number,
): { nulls?: Uint8Array } {
  if (parts.every(({ nulls }) => nulls === undefined)) return {};
  const joined = new Uint8Array(rows);
  let at = 0;
  for (const { data, nulls } of parts) {
    if (nulls) joined.set(nulls, at);
    at += data.length;
  }
  return { nulls: joined };
}
