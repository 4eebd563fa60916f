import { describe, expect, it } from '@jest/globals';
import { type Exposure, makeExposure, MaskBit } from '#libs/image';
import { robustSigma, seededRandom } from '../numeric/index.js';
import { constantPsf } from '../warping/index.js';
import { findAlignmentStars } from './alignment-stars.js';
import { coaddExposures } from './coadd.js';
import { maskFixedHotPixels } from './hot-pixels.js';
import { stackExposures } from './stack-exposures.js';

const noise = (width: number, height: number, sigma: number, seed: number, level = 0): Exposure => {
  const random = seededRandom(seed);
  const exposure = makeExposure(width, height);
  for (let p = 0; p < width * height; p++) exposure.image[p] = level + sigma * random.normal();
  exposure.variance.fill(sigma * sigma);
  return exposure;
};
const inputs = (exposures: readonly Exposure[]) =>
  exposures.map((exposure, k) => ({ name: `${k}`, load: () => exposure }));

describe('coaddExposures', () => {
  it('N equal inputs: noise and variance plane are sigma^2 / N (2 %)', async () => {
    const stack = await coaddExposures(inputs(Array.from({ length: 20 }, (_, k) => noise(120, 100, 3, 100 + k))), {
      clipMinInputs: Infinity,
    });
    // 12 000 pixels: standard error of sigma 0.65 %
    expect(Math.abs(robustSigma(stack.image) / (3 / Math.sqrt(20)) - 1)).toBeLessThan(0.02);
    expect(stack.variance[77]).toBeCloseTo(9 / 20, 5);
    expect(stack.metadata?.['inputCount']).toBe(20);
  });

  it('weights by inverse variance', async () => {
    const stack = await coaddExposures(inputs([noise(60, 60, 1, 1, 10), noise(60, 60, 2, 2, 20)]), {
      clipMinInputs: Infinity,
    });
    // (10 / 1 + 20 / 4) / (1 + 1 / 4) = 12; standard error 0.894 / 60
    const mean = stack.image.reduce((a, b) => a + b, 0) / 3600;
    expect(Math.abs(mean - 12)).toBeLessThan(0.06);
    expect(stack.variance[0]).toBeCloseTo(0.8, 5);
  });

  it('removes a satellite from one of twenty inputs and says where; nothing else is touched', async () => {
    const exposures = Array.from({ length: 20 }, (_, k) => noise(120, 100, 3, 200 + k, 50));
    for (let x = 0; x < 120; x++) exposures[7]!.image[40 * 120 + x]! += 300;
    const stack = await coaddExposures(inputs(exposures), { clipAmplitude: 0 });
    let clipped = 0;
    for (let p = 0; p < stack.mask.length; p++) {
      const streak = Math.floor(p / 120) === 40;
      if ((stack.mask[p]! & MaskBit.CLIPPED) !== 0) clipped++;
      if (streak) {
        expect(stack.mask[p]! & MaskBit.CLIPPED).toBe(MaskBit.CLIPPED);
        expect(Math.abs(stack.image[p]! - 50)).toBeLessThan(5 * 0.7);
      }
    }
    // beyond the 120: the extremes of 20 values exceed 4 sigma in 20 x 6e-5 = 0.13 % of 12 000 pixels
    expect(clipped - 120).toBeLessThan(40);
  });

  it('leaves bad pixels out, marks pixels nobody saw, and keeps a saturated core', async () => {
    const exposures = [1, 2, 3].map((seed) => noise(40, 40, 1, seed, 5));
    exposures[0]!.mask[10] = MaskBit.CR;
    exposures[0]!.image[10] = 1e6;
    for (const exposure of exposures) {
      exposure.mask[20] = MaskBit.BAD;
      exposure.mask[30] = MaskBit.SAT;
      exposure.image[40] = NaN;
    }
    const stack = await coaddExposures(inputs(exposures));
    expect(Math.abs(stack.image[10]! - 5)).toBeLessThan(4);
    expect(stack.mask[10]! & MaskBit.INEXACT_PSF).toBe(MaskBit.INEXACT_PSF);
    expect(stack.mask[20]! & MaskBit.NO_DATA).toBe(MaskBit.NO_DATA);
    expect(stack.variance[20]).toBe(Infinity);
    expect(stack.mask[30]! & MaskBit.SAT).toBe(MaskBit.SAT);
    expect(stack.mask[40]! & MaskBit.NO_DATA).toBe(MaskBit.NO_DATA);
  });

  it('has the weighted mean of the PSFs', async () => {
    const psf = (sigma: number) =>
      constantPsf({
        width: 21,
        height: 21,
        data: Float32Array.from({ length: 441 }, (_, k) =>
          Math.exp((-0.5 * (((k % 21) - 10) ** 2 + (Math.floor(k / 21) - 10) ** 2)) / sigma ** 2),
        ),
      });
    const [a, b] = [psf(2), psf(3)];
    const stack = await coaddExposures(
      inputs([
        { ...noise(50, 50, 1, 1), psf: a },
        { ...noise(50, 50, 2, 2), psf: b },
      ]),
    );
    const centre = stack.psf!.kernel(25, 25).data[220]!;
    const expected = 0.8 * a.kernel(25, 25).data[220]! + 0.2 * b.kernel(25, 25).data[220]!;
    expect(Math.abs(centre / expected - 1)).toBeLessThan(1e-3);
  });

  it('refuses an empty list and inputs without a usable pixel', async () => {
    await expect(coaddExposures([])).rejects.toMatchObject({ code: 'NO_GOOD_PIXELS' });
    const blind = noise(10, 10, 1, 1);
    blind.mask.fill(MaskBit.NO_DATA);
    await expect(coaddExposures(inputs([blind]))).rejects.toMatchObject({ code: 'NO_GOOD_PIXELS' });
  });
});

