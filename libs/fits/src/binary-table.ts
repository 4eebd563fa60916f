// Binary tables in: rows and heap read once, scalar columns made at once, vector cells decoded on demand.

import type { Column, ColumnType } from '#libs/table';
import { littleEndian, swapInPlace } from './byte-order.js';
import { FitsError } from './errors.js';
import { decodeElements, decodeText, type FieldValue, LOGICAL_UNDEFINED, scaleElements } from './field-values.js';
import { type FitsField, FitsTable } from './fits-table.js';
import type { HduLayout } from './layout.js';
import { type Bitpix, type PixelData, viewAs } from './pixels.js';
import type { ReadableAt } from './source.js';
import { tableBytes, type TableBytes } from './table-bytes.js';
import { bytesOf, type FieldFormat, readFormats } from './table-format.js';

export async function readBinaryTable(source: ReadableAt, hdu: HduLayout, name: string): Promise<FitsTable> {
  const data = await tableBytes(source, hdu, name);
  return buildTable(data, readFormats(hdu.header, data.rowBytes));
}

export function buildTable(data: TableBytes, formats: readonly FieldFormat[]): FitsTable {
  const columns = formats.map((format) => scalarColumn(data, format)).filter((column) => column !== undefined);
  return new FitsTable(
    columns,
    data.rows,
    formats.map((format) => fieldOf(data, format)),
    data.name || undefined,
  );
}

/** Element count and position of a variable-length cell; both are checked against the heap. */
export function descriptorAt(data: TableBytes, format: FieldFormat, row: number): { count: number; at: number } {
  const { bytes } = data;
  const view = new DataView(bytes.buffer, bytes.byteOffset + row * data.rowBytes + format.offset, format.width);
  const count = format.descriptor === 'P' ? view.getUint32(0) : Number(view.getBigUint64(0));
  const offset = format.descriptor === 'P' ? view.getUint32(4) : Number(view.getBigUint64(8));
  if (count === 0) return { count, at: data.heap };
  if (data.heap + offset + bytesOf(format.code, count) > bytes.length)
    throw new FitsError(
      'BAD_TABLE',
      `row ${row} of column ${format.name} (HDU ${data.hdu}) points past the end of the heap: ${count} elements at ${offset}`,
      { hdu: data.hdu, card: `TFORM${format.number}`, value: { row, count, offset } },
    );
  return { count, at: data.heap + offset };
}

function fieldOf(data: TableBytes, format: FieldFormat): FitsField {
  const place = (row: number): { count: number; at: number } => {
    if (!(Number.isInteger(row) && row >= 0 && row < data.rows))
      throw new FitsError('BAD_TABLE', `row ${row} is not one of the ${data.rows} rows`, { hdu: data.hdu, value: row });
    if (!format.descriptor) return { count: format.repeat, at: row * data.rowBytes + format.offset };
    return format.repeat === 0 ? { count: 0, at: 0 } : descriptorAt(data, format, row);
  };
  const array = (row: number): PixelData => {
    const { count, at } = place(row);
    return decodeElements(format, data.bytes, at, count);
  };
  const value = (row: number): FieldValue => {
    const { count, at } = place(row);
    if (format.code === 'A') {
      const [length, ...more] = format.dim ?? [];
      if (length === undefined || more.length === 0) return decodeText(data.bytes, at, count);
      const strings = more.reduce((total, axis) => total * axis, 1);
      return Array.from({ length: strings }, (_, i) =>
        decodeText(data.bytes, at + i * length, Math.max(0, Math.min(length, count - i * length))),
      );
    }
    const values = decodeElements(format, data.bytes, at, count);
    const single = count === 1 && !format.descriptor && !format.dim && !'CM'.includes(format.code);
    if (!single) return values;
    const one = values[0]!;
    if (format.code === 'L') return one === LOGICAL_UNDEFINED ? null : one === 1;
    if (format.code === 'X') return one === 1;
    return isNullAt(data, format, at) ? null : one;
  };
  return {
    name: format.name,
    form: format.form,
    ...(format.unit !== undefined && { unit: format.unit }),
    ...(!format.descriptor && { repeat: format.repeat }),
    ...(format.dim && { dim: format.dim }),
    ...(format.tnull !== undefined && { nullValue: format.tnull }),
    value,
    array,
  };
}

function isNullAt(data: TableBytes, format: FieldFormat, at: number): boolean {
  if (format.tnull === undefined) return false;
  const unscaled = decodeElements({ ...format, tscal: 1, tzero: 0 }, data.bytes, at, 1);
  return BigInt(unscaled[0]!) === format.tnull;
}

