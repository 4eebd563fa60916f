// Master calibrations from raw calibration frames: each frame through instrument signature removal up to its own stage, then the
// clipped mean. Frames are read one after the other; their planes are held until the mean is taken.

import { z } from 'zod';
import {
  CombineConfig,
  IsrConfig,
  makeMasterBias,
  makeMasterDark,
  makeMasterFlat,
  removeInstrumentSignature,
  type MasterCalibrations,
} from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { rawFrameStorageClass, visitInfoOf, type RawFrame } from '#libs/instruments';
import { defineTask, deferredMany, one, optional, TaskFailure, type DeferredHandle } from '#libs/pipeline';
import { withTaskFailures } from '../alert/task-failures.js';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { rawDetectorOf } from './raw-detector.js';

export const MakeMasterConfig = z.object({
  isr: IsrConfig.prefault({}),
  combine: CombineConfig.prefault({}),
  minFrames: z.int().min(1).default(3).meta({ description: 'fewer frames are refused' }),
});
export type MakeMasterConfig = z.output<typeof MakeMasterConfig>;

interface PreparedFrames {
  readonly frames: Exposure[];
  readonly times: number[];
  readonly first: RawFrame;
}

async function prepare(
  raws: readonly DeferredHandle<RawFrame>[],
  masters: MasterCalibrations,
  config: MakeMasterConfig,
  cancelled: () => void,
): Promise<PreparedFrames> {
  if (raws.length < config.minFrames)
    throw new TaskFailure('noWork', 'TOO_FEW_FRAMES', `${raws.length} calibration frames are too few`, {
      frames: raws.length,
      minFrames: config.minFrames,
    });
  // combined pixels are never interpolated: what no frame has must be known as such
  const isr: IsrConfig = { ...config.isr, doInterpolate: false, doDefects: false };
  const frames: Exposure[] = [];
  const times: number[] = [];
  let first: RawFrame | undefined;
  for (const handle of raws) {
    cancelled();
    const raw = await handle.get();
    first ??= raw;
    frames.push(withTaskFailures(() => removeInstrumentSignature(rawDetectorOf(raw), masters, isr).exposure));
    times.push(raw.description.exposureTime);
  }
  return { frames, times, first: first! };
}

const described = (master: Exposure, { first, frames }: PreparedFrames, kind: string): Exposure => ({
  ...master,
  info: visitInfoOf(first),
  metadata: { CALTYPE: kind, NFRAMES: frames.length },
});

const rawFrames = (datasetType: string) =>
  deferredMany(datasetType, rawFrameStorageClass, { dimensions: ['instrument', 'visit', 'snap', 'detector'] });
const perDetector = { dimensions: ['instrument', 'detector'] as const };

export const masterBias = defineTask({
  name: 'masterBias',
  version: '1',
  description: 'Clipped mean of bias frames [e-].',
  dimensions: ['instrument', 'detector'],
  config: MakeMasterConfig,
  inputs: { raws: rawFrames('rawBias') },
  outputs: { master: one('masterBias', ExposureStorage) },
  async run({ raws }, { config, cancelled, metric }) {
    const prepared = await prepare(raws, {}, config, cancelled);
    metric('frames', prepared.frames.length);
    return {
      master: described(
        withTaskFailures(() => makeMasterBias(prepared.frames, config.combine)),
        prepared,
        'bias',
      ),
    };
  },
});

export const masterDark = defineTask({
  name: 'masterDark',
  version: '1',
  description: 'Clipped mean of bias-corrected darks per second [e-/s].',
  dimensions: ['instrument', 'detector'],
  config: MakeMasterConfig,
  inputs: { raws: rawFrames('rawDark'), bias: optional('masterBias', ExposureStorage, perDetector) },
  outputs: { master: one('masterDark', ExposureStorage) },
  async run({ raws, bias }, { config, cancelled, metric }) {
    const prepared = await prepare(raws, bias ? { bias } : {}, config, cancelled);
    if (prepared.times.some((time) => !(time > 0)))
      throw new TaskFailure('unprocessable', 'NO_EXPOSURE_TIME', 'a dark frame has no exposure time', {
        times: prepared.times,
      });
    metric('frames', prepared.frames.length);
    return {
      master: described(
        withTaskFailures(() => makeMasterDark(prepared.frames, prepared.times, config.combine)),
        prepared,
        'dark',
      ),
    };
  },
});

export const masterFlat = defineTask({
  name: 'masterFlat',
  version: '1',
  description: 'Clipped mean of bias- and dark-corrected flats, each scaled to median 1.',
  dimensions: ['instrument', 'detector', 'band'],
  config: MakeMasterConfig,
  inputs: {
    raws: deferredMany('rawFlat', rawFrameStorageClass, {
      dimensions: ['instrument', 'visit', 'snap', 'detector', 'band'],
    }),
    bias: optional('masterBias', ExposureStorage, perDetector),
    dark: optional('masterDark', ExposureStorage, perDetector),
  },
  outputs: { master: one('masterFlat', ExposureStorage) },
  async run({ raws, bias, dark }, { config, cancelled, metric }) {
    const prepared = await prepare(raws, { ...(bias && { bias }), ...(dark && { dark }) }, config, cancelled);
    metric('frames', prepared.frames.length);
    return {
      master: described(
        withTaskFailures(() => makeMasterFlat(prepared.frames, config.combine)),
        prepared,
        'flat',
      ),
    };
  },
});
