/**
 * Where telescopes are: geodetic (WGS 84) coordinates or the parallax constants of the Minor Planet Center, and the observer's
 * state in ICRS axes. Geocentric error without a UT1 table: up to 420 m; without polar motion 15 m.
 */
import { DEG, type Vec3 } from './angles.js';
import { AU_KM, earthState, type StateVector } from './earth-position.js';
import { earthFixedToIcrs } from './earth-rotation.js';
import { SkyError } from './errors.js';
import { SECONDS_PER_DAY, taiToTdb, type Ut1Table } from './time-scales.js';

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
/** sidereal rotation of the Earth [rad/s] */
const EARTH_SPIN = 7.292115e-5;

/** A few observatories by MPC code; `500` is the centre of the Earth. */
export const OBSERVATORIES: Readonly<Record<string, ParallaxConstants>> = {
  '500': { longitudeDeg: 0, rhoCosPhi: 0, rhoSinPhi: 0 },
  X05: { longitudeDeg: 289.25058, rhoCosPhi: 0.864981, rhoSinPhi: -0.500958 },
  W84: { longitudeDeg: 289.19355, rhoCosPhi: 0.864981, rhoSinPhi: -0.500966 },
  I41: { longitudeDeg: 243.1402, rhoCosPhi: 0.836325, rhoSinPhi: 0.546877 },
  F51: { longitudeDeg: 203.74409, rhoCosPhi: 0.936241, rhoSinPhi: 0.351543 },
};

export function observatory(code: string): ParallaxConstants {
  const site = OBSERVATORIES[code];
  if (!site) throw new SkyError('OUT_OF_RANGE', `no observatory with the code ${code} is known`, code);
  return site;
}

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

/** Geocentric state of an observer in ICRS axes [au, au/day]. */
export function observerGeocentric(site: ObserverSite, mjdTai: number, ut1?: Ut1Table): StateVector {
  const [x, y, z] = sitePositionKm(site);
  if (x === 0 && y === 0 && z === 0) return { position: [0, 0, 0], velocity: [0, 0, 0] };
  const toIcrs = earthFixedToIcrs(mjdTai, ut1);
  const turn = (v: Vec3, scale: number): Vec3 => [
    (toIcrs[0]! * v[0] + toIcrs[1]! * v[1] + toIcrs[2]! * v[2]) * scale,
    (toIcrs[3]! * v[0] + toIcrs[4]! * v[1] + toIcrs[5]! * v[2]) * scale,
    (toIcrs[6]! * v[0] + toIcrs[7]! * v[1] + toIcrs[8]! * v[2]) * scale,
  ];
  return {
    position: turn([x, y, z], 1 / AU_KM),
    velocity: turn([-EARTH_SPIN * y, EARTH_SPIN * x, 0], SECONDS_PER_DAY / AU_KM),
  };
}

/** Heliocentric and barycentric state of an observer in ICRS axes at a TAI date. */
export function observerState(
  site: ObserverSite,
  mjdTai: number,
  ut1?: Ut1Table,
): { readonly heliocentric: StateVector; readonly barycentric: StateVector } {
  const { heliocentric, barycentric } = earthState(taiToTdb(mjdTai));
  const local = observerGeocentric(site, mjdTai, ut1);
  const add = (a: StateVector): StateVector => ({
    position: [a.position[0] + local.position[0], a.position[1] + local.position[1], a.position[2] + local.position[2]],
    velocity: [a.velocity[0] + local.velocity[0], a.velocity[1] + local.velocity[1], a.velocity[2] + local.velocity[2]],
  });
  return { heliocentric: add(heliocentric), barycentric: add(barycentric) };
}
