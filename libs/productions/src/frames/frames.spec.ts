import { describe, expect, it } from '@jest/globals';
import { seededRandom } from '#libs/algorithms';
import { type Exposure, makeExposure, MaskBit } from '#libs/image';
import { loadPipeline } from '../pipelines.js';
import { AmplifierSkyConfig, measureAmplifierSky } from './amplifier-sky.js';
import { blockNoise, isolatedStars, meanStarWidth, sourceFreeBlocks } from './stack-quality.js';

const noise = (width: number, height: number, level: number, sigma: number, seed: number): Exposure => {
  const random = seededRandom(seed);
  const exposure = makeExposure(width, height);
  for (let p = 0; p < width * height; p++) exposure.image[p] = level + sigma * random.normal();
  exposure.variance.fill(sigma * sigma);
  return exposure;
};

describe('amplifierSky', () => {
  const box = (x0: number) => ({ name: `A${x0}`, detectorBox: { x0, y0: 0, width: 50, height: 60 } });

  it('finds the level of each amplifier and the step at the seam; stars and masked pixels do not count', () => {
    const exposure = noise(100, 60, 1000, 5, 3);
    for (let y = 0; y < 60; y++) for (let x = 50; x < 100; x++) exposure.image[y * 100 + x]! += 30;
    for (let x = 0; x < 20; x++) exposure.image[7 * 100 + x] = 60_000;
    exposure.image.fill(NaN, 0, 10);
    exposure.mask.fill(MaskBit.UNMASKEDNAN, 0, 10);
    const sky = measureAmplifierSky(exposure, [box(0), box(50)], AmplifierSkyConfig.parse({}));
    // medians of 3,000 pixels: error 1.25 x 5 / sqrt(3000) = 0.11
    expect(Math.abs(sky.amplifiers[0]!.sky - 1000)).toBeLessThan(0.6);
    expect(Math.abs(sky.amplifiers[1]!.sky - 1030)).toBeLessThan(0.6);
    expect(sky.spread).toBeCloseTo(0.03, 2);
    expect(sky.seams).toHaveLength(1);
    expect(sky.seams[0]!.between).toEqual(['A0', 'A50']);
    expect(Math.abs(sky.seams[0]!.step! - 30 / 1015)).toBeLessThan(0.002);
  });

  it('has no spread where the sky is not positive, and an amplifier without pixels has no level', () => {
    const exposure = makeExposure(100, 60);
    exposure.mask.fill(MaskBit.NO_DATA);
    const sky = measureAmplifierSky(exposure, [box(0), box(50)], AmplifierSkyConfig.parse({}));
    expect(sky.spread).toBeNull();
    expect(sky.amplifiers[0]!.sky).toBeNaN();
    expect(sky.seams[0]!.step).toBeNull();
  });
});

describe('quality of a stack', () => {
  it('block noise is sigma / 8 for white noise, whatever the slope of the sky', () => {
    const exposure = noise(400, 400, 0, 4, 11);
    for (let p = 0; p < exposure.image.length; p++) exposure.image[p]! += 0.002 * (p % 400);
    const blocks = sourceFreeBlocks(exposure);
    expect(blocks).toHaveLength(2500);
    // 2,450 differences that share blocks: about 2.5 %
    expect(Math.abs(blockNoise(exposure, blocks) / 0.5 - 1)).toBeLessThan(0.08);
  });

  it('leaves blocks with sources out, and says nothing of too few blocks', () => {
    const exposure = noise(64, 64, 0, 4, 1);
    exposure.mask[0] = MaskBit.DETECTED;
    expect(sourceFreeBlocks(exposure)).toHaveLength(63);
    expect(blockNoise(exposure, [{ x: 0, y: 8 }])).toBeNaN();
  });

  it('measures the FWHM of the mean star: 2.3548 sigma of the Gaussians put in', () => {
    const exposure = noise(300, 300, 0, 1, 5);
    const places = [60, 150, 240].flatMap((y) => [60, 150, 240].map((x) => ({ x: x + 0.3, y: y - 0.4 })));
    for (const { x, y } of places)
      for (let p = 0; p < exposure.image.length; p++)
        exposure.image[p]! += 200 * Math.exp(-(((p % 300) - x) ** 2 + (Math.floor(p / 300) - y) ** 2) / 18);
    const stars = { x: places.map(({ x }) => x), y: places.map(({ y }) => y), sigma: 3 };
    const { fwhm, stars: used } = meanStarWidth(exposure, stars, stars);
    expect(used).toBe(9);
    expect(Math.abs(fwhm / (2.35482 * 3) - 1)).toBeLessThan(0.02);
  });

  it('takes stars that stand alone', () => {
    const stars = { x: [10, 12, 50], y: [10, 10, 50], sigma: 2 };
    expect(isolatedStars(stars, 10).x).toEqual([50]);
  });
});

describe('the frame pipelines', () => {
  it.each(['assemble', 'single-frame', 'stack', 'difference'] as const)(
    '%s is consistent and keeps something',
    (name) => {
      expect(loadPipeline(name).persist.length).toBeGreaterThan(0);
    },
  );
});
