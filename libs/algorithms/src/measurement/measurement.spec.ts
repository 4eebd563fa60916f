// Truths are formulas: areas of circles, Gaussians with known moments and fluxes, noiseless blends.

import { describe, expect, it } from '@jest/globals';
import { makeExposure, MaskBit, type Exposure } from '#libs/image';
import { fitPointSources, PsfFitConfig } from '../deblending/index.js';
import { seededRandom } from '../numeric/index.js';
import { GaussianPsf, roundGaussianPsf } from '../psf/index.js';
import {
  adaptiveMoments,
  apertureFlux,
  badPixels,
  circleRectangleOverlap,
  forcedPsfFlux,
  quarticPeak,
} from './index.js';

/** A noiseless elliptical Gaussian of total flux `flux`, sampled at pixel centres. */
function addGaussian(e: Exposure, x: number, y: number, flux: number, xx: number, yy: number, xy = 0): void {
  const det = xx * yy - xy * xy;
  for (let j = 0; j < e.height; j++)
    for (let i = 0; i < e.width; i++) {
      const [u, v] = [i - x, j - y];
      const q = (yy * u * u - 2 * xy * u * v + xx * v * v) / det;
      e.image[j * e.width + i]! += (flux / (2 * Math.PI * Math.sqrt(det))) * Math.exp(-0.5 * q);
    }
}
const flat = (size: number, variance: number): Exposure => {
  const e = makeExposure(size, size);
  e.variance.fill(variance);
  return e;
};

describe('circular apertures', () => {
  it('have the area pi r^2 to 1e-9 wherever they are centred', () => {
    const plane = { width: 41, height: 41, image: new Float32Array(1681).fill(1), variance: new Float32Array(1681) };
    for (const [x, y, r] of [
      [20, 20, 5],
      [20.3, 19.6, 0.4],
      [20.5, 20.5, 7.3],
      [19.99, 20.2, 12],
    ] as const) {
      const { flux, area } = apertureFlux(plane, x, y, r);
      expect(Math.abs(area - Math.PI * r * r)).toBeLessThan(1e-9);
      expect(flux).toBe(area);
    }
    expect(circleRectangleOverlap(-9, -9, 9, 9, 2)).toBeCloseTo(4 * Math.PI, 12);
    expect(circleRectangleOverlap(3, 3, 4, 4, 2)).toBe(0);
  });
  it('collect 1 - exp(-r^2 / 2 s^2) of a Gaussian, with the error of the noise', () => {
    const e = flat(61, 4);
    addGaussian(e, 30.2, 29.7, 1000, 9, 9);
    const { flux, fluxErr } = apertureFlux(e, 30.2, 29.7, 6);
    // pixels count as squares of constant light, which adds 1/12 px^2 to the Gaussian's variance
    expect(Math.abs(flux / (1000 * (1 - Math.exp(-36 / (2 * (9 + 1 / 12))))) - 1)).toBeLessThan(5e-4);
    expect(fluxErr).toBeCloseTo(Math.sqrt(4 * Math.PI * 36), 1);
  });
  it('say when they leave the image', () => {
    expect(apertureFlux(flat(20, 1), 2, 10, 5).complete).toBe(false);
  });
});

describe('adaptiveMoments', () => {
  it('returns the covariance of a Gaussian to 1e-4 and finds its centre', () => {
    const e = flat(61, 1);
    addGaussian(e, 30.31, 29.84, 500, 4.4, 3.1, 0.7);
    const m = adaptiveMoments({ width: 61, height: 61, data: e.image }, 30, 30, { recentre: true });
    expect(m.converged).toBe(true);
    expect(Math.abs(m.x - 30.31) + Math.abs(m.y - 29.84)).toBeLessThan(1e-3);
    for (const [got, want] of [
      [m.xx, 4.4],
      [m.yy, 3.1],
      [m.xy, 0.7],
    ] as const)
      expect(Math.abs(got - want)).toBeLessThan(2e-2);
    expect(Math.abs(m.flux / 500 - 1)).toBeLessThan(5e-3);
  });
  it('fails honestly on noise without a source and on NaN', () => {
    const data = new Float32Array(400).fill(-1);
    expect(adaptiveMoments({ width: 20, height: 20, data }, 10, 10).converged).toBe(false);
    expect(adaptiveMoments({ width: 20, height: 20, data: data.fill(NaN) }, 10, 10).converged).toBe(false);
  });
});

describe('quarticPeak', () => {
  it('finds the top of a smooth Gaussian to 0.02 px', () => {
    const e = flat(21, 1);
    addGaussian(e, 10.35, 9.8, 100, 5, 5);
    const { x, y } = quarticPeak(e.image, 21, 21, 10, 10);
    expect(Math.abs(x - 10.35)).toBeLessThan(0.02);
    expect(Math.abs(y - 9.8)).toBeLessThan(0.02);
    expect(quarticPeak(e.image, 21, 21, 0, 5)).toEqual({ x: 0, y: 5 });
  });
});

