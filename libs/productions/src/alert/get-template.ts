// getTemplate: the template of the sky under one detector, on the detector's own pixels plus a margin for convolutions.
import { AlgorithmError, coaddExposures, warpExposure } from '#libs/algorithms';
import { MaskBit } from '#libs/image';
import { deferredMany, defineTask, one, TaskFailure } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage } from '../storage/index.js';
import { coverageOf } from '../templates/make-warp.js';

const UNUSABLE_TEMPLATE = MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;

export const GetTemplateConfig = z.strictObject({
  margin: z.int().min(0).default(16).meta({ unit: 'px', description: 'template pixels beyond each edge' }),
  minCoverage: z.number().min(0).max(1).default(0.1).meta({ description: 'least share of the detector with template' }),
  order: z.int().min(3).max(5).default(3).meta({ description: 'order of the Lanczos kernel' }),
});

export const getTemplate = defineTask({
  name: 'getTemplate',
  version: '1',
  description: 'Warps the patches of the template that overlap a detector onto its pixel grid and joins them.',
  dimensions: ['visit', 'detector', 'band'],
  config: GetTemplateConfig,
  inputs: {
    calexp: one('calexp', ExposureStorage, { dimensions: ['visit', 'detector'] }),
    coadds: deferredMany('templateCoadd', ExposureStorage, {
      dimensions: ['tract', 'patch', 'band'],
      prerequisite: true,
    }),
  },
  outputs: { template: one('template', ExposureStorage, { dimensions: ['visit', 'detector'] }) },
  async run({ calexp, coadds }, { config, dataId, allocator, metric, cancelled }) {
    if (!calexp.wcs)
      throw new TaskFailure('unprocessable', 'NOT_CALIBRATED', 'a template needs the WCS of the science image');
    const { margin } = config;
    const target = {
      width: calexp.width + 2 * margin,
      height: calexp.height + 2 * margin,
      wcs: calexp.wcs.shifted(-margin, -margin),
      xy0: { x: -margin, y: -margin },
    };
    const nothing = (coverage: number): TaskFailure =>
      new TaskFailure('noWork', 'NO_TEMPLATE', 'the template covers too little of the detector', {
        ...dataId,
        coverage,
        patches: coadds.length,
      });
    if (coadds.length === 0) throw nothing(0);
    // in the overlap of two patches both hold the same visits: their mean is either, so clipping has nothing to do
    const template = await coaddExposures(
      coadds.map((coadd) => ({
        name: `${coadd.dataId.tract}/${coadd.dataId.patch}`,
        load: async () => {
          cancelled();
          return warpExposure(await coadd.get(), target, { order: config.order }, allocator);
        },
      })),
      { clipMinInputs: Infinity, badMask: UNUSABLE_TEMPLATE },
      allocator,
    ).catch((error: unknown) => {
      throw error instanceof AlgorithmError && error.code === 'NO_GOOD_PIXELS' ? nothing(0) : error;
    });
    const coverage = coverageOf(template);
    metric('templateCoverage', coverage);
    if (coverage < config.minCoverage) throw nothing(coverage);
    return { template: { ...template, xy0: target.xy0, wcs: target.wcs } };
  },
});
