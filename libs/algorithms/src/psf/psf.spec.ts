import { describe, expect, it } from '@jest/globals';
import { restorePsf, type Psf, type PsfRecord } from '#libs/image';
import { seededRandom } from '../numeric/index.js';
import {
  fitPixelPsf,
  halfSampleMode,
  moffatOfSigma,
  MoffatPsf,
  PixelPsfConfig,
  roundGaussianPsf,
  selectStars,
  StarSelectionConfig,
  type PsfStar,
} from './index.js';

const sum = (data: Float32Array): number => data.reduce((a, b) => a + b, 0);
const throughText = (psf: Psf): Psf => restorePsf(JSON.parse(JSON.stringify(psf)) as PsfRecord);

/** stars of a Gaussian whose variance grows linearly in x, with white noise */
function starsOf(count: number, noise: number): PsfStar[] {
  const random = seededRandom(31);
  const size = 25;
  return Array.from({ length: count }, () => {
    const x = 20 + 460 * random.uniform();
    const y = 20 + 460 * random.uniform();
    const v = 2.2 + 0.4 * (x / 500);
    const flux = 20000;
    const data = new Float32Array(size * size);
    for (let j = 0; j < size; j++)
      for (let i = 0; i < size; i++) {
        const u = i - 12 - (x - Math.round(x));
        const w = j - 12 - (y - Math.round(y));
        data[j * size + i] =
          (flux / (2 * Math.PI * v)) * Math.exp(-0.5 * ((u * u + w * w) / v)) + noise * random.normal();
      }
    return { x, y, flux, snr: 200, data, variance: noise * noise };
  });
}

describe('analytic PSFs', () => {
  it('sum to 1, are centred where asked, and have the stated width', () => {
    const psf = roundGaussianPsf(2);
    const stamp = psf.stamp(10.3, 20.4);
    expect(sum(stamp.data)).toBeCloseTo(1, 5);
    let mx = 0;
    stamp.data.forEach((v, k) => (mx += v * ((k % stamp.width) - (stamp.width >> 1))));
    expect(mx).toBeCloseTo(0.3, 4);
    const { xx, yy } = moffatOfSigma(1.9).shape();
    expect(Math.sqrt((xx + yy) / 2)).toBeCloseTo(1.9, 3);
  });
  it('come back from JSON text bit for bit', () => {
    for (const psf of [roundGaussianPsf(1.3), new MoffatPsf(3.3, 2.8)])
      expect(throughText(psf).stamp(5.2, 6.9).data).toEqual(psf.stamp(5.2, 6.9).data);
  });
});

describe('fitPixelPsf', () => {
  it('follows a PSF whose width varies over the field, to 1 % of its variance', () => {
    const { psf, degree } = fitPixelPsf(starsOf(60, 3), 25, 500, 500, PixelPsfConfig.parse({}));
    expect(degree).toBe(2);
    for (const x of [60, 250, 440]) {
      const { xx, yy } = psf.shape(x, 250);
      expect(Math.abs((xx + yy) / 2 / (2.2 + 0.4 * (x / 500)) - 1)).toBeLessThan(0.01);
    }
    expect(sum(psf.stamp(100.4, 90.7).data)).toBeCloseTo(1, 5);
    const back = throughText(psf);
    expect(back.stamp(33.3, 44.4).data).toEqual(psf.stamp(33.3, 44.4).data);
  });
  it('lowers the degree when stars are few, ignores a bad pixel, and needs one star', () => {
    const few = starsOf(10, 3);
    few[3]!.data[12 * 25 + 18] = NaN;
    expect(fitPixelPsf(few, 25, 500, 500, PixelPsfConfig.parse({})).degree).toBe(0);
    expect(() => fitPixelPsf([], 25, 500, 500, PixelPsfConfig.parse({}))).toThrow(/without stars/);
  });
  it('has errors for records it cannot read', () => {
    expect(() => restorePsf({ model: 'pixelBasis', size: 3 })).toThrow(/incomplete/);
    expect(() => restorePsf({ model: 'gaussian', size: 3 })).toThrow(/no number/);
  });
});

describe('selectStars', () => {
  it('finds the clump of stars among galaxies and artifacts', () => {
    const random = seededRandom(2);
    const make = (width: number, clean = true) => ({ width, snr: 60 + 100 * random.uniform(), clean });
    const stars = Array.from({ length: 40 }, () => make(1.6 * (1 + 0.01 * random.normal())));
    const galaxies = Array.from({ length: 40 }, () => make(1.9 + 2 * random.uniform()));
    const hits = Array.from({ length: 20 }, () => make(0.3 + 0.3 * random.uniform()));
    const { indices, width } = selectStars(
      [...stars, ...galaxies, ...hits, make(1.6, false)],
      StarSelectionConfig.parse({}),
    );
    expect(Math.abs(width / 1.6 - 1)).toBeLessThan(0.02);
    expect(indices.filter((i) => i < 40).length).toBeGreaterThan(35);
    expect(indices.filter((i) => i >= 40).length).toBeLessThanOrEqual(1);
  });
  it('has no clump without candidates', () => {
    expect(selectStars([], StarSelectionConfig.parse({}))).toEqual({ indices: [], width: NaN });
    expect(halfSampleMode(Float64Array.of(1, 5, 5.1, 5.2, 9))).toBeCloseTo(5.1, 0);
  });
});
