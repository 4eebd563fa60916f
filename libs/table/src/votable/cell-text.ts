// The text of cells in TABLEDATA, a column at a time.

import { partsOf } from '../array-column.js';
import type { Table } from '../table.js';
import { arrayOf, badCell, type CellFormat, columnOf, isText, requireCount } from './cells.js';
import { xmlText } from './xml-text.js';

/** The text of a cell, escaped; empty for a missing one. */
export type CellText = (row: number) => string;

/** The shortest decimal that reads back as the same double. */
export function doubleText(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}

/** A decimal of at most nine digits that reads back as the same float: the shortest, but for the smallest numbers. */
export function floatText(value: number): string {
  if (!Number.isFinite(value) || (Number.isInteger(value) && Math.abs(value) < 1e7)) return doubleText(value);
  for (let digits = 6; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

export function scalarText(batch: Table, format: CellFormat): CellText {
  const { datatype } = format.field;
  const { data, nulls } = columnOf(batch, format);
  if (isText(datatype)) {
    const texts = data as readonly (string | null)[];
    return (row) => {
      const text = nulls?.[row] ? null : texts[row];
      if (text === null || text === undefined) return '';
      if (format.shape.count !== undefined || format.shape.limit !== undefined) requireCount(format, row, text.length);
      return xmlText(text);
    };
  }
  const show = elementText(format);
  const values = data as ArrayLike<number | bigint>;
  const none = format.missing;
  return (row) => {
    if (nulls?.[row]) return '';
    const value = values[row]!;
    if (value === none) throw badCell(format, row, `the value ${none} is declared to mean "missing"`, none);
    return show(value);
  };
}

function elementText({ field }: CellFormat): (value: number | bigint) => string {
  switch (field.datatype) {
    case 'boolean':
      return (value) => (value ? 'T' : 'F');
    case 'bit':
      return (value) => (value ? '1' : '0');
    case 'double':
    case 'doubleComplex':
      return (value) => doubleText(value as number);
    case 'float':
    case 'floatComplex':
      return (value) => floatText(value as number);
    default:
      return String;
  }
}

export function arrayText(batch: Table, format: CellFormat): CellText {
  const { field, textWidth } = format;
  const array = arrayOf(batch, format);
  const { offsets, nulls, elementNulls } = array;
  const parts = partsOf(array.element);
  const show = elementText(format);
  const none = format.missing;
  const nullCell = nullArrayText(format);
  return (row) => {
    if (nulls?.[row]) return nullCell;
    const [from, to] = [offsets[row]!, offsets[row + 1]!];
    requireCount(format, row, (to - from) * (isText(field.datatype) ? textWidth : 1));
    if (isText(field.datatype)) return joinTexts(array.values as readonly string[], from, to, format, row);
    const values = array.values as ArrayLike<number | bigint>;
    let text = '';
    for (let k = from * parts; k < to * parts; k++) {
      if (k > from * parts) text += ' ';
      text += elementNulls?.[Math.floor(k / parts)] ? missingElement(format, row) : show(values[k]!);
      if (values[k] === none && !elementNulls?.[k])
        throw badCell(format, row, `the value ${none} is declared to mean "missing"`, none);
    }
    return to > from ? text : nullCell;
  };
}

/** Of a fixed array every element is said to be missing where that can be said: readers older than 1.3 want them all. */
function nullArrayText({ field, shape, missing }: CellFormat): string {
  if (shape.count === undefined || isText(field.datatype)) return '';
  const element = FLOATING.has(field.datatype) ? 'NaN' : field.datatype === 'boolean' ? '?' : missing?.toString();
  if (element === undefined) return '';
  return Array.from({ length: shape.count * (COMPLEX.has(field.datatype) ? 2 : 1) }, () => element).join(' ');
}

const COMPLEX: ReadonlySet<string> = new Set(['floatComplex', 'doubleComplex']);
const FLOATING: ReadonlySet<string> = new Set(['float', 'double', ...COMPLEX]);

function missingElement(format: CellFormat, row: number): string {
  const { datatype } = format.field;
  if (datatype === 'boolean') return '?';
  if (FLOATING.has(datatype)) return 'NaN';
  if (format.missing === undefined)
    throw badCell(format, row, 'missing elements of integer arrays need <VALUES null="..."/>', null);
  return String(format.missing);
}

/** Arrays of text are texts of equal width, one after the other. */
function joinTexts(
  texts: readonly (string | null)[],
  from: number,
  to: number,
  format: CellFormat,
  row: number,
): string {
  let joined = '';
  for (let k = from; k < to; k++) {
    const text = texts[k] ?? '';
    if (text.length > format.textWidth)
      throw badCell(format, row, `"${text}" is longer than ${format.textWidth} characters`, text);
    joined += text.padEnd(format.textWidth);
  }
  return xmlText(joined);
}
