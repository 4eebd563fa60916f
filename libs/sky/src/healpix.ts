/**
 * HEALPix (Gorski et al. 2005, ApJ 622, 759) in both numberings to order 29, exact: pixel coordinates inside a base face are
 * integers below 2^29, only the final index is a bigint. Nested is the default everywhere; ring indices by conversion.
 * Directions on a pixel border go to the same side as in the authors' library. About 0.15 us per direction.
 */
import { DEG } from './angles.js';
import { SkyError } from './errors.js';
import type { SkyPosition } from './wcs-types.js';

export const MAX_HEALPIX_ORDER = 29;

/** ring number (from the north pole) of the face's southern corner, in units of nside */
const FACE_RING = [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4] as const;
/** longitude of the face's corner in units of pi / 4 */
const FACE_LONGITUDE = [1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7] as const;
const TWO_32 = 4294967296;
const INVERSE_HALF_PI = 2 / Math.PI;

/** A pixel as base face and column, row inside it. Reused by the functions below as an output. */
export interface FacePixel {
  face: number;
  ix: number;
  iy: number;
}
const scratch: FacePixel = { face: 0, ix: 0, iy: 0 };

const words = new Uint32Array(2);
const wide = new BigUint64Array(words.buffer);
words[0] = 1;
const LOW = wide[0] === 1n ? 0 : 1;
const HIGH = 1 - LOW;

export function checkOrder(order: number): void {
  if (!Number.isInteger(order) || order < 0 || order > MAX_HEALPIX_ORDER)
    throw new SkyError('OUT_OF_RANGE', `HEALPix order must be an integer from 0 to 29, not ${order}`, order);
}

export const healpixPixelCount = (order: number): bigint => 12n << BigInt(2 * order);

/** Solid angle of a pixel [deg^2]. */
export const healpixPixelArea = (order: number): number => (4 * Math.PI) / (12 * 4 ** order) / DEG ** 2;

/** bits of a 16-bit number to the even places of a 32-bit one */
function spread(value: number): number {
  let v = value & 0xffff;
  v = (v | (v << 8)) & 0x00ff00ff;
  v = (v | (v << 4)) & 0x0f0f0f0f;
  v = (v | (v << 2)) & 0x33333333;
  return (v | (v << 1)) & 0x55555555;
}
function compact(value: number): number {
  let v = value & 0x55555555;
  v = (v | (v >>> 1)) & 0x33333333;
  v = (v | (v >>> 2)) & 0x0f0f0f0f;
  v = (v | (v >>> 4)) & 0x00ff00ff;
  return (v | (v >>> 8)) & 0xffff;
}

export function nestedFromFace(order: number, face: number, ix: number, iy: number): bigint {
  const base = face * 4 ** order;
  words[LOW] = (spread(ix) | (spread(iy) << 1)) >>> 0;
  words[HIGH] = (spread(ix >>> 16) | (spread(iy >>> 16) << 1)) >>> 0;
  // the face bits lie above the interleaved ones: no carries
  words[LOW] = (words[LOW]! + (base % TWO_32)) >>> 0;
  words[HIGH] = words[HIGH]! + Math.floor(base / TWO_32);
  return wide[0]!;
}

export function faceFromNested(order: number, pixel: bigint, out: FacePixel): FacePixel {
  checkPixel(order, pixel);
  const shift = BigInt(2 * order);
  out.face = Number(pixel >> shift);
  wide[0] = pixel & ((1n << shift) - 1n);
  const low = words[LOW]!;
  const high = words[HIGH]!;
  out.ix = compact(low) + compact(high) * 65536;
  out.iy = compact(low >>> 1) + compact(high >>> 1) * 65536;
  return out;
}

function checkPixel(order: number, pixel: bigint): void {
  checkOrder(order);
  if (pixel < 0n || pixel >= healpixPixelCount(order))
    throw new SkyError('OUT_OF_RANGE', `there is no HEALPix pixel ${pixel} at order ${order}`, pixel);
}

