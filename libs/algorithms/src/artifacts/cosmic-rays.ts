// Cosmic rays by shape: pixels that rise above the mean of two opposite neighbours by more than noise and more sharply than the
// PSF allows (the morphological method of SDSS photo, used by LSST meas_algorithms). Candidates are joined (8 neighbours),
// faint groups dropped, and the rest grown where the ring around them is still too sharp. Electrons. O(pixels).

import { z } from 'zod';
import type { Exposure } from '#libs/image';
import { MaskBit } from '#libs/image';
import { labelComponents } from '../detection/footprints.js';
import { AlgorithmError } from '../errors.js';

const { max, sqrt } = Math;

export const CosmicRayConfig = z.object({
  minSigma: z.number().positive().default(6).meta({
    unit: 'sigma',
    description: 'least rise above the mean of an opposite pair of neighbours',
  }),
  minElectrons: z
    .number()
    .min(0)
    .default(150)
    .meta({ unit: 'electron', description: 'least sum over a connected group' }),
  noiseFactor: z
    .number()
    .min(0)
    .default(2)
    .meta({ unit: 'sigma', description: 'cond3_fac: noise allowed in the sharpness test' }),
  sharpnessFactor: z.number().positive().default(0.5).meta({
    description: 'cond3_fac2: how much sharper than the PSF a pixel may be; smaller is stricter',
  }),
  growPasses: z.int().min(0).default(3).meta({ description: 'times the ring around a cosmic ray is tested again' }),
});
export type CosmicRayConfig = z.output<typeof CosmicRayConfig>;

export interface CosmicRays {
  readonly count: number;
  /** indices of all affected pixels, ascending */
  readonly pixels: Int32Array;
}

/**
 * Finds cosmic rays in a background-subtracted exposure with a PSF. Saturated, defective and interpolated pixels are never candidates.
 * @throws AlgorithmError NO_PSF
 */
export function findCosmicRays(exposure: Exposure, config: CosmicRayConfig): CosmicRays {
  const { width, height, image, mask, variance, psf } = exposure;
  if (!psf) throw new AlgorithmError('NO_PSF', 'cosmic rays are told from stars by the PSF; the exposure has none');
  const kernel = psf.kernel((width - 1) / 2, (height - 1) / 2);
  const half = kernel.width >> 1;
  const at = (dx: number, dy: number): number => kernel.data[(half + dy) * kernel.width + half + dx]!;
  const peak = at(0, 0);
  // mean of an opposite pair relative to the peak, for row, column and the two diagonals
  const ratios = [
    (at(1, 0) + at(-1, 0)) / 2 / peak,
    (at(0, 1) + at(0, -1)) / 2 / peak,
    (at(1, 1) + at(-1, -1)) / 2 / peak,
    (at(1, -1) + at(-1, 1)) / 2 / peak,
  ].map((ratio) => config.sharpnessFactor * ratio);
  const offsets = [1, width, width + 1, width - 1];
  const excluded = MaskBit.SAT | MaskBit.BAD | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.INTRP;
  const found = new Uint8Array(width * height);
  /** value a neighbour counts with: already found cosmic-ray pixels say nothing about the star beneath */
  const neighbour = (k: number): number => (found[k] ? NaN : image[k]!);
  const test = (k: number, minSigma: number, noiseFactor: number): boolean => {
    const value = image[k]!;
    const sigma = sqrt(variance[k]!);
    if ((mask[k]! & excluded) !== 0 || !(value > minSigma * sigma)) return false;
    let rises = false;
    let sharp = false;
    for (let d = 0; d < 4; d++) {
      const step = offsets[d]!;
      let a = neighbour(k - step);
      let b = neighbour(k + step);
      // with one side inside the cosmic ray, the other side alone is the estimate
      if (Number.isNaN(a)) a = b;
      if (Number.isNaN(b)) b = a;
      const mean = 0.5 * (a + b);
      if (!(mean < value)) continue;
      if (value > mean + minSigma * sigma) rises = true;
      const meanSigma = 0.5 * sqrt(max(0, variance[k - step]! + variance[k + step]!));
      if (ratios[d]! * (value - noiseFactor * sigma) > mean + noiseFactor * meanSigma) sharp = true;
    }
    return rises && sharp;
  };
  const candidates: number[] = [];
  for (let y = 1; y < height - 1; y++)
    for (let k = y * width + 1, end = y * width + width - 1; k < end; k++)
      if (test(k, config.minSigma, config.noiseFactor)) candidates.push(k);
  for (const k of candidates) found[k] = 1;
  // grow before judging the sum: a track enters the sum as a whole
  for (let pass = 0; pass < config.growPasses; pass++) {
    const more: number[] = [];
    for (let y = 1; y < height - 1; y++)
      for (let x = 1; x < width - 1; x++) {
        const k = y * width + x;
        if (found[k] || !touches(found, k, width)) continue;
        if (test(k, config.minSigma / 2, 0)) more.push(k);
      }
    if (more.length === 0) break;
    for (const k of more) found[k] = 1;
  }
  const { components } = labelComponents(found, width, height);
  const pixels: number[] = [];
  let count = 0;
  for (const spans of components) {
    let sum = 0;
    for (const { y, x0, x1 } of spans) for (let x = x0; x <= x1; x++) sum += image[y * width + x]!;
    if (sum < config.minElectrons) continue;
    count++;
    for (const { y, x0, x1 } of spans) for (let x = x0; x <= x1; x++) pixels.push(y * width + x);
  }
  return { count, pixels: Int32Array.from(pixels).sort() };
}

function touches(found: Uint8Array, k: number, width: number): boolean {
  return (
    found[k - 1] === 1 ||
    found[k + 1] === 1 ||
    found[k - width] === 1 ||
    found[k + width] === 1 ||
    found[k - width - 1] === 1 ||
    found[k - width + 1] === 1 ||
    found[k + width - 1] === 1 ||
    found[k + width + 1] === 1
  );
}
