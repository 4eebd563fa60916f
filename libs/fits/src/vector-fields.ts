// Fields that a `Table` has no type for: fixed vectors and variable-length arrays, out.

import { type ItemSize, littleEndian, swapInPlace } from './byte-order.js';
import { FitsError } from './errors.js';
import { bitpixOf, type PixelData, toStored } from './pixels.js';

/** A column of arrays. Unsigned types are written with the TZERO convention, so they come back unsigned. */
export interface VectorColumn {
  readonly name: string;
  readonly unit?: string;
  readonly description?: string;
  /** one array per row: of equal lengths (a fixed vector) unless `variable` */
  readonly rows: readonly PixelData[];
  /** variable-length: the arrays go to the heap */
  readonly variable?: boolean;
  /** shape of the cells of a fixed vector, fastest axis first */
  readonly dim?: readonly number[];
}

export interface PackedVectors {
  readonly form: string;
  readonly tzero: number | bigint;
  readonly width: number;
  /** the cells (or their descriptors) side by side, in file order */
  readonly cells: Uint8Array;
}

const CODES: Readonly<Record<string, string>> = { '8': 'B', '16': 'I', '32': 'J', '64': 'K', '-32': 'E', '-64': 'D' };

/** Packs a column; heap bytes are appended to `heap`, whose size so far is `heapSize`. */
export function packVectors(
  column: VectorColumn,
  rowCount: number,
  heap: Uint8Array[],
  heapSize: number,
): PackedVectors {
  const { name, rows } = column;
  const first = rows[0] ?? new Float64Array(0);
  const bad = (message: string): FitsError => new FitsError('BAD_VALUE', `column ${name}: ${message}`, { value: name });
  if (rows.length !== rowCount) throw bad(`${rows.length} arrays for ${rowCount} rows`);
  if (rows.some((row) => row.constructor !== first.constructor)) throw bad('its arrays are of several types');
  const { bitpix, bzero } = bitpixOf(first);
  const code = CODES[bitpix]!;
  const tzero = bzero === 2 ** 63 ? 2n ** 63n : bzero;
  const fileBytes = (row: PixelData): Uint8Array => {
    const stored = toStored(row);
    const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
    if (littleEndian) swapInPlace(bytes, stored.BYTES_PER_ELEMENT as ItemSize);
    return bytes;
  };
  if (!column.variable) {
    const repeat = first.length;
    if (rows.some((row) => row.length !== repeat)) throw bad('its arrays differ in length');
    if (column.dim && column.dim.reduce((total, axis) => total * axis, 1) !== repeat)
      throw bad(`cells of ${repeat} elements are not of shape ${column.dim.join(' x ')}`);
    const width = repeat * first.BYTES_PER_ELEMENT;
    const cells = new Uint8Array(width * rowCount);
    rows.forEach((row, i) => cells.set(fileBytes(row), i * width));
    return { form: `${repeat}${code}`, tzero, width, cells };
  }
  const cells = new Uint8Array(16 * rowCount);
  const view = new DataView(cells.buffer);
  let longest = 0;
  let at = heapSize;
  rows.forEach((row, i) => {
    view.setBigUint64(16 * i, BigInt(row.length));
    view.setBigUint64(16 * i + 8, BigInt(at));
    const bytes = fileBytes(row);
    heap.push(bytes);
    at += bytes.length;
    longest = Math.max(longest, row.length);
  });
  return { form: `1Q${code}(${longest})`, tzero, width: 16, cells };
}