/** z = sin(dec), phi [rad], s = cos(dec) (used near the poles) -> face pixel */
function locate(nside: number, z: number, phi: number, s: number, out: FacePixel): void {
  const za = Math.abs(z);
  let tt = (phi * INVERSE_HALF_PI) % 4;
  if (tt < 0) tt += 4;
  if (tt >= 4) tt = 0;
  if (za <= 2 / 3) {
    const a = nside * (0.5 + tt);
    const b = nside * (z * 0.75);
    const jp = Math.floor(a - b);
    const jm = Math.floor(a + b);
    const fp = Math.floor(jp / nside);
    const fm = Math.floor(jm / nside);
    out.face = fp === fm ? (fp & 3) + 4 : fp < fm ? fp & 3 : (fm & 3) + 8;
    out.ix = jm - fm * nside;
    out.iy = nside - 1 - (jp - fp * nside);
    return;
  }
  const quarter = Math.min(3, Math.floor(tt));
  const tp = tt - quarter;
  const t = za < 0.99 ? nside * Math.sqrt(3 * (1 - za)) : (nside * s) / Math.sqrt((1 + za) / 3);
  const jp = Math.min(nside - 1, Math.floor(tp * t));
  const jm = Math.min(nside - 1, Math.floor((1 - tp) * t));
  if (z >= 0) {
    out.face = quarter;
    out.ix = nside - 1 - jm;
    out.iy = nside - 1 - jp;
  } else {
    out.face = quarter + 8;
    out.ix = jp;
    out.iy = jm;
  }
}

export function facePixelOf(order: number, raDeg: number, decDeg: number, out: FacePixel): FacePixel {
  const theta = Math.PI / 2 - decDeg * DEG;
  locate(2 ** order, Math.cos(theta), raDeg * DEG, Math.sin(theta), out);
  return out;
}

/** Nested index of the pixel that contains a direction. */
export function healpixIndex(order: number, raDeg: number, decDeg: number): bigint {
  checkOrder(order);
  checkDirection(raDeg, decDeg);
  facePixelOf(order, raDeg, decDeg, scratch);
  return nestedFromFace(order, scratch.face, scratch.ix, scratch.iy);
}

/** Vector form of `healpixIndex`: nested indices into `out`; a direction that is not a number gives -1. */
export function healpixIndices(
  order: number,
  raDeg: ArrayLike<number>,
  decDeg: ArrayLike<number>,
  out: BigInt64Array = new BigInt64Array(raDeg.length),
): BigInt64Array {
  checkOrder(order);
  for (let i = 0; i < raDeg.length; i++) {
    const ra = raDeg[i]!;
    const dec = decDeg[i]!;
    if (!Number.isFinite(ra) || !(dec >= -90 && dec <= 90)) {
      out[i] = -1n;
      continue;
    }
    facePixelOf(order, ra, dec, scratch);
    out[i] = nestedFromFace(order, scratch.face, scratch.ix, scratch.iy);
  }
  return out;
}

/** Ring index of the pixel that contains a direction. */
export function healpixRingIndex(order: number, raDeg: number, decDeg: number): bigint {
  checkOrder(order);
  checkDirection(raDeg, decDeg);
  facePixelOf(order, raDeg, decDeg, scratch);
  return ringFromFace(order, scratch.face, scratch.ix, scratch.iy);
}

function checkDirection(raDeg: number, decDeg: number): void {
  if (!Number.isFinite(raDeg) || !(decDeg >= -90 && decDeg <= 90))
    throw new SkyError('OUT_OF_RANGE', `RA ${raDeg}, dec ${decDeg} is not a direction`, [raDeg, decDeg]);
}

/** The database column `hpx29`: nested index at order 29. */
export const hpx29 = (raDeg: number, decDeg: number): bigint => healpixIndex(MAX_HEALPIX_ORDER, raDeg, decDeg);

/**
 * Point of the sphere at face coordinates (x, y) in [0, nside]: pixel (ix, iy) covers ix..ix + 1, iy..iy + 1, its centre is at
 * + 0.5. Writes z, cos(dec), phi [rad].
 */
