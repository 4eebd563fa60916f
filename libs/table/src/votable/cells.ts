// What the cells of a field need in every serialisation: the column behind it, its missing values.

import type { ArrayColumn, ElementType } from '../array-column.js';
import { TableError } from '../errors.js';
import type { Column, ColumnType, Table } from '../table.js';
import { cellShape, type CellShape, nullTextOf } from './fields.js';
import type { VotableDatatype, VotableField } from './model.js';
import { elementOf } from './text-values.js';

export const COLUMN_TYPES: Readonly<Partial<Record<VotableDatatype, ColumnType>>> = {
  boolean: 'boolean',
  bit: 'boolean',
  unsignedByte: 'byte',
  short: 'short',
  int: 'int',
  long: 'long',
  char: 'string',
  unicodeChar: 'string',
  float: 'float',
  double: 'double',
};

export const ELEMENT_TYPES: Readonly<Record<VotableDatatype, ElementType>> = {
  ...(COLUMN_TYPES as Record<Exclude<VotableDatatype, 'floatComplex' | 'doubleComplex'>, ColumnType>),
  floatComplex: 'floatComplex',
  doubleComplex: 'doubleComplex',
};

/** Bytes of one element in the binary serialisations; bits of an array share bytes. */
export const BYTES: Readonly<Record<VotableDatatype, number>> = {
  boolean: 1,
  bit: 1,
  unsignedByte: 1,
  short: 2,
  int: 4,
  long: 8,
  char: 1,
  unicodeChar: 2,
  float: 4,
  double: 8,
  floatComplex: 8,
  doubleComplex: 16,
};

export const isText = (datatype: VotableDatatype): boolean => datatype === 'char' || datatype === 'unicodeChar';

/** A field as the writers and readers see it. */
export interface CellFormat {
  readonly field: VotableField;
  /** name of the column in the batches */
  readonly column: string;
  readonly shape: CellShape;
  /** whether the batches hold it as a scalar or text column, or as arrays */
  readonly kind: 'column' | 'array';
  /** characters of each text, for arrays of text */
  readonly textWidth: number;
  /** the number declared to mean "missing", when the datatype has it: a bigint for `long` */
  readonly missing: bigint | number | undefined;
}

export function cellFormat(field: VotableField): CellFormat {
  const shape = cellShape(field);
  const arrayOfText = isText(field.datatype) && shape.shape.length > 1;
  if (arrayOfText && shape.shape[0] === 0)
    throw new TableError('UNSUPPORTED', `arraysize "${field.arraysize}" of ${field.name} has texts of no width`, {
      column: field.name,
      value: field.arraysize,
    });
  const array = isText(field.datatype)
    ? arrayOfText
    : !shape.scalar || field.datatype === 'floatComplex' || field.datatype === 'doubleComplex';
  return {
    field,
    column: field.column ?? field.name,
    shape,
    kind: array ? 'array' : 'column',
    textWidth: arrayOfText ? shape.shape[0]! : 0,
    missing: missingValue(field),
  };
}

function missingValue(field: VotableField): bigint | number | undefined {
  const text = nullTextOf(field)?.trim();
  if (!text || !NUMBERS.has(field.datatype)) return undefined;
  try {
    const value = elementOf(field.datatype, text) ?? undefined;
    return field.datatype === 'float' ? Math.fround(value as number) : value;
  } catch {
    return undefined;
  }
}

const NUMBERS: ReadonlySet<VotableDatatype> = new Set(['unsignedByte', 'short', 'int', 'long', 'float', 'double']);

/** The column behind a field, of the type the field says. */
export function columnOf(batch: Table, format: CellFormat): Column {
  const type = COLUMN_TYPES[format.field.datatype]!;
  const column = batch.column(format.column);
  if (column.type !== type) throw wrongType(format, column.type, type);
  return column;
}

export function arrayOf(batch: Table, format: CellFormat): ArrayColumn {
  const element = ELEMENT_TYPES[format.field.datatype];
  const array = batch.arrayColumn(format.column);
  if (array.element !== element) throw wrongType(format, `an array of ${array.element}`, `an array of ${element}`);
  return array;
}

function wrongType({ field, column }: CellFormat, found: string, wanted: string): TableError {
  return new TableError(
    'WRONG_TYPE',
    `field ${field.name} is ${field.datatype} ${field.arraysize ?? ''}: its column ${column} must be ${wanted}, not ${found}`,
    { column },
  );
}

export function badCell({ column }: CellFormat, row: number, message: string, value?: unknown): TableError {
  return new TableError('BAD_VALUE', `row ${row} of column ${column}: ${message}`, { column, row, value });
}

/** A cell must fit its arraysize: text may be shorter, an empty cell of a fixed array is a missing one. */
export function requireCount(format: CellFormat, row: number, count: number): void {
  const { shape, field } = format;
  let fits: boolean;
  if (isText(field.datatype)) fits = count <= (shape.count ?? shape.limit ?? Infinity);
  else if (shape.count !== undefined) fits = count === shape.count || count === 0;
  else {
    const step = shape.shape.slice(0, -1).reduce((total, axis) => total * axis, 1);
    fits = count <= (shape.limit ?? Infinity) && (count === 0 || count % step === 0);
  }
  if (!fits) throw badCell(format, row, `${count} elements do not fit arraysize ${field.arraysize ?? '1'}`, count);
}
