/**
 * Rotation of the Earth: Earth rotation angle (IAU 2000), sidereal time (IAU 2006/2000A), polar motion, and the rotation from Earth-fixed
 * to celestial axes. Matrices are row-major 3 x 3, from fixed axes turned: v_new = M v_old. About 0.1 ms an instant, nutation included.
 */
import { ARCSEC, type Vec3 } from './angles.js';
import { celestialIntermediateSystem } from './celestial-pole.js';
import { type EarthOrientation, polarMotion } from './earth-orientation.js';
import { multiply3, rotateX, rotateY, rotateZ, transpose3 } from './matrix3.js';
import { julianCenturies, MJD_J2000, taiToTt, taiToUt1, taiToUtc, type Ut1Table } from './time-scales.js';

const TWO_PI = 2 * Math.PI;
const positive = (angle: number): number => {
  const wrapped = angle % TWO_PI;
  return wrapped < 0 ? wrapped + TWO_PI : wrapped;
};
const polynomial = (t: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, c) => sum * t + c, 0);

/** Earth rotation angle [rad] (IAU 2000). A date as day and fraction (`plusDays`) keeps more digits than one number: 1 us is 15 mas. */
export function earthRotationAngle(mjdUt1: number, plusDays = 0): number {
  const days = mjdUt1 - MJD_J2000 + plusDays;
  const turns = ((mjdUt1 - MJD_J2000) % 1) + plusDays;
  return positive(TWO_PI * (turns + 0.779057273264 + 0.00273781191135448 * days));
}

/** Greenwich mean sidereal time [rad] (IAU 2006). */
export const greenwichMeanSiderealTime = (mjdUt1: number, mjdTt: number): number =>
  positive(
    earthRotationAngle(mjdUt1) +
      ARCSEC *
        polynomial(
          julianCenturies(mjdTt),
          [0.014506, 4612.156534, 1.3915817, -0.00000044, -0.000029956, -0.0000000368],
        ),
  );

/** Greenwich apparent sidereal time [rad] (IAU 2006/2000A). */
export const greenwichApparentSiderealTime = (mjdUt1: number, mjdTt: number): number =>
  positive(earthRotationAngle(mjdUt1) - celestialIntermediateSystem(mjdTt).equationOfOrigins);

/** Local apparent sidereal time [deg] at an east longitude. */
export const localSiderealTimeDeg = (mjdTai: number, longitudeDeg: number, ut1?: Ut1Table): number => {
  const gast = greenwichApparentSiderealTime(taiToUt1(mjdTai, ut1), taiToTt(mjdTai));
  return ((((gast * 180) / Math.PI + longitudeDeg) % 360) + 360) % 360;
};

/** Locator s' of the terrestrial intermediate origin [rad] (IERS Conventions 2003): 47 microarcseconds a century. */
export const tioLocator = (mjdTt: number): number => -47e-6 * julianCenturies(mjdTt) * ARCSEC;

/** Rotation from the terrestrial intermediate system to Earth-fixed axes (ITRF); pole xp, yp and locator s' [rad]. */
export const polarMotionMatrix = (xp: number, yp: number, sp: number): Float64Array =>
  multiply3(rotateX(-yp), multiply3(rotateY(-xp), rotateZ(sp)));

/** Direction of the celestial intermediate pole in Earth-fixed axes. */
export function rotationAxis(xp: number, yp: number): Vec3 {
  const w = polarMotionMatrix(xp, yp, 0);
  return [w[2]!, w[5]!, w[8]!];
}

/** Rotation from ICRS (GCRS) to Earth-fixed axes (ITRF) at an Earth rotation angle [rad], with the pole xp, yp [rad]. */
export function icrsToEarthFixed(mjdTt: number, rotationAngle: number, xp = 0, yp = 0): Float64Array {
  const { toIntermediate } = celestialIntermediateSystem(mjdTt);
  const spin = multiply3(rotateZ(rotationAngle), toIntermediate);
  return multiply3(polarMotionMatrix(xp, yp, tioLocator(mjdTt)), spin);
}

/** Rotation from Earth-fixed axes (ITRF) to ICRS axes. Polar motion as the table has it; without one it is left out: below 15 m. */
export function earthFixedToIcrs(mjdTai: number, orientation?: EarthOrientation): Float64Array {
  const mjdTt = taiToTt(mjdTai);
  const { xp, yp } = polarMotion(taiToUtc(mjdTai), orientation);
  return transpose3(icrsToEarthFixed(mjdTt, earthRotationAngle(taiToUt1(mjdTai, orientation)), xp, yp));
}
