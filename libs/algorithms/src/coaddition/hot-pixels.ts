// Defects that stand still while the sky moves: pixels that in most frames of a dithered series rise above neighbours that show
// no star. A star of FWHM >= 2 px lifts the median of its eight neighbours to at least a third of its peak; a hot pixel does not.
import { type Exposure, MaskBit } from '#libs/image';
import { AlgorithmError } from '../errors.js';

const NEIGHBOUR_SHARE = 0.25;

/** Marks BAD in every frame's mask and returns how many pixels. Frames are background-subtracted, of one size, not aligned. */
export function maskFixedHotPixels(frames: readonly Exposure[], nSigma = 5, minShare = 0.6): number {
  const [first] = frames;
  if (!first) return 0;
  const { width, height } = first;
  if (frames.some((frame) => frame.width !== width || frame.height !== height))
    throw new AlgorithmError('SIZE_MISMATCH', 'frames of one series have one size');
  const hits = new Uint16Array(width * height);
  const ring = new Float64Array(8);
  const around = [-width - 1, -width, -width + 1, -1, 1, width - 1, width, width + 1];
  for (const { image, variance } of frames)
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        const p = y * width + x;
        const value = image[p]!;
        if (!(value > nSigma * Math.sqrt(variance[p]!))) continue;
        for (let k = 0; k < 8; k++) ring[k] = image[p + around[k]!]!;
        ring.sort();
        if ((ring[3]! + ring[4]!) / 2 < NEIGHBOUR_SHARE * value) hits[p]!++;
      }
  const needed = Math.max(2, Math.ceil(minShare * frames.length));
  let count = 0;
  for (let p = 0; p < hits.length; p++) {
    if (hits[p]! < needed) continue;
    count++;
    for (const frame of frames) frame.mask[p]! |= MaskBit.BAD;
  }
  return count;
}
