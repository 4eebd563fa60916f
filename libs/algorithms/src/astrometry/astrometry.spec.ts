import { describe, expect, it } from '@jest/globals';
import { angularSeparationDeg, cdMatrix, makeTanSipWcs, makeTanWcs, SipMap, sipPolynomial, type Wcs } from '#libs/sky';
import { tableFromRows } from '#libs/table';
import type { AlgorithmError } from '../errors.js';
import { seededRandom } from '../numeric/index.js';
import { type AstrometricMatches, fitWcs, positionsAtEpoch } from './index.js';

const SIZE = { width: 1000, height: 1200 };

function starsOf(wcs: Wcs, count: number, sigmaPx: number, seed = 1): AstrometricMatches {
  const random = seededRandom(seed);
  const [x, y, raDeg, decDeg] = [[], [], [], []] as [number[], number[], number[], number[]];
  for (let k = 0; k < count; k++) {
    const px = random.uniform() * SIZE.width;
    const py = random.uniform() * SIZE.height;
    const sky = wcs.pixelToSky(px, py);
    x.push(px + sigmaPx * random.normal());
    y.push(py + sigmaPx * random.normal());
    raDeg.push(sky.raDeg);
    decDeg.push(sky.decDeg);
  }
  return { x, y, raDeg, decDeg };
}

/** worst difference over the image [mas] */
function worstMas(a: Wcs, b: Wcs): number {
  let worst = 0;
  for (let x = 0; x <= SIZE.width; x += 100)
    for (let y = 0; y <= SIZE.height; y += 100) {
      const [p, q] = [a.pixelToSky(x, y), b.pixelToSky(x, y)];
      worst = Math.max(worst, angularSeparationDeg(p.raDeg, p.decDeg, q.raDeg, q.decDeg) * 3.6e6);
    }
  return worst;
}

const distorted = (raDeg: number, decDeg: number): Wcs =>
  makeTanSipWcs({
    crpix: { x: -800, y: 2100 },
    crvalRaDeg: raDeg,
    crvalDecDeg: decDeg,
    cd: cdMatrix(0.25, 33),
    sip: new SipMap(
      sipPolynomial(3, [
        [3, 0, 2e-9],
        [1, 2, 2e-9],
      ]),
      sipPolynomial(3, [
        [2, 1, 2e-9],
        [0, 3, 2e-9],
      ]),
    ),
  });

