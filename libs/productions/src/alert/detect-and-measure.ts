// detectAndMeasure: DIASources of a difference image with their measurements, classifier features and stamps.
import {
  cropExposure,
  cutStamps,
  detectDifference,
  diaSourceTable,
  realityFeatures,
  realityFeatureTable,
  shiftedPsf,
} from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { defineTask, one } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage, TableStorage } from '../storage/index.js';
import { StampStorage } from './difference-storage.js';

export const DetectAndMeasureConfig = z.strictObject({
  threshold: z.number().positive().default(5).meta({ unit: 'sigma', description: 'S/N of a detection' }),
  apertureRadius: z.number().positive().default(6).meta({ unit: 'px', description: 'radius of the aperture flux' }),
  stampSize: z.int().min(15).max(101).default(31).meta({ unit: 'px', description: 'side of the cut-outs' }),
  maxSources: z.int().positive().default(5000).meta({ description: 'a difference with more detections has failed' }),
});

export const detectAndMeasure = defineTask({
  name: 'detectAndMeasure',
  version: '1',
  description: 'Detects both polarities on a difference image and measures every detection.',
  dimensions: ['visit', 'detector'],
  config: DetectAndMeasureConfig,
  inputs: {
    science: one('calexp', ExposureStorage),
    template: one('template', ExposureStorage),
    difference: one('differenceExp', ExposureStorage),
  },
  outputs: {
    diaSource: one('diaSourceUnscored', TableStorage),
    features: one('diaSourceFeatures', TableStorage),
    stamps: one('diaStamps', StampStorage),
  },
  run({ science, template, difference }, { config, metric, log }) {
    const onGrid = templateOnGrid(template, science);
    // detection writes mask bits and may rescale the variance: the dataset itself stays as it was made
    const working: Exposure = { ...difference, mask: difference.mask.slice(), variance: difference.variance.slice() };
    const { sources, noiseScale, rejected } = detectDifference(working, science, onGrid, {
      threshold: config.threshold,
      apertureRadius: config.apertureRadius,
    });
    metric('diaSources', sources.length);
    metric('rejectedPeaks', rejected);
    metric('dipoles', sources.filter((source) => source.dipole).length);
    metric('noiseScale', noiseScale);
    const brightest = [...sources].sort((a, b) => b.snr - a.snr).slice(0, config.maxSources);
    if (brightest.length < sources.length)
      log.warn('too many detections on the difference; the faintest are left out', {
        detections: sources.length,
        kept: brightest.length,
      });
    const diaSource = diaSourceTable(brightest, { ...working, ...(science.info && { info: science.info }) });
    const ids = diaSource.data('diaSourceId', 'long');
    const size = config.stampSize;
    return {
      diaSource,
      features: realityFeatureTable(brightest.map(realityFeatures), ids),
      stamps: brightest.map(({ x, y }, k) => ({
        diaSourceId: ids[k]!,
        science: cutStamps(science, x, y, size),
        template: cutStamps(onGrid, x, y, size),
        difference: cutStamps(difference, x, y, size),
      })),
    };
  },
});

/** The template without its margin, in science electrons. */
function templateOnGrid(template: Exposure, science: Exposure): Exposure {
  const origin = template.xy0 ?? { x: 0, y: 0 };
  const cropped = cropExposure(template, -origin.x, -origin.y, science.width, science.height);
  const ratio = science.photoCalib && template.photoCalib ? template.photoCalib.scale / science.photoCalib.scale : 1;
  for (let p = 0; p < cropped.image.length; p++) {
    cropped.image[p]! *= ratio;
    cropped.variance[p]! *= ratio * ratio;
  }
  const { psf } = template;
  return {
    ...cropped,
    ...(psf && { psf: shiftedPsf(psf, origin.x, origin.y, science.width, science.height) }),
    ...(science.photoCalib && { photoCalib: science.photoCalib }),
  };
}
