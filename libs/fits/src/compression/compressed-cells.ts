// Variable-length columns of compressed tables (FITS Standard 4.0, section 10.3.6, as cfitsio writes them): a gzip stream of
// the descriptors the table had, then of 64-bit descriptors of the cells, each compressed by itself where that saves bytes.

import { FitsError } from '../errors.js';
import { inflate } from '../inflate.js';
import type { TableBytes } from '../table-bytes.js';
import { bytesOf, type FieldFormat } from '../table-format.js';
import { unpackColumn } from './unpack-column.js';

/** The heap of the table as it was, put together again cell by cell. */
export class CellHeap {
  readonly #parts: Uint8Array[] = [];
  #size = 0;

  /** `limit`: the most bytes the cells can honestly have in all */
  constructor(
    private readonly packed: TableBytes,
    private readonly limit: number,
  ) {}

  /** Unfolds the cells of `rows` rows into the heap; their descriptors, side by side. */
  unpack(stream: Uint8Array, method: string, format: FieldFormat, rows: number): Uint8Array {
    const { width } = format;
    const { bytes, heap, hdu } = this.packed;
    const expected = rows * (width + 16);
    const block = inflate(stream, expected);
    if (block.length !== expected)
      throw new FitsError(
        'BAD_COMPRESSION',
        `the descriptors of column ${format.name} (HDU ${hdu}) are ${block.length} bytes, not ${expected}`,
        { hdu, card: `ZFORM${format.number}` },
      );
    const view = new DataView(block.buffer, block.byteOffset, block.length);
    const descriptors = new Uint8Array(rows * width);
    const out = new DataView(descriptors.buffer);
    for (let row = 0; row < rows; row++) {
      const at = row * width;
      const count = width === 8 ? view.getUint32(at) : Number(view.getBigUint64(at));
      const length = Number(view.getBigUint64(rows * width + 16 * row));
      const place = heap + Number(view.getBigUint64(rows * width + 16 * row + 8));
      const size = bytesOf(format.code, count);
      if (place + length > bytes.length || this.#size + size > this.limit)
        throw new FitsError(
          'BAD_TABLE',
          `row ${row} of column ${format.name} (HDU ${hdu}) claims ${count} elements in ${length} bytes at ${place}`,
          { hdu, card: `ZFORM${format.number}`, value: { row, count, length } },
        );
      if (width === 8) {
        out.setUint32(at, count);
        out.setUint32(at + 4, this.#size);
      } else {
        out.setBigUint64(at, BigInt(count));
        out.setBigUint64(at + 8, BigInt(this.#size));
      }
      if (size === 0) continue;
      const cell = bytes.subarray(place, place + length);
      // a cell as long as its values is the values
      this.#parts.push(length === size ? cell : unpackColumn(cell, method, format, size, hdu));
      this.#size += size;
    }
    return descriptors;
  }

  /** The rows with the heap behind them. */
  after(rows: Uint8Array): Uint8Array {
    if (this.#size === 0) return rows;
    const all = new Uint8Array(rows.length + this.#size);
    all.set(rows);
    let at = rows.length;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