describe('fitWcs', () => {
  it.each([
    [10, 20],
    [0, -60],
    [359.99, 0],
    [45, 89.95],
    [45, -90],
  ])('recovers a noiseless distorted TAN at RA %p dec %p to 1 microarcsecond', (ra, dec) => {
    const truth = distorted(ra, dec);
    // cubic distortion about an axis off the chip: order 3 is exact up to the change of tangent point (order 4 and up, < 1 uas here)
    const fit = fitWcs(starsOf(truth, 300, 0), { ...SIZE, order: 4 });
    expect(worstMas(fit.wcs, truth)).toBeLessThan(1e-3);
  });

  it('a plain TAN fit has no distortion and order 1', () => {
    const truth = makeTanWcs({ crpix: { x: 500, y: 600 }, crvalRaDeg: 5, crvalDecDeg: -30, cd: cdMatrix(0.2, 200) });
    const fit = fitWcs(starsOf(truth, 30, 0), { ...SIZE, order: 1 });
    expect(fit.wcs.description.sip).toBeUndefined();
    expect(worstMas(fit.wcs, truth)).toBeLessThan(1e-4);
  });

  it('with noise, errors are those of the statistics and outliers do not matter', () => {
    const truth = distorted(100, -60);
    const noisy = starsOf(truth, 400, 0.05, 3);
    const x = Float64Array.from(noisy.x, (value, i) => (i % 10 === 0 ? value + 5 : value));
    const fit = fitWcs({ ...noisy, x }, { ...SIZE, order: 3 });
    // 0.05 px = 12.5 mas per axis; 360 stars, 10 terms: about 12.5 sqrt(10 / 360) = 2 mas typical, some 8 times that in the corners
    expect(worstMas(fit.wcs, truth)).toBeLessThan(20);
    const middle = [fit.wcs, truth].map((wcs) => wcs.pixelToSky(500, 600));
    expect(
      angularSeparationDeg(middle[0]!.raDeg, middle[0]!.decDeg, middle[1]!.raDeg, middle[1]!.decDeg) * 3.6e6,
    ).toBeLessThan(5);
    expect(fit.usedCount).toBeGreaterThanOrEqual(350);
    expect(fit.usedCount).toBeLessThanOrEqual(360);
    expect(fit.rmsEastArcsec).toBeCloseTo(0.0125, 2);
  });

  it('weights stars by their errors', () => {
    const truth = distorted(100, 20);
    const good = starsOf(truth, 100, 0.01, 4);
    const bad = starsOf(truth, 100, 0.5, 5);
    const join = (name: 'x' | 'y' | 'raDeg' | 'decDeg'): number[] => [
      ...Array.from(good[name]),
      ...Array.from(bad[name]),
    ];
    const all = { x: join('x'), y: join('y'), raDeg: join('raDeg'), decDeg: join('decDeg') };
    const sigmaArcsec = Array.from({ length: 200 }, (_, i) => (i < 100 ? 0.0025 : 0.125));
    const weighted = worstMas(fitWcs({ ...all, sigmaArcsec }, { ...SIZE, order: 3, clipSigma: 10 }).wcs, truth);
    const unweighted = worstMas(fitWcs(all, { ...SIZE, order: 3, clipSigma: 1000 }).wcs, truth);
    expect(weighted).toBeLessThan(unweighted / 5);
  });

  it('lowers the order when stars are few', () => {
    const truth = distorted(10, 20);
    expect(fitWcs(starsOf(truth, 12, 0), { ...SIZE, order: 3 }).order).toBe(1);
    expect(fitWcs(starsOf(truth, 30, 0), { ...SIZE, order: 3 }).order).toBe(2);
  });

  it('inverse SIP polynomials in the header invert to 0.01 px', () => {
    const { wcs } = fitWcs(starsOf(distorted(10, 20), 300, 0), { ...SIZE, order: 3 });
    const sip = wcs.description.sip!;
    const out = new Float64Array(2);
    const inverse = new SipMap(sip.ap!, sip.bp!);
    for (const [u, v] of [
      [0, 0],
      [499, -599],
      [-499, 300],
    ] as const) {
      sip.forward(u, v, out);
      inverse.forward(out[0]!, out[1]!, out);
      expect(Math.hypot(out[0]! - u, out[1]! - v)).toBeLessThan(0.01);
    }
  });

  it.each([
    ['NO_STARS', { x: [], y: [], raDeg: [], decDeg: [] }],
    ['NO_STARS', { x: [1], y: [1], raDeg: [1], decDeg: [1] }],
    ['NO_STARS', { x: [1, NaN, 2, 3], y: [1, 1, 2, 3], raDeg: [1, 1, 2, 3], decDeg: [1, NaN, NaN, 3] }],
    ['SINGULAR', { x: [0, 100, 200, 300], y: [0, 100, 200, 300], raDeg: [0, 0.1, 0.2, 0.3], decDeg: [0, 0, 0, 0] }],
    [
      'NO_CONVERGENCE',
      {
        x: [0, 1000, 0, 1000, 500, 1],
        y: [0, 0, 1000, 1000, 3, 500],
        raDeg: [0, 1, 3, 1, 2, 9],
        decDeg: [0, 5, 1, 2, 8, 1],
      },
    ],
  ])('refuses with %s what cannot be fitted', (code, matches) => {
    try {
      fitWcs(matches, SIZE);
    } catch (error) {
      expect((error as AlgorithmError).code).toBe(code);
      return;
    }
    throw new Error('nothing was refused');
  });
});

describe('positionsAtEpoch', () => {
  const rows = [
    { ra: 0.00001, dec: -60, pmRa: -1000, pmDec: 500, epoch: 57388 },
    { ra: 120, dec: 30, pmRa: null, pmDec: null, epoch: 57388 },
    { ra: 10, dec: 89.9999, pmRa: 5000, pmDec: 5000, epoch: 57388 },
  ];
  const catalog = tableFromRows(
    ['ra', 'dec', 'pmRa', 'pmDec', 'epoch'].map((name) => ({ name, type: 'double' as const })),
    rows,
  );
  it('moves stars along great circles, over RA 0 and near the pole, by pm times years', () => {
    const { raDeg, decDeg } = positionsAtEpoch(catalog, 57388 + 10 * 365.25);
    const moved = (i: number): number => angularSeparationDeg(rows[i]!.ra, rows[i]!.dec, raDeg[i]!, decDeg[i]!) * 3600;
    expect(moved(0)).toBeCloseTo(Math.hypot(10, 5), 6);
    expect(raDeg[0]).toBeGreaterThan(359.99);
    // pmRa is the motion on the sky: 10 arcsec of great circle are 20 arcsec of RA at dec -60
    expect((0.00001 - (raDeg[0]! - 360)) * 3600).toBeCloseTo(20, 1);
    expect((decDeg[0]! + 60) * 3600).toBeCloseTo(5, 2);
    expect(moved(1)).toBe(0);
    expect(moved(2)).toBeCloseTo(Math.hypot(50, 50), 5);
  });
  it('a catalog without motions keeps its positions', () => {
    const still = positionsAtEpoch(catalog.take([0]), 57388);
    expect(still.raDeg[0]).toBe(0.00001);
  });
});
