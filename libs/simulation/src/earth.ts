// Where the observer is: heliocentric on ICRS axes [AU], from the Earth's ephemeris of #libs/sky; and how high the field stands.

import { earthState, observerGeocentric, taiToTdb } from '#libs/sky';

const DEG = Math.PI / 180;
/** mean obliquity J2000 [rad] */
export const OBLIQUITY = 23.439291111 * DEG;

export type Vector = readonly [number, number, number];

export function eclipticToEquatorial([x, y, z]: Vector): Vector {
  const sin = Math.sin(OBLIQUITY);
  const cos = Math.cos(OBLIQUITY);
  return [x, cos * y - sin * z, sin * y + cos * z];
}
export function equatorialToEcliptic([x, y, z]: Vector): Vector {
  const sin = Math.sin(OBLIQUITY);
  const cos = Math.cos(OBLIQUITY);
  return [x, cos * y + sin * z, -sin * y + cos * z];
}

/** Greenwich mean sidereal time [deg], UT1 taken as UTC. */
export function siderealTimeDeg(mjdUtc: number): number {
  return (((280.46061837 + 360.98564736629 * (mjdUtc - 51544.5)) % 360) + 360) % 360;
}

export interface Site {
  readonly longitudeDeg: number;
  readonly latitudeDeg: number;
  readonly heightM: number;
}

export function observerHeliocentric(mjdTai: number, site?: Site): Vector {
  const earth = earthState(taiToTdb(mjdTai)).heliocentric.position;
  if (!site) return earth;
  const { position } = observerGeocentric(site, mjdTai);
  return [earth[0] + position[0], earth[1] + position[1], earth[2] + position[2]];
}

/** Airmass by Pickering (2002) at a UTC; Infinity below the horizon. */
export function airmassAt(raDeg: number, decDeg: number, mjdUtc: number, site: Site): number {
  const hourAngle = (siderealTimeDeg(mjdUtc) + site.longitudeDeg - raDeg) * DEG;
  const phi = site.latitudeDeg * DEG;
  const delta = decDeg * DEG;
  const altitude =
    Math.asin(Math.sin(phi) * Math.sin(delta) + Math.cos(phi) * Math.cos(delta) * Math.cos(hourAngle)) / DEG;
  return altitude > 0 ? 1 / Math.sin((altitude + 244 / (165 + 47 * altitude ** 1.1)) * DEG) : Infinity;
}
