// Source detection: matched filter, threshold in S/N, footprints with peaks, isotropic growth, both polarities.
// Point sources of true S/N s are found with probability about Phi(s - threshold) (slightly more: the maximum of several pixels).

import { z } from 'zod';
import type { Exposure, Footprint, Peak, Span } from '#libs/image';
import { MaskBit, psfSigma } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { growSpans, labelComponents } from './footprints.js';
import { findPeaks } from './peaks.js';
import { significanceImage } from './significance.js';

export const DetectionConfig = z.object({
  threshold: z.number().positive().default(5).meta({ unit: 'sigma', description: 'S/N of the matched filter' }),
  polarity: z.enum(['positive', 'negative', 'both']).default('positive').meta({
    description: 'which sign of flux to look for',
  }),
  growSigma: z.number().min(0).default(2.4).meta({ unit: 'PSF sigma', description: 'growth of the footprints' }),
  minPixels: z.int().min(1).default(1).meta({ unit: 'px', description: 'least area above the threshold' }),
  psfSigma: z
    .number()
    .positive()
    .optional()
    .meta({ unit: 'px', description: 'width of the filter; that of the exposure’s PSF at the centre unless given' }),
  minProminence: z
    .number()
    .min(0)
    .default(3)
    .meta({ unit: 'sigma', description: 'least rise of a peak above its saddle' }),
  minRelativeProminence: z
    .number()
    .min(0)
    .default(0.02)
    .meta({ description: 'additional rise as a fraction of the saddle level' }),
});
export type DetectionConfig = z.output<typeof DetectionConfig>;

export interface DetectedFootprint extends Footprint {
  readonly polarity: 1 | -1;
}

export interface DetectionResult {
  /** positive ones first, each polarity in raster order; peak values are S/N (always positive) */
  readonly footprints: readonly DetectedFootprint[];
  /** the matched-filter S/N image */
  readonly significance: Float32Array;
  /** width of the matched filter [px] */
  readonly filterSigma: number;
}

/**
 * Finds sources in a background-subtracted exposure. Sets DETECTED and DETECTED_NEGATIVE in `exposure.mask` (clearing the
 * old bits of the polarities looked for); nothing else is written.
 * @throws AlgorithmError NO_PSF when neither the config nor the exposure says how wide the PSF is
 */
export function detectSources(exposure: Exposure, config: DetectionConfig): DetectionResult {
  const { width, height, mask } = exposure;
  const sigma = config.psfSigma ?? (exposure.psf && psfSigma(exposure.psf, (width - 1) / 2, (height - 1) / 2));
  if (sigma === undefined || !(sigma > 0))
    throw new AlgorithmError('NO_PSF', 'detection needs the width of the PSF: an exposure with a PSF, or psfSigma', {
      psfSigma: sigma,
    });
  const significance = significanceImage(exposure, sigma);
  const footprints: DetectedFootprint[] = [];
  const polarities: readonly (1 | -1)[] =
    config.polarity === 'both' ? [1, -1] : config.polarity === 'positive' ? [1] : [-1];
  for (const polarity of polarities) {
    const bit = polarity === 1 ? MaskBit.DETECTED : MaskBit.DETECTED_NEGATIVE;
    for (let i = 0; i < mask.length; i++) mask[i]! &= ~bit;
    for (const footprint of findFootprints(significance, width, height, polarity, sigma, config)) {
      footprints.push({ ...footprint, polarity });
      for (const { y, x0, x1 } of footprint.spans)
        for (let k = y * width + x0, end = y * width + x1; k <= end; k++) mask[k]! |= bit;
    }
  }
  return { footprints, significance, filterSigma: sigma };
}

function findFootprints(
  significance: Float32Array,
  width: number,
  height: number,
  polarity: 1 | -1,
  sigma: number,
  config: DetectionConfig,
): Footprint[] {
  const n = width * height;
  const score = polarity === 1 ? significance : significance.map((value) => -value);
  const bitmap = new Uint8Array(n);
  for (let i = 0; i < n; i++) if (score[i]! >= config.threshold) bitmap[i] = 1;
  const above = labelComponents(bitmap, width, height);
  const cores: { spans: readonly Span[]; peaks: Peak[] }[] = [];
  for (const spans of above.components) {
    let area = 0;
    for (const span of spans) area += span.x1 - span.x0 + 1;
    if (area >= config.minPixels) cores.push({ spans, peaks: findPeaks(score, width, spans, config) });
  }
  const grown = labelComponents(
    growSpans(
      cores.map((core) => core.spans),
      width,
      height,
      config.growSigma * sigma,
    ),
    width,
    height,
  );
  const peaksOf: Peak[][] = grown.components.map(() => []);
  for (const core of cores) {
    const { y, x0 } = core.spans[0]!;
    peaksOf[grown.labels[y * width + x0]! - 1]!.push(...core.peaks);
  }
  return grown.components.map((spans, k) => ({
    spans,
    peaks: peaksOf[k]!.sort((a, b) => b.value - a.value || a.y - b.y || a.x - b.x),
  }));
}
