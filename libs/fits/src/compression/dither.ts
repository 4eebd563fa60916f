// Quantised floating-point pixels and their subtractive dithering (FITS Standard 4.0, sections 10.2 and appendix I;
// White & Greenfield 1999; Pence, Seaman & White 2009).

export type DitherMethod = 'NO_DITHER' | 'SUBTRACTIVE_DITHER_1' | 'SUBTRACTIVE_DITHER_2';

const COUNT = 10000;
/** quantised values that stand for "no value" and, with SUBTRACTIVE_DITHER_2, for an exact zero */
export const NULL_VALUE = -2147483647;
export const ZERO_VALUE = -2147483646;

/** The 10,000 numbers of the standard: Park & Miller's generator from seed 1, as float32. */
export const DITHER: Float32Array = (() => {
  const values = new Float32Array(COUNT);
  let seed = 1;
  for (let i = 0; i < COUNT; i++) {
    seed = (16807 * seed) % 2147483647;
    values[i] = seed / 2147483647;
  }
  return values;
})();

/** Where in the sequence tile number `tile` (from 0) begins, for ZDITHER0 = `seed` (1 to 10000). */
export class DitherSequence {
  #start: number;
  #next: number;
  constructor(tile: number, seed: number) {
    this.#start = (tile + seed - 1) % COUNT;
    this.#next = Math.trunc(Math.fround(DITHER[this.#start]! * 500));
  }
  next(): number {
    const value = DITHER[this.#next]!;
    if (++this.#next === COUNT) {
      this.#start = (this.#start + 1) % COUNT;
      this.#next = Math.trunc(Math.fround(DITHER[this.#start]! * 500));
    }
    return value;
  }
}

export interface Quantisation {
  readonly scale: number;
  readonly zero: number;
  readonly blank: number;
  readonly method: DitherMethod;
  readonly seed: number;
}

/** Quantised integers of one tile to physical values. */
export function unquantise(
  integers: Int32Array,
  out: Float32Array | Float64Array,
  count: number,
  tile: number,
  { scale, zero, blank, method, seed }: Quantisation,
): void {
  if (method === 'NO_DITHER') {
    for (let i = 0; i < count; i++) out[i] = integers[i] === blank ? NaN : integers[i]! * scale + zero;
    return;
  }
  const zeros = method === 'SUBTRACTIVE_DITHER_2';
  let start = (tile + seed - 1) % COUNT;
  let next = Math.trunc(Math.fround(DITHER[start]! * 500));
  for (let i = 0; i < count;) {
    // as far as the sequence goes
    const stop = Math.min(count, i + COUNT - next);
    const random = DITHER.subarray(next, next + stop - i);
    restore(integers.subarray(i, stop), random, out.subarray(i, stop), scale, zero, blank);
    if (zeros) for (let k = i; k < stop; k++) if (integers[k] === ZERO_VALUE) out[k] = 0;
    next += stop - i;
    i = stop;
    if (next === COUNT) {
      start = (start + 1) % COUNT;
      next = Math.trunc(Math.fround(DITHER[start]! * 500));
    }
  }
}

function restore(
  integers: Int32Array,
  random: Float32Array,
  out: Float32Array | Float64Array,
  scale: number,
  zero: number,
  blank: number,
): void {
  for (let i = 0; i < integers.length; i++) {
    const value = integers[i]!;
    out[i] = value === blank ? NaN : (value - random[i]! + 0.5) * scale + zero;
  }
}
