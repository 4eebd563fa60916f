/**
 * Photometric zero point of one exposure: the clipped, weighted mean of reference magnitude + 2.5 log10(instrumental flux).
 * The scatter beyond the stated errors is estimated from the data (weights 1 / (sigma^2 + intrinsic^2) with chi2 = 1 per star), so
 * that a few bright stars with tiny formal errors do not decide alone. Cost: O(n log n).
 */
import { AlgorithmError } from '../errors.js';
import { median, robustSigma } from '../numeric/index.js';

export interface ZeroPointStars {
  readonly instFlux: ArrayLike<number>;
  readonly instFluxErr: ArrayLike<number>;
  readonly refMag: ArrayLike<number>;
  /** a missing or non-finite error counts as zero; the intrinsic scatter covers it */
  readonly refMagErr?: ArrayLike<number>;
}

export interface ZeroPointOptions {
  readonly clipSigma?: number;
  readonly iterations?: number;
  readonly minStars?: number;
  /** stars farther than this from the median never take part [mag] */
  readonly maxDeviation?: number;
  /** a larger robust scatter is a failure [mag] */
  readonly maxScatter?: number;
}

export interface ZeroPointFit {
  /** magnitude of one unit of instrumental flux */
  readonly zeroPoint: number;
  readonly zeroPointErr: number;
  /** robust 1-sigma scatter of the used stars [mag] */
  readonly scatter: number;
  /** scatter beyond the stated errors [mag] */
  readonly intrinsic: number;
  readonly count: number;
  readonly used: Uint8Array;
}

const MAG_PER_RELATIVE_FLUX = 1.0857362047581296;

export function fitZeroPoint(stars: ZeroPointStars, options: ZeroPointOptions = {}): ZeroPointFit {
  const { clipSigma = 3, iterations = 20, minStars = 3, maxDeviation = 1, maxScatter = 0.25 } = options;
  const n = stars.instFlux.length;
  const offset = new Float64Array(n).fill(NaN);
  const variance = new Float64Array(n).fill(NaN);
  for (let i = 0; i < n; i++) {
    const flux = stars.instFlux[i]!;
    const relative = stars.instFluxErr[i]! / flux;
    if (!(flux > 0) || !(relative > 0) || !Number.isFinite(stars.refMag[i]!)) continue;
    const refErr = stars.refMagErr?.[i] ?? 0;
    offset[i] = stars.refMag[i]! + 2.5 * Math.log10(flux);
    variance[i] = (MAG_PER_RELATIVE_FLUX * relative) ** 2 + (refErr > 0 && refErr < 10 ? refErr ** 2 : 0);
  }
  const used = new Uint8Array(n);
  const centre = median(offset);
  for (let i = 0; i < n; i++) used[i] = Math.abs(offset[i]! - centre) <= maxDeviation ? 1 : 0;
  let result = weightedMean(offset, variance, used);
  for (let iteration = 0; iteration < iterations && result.count >= minStars; iteration++) {
    let changed = false;
    const next = used.slice();
    for (let i = 0; i < n; i++) {
      if (Number.isNaN(offset[i]!)) continue;
      const sigma = Math.sqrt(variance[i]! + result.intrinsic ** 2);
      const deviation = Math.abs(offset[i]! - result.mean);
      next[i] = deviation <= clipSigma * sigma && deviation <= maxDeviation ? 1 : 0;
      if (next[i] !== used[i]) changed = true;
    }
    if (!changed) break;
    if (next.reduce((sum, flag) => sum + flag, 0) < minStars) break;
    used.set(next);
    result = weightedMean(offset, variance, used);
  }
  if (result.count < minStars)
    throw new AlgorithmError('NO_STARS', `a zero point needs ${minStars} stars, not ${result.count}`, {
      stars: result.count,
    });
  const kept = offset.filter((_, i) => used[i]);
  const scatter = kept.length > 3 ? robustSigma(kept) : Math.sqrt(result.spread);
  if (!(scatter <= maxScatter))
    throw new AlgorithmError(
      'NO_CONVERGENCE',
      `the zero point scatters by ${scatter.toFixed(3)} mag, more than ${maxScatter}`,
      { scatter, stars: result.count },
    );
  return {
    zeroPoint: result.mean,
    zeroPointErr: result.error,
    scatter,
    intrinsic: result.intrinsic,
    count: result.count,
    used,
  };
}

interface WeightedMean {
  readonly mean: number;
  readonly error: number;
  readonly intrinsic: number;
  /** variance about the mean */
  readonly spread: number;
  readonly count: number;
}

/** Weighted mean with the intrinsic variance that makes the scatter equal to its expectation (robustly, by the median). */
function weightedMean(values: Float64Array, variance: Float64Array, used: Uint8Array): WeightedMean {
  const index: number[] = [];
  for (let i = 0; i < values.length; i++) if (used[i]) index.push(i);
  if (index.length === 0) return { mean: NaN, error: NaN, intrinsic: 0, spread: NaN, count: 0 };
  const middle = median(index.map((i) => values[i]!));
  // median |z| of a normal variable is 0.6745: find s with median(|d| / sqrt(v + s^2)) = 0.6745 by bisection
  const excess = (s: number): number =>
    median(index.map((i) => Math.abs(values[i]! - middle) / Math.sqrt(variance[i]! + s * s))) - 0.6745;
  let low = 0;
  let high = 1;
  if (index.length < 4 || excess(0) <= 0) high = 0;
  else
    for (let k = 0; k < 40; k++) {
      const trial = (low + high) / 2;
      if (excess(trial) > 0) low = trial;
      else high = trial;
    }
  const intrinsic = high;
  let [weights, sum] = [0, 0];
  for (const i of index) {
    const weight = 1 / (variance[i]! + intrinsic * intrinsic);
    weights += weight;
    sum += weight * values[i]!;
  }
  const mean = sum / weights;
  const spread = index.reduce((total, i) => total + (values[i]! - mean) ** 2, 0) / Math.max(1, index.length - 1);
  return { mean, error: 1 / Math.sqrt(weights), intrinsic, spread, count: index.length };
}
