// Mask bookkeeping of instrument signature removal.

import type { Box, Exposure } from '#libs/image';
import { MaskBit } from '#libs/image';
import { isFiniteNumber } from '../numeric/statistics.js';

const { max, min } = Math;

/** Grows one mask plane by `radius` pixels in all eight directions. */
export function growMask(exposure: Pick<Exposure, 'width' | 'height' | 'mask'>, bit: number, radius: number): void {
  const { width, height, mask } = exposure;
  if (radius <= 0) return;
  const set: number[] = [];
  for (let i = 0; i < mask.length; i++) if ((mask[i]! & bit) !== 0) set.push(i);
  for (const i of set) {
    const x = i % width;
    const y = (i - x) / width;
    for (let v = max(0, y - radius); v <= min(height - 1, y + radius); v++)
      for (let u = max(0, x - radius); u <= min(width - 1, x + radius); u++) mask[v * width + u]! |= bit;
  }
}

/** Marks the camera's defects BAD; boxes in detector coordinates, cut at the detector's edge. */
export function maskDefects(exposure: Pick<Exposure, 'width' | 'height' | 'mask'>, defects: readonly Box[]): void {
  const { width, height, mask } = exposure;
  for (const box of defects)
    for (let y = max(0, box.y0); y < min(height, box.y0 + box.height); y++)
      for (let x = max(0, box.x0); x < min(width, box.x0 + box.width); x++) mask[y * width + x]! |= MaskBit.BAD;
}

/** Marks non-finite pixels UNMASKEDNAN and sets them to zero, so that no later sum is poisoned. */
export function maskNonFinite(exposure: Pick<Exposure, 'image' | 'mask' | 'variance'>): number {
  const { image, mask, variance } = exposure;
  let count = 0;
  for (let i = 0; i < image.length; i++) {
    if (isFiniteNumber(image[i]!) && isFiniteNumber(variance[i]!)) continue;
    mask[i]! |= MaskBit.UNMASKEDNAN;
    image[i] = 0;
    if (!isFiniteNumber(variance[i]!)) variance[i] = 0;
    count++;
  }
  return count;
}
