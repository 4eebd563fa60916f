// Ecliptic (J2000 mean obliquity 84381.406", IAU 2006) and Galactic (pole 192.859481, 27.128251, node 32.931918 deg; Hipparcos
// ESA SP-1200 vol. 1, 1.5.3) coordinates of an ICRS direction. Degrees.
import { DEG, directionOf, normalizeRaDeg, unitVector } from '#libs/sky';

const OBLIQUITY = (84381.406 / 3600) * DEG;
const POLE_RA = 192.859481208;
const POLE_DEC = 27.128251257 * DEG;
const NODE = 32.931918056;

export function directionColumns(
  raDeg: number,
  decDeg: number,
): { eclLambda: number; eclBeta: number; galLon: number; galLat: number } {
  const [x, y, z] = unitVector(raDeg, decDeg);
  const cos = Math.cos(OBLIQUITY);
  const sin = Math.sin(OBLIQUITY);
  const ecliptic = directionOf(x, cos * y + sin * z, cos * z - sin * y);
  const [u, v, w] = unitVector(raDeg - POLE_RA, decDeg);
  const latitude = Math.sin(POLE_DEC) * w + Math.cos(POLE_DEC) * u;
  const galactic = directionOf(v, Math.cos(POLE_DEC) * w - Math.sin(POLE_DEC) * u, latitude);
  return {
    eclLambda: ecliptic.raDeg,
    eclBeta: ecliptic.decDeg,
    galLon: normalizeRaDeg(NODE + galactic.raDeg),
    galLat: galactic.decDeg,
  };
}
