// assembleTemplate: the warps of a patch in one band, stacked into a template; warps are read one after the other.
import { coaddExposures, DEFAULT_STACK } from '#libs/algorithms';
import { dataIdKey, deferredMany, defineTask, one, TaskFailure } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage } from '../storage/index.js';
import { coverageOf } from './make-warp.js';

export const AssembleTemplateConfig = z.strictObject({
  minInputs: z.int().min(1).default(1).meta({ description: 'least number of warps' }),
  clipSigma: z.number().positive().default(DEFAULT_STACK.clipSigma).meta({ unit: 'sigma' }),
  clipAmplitude: z
    .number()
    .min(0)
    .default(DEFAULT_STACK.clipAmplitude)
    .meta({ description: 'relative difference from the mean of the others that seeing may explain' }),
});

export const assembleTemplate = defineTask({
  name: 'assembleTemplate',
  version: '1',
  description: 'Clipped weighted mean of the warps of a patch, with variance, mask and PSF.',
  dimensions: ['tract', 'patch', 'band'],
  config: AssembleTemplateConfig,
  inputs: { warps: deferredMany('warp', ExposureStorage, { dimensions: ['visit', 'detector', 'tract', 'patch'] }) },
  outputs: { template: one('templateCoadd', ExposureStorage, { dimensions: ['tract', 'patch', 'band'] }) },
  async run({ warps }, { config, allocator, metric, cancelled }) {
    if (warps.length < config.minInputs)
      throw new TaskFailure(
        'noWork',
        'TOO_FEW_WARPS',
        `a template needs ${config.minInputs} warps, not ${warps.length}`,
      );
    // one order whatever the graph's: sums must not depend on it
    const ordered = [...warps].sort((a, b) => compare(dataIdKey(a.dataId), dataIdKey(b.dataId)));
    const template = await coaddExposures(
      ordered.map((warp) => ({
        name: `${warp.dataId.visit}/${warp.dataId.detector}`,
        load: () => {
          cancelled();
          return warp.get();
        },
      })),
      { clipSigma: config.clipSigma, clipAmplitude: config.clipAmplitude },
      allocator,
    );
    metric('inputs', Number(template.metadata?.['inputCount']));
    metric('coverage', coverageOf(template));
    return { template };
  },
});

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
