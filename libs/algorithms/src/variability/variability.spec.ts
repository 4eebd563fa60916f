import { describe, expect, it } from '@jest/globals';
import { fromTangentOffsetDeg } from '#libs/sky';
import { excessKurtosis, fluxStatistics, meanPosition, skewness, stetsonJ, stetsonK } from './index.js';

const curve = (
  flux: readonly number[],
  fluxErr: readonly number[] = flux.map(() => 1),
  timeDays = flux.map((_, i) => i),
) => ({ timeDays, flux, fluxErr });
const ramp = Array.from({ length: 10 }, (_, i) => -1 + (2 * i) / 9);

describe('Stetson indices', () => {
  it('J of ten points from -1 to 1 with unit errors is the value of the LSST test', () => {
    // lsst/meas_base tests/test_diaCalculationPlugins.py; 1e-12: the same formula in the same precision
    expect(stetsonJ(curve(ramp))).toBeCloseTo(-0.5958393936080928, 12);
  });

  it('J leaves out what was not measured (elements 4 and 7 NaN): the second value of that test', () => {
    const holes = ramp.map((value, i) => (i === 4 || i === 7 ? NaN : value));
    expect(stetsonJ(curve(holes))).toBeCloseTo(-0.5412797916187173, 12);
  });

  it('K of a sine is sqrt(8)/pi, of a sawtooth sqrt(12)/4, of a square wave 1', () => {
    const n = 4000;
    const at = (f: (phase: number) => number): number[] => Array.from({ length: n }, (_, i) => f((i + 0.5) / n));
    // 1e-6: n = 4000 midpoints approximate the integrals to O(n^-2)
    expect(stetsonK(curve(at((p) => Math.sin(2 * Math.PI * p))))).toBeCloseTo(Math.sqrt(8) / Math.PI, 6);
    expect(stetsonK(curve(at((p) => 2 * p - 1)))).toBeCloseTo(Math.sqrt(12) / 4, 6);
    expect(stetsonK(curve(at((p) => (p < 0.5 ? 1 : -1))))).toBeCloseTo(1, 12);
  });

  it('are not defined for one point', () => {
    expect(stetsonJ(curve([3]))).toBeNaN();
    expect(stetsonK(curve([3]))).toBeNaN();
  });
});

describe('shape of the distribution', () => {
  it('G1 of 2, 3, 5, 7, 11, 13 and G2 of 0..4 are the values of light-curve-feature', () => {
    expect(skewness([2, 3, 5, 7, 11, 13])).toBeCloseTo(0.4626804756753222, 12);
    expect(excessKurtosis([0, 1, 2, 3, 4])).toBeCloseTo(-1.2, 12);
    expect(skewness([1, 2])).toBeNaN();
  });
});

describe('flux statistics', () => {
  it('weight by inverse variance: 10 +- 1 and 20 +- 2 average to 12 +- sqrt(0.8)', () => {
    const s = fluxStatistics(curve([10, 20], [1, 2]));
    expect(s.mean).toBeCloseTo(12, 12);
    expect(s.meanErr).toBeCloseTo(Math.sqrt(0.8), 12);
    expect(s.chi2).toBeCloseTo(4 + 16, 12);
    expect(s.sigma).toBeCloseTo(Math.sqrt(50), 12);
    expect(s.errMean).toBe(1.5);
    expect(s).toMatchObject({ count: 2, minimum: 10, maximum: 20, maxSlope: 10 });
  });

  it('take slopes between neighbours in time, whatever the order of the rows, and skip equal times', () => {
    expect(fluxStatistics(curve([0, 9, 1, 5], [1, 1, 1, 1], [0, 3, 1, 1])).maxSlope).toBe(2);
    expect(fluxStatistics(curve([1, 2], [1, 1], [5, 5])).maxSlope).toBeNaN();
  });

  it('are the same for every order of the rows, bit for bit', () => {
    const f = [3.1, 0.2, 7.7, 5.5, 1e-3];
    const e = [0.3, 0.1, 0.7, 0.2, 0.9];
    const t = [4, 1, 9, 2, 7];
    const order = [3, 0, 4, 1, 2];
    const pick = (values: number[]): number[] => order.map((i) => values[i]!);
    expect(fluxStatistics(curve(pick(f), pick(e), pick(t)))).toEqual(fluxStatistics(curve(f, e, t)));
  });

  it('count only what has a flux and a positive error', () => {
    expect(fluxStatistics(curve([1, NaN, 3], [1, 1, 0])).count).toBe(1);
    expect(fluxStatistics(curve([]))).toMatchObject({ count: 0 });
    expect(fluxStatistics(curve([])).mean).toBeNaN();
    expect(fluxStatistics(curve([4])).sigma).toBeNaN();
  });
});

describe('mean position', () => {
  const errors = { raErrDeg: 1e-5, decErrDeg: 2e-5, covDeg2: 0 };
  it.each([
    [180, 0],
    [0, 0],
    [359.99999, -60],
    [37, 90],
    [0, -90],
  ])('of four points around RA %d, dec %d is the centre', (ra, dec) => {
    const points = [
      [1e-4, 0],
      [-1e-4, 0],
      [0, 1e-4],
      [0, -1e-4],
    ].map(([xi, eta]) => ({ ...fromTangentOffsetDeg(xi!, eta!, ra, dec), ...errors }));
    const mean = meanPosition(points);
    // 1e-9 deg = 4 micro-arcsec
    expect(Math.abs(mean.decDeg - dec)).toBeLessThan(1e-9);
    const dRa = ((mean.raDeg - ra + 540) % 360) - 180;
    expect(Math.abs(dRa * Math.cos((dec * Math.PI) / 180))).toBeLessThan(1e-9);
    expect(mean.raErrDeg).toBeCloseTo(5e-6, 12);
    expect(mean.decErrDeg).toBeCloseTo(1e-5, 12);
    expect(mean.count).toBe(4);
  });

  it('weights by the inverse covariance, correlation included', () => {
    // errors 1 and 3: the mean lies a tenth of the way towards the worse one
    const worse = { raErrDeg: 3e-5, decErrDeg: 3e-5, covDeg2: 0 };
    const better = { raErrDeg: 1e-5, decErrDeg: 1e-5, covDeg2: 0 };
    const mean = meanPosition([
      { raDeg: 10, decDeg: 0, ...better },
      { raDeg: 10.001, decDeg: 0, ...worse },
    ]);
    expect(mean.raDeg).toBeCloseTo(10.0001, 9);
    const one = meanPosition([{ raDeg: 10, decDeg: 20, raErrDeg: 1e-5, decErrDeg: 2e-5, covDeg2: 1e-10 }]);
    expect(one.covDeg2).toBeCloseTo(1e-10, 16);
    expect(one.raErrDeg).toBeCloseTo(1e-5, 12);
  });

  it('leaves out NaN positions and says NaN when none is left', () => {
    expect(meanPosition([{ raDeg: NaN, decDeg: 0, ...errors }])).toMatchObject({ count: 0, raDeg: NaN });
    expect(meanPosition([{ raDeg: 5, decDeg: 5, raErrDeg: NaN, decErrDeg: NaN, covDeg2: NaN }]).raErrDeg).toBeCloseTo(
      0.2 / 3600,
      12,
    );
  });
});
