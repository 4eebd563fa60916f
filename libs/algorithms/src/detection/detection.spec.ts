import { describe, expect, it } from '@jest/globals';
import { footprintArea, makeExposure, MaskBit, type Exposure } from '#libs/image';
import { seededRandom } from '../numeric/index.js';
import { roundGaussianPsf } from '../psf/index.js';
import { DetectionConfig, detectSources, growSpans, labelComponents } from './index.js';

const SIGMA = 1.7;
function blank(size: number, noise: number, seed = 0): Exposure {
  const e = makeExposure(size, size);
  const random = seededRandom(seed);
  e.variance.fill(noise * noise);
  if (seed) for (let i = 0; i < e.image.length; i++) e.image[i] = noise * random.normal();
  return { ...e, psf: roundGaussianPsf(SIGMA) };
}
function addStar(e: Exposure, x: number, y: number, flux: number): void {
  for (let j = Math.max(0, y - 12); j <= Math.min(e.height - 1, y + 12); j++)
    for (let i = Math.max(0, x - 12); i <= Math.min(e.width - 1, x + 12); i++)
      e.image[j * e.width + i]! +=
        (flux / (2 * Math.PI * SIGMA ** 2)) * Math.exp(-0.5 * (((i - x) ** 2 + (j - y) ** 2) / SIGMA ** 2));
}
/** flux of a star of the given true S/N: error of a matched filter is sqrt(4 pi sigma^2) x noise */
const fluxOf = (snr: number, noise: number): number => snr * Math.sqrt(4 * Math.PI) * SIGMA * noise;

describe('detectSources', () => {
  it('measures the true S/N of a noiseless star at its peak, of either sign, to 1 %', () => {
    const e = blank(80, 3);
    addStar(e, 25, 30, fluxOf(20, 3));
    addStar(e, 60, 50, -fluxOf(12, 3));
    const { footprints } = detectSources(e, DetectionConfig.parse({ polarity: 'both' }));
    expect(footprints.map((f) => [f.polarity, f.peaks[0]!.x, f.peaks[0]!.y])).toEqual([
      [1, 25, 30],
      [-1, 60, 50],
    ]);
    expect(Math.abs(footprints[0]!.peaks[0]!.value / 20 - 1)).toBeLessThan(0.01);
    expect(Math.abs(footprints[1]!.peaks[0]!.value / 12 - 1)).toBeLessThan(0.01);
    expect(e.mask[30 * 80 + 25]).toBe(MaskBit.DETECTED);
    expect(e.mask[50 * 80 + 60]).toBe(MaskBit.DETECTED_NEGATIVE);
  });
  it('finds about half of the stars at the threshold and nearly all one and a half sigma above, few in pure noise', () => {
    const count = (snr: number): number => {
      const e = blank(330, 5, 77);
      for (let k = 0; k < 100; k++) addStar(e, 20 + 32 * (k % 10), 20 + 32 * Math.floor(k / 10), fluxOf(snr, 5));
      const { footprints } = detectSources(e, DetectionConfig.parse({}));
      return footprints.length;
    };
    expect(count(0)).toBeLessThanOrEqual(1);
    // Phi(0) = 0.5 or more (the best of several pixels); Phi(1.5) = 0.93; binomial scatter 5
    expect(count(5)).toBeGreaterThan(38);
    expect(count(5)).toBeLessThan(85);
    expect(count(6.5)).toBeGreaterThan(85);
  });
  it('separates two stars 2.4 FWHM apart as two peaks of one footprint', () => {
    const e = blank(60, 2);
    addStar(e, 25, 30, fluxOf(60, 2));
    addStar(e, 34, 30, fluxOf(40, 2));
    const { footprints } = detectSources(e, DetectionConfig.parse({}));
    expect(footprints.length).toBe(1);
    expect(footprints[0]!.peaks.map((p) => p.x)).toEqual([25, 34]);
  });
  it('ignores NaN and pixels without data and says when it knows no PSF', () => {
    const e = blank(40, 1);
    e.image.fill(NaN, 0, 200);
    e.mask.fill(MaskBit.NO_DATA, 400, 600);
    expect(detectSources(e, DetectionConfig.parse({})).footprints).toEqual([]);
    expect(() => detectSources({ ...e, psf: undefined } as unknown as Exposure, DetectionConfig.parse({}))).toThrow(
      /width of the PSF/,
    );
  });
});

describe('footprint labelling', () => {
  it('agrees with flood filling of the eight neighbours on random bitmaps', () => {
    const random = seededRandom(5);
    const [w, h] = [37, 23];
    const bitmap = Uint8Array.from({ length: w * h }, () => (random.uniform() < 0.42 ? 1 : 0));
    const { components, labels } = labelComponents(bitmap, w, h);
    const flood = new Int32Array(w * h);
    let regions = 0;
    for (let s = 0; s < w * h; s++) {
      if (!bitmap[s] || flood[s]) continue;
      regions++;
      const stack = [s];
      flood[s] = regions;
      while (stack.length > 0) {
        const k = stack.pop()!;
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++) {
            const [x, y] = [(k % w) + dx, Math.floor(k / w) + dy];
            if (x < 0 || y < 0 || x >= w || y >= h) continue;
            const n = y * w + x;
            if (bitmap[n] && !flood[n]) {
              flood[n] = regions;
              stack.push(n);
            }
          }
      }
    }
    expect(Array.from(labels)).toEqual(Array.from(flood));
    expect(components.reduce((sum, spans) => sum + footprintArea({ spans, peaks: [] }), 0)).toBe(
      bitmap.reduce((a, b) => a + b, 0),
    );
  });
  it('grows a pixel to the disc x^2 + y^2 <= r^2, cut at the border', () => {
    const grown = growSpans([[{ y: 10, x0: 10, x1: 10 }]], 21, 21, 3);
    let area = 0;
    for (let dy = -3; dy <= 3; dy++) for (let dx = -3; dx <= 3; dx++) if (dx * dx + dy * dy <= 9) area++;
    expect(grown.reduce((a, b) => a + b, 0)).toBe(area);
    expect(growSpans([[{ y: 0, x0: 0, x1: 0 }]], 4, 4, 2)[2]).toBe(1);
  });
});
