/**
 * Weighted mean of positions on the sphere, in the tangent plane about their (unit-vector) middle: no trouble at RA 0 or
 * the poles. Weights are the inverse 2 x 2 covariances; positions without errors get the fallback. Errors and covariance
 * of the mean are those of the weights [deg, on the sky]. Sums run in order of time, then of place. O(n log n).
 */

import { directionOf, fromTangentOffsetDeg, tangentOffsetDeg, unitVector } from '#libs/sky';

export interface MeasuredPosition {
  readonly raDeg: number;
  readonly decDeg: number;
  readonly raErrDeg: number;
  readonly decErrDeg: number;
  /** covariance of (ra cos dec, dec) [deg^2]; NaN counts as 0 */
  readonly covDeg2: number;
}

export interface MeanPosition extends MeasuredPosition {
  readonly count: number;
}

const FALLBACK_DEG = 0.2 / 3600;

/** The mean of at least one position; NaN members are left out, none left gives NaN. */
export function meanPosition(all: readonly MeasuredPosition[]): MeanPosition {
  const positions = all
    .filter((p) => Number.isFinite(p.raDeg + p.decDeg))
    .toSorted((a, b) => a.raDeg - b.raDeg || a.decDeg - b.decDeg || a.raErrDeg - b.raErrDeg);
  if (positions.length === 0) return { raDeg: NaN, decDeg: NaN, raErrDeg: NaN, decErrDeg: NaN, covDeg2: NaN, count: 0 };
  let x = 0;
  let y = 0;
  let z = 0;
  for (const p of positions) {
    const [px, py, pz] = unitVector(p.raDeg, p.decDeg);
    x += px;
    y += py;
    z += pz;
  }
  const middle = directionOf(x, y, z);
  // normal equations of the two means: A m = b with A the sum of the inverse covariances
  let axx = 0;
  let axy = 0;
  let ayy = 0;
  let bx = 0;
  let by = 0;
  for (const p of positions) {
    const { xi, eta } = tangentOffsetDeg(p.raDeg, p.decDeg, middle.raDeg, middle.decDeg);
    const good = p.raErrDeg > 0 && p.decErrDeg > 0 && Number.isFinite(p.raErrDeg + p.decErrDeg);
    const sxx = (good ? p.raErrDeg : FALLBACK_DEG) ** 2;
    const syy = (good ? p.decErrDeg : FALLBACK_DEG) ** 2;
    const sxy = good && p.covDeg2 * p.covDeg2 < sxx * syy ? p.covDeg2 : 0;
    const determinant = sxx * syy - sxy * sxy;
    axx += syy / determinant;
    axy -= sxy / determinant;
    ayy += sxx / determinant;
    bx += (syy * xi - sxy * eta) / determinant;
    by += (sxx * eta - sxy * xi) / determinant;
  }
  const determinant = axx * ayy - axy * axy;
  const xi = (ayy * bx - axy * by) / determinant;
  const eta = (axx * by - axy * bx) / determinant;
  const place = fromTangentOffsetDeg(xi, eta, middle.raDeg, middle.decDeg);
  return {
    ...place,
    raErrDeg: Math.sqrt(ayy / determinant),
    decErrDeg: Math.sqrt(axx / determinant),
    covDeg2: -axy / determinant,
    count: positions.length,
  };
}
