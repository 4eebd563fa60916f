/**
 * Detections of known Solar System objects: predicted places with an error ellipse and a motion. The cost of a pair is
 * that of still objects (match.ts) with the prediction's ellipse and an extra error along the motion, for the shutter
 * and for clipped trails; where a trail was measured, its vector is compared with rate x exposure time (sign unknown).
 * Angles in degrees, ellipse in arcseconds, rates in degrees per day with cos(dec) in.
 */

import {
  type Covariance,
  matchByCost,
  type Matches,
  offsetCost,
  positionCovariance,
  priceOfNew,
  type UncertainPositions,
} from './match.js';

export interface SolarSystemPredictions extends UncertainPositions {
  /** semi-axes of the 1-sigma ellipse [arcsec] and position angle of the major one, from north through east [deg] */
  readonly majorArcsec: ArrayLike<number>;
  readonly minorArcsec: ArrayLike<number>;
  readonly angleDeg: ArrayLike<number>;
  /** apparent motion [deg / d]: in right ascension times cos dec, in declination */
  readonly rateRaDegPerDay: ArrayLike<number>;
  readonly rateDecDegPerDay: ArrayLike<number>;
}

/** Trails measured on the detections; NaN where there is none. */
export interface MeasuredTrails {
  readonly lengthArcsec: ArrayLike<number>;
  readonly angleDeg: ArrayLike<number>;
}

export interface SolarSystemMatchConfig {
  readonly systematicArcsec: number;
  readonly fallbackArcsec: number;
  /** detections that belong to no known Solar System object [deg^-2] */
  readonly otherSourceDensityPerDeg2: number;
  /** candidates lie within so many sigmas of the ellipse ... */
  readonly searchSigmas: number;
  /** ... but at least and at most so far away [arcsec] */
  readonly minimumSearchArcsec: number;
  readonly maximumSearchArcsec: number;
  /** error along the motion, as a fraction of the trail */
  readonly alongTrackFraction: number;
  /** error of each component of a measured trail [arcsec] */
  readonly trailErrorArcsec: number;
}

export const DEFAULT_SOLAR_SYSTEM_MATCH: SolarSystemMatchConfig = {
  systematicArcsec: 0.1,
  fallbackArcsec: 0.2,
  otherSourceDensityPerDeg2: 2000,
  searchSigmas: 5,
  minimumSearchArcsec: 2,
  maximumSearchArcsec: 60,
  alongTrackFraction: 0.1,
  trailErrorArcsec: 0.5,
};

/** A 1-sigma ellipse as a covariance [arcsec^2], x to the east, y to the north. */
export function ellipseCovariance(major: number, minor: number, angleDeg: number): Covariance {
  const sin = Math.sin((angleDeg * Math.PI) / 180);
  const cos = Math.cos((angleDeg * Math.PI) / 180);
  const a = major * major;
  const b = minor * minor;
  return { xx: a * sin * sin + b * cos * cos, yy: a * cos * cos + b * sin * sin, xy: (a - b) * sin * cos };
}

export function matchSolarSystem(
  sources: UncertainPositions,
  predictions: SolarSystemPredictions,
  exposureTimeS: number,
  trails: MeasuredTrails | undefined,
  config: SolarSystemMatchConfig = DEFAULT_SOLAR_SYSTEM_MATCH,
): Matches {
  const n = predictions.raDeg.length;
  const systematic = config.systematicArcsec ** 2;
  const covariance: Covariance[] = [];
  const trail: { east: number; north: number }[] = [];
  const radius = new Float64Array(n);
  let widest = 0;
  for (let o = 0; o < n; o++) {
    const ellipse = ellipseCovariance(
      predictions.majorArcsec[o]!,
      predictions.minorArcsec[o]!,
      predictions.angleDeg[o]!,
    );
    const east = (predictions.rateRaDegPerDay[o]! * 3600 * exposureTimeS) / 86400;
    const north = (predictions.rateDecDegPerDay[o]! * 3600 * exposureTimeS) / 86400;
    const f = config.alongTrackFraction ** 2;
    trail.push({ east, north });
    covariance.push({
      xx: ellipse.xx + systematic + f * east * east,
      yy: ellipse.yy + systematic + f * north * north,
      xy: ellipse.xy + f * east * north,
    });
    const wide = config.searchSigmas * predictions.majorArcsec[o]!;
    radius[o] = Math.min(Math.max(wide, config.minimumSearchArcsec), config.maximumSearchArcsec);
    widest = Math.max(widest, radius[o]!);
  }
  return matchByCost(
    sources,
    predictions,
    widest,
    priceOfNew(config.otherSourceDensityPerDeg2),
    (s, o, east, north) => {
      if (Math.hypot(east, north) > radius[o]!) return Infinity;
      const own = positionCovariance(sources, s, config.fallbackArcsec);
      const predicted = covariance[o]!;
      const cost = offsetCost(east, north, {
        xx: own.xx + predicted.xx,
        yy: own.yy + predicted.yy,
        xy: own.xy + predicted.xy,
      });
      return cost + trailCost(s, trail[o]!, trails, config.trailErrorArcsec);
    },
  );
}

/** Half the chi-squared of a measured trail against the predicted one, whichever way round it was travelled. */
function trailCost(
  s: number,
  predicted: { east: number; north: number },
  trails: MeasuredTrails | undefined,
  error: number,
): number {
  const length = trails?.lengthArcsec[s] ?? NaN;
  const angle = ((trails?.angleDeg[s] ?? NaN) * Math.PI) / 180;
  if (!Number.isFinite(length + angle)) return 0;
  const east = length * Math.sin(angle);
  const north = length * Math.cos(angle);
  const same = (east - predicted.east) ** 2 + (north - predicted.north) ** 2;
  const reversed = (east + predicted.east) ** 2 + (north + predicted.north) ** 2;
  return Math.min(same, reversed) / (2 * error * error);
}
