/**
 * From catalog to apparent directions: space motion and parallax, bending of light by the Sun, aberration (annual and, for an observer on
 * the ground, diurnal, in one relativistic formula), and the ways back. Formulas of the SOFA routines PMPX, LD, LDSUN and AB
 * (Klioner 2003, Astron. J. 125, 1580; Urban & Seidelmann 2013, sections 7.2 to 7.4). Directions are unit vectors on ICRS axes.
 */
import { DEG, ARCSEC, type Vec3 } from './angles.js';
import { AU_KM, SPEED_OF_LIGHT, type StateVector } from './earth-position.js';

/** Schwarzschild radius of the Sun [au] */
const SUN_RADIUS_AU = 1.97412574336e-8;
const SECONDS_PER_YEAR = 86400 * 365.25;

/** A star as a catalog has it; what is absent is zero. */
export interface CatalogStar {
  readonly raDeg: number;
  readonly decDeg: number;
  /** motion on the sky to the east, cos(dec) included, and to the north [mas/yr] */
  readonly pmRaMasYr?: number;
  readonly pmDecMasYr?: number;
  readonly parallaxMas?: number;
  /** positive when receding [km/s] */
  readonly radialVelocityKmS?: number;
}

/** Where an observer is and how it moves, as light meets it. */
export interface ObserverFrame {
  /** barycentric [au] */
  readonly position: Vec3;
  /** direction from the Sun to the observer, and their distance [au] */
  readonly sunToObserver: Vec3;
  readonly sunDistance: number;
  /** barycentric velocity [speed of light] */
  readonly velocity: Vec3;
  /** sqrt(1 - v^2) */
  readonly inverseLorentz: number;
}

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const combine = (a: Vec3, b: Vec3, k: number): Vec3 => [a[0] + k * b[0], a[1] + k * b[1], a[2] + k * b[2]];
const unit = (a: Vec3): Vec3 => {
  const r = Math.sqrt(dot(a, a));
  return r === 0 ? a : [a[0] / r, a[1] / r, a[2] / r];
};

/** The frame of an observer from its heliocentric and barycentric state (`earthState`, `observerState`). */
export function observerFrame(state: {
  readonly heliocentric: StateVector;
  readonly barycentric: StateVector;
}): ObserverFrame {
  const { heliocentric, barycentric } = state;
  const velocity = barycentric.velocity.map((v) => v / SPEED_OF_LIGHT) as unknown as Vec3;
  return {
    position: barycentric.position,
    sunToObserver: unit(heliocentric.position),
    sunDistance: Math.sqrt(dot(heliocentric.position, heliocentric.position)),
    velocity,
    inverseLorentz: Math.sqrt(1 - dot(velocity, velocity)),
  };
}

/**
 * Direction of a star from an observer at barycentric `position` [au], `years` after the epoch of its catalog position. The light time
 * across the solar system (Roemer) is counted; parallax and motion are exact to the second order.
 */
export function starDirection(star: CatalogStar, years: number, position: Vec3): Vec3 {
  const sr = Math.sin(star.raDeg * DEG);
  const cr = Math.cos(star.raDeg * DEG);
  const sd = Math.sin(star.decDeg * DEG);
  const cd = Math.cos(star.decDeg * DEG);
  const p: Vec3 = [cr * cd, sr * cd, sd];
  const auLightYears = 1 / (SPEED_OF_LIGHT * 365.25);
  const interval = years + dot(p, position) * auLightYears;
  const east = (star.pmRaMasYr ?? 0) * (ARCSEC / 1000);
  const north = (star.pmDecMasYr ?? 0) * (ARCSEC / 1000);
  const parallax = (star.parallaxMas ?? 0) * (ARCSEC / 1000);
  const radial = ((star.radialVelocityKmS ?? 0) * SECONDS_PER_YEAR * parallax) / AU_KM;
  const motion: Vec3 = [
    -east * sr - north * sd * cr + radial * p[0],
    east * cr - north * sd * sr + radial * p[1],
    north * cd + radial * p[2],
  ];
  return unit(combine(combine(p, motion, interval), position, -parallax));
}

/**
 * Bending by a body: `direction` of the source from the observer, `fromBody` the same seen from the body, `bodyToObserver` with its
 * `distance` [au], mass in Suns. `limit` keeps the formula finite behind the body (theta^2 / 2 of its radius).
 */
export function deflectLight(
  direction: Vec3,
  fromBody: Vec3,
  bodyToObserver: Vec3,
  distance: number,
  mass: number,
  limit: number,
): Vec3 {
  const denominator = Math.max(dot(fromBody, combine(fromBody, bodyToObserver, 1)), limit);
  const weight = (mass * SUN_RADIUS_AU) / distance / denominator;
  return combine(direction, cross(direction, cross(bodyToObserver, fromBody)), weight);
}

/** Bending by the Sun of a star's direction. */
export function deflectBySun(direction: Vec3, { sunToObserver, sunDistance }: ObserverFrame): Vec3 {
  const limit = 1e-6 / Math.max(1, sunDistance * sunDistance);
  return deflectLight(direction, direction, sunToObserver, sunDistance, 1, limit);
}

/** Proper direction of a natural one: relativistic aberration, the Sun's potential included. */
export function aberrate(natural: Vec3, { velocity, sunDistance, inverseLorentz }: ObserverFrame): Vec3 {
  const along = dot(natural, velocity);
  const w1 = 1 + along / (1 + inverseLorentz);
  const w2 = SUN_RADIUS_AU / sunDistance;
  const part = (k: 0 | 1 | 2): number =>
    natural[k] * inverseLorentz + w1 * velocity[k] + w2 * (velocity[k] - along * natural[k]);
  return unit([part(0), part(1), part(2)]);
}

/** Undoes a small displacement of directions: the direction that `displace` moves to `displaced`. */
function undo(displaced: Vec3, displace: (direction: Vec3) => Vec3, rounds: number): Vec3 {
  let direction = displaced;
  let shift: Vec3 = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    const before = unit(combine(displaced, shift, -1));
    shift = combine(displace(before), before, -1);
    direction = unit(combine(displaced, shift, -1));
  }
  return direction;
}

/** Natural direction of a proper one. */
export const removeAberration = (proper: Vec3, frame: ObserverFrame): Vec3 =>
  undo(proper, (direction) => aberrate(direction, frame), 3);
/** Coordinate direction of a natural one. */
export const removeDeflection = (natural: Vec3, frame: ObserverFrame): Vec3 =>
  undo(natural, (direction) => deflectBySun(direction, frame), 5);

/** Apparent (proper) direction of a star on ICRS axes: space motion, parallax, bending, aberration. */
export const apparentDirection = (star: CatalogStar, yearsFromEpoch: number, frame: ObserverFrame): Vec3 =>
  aberrate(deflectBySun(starDirection(star, yearsFromEpoch, frame.position), frame), frame);