const STORED: Partial<Record<string, Bitpix>> = { B: 8, I: 16, J: 32, K: 64, E: -32, D: -64 };
/** Text of variable length may share heap space, but not to blow up: this many times the heap. */
const TEXT_EXPANSION = 16;

/** The column of a scalar or text field; undefined for what a `Table` has no type for. */
function scalarColumn(data: TableBytes, format: FieldFormat): Column | undefined {
  const about = {
    name: format.name,
    ...(format.unit && { unit: format.unit }),
    ...(format.ucd && { ucd: format.ucd }),
    ...(format.description && { description: format.description }),
  };
  if (format.repeat === 0) return undefined;
  if (format.code === 'A') {
    if (format.dim && format.dim.length > 1) return undefined;
    return { ...about, type: 'string', data: textColumn(data, format) };
  }
  if (format.descriptor || format.repeat !== 1 || format.dim) return undefined;
  if (format.code === 'L' || format.code === 'X') {
    const values = decodeColumn(data, format, 1);
    const flags = new Uint8Array(data.rows);
    let nulls: Uint8Array | undefined;
    for (let i = 0; i < data.rows; i++)
      if (format.code === 'X') flags[i] = values[i]! >> 7;
      else if (values[i] === 0x54) flags[i] = 1;
      else if (values[i] !== 0x46) (nulls ??= new Uint8Array(data.rows))[i] = 1;
    return { ...about, type: 'boolean', data: flags, ...(nulls && { nulls }) };
  }
  const bitpix = STORED[format.code];
  if (bitpix === undefined) return undefined;
  const item = (Math.abs(bitpix) / 8) as 1 | 2 | 4 | 8;
  const bytes = decodeColumn(data, format, item);
  if (littleEndian) swapInPlace(bytes, item);
  const raw = viewAs(bitpix, bytes.buffer, 0, data.rows);
  let nulls: Uint8Array | undefined;
  if (format.tnull !== undefined) {
    const none = bitpix === 64 ? format.tnull : Number(format.tnull);
    for (let i = 0; i < data.rows; i++) if (raw[i] === none) (nulls ??= new Uint8Array(data.rows))[i] = 1;
  }
  return { ...about, ...columnData(scaleElements(format, raw)), ...(nulls && { nulls }) } as Column;
}

/** The bytes of one column side by side. */
function decodeColumn(data: TableBytes, format: FieldFormat, item: number): Uint8Array {
  const { bytes, rowBytes, rows } = data;
  const out = new Uint8Array(rows * item);
  let from = format.offset;
  for (let row = 0, to = 0; row < rows; row++, from += rowBytes, to += item)
    for (let k = 0; k < item; k++) out[to + k] = bytes[from + k]!;
  return out;
}

/** The column type for decoded numbers: the next wider one where `Table` has no equal; never a lossy one. */
function columnData(values: PixelData): { type: ColumnType; data: unknown } {
  if (values instanceof Int8Array) return { type: 'short', data: Int16Array.from(values) };
  if (values instanceof Uint8Array) return { type: 'byte', data: values };
  if (values instanceof Int16Array) return { type: 'short', data: values };
  if (values instanceof Uint16Array) return { type: 'int', data: Int32Array.from(values) };
  if (values instanceof Int32Array) return { type: 'int', data: values };
  if (values instanceof Uint32Array) return { type: 'long', data: BigInt64Array.from(values, (v) => BigInt(v)) };
  if (values instanceof BigInt64Array) return { type: 'long', data: values };
  if (values instanceof BigUint64Array)
    return values.every((v) => v < 2n ** 63n)
      ? { type: 'long', data: BigInt64Array.from(values) }
      : { type: 'string', data: Array.from(values, String) };
  if (values instanceof Float32Array) return { type: 'float', data: values };
  return { type: 'double', data: values };
}

function textColumn(data: TableBytes, format: FieldFormat): string[] {
  const out: string[] = [];
  let total = 0;
  for (let row = 0; row < data.rows; row++) {
    const { count, at } = format.descriptor
      ? descriptorAt(data, format, row)
      : { count: format.repeat, at: row * data.rowBytes + format.offset };
    total += count;
    if (format.descriptor && total > TEXT_EXPANSION * data.bytes.length + 65536)
      throw new FitsError(
        'TOO_LARGE',
        `the texts of column ${format.name} (HDU ${data.hdu}) overlap in the heap more than ${TEXT_EXPANSION} times`,
        { hdu: data.hdu, card: `TFORM${format.number}` },
      );
    out.push(decodeText(data.bytes, at, count));
  }
  return out;
}
