// Cells of binary tables: big-endian bytes to typed arrays, with the scaling and null conventions of a field.

import { littleEndian, swapInPlace } from './byte-order.js';
import { type Bitpix, isSignFlip, type PixelData, toPhysical, viewAs } from './pixels.js';
import { bytesOf, ELEMENT_BYTES, type FieldFormat } from './table-format.js';

/**
 * One cell. Scalars: number, bigint (K), boolean, string, null. Vectors: typed arrays (complex as pairs; logical as
 * 1, 0 and 255 for undefined; bits as 0 and 1), or strings when TDIM makes an array of strings.
 */
export type FieldValue = number | bigint | boolean | string | null | PixelData | readonly string[];

const BITPIX_OF: Partial<Record<string, Bitpix>> = { B: 8, I: 16, J: 32, K: 64, E: -32, D: -64, C: -32, M: -64 };
export const LOGICAL_UNDEFINED = 255;

/** The `count` elements at `bytes[at]`: a fresh array in physical values. */
export function decodeElements(format: FieldFormat, bytes: Uint8Array, at: number, count: number): PixelData {
  const { code } = format;
  const size = bytesOf(code, count);
  if (code === 'X') {
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) out[i] = (bytes[at + (i >> 3)]! >> (7 - (i & 7))) & 1;
    return out;
  }
  const copy = new Uint8Array(size);
  copy.set(bytes.subarray(at, at + size));
  if (code === 'L') {
    for (let i = 0; i < count; i++) copy[i] = copy[i] === 0x54 ? 1 : copy[i] === 0x46 ? 0 : LOGICAL_UNDEFINED;
    return copy;
  }
  if (code === 'A') return copy;
  const bitpix = BITPIX_OF[code]!;
  if (littleEndian) swapInPlace(copy, (Math.abs(bitpix) / 8) as 1 | 2 | 4 | 8);
  const raw = viewAs(bitpix, copy.buffer, 0, (count * ELEMENT_BYTES[code]) / (Math.abs(bitpix) / 8));
  return scaleElements(format, raw);
}

/** TSCAL and TZERO over stored numbers (complex: the offset applies to the real parts only). */
export function scaleElements(format: FieldFormat, raw: PixelData): PixelData {
  const { tscal, tzero, tnull, code } = format;
  if (tscal === 1 && tzero === 0) return raw;
  const bitpix = BITPIX_OF[code]!;
  const flip = { bscale: tscal, bzero: tzero, blank: undefined };
  if (isSignFlip(bitpix, flip)) return toPhysical(raw, bitpix, flip);
  const out = new Float64Array(raw.length);
  const complex = code === 'C' || code === 'M';
  const none = tnull === undefined ? undefined : code === 'K' ? tnull : Number(tnull);
  for (let i = 0; i < out.length; i++)
    out[i] = raw[i] === none ? NaN : Number(raw[i]) * tscal + (complex && i % 2 === 1 ? 0 : tzero);
  return out;
}

/** Text up to the first NUL, without trailing spaces. */
export function decodeText(bytes: Uint8Array, at: number, length: number): string {
  let end = at;
  const limit = Math.min(at + length, bytes.length);
  while (end < limit && bytes[end] !== 0) end++;
  while (end > at && bytes[end - 1] === 0x20) end--;
  let text = '';
  for (let i = at; i < end; i += 4096) text += String.fromCharCode(...bytes.subarray(i, Math.min(end, i + 4096)));
  return text;
}
