/** From HEALPix pixels back to the sky: centres and outlines (Gorski et al. 2005, section 4, equations 4 to 9). */
import { DEG } from './angles.js';
import { compact, FACE_LONGITUDE, FACE_RING, HIGH, highWord, LOW, NONE, TWO_32 } from './healpix-cells.js';

const SQRT_6 = Math.sqrt(6);

/** A direction, Float64Array of 2: right ascension and declination [deg]. */
export type Place = Float64Array;
export const RA = 0;
export const DEC = 1;

/**
 * The point of the sphere at face coordinates (x, y) in [0, nside]: pixel (ix, iy) covers ix..ix + 1, iy..iy + 1, its centre is
 * at + 0.5.
 */
export function facePlace(nside: number, face: number, x: number, y: number, out: Place): void {
  const row = FACE_RING[face]! * nside - x - y;
  const width = row < nside ? row : row > 3 * nside ? 4 * nside - row : nside;
  // from the pole, sin of half the distance is width / (nside sqrt 6): no cancellation however close
  if (row < nside) out[DEC] = 90 - (2 * Math.asin(width / (nside * SQRT_6))) / DEG;
  else if (row > 3 * nside) out[DEC] = (2 * Math.asin(width / (nside * SQRT_6))) / DEG - 90;
  else out[DEC] = Math.asin(((2 * nside - row) * 2) / (3 * nside)) / DEG;
  let t = FACE_LONGITUDE[face]! * width + x - y;
  if (t < 0) t += 8 * width;
  if (t >= 8 * width) t -= 8 * width;
  out[RA] = width < 1e-15 ? 0 : 45 * (t / width);
}

/** Right ascensions and declinations, one element per pixel. */
export interface SkyPositions {
  readonly raDeg: Float64Array;
  readonly decDeg: Float64Array;
}

const TO_DEG = 1 / DEG;

/** Centres of nested pixels, given as words; NaN for what is none. */
export function nestedCentres(order: number, words: Uint32Array, { raDeg, decDeg }: SkyPositions): void {
  const nside = 1 << order;
  const faceShift = order > 15 ? 2 * order - 32 : 2 * order;
  const inFace = order === 15 ? 0x3fffffff : (1 << faceShift) - 1;
  const capScale = 1 / (nside * SQRT_6);
  const beltScale = 2 / (3 * nside);
  for (let i = 0; i < raDeg.length; i++) {
    const low = words[2 * i + LOW]!;
    const high = words[2 * i + HIGH]!;
    let face: number;
    let ix: number;
    let iy: number;
    if (order > 15) {
      const inner = high & inFace;
      face = high >>> faceShift;
      ix = compact(low) | (compact(inner) << 16);
      iy = compact(low >>> 1) | (compact(inner >>> 1) << 16);
    } else {
      const inner = low & inFace;
      face = high > 3 ? NONE : order < 15 ? (high > 0 ? NONE : low >>> faceShift) : (high << 2) | (low >>> 30);
      ix = compact(inner);
      iy = compact(inner >>> 1);
    }
    if (face > 11) {
      raDeg[i] = decDeg[i] = NaN;
      continue;
    }
    const row = (Math.imul(FACE_RING[face]!, nside) - ix - iy - 1) | 0;
    let width = nside;
    // from the pole, sin of half the distance is width / (nside sqrt 6): no cancellation however close
    if (row >= nside && row <= 3 * nside) decDeg[i] = TO_DEG * Math.asin((2 * nside - row) * beltScale);
    else if (row < nside) {
      width = row;
      decDeg[i] = 90 - 2 * TO_DEG * Math.asin(width * capScale);
    } else {
      width = 4 * nside - row;
      decDeg[i] = 2 * TO_DEG * Math.asin(width * capScale) - 90;
    }
    let t = FACE_LONGITUDE[face]! * width + ix - iy;
    if (t < 0) t += 8 * width;
    raDeg[i] = 45 * (t / width);
  }
}

/** Centres of ring pixels, given as words; NaN for what is none. */
export function ringCentres(order: number, words: Uint32Array, { raDeg, decDeg }: SkyPositions): void {
  const nside = 1 << order;
  const count = 12 * nside * nside;
  const cap = 2 * nside * (nside - 1);
  // exact doubles, but an index is not: limits are compared word by word
  const [capHigh, capLow] = [Math.floor(cap / TWO_32), cap % TWO_32];
  const [southHigh, southLow] = [Math.floor((count - cap) / TWO_32), (count - cap) % TWO_32];
  const [countHigh, countLow] = [Math.floor(count / TWO_32), count % TWO_32];
  const rowsPerHigh = TWO_32 / (4 * nside);
  const capScale = 1 / (nside * SQRT_6);
  const beltScale = 2 / (3 * nside);
  for (let i = 0; i < raDeg.length; i++) {
    const low = words[2 * i + LOW]!;
    const high = words[2 * i + HIGH]!;
    const about = high * TWO_32 + low;
    const north = high < capHigh || (high === capHigh && low < capLow);
    if (!north && (high < southHigh || (high === southHigh && low < southLow))) {
      const inBelt = (low - capLow) >>> 0;
      const row = highWord(about - cap, inBelt) * rowsPerHigh + (inBelt >>> (order + 2));
      decDeg[i] = TO_DEG * Math.asin((nside - row) * beltScale);
      raDeg[i] = ((inBelt & (4 * nside - 1)) + 0.5 * (1 - (row & 1))) * (90 / nside);
      continue;
    }
    if (high > countHigh || (high === countHigh && low >= countLow)) {
      raDeg[i] = decDeg[i] = NaN;
      continue;
    }
    // the southern cap is the northern one counted from the last pixel
    const fromEndLow = (north ? low : countLow - 1 - low) >>> 0;
    // exact near the last pixel too, where `about` is not
    const fromEnd = fromEndLow + TWO_32 * highWord(north ? about : count - 1 - about, fromEndLow);
    let ring = Math.floor(0.5 + 0.5 * Math.sqrt(1 + 2 * fromEnd));
    const placeLow = (fromEndLow - Math.imul(2 * ring, ring - 1)) >>> 0;
    let place = placeLow + TWO_32 * highWord(fromEnd - 2 * ring * (ring - 1), placeLow);
    if (place < 0) {
      ring--;
      place += 4 * ring;
    } else if (place >= 4 * ring) {
      place -= 4 * ring;
      ring++;
    }
    const toPole = 90 - 2 * TO_DEG * Math.asin(ring * capScale);
    const ra = ((place + 0.5) * 90) / ring;
    decDeg[i] = north ? toPole : -toPole;
    raDeg[i] = north ? ra : 360 - ra;
  }
}
