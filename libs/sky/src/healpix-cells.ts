/**
 * HEALPix pixels in the forms that lie between a direction and an index, for both numberings to order 29. An index needs 62 bits:
 * it is kept as two 32-bit words, so that all arithmetic stays in numbers and no loop over arrays makes a bigint.
 * Each form is a small typed array that its owner reuses: nothing is allocated, and the engine knows every element's type.
 */

/** Pixel indices: exact to order 29, or plain numbers to order 24 (12 * 4^24 < 2^53). */
export type HealpixIndices = BigInt64Array | Float64Array;

/**
 * Indices as 32-bit words, two per element: the memory of 64-bit integers, a copy of numbers (-1 becomes all ones; what is no
 * whole number or beyond 2^53 too).
 */
export function wordsOf(indices: HealpixIndices): Uint32Array {
  if (indices instanceof BigInt64Array) return new Uint32Array(indices.buffer, indices.byteOffset, 2 * indices.length);
  const words = new Uint32Array(2 * indices.length);
  for (let i = 0; i < indices.length; i++) {
    const value = indices[i]!;
    const whole = value >= 0 && value <= Number.MAX_SAFE_INTEGER && Math.floor(value) === value;
    words[2 * i + LOW] = whole ? value : NONE;
    words[2 * i + HIGH] = whole ? value * (1 / TWO_32) : NONE;
  }
  return words;
}
/** both words of an index that is none: -1 as a 64-bit integer */
export const NONE = 0xffffffff;

/** Puts words back where they came from; a no-op for 64-bit integers. */
export function putWords(words: Uint32Array, indices: HealpixIndices): void {
  if (indices instanceof BigInt64Array) return;
  for (let i = 0; i < indices.length; i++) {
    const high = words[2 * i + HIGH]!;
    indices[i] = high === NONE ? -1 : high * TWO_32 + words[2 * i + LOW]!;
  }
}

/** A pixel as base face and column, row inside it (columns run north-east, rows north-west), Int32Array of 3. */
export type FacePixel = Int32Array;
export const FACE = 0;
export const IX = 1;
export const IY = 2;

/**
 * A pixel by its ring, Int32Array of 3: zone (1 north cap, 0 belt, -1 south cap); ring (belt: from the north pole, nside..3 nside; caps: from the pole,
 * 1..nside - 1); place in the ring from 0, eastwards.
 */
export type RingPixel = Int32Array;
export const ZONE = 0;
export const RING = 1;
export const PLACE = 2;

/** An unsigned 62-bit index, Uint32Array of 2 in the machine's own order: the same memory is a BigUint64Array of 1. */
export type Words = Uint32Array;
export const LOW = new Uint32Array(BigUint64Array.of(1n).buffer)[0] === 1 ? 0 : 1;
export const HIGH = 1 - LOW;
export const TWO_32 = 4294967296;

/** ring number (from the north pole) of the face's southern corner, in units of nside */
export const FACE_RING = Int32Array.of(2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4);
/** longitude of the face's corner in units of pi / 4 */
export const FACE_LONGITUDE = Int32Array.of(1, 3, 5, 7, 0, 2, 4, 6, 1, 3, 5, 7);

/** bits of a byte on the even places */
const SPREAD = Uint16Array.from({ length: 256 }, (_, byte) => {
  let spread = 0;
  for (let bit = 0; bit < 8; bit++) spread |= ((byte >> bit) & 1) << (2 * bit);
  return spread;
});
export const spread16 = (v: number): number => SPREAD[v & 255]! | (SPREAD[(v >>> 8) & 255]! << 16);

/** even bits of a byte in the low four bits, odd ones from bit 8 on */
const COMPACT = Uint16Array.from({ length: 256 }, (_, byte) => {
  let compacted = 0;
  for (let bit = 0; bit < 8; bit++) compacted |= ((byte >> bit) & 1) << ((bit >> 1) + 8 * (bit & 1));
  return compacted;
});
/** the even bits of a word */
export function compact(word: number): number {
  const folded = (word & 0x5555) | ((word >>> 15) & 0xaaaa);
  return COMPACT[folded & 255]! | (COMPACT[folded >>> 8]! << 4);
}

export function nestedOfFace(order: number, pixel: FacePixel, out: Words): void {
  const face = pixel[FACE]!;
  const ix = pixel[IX]!;
  const iy = pixel[IY]!;
  const low = spread16(ix) | (spread16(iy) << 1);
  // the four bits of the face lie above the interleaved ones: no carries
  if (order < 15) {
    out[LOW] = low | (face << (2 * order));
    out[HIGH] = 0;
  } else if (order === 15) {
    out[LOW] = low | (face << 30);
    out[HIGH] = face >>> 2;
  } else {
    out[LOW] = low;
    out[HIGH] = spread16(ix >>> 16) | (spread16(iy >>> 16) << 1) | (face << (2 * order - 32));
  }
}

export function faceOfNested(order: number, words: Words, out: FacePixel): void {
  let low = words[LOW]!;
  let high = words[HIGH]!;
  if (order < 15) {
    out[FACE] = low >>> (2 * order);
    low &= (1 << (2 * order)) - 1;
  } else if (order === 15) {
    out[FACE] = (high << 2) | (low >>> 30);
    low &= 0x3fffffff;
    high = 0;
  } else {
    out[FACE] = high >>> (2 * order - 32);
    high &= (1 << (2 * order - 32)) - 1;
  }
  out[IX] = compact(low) | (compact(high) << 16);
  out[IY] = compact(low >>> 1) | (compact(high >>> 1) << 16);
}

