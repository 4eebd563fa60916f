// Master bias, dark and flat: the clipped mean of many frames, pixel by pixel (LSST MEANCLIP: 3 sigma, 3 passes).
// variance = sigma^2 / n of the kept values. Memory: one row of every frame is touched at a time. Cost: O(pixels x frames).

import { z } from 'zod';
import type { Allocator, Exposure } from '#libs/image';
import { heapAllocator, makeExposure, MaskBit } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { isFiniteNumber, medianInPlace } from '../numeric/index.js';

const { abs, ceil, max, sqrt } = Math;

export const CombineConfig = z.object({
  clipSigma: z.number().positive().default(3).meta({ unit: 'sigma', description: 'values farther off are left out' }),
  iterations: z.int().min(0).default(3).meta({ description: 'clipping passes' }),
});
export type CombineConfig = z.output<typeof CombineConfig>;

/**
 * Clipped mean of frames of one size after multiplying each with its scale. Masked pixels (SAT, CR, BAD, NO_DATA, NaN) are left out;
 * pixels no frame has are NO_DATA.
 * @throws AlgorithmError BAD_INPUT without frames, SIZE_MISMATCH
 */
export function combineFrames(
  frames: readonly Exposure[],
  scales: readonly number[],
  config: CombineConfig,
  allocator: Allocator = heapAllocator,
): Exposure {
  const first = frames[0];
  if (!first) throw new AlgorithmError('BAD_INPUT', 'there is no frame to combine');
  const { width, height } = first;
  for (const frame of frames)
    if (frame.width !== width || frame.height !== height)
      throw new AlgorithmError('SIZE_MISMATCH', 'calibration frames differ in size', {
        first: [width, height],
        other: [frame.width, frame.height],
      });
  const result = makeExposure(width, height, allocator);
  const { image, mask, variance } = result;
  const unusable = MaskBit.SAT | MaskBit.CR | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  const values = new Float64Array(frames.length);
  const scratch = new Float64Array(frames.length);
  for (let i = 0; i < width * height; i++) {
    let n = 0;
    let bits = 0;
    let expected = 0;
    for (let f = 0; f < frames.length; f++) {
      const frame = frames[f]!;
      bits |= frame.mask[i]! & MaskBit.BAD;
      if ((frame.mask[i]! & unusable) !== 0) continue;
      const value = frame.image[i]! * scales[f]!;
      if (!isFiniteNumber(value)) continue;
      values[n++] = value;
      expected += frame.variance[i]! * scales[f]! ** 2;
    }
    mask[i] = n === 0 ? MaskBit.NO_DATA | bits : bits;
    if (n === 0) {
      image[i] = 0;
      variance[i] = 0;
      continue;
    }
    // the clip's width is the frames' own noise: a scatter from a handful of values is too wild to clip with
    const sigma = sqrt(expected / n);
    let count = n;
    let mean = 0;
    for (let pass = 0; ; pass++) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += values[k]!;
      mean = sum / count;
      if (pass >= config.iterations || count < 3 || !(sigma > 0)) break;
      scratch.set(values.subarray(0, count));
      const centre = medianInPlace(scratch, count);
      let kept = 0;
      for (let k = 0; k < count; k++)
        if (abs(values[k]! - centre) <= config.clipSigma * sigma) values[kept++] = values[k]!;
      if (kept === count || kept === 0) break;
      count = kept;
    }
    let squares = 0;
    for (let k = 0; k < count; k++) squares += (values[k]! - mean) ** 2;
    image[i] = mean;
    variance[i] = count > 1 ? max(squares / (count - 1), 1e-12) / count : expected / n;
  }
  return result;
}

/** Median of the usable pixels (every `stride`-th), for scaling flats. */
export function medianLevel(exposure: Exposure, stride = 7): number {
  const { image, mask } = exposure;
  const values = new Float32Array(ceil(image.length / stride));
  let n = 0;
  const unusable = MaskBit.SAT | MaskBit.CR | MaskBit.BAD | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  for (let i = 0; i < image.length; i += stride)
    if ((mask[i]! & unusable) === 0 && isFiniteNumber(image[i]!)) values[n++] = image[i]!;
  return medianInPlace(values, n);
}

/** Master bias [e-]. */
export const makeMasterBias = (frames: readonly Exposure[], config: CombineConfig): Exposure =>
  combineFrames(
    frames,
    frames.map(() => 1),
    config,
  );

/** Master dark [e-/s] from bias-corrected darks and their exposure times [s]. */
export const makeMasterDark = (
  frames: readonly Exposure[],
  exposureTimes: readonly number[],
  config: CombineConfig,
): Exposure =>
  combineFrames(
    frames,
    exposureTimes.map((time) => 1 / time),
    config,
  );

/** Master flat (mean of its median level 1) from bias- and dark-corrected flats, each scaled to its own median. */
export function makeMasterFlat(frames: readonly Exposure[], config: CombineConfig): Exposure {
  const levels = frames.map((frame) => medianLevel(frame));
  levels.forEach((level, i) => {
    if (!(level > 0))
      throw new AlgorithmError('BAD_INPUT', `flat ${i} has no light: its median is ${level}`, { level });
  });
  return combineFrames(
    frames,
    levels.map((level) => 1 / level),
    config,
  );
}
