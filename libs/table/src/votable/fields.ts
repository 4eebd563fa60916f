// FIELDs for the columns of a table, and the shapes that arraysize spells.

import type { ArrayColumn, ElementType } from '../array-column.js';
import { TableError } from '../errors.js';
import type { Column, ColumnType, Table } from '../table.js';
import type { VotableDatatype, VotableField } from './model.js';

const DATATYPES: Readonly<Record<ColumnType | ElementType, VotableDatatype>> = {
  double: 'double',
  float: 'float',
  int: 'int',
  short: 'short',
  byte: 'unsignedByte',
  long: 'long',
  boolean: 'boolean',
  string: 'unicodeChar',
  floatComplex: 'floatComplex',
  doubleComplex: 'doubleComplex',
};

type About = Pick<VotableField, 'name' | 'unit' | 'ucd' | 'description'>;

const about = ({ name, unit, ucd, description }: About): About => ({
  name,
  ...(unit && { unit }),
  ...(ucd && { ucd }),
  ...(description && { description }),
});

/**
 * The FIELD of a column. Text becomes `unicodeChar`, since what a later batch holds is not known; say `char` where it
 * is ASCII. Arrays of text need a width and are written by a field of the caller's.
 */
export function votableField(column: Omit<Column, 'data' | 'nulls'> | ArrayColumn): VotableField {
  if ('type' in column)
    return {
      ...about(column),
      datatype: DATATYPES[column.type],
      ...(column.type === 'string' && { arraysize: '*' }),
    };
  if (column.element === 'string')
    throw new TableError('UNSUPPORTED', `array column ${column.name} holds text: its field needs a width`, {
      column: column.name,
    });
  const scalar = column.shape?.length === 0;
  const arraysize = column.shape?.map((axis) => (axis === 0 ? '*' : String(axis))).join('x') ?? '*';
  return { ...about(column), datatype: DATATYPES[column.element], ...(!scalar && { arraysize }) };
}

export function votableFields(table: Table): VotableField[] {
  return [...table.columns.map(votableField), ...table.arrayColumns.map(votableField)];
}

/** What arraysize says. */
export interface CellShape {
  /** no arraysize: one value */
  readonly scalar: boolean;
  /** elements of a cell; undefined when it varies */
  readonly count: number | undefined;
  /** the axes, fastest first; 0 for a last axis that varies */
  readonly shape: readonly number[];
  /** the most elements a varying cell may have, when stated */
  readonly limit: number | undefined;
}

const ARRAYSIZE = /^(?:\d{1,9}x)*(?:\d{1,9}\*?|\*)$/;

/** Throws UNSUPPORTED for what is not an arraysize, TOO_LARGE for cells beyond 2^30 elements. */
export function cellShape(field: Pick<VotableField, 'name' | 'arraysize'>): CellShape {
  const text = field.arraysize?.replace(/\s+/g, '');
  if (text === undefined || text === '') return { scalar: true, count: 1, shape: [], limit: undefined };
  if (!ARRAYSIZE.test(text))
    throw new TableError('UNSUPPORTED', `arraysize "${field.arraysize}" of ${field.name} is not understood`, {
      column: field.name,
      value: field.arraysize,
    });
  const axes = text.split('x');
  const last = axes.pop()!;
  const fixed = axes.map(Number);
  const inner = fixed.reduce((total, axis) => total * axis, 1);
  const varies = last.endsWith('*');
  const bound = last === '*' ? undefined : Number(last.replace('*', ''));
  if (inner * (bound ?? 1) > 2 ** 30)
    throw new TableError('TOO_LARGE', `cells of ${field.name} (arraysize ${field.arraysize}) are too large`, {
      column: field.name,
      value: field.arraysize,
    });
  return {
    scalar: false,
    count: varies ? undefined : inner * bound!,
    shape: [...fixed, varies ? 0 : bound!],
    limit: varies && bound !== undefined ? inner * bound : undefined,
  };
}

/** The declared "missing" value of an integer field, as written in the file. */
export function nullTextOf(field: VotableField): string | undefined {
  return field.values?.find((values) => values.null !== undefined)?.null;
}
