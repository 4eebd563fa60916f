import { describe, expect, it } from '@jest/globals';
import { convolveSeparableReference } from '#libs/kernels';
import {
  clippedStatistics,
  convolveSeparable,
  gaussianTaps,
  invertSymmetric,
  median,
  quantile,
  seededRandom,
  selectInPlace,
  solveSymmetric,
  StampShifter,
} from './index.js';

describe('statistics', () => {
  it('agree with sorting', () => {
    const random = seededRandom(1);
    for (const n of [1, 2, 3, 10, 101]) {
      const values = Float64Array.from({ length: n }, () => Math.round(10 * random.uniform()));
      const sorted = values.slice().sort();
      for (let k = 0; k < n; k++) expect(selectInPlace(values.slice(), k)).toBe(sorted[k]);
      expect(median(values)).toBe((sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2);
    }
    expect(median([NaN, 3, Infinity])).toBe(3);
    expect(median([])).toBeNaN();
    expect(quantile([0, 1, 2, 3], 0.5)).toBe(1.5);
  });
  it('reject outliers', () => {
    const random = seededRandom(2);
    const values = Float64Array.from({ length: 1000 }, (_, i) => (i < 30 ? 500 : 10 + random.normal()));
    const { mean, sigma } = clippedStatistics(values);
    expect(Math.abs(mean - 10)).toBeLessThan(5 / Math.sqrt(970));
    expect(Math.abs(sigma - 1)).toBeLessThan(0.1);
  });
});

describe('linear algebra and filters', () => {
  it('solve a system and refuse a singular one', () => {
    const a = Float64Array.of(4, 1, 1, 3);
    expect(Array.from(solveSymmetric(a, Float64Array.of(1, 2), 2))).toEqual([
      expect.closeTo(1 / 11),
      expect.closeTo(7 / 11),
    ]);
    expect(invertSymmetric(a, 2)[0]).toBeCloseTo(3 / 11, 12);
    expect(() => invertSymmetric(Float64Array.of(1, 1, 1, 1), 2)).toThrow(/positive definite/);
  });
  it('convolve a point with the outer product of the taps, cut at the border', () => {
    const taps = gaussianTaps(1.2);
    const image = new Float32Array(15 * 11);
    image[5 * 15 + 7] = 1;
    const out = convolveSeparable(image, 15, 11, taps);
    expect(out[4 * 15 + 9]).toBeCloseTo(taps[1]! * taps[2]!, 7);
    expect(out.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 3);
  });
  it('convolve an image of many tiles as one: the reference, across the seams too', () => {
    const [width, height] = [64, 40_000];
    const random = seededRandom(3);
    const image = Float32Array.from({ length: width * height }, () => random.normal());
    const taps = gaussianTaps(1.2);
    const out = convolveSeparable(image, width, height, taps);
    const seam = 2 ** 21 / width;
    const expected = new Float32Array(width * 40);
    // twenty rows either side of the seam, from a strip with more rows around it
    const strip = new Float32Array(width * 80);
    convolveSeparableReference(image.subarray((seam - 40) * width), width, 80, taps, taps, 'zero', strip);
    expected.set(strip.subarray(20 * width, 60 * width));
    const worst = Math.max(...expected.map((value, k) => Math.abs(value - out[(seam - 20) * width + k]!)));
    expect(worst).toBeLessThan(1e-6);
  });
  it('shift a well-sampled Gaussian to 3e-3 of its peak (the ripple of Lanczos-5)', () => {
    const side = 31;
    const gaussian = (dx: number, dy: number): Float64Array =>
      Float64Array.from({ length: side * side }, (_, k) =>
        Math.exp((-0.5 * (((k % side) - 15 - dx) ** 2 + (Math.floor(k / side) - 15 - dy) ** 2)) / 2.5),
      );
    const out = new Float64Array(side * side);
    new StampShifter(5).shift(gaussian(0, 0), side, 0.37, -0.48, out);
    const want = gaussian(0.37, -0.48);
    expect(Math.max(...out.map((v, k) => Math.abs(v - want[k]!)))).toBeLessThan(3e-3);
  });
});
