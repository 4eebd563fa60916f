// FITS tables and those of `#libs/table`: what FITS calls vectors, bit arrays, complex and variable-length fields are array columns.

import type { FitsField, FitsTable, PixelData, TableInput, VectorColumn } from '#libs/fits';
import { type ArrayColumn, type ElementType, newElements, partsOf, Table, TableError } from '#libs/table';

/** A whole table: the scalar columns as they are, every other field as an array column. */
export function tableFromFits(fits: FitsTable): Table {
  const arrays = fits.fields.filter(({ name }) => !fits.has(name)).map((field) => arrayColumn(field, fits.rowCount));
  return new Table(fits.columns, fits.rowCount, fits.name, arrays);
}

/** The letter of TFORM that says the type of the elements. */
const codeOf = ({ form }: FitsField): string => /^\d*(?:[PQ])?([A-Z])/.exec(form.trim())?.[1] ?? '';

const ELEMENTS: readonly (readonly [abstract: unknown, element: ElementType])[] = [
  [Int8Array, 'short'],
  [Uint8Array, 'byte'],
  [Int16Array, 'short'],
  [Uint16Array, 'int'],
  [Int32Array, 'int'],
  [Uint32Array, 'long'],
  [BigInt64Array, 'long'],
  [Float32Array, 'float'],
  [Float64Array, 'double'],
];

function elementOf(field: FitsField, sample: PixelData | undefined): ElementType {
  const code = codeOf(field);
  if (code === 'L' || code === 'X') return 'boolean';
  if (code === 'C' || code === 'M') return sample instanceof Float32Array ? 'floatComplex' : 'doubleComplex';
  if (sample === undefined) return 'double';
  const found = ELEMENTS.find(([type]) => sample.constructor === type);
  if (!found)
    throw new TableError('UNSUPPORTED', `field ${field.name} holds unsigned integers of 64 bits in arrays`, {
      column: field.name,
    });
  return found[1];
}

function arrayColumn(field: FitsField, rowCount: number): ArrayColumn {
  const about = { name: field.name, ...(field.unit !== undefined && { unit: field.unit }) };
  if (codeOf(field) === 'A') return textArrays(field, rowCount, about);
  const rows = Array.from({ length: rowCount }, (_, row) => field.array(row));
  const element = elementOf(field, rows[0]);
  const parts = partsOf(element);
  const offsets = new Uint32Array(rowCount + 1);
  rows.forEach((row, i) => (offsets[i + 1] = offsets[i]! + row.length / parts));
  const values = newElements(element, offsets[rowCount]!);
  let elementNulls: Uint8Array | undefined;
  rows.forEach((row, i) => {
    const start = offsets[i]! * parts;
    for (let k = 0; k < row.length; k++) {
      const value = row[k]!;
      const missing = element === 'boolean' ? value === LOGICAL_UNDEFINED : isNull(value, field);
      if (missing) (elementNulls ??= new Uint8Array(offsets[rowCount]!))[offsets[i]! + k] = 1;
      (values as unknown[])[start + k] = missing ? zeroOf(element) : element === 'long' ? BigInt(value) : value;
    }
  });
  const scalar = field.repeat === 1 && !field.dim;
  const shape = field.dim ?? (field.repeat === undefined ? undefined : scalar ? [] : [field.repeat]);
  return {
    ...about,
    element,
    ...(shape && { shape }),
    values,
    offsets,
    ...(elementNulls && { elementNulls }),
  } as ArrayColumn;
}

/** As `#libs/fits` gives a logical that is neither true nor false. */
const LOGICAL_UNDEFINED = 255;
const isNull = (value: number | bigint, { nullValue }: FitsField): boolean =>
  nullValue !== undefined && (typeof value === 'bigint' || Number.isInteger(value)) && BigInt(value) === nullValue;
const zeroOf = (element: ElementType): number | bigint => (element === 'long' ? 0n : 0);

function textArrays(field: FitsField, rowCount: number, about: { name: string; unit?: string }): ArrayColumn<'string'> {
  const cells = Array.from({ length: rowCount }, (_, row) => {
    const value = field.value(row);
    return typeof value === 'string' ? [value] : ((value ?? []) as readonly string[]);
  });
  const offsets = new Uint32Array(rowCount + 1);
  cells.forEach((cell, i) => (offsets[i + 1] = offsets[i]! + cell.length));
  const shape = field.dim && field.dim.length > 1 ? field.dim.slice(1) : undefined;
  return { ...about, element: 'string', ...(shape && { shape }), values: cells.flat(), offsets };
}

/**
 * A table as `encodeFits` and `writeFits` take it. Arrays of numbers are vectors, of varying length in the heap; those of
 * booleans, complex numbers and text, and missing integers in arrays, are refused (UNSUPPORTED): FITS output has none.
 */
export function fitsInput(table: Table): TableInput {
  return {
    kind: 'table',
    table: new Table(table.columns, table.rowCount, table.name),
    vectors: table.arrayColumns.map((array) => vectorColumn(table, array)),
    ...(table.name && { name: table.name }),
  };
}

const REFUSED: ReadonlySet<ElementType> = new Set(['boolean', 'string', 'floatComplex', 'doubleComplex']);

function vectorColumn(table: Table, array: ArrayColumn): VectorColumn {
  const { name, element, shape, elementNulls } = array;
  const refused = (what: string): TableError =>
    new TableError('UNSUPPORTED', `array column ${name} holds ${what}, which is not written to FITS`, { column: name });
  if (REFUSED.has(element)) throw refused(element);
  if (elementNulls?.includes(1)) throw refused('missing integers');
  const fixed = shape?.every((axis) => axis > 0) ?? false;
  const length = fixed ? shape!.reduce((total, axis) => total * axis, 1) : 0;
  const rows = Array.from({ length: table.rowCount }, (_, row): PixelData => {
    const cell = table.cell(name, row) as PixelData | null;
    if (cell) return cell;
    const none = newElements(element, length) as PixelData;
    if (length > 0 && !(none instanceof Float32Array || none instanceof Float64Array))
      throw refused('missing integers');
    return length > 0 ? (none as Float64Array).fill(NaN) : none;
  });
  return {
    name,
    ...(array.unit && { unit: array.unit }),
    ...(array.description && { description: array.description }),
    rows,
    ...(fixed ? shape!.length > 1 && { dim: shape! } : { variable: true }),
  };
}
