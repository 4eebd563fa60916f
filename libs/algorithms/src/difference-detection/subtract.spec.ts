import { describe, expect, it } from '@jest/globals';
import { type Exposure, makeExposure, MaskBit, type Psf } from '#libs/image';
import { robustSigma, seededRandom } from '../numeric/index.js';
import { constantPsf } from '../warping/index.js';
import { cropExposure } from './crop.js';
import { subtractExposures } from './subtract.js';

const gaussianPsf = (sigma: number, size = 25): Psf => {
  const half = (size - 1) / 2;
  const data = Float32Array.from({ length: size * size }, (_, k) =>
    Math.exp((-0.5 * (((k % size) - half) ** 2 + (Math.floor(k / size) - half) ** 2)) / sigma ** 2),
  );
  return constantPsf({ width: size, height: size, data });
};

interface Star {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

/** Gaussian stars sampled at pixel centres on a flat sky, Gaussian noise of variance sky + counts. */
function scene(
  width: number,
  height: number,
  sigma: number,
  stars: readonly Star[],
  sky: number,
  seed: number,
  scale = 1,
): Exposure {
  const exposure = makeExposure(width, height);
  for (const { x, y, flux } of stars) {
    const reach = Math.ceil(7 * sigma);
    for (let j = Math.max(0, Math.round(y) - reach); j <= Math.min(height - 1, Math.round(y) + reach); j++)
      for (let i = Math.max(0, Math.round(x) - reach); i <= Math.min(width - 1, Math.round(x) + reach); i++)
        exposure.image[j * width + i]! +=
          (scale * flux * Math.exp((-0.5 * ((i - x) ** 2 + (j - y) ** 2)) / sigma ** 2)) / (2 * Math.PI * sigma ** 2);
  }
  const random = seededRandom(seed);
  for (let p = 0; p < width * height; p++) {
    const variance = sky + exposure.image[p]!;
    exposure.variance[p] = variance;
    exposure.image[p]! += Math.sqrt(variance) * random.normal();
  }
  return { ...exposure, psf: gaussianPsf(sigma) };
}

const starField = (width: number, height: number, count: number, seed: number): Star[] => {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => ({
    x: 5 + random.uniform() * (width - 10),
    y: 5 + random.uniform() * (height - 10),
    flux: 2000 * 10 ** (1.5 * random.uniform()),
  }));
};

/** sky pixels at least `margin` px from every star */
function skyPixels(exposure: Exposure, stars: readonly Star[], margin = 12, border = 30): number[] {
  const { width, height, mask } = exposure;
  const near = new Uint8Array(width * height);
  for (const { x, y } of stars)
    for (let j = Math.max(0, Math.floor(y - margin)); j <= Math.min(height - 1, y + margin); j++)
      for (let i = Math.max(0, Math.floor(x - margin)); i <= Math.min(width - 1, x + margin); i++)
        near[j * width + i] = 1;
  const out: number[] = [];
  for (let y = border; y < height - border; y++)
    for (let x = border; x < width - border; x++) {
      const p = y * width + x;
      if (!near[p] && (mask[p]! & MaskBit.NO_DATA) === 0) out.push(p);
    }
  return out;
}

function lagOne(image: Float32Array, pixels: readonly number[], step: number): number {
  const set = new Set(pixels);
  let [product, square] = [0, 0];
  for (const p of pixels) {
    if (!set.has(p + step)) continue;
    product += image[p]! * image[p + step]!;
    square += image[p]! ** 2;
  }
  return product / square;
}

const psfFlux = (exposure: Exposure, x: number, y: number): number => {
  const stamp = exposure.psf!.stamp(x, y);
  const half = (stamp.width - 1) / 2;
  let [product, norm] = [0, 0];
  for (let j = 0; j < stamp.height; j++)
    for (let i = 0; i < stamp.width; i++) {
      const p = (Math.round(y) - half + j) * exposure.width + Math.round(x) - half + i;
      product += stamp.data[j * stamp.width + i]! * exposure.image[p]!;
      norm += stamp.data[j * stamp.width + i]! ** 2;
    }
  return product / norm;
};

