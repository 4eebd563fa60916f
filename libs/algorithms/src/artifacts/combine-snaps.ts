// Two snaps of one visit into one exposure: their sum, and where they differ by more than noise and seeing allow, twice the lower
// one (a cosmic ray hits one snap only). Electrons; times add up. Cost: a few passes over the pixels.

import { z } from 'zod';
import type { Exposure } from '#libs/image';
import { makeExposure, MaskBit, heapAllocator, type Allocator } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { isFiniteNumber } from '../numeric/statistics.js';

const { abs, floor, max, min, sign, sqrt } = Math;

export const CombineSnapsConfig = z.object({
  nSigma: z.number().positive().default(6).meta({ unit: 'sigma', description: 'difference that makes a cosmic ray' }),
  growSigma: z.number().positive().default(3).meta({ unit: 'sigma', description: 'difference of pixels next to one' }),
  relative: z.number().min(0).default(0.2).meta({
    description: 'difference allowed as a fraction of the fainter snap’s signal above the sky (seeing, jitter)',
  }),
  minElectrons: z.number().min(0).default(40).meta({ unit: 'electron', description: 'least difference' }),
});
export type CombineSnapsConfig = z.output<typeof CombineSnapsConfig>;

export interface CombinedSnaps {
  /** sum of the snaps [e-]; pixels with a cosmic ray in one snap are CLIPPED, in both CR */
  readonly exposure: Exposure;
  /** first minus second snap [e-], with CR where a cosmic ray was found in either */
  readonly difference: Exposure;
  readonly cosmicRayPixels: number;
}

/** @throws AlgorithmError SIZE_MISMATCH */
export function combineSnaps(
  first: Exposure,
  second: Exposure,
  config: CombineSnapsConfig,
  allocator: Allocator = heapAllocator,
): CombinedSnaps {
  const { width, height } = first;
  if (second.width !== width || second.height !== height)
    throw new AlgorithmError('SIZE_MISMATCH', 'the snaps of a visit differ in size', {
      first: [width, height],
      second: [second.width, second.height],
    });
  const n = width * height;
  const sum = makeExposure(width, height, allocator);
  const difference = makeExposure(width, height, allocator);
  // equal exposure times unless the info says otherwise; the sky may differ between the snaps
  const timeA = first.info?.exposureTime ?? 1;
  const timeB = second.info?.exposureTime ?? 1;
  const scale = timeA > 0 && timeB > 0 ? timeA / timeB : 1;
  const unusable = MaskBit.BAD | MaskBit.SAT | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.INTRP;
  const skyA = sampleMedian(first, unusable);
  const skyB = sampleMedian(second, unusable) * scale;
  for (let i = 0; i < n; i++) {
    difference.image[i] = first.image[i]! - skyA - (scale * second.image[i]! - skyB);
    difference.variance[i] = first.variance[i]! + scale * scale * second.variance[i]!;
    difference.mask[i] = first.mask[i]! | second.mask[i]!;
  }
  /** difference beyond what seeing explains, in sigma, signed by the snap it is in; 0 where either snap is unusable */
  const excess = (i: number): number => {
    if ((difference.mask[i]! & unusable) !== 0) return 0;
    const d = difference.image[i]!;
    const lower = max(0, min(first.image[i]! - skyA, scale * second.image[i]! - skyB));
    const beyond = abs(d) - config.relative * lower;
    if (!(beyond > 0)) return 0;
    // the noise of the pixel without the cosmic ray: twice that of the lower snap
    const lowVariance = 2 * min(first.variance[i]!, scale * scale * second.variance[i]!);
    return (sign(d) * beyond) / sqrt(max(lowVariance, 1e-12));
  };
  const hit = new Int8Array(n);
  const queue: number[] = [];
  for (let i = 0; i < n; i++) {
    const e = excess(i);
    if (abs(e) >= config.nSigma && abs(difference.image[i]!) >= config.minElectrons) {
      hit[i] = e > 0 ? 1 : -1;
      queue.push(i);
    }
  }
  for (let head = 0; head < queue.length; head++) {
    const k = queue[head]!;
    const x = k % width;
    const y = (k - x) / width;
    for (let v = max(0, y - 1); v <= min(height - 1, y + 1); v++)
      for (let u = max(0, x - 1); u <= min(width - 1, x + 1); u++) {
        const i = v * width + u;
        if (hit[i] !== 0) continue;
        const e = excess(i);
        if (abs(e) >= config.growSigma && sign(e) === hit[k]) {
          hit[i] = hit[k]!;
          queue.push(i);
        }
      }
  }
  const ratio = 1 / scale;
  let cosmicRayPixels = 0;
  for (let i = 0; i < n; i++) {
    const a = first.image[i]!;
    const b = second.image[i]!;
    let value = a + b;
    let variance = first.variance[i]! + second.variance[i]!;
    let bits = first.mask[i]! | second.mask[i]!;
    if (hit[i] === 1) {
      // a's share predicted from b, by the ratio of times about the two skies
      const predicted = skyA + (scale * b - skyB);
      value = predicted + b;
      variance = second.variance[i]! * (1 + scale) ** 2;
      bits |= MaskBit.CLIPPED;
    } else if (hit[i] === -1) {
      const predicted = (skyB + (a - skyA)) * ratio;
      value = a + predicted;
      variance = first.variance[i]! * (1 + ratio) ** 2;
      bits |= MaskBit.CLIPPED;
    }
    if (hit[i] !== 0) {
      cosmicRayPixels++;
      difference.mask[i]! |= MaskBit.CR;
    }
    sum.image[i] = value;
    sum.variance[i] = variance;
    sum.mask[i] = bits;
  }
  const info = first.info &&
    second.info && {
      ...first.info,
      exposureTime: timeA + timeB,
      midpointMjdTai: (first.info.midpointMjdTai + second.info.midpointMjdTai) / 2,
    };
  const carried = { ...(first.wcs && { wcs: first.wcs }), ...(info ? { info } : first.info && { info: first.info }) };
  return {
    exposure: { ...sum, ...carried },
    difference: { ...difference, ...carried },
    cosmicRayPixels,
  };
}

function sampleMedian({ image, mask }: Exposure, unusable: number): number {
  const values: number[] = [];
  const stride = max(1, floor(image.length / 20000));
  for (let i = 0; i < image.length; i += stride)
    if ((mask[i]! & unusable) === 0 && isFiniteNumber(image[i]!)) values.push(image[i]!);
  values.sort((a, b) => a - b);
  return values.length > 0 ? values[values.length >> 1]! : 0;
}
