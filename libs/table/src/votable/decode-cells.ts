// Cells of binary rows, a column at a time.

import { type ArrayColumn, type ElementType, newElements, partsOf } from '../array-column.js';
import { TableError } from '../errors.js';
import { type Column, newColumnData } from '../table.js';
import { arrayShape, columnFacts } from './batch-columns.js';
import { BYTES, type CellFormat, COLUMN_TYPES, ELEMENT_TYPES, isText } from './cells.js';

export interface EncodedRows {
  readonly bytes: Buffer;
  readonly view: DataView;
  /** where the next cell of each row begins; moved on by each column */
  readonly at: Uint32Array;
  /** 0 in BINARY, where an empty cell stands for a missing one */
  readonly flagBytes: number;
  readonly firstRow: number;
}

export function decodeScalars(format: CellFormat, rows: EncodedRows, flags: Uint8Array | undefined): Column {
  const { field, column } = format;
  const { view, bytes, at } = rows;
  const count = at.length;
  if (isText(field.datatype)) return decodeTexts(format, rows, flags);
  const type = COLUMN_TYPES[field.datatype]!;
  const data = newColumnData(type, count);
  let nulls = flags;
  const setNull = (row: number): void => {
    (nulls ??= new Uint8Array(count))[row] = 1;
  };
  switch (field.datatype) {
    case 'boolean':
      for (let row = 0; row < count; row++) {
        const flag = booleanFrom(bytes[at[row]!]!, format, rows, row);
        if (flag === null) setNull(row);
        else (data as Uint8Array)[row] = flag;
      }
      break;
    case 'bit':
      for (let row = 0; row < count; row++) (data as Uint8Array)[row] = bytes[at[row]!]! === 0 ? 0 : 1;
      break;
    case 'unsignedByte':
      for (let row = 0; row < count; row++) (data as Uint8Array)[row] = bytes[at[row]!]!;
      break;
    case 'short':
      for (let row = 0; row < count; row++) (data as Int16Array)[row] = view.getInt16(at[row]!);
      break;
    case 'int':
      for (let row = 0; row < count; row++) (data as Int32Array)[row] = view.getInt32(at[row]!);
      break;
    case 'long':
      for (let row = 0; row < count; row++) (data as BigInt64Array)[row] = view.getBigInt64(at[row]!);
      break;
    case 'float':
      for (let row = 0; row < count; row++) (data as Float32Array)[row] = view.getFloat32(at[row]!);
      break;
    default:
      for (let row = 0; row < count; row++) (data as Float64Array)[row] = view.getFloat64(at[row]!);
  }
  if (format.missing !== undefined) {
    for (let row = 0; row < count; row++) if (data[row] === format.missing) setNull(row);
  }
  if (nulls) clearMissing(data, nulls, type);
  const width = BYTES[field.datatype];
  for (let row = 0; row < count; row++) at[row]! += width;
  return { ...columnFacts(field, column), type, data, ...(nulls && { nulls }) } as Column;
}

function clearMissing(data: unknown, nulls: Uint8Array, type: string): void {
  const none = type === 'double' || type === 'float' ? NaN : type === 'long' ? 0n : 0;
  for (let row = 0; row < nulls.length; row++) if (nulls[row]) (data as unknown[])[row] = none;
}

const TRUE: ReadonlySet<number> = new Set([0x54, 0x74, 0x31]);
const FALSE: ReadonlySet<number> = new Set([0x46, 0x66, 0x30]);
const UNKNOWN: ReadonlySet<number> = new Set([0x3f, 0x20, 0]);

function booleanFrom(byte: number, { column }: CellFormat, rows: EncodedRows, row: number): 0 | 1 | null {
  if (TRUE.has(byte)) return 1;
  if (FALSE.has(byte)) return 0;
  if (UNKNOWN.has(byte)) return null;
  throw new TableError('BAD_VALUE', `row ${rows.firstRow + row}, column ${column}: byte ${byte} is not a boolean`, {
    row: rows.firstRow + row,
    column,
    value: byte,
  });
}