describe('subtractExposures', () => {
  const width = 400;
  const height = 360;
  const stars = starField(width, height, 110, 5);
  const transients: Star[] = [
    { x: 120.3, y: 97.8, flux: 9000 },
    { x: 251.6, y: 203.4, flux: 9000 },
    { x: 310.1, y: 280.9, flux: 9000 },
    { x: 77.5, y: 300.5, flux: 9000 },
  ];
  const spots = stars.filter((s) => transients.every((t) => Math.hypot(s.x - t.x, s.y - t.y) > 14));
  const cases = [
    { name: 'better template seeing', science: 2.3, template: 1.7 },
    { name: 'equal seeing', science: 2.0, template: 2.0 },
    { name: 'worse template seeing', science: 1.7, template: 2.3 },
  ];

  it.each(cases)(
    '$name: unit noise against the variance plane to 3 %, white to 3 %, fluxes unbiased to 2 %',
    ({ science, template }) => {
      const s = scene(width, height, science, [...spots, ...transients], 900, 11, 1.3);
      const t = scene(width, height, template, spots, 300, 12);
      const { difference, fit, direction } = subtractExposures(s, t);
      expect(direction).toBe(science < template ? 'convolveScience' : 'convolveTemplate');
      const ksum = direction === 'convolveScience' ? 1 / fit.kernel.sum : fit.kernel.sum;
      expect(Math.abs(ksum / 1.3 - 1)).toBeLessThan(0.01);

      const pixels = skyPixels(difference, [...spots, ...transients]);
      expect(pixels.length).toBeGreaterThan(20_000);
      // standard error of sigma from 20k samples is 0.5 %, of a correlation 0.7 %
      const normal = pixels.map((p) => difference.image[p]! / Math.sqrt(difference.variance[p]!));
      expect(Math.abs(robustSigma(normal) - 1)).toBeLessThan(0.03);
      expect(Math.abs(lagOne(difference.image, pixels, 1))).toBeLessThan(0.03);
      expect(Math.abs(lagOne(difference.image, pixels, width))).toBeLessThan(0.03);

      const fluxes = transients.map(({ x, y }) => psfFlux(difference, x, y));
      // sigma of one flux is about 2 sqrt(pi) 2.3 sqrt(1400) = 300 e- of 11700: 1.3 % for the mean of four
      const mean = fluxes.reduce((a, b) => a + b, 0) / fluxes.length;
      expect(Math.abs(mean / (9000 * 1.3) - 1)).toBeLessThan(0.03);
    },
  );

  it('without decorrelation the variance plane is that of one pixel, and the noise is correlated', () => {
    const s = scene(width, height, 2.3, spots, 400, 21);
    const t = scene(width, height, 1.7, spots, 2500, 22);
    const { difference } = subtractExposures(s, t, { decorrelate: false });
    const pixels = skyPixels(difference, spots);
    const normal = pixels.map((p) => difference.image[p]! / Math.sqrt(difference.variance[p]!));
    expect(Math.abs(robustSigma(normal) - 1)).toBeLessThan(0.03);
    expect(lagOne(difference.image, pixels, 1)).toBeGreaterThan(0.05);
  });

  it('uses the margin of a template and marks missing and saturated template pixels', () => {
    const margin = 16;
    const wide = scene(width, height, 1.7, spots, 300, 31);
    wide.mask[200 * width + 150]! |= MaskBit.NO_DATA;
    wide.image[200 * width + 150] = NaN;
    wide.mask[100 * width + 300]! |= MaskBit.SAT;
    const template = { ...wide, xy0: { x: -margin, y: -margin } };
    const full = scene(width, height, 2.3, spots, 900, 32);
    const science: Exposure = {
      ...cropExposure(full, margin, margin, width - 2 * margin, height - 2 * margin),
      psf: full.psf!,
    };
    const { difference } = subtractExposures(science, template);
    const at = (x: number, y: number): number => difference.mask[(y - margin) * difference.width + x - margin]!;
    expect(difference.mask[0]! & MaskBit.NO_DATA).toBe(0);
    expect(at(150, 200) & MaskBit.NO_DATA).toBe(MaskBit.NO_DATA);
    expect(at(150 + 20, 200) & MaskBit.NO_DATA).toBe(0);
    expect(at(300, 100) & MaskBit.SAT_TEMPLATE).toBe(MaskBit.SAT_TEMPLATE);
    expect(at(300, 100) & MaskBit.SAT).toBe(0);
    expect(difference.image.every(Number.isFinite)).toBe(true);
  });

  it('says so when there is no star to match', () => {
    const s = scene(120, 120, 2, [], 900, 41);
    const t = scene(120, 120, 1.7, [], 900, 42);
    expect(() => subtractExposures(s, t)).toThrow(expect.objectContaining({ code: 'NO_STARS' }));
  });
});
