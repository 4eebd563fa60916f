/**
 * Which new detection belongs to which known object. A pair costs -ln of the likelihood of the offset, a bivariate
 * Gaussian in the tangent plane with both covariances added:  1/2 d'S^-1 d + 1/2 ln|S| + ln 2 pi  [d in arcsec].
 * Staying alone costs -ln(rho), rho being the expected density of unrelated new detections [arcsec^-2]: the ratio of the
 * two is the Bayes factor of Budavari & Szalay (2008, ApJ 679, 301), so that a miss of 4-5 sigma makes a new object
 * instead of a forced marriage. Offsets in right ascension carry cos(dec) by construction; errors of right ascension
 * are errors on the sky. All pairs together are solved as an assignment. Cost: O(sources + objects + pairs).
 */

import { tangentOffsetDeg } from '#libs/sky';
import { assignPairs } from './assignment.js';
import { type Positions, SkyGrid } from './sky-grid.js';

const ARCSEC = 3600;

/** Positions with errors [deg]; `raErrDeg` on the sky. Errors may be NaN: the fallback is taken. */
export interface UncertainPositions extends Positions {
  readonly id: ArrayLike<bigint>;
  readonly raErrDeg?: ArrayLike<number>;
  readonly decErrDeg?: ArrayLike<number>;
  /** covariance of (ra cos dec, dec) [deg^2] */
  readonly raDecCovDeg2?: ArrayLike<number>;
}

export interface MatchConfig {
  /** candidates are looked for within this distance [arcsec] */
  readonly maxDistanceArcsec: number;
  /** systematic error of one offset, added in quadrature per axis [arcsec] */
  readonly systematicArcsec: number;
  /** error per axis of a position that has none [arcsec] */
  readonly fallbackArcsec: number;
  /** expected density of detections that belong to no known object [deg^-2] */
  readonly newSourceDensityPerDeg2: number;
}

export const DEFAULT_MATCH: MatchConfig = {
  maxDistanceArcsec: 2,
  systematicArcsec: 0.05,
  fallbackArcsec: 0.2,
  newSourceDensityPerDeg2: 1000,
};

/** Covariance of an offset [arcsec^2]. */
export interface Covariance {
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
}

export interface Matches {
  /** index of the object of each source, or -1 */
  readonly objectOf: Int32Array;
  /** ln of the Bayes factor of the chosen pair against staying alone; NaN when alone */
  readonly logBayesFactor: Float64Array;
}

/** What an unrelated detection costs: -ln of the density per square arcsecond. */
export const priceOfNew = (densityPerDeg2: number): number => -Math.log(densityPerDeg2 / ARCSEC ** 2);

/** -ln of the bivariate Gaussian density of an offset [arcsec]; Infinity when the covariance is not positive. */
export function offsetCost(dx: number, dy: number, s: Covariance): number {
  const determinant = s.xx * s.yy - s.xy * s.xy;
  if (!(determinant > 0)) return Infinity;
  const chi2 = (s.yy * dx * dx - 2 * s.xy * dx * dy + s.xx * dy * dy) / determinant;
  return chi2 / 2 + Math.log(determinant) / 2 + Math.log(2 * Math.PI);
}

/** Offset of b from a on the sky [arcsec], east and north, in the tangent plane at a. Exact near poles and at RA 0. */
export function skyOffsetArcsec(
  aRaDeg: number,
  aDecDeg: number,
  bRaDeg: number,
  bDecDeg: number,
): { east: number; north: number } {
  const { xi, eta } = tangentOffsetDeg(bRaDeg, bDecDeg, aRaDeg, aDecDeg);
  return { east: xi * ARCSEC, north: eta * ARCSEC };
}

export function positionCovariance(positions: UncertainPositions, i: number, fallbackArcsec: number): Covariance {
  const ra = positions.raErrDeg?.[i] ?? NaN;
  const dec = positions.decErrDeg?.[i] ?? NaN;
  if (!(ra > 0 && dec > 0)) return { xx: fallbackArcsec ** 2, yy: fallbackArcsec ** 2, xy: 0 };
  const xx = (ra * ARCSEC) ** 2;
  const yy = (dec * ARCSEC) ** 2;
  const xy = (positions.raDecCovDeg2?.[i] ?? 0) * ARCSEC ** 2;
  return { xx, yy, xy: xy * xy < xx * yy ? xy : 0 };
}

/** Cost of the pair (source, object), without regard to "alone". */
export type PairCost = (source: number, object: number, east: number, north: number) => number;

/** Candidate pairs within a radius, costed and solved as one assignment. `eligible` may keep sources out. */
export function matchByCost(
  sources: UncertainPositions,
  objects: UncertainPositions,
  radiusArcsec: number,
  alonePrice: number,
  costOf: PairCost,
  eligible?: (source: number) => boolean,
): Matches {
  const n = sources.raDeg.length;
  const m = objects.raDeg.length;
  const row: number[] = [];
  const column: number[] = [];
  const cost: number[] = [];
  const grid = new SkyGrid(objects, radiusArcsec / ARCSEC);
  for (let s = 0; s < n; s++) {
    if (eligible && !eligible(s)) continue;
    grid.forEachNear(sources.raDeg[s]!, sources.decDeg[s]!, (o) => {
      // offset of the source, seen from the object: errors of both are small, either plane serves
      const { east, north } = skyOffsetArcsec(
        objects.raDeg[o]!,
        objects.decDeg[o]!,
        sources.raDeg[s]!,
        sources.decDeg[s]!,
      );
      const c = costOf(s, o, east, north);
      if (!(c < alonePrice)) return;
      row.push(s);
      column.push(o);
      cost.push(c);
    });
  }
  const objectOf = assignPairs(
    { row: Int32Array.from(row), column: Int32Array.from(column), cost: Float64Array.from(cost) },
    n,
    m,
    new Float64Array(n).fill(alonePrice),
    sources.id,
    objects.id,
  );
  const logBayesFactor = new Float64Array(n).fill(NaN);
  for (let k = 0; k < row.length; k++)
    if (objectOf[row[k]!] === column[k]) logBayesFactor[row[k]!] = alonePrice - cost[k]!;
  return { objectOf, logBayesFactor };
}

/** Associates detections with objects that stand still. */
export function matchPositions(
  sources: UncertainPositions,
  objects: UncertainPositions,
  config: MatchConfig = DEFAULT_MATCH,
  eligible?: (source: number) => boolean,
): Matches {
  const systematic = config.systematicArcsec ** 2;
  return matchByCost(
    sources,
    objects,
    config.maxDistanceArcsec,
    priceOfNew(config.newSourceDensityPerDeg2),
    (s, o, east, north) => {
      const a = positionCovariance(sources, s, config.fallbackArcsec);
      const b = positionCovariance(objects, o, config.fallbackArcsec);
      return offsetCost(east, north, { xx: a.xx + b.xx + systematic, yy: a.yy + b.yy + systematic, xy: a.xy + b.xy });
    },
    eligible,
  );
}
