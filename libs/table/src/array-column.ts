// Columns whose cells are arrays or complex numbers: the values of all rows side by side, and where each cell begins.

import { TableError } from './errors.js';

interface ElementValues {
  double: Float64Array;
  float: Float32Array;
  int: Int32Array;
  short: Int16Array;
  byte: Uint8Array;
  long: BigInt64Array;
  /** 0 or 1, one byte each */
  boolean: Uint8Array;
  string: (string | null)[];
  /** real and imaginary part in turn: two numbers an element */
  floatComplex: Float32Array;
  doubleComplex: Float64Array;
}
export type ElementType = keyof ElementValues;
export type ArrayCell<T extends ElementType = ElementType> = ElementValues[T];

export interface ArrayColumn<T extends ElementType = ElementType> {
  readonly name: string;
  readonly element: T;
  readonly unit?: string;
  readonly ucd?: string;
  readonly description?: string;
  /** shape of a cell, fastest axis first; undefined for a vector of any length. The last axis may be 0: it varies. */
  readonly shape?: readonly number[];
  readonly values: ElementValues[T];
  /** rowCount + 1 positions, counted in elements: row i is `offsets[i]` to `offsets[i + 1]` */
  readonly offsets: Uint32Array;
  /** 1 where the whole cell is missing */
  readonly nulls?: Uint8Array;
  /** 1 where an element is missing, aligned with the elements; floating elements use NaN instead */
  readonly elementNulls?: Uint8Array;
}

/** Numbers in `values` for each element: two for complex ones. */
export function partsOf(element: ElementType): 1 | 2 {
  return element === 'floatComplex' || element === 'doubleComplex' ? 2 : 1;
}

export function arrayCell<T extends ElementType>(column: ArrayColumn<T>, row: number): ArrayCell<T> | null {
  if (column.nulls?.[row]) return null;
  const parts = partsOf(column.element);
  const [from, to] = [column.offsets[row]! * parts, column.offsets[row + 1]! * parts];
  const values = column.values as Float64Array;
  return (Array.isArray(values) ? (values as unknown[]).slice(from, to) : values.subarray(from, to)) as ArrayCell<T>;
}

export function newElements<T extends ElementType>(element: T, count: number): ArrayCell<T> {
  const length = count * partsOf(element);
  const make: { [K in ElementType]: () => ArrayCell<K> } = {
    double: () => new Float64Array(length),
    float: () => new Float32Array(length),
    int: () => new Int32Array(length),
    short: () => new Int16Array(length),
    byte: () => new Uint8Array(length),
    long: () => new BigInt64Array(length),
    boolean: () => new Uint8Array(length),
    string: () => Array.from({ length }, () => null),
    floatComplex: () => new Float32Array(length),
    doubleComplex: () => new Float64Array(length),
  };
  return make[element]();
}

/** A column from one array per row; null makes a missing cell. Complex cells hold two numbers an element. */
export function arrayColumnFromCells<T extends ElementType>(
  about: Omit<ArrayColumn<T>, 'values' | 'offsets' | 'nulls' | 'elementNulls'>,
  cells: readonly (ArrayLike<ArrayCell<T>[number]> | null)[],
): ArrayColumn<T> {
  const parts = partsOf(about.element);
  const offsets = new Uint32Array(cells.length + 1);
  let nulls: Uint8Array | undefined;
  cells.forEach((cell, i) => {
    const length = (cell?.length ?? 0) / parts;
    if (!Number.isInteger(length))
      throw new TableError('BAD_VALUE', `row ${i} of complex column ${about.name} has an odd count of numbers`, {
        column: about.name,
        row: i,
      });
    if (cell === null) (nulls ??= new Uint8Array(cells.length))[i] = 1;
    offsets[i + 1] = offsets[i]! + length;
  });
  const values = newElements(about.element, offsets[cells.length]!);
  cells.forEach((cell, i) => {
    const start = offsets[i]! * parts;
    for (let k = 0; k < (cell?.length ?? 0); k++) (values as unknown[])[start + k] = cell![k];
  });
  return { ...about, values, offsets, ...(nulls && { nulls }) };
}

/** The cells of the given rows, in that order. */
export function takeCells(column: ArrayColumn, rows: ArrayLike<number>): ArrayColumn {
  const parts = partsOf(column.element);
  const offsets = new Uint32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++)
    offsets[i + 1] = offsets[i]! + column.offsets[rows[i]! + 1]! - column.offsets[rows[i]!]!;
  const count = offsets[rows.length]!;
  const values = newElements(column.element, count);
  const elementNulls = column.elementNulls && new Uint8Array(count);
  for (let i = 0; i < rows.length; i++) {
    const from = column.offsets[rows[i]!]!;
    const to = offsets[i]!;
    const length = offsets[i + 1]! - to;
    for (let k = 0; k < length * parts; k++)
      (values as unknown[])[to * parts + k] = (column.values as unknown[])[from * parts + k];
    if (elementNulls) elementNulls.set(column.elementNulls!.subarray(from, from + length), to);
  }
  const nulls = column.nulls && Uint8Array.from(rows, (row) => column.nulls![row]!);
  return {
    ...column,
    values,
    offsets,
    ...(nulls && { nulls }),
    ...(elementNulls && { elementNulls }),
  } as ArrayColumn;
}

/** The cells of all columns, one after the other. */
export function joinCells(columns: readonly ArrayColumn[]): ArrayColumn {
  const [first] = columns;
  if (!first) throw new TableError('LENGTH_MISMATCH', 'there is no column to begin with');
  const parts = partsOf(first.element);
  const rows = columns.reduce((total, { offsets }) => total + offsets.length - 1, 0);
  const count = columns.reduce((total, { offsets }) => total + offsets.at(-1)! - offsets[0]!, 0);
  const offsets = new Uint32Array(rows + 1);
  const values = newElements(first.element, count);
  const nulls = columns.some((column) => column.nulls) ? new Uint8Array(rows) : undefined;
  const elementNulls = columns.some((column) => column.elementNulls) ? new Uint8Array(count) : undefined;
  let row = 0;
  let at = 0;
  for (const column of columns) {
    if (column.element !== first.element)
      throw new TableError('WRONG_TYPE', `column ${column.name} is of ${column.element}, not ${first.element}`);
    const [from, to] = [column.offsets[0]!, column.offsets.at(-1)!];
    if (column.nulls) nulls!.set(column.nulls, row);
    if (column.elementNulls) elementNulls!.set(column.elementNulls.subarray(from, to), at);
    for (let k = from * parts; k < to * parts; k++)
      (values as unknown[])[(at - from) * parts + k] = (column.values as unknown[])[k];
    for (let i = 1; i < column.offsets.length; i++) offsets[++row] = at + column.offsets[i]! - from;
    at += to - from;
  }
  return { ...first, values, offsets, ...(nulls && { nulls }), ...(elementNulls && { elementNulls }) } as ArrayColumn;
}
