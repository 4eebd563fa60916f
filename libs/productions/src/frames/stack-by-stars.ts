// stackByStars: dithered frames without a common WCS into one deeper image. Hot pixels that stand still are masked first (they
// would win any alignment), then frames are aligned by their stars, scaled to one brightness, and averaged with clipping.
import {
  DEFAULT_ALIGNMENT,
  DetectionConfig,
  detectSources,
  findAlignmentStars,
  type FrameAlignment,
  maskFixedHotPixels,
  median,
  type StackFrame,
  stackExposures,
} from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { deferredMany, defineTask, jsonStorageClass, one, type StorageClass, TaskFailure } from '#libs/pipeline';
import { z } from 'zod';
import { withTaskFailures } from '../alert/task-failures.js';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { blockNoise, isolatedStars, meanStarWidth, sourceFreeBlocks } from './stack-quality.js';

export interface StackReport {
  readonly frames: readonly {
    readonly visit: string;
    readonly stars: number;
    readonly matches: number;
    readonly rmsPx: number;
    readonly shiftPx: readonly [number, number];
    readonly scale: number;
    /** scatter of source-free block means [e-] */
    readonly blockNoise: number;
    readonly fwhmPx: number;
  }[];
  readonly rejected: readonly { readonly visit: string; readonly reason: string }[];
  readonly hotPixels: number;
  readonly blocks: number;
  readonly seeingStars: number;
  readonly stackBlockNoise: number;
  readonly stackFwhmPx: number;
  /** median noise of a frame over that of the stack; sqrt(frames) is what averaging can give */
  readonly noiseRatio: number;
  readonly expectedNoiseRatio: number;
  /** FWHM of the stack over that of the median frame */
  readonly fwhmRatio: number;
}
export const StackReportStorage: StorageClass<StackReport> = jsonStorageClass<StackReport>('StackReport');

export const StackByStarsConfig = z.strictObject({
  minFrames: z.int().min(1).default(2).meta({ description: 'fewer usable frames are refused' }),
  maxOffset: z.number().positive().default(DEFAULT_ALIGNMENT.maxOffsetPx).meta({ unit: 'px' }),
  maxRotation: z.number().min(0).default(DEFAULT_ALIGNMENT.maxRotationDeg).meta({ unit: 'deg' }),
  starThreshold: z.number().positive().default(4).meta({ unit: 'sigma', description: 'least S/N of alignment stars' }),
  hotPixelSigma: z.number().positive().default(3).meta({ unit: 'sigma', description: 'height of a hot pixel' }),
  hotPixelShare: z.number().min(0).max(1).default(0.6).meta({ description: 'share of the frames it stands out in' }),
  clipSigma: z.number().positive().default(4).meta({ unit: 'sigma', description: 'clipping of the mean' }),
  seeingStars: z.int().min(1).default(30).meta({ description: 'isolated stars whose mean width is measured' }),
});

