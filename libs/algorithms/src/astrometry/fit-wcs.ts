/**
 * TAN or TAN-SIP world coordinates from matched positions (Shupe et al. 2005 for the convention): standard coordinates of the
 * reference stars about the sky position of the reference pixel are fitted as polynomials of the pixel offsets by weighted least
 * squares with clipping; the linear terms are the CD matrix, the rest divided by it the SIP polynomials. The reference position is
 * moved until the constant terms vanish. Cost: stars x terms^2, about 1 ms for 500 stars and order 3.
 */
import {
  type CelestialWcs,
  fromTangentOffsetDeg,
  makeTanSipWcs,
  makeTanWcs,
  type Matrix2,
  SipMap,
  sipPolynomial,
  type SipPolynomial,
  tangentOffsetDeg,
} from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import { choleskyInPlace, choleskySolveInPlace, medianInPlace } from '../numeric/index.js';

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

const termCount = (order: number): number => ((order + 1) * (order + 2)) / 2;
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
  let crval = meanDirection(matches, used);
  let fit = solve(matches, used, crpix, half, crval, fitOrder);
  for (let iteration = 0; iteration < iterations; iteration++) {
    // two moves of the reference position per clipping round: the second is below a microarcsecond
    for (let move = 0; move < 2; move++) {
      crval = fromTangentOffsetDeg(fit.constant[0], fit.constant[1], crval.raDeg, crval.decDeg);
      fit = solve(matches, used, crpix, half, crval, fitOrder);
    }
    const changed = clip(matches, fit, used, clipSigma, termCount(fitOrder));
    usedCount = used.reduce((sum, flag) => sum + flag, 0);
    if (!changed) break;
    fit = solve(matches, used, crpix, half, crval, fitOrder);
  }
  const wcs = toWcs(fit, crpix, crval, fitOrder);
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
  const { residualEast, residualNorth } = fit;
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

interface Solution {
  /** coefficients of xi and eta [deg] of (u / half)^p (v / half)^q, by total degree */
  readonly xi: Float64Array;
  readonly eta: Float64Array;
  readonly constant: readonly [number, number];
  readonly half: number;
  readonly residualEast: Float64Array;
  readonly residualNorth: Float64Array;
}

function solve(
  { x, y, raDeg, decDeg, sigmaArcsec }: AstrometricMatches,
  used: Uint8Array,
  crpix: { readonly x: number; readonly y: number },
  half: number,
  crval: { readonly raDeg: number; readonly decDeg: number },
  order: number,
): Solution {
  const terms = termCount(order);
  const normal = new Float64Array(terms * terms);
  const right = new Float64Array(2 * terms);
  const row = new Float64Array(terms);
  const target = Array.from({ length: x.length }, (_, i) =>
    tangentOffsetDeg(raDeg[i]!, decDeg[i]!, crval.raDeg, crval.decDeg),
  );
  const fill = (i: number): void => {
    const u = (x[i]! - crpix.x) / half;
    const v = (y[i]! - crpix.y) / half;
    let k = 0;
    for (let degree = 0; degree <= order; degree++)
      for (let q = 0; q <= degree; q++) row[k++] = u ** (degree - q) * v ** q;
  };
  for (let i = 0; i < x.length; i++) {
    if (!used[i]) continue;
    fill(i);
    const sigma = sigmaArcsec?.[i] ?? 1;
    const weight = sigma > 0 && Number.isFinite(sigma) ? 1 / (sigma * sigma) : 0;
    for (let a = 0; a < terms; a++) {
      const wa = weight * row[a]!;
      for (let b = 0; b <= a; b++) normal[a * terms + b]! += wa * row[b]!;
      right[a]! += wa * target[i]!.xi;
      right[terms + a]! += wa * target[i]!.eta;
    }
  }
  for (let a = 0; a < terms; a++) for (let b = a + 1; b < terms; b++) normal[a * terms + b] = normal[b * terms + a]!;
  if (!choleskyInPlace(normal, terms))
    throw new AlgorithmError('SINGULAR', 'the matched stars do not fix a WCS (too few, or on one line)', { order });
  choleskySolveInPlace(normal, terms, right, 2);
  const xi = right.slice(0, terms);
  const eta = right.slice(terms);
  const residualEast = new Float64Array(x.length);
  const residualNorth = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    fill(i);
    let [fx, fy] = [0, 0];
    for (let k = 0; k < terms; k++) {
      fx += xi[k]! * row[k]!;
      fy += eta[k]! * row[k]!;
    }
    residualEast[i] = (target[i]!.xi - fx) * 3600;
    residualNorth[i] = (target[i]!.eta - fy) * 3600;
  }
  return { xi, eta, constant: [xi[0]!, eta[0]!], half, residualEast, residualNorth };
}