function facePoint(nside: number, face: number, x: number, y: number, out: Float64Array): void {
  const jr = FACE_RING[face]! * nside - x - y;
  let nr = nside;
  if (jr < nside) {
    nr = jr;
    const t = (nr / nside) ** 2 / 3;
    out[0] = 1 - t;
    out[1] = Math.sqrt(t * (2 - t));
  } else if (jr > 3 * nside) {
    nr = 4 * nside - jr;
    const t = (nr / nside) ** 2 / 3;
    out[0] = t - 1;
    out[1] = Math.sqrt(t * (2 - t));
  } else {
    out[0] = ((2 * nside - jr) * 2) / (3 * nside);
    out[1] = Math.sqrt((1 - out[0]) * (1 + out[0]));
  }
  let t = FACE_LONGITUDE[face]! * nr + x - y;
  if (t < 0) t += 8 * nr;
  if (t >= 8 * nr) t -= 8 * nr;
  out[2] = nr < 1e-15 ? 0 : (Math.PI / 4) * (t / nr);
}

const spot = new Float64Array(3);
const spotToSky = (): SkyPosition => ({ raDeg: spot[2]! / DEG, decDeg: Math.atan2(spot[0]!, spot[1]!) / DEG });

/** Centre of a nested pixel. */
export function healpixCentre(order: number, pixel: bigint): SkyPosition {
  const { face, ix, iy } = faceFromNested(order, pixel, scratch);
  facePoint(2 ** order, face, ix + 0.5, iy + 0.5, spot);
  return spotToSky();
}

/** Outline of a nested pixel: `step` points per edge, from the north corner through west, south and east. */
export function healpixBoundary(order: number, pixel: bigint, step = 1): SkyPosition[] {
  const { face, ix, iy } = faceFromNested(order, pixel, scratch);
  const nside = 2 ** order;
  const points: SkyPosition[] = [];
  const corners = [
    [1, 1, -1, 0],
    [0, 1, 0, -1],
    [0, 0, 1, 0],
    [1, 0, 0, 1],
  ] as const;
  for (const [x, y, dx, dy] of corners)
    for (let k = 0; k < step; k++) {
      facePoint(nside, face, ix + x + (dx * k) / step, iy + y + (dy * k) / step, spot);
      points.push(spotToSky());
    }
  return points;
}

/** unit vector of a face pixel's centre */
export function facePixelVector(order: number, face: number, ix: number, iy: number, out: Float64Array): void {
  facePoint(2 ** order, face, ix + 0.5, iy + 0.5, spot);
  const z = spot[0]!;
  const s = spot[1]!;
  out[0] = s * Math.cos(spot[2]!);
  out[1] = s * Math.sin(spot[2]!);
  out[2] = z;
}

function ringFromFace(order: number, face: number, ix: number, iy: number): bigint {
  const nside = 2 ** order;
  const jr = FACE_RING[face]! * nside - ix - iy - 1;
  let nr = nside;
  let shift = 0;
  let before: bigint;
  if (jr < nside) {
    nr = jr;
    before = 2n * BigInt(nr) * BigInt(nr - 1);
  } else if (jr > 3 * nside) {
    nr = 4 * nside - jr;
    before = healpixPixelCount(order) - 2n * BigInt(nr + 1) * BigInt(nr);
  } else {
    shift = (jr - nside) % 2;
    before = 2n * BigInt(nside) * BigInt(nside - 1) + BigInt(jr - nside) * BigInt(4 * nside);
  }
  let jp = (FACE_LONGITUDE[face]! * nr + ix - iy + 1 + shift) / 2;
  if (jp > 4 * nr) jp -= 4 * nr;
  else if (jp < 1) jp += 4 * nr;
  return before + BigInt(jp - 1);
}

export function nestedToRing(order: number, pixel: bigint): bigint {
  const { face, ix, iy } = faceFromNested(order, pixel, scratch);
  return ringFromFace(order, face, ix, iy);
}

