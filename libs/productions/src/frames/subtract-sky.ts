// subtractSky: a visit image less its smooth background, without asking for a PSF: for frames with few or faint stars.
import {
  BackgroundConfig,
  DetectionConfig,
  detectSources,
  estimateBackground,
  median,
  subtractBackground,
} from '#libs/algorithms';
import { type Exposure, MaskBit, UNUSABLE } from '#libs/image';
import { defineTask, one } from '#libs/pipeline';
import { z } from 'zod';
import { withTaskFailures } from '../alert/task-failures.js';
import { ExposureStorage } from '../storage/exposure-storage.js';

export const SubtractSkyConfig = z.strictObject({
  background: BackgroundConfig.prefault({}),
  rounds: z.int().min(1).default(2).meta({ description: 'background estimates; sources are masked after each' }),
  rescaleVariance: z.boolean().default(true).meta({
    description: 'make the variance plane agree with the observed noise: gains in headers are often guesses',
  }),
  threshold: z.number().positive().default(4).meta({ unit: 'sigma', description: 'sources masked between the rounds' }),
  psfSigma: z.number().positive().default(2.5).meta({ unit: 'px', description: 'width of the filter for that' }),
});

export const subtractSky = defineTask({
  name: 'subtractSky',
  version: '1',
  description: 'Subtracts a mesh background estimated beside the sources.',
  dimensions: ['visit', 'detector'],
  config: SubtractSkyConfig,
  inputs: { visitImage: one('visitImage', ExposureStorage) },
  outputs: { exposure: one('skySubtracted', ExposureStorage) },
  run({ visitImage }, { config, metric, cancelled }) {
    const exposure: Exposure = {
      ...visitImage,
      image: visitImage.image.slice(),
      mask: visitImage.mask.slice(),
      variance: visitImage.variance.slice(),
    };
    const { width, height, image: data, mask } = exposure;
    let level = 0;
    let noise = NaN;
    for (let round = 0; round < config.rounds; round++) {
      cancelled();
      const model = withTaskFailures(() =>
        estimateBackground({ width, height, data }, config.background, mask, UNUSABLE | MaskBit.DETECTED),
      );
      subtractBackground(data, model);
      level += model.globalLevel;
      noise = model.globalRms;
      if (config.rescaleVariance) scaleVariance(exposure.variance, noise);
      if (round + 1 < config.rounds)
        withTaskFailures(() =>
          detectSources(
            exposure,
            DetectionConfig.parse({ threshold: config.threshold, psfSigma: config.psfSigma, growSigma: 2 }),
          ),
        );
    }
    metric('skyLevel', level, 'electron');
    metric('skyNoise', noise, 'electron');
    for (let p = 0; p < mask.length; p++) mask[p]! &= ~MaskBit.DETECTED;
    return { exposure };
  },
});

/** The median of the plane becomes the square of the noise of the sky. */
function scaleVariance(variance: Float32Array, noise: number): void {
  const scale = noise ** 2 / median(variance);
  if (!(scale > 0 && scale < Infinity)) return;
  for (let p = 0; p < variance.length; p++) variance[p]! *= scale;
}
