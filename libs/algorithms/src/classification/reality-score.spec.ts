import { describe, expect, it } from '@jest/globals';
import { LOGISTIC_BIAS, logisticClassifier, type RealityFeatures } from './reality-score.js';

const ideal: RealityFeatures = {
  snr: 20,
  shapeRatio: 1,
  negativeFraction: 0.02,
  reducedChi2: 1,
  residualShare: 0.02,
  peakRatio: 1,
  maskedFraction: 0,
  isDipole: false,
  saturationDistance: 20,
  hostRatio: 0,
  apertureRatio: 1,
};
const score = (change: Partial<RealityFeatures>): number => logisticClassifier.score({ ...ideal, ...change });

describe('the logistic reality score', () => {
  it('gives an unblemished point source the odds of the bias', () => {
    expect(score({})).toBeCloseTo(1 / (1 + Math.exp(-LOGISTIC_BIAS)), 10);
  });

  it.each<[string, Partial<RealityFeatures>]>([
    ['a dipole', { isDipole: true }],
    ['a cosmic ray', { peakRatio: 2.5, shapeRatio: 0.2, reducedChi2: 12, residualShare: 0.8 }],
    ['a ringing residual', { negativeFraction: 0.35, hostRatio: 60 }],
    ['a detection at the rim of a saturated star', { saturationDistance: 1, maskedFraction: 0.3 }],
  ])('rejects %s', (_, change) => {
    expect(score(change)).toBeLessThan(0.5);
  });

  it('accepts a point source at the threshold and a transient on a bright host', () => {
    expect(score({ snr: 5.2, reducedChi2: 1.3 })).toBeGreaterThan(0.5);
    expect(score({ hostRatio: 10 })).toBeGreaterThan(0.9);
  });

  it('stays a number between 0 and 1 when nothing could be measured', () => {
    const blank = Object.fromEntries(Object.keys(ideal).map((key) => [key, NaN])) as unknown as RealityFeatures;
    const value = logisticClassifier.score({ ...blank, isDipole: false });
    expect(value).toBeGreaterThanOrEqual(0);
    expect(value).toBeLessThan(0.5);
  });
});
