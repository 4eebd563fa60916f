import { describe, expect, it } from '@jest/globals';
import { scoreNight, scoreVisit } from './score.js';
import type { TruthRow, VisitTruth } from './truth.js';

const row = (id: string, over: Partial<TruthRow>): TruthRow => ({
  id,
  kind: 'star',
  detector: 0,
  raDeg: 0,
  decDeg: -60,
  x: 500,
  y: 500,
  fluxNjy: 1000,
  templateFluxNjy: 1000,
  deltaFluxNjy: 0,
  snr: 100,
  deltaSnr: 0,
  saturated: false,
  nearSaturated: false,
  nearDefect: false,
  edgeDistance: 400,
  ...over,
});
const truth: VisitTruth = {
  visit: '1',
  band: 'r',
  purpose: 'science',
  midpointMjd: 61000,
  njyPerElectron: 1,
  seeingArcsec: 1,
  skyElectrons: 100,
  pointing: { raDeg: 0, decDeg: -60, rotationDeg: 0 },
  sources: [
    row('a', { kind: 'transient', raDeg: 359.9999, deltaSnr: 20, deltaFluxNjy: 500 }),
    row('b', { kind: 'variable', raDeg: 0.01, deltaSnr: -15, deltaFluxNjy: -400 }),
    row('c', { kind: 'variable', raDeg: 0.02, deltaSnr: 30, saturated: true }),
    row('d', { kind: 'transient', raDeg: 0.03, deltaSnr: 5 }),
    row('s1', { raDeg: 0.04 }),
    row('s2', { raDeg: 0.05 }),
  ],
};
const detection = (ra: number, snr: number, psfFlux: number, reliability: number | null = 1) => ({
  detector: 0,
  ra,
  dec: -60,
  snr,
  psfFlux,
  reliability,
});

describe('scoring', () => {
  it('counts what was found and what was not, across RA 0, and forgives what lies in masks only where it says so', () => {
    const score = scoreVisit(
      truth,
      [detection(0.0001, 19, 495), detection(0.1, 12, 100), detection(0.03, 11, 90), detection(0.01, -14, -396, 0.2)],
      [],
    );
    // 0.0002 deg of RA at dec -60 is 0.36 arcsec; b was found but scored unreliable
    expect(score).toMatchObject({
      expected: 3,
      found: 1,
      expectedInTheClear: 2,
      foundInTheClear: 1,
      detections: 3,
      real: 2,
      fluxRatios: [0.99],
    });
  });

  it('measures astrometry with cos(dec) and the zero point in magnitudes', () => {
    const source = (ra: number, psfFlux: number) => ({ detector: 0, ra, dec: -60, psfFlux, psfFluxErr: 1 });
    const night = scoreNight([
      scoreVisit(
        truth,
        [],
        [source(0.04 + 0.1 / 3600, 1000 * 10 ** 0.004), source(0.05 + 0.1 / 3600, 1000 * 10 ** 0.004)],
      ),
    ]);
    expect(night.astrometryRmsMas).toBeCloseTo(50 / Math.SQRT2, 3); // 100 mas of RA at dec -60 is 50 mas on one of two axes
    expect(night.zeroPointRmsMmag).toBeCloseTo(10, 6);
    expect(night).toMatchObject({ completeness: 0, astrometryPairs: 2 });
  });
});
