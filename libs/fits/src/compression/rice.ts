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
let words = new DataView(scratch.buffer);

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
  if (stream.length < bytePix) throw damaged(`${stream.length} bytes are too few`);
  if (stream.length >= 2 ** 28) throw damaged(`${stream.length} bytes in one tile`);
  // The stream is followed by ones, so that no code runs on for ever; each block checks where it ended.
  const guard = blockSize * 8 + 16;
  if (scratch.length < stream.length + guard) {
    scratch = new Uint8Array(Math.max(2 * scratch.length, stream.length + guard));
    words = new DataView(scratch.buffer);
  }
  scratch.set(stream);
  scratch.fill(0xff, stream.length, stream.length + guard);
  const end = 8 * stream.length;
  const view = words;
  const clz32 = Math.clz32;
  let last = view.getInt32(0) >> (32 - bits);
  // `at` counts bits; the 32 bits read at a byte hold at least 25 from there on
  let at = bits;
  for (let i = 0; i < count;) {
    const fs = ((view.getUint32(at >>> 3) << (at & 7)) >>> (32 - fsBits)) - 1;
    at += fsBits;
    const stop = Math.min(count, i + blockSize);
    if (fs < 0) for (; i < stop; i++) out[i] = last;
    else if (fs < fsMax) {
      const up = 31 - fs;
      for (; i < stop; i++) {
        const window = view.getInt32(at >>> 3) << (at & 7);
        let zeros = clz32(window);
        let diff;
        if (zeros + fs < 25) {
          diff = (zeros << fs) | (((window << (zeros + 1)) >>> 1) >>> up);
          at += zeros + 1 + fs;
        } else {
          // a long code: count its zeros first, then fetch its low bits
          if (zeros > 24) {
            zeros = 24;
            at += 24;
            for (;;) {
              const more = clz32(view.getInt32(at >>> 3) << (at & 7));
              if (more < 25) {
                zeros += more;
                at += more + 1;
                break;
              }
              zeros += 24;
              at += 24;
            }
          } else at += zeros + 1;
          diff = (zeros << fs) | (((view.getInt32(at >>> 3) << (at & 7)) >>> 1) >>> up);
          at += fs;
        }
        last = (last + ((diff >>> 1) ^ -(diff & 1))) | 0;
        out[i] = last;
      }
    } else if (fs === fsMax) {
      for (; i < stop; i++) {
        const byte = at >>> 3;
        const shift = at & 7;
        // 40 bits from the byte on hold any 32
        const high = view.getInt32(byte) << shift;
        const diff = (high | (view.getUint8(byte + 4) >>> (8 - shift))) >>> (32 - bits);
        at += bits;
        last = (last + ((diff >>> 1) ^ -(diff & 1))) | 0;
        out[i] = last;
      }
    } else throw damaged(`code length ${fs} in the block of pixel ${i}`);
    if (at > end) throw damaged(`it ends before pixel ${i} of ${count}`);
  }
  if (bytePix === 1) for (let i = 0; i < count; i++) out[i]! &= 0xff;
  else if (bytePix === 2) for (let i = 0; i < count; i++) out[i] = (out[i]! << 16) >> 16;
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
  let used = 0;
  /** appends the lowest n bits of value, n at most 24; fewer than 8 bits wait in the buffer */
  const put = (value: number, n: number): void => {
    buffer = (buffer << n) | (value & ((1 << n) - 1));
    used += n;
    while (used >= 8) {
      used -= 8;
      out[at++] = buffer >>> used;
    }
  };
  const putWide = (value: number, n: number): void => {
    if (n > 16) put(value >>> 16, n - 16);
    put(value, Math.min(n, 16));
  };
  if (count === 0) return out.subarray(0, 0);
  const shift = 32 - bits;
  let last = (pixels[0]! << shift) >> shift;
  putWide(last, bits);
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
      for (let k = 0; k < n; k++) putWide(diffs[k]!, bits);
    } else if (fs === 0 && sum === 0) put(0, fsBits);
    else {
      put(fs + 1, fsBits);
      for (let k = 0; k < n; k++) {
        let zeros = diffs[k]! >>> fs;
        if (zeros + 1 + fs <= 24) {
          put((1 << fs) | (diffs[k]! & ((1 << fs) - 1)), zeros + 1 + fs);
          continue;
        }
        for (; zeros >= 23; zeros -= 23) put(0, 23);
        put(1, zeros + 1);
        put(diffs[k]!, fs);
      }
    }
  }
  if (used > 0) out[at++] = buffer << (8 - used);
  return out.subarray(0, at);
}
