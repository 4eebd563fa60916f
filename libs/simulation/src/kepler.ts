// Two-body orbits about the Sun: elements to position and back, and the place in the sky with light time (astrometric: no
// aberration, no deflection, as catalogs of stars have it). Elements ecliptic J2000, AU, degrees, MJD TT.

import { eclipticToEquatorial, equatorialToEcliptic, observerHeliocentric, type Site, type Vector } from './earth.js';

/** Gauss' constant squared [AU^3/day^2] */
const MU = 0.01720209895 ** 2;
/** [days/AU] */
const LIGHT_TIME = 0.005775518331436995;
const DEG = Math.PI / 180;
const TWO_PI = 2 * Math.PI;

export interface OrbitalElements {
  /** semi-major axis [AU] */
  readonly a: number;
  readonly e: number;
  readonly inclination: number;
  readonly node: number;
  readonly argPeri: number;
  readonly meanAnomaly: number;
  readonly epochMjd: number;
}

const cross = (u: Vector, v: Vector): Vector => [
  u[1] * v[2] - u[2] * v[1],
  u[2] * v[0] - u[0] * v[2],
  u[0] * v[1] - u[1] * v[0],
];
const dot = (u: Vector, v: Vector): number => u[0] * v[0] + u[1] * v[1] + u[2] * v[2];
const norm = (u: Vector): number => Math.sqrt(dot(u, u));
const wrap = (angle: number): number => ((angle % TWO_PI) + TWO_PI) % TWO_PI;

/** Heliocentric position on ICRS axes [AU] at an MJD TT. Elliptic orbits only. */
export function heliocentricPosition(orbit: OrbitalElements, mjdTt: number): Vector {
  const { a, e } = orbit;
  const m = wrap(orbit.meanAnomaly * DEG + Math.sqrt(MU / a ** 3) * (mjdTt - orbit.epochMjd));
  // Kepler's equation by Newton from Danby's start
  let eccentric = m + 0.85 * e * Math.sign(Math.sin(m));
  for (let i = 0; i < 30; i++) {
    const step = (eccentric - e * Math.sin(eccentric) - m) / (1 - e * Math.cos(eccentric));
    eccentric -= step;
    if (Math.abs(step) < 1e-14) break;
  }
  const x = a * (Math.cos(eccentric) - e);
  const y = a * Math.sqrt(1 - e * e) * Math.sin(eccentric);
  const [sinW, cosW] = [Math.sin(orbit.argPeri * DEG), Math.cos(orbit.argPeri * DEG)];
  const [sinN, cosN] = [Math.sin(orbit.node * DEG), Math.cos(orbit.node * DEG)];
  const [sinI, cosI] = [Math.sin(orbit.inclination * DEG), Math.cos(orbit.inclination * DEG)];
  return eclipticToEquatorial([
    x * (cosW * cosN - sinW * sinN * cosI) - y * (sinW * cosN + cosW * sinN * cosI),
    x * (cosW * sinN + sinW * cosN * cosI) - y * (sinW * sinN - cosW * cosN * cosI),
    x * sinW * sinI + y * cosW * sinI,
  ]);
}

/** The orbit through a heliocentric state on ICRS axes [AU, AU/day]. */
export function elementsFromState(position: Vector, velocity: Vector, epochMjd: number): OrbitalElements {
  const r = equatorialToEcliptic(position);
  const v = equatorialToEcliptic(velocity);
  const distance = norm(r);
  const a = 1 / (2 / distance - dot(v, v) / MU);
  const h = cross(r, v);
  const vxh = cross(v, h);
  const ecc: Vector = [vxh[0] / MU - r[0] / distance, vxh[1] / MU - r[1] / distance, vxh[2] / MU - r[2] / distance];
  const e = norm(ecc);
  const inclination = Math.acos(h[2] / norm(h));
  const node = wrap(Math.atan2(h[0], -h[1]));
  const towardsNode: Vector = [Math.cos(node), Math.sin(node), 0];
  const normal: Vector = [h[0] / norm(h), h[1] / norm(h), h[2] / norm(h)];
  const argPeri = wrap(Math.atan2(dot(cross(towardsNode, ecc), normal), dot(towardsNode, ecc)));
  const trueAnomaly = Math.atan2(dot(cross(ecc, r), normal), dot(ecc, r));
  const eccentric =
    2 * Math.atan2(Math.sqrt(1 - e) * Math.sin(trueAnomaly / 2), Math.sqrt(1 + e) * Math.cos(trueAnomaly / 2));
  return {
    a,
    e,
    inclination: inclination / DEG,
    node: node / DEG,
    argPeri: argPeri / DEG,
    meanAnomaly: wrap(eccentric - e * Math.sin(eccentric)) / DEG,
    epochMjd,
  };
}

/** The circular speed at a heliocentric distance [AU/day]. */
export const circularSpeed = (distance: number): number => Math.sqrt(MU / distance);
export const lightTimeDays = (distance: number): number => distance * LIGHT_TIME;

export interface ApparentPlace {
  readonly raDeg: number;
  readonly decDeg: number;
  /** from the observer and from the Sun [AU] */
  readonly delta: number;
  readonly r: number;
  readonly phaseDeg: number;
}

/** `observer` may be given when many orbits are wanted for one time: the Earth costs more than an orbit. */
export function apparentPlace(
  orbit: OrbitalElements,
  mjdTai: number,
  site?: Site,
  observer: Vector = observerHeliocentric(mjdTai, site),
): ApparentPlace {
  const now = mjdTai + 32.184 / 86400;
  let light = 0;
  let r: Vector = [0, 0, 0];
  let d: Vector = [0, 0, 0];
  for (let i = 0; i < 4; i++) {
    r = heliocentricPosition(orbit, now - light);
    d = [r[0] - observer[0], r[1] - observer[1], r[2] - observer[2]];
    light = norm(d) * LIGHT_TIME;
  }
  const delta = norm(d);
  return {
    raDeg: (Math.atan2(d[1], d[0]) / DEG + 360) % 360,
    decDeg: Math.asin(d[2] / delta) / DEG,
    delta,
    r: norm(r),
    phaseDeg: Math.acos(Math.min(1, dot(r, d) / (norm(r) * delta))) / DEG,
  };
}

/** Apparent V magnitude in the H, G system (Bowell et al. 1989). */
export function apparentMagnitude(h: number, g: number, place: ApparentPlace): number {
  const tan = Math.tan((place.phaseDeg * DEG) / 2);
  const phi1 = Math.exp(-3.33 * tan ** 0.63);
  const phi2 = Math.exp(-1.87 * tan ** 1.22);
  return h + 5 * Math.log10(place.r * place.delta) - 2.5 * Math.log10((1 - g) * phi1 + g * phi2);
}
