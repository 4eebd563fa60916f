import { describe, expect, it } from '@jest/globals';
import { type Exposure, makeExposure, MaskBit, restorePsf } from '#libs/image';
import { cdMatrix, makeTanWcs, type Wcs } from '#libs/sky';
import { seededRandom } from '../numeric/index.js';
import { constantPsf, type SampledPsf } from './sampled-psf.js';
import { warpExposure } from './warp-exposure.js';

const tan = (raDeg: number, decDeg: number, scale: number, rotationDeg = 0, crpix = { x: 100, y: 100 }): Wcs =>
  makeTanWcs({ crvalRaDeg: raDeg, crvalDecDeg: decDeg, cd: cdMatrix(scale, rotationDeg), crpix });

const gaussian =
  (x0: number, y0: number, sigma: number, flux = 1) =>
  (x: number, y: number) =>
    (flux * Math.exp((-0.5 * ((x - x0) ** 2 + (y - y0) ** 2)) / sigma ** 2)) / (2 * Math.PI * sigma ** 2);

function drawn(width: number, height: number, wcs: Wcs, value: (x: number, y: number) => number): Exposure {
  const exposure = makeExposure(width, height);
  for (let p = 0; p < width * height; p++) exposure.image[p] = value(p % width, Math.floor(p / width));
  exposure.variance.fill(4);
  return { ...exposure, wcs };
}
const total = (exposure: Exposure): number => exposure.image.reduce((a, b) => a + b, 0);

describe('warpExposure', () => {
  it('onto its own grid is exact', () => {
    const wcs = tan(10, 20, 0.2);
    const source = drawn(60, 50, wcs, gaussian(31.3, 24.6, 2, 1000));
    const warped = warpExposure(source, { width: 60, height: 50, wcs });
    for (let y = 3; y < 46; y++)
      for (let x = 3; x < 56; x++)
        expect(Math.abs(warped.image[y * 60 + x]! - source.image[y * 60 + x]!)).toBeLessThan(1e-3);
    expect(warped.mask[0]! & MaskBit.NO_DATA).toBe(MaskBit.NO_DATA);
    expect(warped.variance[0]).toBe(Infinity);
  });

  it.each([
    [359.9999, 0],
    [10, -60],
    [200, 89.9],
  ])('moves a star of sigma 2 px by half a pixel to 5e-3 of its peak (RA %p, dec %p)', (ra, dec) => {
    const wcs = tan(ra, dec, 0.2);
    const source = drawn(80, 80, wcs, gaussian(40, 40, 2, 1000));
    const warped = warpExposure(source, { width: 80, height: 80, wcs: wcs.shifted(0.5, -0.5) });
    const truth = gaussian(39.5, 40.5, 2, 1000);
    let worst = 0;
    for (let y = 10; y < 70; y++)
      for (let x = 10; x < 70; x++) worst = Math.max(worst, Math.abs(warped.image[y * 80 + x]! - truth(x, y)));
    // the normalised taps at 1/2 (0.6114, -0.1359, 0.0245) give 1.0024 at the peak of exp(-x^2 / 8), 1.0048 in two dimensions
    expect(worst / truth(39.5, 40.5)).toBeLessThan(5e-3);
  });

  it('keeps the flux when pixels change their size and turn (1e-4)', () => {
    const source = drawn(120, 120, tan(150, 2, 0.2, 0, { x: 60, y: 60 }), gaussian(62, 58, 3, 5000));
    const warped = warpExposure(source, {
      width: 160,
      height: 160,
      wcs: tan(150, 2, 0.17, 25, { x: 80, y: 80 }),
    });
    expect(Math.abs(total(warped) / 5000 - 1)).toBeLessThan(1e-4);
  });

  it('gives white noise the variance of the squared weights: the plane agrees with the scatter to 3 %', () => {
    const wcs = tan(150, 2, 0.2);
    const random = seededRandom(3);
    const source = drawn(220, 220, wcs, () => 2 * random.normal());
    const warped = warpExposure(source, { width: 200, height: 200, wcs: wcs.shifted(5.37, 6.21) });
    let [squares, plane] = [0, 0];
    for (let p = 0; p < warped.image.length; p++) {
      squares += warped.image[p]! ** 2;
      plane += warped.variance[p]!;
    }
    // 40 000 correlated values: standard error of the variance about 1 %
    expect(Math.abs(squares / plane - 1)).toBeLessThan(0.03);
    expect(plane / warped.image.length).toBeLessThan(4);
  });

  it('spreads mask bits over the taps and turns NaN pixels into missing data', () => {
    const wcs = tan(150, 2, 0.2);
    const source = drawn(60, 60, wcs, () => 1);
    source.mask[30 * 60 + 30] = MaskBit.CR;
    source.image[10 * 60 + 40] = NaN;
    const warped = warpExposure(source, { width: 60, height: 60, wcs: wcs.shifted(0.5, 0.5) });
    const at = (x: number, y: number): number => warped.mask[y * 60 + x]!;
    expect(at(30, 30) & MaskBit.CR).toBe(MaskBit.CR);
    expect(at(32, 27) & MaskBit.CR).toBe(MaskBit.CR);
    expect(at(34, 30) & MaskBit.CR).toBe(0);
    expect(at(40, 10) & MaskBit.NO_DATA).toBe(MaskBit.NO_DATA);
    expect(warped.image.every(Number.isFinite)).toBe(true);
  });

  it('is all NO_DATA where nothing overlaps, also on the other side of the sky', () => {
    const source = drawn(40, 40, tan(10, 20, 0.2), () => 1);
    const warped = warpExposure(source, { width: 30, height: 30, wcs: tan(190, -20, 0.2) });
    expect(warped.mask.every((bits) => (bits & MaskBit.NO_DATA) !== 0)).toBe(true);
  });

  it('carries the PSF through the Jacobian: pixels half as large show it twice as wide', () => {
    const size = 21;
    const data = Float32Array.from({ length: size * size }, (_, k) =>
      gaussian(10, 10, 2)(k % size, Math.floor(k / size)),
    );
    const source = {
      ...drawn(100, 100, tan(150, 2, 0.2, 0, { x: 50, y: 50 }), () => 0),
      psf: constantPsf({ width: size, height: size, data }),
    };
    const warped = warpExposure(source, { width: 200, height: 200, wcs: tan(150, 2, 0.1, 30, { x: 100, y: 100 }) });
    const shape = warped.psf!.shape(100, 100);
    expect(Math.abs(Math.sqrt(shape.xx) - 4)).toBeLessThan(0.05);
    expect(Math.abs(Math.sqrt(shape.yy) - 4)).toBeLessThan(0.05);
    const restored = restorePsf(JSON.parse(JSON.stringify(warped.psf)) as ReturnType<SampledPsf['toJSON']>);
    expect(Math.abs(restored.shape(100, 100).xx - shape.xx)).toBeLessThan(1e-3);
  });
});

describe('SampledPsf', () => {
  it('centres its stamp on the sub-pixel position and sums to one', () => {
    const size = 25;
    const data = Float32Array.from({ length: size * size }, (_, k) =>
      gaussian(12, 12, 2)(k % size, Math.floor(k / size)),
    );
    const psf = constantPsf({ width: size, height: size, data });
    const stamp = psf.stamp(100.3, 49.6);
    const truth = gaussian(12.3, 11.6, 2);
    stamp.data.forEach((value, k) =>
      expect(Math.abs(value - truth(k % size, Math.floor(k / size)))).toBeLessThan(2e-3 * truth(12, 12)),
    );
    expect(stamp.data.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
  });
});
