/**
 * Directions on the sphere: unit vectors, separations, position angles, offsets.
 * Separation and position angle use the Vincenty form, stable for coincident and for antipodal points.
 * Angles are degrees in names ending in Deg, radians otherwise. O(1), no allocation except returned objects.
 */

export const DEG = Math.PI / 180;
export const ARCSEC = DEG / 3600;
export const RAD_TO_ARCSEC = 1 / ARCSEC;

export type Vec3 = readonly [number, number, number];

/** Right ascension in [0, 360). */
export function normalizeRaDeg(raDeg: number): number {
  const wrapped = raDeg % 360;
  if (wrapped >= 0) return wrapped === 0 ? 0 : wrapped;
  const positive = wrapped + 360;
  return positive >= 360 ? 0 : positive;
}

/** A longitude difference in [-180, 180). */
export function wrapDeg180(angleDeg: number): number {
  const wrapped = normalizeRaDeg(angleDeg);
  return wrapped >= 180 ? wrapped - 360 : wrapped;
}

export function unitVector(raDeg: number, decDeg: number): [number, number, number] {
  const cosDec = Math.cos(decDeg * DEG);
  return [cosDec * Math.cos(raDeg * DEG), cosDec * Math.sin(raDeg * DEG), Math.sin(decDeg * DEG)];
}

/** Vector form of `unitVector`; `out` holds x, y, z per position, or a new array is made. */
export function unitVectors(
  raDeg: ArrayLike<number>,
  decDeg: ArrayLike<number>,
  out: Float64Array = new Float64Array(3 * raDeg.length),
): Float64Array {
  for (let i = 0; i < raDeg.length; i++) {
    const ra = raDeg[i]! * DEG;
    const dec = decDeg[i]! * DEG;
    const cosDec = Math.cos(dec);
    out[3 * i] = cosDec * Math.cos(ra);
    out[3 * i + 1] = cosDec * Math.sin(ra);
    out[3 * i + 2] = Math.sin(dec);
  }
  return out;
}

/** Direction of a vector of any length; right ascension in [0, 360). */
export function directionOf(x: number, y: number, z: number): { raDeg: number; decDeg: number } {
  return {
    raDeg: x === 0 && y === 0 ? 0 : normalizeRaDeg(Math.atan2(y, x) / DEG),
    decDeg: Math.atan2(z, Math.hypot(x, y)) / DEG,
  };
}

/** Great-circle distance of two directions [deg]. */
export function angularSeparationDeg(ra1Deg: number, dec1Deg: number, ra2Deg: number, dec2Deg: number): number {
  const dRa = wrapDeg180(ra2Deg - ra1Deg) * DEG;
  const sin1 = Math.sin(dec1Deg * DEG);
  const cos1 = Math.cos(dec1Deg * DEG);
  const sin2 = Math.sin(dec2Deg * DEG);
  const cos2 = Math.cos(dec2Deg * DEG);
  // cos1 sin2 - sin1 cos2 cos(dRa) without the cancellation of the textbook form for close points
  const half = Math.sin(dRa / 2);
  const north = Math.sin((dec2Deg - dec1Deg) * DEG) + 2 * sin1 * cos2 * half * half;
  const east = cos2 * Math.sin(dRa);
  return Math.atan2(Math.sqrt(east * east + north * north), sin1 * sin2 + cos1 * cos2 * Math.cos(dRa)) / DEG;
}

/** Position angle of point 2 seen from point 1, from north through east, in [0, 360) [deg]. */
export function positionAngleDeg(ra1Deg: number, dec1Deg: number, ra2Deg: number, dec2Deg: number): number {
  const dRa = wrapDeg180(ra2Deg - ra1Deg) * DEG;
  const half = Math.sin(dRa / 2);
  const cos2 = Math.cos(dec2Deg * DEG);
  const north = Math.sin((dec2Deg - dec1Deg) * DEG) + 2 * Math.sin(dec1Deg * DEG) * cos2 * half * half;
  return normalizeRaDeg(Math.atan2(cos2 * Math.sin(dRa), north) / DEG);
}

/** The position reached by going `distanceDeg` along the great circle that starts at `positionAngle`. */
export function offsetPosition(
  raDeg: number,
  decDeg: number,
  positionAngle: number,
  distanceDeg: number,
): { raDeg: number; decDeg: number } {
  const sinDec = Math.sin(decDeg * DEG);
  const cosDec = Math.cos(decDeg * DEG);
  const sinD = Math.sin(distanceDeg * DEG);
  const cosD = Math.cos(distanceDeg * DEG);
  const sinPa = Math.sin(positionAngle * DEG);
  const cosPa = Math.cos(positionAngle * DEG);
  const x = cosDec * cosD - sinDec * sinD * cosPa;
  const y = sinD * sinPa;
  const z = sinDec * cosD + cosDec * sinD * cosPa;
  return {
    raDeg: normalizeRaDeg(raDeg + Math.atan2(y, x) / DEG),
    decDeg: Math.atan2(z, Math.hypot(x, y)) / DEG,
  };
}

/**
 * Gnomonic (tangent-plane) coordinates of a position about a centre [deg]: xi to the east, eta to the north.
 * NaN for positions 90 degrees away or more.
 */
export function tangentOffsetDeg(
  raDeg: number,
  decDeg: number,
  centreRaDeg: number,
  centreDecDeg: number,
): { xi: number; eta: number } {
  const dRa = wrapDeg180(raDeg - centreRaDeg) * DEG;
  const half = Math.sin(dRa / 2);
  const cosDec = Math.cos(decDeg * DEG);
  const sin0 = Math.sin(centreDecDeg * DEG);
  const denominator = Math.sin(decDeg * DEG) * sin0 + cosDec * Math.cos(centreDecDeg * DEG) * Math.cos(dRa);
  if (!(denominator > 0)) return { xi: NaN, eta: NaN };
  const north = Math.sin((decDeg - centreDecDeg) * DEG) + 2 * sin0 * cosDec * half * half;
  return { xi: (cosDec * Math.sin(dRa)) / denominator / DEG, eta: north / denominator / DEG };
}

/** Inverse of `tangentOffsetDeg`. */
export function fromTangentOffsetDeg(
  xi: number,
  eta: number,
  centreRaDeg: number,
  centreDecDeg: number,
): { raDeg: number; decDeg: number } {
  const sin0 = Math.sin(centreDecDeg * DEG);
  const cos0 = Math.cos(centreDecDeg * DEG);
  const e = eta * DEG;
  const x = cos0 - e * sin0;
  const y = xi * DEG;
  return {
    raDeg: normalizeRaDeg(centreRaDeg + Math.atan2(y, x) / DEG),
    decDeg: Math.atan2(sin0 + e * cos0, Math.hypot(x, y)) / DEG,
  };
}
