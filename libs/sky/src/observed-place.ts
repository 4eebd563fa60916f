/**
 * Observed places: where a telescope on the ground has to point (azimuth, altitude, hour angle), and the ICRS position of where it points.
 * ICRS -> space motion, parallax, bending, aberration -> Earth rotation with the measured pole -> horizon -> refraction: the chain of the
 * SOFA routines ATCO13 and ATOC13. One frame serves all stars of an instant: 0.3 ms to make, 1 us a star.
 */
import { DEG, directionOf, type Vec3 } from './angles.js';
import {
  apparentDirection,
  type CatalogStar,
  observerFrame,
  type ObserverFrame,
  removeAberration,
  removeDeflection,
} from './apparent-place.js';
import { type EarthOrientation, polarMotion } from './earth-orientation.js';
import { earthState } from './earth-position.js';
import { earthRotationAngle, icrsToEarthFixed, rotationAxis } from './earth-rotation.js';
import { apply3, transpose3, multiply3, rotateZ } from './matrix3.js';
import { type GeodeticPosition, siteState } from './observatory.js';
import { NO_REFRACTION, type RefractionConstants, refractionConstants, type Weather } from './refraction.js';
import { MJD_J2000, SECONDS_PER_DAY, TT_MINUS_TAI, ut1MinusUtc, utcDay } from './time-scales.js';

export interface TopocentricOptions {
  /** UT1 and the pole; without it UT1 is taken as UTC (up to 0.9 s, 13 arcsec) and the pole as that of the site's coordinates */
  readonly orientation?: EarthOrientation;
  /** without it there is no refraction */
  readonly weather?: Weather;
}

export interface TopocentricFrame extends ObserverFrame {
  readonly yearsFromJ2000: number;
  /** rotation from ICRS axes to axes of the horizon: x south, y east, z up */
  readonly toHorizon: Float64Array;
  readonly sinLatitude: number;
  readonly cosLatitude: number;
  readonly refraction: RefractionConstants;
}

export interface HorizontalPosition {
  /** from north through east, in [0, 360) */
  readonly azimuthDeg: number;
  readonly altitudeDeg: number;
}

export interface ObservedPlace extends HorizontalPosition {
  /** from the meridian to the west, in [-180, 180) */
  readonly hourAngleDeg: number;
  /** observed declination, the hour angle's companion */
  readonly decDeg: number;
}

/** sine of the altitude below which the refraction law is continued as it is there (about 3 degrees) */
const LOWEST_SINE = 0.05;

/** What all stars of an instant (UTC) have in common for an observer. */
export function topocentricFrame(
  site: GeodeticPosition,
  mjdUtc: number,
  { orientation, weather }: TopocentricOptions = {},
): TopocentricFrame {
  // dates as day and fraction: UT1 as one MJD would cost 50 microarcseconds of rotation
  const { day, seconds, taiMinusUtc } = utcDay(mjdUtc);
  const mjdTt = day + (seconds + taiMinusUtc + TT_MINUS_TAI) / SECONDS_PER_DAY;
  const fraction = (seconds + ut1MinusUtc(mjdUtc, orientation)) / SECONDS_PER_DAY;
  const { xp, yp } = polarMotion(mjdUtc, orientation);
  const toEarth = icrsToEarthFixed(mjdTt, earthRotationAngle(day, fraction), xp, yp);
  const { heliocentric, barycentric } = earthState(mjdTt);
  const local = siteState(site, toEarth, rotationAxis(xp, yp));
  const add = (a: Vec3, b: Vec3): Vec3 => [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
  const frame = observerFrame({
    heliocentric: { ...heliocentric, position: add(heliocentric.position, local.position) },
    barycentric: {
      position: add(barycentric.position, local.position),
      velocity: add(barycentric.velocity, local.velocity),
    },
  });
  const sinLatitude = Math.sin(site.latitudeDeg * DEG);
  const cosLatitude = Math.cos(site.latitudeDeg * DEG);
  const meridian = multiply3(rotateZ(site.longitudeDeg * DEG), toEarth);
  return {
    ...frame,
    yearsFromJ2000: (mjdTt - MJD_J2000) / 365.25,
    toHorizon: multiply3([sinLatitude, 0, -cosLatitude, 0, 1, 0, cosLatitude, 0, sinLatitude], meridian),
    sinLatitude,
    cosLatitude,
    refraction: weather ? refractionConstants(weather) : NO_REFRACTION,
  };
}

/** The observed place of a star whose catalog epoch is J2000 plus `epochYears`. */
export function observedPlace(star: CatalogStar, frame: TopocentricFrame, epochYears = 0): ObservedPlace {
  const direction = apparentDirection(star, frame.yearsFromJ2000 - epochYears, frame);
  const [south, east, up] = apply3(frame.toHorizon, direction);
  const { a, b } = frame.refraction;
  const across = Math.max(Math.hypot(south, east), 1e-6);
  const height = Math.max(up, LOWEST_SINE);
  const tan = across / height;
  const w = b * tan * tan;
  // A tan Z + B tan^3 Z is a law of the observed zenith distance: one Newton step from the unrefracted one
  const lift = ((a + w) * tan) / (1 + (a + 3 * w) / (height * height));
  const cosLift = 1 - (lift * lift) / 2;
  const shrink = cosLift - (lift * height) / across;
  return placeOf([south * shrink, east * shrink, cosLift * up + lift * across], frame);
}

function placeOf([south, east, up]: Vec3, { sinLatitude, cosLatitude }: TopocentricFrame): ObservedPlace {
  const horizontal = directionOf(-south, east, up);
  const equatorial = directionOf(sinLatitude * south + cosLatitude * up, east, -cosLatitude * south + sinLatitude * up);
  return {
    azimuthDeg: horizontal.raDeg,
    altitudeDeg: horizontal.decDeg,
    hourAngleDeg: equatorial.raDeg > 180 ? 360 - equatorial.raDeg : -equatorial.raDeg,
    decDeg: equatorial.decDeg,
  };
}

/** The ICRS position (astrometric, of an object at infinity) of where a telescope points. */
export function icrsOfObserved(
  { azimuthDeg, altitudeDeg }: HorizontalPosition,
  frame: TopocentricFrame,
): { readonly raDeg: number; readonly decDeg: number } {
  const zenithDistance = (90 - altitudeDeg) * DEG;
  const tan = Math.sin(zenithDistance) / Math.max(Math.cos(zenithDistance), LOWEST_SINE);
  const unrefracted = zenithDistance + (frame.refraction.a + frame.refraction.b * tan * tan) * tan;
  const across = Math.sin(unrefracted);
  const horizon: Vec3 = [
    -Math.cos(azimuthDeg * DEG) * across,
    Math.sin(azimuthDeg * DEG) * across,
    Math.cos(unrefracted),
  ];
  const proper = apply3(transpose3(frame.toHorizon), horizon);
  const direction = removeDeflection(removeAberration(proper, frame), frame);
  return directionOf(...direction);
}
