// Rows as the bytes of BINARY and BINARY2: big-endian, one row after the other. Column by column over a block of rows,
// since a tight loop over one typed array is several times faster than a visit to every column for each row.

import { partsOf } from '../array-column.js';
import type { Table } from '../table.js';
import type { VotableField } from './model.js';
import { arrayOf, badCell, BYTES, cellFormat, type CellFormat, columnOf, isText, requireCount } from './cells.js';

/** Writes rows `from` to `to` of a column; `at[i]` is where the next cell of row `from + i` begins, and is moved on. */
interface BlockColumn {
  /** adds the bytes of each cell */
  measure(from: number, to: number, sizes: Uint32Array): void;
  write(from: number, to: number, block: Block): void;
  isNull(row: number): boolean;
  readonly nullable: boolean;
}

interface Block {
  readonly view: DataView;
  readonly bytes: Uint8Array;
  readonly at: Uint32Array;
}

const MOST_ROWS = 2048;
const MOST_BYTES = 1 << 20;

/** The encoder of a table: whole rows for each batch, in blocks of about a megabyte at most. */
export function binaryRows(
  fields: readonly VotableField[],
  flags: boolean,
): (batch: Table) => Generator<Uint8Array, void> {
  const formats = fields.map(cellFormat);
  const flagBytes = flags ? Math.ceil(formats.length / 8) : 0;
  return function* (batch) {
    const columns = formats.map((format) =>
      format.kind === 'array' ? arrayBlock(batch, format, flags) : scalarBlock(batch, format, flags),
    );
    for (let from = 0, most = MOST_ROWS; from < batch.rowCount;) {
      let to = Math.min(batch.rowCount, from + most);
      const at = new Uint32Array(to - from).fill(flagBytes);
      for (const column of columns) column.measure(from, to, at);
      let total = 0;
      for (let row = from; row < to; row++) {
        const size = at[row - from]!;
        if (total + size > MOST_BYTES && row > from) {
          to = row;
          most = Math.max(1, to - from);
          break;
        }
        at[row - from] = total + flagBytes;
        total += size;
      }
      const buffer = new ArrayBuffer(total);
      const block = { view: new DataView(buffer), bytes: new Uint8Array(buffer), at };
      if (flags) writeFlags(columns, from, to, block, flagBytes);
      for (const column of columns) column.write(from, to, block);
      yield block.bytes;
      from = to;
    }
  };
}

function writeFlags(
  columns: readonly BlockColumn[],
  from: number,
  to: number,
  { bytes, at }: Block,
  flagBytes: number,
): void {
  columns.forEach((column, index) => {
    if (!column.nullable) return;
    const bit = 0x80 >> (index & 7);
    for (let row = from; row < to; row++)
      if (column.isNull(row)) bytes[at[row - from]! - flagBytes + (index >> 3)]! |= bit;
  });
}

const TRUE = 0x54;
const FALSE = 0x46;
const UNKNOWN = 0x3f;
/** Set bits of a single `bit`: the first one as VOTable has it, the fifth one since astropy looks there. */
const ONE_BIT = 0x88;

function fixed(width: number): BlockColumn['measure'] {
  return (from, to, sizes) => {
    for (let i = 0; i < to - from; i++) sizes[i]! += width;
  };
}

function scalarBlock(batch: Table, format: CellFormat, flags: boolean): BlockColumn {
  const { datatype } = format.field;
  const column = columnOf(batch, format);
  const { nulls } = column;
  if (isText(datatype)) return textBlock(column.data as readonly (string | null)[], nulls, format);
  const width = BYTES[datatype];
  return {
    nullable: nulls !== undefined,
    isNull: (row) => nulls?.[row] === 1,
    measure: fixed(width),
    write(from, to, block) {
      writeScalars(column.data, from, to, format, block);
      if (nulls)
        for (let row = from; row < to; row++)
          if (nulls[row]) writeMissing(format, row, block.view, block.at[row - from]!, flags);
      if (format.missing !== undefined) requireNotMissing(column.data, nulls, from, to, format);
      for (let i = 0; i < to - from; i++) block.at[i]! += width;
    },
  };
}