describe('stackExposures', () => {
  const width = 260;
  const height = 220;
  const sigma = 1.8;
  const dithers = [
    [0, 0],
    [5.3, -7.8],
    [-9.6, 4.4],
    [12.2, 11.7],
    [-3.5, -14.1],
  ] as const;
  const sky = seededRandom(9);
  const stars = Array.from({ length: 45 }, () => ({
    x: sky.uniform() * width,
    y: sky.uniform() * height,
    flux: 3000 * 10 ** sky.uniform(),
  }));
  const frame = (k: number): Exposure => {
    const [dx, dy] = dithers[k]!;
    const exposure = noise(width, height, 10, 300 + k);
    for (const { x, y, flux } of stars)
      for (let j = Math.max(0, Math.floor(y + dy) - 9); j <= Math.min(height - 1, y + dy + 9); j++)
        for (let i = Math.max(0, Math.floor(x + dx) - 9); i <= Math.min(width - 1, x + dx + 9); i++)
          exposure.image[j * width + i]! +=
            (flux * Math.exp((-0.5 * ((i - x - dx) ** 2 + (j - y - dy) ** 2)) / sigma ** 2)) /
            (2 * Math.PI * sigma ** 2);
    // hot pixels stay where they are: the trap for alignment by correlation
    for (let h = 0; h < 60; h++) exposure.image[((37 * h) % height) * width + ((53 * h) % width)]! += 900;
    return exposure;
  };

  it('aligns dithered frames by their stars to 0.1 px in spite of fixed hot pixels', async () => {
    const exposures = dithers.map((_, k) => frame(k));
    expect(maskFixedHotPixels(exposures)).toBeGreaterThan(50);
    const { alignments, rejected, stack } = await stackExposures(
      exposures.map((exposure, k) => ({ name: `${k}`, exposure, stars: findAlignmentStars(exposure) })),
      { alignment: { affineMatches: 1000 } },
    );
    expect(rejected).toEqual([]);
    alignments.forEach(({ affine }, k) => {
      const [dx, dy] = dithers[k]!;
      // at the middle of the frame
      const x = affine.xx * 130 + affine.xy * 110 + affine.x0;
      const y = affine.yx * 130 + affine.yy * 110 + affine.y0;
      expect(Math.hypot(x - 130 - dx, y - 110 - dy)).toBeLessThan(0.1);
    });
    expect(stack.metadata?.['inputCount']).toBe(5);
  });

  it('reports a frame that shows no stars and stacks the rest', async () => {
    const exposures = [frame(0), frame(1), noise(width, height, 10, 1)];
    maskFixedHotPixels(exposures);
    const { alignments, rejected } = await stackExposures(
      exposures.map((exposure, k) => ({ name: `${k}`, exposure, stars: findAlignmentStars(exposure) })),
    );
    expect(alignments.map(({ name }) => name)).toEqual(['0', '1']);
    expect(rejected).toHaveLength(1);
    expect(rejected[0]!.reason).toMatch(/stars/);
  });
});
