// characterize: background, cosmic rays, PSF, sources and aperture correction of one visit image.

import { CharacterizeConfig, characterizeExposure } from '#libs/algorithms';
import { psfFwhm } from '#libs/image';
import { defineTask, one } from '#libs/pipeline';
import { BackgroundStorage } from '../storage/background-storage.js';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { TableStorage } from '../storage/table-storage.js';
import { withTaskFailures } from './task-failures.js';

export const characterize = defineTask({
  name: 'characterize',
  version: '1',
  description: 'Estimates background and PSF in turn, masks cosmic rays, detects and measures sources.',
  dimensions: ['visit', 'detector'],
  config: CharacterizeConfig,
  inputs: { visitImage: one('visitImage', ExposureStorage) },
  outputs: {
    exposure: one('icExp', ExposureStorage),
    sources: one('icSource', TableStorage),
    background: one('background', BackgroundStorage),
  },
  run({ visitImage }, { config, log, metric, cancelled }) {
    // the input stays as it is: other Tasks may hold it
    const copy = { ...visitImage, image: visitImage.image.slice(), mask: visitImage.mask.slice() };
    const copied = { ...copy, variance: visitImage.variance.slice() };
    const result = withTaskFailures(() => characterizeExposure(copied, config, cancelled));
    const { exposure, sources, background, psfModel, psfStarCount, cosmicRayCount, apertureCorrection } = result;
    const fwhm = psfFwhm(exposure.psf!, exposure.width / 2, exposure.height / 2);
    if (psfModel !== 'pixelBasis')
      log.warn(`few stars (${psfStarCount}): the PSF is a ${psfModel} profile`, { psfModel, psfStarCount });
    metric('psfFwhm', fwhm, 'px');
    metric('psfStarCount', psfStarCount);
    metric('skyLevel', background.globalLevel, 'electron');
    metric('skyNoise', background.globalRms, 'electron');
    metric('sourceCount', sources.rowCount);
    metric('cosmicRayCount', cosmicRayCount);
    return {
      exposure: {
        ...exposure,
        metadata: {
          ...exposure.metadata,
          PSFMODEL: psfModel,
          PSFSTARS: psfStarCount,
          PSFFWHM: fwhm,
          SKYLEVEL: background.globalLevel,
          SKYNOISE: background.globalRms,
          APCORR: apertureCorrection.coefficients[0]!,
          CRCOUNT: cosmicRayCount,
        },
      },
      sources,
      background,
    };
  },
});