/** The whole number that the double `about` stands for (to better than 2^31), given its exact low word; its high word. */
export const highWord = (about: number, low: number): number => Math.floor((about - low) * (1 / TWO_32) + 0.5);

export function indexOfRing(order: number, pixel: RingPixel, out: Words): void {
  const nside = 1 << order;
  const zone = pixel[ZONE]!;
  const ring = pixel[RING]!;
  let low: number;
  let about: number;
  if (zone === 0) {
    about = 2 * nside * (nside - 1) + (ring - nside) * 4 * nside;
    low = (Math.imul(2 * nside, nside - 1) + Math.imul(ring - nside, 4 * nside)) >>> 0;
  } else if (zone > 0) {
    about = 2 * ring * (ring - 1);
    low = Math.imul(2 * ring, ring - 1) >>> 0;
  } else {
    about = 12 * nside * nside - 2 * ring * (ring + 1);
    low = (Math.imul(12 * nside, nside) - Math.imul(2 * ring, ring + 1)) >>> 0;
  }
  const high = highWord(about, low);
  low += pixel[PLACE]!;
  out[LOW] = low;
  out[HIGH] = low < TWO_32 ? high : high + 1;
}

/** Is an index below a limit that a double holds exactly? */
export function isBelow(words: Words, limit: number): boolean {
  const limitHigh = Math.floor(limit * (1 / TWO_32));
  const high = words[HIGH]!;
  return high < limitHigh || (high === limitHigh && words[LOW]! < limit - limitHigh * TWO_32);
}

export function ringOfIndex(order: number, words: Words, out: RingPixel): void {
  const nside = 1 << order;
  const cap = 2 * nside * (nside - 1);
  const count = 12 * nside * nside;
  const about = words[HIGH]! * TWO_32 + words[LOW]!;
  if (isBelow(words, cap)) {
    out[ZONE] = 1;
    capRing(about, words[LOW]!, out);
  } else if (isBelow(words, count - cap)) {
    const shift = order + 2;
    const low = (words[LOW]! - Math.imul(2 * nside, nside - 1)) >>> 0;
    out[ZONE] = 0;
    out[RING] = nside + highWord(about - cap, low) * (TWO_32 / (4 * nside)) + (low >>> shift);
    out[PLACE] = low & (4 * nside - 1);
  } else {
    // the same rings counted from the last pixel
    out[ZONE] = -1;
    const low = (Math.imul(12 * nside, nside) - 1 - words[LOW]!) >>> 0;
    capRing(low + TWO_32 * highWord(count - 1 - about, low), low, out);
    out[PLACE] = 4 * out[RING]! - 1 - out[PLACE]!;
  }
}

function capRing(about: number, lowWord: number, out: RingPixel): void {
  let ring = Math.floor((1 + Math.sqrt(1 + 2 * about)) / 2);
  // the root is good to one ring, the place is exact
  const low = (lowWord - Math.imul(2 * ring, ring - 1)) >>> 0;
  let place = low + TWO_32 * highWord(about - 2 * ring * (ring - 1), low);
  if (place < 0) {
    ring--;
    place += 4 * ring;
  } else if (place >= 4 * ring) {
    place -= 4 * ring;
    ring++;
  }
  out[RING] = ring;
  out[PLACE] = place;
}

export function ringOfFace(order: number, pixel: FacePixel, out: RingPixel): void {
  const nside = 1 << order;
  const face = pixel[FACE]!;
  const row = FACE_RING[face]! * nside - pixel[IX]! - pixel[IY]! - 1;
  let shift = 0;
  let width = nside;
  out[RING] = row;
  if (row < nside) {
    out[ZONE] = 1;
    width = row;
  } else if (row > 3 * nside) {
    out[ZONE] = -1;
    out[RING] = width = 4 * nside - row;
  } else {
    out[ZONE] = 0;
    shift = (row - nside) & 1;
  }
  const place = (FACE_LONGITUDE[face]! * width + pixel[IX]! - pixel[IY]! + 1 + shift) / 2 - 1;
  out[PLACE] = place >= 4 * width ? place - 4 * width : place < 0 ? place + 4 * width : place;
}

export function faceOfRing(order: number, pixel: RingPixel, out: FacePixel): void {
  const nside = 1 << order;
  const zone = pixel[ZONE]!;
  const ring = pixel[RING]!;
  const place = pixel[PLACE]!;
  const row = zone < 0 ? 4 * nside - ring : ring;
  let width = ring;
  let shift = 0;
  let face: number;
  if (zone === 0) {
    width = nside;
    shift = (ring - nside) & 1;
    const up = ring - nside + 1;
    const down = 2 * nside + 2 - up;
    const fm = Math.floor((place - Math.floor(up / 2) + nside) / nside);
    const fp = Math.floor((place - Math.floor(down / 2) + nside) / nside);
    face = fp === fm ? (fp & 3) + 4 : fp < fm ? fp & 3 : (fm & 3) + 8;
  } else face = Math.floor(place / ring) + (zone > 0 ? 0 : 8);
  const r = row - FACE_RING[face]! * nside + 1;
  let p = 2 * place + 1 - FACE_LONGITUDE[face]! * width - shift;
  if (p >= 2 * nside) p -= 8 * nside;
  out[FACE] = face;
  out[IX] = (p - r) / 2;
  out[IY] = (-p - r) / 2;
}
