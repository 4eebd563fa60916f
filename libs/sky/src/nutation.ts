/**
 * Nutation: the full IAU 2000A series adjusted to the IAU 2006 precession (Wallace & Capitaine 2006), 0.3 mas against the observed pole
 * (its free core nutation is not in any series) and 70 us an instant; and IAU 2000B, within 1 mas of it from 1995 to 2050 and 8 us.
 */
import { ARCSEC } from './angles.js';
import { LUNI_SOLAR_2000A } from './nutation-luni-solar-series.js';
import { PLANETARY_2000A } from './nutation-planetary-series.js';
import { NUTATION_2000B } from './nutation-series.js';
import { julianCenturies } from './time-scales.js';

export interface Nutation {
  /** in longitude and in obliquity [rad] */
  readonly dpsi: number;
  readonly deps: number;
}

const TURN_ARCSEC = 1296000;
const TWO_PI = 2 * Math.PI;
/** 0.1 microarcseconds */
const UNIT = ARCSEC / 1e7;
const polynomial = (t: number, coefficients: readonly number[]): number =>
  coefficients.reduceRight((sum, c) => sum * t + c, 0);

/** Delaunay arguments l, l', F, D, Omega [arcsec] by powers of t (IERS Conventions 2003; Simon et al. 1994). */
const DELAUNAY = [
  [485868.249036, 1717915923.2178, 31.8792, 0.051635, -0.0002447],
  [1287104.793048, 129596581.0481, -0.5532, 0.000136, -0.00001149],
  [335779.526232, 1739527262.8478, -12.7512, -0.001037, 0.00000417],
  [1072260.703692, 1602961601.209, -6.3706, 0.006593, -0.00003169],
  [450160.398036, -6962890.5431, 7.4722, 0.007702, -0.00005939],
] as const;
/** mean longitudes of Mercury to Uranus [rad] (IERS Conventions 2003) */
const PLANETS = [
  [4.402608842, 2608.7903141574],
  [3.176146697, 1021.3285546211],
  [1.753470314, 628.3075849991],
  [6.203480913, 334.06124267],
  [0.599546497, 52.9690962641],
  [0.874016757, 21.329910496],
  [5.481293872, 7.4781598567],
] as const;

/** l, l', F, D, Omega, the longitudes of Venus and of the Earth, the general precession [rad] (IERS Conventions 2003). */
export function fundamentalArguments(t: number): Float64Array {
  const result = new Float64Array(8);
  DELAUNAY.forEach((coefficients, k) => (result[k] = (polynomial(t, coefficients) % TURN_ARCSEC) * ARCSEC));
  result[5] = (PLANETS[1][0] + PLANETS[1][1] * t) % TWO_PI;
  result[6] = (PLANETS[2][0] + PLANETS[2][1] * t) % TWO_PI;
  result[7] = generalPrecession(t);
  return result;
}

const generalPrecession = (t: number): number => (0.02438175 + 0.00000538691 * t) * t;

/** IAU 2000A as published (MHB2000). */
export function nutation2000A(mjdTt: number): Nutation {
  const t = julianCenturies(mjdTt);
  // the arguments of the original program, which differ from those of the conventions below 0.1 microarcsecond
  const a = DELAUNAY.map((coefficients, k) => {
    const [, ...rest] = coefficients;
    const constant = k === 1 ? 1287104.79305 : k === 3 ? 1072260.70369 : coefficients[0];
    return (polynomial(t, [constant, ...rest]) % TURN_ARCSEC) * ARCSEC;
  }) as [number, number, number, number, number];
  let dpsi = 0;
  let deps = 0;
  const ls = LUNI_SOLAR_2000A;
  for (let k = ls.length - 11; k >= 0; k -= 11) {
    const argument = ls[k]! * a[0] + ls[k + 1]! * a[1] + ls[k + 2]! * a[2] + ls[k + 3]! * a[3] + ls[k + 4]! * a[4];
    const sin = Math.sin(argument);
    const cos = Math.cos(argument);
    dpsi += (ls[k + 5]! + ls[k + 6]! * t) * sin + ls[k + 7]! * cos;
    deps += (ls[k + 8]! + ls[k + 9]! * t) * cos + ls[k + 10]! * sin;
  }
  const p = [
    2.35555598 + 8328.6914269554 * t,
    1.627905234 + 8433.466158131 * t,
    5.198466741 + 7771.3771468121 * t,
    2.1824392 - 33.757045 * t,
    ...PLANETS.map(([constant, rate]) => constant + rate * t),
    5.321159 + 3.8127774 * t,
    generalPrecession(t),
  ].map((angle) => angle % TWO_PI);
  const pl = PLANETARY_2000A;
  let longitude = 0;
  let obliquity = 0;
  for (let k = pl.length - 17; k >= 0; k -= 17) {
    let argument = 0;
    for (let j = 0; j < 13; j++) argument += pl[k + j]! * p[j]!;
    const sin = Math.sin(argument);
    const cos = Math.cos(argument);
    longitude += pl[k + 13]! * sin + pl[k + 14]! * cos;
    obliquity += pl[k + 15]! * sin + pl[k + 16]! * cos;
  }
  return { dpsi: dpsi * UNIT + longitude * UNIT, deps: deps * UNIT + obliquity * UNIT };
}

/** IAU 2000B: 77 luni-solar terms, fixed offsets for the planets. */
export function nutation2000B(mjdTt: number): Nutation {
  const t = julianCenturies(mjdTt);
  const args = [
    485868.249036 + 1717915923.2178 * t,
    1287104.79305 + 129596581.0481 * t,
    335779.526232 + 1739527262.8478 * t,
    1072260.70369 + 1602961601.209 * t,
    450160.398036 - 6962890.5431 * t,
  ].map((arcsec) => (arcsec % TURN_ARCSEC) * ARCSEC) as [number, number, number, number, number];
  let dpsi = 0;
  let deps = 0;
  for (let k = NUTATION_2000B.length - 1; k >= 0; k--) {
    const term = NUTATION_2000B[k]!;
    const argument =
      term[0]! * args[0] + term[1]! * args[1] + term[2]! * args[2] + term[3]! * args[3] + term[4]! * args[4];
    const sin = Math.sin(argument);
    const cos = Math.cos(argument);
    dpsi += (term[5]! + term[6]! * t) * sin + term[7]! * cos;
    deps += (term[8]! + term[9]! * t) * cos + term[10]! * sin;
  }
  return { dpsi: dpsi * UNIT - 0.000135 * ARCSEC, deps: deps * UNIT + 0.000388 * ARCSEC };
}

/** what was computed last: positions of one exposure ask for the same instant again and again */
let latest: { readonly mjdTt: number; readonly nutation: Nutation } | undefined;

/** Nutation to go with the IAU 2006 precession: IAU 2000A with the adjustments of Wallace & Capitaine (2006, eq. 5). */
export function nutation(mjdTt: number): Nutation {
  if (latest?.mjdTt === mjdTt) return latest.nutation;
  const { dpsi, deps } = nutation2000A(mjdTt);
  const flattening = -2.7774e-6 * julianCenturies(mjdTt);
  const adjusted = { dpsi: dpsi + dpsi * (0.4697e-6 + flattening), deps: deps + deps * flattening };
  latest = { mjdTt, nutation: adjusted };
  return adjusted;
}