function writeScalars(
  data: unknown,
  from: number,
  to: number,
  { field }: CellFormat,
  { view, bytes, at }: Block,
): void {
  const values = data as Float64Array;
  switch (field.datatype) {
    case 'boolean':
      for (let row = from; row < to; row++) bytes[at[row - from]!] = values[row] ? TRUE : FALSE;
      return;
    case 'bit':
      for (let row = from; row < to; row++) bytes[at[row - from]!] = values[row] ? ONE_BIT : 0;
      return;
    case 'unsignedByte':
      for (let row = from; row < to; row++) bytes[at[row - from]!] = values[row]!;
      return;
    case 'short':
      for (let row = from; row < to; row++) view.setInt16(at[row - from]!, (data as Int16Array)[row]!);
      return;
    case 'int':
      for (let row = from; row < to; row++) view.setInt32(at[row - from]!, (data as Int32Array)[row]!);
      return;
    case 'long':
      for (let row = from; row < to; row++) view.setBigInt64(at[row - from]!, (data as BigInt64Array)[row]!);
      return;
    case 'float':
      for (let row = from; row < to; row++) view.setFloat32(at[row - from]!, (data as Float32Array)[row]!);
      return;
    default:
      for (let row = from; row < to; row++) view.setFloat64(at[row - from]!, values[row]!);
  }
}

/** A value that readers take for "missing" although it is not. */
function requireNotMissing(
  data: unknown,
  nulls: Uint8Array | undefined,
  from: number,
  to: number,
  format: CellFormat,
): void {
  const none = format.missing;
  const values = data as ArrayLike<number | bigint>;
  for (let row = from; row < to; row++)
    if (values[row] === none && !nulls?.[row])
      throw badCell(format, row, `the value ${none} is declared to mean "missing"`, none);
}

function writeMissing(format: CellFormat, row: number, view: DataView, at: number, flags: boolean): void {
  const { datatype } = format.field;
  const { missing } = format;
  switch (datatype) {
    case 'boolean':
      return view.setUint8(at, UNKNOWN);
    case 'float':
      return view.setFloat32(at, NaN);
    case 'double':
      return view.setFloat64(at, NaN);
    default:
  }
  if (missing === undefined && !flags)
    throw badCell(format, row, 'BINARY writes missing integers only with <VALUES null="..."/>, or use BINARY2', null);
  const none = missing ?? 0;
  if (datatype === 'long') view.setBigInt64(at, BigInt(none));
  else if (datatype === 'int') view.setInt32(at, Number(none));
  else if (datatype === 'short') view.setInt16(at, Number(none));
  else view.setUint8(at, Number(none));
}

/** UTF-8 for `char` (ASCII unless the caller's text is not), UTF-16 for `unicodeChar`. */
function textBlock(texts: readonly (string | null)[], nulls: Uint8Array | undefined, format: CellFormat): BlockColumn {
  const { shape } = format;
  const wide = format.field.datatype === 'unicodeChar';
  const count = shape.count;
  const unit = wide ? 2 : 1;
  const missing = (row: number): boolean => texts[row] === null || texts[row] === undefined || nulls?.[row] === 1;
  const textAt = (row: number): string => (nulls?.[row] === 1 ? '' : (texts[row] ?? ''));
  return {
    nullable: true,
    isNull: missing,
    measure(from, to, sizes) {
      for (let row = from; row < to; row++) {
        const text = textAt(row);
        const length = wide ? text.length : utf8Length(text);
        requireCount(format, row, length);
        sizes[row - from]! += count === undefined ? 4 + unit * length : unit * count;
      }
    },
    write(from, to, { view, bytes, at }) {
      for (let row = from; row < to; row++) {
        const text = textAt(row);
        const start = at[row - from]! + (count === undefined ? 4 : 0);
        const end = wide ? writeUtf16(text, view, start) : writeUtf8(text, bytes, start);
        if (count === undefined) view.setUint32(start - 4, (end - start) / unit);
        at[row - from] = count === undefined ? end : start + unit * count;
      }
    },
  };
}

export function utf8Length(text: string): number {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return Buffer.byteLength(text);
  return text.length;
}

function writeUtf8(text: string, bytes: Uint8Array, start: number): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code > 127) return start + Buffer.from(bytes.buffer).write(text, start);
    bytes[start + i] = code;
  }
  return start + length;
}

function writeUtf16(text: string, view: DataView, start: number): number {
  for (let i = 0; i < text.length; i++) view.setUint16(start + 2 * i, text.charCodeAt(i));
  return start + 2 * text.length;
}

