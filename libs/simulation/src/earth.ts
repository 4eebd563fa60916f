// Heliocentric position of the Earth and of the observer on it, ICRS axes, in AU.
// Sun by Newcomb's theory as shortened by Meeus, Astronomical Formulae for Calculators (ch. 18): about 2 arcsec. Times MJD TT.

const DEG = Math.PI / 180;
const AU_KM = 149_597_870.7;
/** mean obliquity J2000 [rad] */
export const OBLIQUITY = 23.439291111 * DEG;

export type Vector = readonly [number, number, number];

export function earthHeliocentric(mjdTt: number): Vector {
  const t = (mjdTt - 15019.5) / 36525;
  const m = (358.47583 + 35999.04975 * t - 0.00015 * t * t) * DEG;
  const e = 0.01675104 - 0.0000418 * t;
  const centre =
    (1.91946 - 0.004789 * t) * Math.sin(m) + (0.020094 - 0.0001 * t) * Math.sin(2 * m) + 0.000293 * Math.sin(3 * m);
  const a = (153.23 + 22518.7541 * t) * DEG;
  const b = (216.57 + 45037.5082 * t) * DEG;
  const c = (312.69 + 32964.3577 * t) * DEG;
  const d = (350.74 + 445267.1142 * t - 0.00144 * t * t) * DEG;
  const f = (231.19 + 20.2 * t) * DEG;
  const h = (353.4 + 65928.7155 * t) * DEG;
  const longitude =
    279.69668 +
    36000.76892 * t +
    0.0003025 * t * t +
    centre +
    0.00134 * Math.cos(a) +
    0.00154 * Math.cos(b) +
    0.002 * Math.cos(c) +
    0.00179 * Math.sin(d) +
    0.00178 * Math.sin(f);
  const distance =
    (1.0000002 * (1 - e * e)) / (1 + e * Math.cos(m + centre * DEG)) +
    0.00000543 * Math.sin(a) +
    0.00001575 * Math.sin(b) +
    0.00001627 * Math.sin(c) +
    0.00003076 * Math.cos(d) +
    0.00000927 * Math.sin(h);
  // general precession back to J2000, then the Earth opposite the Sun; the ecliptic of date is taken for that of J2000
  const precession = (1.3969713 * (mjdTt - 51544.5)) / 36525 + 0.0003086 * ((mjdTt - 51544.5) / 36525) ** 2;
  const lambda = (longitude - precession + 180) * DEG;
  return eclipticToEquatorial([distance * Math.cos(lambda), distance * Math.sin(lambda), 0]);
}

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

/** TAI - UTC in the years simulated [s]. */
const LEAP_SECONDS = 37;

export function observerHeliocentric(mjdTai: number, site?: Site): Vector {
  const earth = earthHeliocentric(mjdTai + 32.184 / 86400);
  if (!site) return earth;
  const phi = site.latitudeDeg * DEG;
  const flattening = 1 / 298.257223563;
  const c = 1 / Math.sqrt(Math.cos(phi) ** 2 + (1 - flattening) ** 2 * Math.sin(phi) ** 2);
  const across = ((6378.137 * c + site.heightM / 1000) * Math.cos(phi)) / AU_KM;
  const up = ((6378.137 * c * (1 - flattening) ** 2 + site.heightM / 1000) * Math.sin(phi)) / AU_KM;
  const lst = (siderealTimeDeg(mjdTai - LEAP_SECONDS / 86400) + site.longitudeDeg) * DEG;
  return [earth[0] + across * Math.cos(lst), earth[1] + across * Math.sin(lst), earth[2] + up];
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
