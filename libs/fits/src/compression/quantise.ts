// Floating-point pixels to integers: steps of a fraction of the noise, with subtractive dithering.
// Source: White & Greenfield 1999; Pence, Seaman & White 2009; FITS Standard 4.0, section 10.2. O(pixels) and a median.

import { DitherSequence, type DitherMethod, NULL_VALUE, ZERO_VALUE } from './dither.js';

export interface QuantisedTile {
  readonly integers: Int32Array;
  readonly scale: number;
  readonly zero: number;
}

/**
 * Standard deviation of the noise from third-order differences: 0.6052697 median |2 x[i] - x[i-2] - x[i+2]| along
 * the rows (Stoehr et al. 2008), blind to smooth structure. NaN pixels are left out; 0 when there are too few.
 */
export function noiseOf(pixels: Float32Array | Float64Array, width: number): number {
  const medians: number[] = [];
  const good = new Float64Array(width);
  const differences = new Float64Array(Math.max(0, width - 4));
  for (let start = 0; start < pixels.length; start += width) {
    let n = 0;
    for (let i = start; i < start + width; i++) if (pixels[i] === pixels[i]) good[n++] = pixels[i]!;
    if (n < 9) continue;
    for (let i = 2; i < n - 2; i++) differences[i - 2] = Math.abs(2 * good[i]! - good[i - 2]! - good[i + 2]!);
    medians.push(medianOf(differences.subarray(0, n - 4)));
  }
  if (medians.length === 0) return 0;
  return 0.6052697 * medianOf(Float64Array.from(medians));
}

/** The median, the mean of the middle two for even counts; the values are reordered (Hoare's selection, O(n)). */
function medianOf(values: Float64Array): number {
  const n = values.length;
  const middle = n >> 1;
  select(values, middle);
  const upper = values[middle]!;
  if (n % 2 === 1) return upper;
  let lower = values[0]!;
  for (let i = 1; i < middle; i++) if (values[i]! > lower) lower = values[i]!;
  return (lower + upper) / 2;
}

/** Puts the k-th smallest value at k, nothing larger before it. */
function select(values: Float64Array, k: number): void {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swap = values[i]!;
        values[i++] = values[j]!;
        values[j--] = swap;
      }
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else return;
  }
}

/** Undefined when the tile cannot be quantised (no noise, infinities, too wide a range): it is then kept losslessly. */
export function quantiseTile(
  pixels: Float32Array | Float64Array,
  width: number,
  tile: number,
  level: number,
  method: DitherMethod,
  seed: number,
): QuantisedTile | undefined {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const integers = new Int32Array(pixels.length);
  if (min > max) {
    integers.fill(NULL_VALUE); // no pixel has a value
    return { integers, scale: 1, zero: 0 };
  }
  // a negative level is the step itself
  const scale = level < 0 ? -level : noiseOf(pixels, width) / level;
  const zero = Math.floor(min / scale) * scale;
  if (!(scale > 0) || !((max - zero) / scale < 2 ** 31 - 2 ** 16) || !Number.isFinite(zero)) return undefined;
  const dither = method === 'NO_DITHER' ? undefined : new DitherSequence(tile, seed);
  for (let i = 0; i < pixels.length; i++) {
    const value = pixels[i]!;
    const random = dither ? dither.next() - 0.5 : 0;
    if (value !== value) integers[i] = NULL_VALUE;
    else if (value === 0 && method === 'SUBTRACTIVE_DITHER_2') integers[i] = ZERO_VALUE;
    else integers[i] = Math.round((value - zero) / scale + random);
  }
  return { integers, scale, zero };
}
