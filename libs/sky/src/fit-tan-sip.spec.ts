import { describe, expect, it } from '@jest/globals';
import {
  angularSeparationDeg,
  type CelestialWcs,
  cdMatrix,
  fitTanSip,
  makeTanSipWcs,
  makeTanWcs,
  type MatchedPairs,
  SipMap,
  sipPolynomial,
  SkyError,
} from './index.js';

const CRPIX = { x: 500, y: 600 };
const OPTIONS = { crpix: CRPIX, half: 600, order: 3 };

const truthAt = (crvalRaDeg: number, crvalDecDeg: number): CelestialWcs =>
  makeTanSipWcs({
    crpix: CRPIX,
    crvalRaDeg,
    crvalDecDeg,
    cd: cdMatrix(0.25, 72),
    sip: new SipMap(
      sipPolynomial(3, [
        [2, 0, 3e-6],
        [1, 2, -2e-9],
      ]),
      sipPolynomial(3, [
        [1, 1, -4e-6],
        [0, 3, 1e-9],
      ]),
    ),
  });

/** a lattice of 17 x 17 pairs over the image */
function pairsOf(wcs: CelestialWcs): { x: Float64Array; y: Float64Array; raDeg: Float64Array; decDeg: Float64Array } {
  const x = Float64Array.from({ length: 289 }, (_, i) => (i % 17) * 62.5);
  const y = Float64Array.from({ length: 289 }, (_, i) => Math.floor(i / 17) * 75);
  const raDeg = new Float64Array(289);
  const decDeg = new Float64Array(289);
  wcs.pixelToSkyArrays(x, y, raDeg, decDeg);
  return { x, y, raDeg, decDeg };
}
function worstDeg(fitted: CelestialWcs, truth: CelestialWcs): number {
  let worst = 0;
  for (let x = 10; x < 1000; x += 97)
    for (let y = 5; y < 1200; y += 101) {
      const [a, b] = [fitted.pixelToSky(x, y), truth.pixelToSky(x, y)];
      worst = Math.max(worst, angularSeparationDeg(a.raDeg, a.decDeg, b.raDeg, b.decDeg));
    }
  return worst;
}

describe('fitTanSip', () => {
  it.each([
    [0.001, 10],
    [180, -60],
    [12, 89.99],
    [45, -90],
  ])('finds the WCS its pairs come from at RA %p dec %p', (ra, dec) => {
    const truth = truthAt(ra, dec);
    const { wcs, residualEast, residualNorth } = fitTanSip(pairsOf(truth), OPTIONS);
    // rounding: degrees to 360 carry 6e-14
    expect(worstDeg(wcs, truth)).toBeLessThan(1e-12);
    expect(Math.max(...residualEast.map(Math.abs), ...residualNorth.map(Math.abs))).toBeLessThan(1e-8);
    const { description } = wcs;
    expect(angularSeparationDeg(description.crvalRaDeg, description.crvalDecDeg, ra, dec)).toBeLessThan(1e-12);
  });
  it('order 1 is a plain TAN', () => {
    const truth = makeTanWcs({ crpix: CRPIX, crvalRaDeg: 5, crvalDecDeg: -30, cd: cdMatrix(0.2, 200) });
    const { wcs } = fitTanSip(pairsOf(truth), { ...OPTIONS, order: 1 });
    expect(wcs.description.sip).toBeUndefined();
    expect(worstDeg(wcs, truth)).toBeLessThan(1e-12);
  });
  it('a reference pixel elsewhere gives the same sky once the order allows the change of tangent point', () => {
    const truth = truthAt(33, 44);
    const { wcs } = fitTanSip(pairsOf(truth), { crpix: { x: 0, y: 0 }, half: 1200, order: 5 });
    expect(worstDeg(wcs, truth)).toBeLessThan(1e-10);
  });
  it('leaves out pairs of weight 0 and pairs with a NaN, and still says how far off they are', () => {
    const truth = truthAt(100, 20);
    const pairs = pairsOf(truth);
    const weight = new Float64Array(289).fill(4);
    weight[7] = 0;
    pairs.decDeg[7]! += 1 / 3600;
    pairs.x[9] = NaN;
    const { wcs, residualNorth } = fitTanSip({ ...pairs, weight }, OPTIONS);
    expect(worstDeg(wcs, truth)).toBeLessThan(1e-12);
    expect(residualNorth[7]).toBeCloseTo(1, 6);
    expect(residualNorth[9]).toBeNaN();
  });
  it('pairs of great weight decide over those of small weight', () => {
    const truth = makeTanWcs({ crpix: CRPIX, crvalRaDeg: 5, crvalDecDeg: 0, cd: cdMatrix(1) });
    const at = pairsOf(truth);
    const take = [0, 16, 272, 288, 144, 144];
    const pick = (values: Float64Array): number[] => take.map((i) => values[i]!);
    const decDeg = pick(at.decDeg);
    decDeg[4]! += 1 / 3600;
    decDeg[5]! -= 1 / 3600;
    const weight = [1e9, 1e9, 1e9, 1e9, 3, 1];
    const pairs: MatchedPairs = { x: pick(at.x), y: pick(at.y), raDeg: pick(at.raDeg), decDeg, weight };
    const { residualNorth } = fitTanSip(pairs, { ...OPTIONS, order: 1 });
    expect(residualNorth[4]).toBeCloseTo(1, 6);
    expect(residualNorth[5]).toBeCloseTo(-1, 6);
  });
  it.each([
    ['SINGULAR_FIT', { x: [], y: [], raDeg: [], decDeg: [] }, 1],
    ['SINGULAR_FIT', { x: [1, 2], y: [1, 5], raDeg: [1, 1.1], decDeg: [1, 1.2] }, 1],
    ['SINGULAR_FIT', { x: [0, 1, 2, 3], y: [0, 1, 2, 3], raDeg: [0, 0.1, 0.2, 0.3], decDeg: [0, 0, 0, 0] }, 1],
    ['OUT_OF_RANGE', { x: [0, 1, 2], y: [0, 1, 0], raDeg: [0, 1, 2], decDeg: [0, 1, 0] }, 0],
  ] as const)('refuses with %s what cannot be fitted', (code, pairs, order) => {
    let found = 'no error';
    try {
      fitTanSip(pairs, { ...OPTIONS, order });
    } catch (error) {
      found = error instanceof SkyError ? error.code : String(error);
    }
    expect(found).toBe(code);
  });
});
