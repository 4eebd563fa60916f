// makeWarp: one calibrated detector image on the pixels of one patch, in nJy.
import { warpExposure } from '#libs/algorithms';
import { type Exposure, MaskBit } from '#libs/image';
import { defineTask, one, TaskFailure } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage } from '../storage/index.js';
import { SkymapSettings, skymapOf } from './skymap-config.js';

export const MakeWarpConfig = z.strictObject({
  skymap: SkymapSettings,
  order: z.int().min(3).max(5).default(3).meta({ description: 'order of the Lanczos kernel' }),
  minCoverage: z
    .number()
    .min(0)
    .max(1)
    .default(0.0005)
    .meta({ description: 'least share of the patch with data; below it there is no warp' }),
});

export const makeWarp = defineTask({
  name: 'makeWarp',
  version: '1',
  description: 'Resamples a calibrated exposure onto a patch and calibrates it to nJy.',
  dimensions: ['visit', 'detector', 'tract', 'patch'],
  config: MakeWarpConfig,
  inputs: { calexp: one('calexp', ExposureStorage, { dimensions: ['visit', 'detector'] }) },
  outputs: { warp: one('warp', ExposureStorage, { dimensions: ['visit', 'detector', 'tract', 'patch'] }) },
  run({ calexp }, { config, dataId, allocator, metric }) {
    const { photoCalib } = calexp;
    if (!calexp.wcs || !photoCalib || !calexp.psf)
      throw new TaskFailure('unprocessable', 'NOT_CALIBRATED', 'a warp needs an image with WCS, PSF and zero point', {
        wcs: calexp.wcs !== undefined,
        photoCalib: photoCalib !== undefined,
        psf: calexp.psf !== undefined,
      });
    const skymap = skymapOf(config.skymap);
    const tract = Number(dataId.tract);
    const patch = Number(dataId.patch);
    const box = skymap.patchBox(tract, patch);
    const target = {
      width: box.width,
      height: box.height,
      wcs: skymap.patchWcs(tract, patch),
      xy0: { x: box.x0, y: box.y0 },
    };
    const warp = warpExposure(calexp, target, { order: config.order }, allocator);
    const coverage = coverageOf(warp);
    metric('coverage', coverage);
    if (coverage < config.minCoverage || coverage === 0)
      throw new TaskFailure('noWork', 'NO_OVERLAP', 'the exposure does not reach the patch', {
        tract,
        patch,
        coverage,
      });
    return { warp: calibrated(warp, photoCalib.scale) };
  },
});

/** Share of the pixels that hold data. */
export function coverageOf(exposure: Exposure): number {
  let covered = 0;
  for (const bits of exposure.mask) if ((bits & MaskBit.NO_DATA) === 0) covered++;
  return covered / exposure.mask.length;
}

/** The same image in nJy; the planes are changed in place. */
function calibrated(exposure: Exposure, scale: number): Exposure {
  const { image, variance } = exposure;
  for (let p = 0; p < image.length; p++) {
    image[p]! *= scale;
    variance[p]! *= scale * scale;
  }
  return { ...exposure, photoCalib: { scale: 1, scaleErr: 0 } };
}
