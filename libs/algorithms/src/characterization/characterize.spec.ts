// Truth: stars injected here as Moffat profiles (sampled at pixel centres) on a Poisson sky; fluxes are totals, so that the
// calibration aperture (12 px) misses a known 0.3 % of a Moffat of beta 3.5 and FWHM 3.6 px.

import { describe, expect, it } from '@jest/globals';
import { makeExposure, MaskBit, type Exposure } from '#libs/image';
import { median, robustSigma, seededRandom } from '../numeric/index.js';
import { CharacterizeConfig, characterizeExposure } from './characterize.js';

interface Star {
  readonly x: number;
  readonly y: number;
  readonly flux: number;
}

const BETA = 3.5;

/** A Moffat field whose FWHM grows by 6 % across; sloping sky of about 300 e-, read noise 6 e-. */
function field(size: number, count: number, seed: number, fwhm = 3.6): { exposure: Exposure; stars: Star[] } {
  const random = seededRandom(seed);
  const truth = new Float64Array(size * size);
  const stars: Star[] = [];
  for (let s = 0; s < count; s++) {
    const x = random.uniform() * size - 0.5;
    const y = random.uniform() * size - 0.5;
    const flux = 10 ** (2.6 + 2.6 * random.uniform() ** 1.7);
    stars.push({ x, y, flux });
    const alpha = (fwhm * (1 + (0.06 * x) / size)) / (2 * Math.sqrt(2 ** (1 / BETA) - 1));
    const norm = (flux * (BETA - 1)) / (Math.PI * alpha * alpha);
    const reach = 30;
    for (let j = Math.max(0, Math.round(y) - reach); j <= Math.min(size - 1, Math.round(y) + reach); j++)
      for (let i = Math.max(0, Math.round(x) - reach); i <= Math.min(size - 1, Math.round(x) + reach); i++)
        truth[j * size + i]! += norm * (1 + ((i - x) ** 2 + (j - y) ** 2) / alpha ** 2) ** -BETA;
  }
  const exposure = makeExposure(size, size);
  for (let k = 0; k < size * size; k++) {
    const sky = 300 + 30 * ((k % size) / size) + 20 * (Math.floor(k / size) / size) ** 2;
    const electrons = random.poisson(truth[k]! + sky) + 6 * random.normal();
    exposure.image[k] = electrons;
    exposure.variance[k] = Math.max(0, electrons) + 36;
  }
  return { exposure, stars };
}

