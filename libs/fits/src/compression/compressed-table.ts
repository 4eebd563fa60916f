// Tile-compressed tables in (FITS Standard 4.0, section 10.3): each row holds, column by column, a block of rows.

import { littleEndian, swapInPlace, type ItemSize } from '../byte-order.js';
import { buildTable, descriptorAt } from '../binary-table.js';
import { FitsError } from '../errors.js';
import type { FitsTable } from '../fits-table.js';
import type { Header } from '../header.js';
import { inflate, MAX_DEFLATE_RATIO } from '../inflate.js';
import type { HduLayout } from '../layout.js';
import type { ReadableAt } from '../source.js';
import { tableBytes } from '../table-bytes.js';
import { ELEMENT_BYTES, type FieldFormat, readFormats } from '../table-format.js';
import { type BytePix, riceDecode } from './rice.js';
import { unshuffle } from './tile-decode.js';

const RICE_BLOCK = 32;

export async function readCompressedTable(source: ReadableAt, hdu: HduLayout, name: string): Promise<FitsTable> {
  const { header } = hdu;
  const packed = await tableBytes(source, hdu, name);
  const rowBytes = header.requireInteger('ZNAXIS1', 0);
  const rows = header.requireInteger('ZNAXIS2', 0);
  const tileRows = header.integerOr('ZTILELEN', Math.max(1, rows), 1);
  const stored = readFormats(header, packed.rowBytes);
  const formats = readFormats(tableHeader(header), rowBytes);
  const wanted = Math.ceil(rows / tileRows);
  if (packed.rows !== wanted)
    throw new FitsError('BAD_TABLE', `HDU ${hdu.index} has ${packed.rows} row blocks where ${wanted} should be`, {
      hdu: hdu.index,
      card: 'ZTILELEN',
      value: tileRows,
    });
  if (formats.some((format) => format.descriptor) || stored.some((format) => !format.descriptor))
    throw new FitsError(
      'UNSUPPORTED',
      `compressed tables with variable-length columns are not read (HDU ${hdu.index})`,
      {
        hdu: hdu.index,
      },
    );
  if (stored.some((format) => format.width === 0))
    throw new FitsError('BAD_TABLE', `a compressed column of HDU ${hdu.index} has no descriptors`, { hdu: hdu.index });
  if (rows * rowBytes > packed.bytes.length * MAX_DEFLATE_RATIO)
    throw new FitsError('TOO_LARGE', `HDU ${hdu.index} claims ${rows * rowBytes} bytes in ${packed.bytes.length}`, {
      hdu: hdu.index,
      value: rows,
    });
  const bytes = new Uint8Array(rows * rowBytes);
  for (let tile = 0; formats.length > 0 && tile < wanted; tile++) {
    const first = tile * tileRows;
    const count = Math.min(tileRows, rows - first);
    formats.forEach((format, i) => {
      if (format.width === 0) return;
      const { count: length, at } = descriptorAt(packed, stored[i]!, tile);
      const method = header.getString(`ZCTYP${format.number}`)?.trim().toUpperCase() ?? 'GZIP_2';
      const column = unpack(packed.bytes.subarray(at, at + length), method, format, count, hdu.index);
      for (let row = 0; row < count; row++)
        bytes.set(
          column.subarray(row * format.width, (row + 1) * format.width),
          (first + row) * rowBytes + format.offset,
        );
    });
  }
  return buildTable({ hdu: hdu.index, name, rows, rowBytes, bytes, heap: bytes.length }, formats);
}

/** The header as it was: ZFORMn back in the place of TFORMn. */
function tableHeader(stored: Header): Header {
  const header = stored.clone();
  const count = stored.requireInteger('TFIELDS', 0, 999);
  for (let n = 1; n <= count; n++) header.set(`TFORM${n}`, stored.requireString(`ZFORM${n}`));
  return header;
}

/** The cells of one column side by side, in file order. */
function unpack(stream: Uint8Array, method: string, format: FieldFormat, rows: number, hdu: number): Uint8Array {
  const expected = rows * format.width;
  const damaged = (found: number): FitsError =>
    new FitsError('BAD_COMPRESSION', `column ${format.name} (HDU ${hdu}) unfolds to ${found} bytes, not ${expected}`, {
      hdu,
      card: `ZFORM${format.number}`,
    });
  if (method === 'GZIP_1' || method === 'GZIP_2') {
    const bytes = inflate(stream, expected);
    if (bytes.length !== expected) throw damaged(bytes.length);
    // cfitsio shuffles numbers only; complex cells stay as they are, whatever ZCTYPn says
    const item = 'CM'.includes(format.code) ? 1 : ELEMENT_BYTES[format.code];
    return method === 'GZIP_2' && item > 1 ? unshuffle(bytes, item as ItemSize) : bytes;
  }
  const bytePix = { B: 1, I: 2, J: 4 }[format.code as string] as BytePix | undefined;
  if (method === 'RICE_1' && bytePix) {
    const count = expected / bytePix;
    const values = new Int32Array(count);
    riceDecode(stream, values, count, bytePix, RICE_BLOCK);
    const out = bytePix === 1 ? Uint8Array.from(values) : bytePix === 2 ? Int16Array.from(values) : values;
    const bytes = new Uint8Array(out.buffer);
    if (littleEndian) swapInPlace(bytes, bytePix);
    return bytes;
  }
  throw new FitsError('UNSUPPORTED', `column ${format.name} (HDU ${hdu}) is compressed by ${method}`, {
    hdu,
    card: `ZCTYP${format.number}`,
    value: method,
  });
}
