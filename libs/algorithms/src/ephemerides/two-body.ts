/**
 * Two-body motion about the Sun in universal variables (Stumpff functions; Danby 1988, section 6.9): one formula for ellipses,
 * parabolas and hyperbolas. Units: au, days. Neglects planets: against a perturbed orbit about 1 arcsec after some weeks for main-belt
 * asteroids. About 1 us per evaluation.
 */
import type { StateVector, Vec3 } from '#libs/sky';
import { AlgorithmError } from '../errors.js';

/** GM of the Sun [au^3/day^2] (JPL DE440 series) */
export const GM_SUN = 2.9591220828411956e-4;
const SQRT_MU = Math.sqrt(GM_SUN);
const DEG = Math.PI / 180;
/** obliquity of the J2000 ecliptic in which elements are published: 84381.448 arcsec (IAU 1976) */
const OBLIQUITY = (84381.448 / 3600) * DEG;
const SIN_OBLIQUITY = Math.sin(OBLIQUITY);
const COS_OBLIQUITY = Math.cos(OBLIQUITY);

export const eclipticToIcrs = ([x, y, z]: Vec3): Vec3 => [
  x,
  COS_OBLIQUITY * y - SIN_OBLIQUITY * z,
  SIN_OBLIQUITY * y + COS_OBLIQUITY * z,
];
export const icrsToEcliptic = ([x, y, z]: Vec3): Vec3 => [
  x,
  COS_OBLIQUITY * y + SIN_OBLIQUITY * z,
  COS_OBLIQUITY * z - SIN_OBLIQUITY * y,
];

/** An orbit about the Sun by its perihelion; angles to the J2000 ecliptic [deg], dates MJD TDB (TT will do). */
export interface CometaryElements {
  /** perihelion distance [au] */
  readonly q: number;
  readonly e: number;
  readonly inclinationDeg: number;
  readonly nodeDeg: number;
  readonly argPeriDeg: number;
  readonly periTimeMjd: number;
}

/** The same orbit as asteroid catalogs give it; e < 1. */
export interface KeplerianElements {
  /** semi-major axis [au] */
  readonly a: number;
  readonly e: number;
  readonly inclinationDeg: number;
  readonly nodeDeg: number;
  readonly argPeriDeg: number;
  readonly meanAnomalyDeg: number;
  readonly epochMjd: number;
}

export function cometaryElements(elements: KeplerianElements): CometaryElements {
  const { a, e, inclinationDeg, nodeDeg, argPeriDeg, meanAnomalyDeg, epochMjd } = elements;
  if (!(a > 0 && e >= 0 && e < 1))
    throw new AlgorithmError('BAD_INPUT', `a = ${a}, e = ${e} is not an elliptic orbit`, { a, e });
  const wrapped = ((((meanAnomalyDeg + 180) % 360) + 360) % 360) - 180;
  const meanMotion = SQRT_MU / a ** 1.5;
  return {
    q: a * (1 - e),
    e,
    inclinationDeg,
    nodeDeg,
    argPeriDeg,
    periTimeMjd: epochMjd - (wrapped * DEG) / meanMotion,
  };
}

/** Stumpff's c1, c2, c3 of z into out[0..2]: c1 = sin(s)/s, c2 = (1 - cos s)/s^2, c3 = (s - sin s)/s^3 with s = sqrt(z). */
export function stumpff(z: number, out: Float64Array): void {
  if (Math.abs(z) < 1) {
    let c3 = 0;
    let c2 = 0;
    // series by Horner; 12 terms leave less than 1e-24
    for (let k = 12; k >= 1; k--) {
      c3 = (1 - z * c3) / (2 * k * (2 * k + 1));
      c2 = (1 - z * c2) / (2 * k * (2 * k - 1));
    }
    out[0] = 1 - z * c3;
    out[1] = c2;
    out[2] = c3;
  } else if (z > 0) {
    const s = Math.sqrt(z);
    const half = Math.sin(s / 2);
    out[0] = Math.sin(s) / s;
    out[1] = (2 * half * half) / z;
    out[2] = (s - Math.sin(s)) / (z * s);
  } else {
    const s = Math.sqrt(-z);
    const half = Math.sinh(s / 2);
    out[0] = Math.sinh(s) / s;
    out[1] = (2 * half * half) / -z;
    out[2] = (Math.sinh(s) - s) / (-z * s);
  }
}
const c = new Float64Array(3);

/**
 * Universal anomaly chi with e chi^3 c3 + q chi = target (Kepler's equation from perihelion). The left side is convex, so Newton's
 * method from above descends without overshoot.
 */
function solveFromPerihelion(q: number, e: number, target: number): number {
  const alpha = (1 - e) / q;
  // c3 >= 0.1013 up to aphelion: two upper bounds, and aphelion itself
  let chi = Math.min(target / q, e > 0 ? Math.cbrt(target / (0.1013 * e)) : Infinity);
  if (alpha > 0) chi = Math.min(chi, Math.PI / Math.sqrt(alpha));
  for (let iteration = 0; iteration < 100; iteration++) {
    stumpff(alpha * chi * chi, c);
    const excess = e * chi ** 3 * c[2]! + q * chi - target;
    const step = excess / (q + e * chi * chi * c[1]!);
    chi -= step;
    if (Math.abs(step) <= 1e-15 * chi || step === 0) break;
  }
  return chi;
}

