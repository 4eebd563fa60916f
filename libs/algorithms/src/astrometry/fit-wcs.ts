/**
 * The WCS of an exposure from its matched stars: the fit of `fitTanSip` (#libs/sky) with robust clipping, the order lowered when stars are
 * few, and a verdict on what is left. Cost: a few fits of 2 stars terms^2, some 5 ms for 500 stars and order 3.
 */
import { type CelestialWcs, fitTanSip, SkyError, type TanSipFit, termCount } from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import { medianInPlace } from '../numeric/index.js';

export interface AstrometricMatches {
  /** measured positions [px] */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** reference positions at the epoch of the exposure [deg] */
  readonly raDeg: ArrayLike<number>;
  readonly decDeg: ArrayLike<number>;
  /** 1-sigma error per axis of measurement and reference together [arcsec]; equal weights when absent */
  readonly sigmaArcsec?: ArrayLike<number>;
}

export interface FitWcsOptions {
  readonly width: number;
  readonly height: number;
  /** polynomial order: 1 is plain TAN; lowered automatically when stars are few */
  readonly order?: number;
  /** residuals beyond this many robust sigmas are clipped */
  readonly clipSigma?: number;
  readonly iterations?: number;
  readonly minMatches?: number;
  /** a larger radial rms is a failure [arcsec] */
  readonly maxRmsArcsec?: number;
}

export interface WcsFit {
  readonly wcs: CelestialWcs;
  readonly order: number;
  /** 1 for the matches that were used in the end */
  readonly used: Uint8Array;
  readonly usedCount: number;
  /** radial rms of the used residuals, and per axis (east, north) [arcsec] */
  readonly rmsArcsec: number;
  readonly rmsEastArcsec: number;
  readonly rmsNorthArcsec: number;
  /** residuals reference - fit, east and north [arcsec], for all matches */
  readonly residualEast: Float64Array;
  readonly residualNorth: Float64Array;
}

/** clipping never goes below this fraction of the robust width's floor [arcsec] */
const SIGMA_FLOOR_ARCSEC = 1e-6;

export function fitWcs(matches: AstrometricMatches, options: FitWcsOptions): WcsFit {
  const {
    width,
    height,
    order: wanted = 3,
    clipSigma = 4,
    iterations = 10,
    minMatches = 4,
    maxRmsArcsec = 0.5,
  } = options;
  const n = matches.x.length;
  const used = new Uint8Array(n);
  for (let i = 0; i < n; i++)
    used[i] = [matches.x[i], matches.y[i], matches.raDeg[i], matches.decDeg[i]].every(Number.isFinite) ? 1 : 0;
  let usedCount = used.reduce((sum, flag) => sum + flag, 0);
  const fitOrder = orderFor(usedCount, wanted);
  if (usedCount < Math.max(minMatches, termCount(1)))
    throw new AlgorithmError(
      'NO_STARS',
      `a WCS needs at least ${Math.max(minMatches, 3)} matched stars, not ${usedCount}`,
      { matches: usedCount },
    );
  if (onOneLine(matches, used))
    throw new AlgorithmError('SINGULAR', 'the matched stars lie on one line and do not fix a WCS', {
      matches: usedCount,
    });
  const crpix = { x: (width - 1) / 2, y: (height - 1) / 2 };
  const half = Math.max(width, height) / 2;
  let fit = solve(matches, used, { crpix, half, order: fitOrder });
  for (let iteration = 0; iteration < iterations; iteration++) {
    const changed = clip(matches, fit, used, clipSigma, termCount(fitOrder));
    if (!changed) break;
    usedCount = used.reduce((sum, flag) => sum + flag, 0);
    fit = solve(matches, used, { crpix, half, order: fitOrder });
  }
  const [rmsEastArcsec, rmsNorthArcsec] = [fit.residualEast, fit.residualNorth].map((residuals) => {
    let sum = 0;
    for (let i = 0; i < n; i++) if (used[i]) sum += residuals[i]! ** 2;
    return Math.sqrt(sum / usedCount);
  }) as [number, number];
  const rmsArcsec = Math.hypot(rmsEastArcsec, rmsNorthArcsec);
  if (!(rmsArcsec <= maxRmsArcsec))
    throw new AlgorithmError(
      'NO_CONVERGENCE',
      `the astrometric fit leaves ${rmsArcsec.toFixed(3)} arcsec rms, more than ${maxRmsArcsec}`,
      { rmsArcsec, matches: usedCount },
    );
  const { wcs, residualEast, residualNorth } = fit;
  return {
    wcs,
    order: fitOrder,
    used,
    usedCount,
    rmsArcsec,
    rmsEastArcsec,
    rmsNorthArcsec,
    residualEast,
    residualNorth,
  };
}

