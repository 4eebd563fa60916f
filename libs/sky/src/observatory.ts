/**
 * Where telescopes are: geodetic (WGS 84) coordinates or the parallax constants of the Minor Planet Center, and the observer's
 * state in ICRS axes. Geocentric error without a table of the Earth's orientation: up to 420 m (UT1), 15 m (pole).
 */
import { DEG, type Vec3 } from './angles.js';
import { type EarthOrientation, polarMotion } from './earth-orientation.js';
import { AU_KM, earthState, type StateVector } from './earth-position.js';
import { earthFixedToIcrs, rotationAxis } from './earth-rotation.js';
import { apply3, transpose3 } from './matrix3.js';
import { taiToTdb } from './tdb.js';
import { SECONDS_PER_DAY, taiToUtc } from './time-scales.js';

/** Geodetic position; longitude positive to the east. */
export interface GeodeticPosition {
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  readonly heightM: number;
}
/** MPC observatory constants in Earth equatorial radii (6378.140 km). */
export interface ParallaxConstants {
  readonly longitudeDeg: number;
  readonly rhoCosPhi: number;
  readonly rhoSinPhi: number;
}
export type ObserverSite = GeodeticPosition | ParallaxConstants;

const MPC_EARTH_RADIUS_KM = 6378.14;
const WGS84_RADIUS_KM = 6378.137;
const WGS84_FLATTENING = 1 / 298.257223563;
/** rotation of the Earth [rad/s] (rate of the Earth rotation angle) */
const EARTH_SPIN = (1.0027378119113546 * 2 * Math.PI) / SECONDS_PER_DAY;

/** Earth-fixed position [km]. */
export function sitePositionKm(site: ObserverSite): Vec3 {
  const longitude = site.longitudeDeg * DEG;
  let along: number;
  let up: number;
  if ('rhoCosPhi' in site) {
    along = site.rhoCosPhi * MPC_EARTH_RADIUS_KM;
    up = site.rhoSinPhi * MPC_EARTH_RADIUS_KM;
  } else {
    const latitude = site.latitudeDeg * DEG;
    const sin = Math.sin(latitude);
    const e2 = WGS84_FLATTENING * (2 - WGS84_FLATTENING);
    const n = WGS84_RADIUS_KM / Math.sqrt(1 - e2 * sin * sin);
    along = (n + site.heightM / 1000) * Math.cos(latitude);
    up = (n * (1 - e2) + site.heightM / 1000) * sin;
  }
  return [along * Math.cos(longitude), along * Math.sin(longitude), up];
}

/** Geodetic (WGS 84) coordinates of a site given by either kind of constants. */
export function geodeticOf(site: ObserverSite): GeodeticPosition {
  if ('latitudeDeg' in site) return site;
  const [x, y, z] = sitePositionKm(site);
  const p = Math.hypot(x, y);
  const e2 = WGS84_FLATTENING * (2 - WGS84_FLATTENING);
  // fixed point of tan(latitude) = (z + e2 N sin(latitude)) / p, which contracts by e2 = 0.0067 a round
  let latitude = Math.atan2(z, p * (1 - e2));
  let n = WGS84_RADIUS_KM;
  for (let round = 0; round < 8; round++) {
    const sin = Math.sin(latitude);
    n = WGS84_RADIUS_KM / Math.sqrt(1 - e2 * sin * sin);
    latitude = Math.atan2(z + e2 * n * sin, p);
  }
  const [sin, cos] = [Math.sin(latitude), Math.cos(latitude)];
  const heightKm = p * cos + z * sin - n * (1 - e2 * sin * sin);
  return { longitudeDeg: site.longitudeDeg, latitudeDeg: latitude / DEG, heightM: heightKm * 1000 };
}

/**
 * Geocentric state [au, au/day] of a site in the axes that `toEarth` turns to Earth-fixed ones. The Earth turns about the celestial
 * intermediate pole, `axis` in Earth-fixed axes (`rotationAxis` of the measured pole): 0.5 mm/s for a pole 0.5 arcsec off.
 */
export function siteState(site: ObserverSite, toEarth: ArrayLike<number>, axis: Vec3 = [0, 0, 1]): StateVector {
  const [x, y, z] = sitePositionKm(site);
  const fromEarth = transpose3(toEarth);
  const turn = (v: Vec3, scale: number): Vec3 => {
    const [a, b, c] = apply3(fromEarth, v);
    return [a * scale, b * scale, c * scale];
  };
  return {
    position: turn([x, y, z], 1 / AU_KM),
    velocity: turn(
      [axis[1] * z - axis[2] * y, axis[2] * x - axis[0] * z, axis[0] * y - axis[1] * x],
      (EARTH_SPIN * SECONDS_PER_DAY) / AU_KM,
    ),
  };
}

/** Geocentric state of an observer in ICRS axes [au, au/day]. */
export function observerGeocentric(site: ObserverSite, mjdTai: number, orientation?: EarthOrientation): StateVector {
  if ('rhoCosPhi' in site && site.rhoCosPhi === 0 && site.rhoSinPhi === 0)
    return { position: [0, 0, 0], velocity: [0, 0, 0] };
  const { xp, yp } = polarMotion(taiToUtc(mjdTai), orientation);
  return siteState(site, transpose3(earthFixedToIcrs(mjdTai, orientation)), rotationAxis(xp, yp));
}

/** Heliocentric and barycentric state of an observer in ICRS axes at a TAI date. */
export function observerState(
  site: ObserverSite,
  mjdTai: number,
  orientation?: EarthOrientation,
): { readonly heliocentric: StateVector; readonly barycentric: StateVector } {
  const { heliocentric, barycentric } = earthState(taiToTdb(mjdTai));
  const local = observerGeocentric(site, mjdTai, orientation);
  const add = (a: StateVector): StateVector => ({
    position: [a.position[0] + local.position[0], a.position[1] + local.position[1], a.position[2] + local.position[2]],
    velocity: [a.velocity[0] + local.velocity[0], a.velocity[1] + local.velocity[1], a.velocity[2] + local.velocity[2]],
  });
  return { heliocentric: add(heliocentric), barycentric: add(barycentric) };
}