/** Re-decides which matches take part; true when the set changed. */
function clip(
  { sigmaArcsec }: AstrometricMatches,
  { residualEast, residualNorth }: Solution,
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

function toWcs(
  { xi, eta, half }: Solution,
  crpix: { readonly x: number; readonly y: number },
  crval: { readonly raDeg: number; readonly decDeg: number },
  order: number,
): CelestialWcs {
  // index 0 constant, 1 u, 2 v, then by degree
  const cd: Matrix2 = [
    [xi[1]! / half, xi[2]! / half],
    [eta[1]! / half, eta[2]! / half],
  ];
  const det = cd[0][0] * cd[1][1] - cd[0][1] * cd[1][0];
  const base = { crpix, crvalRaDeg: crval.raDeg, crvalDecDeg: crval.decDeg, cd };
  if (order === 1) return makeTanWcs(base);
  const a: [number, number, number][] = [];
  const b: [number, number, number][] = [];
  let k = 3;
  for (let degree = 2; degree <= order; degree++)
    for (let q = 0; q <= degree; q++, k++) {
      const scale = half ** degree;
      const [dx, dy] = [xi[k]! / scale, eta[k]! / scale];
      a.push([degree - q, q, (cd[1][1] * dx - cd[0][1] * dy) / det]);
      b.push([degree - q, q, (-cd[1][0] * dx + cd[0][0] * dy) / det]);
    }
  const forward = new SipMap(sipPolynomial(order, a), sipPolynomial(order, b));
  const { ap, bp } = inverseSip(forward, half, order);
  return makeTanSipWcs({ ...base, sip: new SipMap(forward.a, forward.b, ap, bp) });
}

/**
 * The inverse polynomials AP, BP that other programs read (ours solves exactly): fitted on a grid over the image, one order higher.
 */
export function inverseSip(forward: SipMap, half: number, order: number): { ap: SipPolynomial; bp: SipPolynomial } {
  const inverseOrder = Math.min(9, order + 1);
  const terms = termCount(inverseOrder);
  const steps = 24;
  const normal = new Float64Array(terms * terms);
  const right = new Float64Array(2 * terms);
  const row = new Float64Array(terms);
  const out = new Float64Array(2);
  for (let i = 0; i <= steps; i++)
    for (let j = 0; j <= steps; j++) {
      const u = half * (-1.02 + (2.04 * i) / steps);
      const v = half * (-1.02 + (2.04 * j) / steps);
      forward.forward(u, v, out);
      const [s, t] = [out[0]! / half, out[1]! / half];
      let k = 0;
      for (let degree = 0; degree <= inverseOrder; degree++)
        for (let q = 0; q <= degree; q++) row[k++] = s ** (degree - q) * t ** q;
      for (let a = 0; a < terms; a++) {
        for (let b = 0; b < terms; b++) normal[a * terms + b]! += row[a]! * row[b]!;
        right[a]! += row[a]! * (u - out[0]!);
        right[terms + a]! += row[a]! * (v - out[1]!);
      }
    }
  if (!choleskyInPlace(normal, terms))
    throw new AlgorithmError('SINGULAR', 'the inverse distortion cannot be fitted', { order });
  choleskySolveInPlace(normal, terms, right, 2);
  const polynomial = (offset: number): SipPolynomial => {
    const list: [number, number, number][] = [];
    let k = 0;
    for (let degree = 0; degree <= inverseOrder; degree++)
      for (let q = 0; q <= degree; q++, k++) list.push([degree - q, q, right[offset + k]! / half ** degree]);
    return sipPolynomial(inverseOrder, list);
  };
  return { ap: polynomial(0), bp: polynomial(terms) };
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

function meanDirection(
  { raDeg, decDeg }: AstrometricMatches,
  used: Uint8Array,
): { readonly raDeg: number; readonly decDeg: number } {
  // the first star is near enough to average in its tangent plane
  const first = used.indexOf(1);
  if (first < 0) throw new AlgorithmError('NO_STARS', 'no matched star has finite coordinates');
  let [xi, eta, count] = [0, 0, 0];
  for (let i = 0; i < used.length; i++) {
    if (!used[i]) continue;
    const offset = tangentOffsetDeg(raDeg[i]!, decDeg[i]!, raDeg[first]!, decDeg[first]!);
    if (Number.isNaN(offset.xi)) continue;
    xi += offset.xi;
    eta += offset.eta;
    count++;
  }
  return fromTangentOffsetDeg(xi / count, eta / count, raDeg[first]!, decDeg[first]!);
}
