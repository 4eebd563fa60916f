/**
 * Orientation of the Earth: Earth rotation angle, sidereal time (IAU 2006), precession (IAU 2006, Fukushima-Williams angles,
 * Hilton et al. 2006) and nutation (IAU 2000B), about 1 mas from 1995 to 2050. Matrices are row-major 3 x 3.
 */
import { ARCSEC } from './angles.js';
import { multiply3, rotateX, rotateZ } from './matrix3.js';
import { NUTATION_2000B } from './nutation-series.js';
import { MJD_J2000, taiToTt, taiToUt1, type Ut1Table } from './time-scales.js';

const TWO_PI = 2 * Math.PI;
const positive = (angle: number): number => ((angle % TWO_PI) + TWO_PI) % TWO_PI;
const polynomial = (t: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, c) => sum * t + c, 0);
const centuries = (mjdTt: number): number => (mjdTt - MJD_J2000) / 36525;

/** Earth rotation angle [rad] (IAU 2000). */
export function earthRotationAngle(mjdUt1: number): number {
  const days = mjdUt1 - MJD_J2000;
  return positive(TWO_PI * ((days % 1) + 0.779057273264 + 0.00273781191135448 * days));
}

/** Greenwich mean sidereal time [rad] (IAU 2006). */
export const greenwichMeanSiderealTime = (mjdUt1: number, mjdTt: number): number =>
  positive(
    earthRotationAngle(mjdUt1) +
      ARCSEC *
        polynomial(centuries(mjdTt), [0.014506, 4612.156534, 1.3915817, -0.00000044, -0.000029956, -0.0000000368]),
  );

/** Nutation in longitude and obliquity [rad] (IAU 2000B). */
export function nutation(mjdTt: number): { readonly dpsi: number; readonly deps: number } {
  const t = centuries(mjdTt);
  const args = [
    485868.249036 + 1717915923.2178 * t,
    1287104.79305 + 129596581.0481 * t,
    335779.526232 + 1739527262.8478 * t,
    1072260.70369 + 1602961601.209 * t,
    450160.398036 - 6962890.5431 * t,
  ].map((arcsec) => (arcsec % 1296000) * ARCSEC);
  let dpsi = 0;
  let deps = 0;
  for (let k = NUTATION_2000B.length - 1; k >= 0; k--) {
    const [l, lp, f, d, om, ps, pst, pc, ec, ect, es] = NUTATION_2000B[k] as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const arg = l * args[0]! + lp * args[1]! + f * args[2]! + d * args[3]! + om * args[4]!;
    const sin = Math.sin(arg);
    const cos = Math.cos(arg);
    dpsi += (ps + pst * t) * sin + pc * cos;
    deps += (ec + ect * t) * cos + es * sin;
  }
  // fixed offsets stand for the planetary terms
  return { dpsi: (dpsi * 1e-7 - 0.000135) * ARCSEC, deps: (deps * 1e-7 + 0.000388) * ARCSEC };
}

/** Mean obliquity of the ecliptic of date [rad] (IAU 2006). */
export const meanObliquity = (mjdTt: number): number =>
  ARCSEC * polynomial(centuries(mjdTt), [84381.406, -46.836769, -0.0001831, 0.0020034, -0.000000576, -0.0000000434]);

/** Equation of the equinoxes [rad]: apparent minus mean sidereal time. */
function equationOfEquinoxes(mjdTt: number): number {
  const t = centuries(mjdTt);
  const node = ((450160.398036 - 6962890.5431 * t) % 1296000) * ARCSEC;
  const complementary = 0.00264096 * Math.sin(node) + 0.00006352 * Math.sin(2 * node);
  return nutation(mjdTt).dpsi * Math.cos(meanObliquity(mjdTt)) + complementary * ARCSEC;
}

/** Greenwich apparent sidereal time [rad]. */
export const greenwichApparentSiderealTime = (mjdUt1: number, mjdTt: number): number =>
  positive(greenwichMeanSiderealTime(mjdUt1, mjdTt) + equationOfEquinoxes(mjdTt));

/** Rotation from ICRS (GCRS) to the true equator and equinox of date: frame bias, precession and nutation. */
export function icrsToTrueEquator(mjdTt: number): Float64Array {
  const t = centuries(mjdTt);
  const gamb = polynomial(t, [-0.052928, 10.556378, 0.4932044, -0.00031238, -0.000002788, 0.000000026]) * ARCSEC;
  const phib = polynomial(t, [84381.412819, -46.811016, 0.0511268, 0.00053289, -0.00000044, -0.0000000176]) * ARCSEC;
  const psib = polynomial(t, [-0.041775, 5038.481484, 1.5584175, -0.00018522, -0.000026452, -0.0000000148]) * ARCSEC;
  const { dpsi, deps } = nutation(mjdTt);
  return multiply3(
    rotateX(-(meanObliquity(mjdTt) + deps)),
    multiply3(rotateZ(-(psib + dpsi)), multiply3(rotateX(phib), rotateZ(gamb))),
  );
}

/** Rotation from Earth-fixed axes (ITRF, polar motion left out: below 15 m) to ICRS axes. */
export function earthFixedToIcrs(mjdTai: number, ut1?: Ut1Table): Float64Array {
  const mjdTt = taiToTt(mjdTai);
  const gast = greenwichApparentSiderealTime(taiToUt1(mjdTai, ut1), mjdTt);
  const toEarth = multiply3(rotateZ(gast), icrsToTrueEquator(mjdTt));
  const inverse = new Float64Array(9);
  for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) inverse[3 * i + j] = toEarth[3 * j + i]!;
  return inverse;
}

/** Local apparent sidereal time [deg] at an east longitude. */
export const localSiderealTimeDeg = (mjdTai: number, longitudeDeg: number, ut1?: Ut1Table): number => {
  const gast = greenwichApparentSiderealTime(taiToUt1(mjdTai, ut1), taiToTt(mjdTai));
  return ((((gast * 180) / Math.PI + longitudeDeg) % 360) + 360) % 360;
};
