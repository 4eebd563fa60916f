// Tables out: columns of a `Table` to the rows of a binary table.

import type { Column, Table } from '#libs/table';
import { encodedBytes, freeCards, nameHdu, type EncodedHdu, type TableInput } from './encoded-hdu.js';
import { FitsError } from './errors.js';
import { Header } from './header.js';
import { type PackedVectors, packVectors, type VectorColumn } from './vector-fields.js';

interface Field {
  readonly column: Column;
  readonly form: string;
  readonly width: number;
  readonly tnull?: number | bigint;
  /** writes the cell into a row; the buffer is zero beforehand */
  write(view: DataView, at: number, row: number): void;
}

export function encodeTable(input: TableInput): EncodedHdu {
  const { table } = input;
  const fields = table.columns.map((column) => fieldOf(column, table));
  const heap: Uint8Array[] = [];
  let heapSize = 0;
  const vectors = (input.vectors ?? []).map((column) => {
    const packed = packVectors(column, table.rowCount, heap, heapSize);
    heapSize = heap.reduce((total, bytes) => total + bytes.length, 0);
    return { column, packed };
  });
  const rowBytes =
    fields.reduce((total, field) => total + field.width, 0) +
    vectors.reduce((total, { packed }) => total + packed.width, 0);
  const header = new Header();
  header.set('XTENSION', 'BINTABLE', 'binary table extension');
  header.set('BITPIX', 8);
  header.set('NAXIS', 2);
  header.set('NAXIS1', rowBytes, 'bytes per row');
  header.set('NAXIS2', table.rowCount, 'number of rows');
  header.set('PCOUNT', heapSize);
  header.set('GCOUNT', 1);
  header.set('TFIELDS', fields.length + vectors.length);
  fields.forEach((field, i) => describe(header, field, i + 1));
  vectors.forEach(({ column, packed }, i) => describeVector(header, column, packed, fields.length + i + 1));
  const name = input.name ?? table.name;
  nameHdu(header, { ...input, ...(name !== undefined && { name }) });
  header.append(freeCards(input.header).filter((card) => !header.has(card.keyword) || card.kind === 'commentary'));
  const data = new Uint8Array(rowBytes * table.rowCount + heapSize);
  const view = new DataView(data.buffer);
  let offset = 0;
  for (const field of fields) {
    for (let row = 0, at = offset; row < table.rowCount; row++, at += rowBytes) field.write(view, at, row);
    offset += field.width;
  }
  for (const { packed } of vectors) {
    const { width, cells } = packed;
    for (let row = 0; row < table.rowCount; row++)
      data.set(cells.subarray(row * width, (row + 1) * width), row * rowBytes + offset);
    offset += width;
  }
  let at = rowBytes * table.rowCount;
  for (const bytes of heap) {
    data.set(bytes, at);
    at += bytes.length;
  }
  return { header, data: encodedBytes(data) };
}

function describeVector(header: Header, column: VectorColumn, { form, tzero }: PackedVectors, n: number): void {
  header.set(`TTYPE${n}`, column.name);
  header.set(`TFORM${n}`, form);
  if (column.unit) header.set(`TUNIT${n}`, column.unit);
  if (column.dim && !column.variable) header.set(`TDIM${n}`, `(${column.dim.join(',')})`);
  if (tzero !== 0) {
    header.set(`TSCAL${n}`, 1);
    header.set(`TZERO${n}`, tzero);
  }
  if (column.description) header.set(`TCOMM${n}`, printable(column.description));
}

function describe(header: Header, { column, form, tnull }: Field, n: number): void {
  header.set(`TTYPE${n}`, column.name);
  header.set(`TFORM${n}`, form);
  if (column.unit) header.set(`TUNIT${n}`, column.unit);
  if (tnull !== undefined) header.set(`TNULL${n}`, tnull);
  if (column.ucd) header.set(`TUCD${n}`, column.ucd);
  if (column.description) header.set(`TCOMM${n}`, printable(column.description));
}

