import { describe, expect, it } from '@jest/globals';
import { AlgorithmError } from '../errors.js';
import { seededRandom } from '../numeric/index.js';
import { fitZeroPoint } from './index.js';

const ZERO_POINT = 27.3;

function stars(count: number, options: { scatter?: number; outliers?: number; seed?: number } = {}) {
  const { scatter = 0, outliers = 0, seed = 1 } = options;
  const random = seededRandom(seed);
  const refMag = Float64Array.from({ length: count }, () => 16 + 6 * random.uniform());
  const trueFlux = refMag.map((mag) => 10 ** (0.4 * (ZERO_POINT - mag)));
  const instFluxErr = trueFlux.map((flux) => Math.sqrt(flux + 2000));
  const instFlux = trueFlux.map((flux, i) => {
    const noisy = flux + instFluxErr[i]! * random.normal();
    return noisy * 10 ** (0.4 * scatter * random.normal()) * (i < outliers ? 1.5 : 1);
  });
  return { instFlux, instFluxErr, refMag };
}

describe('fitZeroPoint', () => {
  it('recovers the zero point within its own error, which is that of the statistics', () => {
    const pulls = Array.from({ length: 40 }, (_, seed) => {
      const fit = fitZeroPoint(stars(200, { seed, scatter: 0.02 }));
      return (fit.zeroPoint - ZERO_POINT) / fit.zeroPointErr;
    });
    // 40 standard normal pulls: rms 1 +- 0.11, mean 0 +- 0.16; limits at 4 sigma
    expect(Math.sqrt(pulls.reduce((s, p) => s + p * p, 0) / 40)).toBeLessThan(1.45);
    expect(Math.sqrt(pulls.reduce((s, p) => s + p * p, 0) / 40)).toBeGreaterThan(0.6);
    expect(Math.abs(pulls.reduce((s, p) => s + p, 0) / 40)).toBeLessThan(0.64);
  });
  it('finds the scatter beyond photon noise', () => {
    const fit = fitZeroPoint(stars(400, { scatter: 0.03 }));
    // 400 stars fix a standard deviation to 1 / sqrt(800) = 4 %, less the faint ones
    expect(fit.intrinsic).toBeGreaterThan(0.024);
    expect(fit.intrinsic).toBeLessThan(0.036);
    expect(fitZeroPoint(stars(400)).intrinsic).toBeLessThan(0.006);
  });
  it('is not moved by a fifth of outliers', () => {
    const fit = fitZeroPoint(stars(200, { outliers: 40, scatter: 0.01 }));
    expect(Math.abs(fit.zeroPoint - ZERO_POINT)).toBeLessThan(0.006);
    expect(fit.used.slice(0, 40).reduce((s, f) => s + f, 0)).toBeLessThanOrEqual(6);
  });
  it('leaves out fluxes that are negative or not numbers, and references without a magnitude', () => {
    const { instFlux, instFluxErr, refMag } = stars(50);
    instFlux[0] = -5;
    instFlux[1] = NaN;
    refMag[2] = NaN;
    instFluxErr[3] = 0;
    const { used } = fitZeroPoint({ instFlux, instFluxErr, refMag });
    expect(used.slice(0, 4)).toEqual(Uint8Array.of(0, 0, 0, 0));
  });
  it.each([
    ['NO_STARS', stars(2)],
    ['NO_STARS', { instFlux: [], instFluxErr: [], refMag: [] }],
    ['NO_CONVERGENCE', stars(100, { scatter: 0.5 })],
  ])('refuses with %s', (code, list) => {
    expect(() => fitZeroPoint(list)).toThrow(AlgorithmError);
    try {
      fitZeroPoint(list);
    } catch (error) {
      expect((error as AlgorithmError).code).toBe(code);
    }
  });
});
