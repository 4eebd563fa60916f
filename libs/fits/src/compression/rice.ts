// RICE_1: differences of neighbouring pixels in Golomb-Rice codes, one code length per block.
// Source: FITS Standard 4.0, section 10.4.1; Rice, Yeh & Miller 1993; White & Becker 1998. O(pixels).

import { FitsError } from '../errors.js';

export type BytePix = 1 | 2 | 4;

interface Parameters {
  readonly fsBits: number;
  readonly fsMax: number;
  readonly bits: number;
}
const PARAMETERS: Readonly<Record<BytePix, Parameters>> = {
  1: { fsBits: 3, fsMax: 6, bits: 8 },
  2: { fsBits: 4, fsMax: 14, bits: 16 },
  4: { fsBits: 5, fsMax: 25, bits: 32 },
};

/** No stream of this many bytes can hold more pixels: a block takes at least its code length. */
export const riceMaxPixels = (bytes: number, bytePix: BytePix, blockSize: number): number =>
  bytes < bytePix ? 0 : (Math.floor(((bytes - bytePix) * 8) / PARAMETERS[bytePix].fsBits) + 1) * blockSize;

let scratch = new Uint8Array(1 << 16);

/** Decodes `count` pixels into `out` (8-bit pixels are unsigned, wider ones signed). */
export function riceDecode(
  stream: Uint8Array,
  out: Int32Array,
  count: number,
  bytePix: BytePix,
  blockSize: number,
): void {
  if (count === 0) return;
  const { fsBits, fsMax, bits } = PARAMETERS[bytePix];
  const end = stream.length;
  if (end < bytePix) throw damaged(`${end} bytes are too few`);
  // The stream is followed by ones, so that no code runs on for ever; each block checks where it ended.
  const guard = blockSize * 5 + 16;
  if (scratch.length < end + guard) scratch = new Uint8Array(Math.max(2 * scratch.length, end + guard));
  const c = scratch;
  c.set(stream);
  c.fill(0xff, end, end + guard);
  let at = 0;
  let last = 0;
  for (; at < bytePix; at++) last = (last << 8) | c[at]!;
  const shift = 32 - bits;
  let b = c[at++]!;
  let nbits = 8;
  for (let i = 0; i < count;) {
    nbits -= fsBits;
    while (nbits < 0) {
      b = (b << 8) | c[at++]!;
      nbits += 8;
    }
    const fs = (b >>> nbits) - 1;
    b &= (1 << nbits) - 1;
    const stop = Math.min(count, i + blockSize);
    if (fs < 0) {
      const value = bytePix === 1 ? last & 0xff : (last << shift) >> shift;
      for (; i < stop; i++) out[i] = value;
    } else if (fs === fsMax) {
      for (; i < stop; i++) {
        let k = bits - nbits;
        let diff = k < 32 ? b << k : 0;
        for (k -= 8; k >= 0; k -= 8) {
          b = c[at++]!;
          diff |= b << k;
        }
        if (nbits > 0) {
          b = c[at++]!;
          diff |= b >>> -k;
          b &= (1 << nbits) - 1;
        } else b = 0;
        last = (last + ((diff >>> 1) ^ -(diff & 1))) | 0;
        out[i] = bytePix === 1 ? last & 0xff : (last << shift) >> shift;
      }
    } else if (fs > fsMax) throw damaged(`code length ${fs} in the block of pixel ${i}`);
    else {
      for (; i < stop; i++) {
        while (b === 0) {
          nbits += 8;
          b = c[at++]!;
        }
        const zeros = nbits - 32 + Math.clz32(b);
        nbits -= zeros + 1;
        b ^= 1 << nbits;
        nbits -= fs;
        while (nbits < 0) {
          b = (b << 8) | c[at++]!;
          nbits += 8;
        }
        const diff = (zeros << fs) | (b >>> nbits);
        b &= (1 << nbits) - 1;
        last = (last + ((diff >>> 1) ^ -(diff & 1))) | 0;
        out[i] = bytePix === 1 ? last & 0xff : (last << shift) >> shift;
      }
    }
    if (at > end) throw damaged(`it ends before pixel ${i} of ${count}`);
  }
}

const damaged = (why: string): FitsError => new FitsError('BAD_COMPRESSION', `a Rice stream is damaged: ${why}`);

/** Encodes pixels (wrapped to the pixel size); the inverse of `riceDecode`. */
export function riceEncode(pixels: Int32Array, count: number, bytePix: BytePix, blockSize: number): Uint8Array {
  const { fsBits, fsMax, bits } = PARAMETERS[bytePix];
  const out = new Uint8Array(
    bytePix + Math.ceil((count * (bits + 6) + Math.ceil(count / blockSize) * fsBits) / 8) + 16,
  );
  let at = 0;
  let buffer = 0;
  let free = 8;
  const put = (value: number, n: number): void => {
    // the lowest n (at most 32) bits of value
    let left = n;
    while (left > 0) {
      const take = Math.min(free, left);
      const part = (value >>> (left - take)) & ((1 << take) - 1);
      buffer = (buffer << take) | part;
      free -= take;
      left -= take;
      if (free === 0) {
        out[at++] = buffer;
        buffer = 0;
        free = 8;
      }
    }
  };
  if (count === 0) return out.subarray(0, 0);
  const shift = 32 - bits;
  let last = (pixels[0]! << shift) >> shift;
  put(last, bits);
  const diffs = new Uint32Array(blockSize);
  for (let i = 0; i < count; i += blockSize) {
    const n = Math.min(blockSize, count - i);
    let sum = 0;
    for (let k = 0; k < n; k++) {
      const next = (pixels[i + k]! << shift) >> shift;
      const difference = ((next - last) << shift) >> shift;
      diffs[k] = difference < 0 ? ~(difference << 1) : difference << 1;
      if (bits < 32) diffs[k]! &= (1 << bits) - 1;
      sum += diffs[k]!;
      last = next;
    }
    let mean = (sum - Math.floor(n / 2) - 1) / n;
    if (mean < 0) mean = 0;
    let fs = 0;
    for (let psum = Math.floor(mean) >>> 1; psum > 0; psum >>>= 1) fs++;
    if (fs >= fsMax) {
      put(fsMax + 1, fsBits);
      for (let k = 0; k < n; k++) put(diffs[k]!, bits);
    } else if (fs === 0 && sum === 0) put(0, fsBits);
    else {
      put(fs + 1, fsBits);
      for (let k = 0; k < n; k++) {
        let zeros = diffs[k]! >>> fs;
        for (; zeros >= 24; zeros -= 24) put(0, 24);
        put(1, zeros + 1);
        put(diffs[k]!, fs);
      }
    }
  }
  if (free < 8) out[at++] = buffer << free;
  return out.subarray(0, at);
}