function arrayBlock(batch: Table, format: CellFormat, flags: boolean): BlockColumn {
  const { field, shape, textWidth } = format;
  const { datatype } = field;
  const array = arrayOf(batch, format);
  const { offsets, nulls, elementNulls } = array;
  const parts = partsOf(array.element);
  const text = isText(datatype);
  const unit = text ? textWidth * (datatype === 'char' ? 1 : 2) : datatype === 'bit' ? 1 / 8 : BYTES[datatype];
  const width = text ? textWidth : 1;
  const elements = (row: number): number => (nulls?.[row] ? 0 : offsets[row + 1]! - offsets[row]!);
  const fixedCount = shape.count === undefined ? undefined : text ? shape.count / Math.max(1, width) : shape.count;
  return {
    nullable: nulls !== undefined,
    isNull: (row) => nulls?.[row] === 1,
    measure(from, to, sizes) {
      for (let row = from; row < to; row++) {
        const count = elements(row);
        requireCount(format, row, count * width);
        sizes[row - from]! += fixedCount === undefined ? 4 + Math.ceil(count * unit) : Math.ceil(fixedCount * unit);
      }
    },
    write(from, to, { view, bytes, at }) {
      for (let row = from; row < to; row++) {
        let start = at[row - from]!;
        const count = elements(row);
        if (fixedCount === undefined) {
          view.setUint32(start, count * width);
          start += 4;
        }
        const first = offsets[row]!;
        const values = array.values as ArrayLike<unknown>;
        if (text) writeTexts(format, row, values as readonly (string | null)[], first, count, view, bytes, start);
        else if (datatype === 'bit') {
          for (let k = 0; k < count; k++) if (values[first + k]) bytes[start + (k >> 3)]! |= 0x80 >> (k & 7);
        } else {
          for (let k = 0; k < count * parts; k++)
            writeElement(datatype, values[first * parts + k] as number, view, start + (k * unit) / parts);
          if (elementNulls)
            for (let k = 0; k < count; k++)
              if (elementNulls[first + k]) writeMissing(format, row, view, start + k * unit, false);
          if (count === 0 && fixedCount !== undefined && fixedCount > 0)
            fillMissing(format, row, fixedCount * parts, unit / parts, view, start, flags);
        }
        at[row - from] = start + Math.ceil((fixedCount ?? count) * unit);
      }
    },
  };
}

function writeTexts(
  format: CellFormat,
  row: number,
  values: ArrayLike<string | null>,
  first: number,
  count: number,
  view: DataView,
  bytes: Uint8Array,
  start: number,
): void {
  const { textWidth, field } = format;
  for (let k = 0; k < count; k++) {
    const text = values[first + k] ?? '';
    const wide = field.datatype === 'unicodeChar';
    if ((wide ? text.length : utf8Length(text)) > textWidth)
      throw badCell(format, row, `"${text}" is longer than ${textWidth} characters`, text);
    if (wide) writeUtf16(text, view, start + 2 * k * textWidth);
    else writeUtf8(text, bytes, start + k * textWidth);
  }
}

function writeElement(datatype: string, value: number | bigint, view: DataView, at: number): void {
  switch (datatype) {
    case 'boolean':
      return view.setUint8(at, value ? TRUE : FALSE);
    case 'unsignedByte':
      return view.setUint8(at, value as number);
    case 'short':
      return view.setInt16(at, value as number);
    case 'int':
      return view.setInt32(at, value as number);
    case 'long':
      return view.setBigInt64(at, value as bigint);
    case 'float':
    case 'floatComplex':
      return view.setFloat32(at, value as number);
    default:
      return view.setFloat64(at, value as number);
  }
}

/** A missing cell of a fixed array: each element is missing. */
function fillMissing(
  format: CellFormat,
  row: number,
  count: number,
  width: number,
  view: DataView,
  start: number,
  flags: boolean,
): void {
  const { datatype } = format.field;
  for (let k = 0; k < count; k++)
    if (datatype === 'floatComplex') view.setFloat32(start + k * width, NaN);
    else if (datatype === 'doubleComplex') view.setFloat64(start + k * width, NaN);
    else writeMissing(format, row, view, start + k * width, flags);
}