export const stackByStars = defineTask({
  name: 'stackByStars',
  version: '1',
  description: 'Aligns dithered frames by their stars and stacks them; reports noise and seeing of frames and stack.',
  dimensions: ['instrument', 'detector', 'band'],
  config: StackByStarsConfig,
  inputs: { frames: deferredMany('skySubtracted', ExposureStorage, { dimensions: ['visit', 'detector'] }) },
  outputs: { stack: one('stack', ExposureStorage), report: one('stackReport', StackReportStorage) },
  async run({ frames: handles }, { config, allocator, metric, log, cancelled }) {
    const exposures: { readonly visit: string; readonly exposure: Exposure }[] = [];
    for (const handle of [...handles].sort((a, b) => Number(a.dataId.visit) - Number(b.dataId.visit))) {
      cancelled();
      exposures.push({ visit: String(handle.dataId.visit), exposure: await handle.get() });
    }
    const hotPixels = withTaskFailures(() =>
      maskFixedHotPixels(
        exposures.map(({ exposure }) => exposure),
        config.hotPixelSigma,
        config.hotPixelShare,
      ),
    );
    // the frame that shows most stars is the reference: it can be matched with the others best
    const frames = exposures
      .map(({ visit, exposure }): StackFrame => {
        cancelled();
        return { name: visit, exposure, stars: findAlignmentStars(exposure, { threshold: config.starThreshold }) };
      })
      .sort((a, b) => b.stars.x.length - a.stars.x.length || Number(a.name) - Number(b.name));
    const { stack, alignments, rejected } = await stackExposures(
      frames,
      {
        alignment: { maxOffsetPx: config.maxOffset, maxRotationDeg: config.maxRotation },
        stack: { clipSigma: config.clipSigma },
      },
      allocator,
    ).catch((error: unknown) =>
      withTaskFailures(() => {
        throw error;
      }),
    );
    for (const { name, reason } of rejected) log.warn(`frame ${name} is left out of the stack: ${reason}`, { name });
    if (alignments.length < config.minFrames)
      throw new TaskFailure(
        'unprocessable',
        'TOO_FEW_FRAMES',
        `only ${alignments.length} of ${frames.length} frames could be aligned: ${rejected[0]?.reason ?? 'there are no more'}`,
        { aligned: alignments.length, rejected },
      );
    const report = reportOf(frames, stack, alignments, config.seeingStars);
    metric('stackedFrames', alignments.length);
    metric('hotPixels', hotPixels, 'px');
    metric('noiseRatio', report.noiseRatio);
    metric('fwhmRatio', report.fwhmRatio);
    return {
      stack,
      report: { ...report, hotPixels, rejected: rejected.map(({ name, reason }) => ({ visit: name, reason })) },
    };
  },
});

function reportOf(
  frames: readonly StackFrame[],
  stack: Exposure,
  alignments: readonly FrameAlignment[],
  count: number,
): Omit<StackReport, 'hotPixels' | 'rejected'> {
  const stars = findAlignmentStars(stack);
  // sources down to 3 sigma, generously grown: what is left is sky
  detectSources(
    stack,
    DetectionConfig.parse({ threshold: 3, polarity: 'both', psfSigma: stars.sigma, growSigma: 3, minPixels: 5 }),
  );
  const blocks = sourceFreeBlocks(stack);
  const used = alignments.map((alignment) => ({
    alignment,
    frame: frames.find(({ name }) => name === alignment.name)!,
  }));
  const seeing = isolatedStars(stars, count);
  const stackWidth = meanStarWidth(stack, seeing, seeing);
  const widths = used.map(
    ({ frame, alignment }) =>
      meanStarWidth(frame.exposure, seeing, { ...frame.stars, sigma: stars.sigma }, alignment.affine).fwhm,
  );
  const noises = used.map(
    ({ frame, alignment }) => blockNoise(frame.exposure, blocks, alignment.affine) * alignment.scale,
  );
  const stackNoise = blockNoise(stack, blocks);
  const middle = { x: (stack.width - 1) / 2, y: (stack.height - 1) / 2 };
  return {
    frames: used.map(({ frame, alignment: { name, affine, matches, rmsPx, scale } }, k) => ({
      visit: name,
      stars: frame.stars.x.length,
      matches,
      rmsPx,
      shiftPx: [
        affine.xx * middle.x + affine.xy * middle.y + affine.x0 - middle.x,
        affine.yx * middle.x + affine.yy * middle.y + affine.y0 - middle.y,
      ] as const,
      scale,
      blockNoise: noises[k]!,
      fwhmPx: widths[k]!,
    })),
    blocks: blocks.length,
    seeingStars: stackWidth.stars,
    stackBlockNoise: stackNoise,
    stackFwhmPx: stackWidth.fwhm,
    noiseRatio: median(noises) / stackNoise,
    expectedNoiseRatio: Math.sqrt(alignments.length),
    fwhmRatio: stackWidth.fwhm / median(widths.filter(Number.isFinite)),
  };
}