/** at least four stars per coefficient of an axis beyond the linear fit */
function orderFor(count: number, wanted: number): number {
  let order = Math.max(1, Math.min(5, Math.round(wanted)));
  while (order > 1 && count < 4 * termCount(order)) order--;
  return order;
}

function solve(matches: AstrometricMatches, used: Uint8Array, options: Parameters<typeof fitTanSip>[1]): TanSipFit {
  const { sigmaArcsec } = matches;
  const weight = Float64Array.from(used, (flag, i) => {
    const sigma = sigmaArcsec?.[i] ?? 1;
    return flag && sigma > 0 && Number.isFinite(sigma) ? 1 / (sigma * sigma) : 0;
  });
  try {
    return fitTanSip({ ...matches, weight }, options);
  } catch (error) {
    if (error instanceof SkyError && error.code === 'SINGULAR_FIT')
      throw new AlgorithmError('SINGULAR', 'the matched stars do not fix a WCS (too few, or on one line)', {
        order: options.order,
      });
    throw error;
  }
}

/** Re-decides which matches take part; true when the set changed. */
function clip(
  { sigmaArcsec }: AstrometricMatches,
  { residualEast, residualNorth }: TanSipFit,
  used: Uint8Array,
  clipSigma: number,
  terms: number,
): boolean {
  const n = used.length;
  const sigma = (i: number): number => sigmaArcsec?.[i] ?? 1;
  const radial = new Float64Array(n);
  const values = new Float64Array(n);
  let count = 0;
  for (let i = 0; i < n; i++) {
    radial[i] = Math.hypot(residualEast[i]!, residualNorth[i]!);
    if (used[i]) values[count++] = radial[i]! / sigma(i);
  }
  // Rayleigh: the median of |r| is 1.1774 sigma per axis
  const width = medianInPlace(values, count) / 1.1774;
  // flagged coordinates never come back; clipped ones may
  let changed = false;
  let kept = 0;
  const next = used.slice();
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(radial[i]!)) continue;
    const keep = radial[i]! <= clipSigma * Math.max(width * sigma(i), SIGMA_FLOOR_ARCSEC) ? 1 : 0;
    kept += keep;
    if (keep !== used[i]) changed = true;
    next[i] = keep;
  }
  if (kept < terms + 1) return false;
  used.set(next);
  return changed;
}

/** Whether the narrow axis of the stars' scatter is a thousandth of the long one. */
function onOneLine({ x, y }: AstrometricMatches, used: Uint8Array): boolean {
  let [n, mx, my] = [0, 0, 0];
  for (let i = 0; i < used.length; i++) {
    if (!used[i]) continue;
    n++;
    mx += x[i]!;
    my += y[i]!;
  }
  let [xx, yy, xy] = [0, 0, 0];
  for (let i = 0; i < used.length; i++) {
    if (!used[i]) continue;
    const [dx, dy] = [x[i]! - mx / n, y[i]! - my / n];
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return !(xx * yy - xy * xy > 1e-6 * ((xx + yy) / 2) ** 2);
}
