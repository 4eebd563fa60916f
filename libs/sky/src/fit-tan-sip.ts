/**
 * TAN or TAN-SIP world coordinates through matched pairs of pixels and sky positions (Shupe et al. 2005 for the convention). Standard
 * coordinates of the sky positions about the sky position of the reference pixel are fitted as polynomials of the pixel offsets by
 * weighted least squares; the linear terms are the CD matrix, the rest divided by it the SIP polynomials. The reference position is moved
 * until the constant terms vanish. Pure geometry: which pairs are believed, and how much, the caller says by weights.
 * Cost: 2 pairs terms^2 per move of the reference position, three or four of them; 3 ms for 1000 pairs and order 3.
 */
import { fromTangentOffsetDeg, tangentOffsetDeg } from './angles.js';
import { type CelestialWcs, makeTanSipWcs, makeTanWcs, type Matrix2 } from './celestial-wcs.js';
import { SkyError } from './errors.js';
import { leastSquares } from './least-squares.js';
import { SipMap, sipPolynomial, type SipPolynomial } from './plane-map.js';

export interface MatchedPairs {
  /** pixel positions, (0, 0) the centre of the first pixel */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** ICRS positions [deg] */
  readonly raDeg: ArrayLike<number>;
  readonly decDeg: ArrayLike<number>;
  /** inverse variances in any unit; 0 leaves a pair out; equal when absent. Pairs with a NaN are always left out. */
  readonly weight?: ArrayLike<number>;
}

export interface FitTanSipOptions {
  /** reference pixel */
  readonly crpix: { readonly x: number; readonly y: number };
  /** distance of the image's border from the reference pixel [px]: scale of the fit, and reach of the inverse polynomials */
  readonly half: number;
  /** degree of the polynomials, 1 (plain TAN) to 9 */
  readonly order: number;
}

export interface TanSipFit {
  readonly wcs: CelestialWcs;
  /** sky position - fit, east and north [arcsec], for all pairs; NaN where a pair is */
  readonly residualEast: Float64Array;
  readonly residualNorth: Float64Array;
}

/** terms of a polynomial of two variables */
export const termCount = (order: number): number => ((order + 1) * (order + 2)) / 2;

/** The WCS of matched pairs; SINGULAR_FIT when they do not determine it (too few, or on one line). */
export function fitTanSip(pairs: MatchedPairs, { crpix, half, order }: FitTanSipOptions): TanSipFit {
  if (!(Number.isInteger(order) && order >= 1 && order <= 9 && half > 0))
    throw new SkyError('OUT_OF_RANGE', `no WCS of order ${order} over ${half} px can be fitted`, { order, half });
  const used = usedPairs(pairs);
  let crval = meanDirection(pairs, used);
  let solution = solve(pairs, used, crpix, half, crval, order);
  for (let move = 0; move < 10; move++) {
    const [xi, eta] = solution.constant;
    crval = fromTangentOffsetDeg(xi, eta, crval.raDeg, crval.decDeg);
    solution = solve(pairs, used, crpix, half, crval, order);
    if (Math.hypot(...solution.constant) < 1e-13) break;
  }
  return {
    wcs: toWcs(solution, crpix, half, crval, order),
    residualEast: solution.residualEast,
    residualNorth: solution.residualNorth,
  };
}

function usedPairs({ x, y, raDeg, decDeg, weight }: MatchedPairs): number[] {
  const used: number[] = [];
  for (let i = 0; i < x.length; i++)
    if ((weight?.[i] ?? 1) > 0 && Number.isFinite(x[i]! + y[i]! + raDeg[i]! + decDeg[i]!)) used.push(i);
  return used;
}

interface Solution {
  /** coefficients of xi and eta [deg] of (u / half)^p (v / half)^q, by total degree */
  readonly xi: Float64Array;
  readonly eta: Float64Array;
  readonly constant: readonly [number, number];
  readonly residualEast: Float64Array;
  readonly residualNorth: Float64Array;
}