describe('characterizeExposure on a field with truth', () => {
  const size = 448;
  const { exposure, stars } = field(size, 170, 11);
  const result = characterizeExposure(exposure, CharacterizeConfig.parse({}));
  const column = (name: string): Float64Array => result.sources.data(name, 'double');
  const [x, y, flux, fluxErr, xErr, yErr] = ['x', 'y', 'psfInstFlux', 'psfInstFluxErr', 'xErr', 'yErr'].map(column) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const pairs = stars.flatMap((star) => {
    const lonely = stars.every((s) => s === star || Math.hypot(s.x - star.x, s.y - star.y) > 8);
    const inside = Math.min(star.x, star.y) > 14 && Math.max(star.x, star.y) < size - 15;
    let best = -1;
    let nearest = 1;
    for (let i = 0; i < x.length; i++) {
      const d = Math.hypot(x[i]! - star.x, y[i]! - star.y);
      if (d < nearest) [best, nearest] = [i, d];
    }
    return lonely && inside ? [{ star, i: best }] : [];
  });
  const found = pairs.filter(({ i }) => i >= 0);

  it('finds the stars: all lonely ones above S/N 10, few things that are not there', () => {
    // sigma of a PSF flux here: sqrt(4 pi sigma_psf^2 x 360) about 110 e-
    expect(pairs.filter(({ star, i }) => star.flux > 1300 && i < 0)).toEqual([]);
    const unmatched = Array.from(x).filter((_, i) =>
      stars.every((star) => Math.hypot(star.x - x[i]!, star.y - y[i]!) > 2),
    );
    expect(unmatched.length).toBeLessThanOrEqual(3);
  });
  it('fits a pixel PSF that follows the width over the field to 1.5 %', () => {
    expect(result.psfModel).toBe('pixelBasis');
    const width = (at: number): number => Math.sqrt(result.exposure.psf!.shape(at, size / 2).xx);
    expect(width(size - 40) / width(40)).toBeCloseTo(1 + 0.06 * ((size - 80) / size), 1.7);
  });
  it('measures bright fluxes without bias: within 0.5 % of the total, 0.3 % of which the aperture cannot see', () => {
    const bright = found.filter(({ star }) => star.flux > 20000);
    expect(bright.length).toBeGreaterThan(20);
    expect(Math.abs(median(bright.map(({ star, i }) => flux[i]! / star.flux)) - 0.997)).toBeLessThan(0.005);
  });
  it('puts bright stars within 0.01 px on average and scatters as its errors say (pulls 1 within the sampling error)', () => {
    const bright = found.filter(({ star }) => star.flux > 20000);
    expect(Math.abs(median(bright.map(({ star, i }) => x[i]! - star.x)))).toBeLessThan(0.01);
    expect(Math.abs(median(bright.map(({ star, i }) => y[i]! - star.y)))).toBeLessThan(0.01);
    // about 110 stars, two coordinates: the robust width has a sampling error of 8 %
    const pulls = found.flatMap(({ star, i }) => [(x[i]! - star.x) / xErr[i]!, (y[i]! - star.y) / yErr[i]!]);
    expect(robustSigma(pulls)).toBeGreaterThan(0.84);
    expect(robustSigma(pulls)).toBeLessThan(1.16);
    const fluxPulls = found.map(({ star, i }) => (flux[i]! - 0.997 * star.flux) / fluxErr[i]!);
    expect(robustSigma(fluxPulls)).toBeGreaterThan(0.78);
    expect(robustSigma(fluxPulls)).toBeLessThan(1.25);
  });
  it('knows the sky to half an electron, and calls stars point-like', () => {
    expect(Math.abs(result.background.globalLevel - (300 + 15 + 20 / 3))).toBeLessThan(3);
    const left = Array.from(result.exposure.image).filter(
      (_, k) => (result.exposure.mask[k]! & MaskBit.DETECTED) === 0,
    );
    expect(Math.abs(median(left))).toBeLessThan(0.5 + 1);
    const extended = found.filter(({ i, star }) => star.flux > 5000 && column('extendedness')[i] === 1);
    expect(extended.length).toBeLessThanOrEqual(2);
  });
});

describe('characterizeExposure on frames that are hard', () => {
  it('is deterministic to the bit', () => {
    const run = (): Float64Array =>
      characterizeExposure(field(160, 20, 5).exposure, CharacterizeConfig.parse({})).sources.data(
        'psfInstFlux',
        'double',
      );
    expect(run()).toEqual(run());
  });
  it('falls back to a profile by formula when there is one star, and to the guess when there is none', () => {
    const one = characterizeExposure(field(128, 1, 21).exposure, CharacterizeConfig.parse({}));
    expect(['moffat', 'gaussian']).toContain(one.psfModel);
    const none = characterizeExposure(field(128, 0, 2).exposure, CharacterizeConfig.parse({}));
    expect(none.psfModel).toBe('gaussian');
    expect(none.sources.rowCount).toBeLessThanOrEqual(1);
  });
  it('refuses a frame without a measurement', () => {
    const empty = makeExposure(64, 64);
    empty.image.fill(NaN);
    empty.mask.fill(MaskBit.UNMASKEDNAN);
    expect(() => characterizeExposure(empty, CharacterizeConfig.parse({}))).toThrow(/carry a measurement/);
  });
});
