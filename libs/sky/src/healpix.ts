/**
 * HEALPix (Gorski et al. 2005, ApJ 622, 759) in both numberings to order 29, exact to the last bit: equal to the authors' library
 * on pixel edges too. Nested is the default everywhere. One direction or pixel at a time here, arrays in `healpix-arrays.ts`.
 */
import { unitVector } from './angles.js';
import { SkyError } from './errors.js';
import {
  FACE,
  faceOfNested,
  faceOfRing,
  type FacePixel,
  indexOfRing,
  IX,
  IY,
  nestedOfFace,
  ringOfFace,
  ringOfIndex,
  type RingPixel,
  type Words,
  wordsOf,
} from './healpix-cells.js';
import { indexDirections } from './healpix-directions.js';
import { checkDirection, checkOrder, checkPixel, MAX_HEALPIX_ORDER } from './healpix-order.js';
import { DEC, facePlace, type Place, RA } from './healpix-places.js';
import type { SkyPosition } from './wcs-types.js';

const cell: FacePixel = new Int32Array(3);
const inRing: RingPixel = new Int32Array(3);
const place: Place = new Float64Array(2);
/** an index as words and, in the same memory, as the bigint that they make up */
const index: Words = new Uint32Array(2);
const wholeIndex = new BigUint64Array(index.buffer);

export function nestedFromFace(order: number, face: number, ix: number, iy: number): bigint {
  cell[FACE] = face;
  cell[IX] = ix;
  cell[IY] = iy;
  nestedOfFace(order, cell, index);
  return wholeIndex[0]!;
}

function faceFromNested(order: number, pixel: bigint): FacePixel {
  checkPixel(order, pixel);
  wholeIndex[0] = pixel;
  faceOfNested(order, index, cell);
  return cell;
}

function faceOfPixel(order: number, pixel: bigint): [face: number, ix: number, iy: number] {
  faceFromNested(order, pixel);
  return [cell[FACE]!, cell[IX]!, cell[IY]!];
}

const oneRa = new Float64Array(1);
const oneDec = new Float64Array(1);
const oneIndex = new BigInt64Array(1);
const oneIndexWords = wordsOf(oneIndex);

function indexOne(order: number, scheme: 'nested' | 'ring', raDeg: number, decDeg: number): bigint {
  checkOrder(order);
  checkDirection(raDeg, decDeg);
  oneRa[0] = raDeg;
  oneDec[0] = decDeg;
  indexDirections(order, scheme, oneRa, oneDec, oneIndexWords);
  return oneIndex[0]!;
}

/** Nested index of the pixel that contains a direction. */
export const healpixIndex = (order: number, raDeg: number, decDeg: number): bigint =>
  indexOne(order, 'nested', raDeg, decDeg);

/** Ring index of the pixel that contains a direction. */
export const healpixRingIndex = (order: number, raDeg: number, decDeg: number): bigint =>
  indexOne(order, 'ring', raDeg, decDeg);

/** The database column `hpx29`: nested index at order 29. */
export const hpx29 = (raDeg: number, decDeg: number): bigint => healpixIndex(MAX_HEALPIX_ORDER, raDeg, decDeg);

/** Centre of a nested pixel. */
export function healpixCentre(order: number, pixel: bigint): SkyPosition {
  const [face, ix, iy] = faceOfPixel(order, pixel);
  facePlace(2 ** order, face, ix + 0.5, iy + 0.5, place);
  return { raDeg: place[RA]!, decDeg: place[DEC]! };
}

/** Outline of a nested pixel: `step` points per edge, from the north corner through west, south and east. */
export function healpixBoundary(order: number, pixel: bigint, step = 1): SkyPosition[] {
  const [face, ix, iy] = faceOfPixel(order, pixel);
  if (!Number.isInteger(step) || step < 1)
    throw new SkyError('OUT_OF_RANGE', `an outline needs one or more points per edge, not ${step}`, step);
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
      facePlace(nside, face, ix + x + (dx * k) / step, iy + y + (dy * k) / step, place);
      points.push({ raDeg: place[RA]!, decDeg: place[DEC]! });
    }
  return points;
}

/** unit vector of a face pixel's centre */
export function facePixelVector(order: number, face: number, ix: number, iy: number): [number, number, number] {
  facePlace(2 ** order, face, ix + 0.5, iy + 0.5, place);
  return unitVector(place[RA]!, place[DEC]!);
}

export function nestedToRing(order: number, pixel: bigint): bigint {
  ringOfFace(order, faceFromNested(order, pixel), inRing);
  indexOfRing(order, inRing, index);
  return wholeIndex[0]!;
}

export function ringToNested(order: number, pixel: bigint): bigint {
  checkPixel(order, pixel);
  wholeIndex[0] = pixel;
  ringOfIndex(order, index, inRing);
  faceOfRing(order, inRing, cell);
  nestedOfFace(order, cell, index);
  return wholeIndex[0]!;
}

/** NUNIQ number of a nested pixel: order and index in one integer, 4 * 4^order + index (MOC 2.0, section 4.2). */
export function uniqOfNested(order: number, pixel: bigint): bigint {
  checkPixel(order, pixel);
  return (4n << BigInt(2 * order)) + pixel;
}

/** Order and nested index of a NUNIQ number. */
export function nestedOfUniq(uniq: bigint): { readonly order: number; readonly pixel: bigint } {
  const order = uniq >= 4n ? ((uniq.toString(2).length - 1) >> 1) - 1 : -1;
  const pixel = order < 0 || order > MAX_HEALPIX_ORDER ? -1n : uniq - (4n << BigInt(2 * order));
  if (pixel < 0n) throw new SkyError('OUT_OF_RANGE', `${uniq} is not a NUNIQ number`, uniq);
  return { order, pixel };
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
  const [face, ix, iy] = faceOfPixel(order, pixel);
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
