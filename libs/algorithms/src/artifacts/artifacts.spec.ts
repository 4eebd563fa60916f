import { describe, expect, it } from '@jest/globals';
import { makeExposure, MaskBit, type Exposure } from '#libs/image';
import { seededRandom } from '../numeric/index.js';
import { roundGaussianPsf } from '../psf/index.js';
import { combineSnaps, CombineSnapsConfig, CosmicRayConfig, findCosmicRays } from './index.js';

const SIZE = 160;
/** undersampled stars (FWHM 2.0 px) on a sky of 100 e-, background subtracted unless a pedestal is given */
function stars(seed: number, pedestal = 0): Exposure {
  const e = makeExposure(SIZE, SIZE);
  const random = seededRandom(seed);
  const placed = seededRandom(1);
  const sigma = 2.0 / 2.3548;
  const model = new Float64Array(SIZE * SIZE);
  for (let s = 0; s < 60; s++) {
    const [x, y, f] = [5 + 150 * placed.uniform(), 5 + 150 * placed.uniform(), 10 ** (2.5 + 2.5 * placed.uniform())];
    for (let j = Math.max(0, Math.round(y) - 6); j <= Math.min(SIZE - 1, Math.round(y) + 6); j++)
      for (let i = Math.max(0, Math.round(x) - 6); i <= Math.min(SIZE - 1, Math.round(x) + 6); i++)
        model[j * SIZE + i]! +=
          (f / (2 * Math.PI * sigma * sigma)) * Math.exp(-0.5 * (((i - x) ** 2 + (j - y) ** 2) / sigma ** 2));
  }
  for (let k = 0; k < SIZE * SIZE; k++) {
    e.image[k] = random.poisson(model[k]! + 100) - 100 + 5 * random.normal() + pedestal;
    e.variance[k] = Math.max(0, e.image[k]! - pedestal) + 125;
  }
  return { ...e, psf: roundGaussianPsf(sigma) };
}
const hit = (e: Exposure, k: number, electrons: number): void => {
  e.image[k]! += electrons;
  e.variance[k]! += electrons;
};

describe('findCosmicRays', () => {
  it('leaves undersampled stars alone', () => {
    expect(findCosmicRays(stars(3), CosmicRayConfig.parse({})).count).toBeLessThanOrEqual(1);
  });
  it('finds 19 of 20 single-pixel hits of 25 sigma or more and a diagonal track, whole', () => {
    const e = stars(4);
    const random = seededRandom(6);
    const hits = Array.from({ length: 20 }, () => {
      const k = (3 + Math.floor(150 * random.uniform())) * SIZE + 3 + Math.floor(150 * random.uniform());
      hit(e, k, 400 + 2000 * random.uniform());
      return k;
    });
    const track = Array.from({ length: 12 }, (_, i) => (100 + i) * SIZE + 20 + i);
    for (const k of track) hit(e, k, 900);
    const found = new Set(findCosmicRays(e, CosmicRayConfig.parse({})).pixels);
    expect(hits.filter((k) => found.has(k)).length).toBeGreaterThanOrEqual(17);
    expect(track.filter((k) => found.has(k)).length).toBeGreaterThanOrEqual(11);
  });
});

describe('combineSnaps', () => {
  it('sums what agrees and replaces a cosmic ray in one snap by twice the other', () => {
    const [a, b] = [stars(7, 100), stars(8, 100)];
    const clean = combineSnaps(a, b, CombineSnapsConfig.parse({}));
    expect(clean.cosmicRayPixels).toBeLessThanOrEqual(2);
    const k = 80 * SIZE + 75;
    hit(a, k, 3000);
    hit(b, k + 500, 2000);
    const { exposure, difference } = combineSnaps(a, b, CombineSnapsConfig.parse({}));
    // sky of 100 e- in each snap: replaced value 200 within 5 x 2 sqrt(125)
    expect(Math.abs(exposure.image[k]! - 2 * b.image[k]!)).toBeLessThan(5);
    expect(exposure.mask[k]! & exposure.mask[k + 500]! & MaskBit.CLIPPED).toBe(MaskBit.CLIPPED);
    expect(difference.mask[k]! & MaskBit.CR).toBe(MaskBit.CR);
    expect(exposure.variance[k]!).toBeCloseTo(4 * b.variance[k]!, 2);
    const other = 20 * SIZE + 20;
    expect(exposure.image[other]).toBeCloseTo(a.image[other]! + b.image[other]!, 3);
  });
  it('does not take seeing that differs between the snaps for cosmic rays', () => {
    const a = stars(9);
    const b = { ...stars(10), image: stars(10).image.map((v) => 0.9 * v) };
    expect(combineSnaps(a, b, CombineSnapsConfig.parse({})).cosmicRayPixels).toBeLessThanOrEqual(3);
  });
  it('refuses snaps of different size', () => {
    expect(() => combineSnaps(stars(1), makeExposure(3, 3), CombineSnapsConfig.parse({}))).toThrow(/differ in size/);
  });
});
