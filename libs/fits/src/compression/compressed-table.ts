// Tile-compressed tables in (FITS Standard 4.0, section 10.3): each row holds, column by column, a block of rows.

import { buildTable, descriptorAt } from '../binary-table.js';
import { FitsError } from '../errors.js';
import type { FitsTable } from '../fits-table.js';
import type { Header } from '../header.js';
import { MAX_DEFLATE_RATIO } from '../inflate.js';
import type { HduLayout } from '../layout.js';
import type { ReadableAt } from '../source.js';
import { tableBytes } from '../table-bytes.js';
import { readFormats } from '../table-format.js';
import { CellHeap } from './compressed-cells.js';
import { unpackColumn } from './unpack-column.js';

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
  if (stored.some((format) => !format.descriptor || format.width === 0))
    throw new FitsError('BAD_TABLE', `a compressed column of HDU ${hdu.index} has no descriptors`, { hdu: hdu.index });
  if (rows * rowBytes > packed.bytes.length * MAX_DEFLATE_RATIO)
    throw new FitsError('TOO_LARGE', `HDU ${hdu.index} claims ${rows * rowBytes} bytes in ${packed.bytes.length}`, {
      hdu: hdu.index,
      value: rows,
    });
  const bytes = new Uint8Array(rows * rowBytes);
  const heap = new CellHeap(packed, packed.bytes.length * MAX_DEFLATE_RATIO);
  for (let tile = 0; formats.length > 0 && tile < wanted; tile++) {
    const first = tile * tileRows;
    const count = Math.min(tileRows, rows - first);
    formats.forEach((format, i) => {
      if (format.width === 0) return;
      const { count: length, at } = descriptorAt(packed, stored[i]!, tile);
      const stream = packed.bytes.subarray(at, at + length);
      const method = header.getString(`ZCTYP${format.number}`)?.trim().toUpperCase() ?? 'GZIP_2';
      const cells = format.descriptor
        ? heap.unpack(stream, method, format, count)
        : unpackColumn(stream, method, format, count * format.width, hdu.index);
      for (let row = 0; row < count; row++)
        bytes.set(
          cells.subarray(row * format.width, (row + 1) * format.width),
          (first + row) * rowBytes + format.offset,
        );
    });
  }
  const all = heap.after(bytes);
  return buildTable({ hdu: hdu.index, name, rows, rowBytes, bytes: all, heap: bytes.length }, formats);
}

/** The header as it was: ZFORMn back in the place of TFORMn. */
function tableHeader(stored: Header): Header {
  const header = stored.clone();
  const count = stored.requireInteger('TFIELDS', 0, 999);
  for (let n = 1; n <= count; n++) header.set(`TFORM${n}`, stored.requireString(`ZFORM${n}`));
  return header;
}