/** Heliocentric state at an MJD TDB, ICRS axes. */
export function heliocentricState(orbit: CometaryElements, mjdTdb: number): StateVector {
  const { q, e, inclinationDeg, nodeDeg, argPeriDeg, periTimeMjd } = orbit;
  if (!(q > 0 && e >= 0) || !Number.isFinite(periTimeMjd))
    throw new AlgorithmError('BAD_INPUT', `q = ${q}, e = ${e}, T = ${periTimeMjd} is not an orbit`, {
      q,
      e,
      periTimeMjd,
    });
  const alpha = (1 - e) / q;
  let dt = mjdTdb - periTimeMjd;
  if (alpha > 0) {
    const period = (2 * Math.PI) / (SQRT_MU * alpha ** 1.5);
    dt -= period * Math.round(dt / period);
  }
  const chi = Math.sign(dt) * solveFromPerihelion(q, e, Math.abs(dt) * SQRT_MU);
  stumpff(alpha * chi * chi, c);
  const chi2c2 = chi * chi * c[1]!;
  const r = q + e * chi2c2;
  const speed = Math.sqrt((GM_SUN * (1 + e)) / q);
  const x = q - chi2c2;
  const y = (speed * q * chi * c[0]!) / SQRT_MU;
  const vx = (-SQRT_MU * chi * c[0]!) / r;
  const vy = speed * (1 - chi2c2 / r);
  const [sinW, cosW] = [Math.sin(argPeriDeg * DEG), Math.cos(argPeriDeg * DEG)];
  const [sinN, cosN] = [Math.sin(nodeDeg * DEG), Math.cos(nodeDeg * DEG)];
  const [sinI, cosI] = [Math.sin(inclinationDeg * DEG), Math.cos(inclinationDeg * DEG)];
  const px = cosW * cosN - sinW * sinN * cosI;
  const py = cosW * sinN + sinW * cosN * cosI;
  const pz = sinW * sinI;
  const qx = -sinW * cosN - cosW * sinN * cosI;
  const qy = -sinW * sinN + cosW * cosN * cosI;
  const qz = cosW * sinI;
  return {
    position: eclipticToIcrs([x * px + y * qx, x * py + y * qy, x * pz + y * qz]),
    velocity: eclipticToIcrs([vx * px + vy * qx, vx * py + vy * qy, vx * pz + vy * qz]),
  };
}

/** A heliocentric state moved by `dt` days along its two-body orbit. */
export function propagateTwoBody({ position: r0, velocity: v0 }: StateVector, dt: number): StateVector {
  const distance = Math.hypot(...r0);
  const speed2 = v0[0] ** 2 + v0[1] ** 2 + v0[2] ** 2;
  const radial = (r0[0] * v0[0] + r0[1] * v0[1] + r0[2] * v0[2]) / SQRT_MU;
  const alpha = 2 / distance - speed2 / GM_SUN;
  if (!(distance > 0) || !Number.isFinite(alpha) || !Number.isFinite(dt))
    throw new AlgorithmError('BAD_INPUT', 'a state vector needs a finite position off the Sun, and a finite time', {
      dt,
    });
  let days = dt;
  if (alpha > 0) {
    const period = (2 * Math.PI) / (SQRT_MU * alpha ** 1.5);
    days -= period * Math.round(days / period);
  }
  const target = SQRT_MU * days;
  // time as a function of chi increases with slope r > 0: bracket, then Newton inside the bracket
  const time = (chi: number): number => {
    stumpff(alpha * chi * chi, c);
    return radial * chi * chi * c[1]! + (1 - alpha * distance) * chi ** 3 * c[2]! + distance * chi;
  };
  const sign = Math.sign(target);
  let near = 0;
  let far = target / distance;
  while (sign * (time(far) - target) < 0) {
    near = far;
    far *= 2;
  }
  let [low, high] = sign >= 0 ? [near, far] : [far, near];
  let chi = (low + high) / 2;
  for (let iteration = 0; iteration < 200 && target !== 0; iteration++) {
    const excess = time(chi) - target;
    if (excess > 0) high = chi;
    else low = chi;
    const slope = radial * chi * c[0]! + (1 - alpha * distance) * chi * chi * c[1]! + distance;
    let next = chi - excess / slope;
    if (!(next > low && next < high)) next = (low + high) / 2;
    const step = Math.abs(next - chi);
    chi = next;
    if (step <= 1e-15 * Math.abs(chi)) break;
  }
  if (target === 0) chi = 0;
  stumpff(alpha * chi * chi, c);
  const chi2c2 = chi * chi * c[1]!;
  const chi3c3 = chi ** 3 * c[2]!;
  const f = 1 - chi2c2 / distance;
  const g = days - chi3c3 / SQRT_MU;
  const position = combine(f, r0, g, v0);
  const r = Math.hypot(...position);
  const fDot = (-SQRT_MU * chi * c[0]!) / (r * distance);
  const gDot = 1 - chi2c2 / r;
  return { position, velocity: combine(fDot, r0, gDot, v0) };
}

const combine = (a: number, u: Vec3, b: number, v: Vec3): Vec3 => [
  a * u[0] + b * v[0],
  a * u[1] + b * v[1],
  a * u[2] + b * v[2],
];