export function ringToNested(order: number, pixel: bigint): bigint {
  checkPixel(order, pixel);
  const nside = 2 ** order;
  const n = BigInt(nside);
  const count = healpixPixelCount(order);
  const cap = 2n * n * (n - 1n);
  let ring: number;
  let nr: number;
  let phi: number;
  let shift = 0;
  let face: number;
  if (pixel < cap) {
    nr = ring = Number((1n + integerSqrt(1n + 2n * pixel)) >> 1n);
    phi = Number(pixel - 2n * BigInt(nr) * BigInt(nr - 1)) + 1;
    face = Math.floor((phi - 1) / nr);
  } else if (pixel >= count - cap) {
    const fromEnd = count - pixel;
    nr = Number((1n + integerSqrt(2n * fromEnd - 1n)) >> 1n);
    ring = 4 * nside - nr;
    phi = 4 * nr + 1 - Number(fromEnd - 2n * BigInt(nr) * BigInt(nr - 1));
    face = 8 + Math.floor((phi - 1) / nr);
  } else {
    const inBelt = pixel - cap;
    const row = Number(inBelt / (4n * n));
    ring = nside + row;
    nr = nside;
    phi = Number(inBelt % (4n * n)) + 1;
    shift = row % 2;
    const up = ring - nside + 1;
    const down = 2 * nside + 2 - up;
    const fm = Math.floor((phi - Math.floor(up / 2) + nside - 1) / nside);
    const fp = Math.floor((phi - Math.floor(down / 2) + nside - 1) / nside);
    face = fp === fm ? (fp & 3) + 4 : fp < fm ? fp & 3 : (fm & 3) + 8;
  }
  const r = ring - FACE_RING[face]! * nside + 1;
  let p = 2 * phi - FACE_LONGITUDE[face]! * nr - shift - 1;
  if (p >= 2 * nside) p -= 8 * nside;
  return nestedFromFace(order, face, (p - r) / 2, (-p - r) / 2);
}

function integerSqrt(value: bigint): bigint {
  let root = BigInt(Math.floor(Math.sqrt(Number(value))));
  while (root * root > value) root--;
  while ((root + 1n) * (root + 1n) <= value) root++;
  return root;
}

// Which face lies beyond an edge or corner of a face, and how its axes are turned there. Index: 4 + dx + 3 dy.
const NEIGHBOUR_FACE = [
  [8, 9, 10, 11, -1, -1, -1, -1, 10, 11, 8, 9],
  [5, 6, 7, 4, 8, 9, 10, 11, 9, 10, 11, 8],
  [-1, -1, -1, -1, 5, 6, 7, 4, -1, -1, -1, -1],
  [4, 5, 6, 7, 11, 8, 9, 10, 11, 8, 9, 10],
  [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
  [1, 2, 3, 0, 0, 1, 2, 3, 5, 6, 7, 4],
  [-1, -1, -1, -1, 7, 4, 5, 6, -1, -1, -1, -1],
  [3, 0, 1, 2, 3, 0, 1, 2, 4, 5, 6, 7],
  [2, 3, 0, 1, -1, -1, -1, -1, 0, 1, 2, 3],
] as const;
/** bit 1 mirrors x, bit 2 mirrors y, bit 4 exchanges them; by row of faces (north, equator, south) */
const NEIGHBOUR_TURN = [
  [0, 0, 3],
  [0, 0, 6],
  [0, 0, 0],
  [0, 0, 5],
  [0, 0, 0],
  [5, 0, 0],
  [0, 0, 0],
  [6, 0, 0],
  [3, 0, 0],
] as const;
const DIRECTIONS = [
  [-1, 0],
  [-1, 1],
  [0, 1],
  [1, 1],
  [1, 0],
  [1, -1],
  [0, -1],
  [-1, -1],
] as const;

/** The neighbours of a nested pixel, in the order SW, W, NW, N, NE, E, SE, S; eight, or seven at some face corners (six at order 0). */
export function healpixNeighbours(order: number, pixel: bigint): bigint[] {
  const { face, ix, iy } = faceFromNested(order, pixel, scratch);
  const nside = 2 ** order;
  const result: bigint[] = [];
  for (const [dx, dy] of DIRECTIONS) {
    let x = ix + dx;
    let y = iy + dy;
    const stepX = x < 0 ? -1 : x >= nside ? 1 : 0;
    const stepY = y < 0 ? -1 : y >= nside ? 1 : 0;
    x -= stepX * nside;
    y -= stepY * nside;
    const side = 4 + stepX + 3 * stepY;
    const other = NEIGHBOUR_FACE[side]![face]!;
    if (other < 0) continue;
    const turn = NEIGHBOUR_TURN[side]![face >> 2]!;
    if (turn & 1) x = nside - 1 - x;
    if (turn & 2) y = nside - 1 - y;
    result.push(turn & 4 ? nestedFromFace(order, other, y, x) : nestedFromFace(order, other, x, y));
  }
  return result;
}