function solve(
  { x, y, raDeg, decDeg, weight }: MatchedPairs,
  used: readonly number[],
  crpix: { readonly x: number; readonly y: number },
  half: number,
  crval: { readonly raDeg: number; readonly decDeg: number },
  order: number,
): Solution {
  const terms = termCount(order);
  const row = new Float64Array(terms);
  const fill = (i: number): void => monomials((x[i]! - crpix.x) / half, (y[i]! - crpix.y) / half, order, row);
  const a = new Float64Array(used.length * terms);
  const b = new Float64Array(used.length * 2);
  used.forEach((i, k) => {
    const root = Math.sqrt(weight?.[i] ?? 1);
    const { xi, eta } = tangentOffsetDeg(raDeg[i]!, decDeg[i]!, crval.raDeg, crval.decDeg);
    fill(i);
    for (let t = 0; t < terms; t++) a[k * terms + t] = root * row[t]!;
    b[2 * k] = root * xi;
    b[2 * k + 1] = root * eta;
  });
  const coefficients = leastSquares(a, b, used.length, terms, 2);
  if (!coefficients || coefficients.some(Number.isNaN))
    throw new SkyError('SINGULAR_FIT', `${used.length} matched pairs do not fix a WCS of order ${order}`, order);
  const xi = Float64Array.from({ length: terms }, (_, t) => coefficients[2 * t]!);
  const eta = Float64Array.from({ length: terms }, (_, t) => coefficients[2 * t + 1]!);
  const residualEast = new Float64Array(x.length);
  const residualNorth = new Float64Array(x.length);
  for (let i = 0; i < x.length; i++) {
    const target = tangentOffsetDeg(raDeg[i]!, decDeg[i]!, crval.raDeg, crval.decDeg);
    fill(i);
    let fitXi = 0;
    let fitEta = 0;
    for (let t = 0; t < terms; t++) {
      fitXi += xi[t]! * row[t]!;
      fitEta += eta[t]! * row[t]!;
    }
    residualEast[i] = (target.xi - fitXi) * 3600;
    residualNorth[i] = (target.eta - fitEta) * 3600;
  }
  return { xi, eta, constant: [xi[0]!, eta[0]!], residualEast, residualNorth };
}

/** s^p t^q by total degree, within a degree with q rising */
function monomials(s: number, t: number, order: number, out: Float64Array): void {
  let k = 0;
  for (let degree = 0; degree <= order; degree++)
    for (let q = 0; q <= degree; q++) out[k++] = s ** (degree - q) * t ** q;
}

function toWcs(
  { xi, eta }: Solution,
  crpix: { readonly x: number; readonly y: number },
  half: number,
  crval: { readonly raDeg: number; readonly decDeg: number },
  order: number,
): CelestialWcs {
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

/** The inverse polynomials AP, BP that other programs read (ours solves exactly): fitted on a grid over the image, one order higher. */
export function inverseSip(
  forward: SipMap,
  half: number,
  order: number,
): { readonly ap: SipPolynomial; readonly bp: SipPolynomial } {
  const inverseOrder = Math.min(9, order + 1);
  const terms = termCount(inverseOrder);
  const side = 25;
  const a = new Float64Array(side * side * terms);
  const b = new Float64Array(side * side * 2);
  const row = new Float64Array(terms);
  const out = new Float64Array(2);
  for (let k = 0; k < side * side; k++) {
    const u = half * (-1.02 + (2.04 * (k % side)) / (side - 1));
    const v = half * (-1.02 + (2.04 * Math.floor(k / side)) / (side - 1));
    forward.forward(u, v, out);
    monomials(out[0]! / half, out[1]! / half, inverseOrder, row);
    a.set(row, k * terms);
    b[2 * k] = u - out[0]!;
    b[2 * k + 1] = v - out[1]!;
  }
  const coefficients = leastSquares(a, b, side * side, terms, 2);
  if (!coefficients) throw new SkyError('SINGULAR_FIT', 'the inverse distortion cannot be fitted', order);
  const polynomial = (axis: 0 | 1): SipPolynomial => {
    const list: [number, number, number][] = [];
    let k = 0;
    for (let degree = 0; degree <= inverseOrder; degree++)
      for (let q = 0; q <= degree; q++, k++) list.push([degree - q, q, coefficients[2 * k + axis]! / half ** degree]);
    return sipPolynomial(inverseOrder, list);
  };
  return { ap: polynomial(0), bp: polynomial(1) };
}

function meanDirection(
  { raDeg, decDeg }: MatchedPairs,
  used: readonly number[],
): { readonly raDeg: number; readonly decDeg: number } {
  const [first] = used;
  if (first === undefined) throw new SkyError('SINGULAR_FIT', 'no matched pair has finite coordinates', 0);
  // the first pair is near enough to average in its tangent plane
  let [xi, eta, count] = [0, 0, 0];
  for (const i of used) {
    const offset = tangentOffsetDeg(raDeg[i]!, decDeg[i]!, raDeg[first]!, decDeg[first]!);
    if (Number.isNaN(offset.xi)) continue;
    xi += offset.xi;
    eta += offset.eta;
    count++;
  }
  return fromTangentOffsetDeg(xi / count, eta / count, raDeg[first]!, decDeg[first]!);
}
