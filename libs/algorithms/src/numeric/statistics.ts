// Robust statistics on typed arrays. Quickselect is in place; nothing here allocates per pixel. O(n) each.

const { abs, sqrt } = Math;

/** Number.isFinite without a property look-up: for pixel loops. */
export const isFiniteNumber = (value: number): boolean => value - value === 0;

type Numbers = Float32Array | Float64Array;

/** Puts the k-th smallest of values[0..n) at index k (Hoare's selection; the array is reordered) and returns it. */
export function selectInPlace(values: Numbers, k: number, n = values.length): number {
  let low = 0;
  let high = n - 1;
  while (high > low) {
    const pivot = values[(low + high) >> 1]!;
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i <= j) {
        const swap = values[i]!;
        values[i] = values[j]!;
        values[j] = swap;
        i++;
        j--;
      }
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else return values[k]!;
  }
  return values[k]!;
}

/** Median of values[0..n), reordering them; NaN when n = 0. The values must be finite. */
export function medianInPlace(values: Numbers, n = values.length): number {
  if (n === 0) return NaN;
  const half = n >> 1;
  const upper = selectInPlace(values, half, n);
  if (n & 1) return upper;
  let lower = -Infinity;
  for (let i = 0; i < half; i++) if (values[i]! > lower) lower = values[i]!;
  return 0.5 * (lower + upper);
}

/** Median of the finite values; NaN when there are none. */
export function median(values: ArrayLike<number>): number {
  const finite = finiteValues(values);
  return medianInPlace(finite);
}

/** Linear-interpolated quantile (0..1) of the finite values. */
export function quantile(values: ArrayLike<number>, fraction: number): number {
  const finite = finiteValues(values).sort();
  if (finite.length === 0) return NaN;
  const at = fraction * (finite.length - 1);
  const i = Math.floor(at);
  return finite[i]! + (at - i) * ((finite[i + 1] ?? finite[i]!) - finite[i]!);
}

/** Gaussian-equivalent sigma 0.741 (Q75 - Q25). */
export const robustSigma = (values: ArrayLike<number>): number =>
  0.741301109 * (quantile(values, 0.75) - quantile(values, 0.25));

export function finiteValues(values: ArrayLike<number>): Float64Array {
  const result = new Float64Array(values.length);
  let n = 0;
  for (let i = 0; i < values.length; i++) if (isFiniteNumber(values[i]!)) result[n++] = values[i]!;
  return result.subarray(0, n);
}

export interface ClippedStatistics {
  readonly mean: number;
  /** sample standard deviation of the kept values */
  readonly sigma: number;
  readonly median: number;
  readonly count: number;
}

/**
 * Mean and scatter of values[0..n) after clipping at `nSigma` about the median; the first width is the robust one, so that one
 * large outlier among few values is rejected. Stops when nothing changes. The values must be finite; they are reordered.
 */
export function clippedStatistics(values: Numbers, n = values.length, nSigma = 3, iterations = 3): ClippedStatistics {
  let count = n;
  if (count === 0) return { mean: NaN, sigma: NaN, median: NaN, count: 0 };
  let centre = medianInPlace(values, count);
  let width = count > 3 ? robustWidthInPlace(values, count) : Infinity;
  if (!(width > 0)) width = momentsOf(values, count).sigma || 0;
  for (let pass = 0; pass < iterations; pass++) {
    let kept = 0;
    const limit = nSigma * width;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      if (abs(value - centre) <= limit) values[kept++] = value;
    }
    if (kept === count || kept === 0) break;
    count = kept;
    centre = medianInPlace(values, count);
    width = momentsOf(values, count).sigma;
  }
  const { mean, sigma } = momentsOf(values, count);
  return { mean, sigma, median: centre, count };
}

/** 0.741 IQR by selection; reorders. */
function robustWidthInPlace(values: Numbers, n: number): number {
  const low = selectInPlace(values, Math.floor(0.25 * (n - 1)), n);
  const high = selectInPlace(values, Math.ceil(0.75 * (n - 1)), n);
  return 0.741301109 * (high - low);
}

function momentsOf(values: Numbers, n: number): { mean: number; sigma: number } {
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, sigma: n > 1 ? sqrt(squares / (n - 1)) : 0 };
}
