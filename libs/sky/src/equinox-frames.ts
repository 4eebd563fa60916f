/**
 * The systems of the older catalogs: FK5 of any equinox and FK4, to and from ICRS. FK5: IAU 2006 precession and the orientation of FK5
 * in ICRS (Mignard & Froeschle 2000). FK4: E-terms of aberration, Newcomb's precession, and the matrix of Murray (1989,
 * Astron. Astrophys. 218, 325) with the slow rotation of FK4. Positions of sources without proper motion in ICRS. Unit: degrees; FK5
 * equinoxes in Julian, FK4 equinoxes in Besselian years.
 */
import { ARCSEC, directionOf, unitVector, type Vec3 } from './angles.js';
import { icrsToMeanEquator } from './celestial-pole.js';
import { apply3, multiply3, rotateX, rotateY, rotateZ, transpose3 } from './matrix3.js';
import { MJD_J2000 } from './time-scales.js';
import type { SkyPosition } from './wcs-types.js';

export interface Fk4Frame {
  /** Besselian year of the equinox; 1950 when absent */
  readonly equinox?: number;
  /** Julian year of the observation, to which FK4 had turned by then; that of the equinox when absent */
  readonly epoch?: number;
}

const ICRS_TO_FK5 = multiply3(rotateX(0.0199 * ARCSEC), multiply3(rotateY(0.0091 * ARCSEC), rotateZ(-0.0229 * ARCSEC)));

/**
 * Rotation from the mean equator and equinox of J2000 to those of a Julian year: IAU 2006 without frame bias, as other programs precess FK5
 * today. The precession of 1976 that belonged to FK5 departs from it by 0.3 arcsec a century.
 */
export function fk5Precession(equinox: number): Float64Array {
  const mjdTt = MJD_J2000 + (equinox - 2000) * 365.25;
  return multiply3(icrsToMeanEquator(mjdTt), transpose3(icrsToMeanEquator(MJD_J2000)));
}

/** Newcomb's precession between Besselian years (Explanatory Supplement 1992, section 3.59). */
function newcombPrecession(from: number, to: number): Float64Array {
  const t = (from - 1850) / 1000;
  const d = (to - from) / 1000;
  const linear = 23035.545 + (139.72 + 0.06 * t) * t;
  const zeta = (linear + (30.24 - 0.27 * t + 17.995 * d) * d) * d * ARCSEC;
  const z = (linear + (109.48 + 0.39 * t + 18.325 * d) * d) * d * ARCSEC;
  const theta = (20051.12 - (85.29 + 0.37 * t) * t + (-42.65 - 0.37 * t - 41.8 * d) * d) * d * ARCSEC;
  return multiply3(rotateZ(-z), multiply3(rotateY(theta), rotateZ(-zeta)));
}

/** B1950 to J2000 at an observation `epoch` (Julian year): Murray 1989, equation 29. */
function fk4Matrix(epoch: number): number[] {
  const t = (epoch - 1950) / 100;
  return FK4_TO_FK5.map((value, k) => value + FK4_ROTATION[k]! * 1e-6 * t);
}
const FK4_TO_FK5 = [
  0.9999256794956877, -0.0111814832204662, -0.0048590038153592, 0.0111814832391717, 0.9999374848933135,
  -0.0000271625947142, 0.0048590037723143, -0.000027170293744, 0.9999881946023742,
];
const FK4_ROTATION = [
  -0.0026455262, -1.1539918689, 2.111134619, 1.1540628161, -0.0129042997, 0.0236021478, -2.1112979048, -0.0056024448,
  0.0102587734,
];

/** E-terms of aberration at a Besselian year: what the eccentricity of the orbit adds, which FK4 positions contain. */
function eTerms(equinox: number): Vec3 {
  const t = ((equinox - 1950) * 1.00002135903) / 100;
  const eccentricity = 0.01673011 - (0.00004193 + 0.000000126 * t) * t;
  const obliquity = (84404.836 - (46.8495 + (0.00319 + 0.00181 * t) * t) * t) * ARCSEC;
  const perihelion = (1015489.951 + (6190.67 + (1.65 + 0.012 * t) * t) * t) * ARCSEC;
  const k = eccentricity * 20.49552 * ARCSEC;
  return [
    k * Math.sin(perihelion),
    -k * Math.cos(perihelion) * Math.cos(obliquity),
    -k * Math.cos(perihelion) * Math.sin(obliquity),
  ];
}

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const position = (v: Vec3): SkyPosition => directionOf(v[0], v[1], v[2]);
const direction = ({ raDeg, decDeg }: SkyPosition): Vec3 => unitVector(raDeg, decDeg);

/** An FK4 position freed from the E-terms of its equinox. */
export const removeETerms = (fk4: SkyPosition, equinox = 1950): SkyPosition =>
  position(withoutETerms(direction(fk4), equinox));
/** The FK4 position whose freed one is given. */
export const addETerms = (free: SkyPosition, equinox = 1950): SkyPosition =>
  position(withETerms(direction(free), equinox));

function withoutETerms(v: Vec3, equinox: number): Vec3 {
  const e = eTerms(equinox);
  const along = dot(v, e);
  return [v[0] - e[0] + along * v[0], v[1] - e[1] + along * v[1], v[2] - e[2] + along * v[2]];
}

function withETerms(v: Vec3, equinox: number): Vec3 {
  const e = eTerms(equinox);
  let result = v;
  // contracts by 1.7e-6 a round
  for (let round = 0; round < 5; round++) {
    const scale = 1 / (1 + dot(e, result));
    result = [(v[0] + e[0]) * scale, (v[1] + e[1]) * scale, (v[2] + e[2]) * scale];
  }
  return result;
}

export const fk5ToIcrs = (fk5: SkyPosition, equinox = 2000): SkyPosition =>
  position(apply3(transpose3(multiply3(fk5Precession(equinox), ICRS_TO_FK5)), direction(fk5)));
export const icrsToFk5 = (icrs: SkyPosition, equinox = 2000): SkyPosition =>
  position(apply3(multiply3(fk5Precession(equinox), ICRS_TO_FK5), direction(icrs)));

const julianOfBesselian = (year: number): number => 1900.000858 + (year - 1900) * 0.999978642;

export function fk4ToIcrs(
  fk4: SkyPosition,
  { equinox = 1950, epoch = julianOfBesselian(equinox) }: Fk4Frame = {},
): SkyPosition {
  const at1950 = apply3(newcombPrecession(equinox, 1950), withoutETerms(direction(fk4), equinox));
  return position(apply3(transpose3(ICRS_TO_FK5), apply3(fk4Matrix(epoch), at1950)));
}

export function icrsToFk4(
  icrs: SkyPosition,
  { equinox = 1950, epoch = julianOfBesselian(equinox) }: Fk4Frame = {},
): SkyPosition {
  // the matrix is a rotation to 1e-9, so that its transpose is its inverse
  const at1950 = apply3(transpose3(fk4Matrix(epoch)), apply3(ICRS_TO_FK5, direction(icrs)));
  const [x, y, z] = apply3(newcombPrecession(1950, equinox), at1950);
  const norm = Math.hypot(x, y, z);
  return position(withETerms([x / norm, y / norm, z / norm], equinox));
}
