// One compressed column (or one variable-length cell) of a table: bytes in file order out.

import { type ItemSize, littleEndian, swapInPlace } from '../byte-order.js';
import { FitsError } from '../errors.js';
import { inflate } from '../inflate.js';
import { ELEMENT_BYTES, type FieldFormat } from '../table-format.js';
import { type BytePix, riceDecode, riceMaxPixels } from './rice.js';
import { unshuffle } from './tile-decode.js';

const RICE_BLOCK = 32;

/** The `expected` bytes that a stream of the column unfolds to. */
export function unpackColumn(
  stream: Uint8Array,
  method: string,
  format: FieldFormat,
  expected: number,
  hdu: number,
): Uint8Array {
  const damaged = (found: string): FitsError =>
    new FitsError('BAD_COMPRESSION', `column ${format.name} (HDU ${hdu}) unfolds to ${found}, not ${expected} bytes`, {
      hdu,
      card: `ZFORM${format.number}`,
    });
  if (method === 'GZIP_1' || method === 'GZIP_2') {
    const bytes = inflate(stream, expected);
    if (bytes.length !== expected) throw damaged(`${bytes.length} bytes`);
    // cfitsio shuffles numbers only; complex cells stay as they are, whatever ZCTYPn says
    const item = 'CM'.includes(format.code) ? 1 : ELEMENT_BYTES[format.code];
    return method === 'GZIP_2' && item > 1 ? unshuffle(bytes, item as ItemSize) : bytes;
  }
  const bytePix = { B: 1, I: 2, J: 4 }[format.code as string] as BytePix | undefined;
  if (method === 'RICE_1' && bytePix) {
    const count = expected / bytePix;
    if (count > riceMaxPixels(stream.length, bytePix, RICE_BLOCK)) throw damaged('fewer values');
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
