import type { FilterColumn } from './columns.js';

/** Column values of one batch (a visit): Float64Array with NaN for NULL, bigint or string lists with null, booleans 0/1 with 255 for NULL. */
export type BatchColumn = Float64Array | BigInt64Array | Uint8Array | readonly (string | bigint | null)[];

export interface FilterBatch {
  readonly rowCount: number;
  /** by `columnKey`; a column may be gathered when it is first asked for */
  readonly columns: { get(key: string): BatchColumn | undefined };
}

/** The rows of a numeric column in ascending order of value, without those that are NULL. */
export interface SortedColumn {
  readonly values: Float64Array;
  readonly rows: Uint32Array;
}

const sorted = new WeakMap<Float64Array, SortedColumn>();

/** Sorted once per column and batch, however many filters ask. */
export function sortedColumn(column: Float64Array): SortedColumn {
  let index = sorted.get(column);
  if (!index) {
    const rows = Uint32Array.from(column.keys())
      .filter((row) => !Number.isNaN(column[row]!))
      .sort((a, b) => column[a]! - column[b]!);
    sorted.set(column, (index = { rows, values: Float64Array.from(rows, (row) => column[row]!) }));
  }
  return index;
}

/** The number of values below `bound`, or not above it. */
export function countBelow({ values }: SortedColumn, bound: number, inclusive: boolean): number {
  let [low, high] = [0, values.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (inclusive ? values[middle]! <= bound : values[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function columnData(batch: FilterBatch, key: string, column: FilterColumn): BatchColumn {
  const data = batch.columns.get(key);
  if (!data) throw new RangeError(`the batch has no column ${column.table}.${column.name}`);
  return data;
}