function fieldOf(column: Column, table: Table): Field {
  const { nulls } = column;
  switch (column.type) {
    case 'double': {
      const data = column.data as Float64Array;
      return { column, form: 'D', width: 8, write: (v, at, i) => v.setFloat64(at, nulls?.[i] ? NaN : data[i]!) };
    }
    case 'float': {
      const data = column.data as Float32Array;
      return { column, form: 'E', width: 4, write: (v, at, i) => v.setFloat32(at, nulls?.[i] ? NaN : data[i]!) };
    }
    case 'long': {
      const data = column.data as BigInt64Array;
      const none = nulls && (unusedValue(data, nulls, -(2n ** 63n), 1n, column.name) as bigint);
      return {
        column,
        form: 'K',
        width: 8,
        ...(none !== undefined && { tnull: none }),
        write: (v, at, i) => v.setBigInt64(at, nulls?.[i] ? none! : data[i]!),
      };
    }
    case 'int':
      return integerField(column, 'J', 4, -(2 ** 31), 1, (v, at, x) => v.setInt32(at, x));
    case 'short':
      return integerField(column, 'I', 2, -32768, 1, (v, at, x) => v.setInt16(at, x));
    case 'byte':
      return integerField(column, 'B', 1, 255, -1, (v, at, x) => v.setUint8(at, x));
    case 'boolean': {
      const data = column.data as Uint8Array;
      return {
        column,
        form: 'L',
        width: 1,
        write: (v, at, i) => v.setUint8(at, nulls?.[i] ? 0 : data[i] ? 0x54 : 0x46),
      };
    }
    case 'string':
      return textField(column, table.rowCount);
  }
}

function integerField(
  column: Column,
  form: string,
  width: number,
  first: number,
  step: number,
  put: (view: DataView, at: number, value: number) => void,
): Field {
  const data = column.data as Int32Array;
  const { nulls } = column;
  const none = nulls && (unusedValue(data, nulls, first, step, column.name) as number);
  return {
    column,
    form,
    width,
    ...(none !== undefined && { tnull: none }),
    write: (view, at, i) => put(view, at, nulls?.[i] ? none! : data[i]!),
  };
}

/** A stored value that no row of the column has: it will mean "no value" (TNULL). */
function unusedValue(
  data: ArrayLike<number> | BigInt64Array,
  nulls: Uint8Array,
  first: number | bigint,
  step: number | bigint,
  name: string,
): number | bigint {
  const used = new Set<number | bigint>();
  for (let i = 0; i < data.length; i++) if (!nulls[i]) used.add(data[i]!);
  let value = first;
  for (let tries = 0; tries <= used.size; tries++) {
    if (!used.has(value)) {
      if (typeof first === 'number' && step === -1 && (value as number) < 0) break;
      if (typeof first === 'number' && step === 1 && (value as number) > -first - 1) break;
      return value;
    }
    value = typeof value === 'bigint' ? value + (step as bigint) : value + (step as number);
  }
  throw new FitsError('BAD_VALUE', `column ${name} uses every value of its type, so none is left to mean "no value"`, {
    value: name,
  });
}

function textField(column: Column, rows: number): Field {
  const data = column.data as readonly (string | null)[];
  const text = (i: number): string => (column.nulls?.[i] ? '' : (data[i] ?? ''));
  let width = 1;
  for (let i = 0; i < rows; i++) {
    const value = text(i);
    width = Math.max(width, value.length);
    for (let k = 0; k < value.length; k++)
      if (value.charCodeAt(k) > 0x7e || value.charCodeAt(k) < 0x20)
        throw new FitsError('BAD_VALUE', `row ${i} of column ${column.name} holds text outside printable ASCII`, {
          value,
        });
  }
  return {
    column,
    form: `${width}A`,
    width,
    write(view, at, i) {
      const value = text(i);
      for (let k = 0; k < width; k++) view.setUint8(at + k, k < value.length ? value.charCodeAt(k) : 0x20);
    },
  };
}

/** A description is for people: what FITS cannot spell is spelled as near as it can. */
const printable = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2013\u2014\u2212]/g, '-')
    .replace(/[\u0300-\u036f]/g, '')
    .replace(/[^\x20-\x7e]/g, '?');