function decodeTexts(format: CellFormat, rows: EncodedRows, flags: Uint8Array | undefined): Column<'string'> {
  const { field, column, shape } = format;
  const { view, bytes, at } = rows;
  const wide = field.datatype === 'unicodeChar';
  const data: (string | null)[] = [];
  let nulls = flags;
  for (let row = 0; row < at.length; row++) {
    let start = at[row]!;
    let length = shape.count;
    if (length === undefined) {
      length = view.getUint32(start);
      start += 4;
    }
    const end = start + length * (wide ? 2 : 1);
    const text = wide ? utf16Text(bytes, start, end) : byteText(bytes, start, end);
    if (flags?.[row] || (text === '' && rows.flagBytes === 0)) {
      (nulls ??= new Uint8Array(at.length))[row] = 1;
      data.push(null);
    } else data.push(text);
    at[row] = end;
  }
  return { ...columnFacts(field, column), type: 'string', data, ...(nulls && { nulls }) };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** ASCII up to the first NUL; bytes beyond it are UTF-8, or Latin-1 where they are not. */
export function byteText(bytes: Buffer, start: number, end: number): string {
  let stop = start;
  let highest = 0;
  for (; stop < end; stop++) {
    const byte = bytes[stop]!;
    if (byte === 0) break;
    highest |= byte;
  }
  if (highest > 127)
    try {
      return utf8.decode(bytes.subarray(start, stop));
    } catch {
      return bytes.toString('latin1', start, stop);
    }
  return bytes.toString('latin1', start, stop);
}

function utf16Text(bytes: Buffer, start: number, end: number): string {
  const swapped = Buffer.from(bytes.subarray(start, end)).swap16();
  const text = swapped.toString('utf16le');
  const stop = text.indexOf('\0');
  return stop < 0 ? text : text.slice(0, stop);
}

export function decodeArrays(format: CellFormat, rows: EncodedRows, flags: Uint8Array | undefined): ArrayColumn {
  const { field, column, shape, textWidth } = format;
  const { view, at } = rows;
  const { datatype } = field;
  const element = ELEMENT_TYPES[datatype];
  const width = textWidth > 0 ? textWidth : 1;
  const bits = datatype === 'bit' ? 1 : 8 * BYTES[datatype];
  const offsets = new Uint32Array(at.length + 1);
  let nulls = flags;
  const counts = new Uint32Array(at.length);
  for (let row = 0; row < at.length; row++) {
    const count = shape.count ?? view.getUint32(at[row]!);
    if (shape.count === undefined) at[row]! += 4;
    counts[row] = count;
    const held = flags?.[row] ? 0 : Math.ceil(count / width);
    if (count === 0 && rows.flagBytes === 0) (nulls ??= new Uint8Array(at.length))[row] = 1;
    offsets[row + 1] = offsets[row]! + held;
  }
  const values = newElements(element, offsets[at.length]!);
  const elementNulls = { marks: undefined as Uint8Array | undefined };
  const mark = (position: number): void => {
    (elementNulls.marks ??= new Uint8Array(offsets[at.length]!))[position] = 1;
  };
  for (let row = 0; row < at.length; row++) {
    const held = offsets[row + 1]! - offsets[row]!;
    if (textWidth > 0)
      decodeTextElements(format, rows, values as string[], offsets[row]!, held, at[row]!, counts[row]!);
    else decodeElements(format, rows, element, values, offsets[row]!, held, row, mark);
    at[row]! += Math.ceil((counts[row]! * bits) / 8);
  }
  const { marks } = elementNulls;
  return {
    ...columnFacts(field, column),
    element,
    ...arrayShape(format),
    values,
    offsets,
    ...(nulls && { nulls }),
    ...(marks && { elementNulls: marks }),
  } as ArrayColumn;
}

function decodeTextElements(
  { textWidth, field }: CellFormat,
  { bytes }: EncodedRows,
  values: string[],
  first: number,
  held: number,
  start: number,
  count: number,
): void {
  const wide = field.datatype === 'unicodeChar';
  const unit = wide ? 2 : 1;
  for (let k = 0; k < held; k++) {
    const from = start + k * textWidth * unit;
    const to = Math.min(from + textWidth * unit, start + count * unit);
    values[first + k] = (wide ? utf16Text(bytes, from, to) : byteText(bytes, from, to)).trimEnd();
  }
}

function decodeElements(
  format: CellFormat,
  rows: EncodedRows,
  element: ElementType,
  target: unknown,
  first: number,
  held: number,
  row: number,
  mark: (position: number) => void,
): void {
  const { view, bytes } = rows;
  const start = rows.at[row]!;
  const values = target as (number | bigint)[];
  const { datatype } = format.field;
  const parts = partsOf(element);
  const width = BYTES[datatype] / parts;
  const none = format.missing;
  for (let k = 0; k < held * parts; k++) {
    const at = start + k * width;
    let value: number | bigint;
    switch (datatype) {
      case 'bit':
        value = (bytes[start + (k >> 3)]! >> (7 - (k & 7))) & 1;
        break;
      case 'boolean': {
        const flag = booleanFrom(bytes[at]!, format, rows, row);
        if (flag === null) mark(first + k);
        value = flag ?? 0;
        break;
      }
      case 'unsignedByte':
        value = bytes[at]!;
        break;
      case 'short':
        value = view.getInt16(at);
        break;
      case 'int':
        value = view.getInt32(at);
        break;
      case 'long':
        value = view.getBigInt64(at);
        break;
      case 'float':
      case 'floatComplex':
        value = view.getFloat32(at);
        break;
      default:
        value = view.getFloat64(at);
    }
    if (value === none) {
      if (datatype !== 'float' && datatype !== 'double') mark(first + k);
      value = datatype === 'long' ? 0n : datatype === 'float' || datatype === 'double' ? NaN : 0;
    }
    values[first * parts + k] = value;
  }
}
