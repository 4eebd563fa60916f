// subtractImages: science minus template with matched PSFs and decorrelated noise.
import { AlgorithmError, subtractExposures } from '#libs/algorithms';
import { defineTask, one, TaskFailure } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage } from '../storage/index.js';
import { MatchingKernelStorage } from './difference-storage.js';

export const SubtractImagesConfig = z.strictObject({
  direction: z.enum(['auto', 'convolveTemplate', 'convolveScience']).default('auto').meta({
    description: 'which image is convolved; auto: the sharper one',
  }),
  decorrelate: z.boolean().default(true).meta({ description: 'whiten the noise after the subtraction' }),
  kernelOrder: z.int().min(0).max(2).default(1).meta({ description: 'degree of the spatial variation of the kernel' }),
  backgroundOrder: z.int().min(0).max(2).default(1).meta({ description: 'degree of the background polynomial' }),
  minPeakSigma: z.number().positive().default(15).meta({ unit: 'sigma', description: 'faintest star for the kernel' }),
  maxStamps: z.int().positive().default(120).meta({ description: 'most stars for the kernel' }),
  iterations: z.int().min(1).default(3).meta({ description: 'rounds of fit and rejection' }),
});

export const subtractImages = defineTask({
  name: 'subtractImages',
  version: '1',
  description: 'Alard-Lupton subtraction with a spatially varying kernel, decorrelated.',
  dimensions: ['visit', 'detector'],
  config: SubtractImagesConfig,
  inputs: { science: one('calexp', ExposureStorage), template: one('template', ExposureStorage) },
  outputs: {
    difference: one('differenceExp', ExposureStorage),
    kernel: one('psfMatchingKernel', MatchingKernelStorage),
  },
  run({ science, template }, { config, allocator, metric }) {
    try {
      const { difference, fit, direction } = subtractExposures(
        science,
        template,
        {
          direction: config.direction,
          decorrelate: config.decorrelate,
          stamps: { minPeakSigma: config.minPeakSigma, maxStamps: config.maxStamps },
          fit: {
            kernelOrder: config.kernelOrder,
            backgroundOrder: config.backgroundOrder,
            iterations: config.iterations,
          },
        },
        allocator,
      );
      metric('kernelSum', fit.kernel.sum);
      metric('kernelChi2', fit.chi2);
      metric('kernelStamps', fit.stamps.filter((stamp) => stamp.used).length);
      metric('convolvedTemplate', Number(direction === 'convolveTemplate'));
      return { difference, kernel: fit.kernel };
    } catch (error) {
      if (!(error instanceof AlgorithmError)) throw error;
      const kind = error.code === 'SINGULAR' || error.code === 'NO_STARS' ? 'algorithm' : 'unprocessable';
      throw new TaskFailure(kind, `SUBTRACTION_${error.code}`, error.message, error.details, { cause: error });
    }
  },
});
