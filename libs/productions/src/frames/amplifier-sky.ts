// amplifierSky: does an assembled detector hold together? Sky level of every amplifier and the step across every seam. [e-]
// Gains, bias levels or flips that are wrong show here at once, without any star.
import { clippedStatistics, medianInPlace } from '#libs/algorithms';
import { type Exposure, UNUSABLE } from '#libs/image';
import { type Amplifier, rawFrameStorageClass } from '#libs/instruments';
import { defineTask, jsonStorageClass, one, type StorageClass } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage } from '../storage/exposure-storage.js';

export interface AmplifierSky {
  readonly amplifiers: readonly { readonly name: string; readonly sky: number; readonly noise: number }[];
  /** mean of the amplifiers' sky levels [e-] */
  readonly sky: number;
  /** highest over lowest sky level, minus 1; null when a level is not positive */
  readonly spread: number | null;
  /** difference of the medians of the strips either side of each seam, of the mean sky */
  readonly seams: readonly { readonly between: readonly [string, string]; readonly step: number | null }[];
}
export const AmplifierSkyStorage: StorageClass<AmplifierSky> = jsonStorageClass<AmplifierSky>('AmplifierSky');

export const AmplifierSkyConfig = z.strictObject({
  stripWidth: z.int().min(1).default(8).meta({ unit: 'px', description: 'width of the strips compared at a seam' }),
  clipSigma: z.number().positive().default(3).meta({ unit: 'sigma', description: 'clipping of stars' }),
});

export const amplifierSky = defineTask({
  name: 'amplifierSky',
  version: '1',
  description: 'Sky level of every amplifier of an assembled detector and the steps across its seams.',
  dimensions: ['visit', 'snap', 'detector'],
  config: AmplifierSkyConfig,
  inputs: { raw: one('raw', rawFrameStorageClass), exposure: one('postIsr', ExposureStorage) },
  outputs: { sky: one('amplifierSky', AmplifierSkyStorage) },
  run({ raw, exposure }, { config, metric }) {
    const sky = measureAmplifierSky(
      exposure,
      raw.amplifiers.map(({ amplifier }) => amplifier),
      config,
    );
    metric('amplifierSky', sky.sky, 'electron');
    if (sky.spread !== null) metric('amplifierSkySpread', sky.spread);
    return { sky };
  },
});

export function measureAmplifierSky(
  exposure: Exposure,
  amplifiers: readonly Pick<Amplifier, 'name' | 'detectorBox'>[],
  config: z.output<typeof AmplifierSkyConfig>,
): AmplifierSky {
  const levels = amplifiers.map(({ name, detectorBox: { x0, y0, width, height } }) => {
    const pixels = goodPixels(exposure, x0, y0, width, height);
    if (pixels.length === 0) return { name, sky: NaN, noise: NaN };
    const { median, sigma } = clippedStatistics(pixels, pixels.length, config.clipSigma, 5);
    return { name, sky: median, noise: sigma };
  });
  const values = levels.map(({ sky }) => sky);
  const sky = values.reduce((a, b) => a + b, 0) / values.length;
  const lowest = Math.min(...values);
  return {
    amplifiers: levels,
    sky,
    spread: lowest > 0 ? Math.max(...values) / lowest - 1 : null,
    seams: seamsOf(exposure, amplifiers, config.stripWidth, sky),
  };
}

function seamsOf(
  exposure: Exposure,
  amplifiers: readonly Pick<Amplifier, 'name' | 'detectorBox'>[],
  strip: number,
  sky: number,
): AmplifierSky['seams'] {
  return amplifiers.flatMap((a) =>
    amplifiers.flatMap((b) => {
      const [p, q] = [a.detectorBox, b.detectorBox];
      const beside = p.x0 + p.width === q.x0 && p.y0 === q.y0 && p.height === q.height;
      const above = p.y0 + p.height === q.y0 && p.x0 === q.x0 && p.width === q.width;
      if (!beside && !above) return [];
      const [near, far] = beside
        ? [goodPixels(exposure, q.x0 - strip, p.y0, strip, p.height), goodPixels(exposure, q.x0, p.y0, strip, p.height)]
        : [goodPixels(exposure, p.x0, q.y0 - strip, p.width, strip), goodPixels(exposure, p.x0, q.y0, p.width, strip)];
      const step = (medianInPlace(far) - medianInPlace(near)) / sky;
      return [{ between: [a.name, b.name] as const, step: Number.isFinite(step) ? step : null }];
    }),
  );
}

function goodPixels(exposure: Exposure, x0: number, y0: number, width: number, height: number): Float32Array {
  const out = new Float32Array(width * height);
  let n = 0;
  for (let y = y0; y < y0 + height; y++)
    for (let x = x0; x < x0 + width; x++) {
      const p = y * exposure.width + x;
      if ((exposure.mask[p]! & UNUSABLE) === 0) out[n++] = exposure.image[p]!;
    }
  return out.subarray(0, n);
}
