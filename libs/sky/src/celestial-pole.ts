/**
 * The pole and the equator of date: IAU 2006 precession (Fukushima-Williams angles, Hilton et al. 2006) with the nutation that goes with
 * it, the celestial intermediate pole X, Y and the locator s of the celestial intermediate origin (Capitaine & Wallace 2006). Radians;
 * matrices row-major 3 x 3; dates TT.
 */
import { ARCSEC } from './angles.js';
import { CIO_LOCATOR_POLYNOMIAL, CIO_LOCATOR_SERIES } from './cio-locator-series.js';
import { multiply3, rotateX, rotateY, rotateZ } from './matrix3.js';
import { fundamentalArguments, nutation, type Nutation } from './nutation.js';
import { julianCenturies } from './time-scales.js';

const polynomial = (t: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, c) => sum * t + c, 0);

/** Mean obliquity of the ecliptic of date [rad] (IAU 2006). */
export const meanObliquity = (mjdTt: number): number =>
  ARCSEC *
  polynomial(julianCenturies(mjdTt), [84381.406, -46.836769, -0.0001831, 0.0020034, -0.000000576, -0.0000000434]);

/** Rotation from ICRS (GCRS) to the true equator and equinox of date: frame bias, precession and nutation. */
export function icrsToTrueEquator(mjdTt: number, { dpsi, deps }: Nutation = nutation(mjdTt)): Float64Array {
  const t = julianCenturies(mjdTt);
  const gamb = polynomial(t, [-0.052928, 10.556378, 0.4932044, -0.00031238, -0.000002788, 0.000000026]) * ARCSEC;
  const phib = polynomial(t, [84381.412819, -46.811016, 0.0511268, 0.00053289, -0.00000044, -0.0000000176]) * ARCSEC;
  const psib = polynomial(t, [-0.041775, 5038.481484, 1.5584175, -0.00018522, -0.000026452, -0.0000000148]) * ARCSEC;
  return multiply3(
    rotateX(-(meanObliquity(mjdTt) + deps)),
    multiply3(rotateZ(-(psib + dpsi)), multiply3(rotateX(phib), rotateZ(gamb))),
  );
}

/** Rotation from ICRS to the mean equator and equinox of date: frame bias and precession. */
export const icrsToMeanEquator = (mjdTt: number): Float64Array => icrsToTrueEquator(mjdTt, { dpsi: 0, deps: 0 });

/** Locator s of the celestial intermediate origin for the pole X, Y [rad]. */
export function cioLocator(mjdTt: number, x: number, y: number): number {
  const t = julianCenturies(mjdTt);
  const args = fundamentalArguments(t);
  const powers = CIO_LOCATOR_SERIES.map((terms, power) => {
    let sum: number = CIO_LOCATOR_POLYNOMIAL[power]!;
    for (let k = terms.length - 10; k >= 0; k -= 10) {
      let argument = 0;
      for (let j = 0; j < 8; j++) argument += terms[k + j]! * args[j]!;
      sum += terms[k + 8]! * Math.sin(argument) + terms[k + 9]! * Math.cos(argument);
    }
    return sum;
  });
  return polynomial(t, [...powers, CIO_LOCATOR_POLYNOMIAL[5]]) * ARCSEC - (x * y) / 2;
}

/** Rotation from GCRS to the celestial intermediate system of pole X, Y and origin s. */
export function celestialToIntermediate(x: number, y: number, s: number): Float64Array {
  const r2 = x * x + y * y;
  const e = r2 > 0 ? Math.atan2(y, x) : 0;
  const d = Math.atan(Math.sqrt(r2 / (1 - r2)));
  return multiply3(rotateZ(-(e + s)), multiply3(rotateY(d), rotateZ(e)));
}

/** Equation of the origins [rad] (Wallace & Capitaine 2006, eq. 16): Earth rotation angle minus apparent sidereal time. */
export function equationOfOrigins(toTrueEquator: ArrayLike<number>, s: number): number {
  const r = toTrueEquator;
  const x = r[6]!;
  const ax = x / (1 + r[8]!);
  const xs = 1 - ax * x;
  const ys = -ax * r[7]!;
  const zs = -x;
  const p = r[0]! * xs + r[1]! * ys + r[2]! * zs;
  const q = r[3]! * xs + r[4]! * ys + r[5]! * zs;
  return p !== 0 || q !== 0 ? s - Math.atan2(q, p) : s;
}

/** Pole, locator and rotation of the celestial intermediate system at a date (IAU 2006/2000A). */
export function celestialIntermediateSystem(mjdTt: number): {
  readonly x: number;
  readonly y: number;
  readonly s: number;
  readonly toIntermediate: Float64Array;
  readonly equationOfOrigins: number;
} {
  const equator = icrsToTrueEquator(mjdTt);
  const x = equator[6]!;
  const y = equator[7]!;
  const s = cioLocator(mjdTt, x, y);
  return {
    x,
    y,
    s,
    toIntermediate: celestialToIntermediate(x, y, s),
    equationOfOrigins: equationOfOrigins(equator, s),
  };
}
