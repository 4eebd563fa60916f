// Cut-outs around positions: squares of pixels for alerts, classifiers and eyes.
import type { Exposure } from '#libs/image';

export interface Stamp2d {
  /** side [px] */
  readonly size: number;
  /** position of the stamp's pixel (0, 0) in the image */
  readonly x0: number;
  readonly y0: number;
  /** row order; NaN outside the image */
  readonly data: Float32Array;
}

/** A square of `size` pixels whose middle pixel (size >> 1) is the one nearest to (x, y). */
export function cutStamps(
  exposure: Pick<Exposure, 'width' | 'height' | 'image'>,
  x: number,
  y: number,
  size: number,
): Stamp2d {
  const x0 = Math.round(x) - (size >> 1);
  const y0 = Math.round(y) - (size >> 1);
  const data = new Float32Array(size * size).fill(NaN);
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) {
      const px = x0 + i;
      const py = y0 + j;
      if (px >= 0 && py >= 0 && px < exposure.width && py < exposure.height)
        data[j * size + i] = exposure.image[py * exposure.width + px]!;
    }
  return { size, x0, y0, data };
}

/** The three stamps of one DIASource, in the science image's units. */
export interface StampTriplet {
  readonly diaSourceId: bigint;
  readonly science: Stamp2d;
  readonly template: Stamp2d;
  readonly difference: Stamp2d;
}

const MAGIC = 'ASTAMPS1';
const RECORD_HEADER = 8 + 3 * 4;

/**
 * All triplets of a detector in one little-endian file: the magic word, count (u32), reserved (u32), then per triplet the id
 * (i64), size (u32), x0, y0 (i32) and three planes of size^2 f32: science, template, difference.
 */
export function encodeStamps(triplets: readonly StampTriplet[]): Uint8Array {
  const bytes = triplets.reduce((sum, { science }) => sum + RECORD_HEADER + 12 * science.size ** 2, 16);
  const view = new DataView(new ArrayBuffer(bytes));
  for (let k = 0; k < MAGIC.length; k++) view.setUint8(k, MAGIC.charCodeAt(k));
  view.setUint32(8, triplets.length, true);
  let at = 16;
  for (const { diaSourceId, science, template, difference } of triplets) {
    view.setBigInt64(at, diaSourceId, true);
    view.setUint32(at + 8, science.size, true);
    view.setInt32(at + 12, science.x0, true);
    view.setInt32(at + 16, science.y0, true);
    at += RECORD_HEADER;
    for (const { data } of [science, template, difference])
      for (const value of data) {
        view.setFloat32(at, value, true);
        at += 4;
      }
  }
  return new Uint8Array(view.buffer);
}

export function decodeStamps(bytes: Uint8Array): StampTriplet[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, MAGIC.length));
  if (magic !== MAGIC) throw new RangeError(`not a file of stamps: it begins with "${magic}"`);
  const out: StampTriplet[] = [];
  let at = 16;
  for (let k = view.getUint32(8, true); k > 0; k--) {
    const diaSourceId = view.getBigInt64(at, true);
    const size = view.getUint32(at + 8, true);
    const x0 = view.getInt32(at + 12, true);
    const y0 = view.getInt32(at + 16, true);
    at += RECORD_HEADER;
    const next = (): Stamp2d => {
      const data = Float32Array.from({ length: size * size }, (_, i) => view.getFloat32(at + 4 * i, true));
      at += 4 * size * size;
      return { size, x0, y0, data };
    };
    out.push({ diaSourceId, science: next(), template: next(), difference: next() });
  }
  return out;
}
