// Which mask planes touch a source. Centre flags look at the 3 x 3 pixels about it.

import { MaskBit } from '#libs/image';
import { isFiniteNumber } from '../numeric/statistics.js';

const { round } = Math;

/** OR of the mask in a square of half side `half` about (x, y); EDGE when it leaves the image. */
export function maskAround(
  plane: { readonly width: number; readonly height: number; readonly mask: Int32Array },
  x: number,
  y: number,
  half = 1,
): number {
  const { width, height, mask } = plane;
  const cx = round(x);
  const cy = round(y);
  let bits = 0;
  for (let j = cy - half; j <= cy + half; j++)
    for (let i = cx - half; i <= cx + half; i++)
      if (i < 0 || j < 0 || i >= width || j >= height) bits |= MaskBit.EDGE;
      else bits |= mask[j * width + i]!;
  return bits;
}

/** Pixels left out of profile fits: no measured value of their own. */
export const UNMEASURED =
  MaskBit.BAD | MaskBit.SAT | MaskBit.CR | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.INTRP;

/** 1 where a pixel has any of the bits, or no finite value or positive variance. */
export function badPixels(
  exposure: {
    readonly image: Float32Array;
    readonly mask: Int32Array;
    readonly variance: Float32Array;
  },
  bits: number = UNMEASURED,
): Uint8Array {
  const { image, mask, variance } = exposure;
  const bad = new Uint8Array(image.length);
  for (let i = 0; i < bad.length; i++) {
    const v = variance[i]!;
    if ((mask[i]! & bits) !== 0 || !isFiniteNumber(image[i]!) || !(v > 0 && v < Infinity)) bad[i] = 1;
  }
  return bad;
}
