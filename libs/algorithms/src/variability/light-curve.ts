/**
 * Statistics of the fluxes of one object in one band. Times in days, fluxes and errors in nJy. Measurements without a
 * finite flux and a positive finite error do not count. Cost O(n log n).
 *
 * Weighted mean: weights 1 / error^2, standard error (sum of weights)^-1/2. Sigma: sample standard deviation (n - 1),
 * unweighted. Stetson J and K: Stetson 1996, PASP 108, 851, each measurement paired with itself (single band).
 */

export interface LightCurve {
  readonly timeDays: ArrayLike<number>;
  readonly flux: ArrayLike<number>;
  readonly fluxErr: ArrayLike<number>;
}

/** What is not defined for so few points is NaN. */
export interface FluxStatistics {
  readonly count: number;
  readonly mean: number;
  readonly meanErr: number;
  readonly sigma: number;
  readonly chi2: number;
  readonly minimum: number;
  readonly maximum: number;
  /** largest (signed) slope between neighbours in time [nJy / d] */
  readonly maxSlope: number;
  readonly errMean: number;
  readonly stetsonJ: number;
}

const EMPTY: FluxStatistics = {
  count: 0,
  mean: NaN,
  meanErr: NaN,
  sigma: NaN,
  chi2: NaN,
  minimum: NaN,
  maximum: NaN,
  maxSlope: NaN,
  errMean: NaN,
  stetsonJ: NaN,
};

/** The usable points in order of time. */
function usablePoints(curve: LightCurve): { t: Float64Array; f: Float64Array; e: Float64Array } {
  const order: number[] = [];
  for (let i = 0; i < curve.flux.length; i++)
    if (Number.isFinite(curve.flux[i]!) && curve.fluxErr[i]! > 0 && Number.isFinite(curve.fluxErr[i]!)) order.push(i);
  // ties in time are ordered by value, so that sums do not depend on the order of the rows
  order.sort(
    (a, b) =>
      curve.timeDays[a]! - curve.timeDays[b]! ||
      curve.flux[a]! - curve.flux[b]! ||
      curve.fluxErr[a]! - curve.fluxErr[b]!,
  );
  return {
    t: Float64Array.from(order, (i) => curve.timeDays[i]!),
    f: Float64Array.from(order, (i) => curve.flux[i]!),
    e: Float64Array.from(order, (i) => curve.fluxErr[i]!),
  };
}

export function fluxStatistics(curve: LightCurve): FluxStatistics {
  const { t, f, e } = usablePoints(curve);
  const n = f.length;
  if (n === 0) return EMPTY;
  let weights = 0;
  let weighted = 0;
  let plain = 0;
  let errors = 0;
  let minimum = Infinity;
  let maximum = -Infinity;
  let maxSlope = NaN;
  for (let i = 0; i < n; i++) {
    const w = 1 / (e[i]! * e[i]!);
    weights += w;
    weighted += w * f[i]!;
    plain += f[i]!;
    errors += e[i]!;
    minimum = Math.min(minimum, f[i]!);
    maximum = Math.max(maximum, f[i]!);
    const dt = i > 0 ? t[i]! - t[i - 1]! : 0;
    if (dt > 0) {
      const slope = (f[i]! - f[i - 1]!) / dt;
      if (!(slope <= maxSlope)) maxSlope = slope;
    }
  }
  const mean = weighted / weights;
  const average = plain / n;
  let squares = 0;
  let chi2 = 0;
  for (let i = 0; i < n; i++) {
    squares += (f[i]! - average) ** 2;
    chi2 += ((f[i]! - mean) / e[i]!) ** 2;
  }
  return {
    count: n,
    mean,
    meanErr: 1 / Math.sqrt(weights),
    sigma: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN,
    chi2,
    minimum,
    maximum,
    maxSlope,
    errMean: errors / n,
    stetsonJ: n > 1 ? stetsonJOf(f, e, stetsonMeanOf(f, e)) : NaN,
  };
}

/**
 * Stetson's robust mean: weights 1 / error^2, reduced for outliers by 1 / (1 + (|chi| / 2)^2), iterated until it moves
 * by less than a millionth of the mean error, at most 20 times. Starts from the weighted mean.
 */
export function stetsonMean(curve: LightCurve): number {
  const { f, e } = usablePoints(curve);
  return f.length === 0 ? NaN : stetsonMeanOf(f, e);
}

function stetsonMeanOf(f: Float64Array, e: Float64Array): number {
  const n = f.length;
  const inflate = n > 1 ? Math.sqrt(n / (n - 1)) : 1;
  const average = (weightOf: (i: number) => number): number => {
    let sum = 0;
    let total = 0;
    for (let i = 0; i < n; i++) {
      const w = weightOf(i);
      sum += w * f[i]!;
      total += w;
    }
    return sum / total;
  };
  let mean = average((i) => 1 / e[i]! ** 2);
  const tolerance = (1e-6 * e.reduce((sum, error) => sum + error, 0)) / n;
  for (let iteration = 0; iteration < 20; iteration++) {
    const last = mean;
    mean = average((i) => 1 / e[i]! ** 2 / (1 + ((inflate * (f[i]! - last)) / e[i]! / 2) ** 2));
    if (Math.abs(mean - last) < tolerance) break;
  }
  return mean;
}

/** Stetson J of a single band: the mean of sgn(P) sqrt|P|, P = delta^2 - 1. NaN for fewer than two points. */
export function stetsonJ(curve: LightCurve): number {
  const { f, e } = usablePoints(curve);
  return f.length < 2 ? NaN : stetsonJOf(f, e, stetsonMeanOf(f, e));
}

function stetsonJOf(f: Float64Array, e: Float64Array, mean: number): number {
  const n = f.length;
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const p = (n / (n - 1)) * ((f[i]! - mean) / e[i]!) ** 2 - 1;
    sum += Math.sign(p) * Math.sqrt(Math.abs(p));
  }
  return sum / n;
}

/** Stetson K, a robust kurtosis: mean |delta| / root mean square delta, about the weighted mean. 0.798 for a Gaussian. */
export function stetsonK(curve: LightCurve): number {
  const { f, e } = usablePoints(curve);
  if (f.length < 2) return NaN;
  const { mean } = fluxStatistics(curve);
  let absolute = 0;
  let square = 0;
  for (let i = 0; i < f.length; i++) {
    const delta = (f[i]! - mean) / e[i]!;
    absolute += Math.abs(delta);
    square += delta * delta;
  }
  return absolute / f.length / Math.sqrt(square / f.length);
}
