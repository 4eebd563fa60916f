// Pixel types: which typed array holds which BITPIX, and the arithmetic of BSCALE, BZERO and BLANK.

import { FitsError } from './errors.js';
import type { ItemSize } from './byte-order.js';
import type { Header } from './header.js';

export type PixelData =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

export type Bitpix = 8 | 16 | 32 | 64 | -32 | -64;

export interface Scaling {
  readonly bscale: number;
  /** exact for the integer conventions (2^63 included) */
  readonly bzero: number;
  readonly blank: bigint | undefined;
}

const MAKE = {
  '8': Uint8Array,
  '16': Int16Array,
  '32': Int32Array,
  '64': BigInt64Array,
  '-32': Float32Array,
  '-64': Float64Array,
} as const;

export const isBitpix = (value: number): value is Bitpix => [8, 16, 32, 64, -32, -64].includes(value);
export const itemSizeOf = (bitpix: Bitpix): ItemSize => (Math.abs(bitpix) / 8) as ItemSize;
export const rawArrayType = (bitpix: Bitpix): (typeof MAKE)[keyof typeof MAKE] => MAKE[`${bitpix}`];

/** The typed array over bytes already in machine order. */
export const viewAs = (bitpix: Bitpix, buffer: ArrayBufferLike, offset: number, count: number): PixelData =>
  new (rawArrayType(bitpix) as Int16ArrayConstructor)(buffer, offset, count);

export function readScaling(header: Header, bitpix: Bitpix): Scaling {
  const blank = bitpix > 0 ? header.get('BLANK') : undefined;
  if (blank !== undefined && typeof blank !== 'bigint' && !Number.isSafeInteger(blank))
    throw new FitsError('BAD_KEYWORD', `BLANK is ${String(blank)}; it should be an integer`, {
      ...(header.hdu !== undefined && { hdu: header.hdu }),
      card: 'BLANK',
      value: blank,
    });
  return {
    bscale: header.numberOr('BSCALE', 1),
    bzero: header.numberOr('BZERO', 0),
    blank: blank === undefined ? undefined : BigInt(blank as number | bigint),
  };
}

/** The BZERO of the sign-flipping conventions (FITS Standard 4.0, table 11). */
const SIGN_FLIP: Partial<Record<Bitpix, number>> = { 8: -128, 16: 32768, 32: 2147483648, 64: 9223372036854775808 };

/** True when BZERO only flips the sign, so that the values are integers of the other signedness. */
export const isSignFlip = (bitpix: Bitpix, scaling: Scaling): boolean =>
  scaling.bscale === 1 && scaling.blank === undefined && SIGN_FLIP[bitpix] === scaling.bzero;

function flipSign(raw: PixelData): PixelData {
  const { buffer, byteOffset, length } = raw;
  if (raw instanceof Uint8Array) {
    const out = new Int8Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) out[i] = raw[i]! ^ 0x80;
    return out;
  }
  if (raw instanceof Int16Array) {
    const out = new Uint16Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) out[i]! ^= 0x8000;
    return out;
  }
  if (raw instanceof Int32Array) {
    const out = new Uint32Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) out[i] = out[i]! ^ 0x80000000;
    return out;
  }
  const words = new Uint32Array(buffer, byteOffset, 2 * length);
  const high = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1 ? 1 : 0;
  for (let i = high; i < words.length; i += 2) words[i] = words[i]! ^ 0x80000000;
  return new BigUint64Array(buffer, byteOffset, length);
}

/**
 * Stored integers or floats to physical values; `raw` may be overwritten. Unscaled data stay what they are; sign-flip
 * conventions give the other signedness; everything else becomes Float32Array (stored in 16 bits or fewer, or in
 * float32) or Float64Array, with BLANK as NaN. The arithmetic is in double precision.
 */
export function toPhysical(raw: PixelData, bitpix: Bitpix, scaling: Scaling): PixelData {
  const { bscale, bzero } = scaling;
  if (bscale === 1 && bzero === 0 && scaling.blank === undefined) return raw;
  if (isSignFlip(bitpix, scaling)) return flipSign(raw);
  const n = raw.length;
  if (raw instanceof BigInt64Array) {
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) out[i] = raw[i] === scaling.blank ? NaN : Number(raw[i]) * bscale + bzero;
    return out;
  }
  const values = raw as Int32Array;
  const out =
    bitpix === -32 || bitpix === -64
      ? (raw as Float32Array | Float64Array)
      : bitpix === 32
        ? new Float64Array(n)
        : new Float32Array(n);
  const blank = scaling.blank === undefined ? NaN : Number(scaling.blank);
  if (Number.isNaN(blank)) for (let i = 0; i < n; i++) out[i] = values[i]! * bscale + bzero;
  else for (let i = 0; i < n; i++) out[i] = values[i] === blank ? NaN : values[i]! * bscale + bzero;
  return out;
}

/** BITPIX and the BZERO that express a typed array exactly. */
export function bitpixOf(data: PixelData): { bitpix: Bitpix; bzero: number } {
  if (data instanceof Int8Array) return { bitpix: 8, bzero: -128 };
  if (data instanceof Uint16Array) return { bitpix: 16, bzero: 32768 };
  if (data instanceof Uint32Array) return { bitpix: 32, bzero: 2147483648 };
  if (data instanceof BigUint64Array) return { bitpix: 64, bzero: 9223372036854775808 };
  if (data instanceof Int16Array) return { bitpix: 16, bzero: 0 };
  if (data instanceof Int32Array) return { bitpix: 32, bzero: 0 };
  if (data instanceof BigInt64Array) return { bitpix: 64, bzero: 0 };
  if (data instanceof Float32Array) return { bitpix: -32, bzero: 0 };
  if (data instanceof Float64Array) return { bitpix: -64, bzero: 0 };
  return { bitpix: 8, bzero: 0 };
}

/** A copy of the pixels as they are stored: sign-flipped where BZERO asks, still in machine order. */
export function toStored(data: PixelData): PixelData {
  const copy = (data as Float32Array).slice() as PixelData;
  if (bitpixOf(data).bzero === 0) return copy;
  const { buffer, byteOffset, length } = copy;
  if (copy instanceof Int8Array) {
    const out = new Uint8Array(buffer, byteOffset, length);
    for (let i = 0; i < length; i++) out[i] = out[i]! ^ 0x80;
    return out;
  }
  if (copy instanceof Uint16Array) flipSign(new Int16Array(buffer, byteOffset, length));
  else if (copy instanceof Uint32Array) flipSign(new Int32Array(buffer, byteOffset, length));
  else flipSign(new BigInt64Array(buffer, byteOffset, length));
  if (copy instanceof Uint16Array) return new Int16Array(buffer, byteOffset, length);
  if (copy instanceof Uint32Array) return new Int32Array(buffer, byteOffset, length);
  return new BigInt64Array(buffer, byteOffset, length);
}

export function copyAsFloat32(data: PixelData, out: Float32Array): Float32Array {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array)
    for (let i = 0; i < out.length; i++) out[i] = Number(data[i]);
  else out.set(data);
  return out;
}