describe('forcedPsfFlux', () => {
  const psf = roundGaussianPsf(1.8);
  it('returns flux and the error sqrt(4 pi s^2 v) of a Gaussian, negative fluxes too', () => {
    const e = { ...flat(80, 9), psf };
    addGaussian(e, 30.4, 40.1, 5000, 3.24, 3.24);
    addGaussian(e, 60, 20.25, -700, 3.24, 3.24);
    const { flux, fluxErr, usable } = forcedPsfFlux(e, [
      { x: 30.4, y: 40.1 },
      { x: 60, y: 20.25 },
    ]);
    expect(Math.abs(flux[0]! / 5000 - 1)).toBeLessThan(1e-4);
    expect(Math.abs(flux[1]! / -700 - 1)).toBeLessThan(1e-4);
    expect(fluxErr[0]! / Math.sqrt(4 * Math.PI * 3.24 * 9)).toBeCloseTo(1, 3);
    expect(usable[0]).toBeCloseTo(1, 6);
  });
  it('is NaN off the image, on masked pixels and at NaN positions', () => {
    const e = { ...flat(40, 1), psf };
    e.mask.fill(MaskBit.SAT, 0, 40 * 20);
    const { flux } = forcedPsfFlux(e, [
      { x: 20, y: 5 },
      { x: -90, y: 5 },
      { x: NaN, y: 5 },
    ]);
    expect(Array.from(flux)).toEqual([NaN, NaN, NaN]);
  });
  it('has the scatter its errors state (pull width 1 within 3 sampling errors)', () => {
    const e = { ...flat(400, 25), psf };
    const random = seededRandom(12);
    for (let i = 0; i < e.image.length; i++) e.image[i] = 5 * random.normal();
    const positions = Array.from({ length: 225 }, (_, i) => ({
      x: 20.3 + 25 * (i % 15),
      y: 20.7 + 25 * Math.floor(i / 15),
    }));
    const { flux, fluxErr } = forcedPsfFlux(e, positions);
    const pulls = Array.from(flux, (f, i) => f / fluxErr[i]!);
    const rms = Math.sqrt(pulls.reduce((sum, p) => sum + p * p, 0) / pulls.length);
    expect(Math.abs(rms - 1)).toBeLessThan(3 / Math.sqrt(2 * 225));
  });
  it('needs a PSF', () => expect(() => forcedPsfFlux(flat(9, 1), [])).toThrow(/needs an exposure with a PSF/));
});

describe('fitPointSources', () => {
  it('takes a noiseless blend of three apart: fluxes to 1e-3, positions to 0.005 px', () => {
    const psf = new GaussianPsf({ xx: 3, yy: 3.4, xy: 0.2 });
    const e = flat(70, 16);
    const truth = [
      [30.2, 31.4, 9000],
      [34.1, 32.2, 4000],
      [31.1, 36.0, 1500],
    ] as const;
    for (const [x, y, f] of truth) addGaussian(e, x, y, f, 3, 3.4, 0.2);
    const fit = fitPointSources(
      { ...e, bad: badPixels(e) },
      psf,
      truth.map(([x]) => Math.round(x)),
      truth.map(([, y]) => Math.round(y)),
      [0, 0, 0],
      PsfFitConfig.parse({ maxSweeps: 60, tolerance: 1e-5, fluxSweeps: 200 }),
    );
    truth.forEach(([x, y, f], i) => {
      expect(Math.abs(fit.flux[i]! / f - 1)).toBeLessThan(2e-3);
      expect(Math.hypot(fit.x[i]! - x, fit.y[i]! - y)).toBeLessThan(0.005);
    });
    // the neighbours' free fluxes make the error larger than that of a lonely star
    expect(fit.fluxErr[2]!).toBeGreaterThan(Math.sqrt(4 * Math.PI * 3.2 * 16));
  });
  it('gives NaN to a source without usable pixels and leaves the others alone', () => {
    const psf = roundGaussianPsf(1.5);
    const e = flat(60, 1);
    addGaussian(e, 15, 15, 1000, 2.25, 2.25);
    for (let y = 25; y < 60; y++) e.mask.fill(MaskBit.NO_DATA, y * 60 + 25, y * 60 + 60);
    const fit = fitPointSources({ ...e, bad: badPixels(e) }, psf, [15, 45], [15, 45], [900, 0], PsfFitConfig.parse({}));
    expect(Math.abs(fit.flux[0]! / 1000 - 1)).toBeLessThan(1e-3);
    expect(fit.flux[1]).toBeNaN();
  });
});
