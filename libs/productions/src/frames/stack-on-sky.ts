// stackOnSky: chosen calibrated exposures of one field into one, on the pixel grid of one of them, by their world coordinates.
// Exposures that lie on that grid already are not resampled.
import { coaddExposures, warpExposure } from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import {
  type DeferredHandle,
  deferredMany,
  defineTask,
  jsonStorageClass,
  one,
  type StorageClass,
  TaskFailure,
} from '#libs/pipeline';
import type { Wcs } from '#libs/sky';
import { z } from 'zod';
import { withTaskFailures } from '../alert/task-failures.js';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { CalibratedFrameStorage } from './calibrated-frame-storage.js';

export interface SkyStackReport {
  readonly used: readonly { readonly visit: string; readonly scale: number; readonly resampled: boolean }[];
  readonly rejected: readonly { readonly visit: string; readonly reason: string }[];
}
export const SkyStackReportStorage: StorageClass<SkyStackReport> = jsonStorageClass<SkyStackReport>('SkyStackReport');

export const StackOnSkyConfig = z.strictObject({
  visits: z.array(z.string()).default([]).meta({ description: 'visits to stack; all when empty' }),
  gridVisit: z.string().default('').meta({ description: 'visit whose pixel grid is used; the first stacked if empty' }),
  order: z.int().min(3).max(5).default(3).meta({ description: 'order of the Lanczos kernel' }),
  clipSigma: z.number().positive().default(4).meta({ unit: 'sigma', description: 'clipping of the mean' }),
  clipAmplitude: z.number().min(0).default(0.3).meta({ description: 'tolerated relative difference of star cores' }),
});

/** Two grids are one when their corners agree to this [px]. */
const SAME_GRID_PX = 1e-3;

interface Grid {
  readonly width: number;
  readonly height: number;
  readonly wcs: Wcs;
}
type Handle = DeferredHandle<Exposure>;
const visitOf = (handle: Handle): string => String(handle.dataId.visit);

export const stackOnSky = defineTask({
  name: 'stackOnSky',
  version: '1',
  description: 'Stacks chosen calibrated exposures on the pixel grid of one of them.',
  dimensions: ['instrument', 'detector', 'band'],
  config: StackOnSkyConfig,
  inputs: {
    frames: deferredMany('calibratedFrame', CalibratedFrameStorage, { dimensions: ['visit', 'snap', 'detector'] }),
  },
  outputs: { stack: one('skyStack', ExposureStorage), report: one('skyStackReport', SkyStackReportStorage) },
  async run({ frames }, { config, allocator, metric, log, cancelled }) {
    const inOrder = [...frames].sort((a, b) => Number(a.dataId.visit) - Number(b.dataId.visit));
    const chosen = inOrder.filter((handle) => config.visits.length === 0 || config.visits.includes(visitOf(handle)));
    const rejected: { visit: string; reason: string }[] = [];
    const usable: { handle: Handle; grid: Grid; photometry?: number }[] = [];
    const gridHandle = inOrder.find((handle) => visitOf(handle) === config.gridVisit);
    const consider = async (handle: Handle): Promise<(typeof usable)[number] | undefined> => {
      cancelled();
      try {
        const { wcs, width, height, photoCalib } = await handle.get();
        if (!wcs) throw new TaskFailure('unprocessable', 'NO_WCS', 'the exposure has no world coordinates');
        return { handle, grid: { width, height, wcs }, ...(photoCalib && { photometry: photoCalib.scale }) };
      } catch (error) {
        // one unreadable frame must not stop the others
        rejected.push({ visit: visitOf(handle), reason: error instanceof Error ? error.message : String(error) });
        return undefined;
      }
    };
    for (const handle of chosen) {
      const found = await consider(handle);
      if (found) usable.push(found);
    }
    for (const { visit, reason } of rejected) log.warn(`visit ${visit} is left out of the stack: ${reason}`, { visit });
    const [first] = usable;
    if (!first)
      throw new TaskFailure(
        chosen.length === 0 ? 'noWork' : 'unprocessable',
        'NO_FRAMES',
        chosen.length === 0
          ? 'none of the chosen visits has a calibrated exposure here'
          : `none of ${chosen.length} exposures can be used: ${rejected[0]!.reason}`,
        { visits: config.visits },
      );
    const reference =
      (gridHandle && (usable.find(({ handle }) => handle === gridHandle) ?? (await consider(gridHandle)))) ?? first;
    const { grid } = reference;
    const used = usable.map(({ handle, grid: own, photometry }) => ({
      visit: visitOf(handle),
      handle,
      resampled: !sameGrid(own, grid),
      // one flux scale: that of the first of the stack
      scale: photometry !== undefined && first.photometry !== undefined ? photometry / first.photometry : 1,
    }));
    const stack = await coaddExposures(
      used.map(({ visit, handle, resampled, scale }) => ({
        name: visit,
        scale,
        load: async () => {
          cancelled();
          const exposure = await handle.get();
          if (!resampled) return exposure;
          const { photoCalib, info } = exposure;
          const warped = warpExposure(exposure, grid, { order: config.order }, allocator);
          return { ...warped, ...(photoCalib && { photoCalib }), ...(info && { info }) };
        },
      })),
      { clipSigma: config.clipSigma, clipAmplitude: config.clipAmplitude },
      allocator,
    ).catch((error: unknown) =>
      withTaskFailures(() => {
        throw error;
      }),
    );
    metric('stackedFrames', used.length);
    return {
      stack: { ...stack, wcs: grid.wcs },
      report: { used: used.map(({ visit, resampled, scale }) => ({ visit, scale, resampled })), rejected },
    };
  },
});

function sameGrid(a: Grid, b: Grid): boolean {
  if (a.width !== b.width || a.height !== b.height) return false;
  if (a.wcs === b.wcs) return true;
  const [right, top] = [a.width - 1, a.height - 1];
  return [
    [0, 0],
    [right, 0],
    [0, top],
    [right, top],
    [right / 2, top / 2],
  ].every(([x, y]) => {
    const { raDeg, decDeg } = a.wcs.pixelToSky(x!, y!);
    const there = b.wcs.skyToPixel(raDeg, decDeg);
    return there !== undefined && Math.hypot(there.x - x!, there.y - y!) < SAME_GRID_PX;
  });
}
