import { describe, expect, it } from '@jest/globals';
import { fromTangentOffsetDeg } from '#libs/sky';
import {
  associateVisit,
  DEFAULT_MATCH,
  ellipseCovariance,
  leastCostRows,
  matchPositions,
  matchSolarSystem,
  offsetCost,
  priceOfNew,
  SkyGrid,
  skyOffsetArcsec,
  type SolarSystemPredictions,
  type UncertainPositions,
} from './index.js';

const ARCSEC = 1 / 3600;
/** mulberry32: a seeded generator for the tests */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Positions at offsets [arcsec] from a centre. */
function positionsAt(
  raDeg: number,
  decDeg: number,
  offsets: readonly (readonly [number, number])[],
  sigmaArcsec = 0.1,
  firstId = 1n,
): UncertainPositions & { id: bigint[]; raDeg: number[]; decDeg: number[] } {
  const places = offsets.map(([east, north]) => fromTangentOffsetDeg(east * ARCSEC, north * ARCSEC, raDeg, decDeg));
  return {
    id: offsets.map((_, i) => firstId + BigInt(i)),
    raDeg: places.map((p) => p.raDeg),
    decDeg: places.map((p) => p.decDeg),
    raErrDeg: offsets.map(() => sigmaArcsec * ARCSEC),
    decErrDeg: offsets.map(() => sigmaArcsec * ARCSEC),
  };
}
const CENTRES = [
  [180, 0],
  [0, 0],
  [359.9999, -60],
  [0, -60],
  [37, 90],
  [0, -90],
  [200, 89.9999],
] as const;

describe('offsets and costs', () => {
  it.each(CENTRES)('an offset laid out at RA %d, dec %d is measured back', (ra, dec) => {
    const { raDeg, decDeg } = positionsAt(ra, dec, [[1.2, -0.7]]);
    const { east, north } = skyOffsetArcsec(ra, dec, raDeg[0]!, decDeg[0]!);
    // 1e-7 arcsec: 64-bit degrees resolve 2e-10 arcsec at RA 360; the pole costs three digits
    expect(east).toBeCloseTo(1.2, 6);
    expect(north).toBeCloseTo(-0.7, 6);
  });

  it('the cost is the negative logarithm of the bivariate normal density', () => {
    // 1 sigma in x, covariance diag(0.04, 0.01): chi2 = 1, ln|S|/2 = ln(0.02)
    expect(offsetCost(0.2, 0, { xx: 0.04, yy: 0.01, xy: 0 })).toBeCloseTo(
      0.5 + Math.log(0.02) + Math.log(2 * Math.PI),
      12,
    );
    expect(offsetCost(0, 0, { xx: 1, yy: 1, xy: 1 })).toBe(Infinity);
  });

  it('an ellipse turned by 90 degrees swaps its axes', () => {
    const s = ellipseCovariance(3, 1, 90);
    expect(s.xx).toBeCloseTo(9, 12);
    expect(s.yy).toBeCloseTo(1, 12);
    expect(s.xy).toBeCloseTo(0, 12);
    // major axis to the north-east: positive covariance
    expect(ellipseCovariance(3, 1, 45).xy).toBeCloseTo(4, 12);
  });
});

describe('the grid', () => {
  it('finds exactly what brute force finds, at the poles and around RA 0', () => {
    const random = generator(5);
    const n = 250;
    for (const [ra, dec] of CENTRES) {
      const p = positionsAt(
        ra,
        dec,
        Array.from({ length: n }, () => [40 * (random() - 0.5), 40 * (random() - 0.5)] as const),
      );
      const grid = new SkyGrid(p, 3 * ARCSEC);
      let found = 0;
      let expected = 0;
      for (let i = 0; i < n; i++) {
        grid.forEachNear(p.raDeg[i]!, p.decDeg[i]!, () => found++);
        for (let j = 0; j < n; j++) {
          const { east, north } = skyOffsetArcsec(p.raDeg[i]!, p.decDeg[i]!, p.raDeg[j]!, p.decDeg[j]!);
          if (Math.hypot(east, north) <= 3) expected++;
        }
      }
      expect(found).toBe(expected);
    }
  });

  it('ignores positions that are not numbers', () => {
    const grid = new SkyGrid({ raDeg: [NaN, 10], decDeg: [0, 10] }, 1);
    const seen: number[] = [];
    grid.forEachNear(10, 10, (i) => seen.push(i));
    grid.forEachNear(NaN, 10, (i) => seen.push(i));
    expect(seen).toEqual([1]);
  });
});

describe('assignment', () => {
  it('equals the least cost over all permutations (random 5 x 7 with forbidden pairs)', () => {
    const random = generator(11);
    for (let trial = 0; trial < 60; trial++) {
      const n = 5;
      const m = 7;
      // the last n columns keep every row servable
      const cost = Float64Array.from({ length: n * m }, (_, k) => (k % m < 2 && random() < 0.3 ? Infinity : random()));
      const assigned = leastCostRows(cost, n, m);
      const total = assigned.reduce((sum, j, i) => sum + cost[i * m + j]!, 0);
      let best = Infinity;
      const walk = (i: number, used: number, sum: number): void => {
        if (i === n) best = Math.min(best, sum);
        else for (let j = 0; j < m; j++) if (!(used & (1 << j))) walk(i + 1, used | (1 << j), sum + cost[i * m + j]!);
      };
      walk(0, 0, 0);
      expect(total).toBeCloseTo(best, 12);
      expect(new Set(assigned).size).toBe(n);
    }
  });
});

describe('detections and still objects', () => {
  it.each(CENTRES)('a 2-sigma offset is a match and a 7-sigma one a new object at RA %d, dec %d', (ra, dec) => {
    const objects = positionsAt(ra, dec, [
      [0, 0],
      [20, 0],
    ]);
    // both errors 0.1 and 0.05 systematic: sigma 0.15 per axis
    const sources = positionsAt(
      ra,
      dec,
      [
        [0.3, 0],
        [20, 1.05],
      ],
      0.1,
      100n,
    );
    expect([...matchPositions(sources, objects).objectOf]).toEqual([0, -1]);
  });

  it('measures offsets in right ascension on the sky: 1.2 arcsec of RA at dec -60 are 0.6 arcsec, 4 sigma', () => {
    const object = { id: [1n], raDeg: [10], decDeg: [-60], raErrDeg: [0.1 * ARCSEC], decErrDeg: [0.1 * ARCSEC] };
    const source = { ...object, id: [2n], raDeg: [10 + 1.2 * ARCSEC] };
    const { objectOf, logBayesFactor } = matchPositions(source, object);
    expect(objectOf[0]).toBe(0);
    // chi2 = 0.36 / 0.0225 = 16; price = -ln(1000 / 3600^2). Relative 1e-6: the tangent plane's own curvature
    const expected = priceOfNew(1000) - (8 + Math.log(0.0225) + Math.log(2 * Math.PI));
    expect(logBayesFactor[0]).toBeCloseTo(expected, 4);
  });

  it('prices the unmatched: where unrelated detections are dense, the same offset is no match', () => {
    const objects = positionsAt(50, -60, [[0, 0]]);
    const sources = positionsAt(50, -60, [[0.6, 0]], 0.1, 9n);
    expect(matchPositions(sources, objects, { ...DEFAULT_MATCH, newSourceDensityPerDeg2: 100 }).objectOf[0]).toBe(0);
    expect(matchPositions(sources, objects, { ...DEFAULT_MATCH, newSourceDensityPerDeg2: 1e7 }).objectOf[0]).toBe(-1);
  });

  it('two detections of one object: the nearer gets it, the other becomes new; a chain is solved as a whole', () => {
    const one = matchPositions(
      positionsAt(
        0,
        0,
        [
          [0.3, 0],
          [0.1, 0],
        ],
        0.1,
        10n,
      ),
      positionsAt(0, 0, [[0, 0]]),
    );
    expect([...one.objectOf]).toEqual([-1, 0]);
    // greedy would give object 1 to source 0 and leave source 1 with nothing
    const chain = matchPositions(
      positionsAt(
        0,
        0,
        [
          [0.35, 0],
          [0.8, 0],
        ],
        0.1,
        10n,
      ),
      positionsAt(0, 0, [
        [0, 0],
        [0.5, 0],
      ]),
    );
    expect([...chain.objectOf]).toEqual([0, 1]);
  });

  it('takes the fallback error where none is given and refuses impossible covariances', () => {
    const objects = { ...positionsAt(10, 10, [[0, 0]]), raErrDeg: [NaN], decErrDeg: [NaN] };
    const sources = { ...positionsAt(10, 10, [[0.5, 0]], 0.1, 5n), raDecCovDeg2: [1] };
    expect(matchPositions(sources, objects).objectOf[0]).toBe(0);
  });

  it('nothing in, nothing out', () => {
    const none = positionsAt(0, 0, []);
    expect(matchPositions(none, none).objectOf).toHaveLength(0);
    expect([...matchPositions(positionsAt(0, 0, [[0, 0]]), none).objectOf]).toEqual([-1]);
  });

  it.each(CENTRES)('recovers >= 99 % of a simulated field and marries <= 0.1 % wrongly at RA %d, dec %d', (ra, dec) => {
    const random = generator(21);
    const n = 1500;
    const places = Array.from({ length: n }, () => [600 * (random() - 0.5), 600 * (random() - 0.5)] as const);
    const objects = positionsAt(ra, dec, places, 0.05);
    const truth: number[] = [];
    const offsets: [number, number][] = [];
    places.forEach(([x, y], i) => {
      if (random() < 0.3) return;
      truth.push(i);
      offsets.push([x + 0.1 * gaussian(random), y + 0.1 * gaussian(random)]);
    });
    for (let k = 0; k < 200; k++) {
      truth.push(-1);
      offsets.push([600 * (random() - 0.5), 600 * (random() - 0.5)]);
    }
    const { objectOf } = matchPositions(positionsAt(ra, dec, offsets, 0.1, 10000n), objects);
    const known = truth.filter((t) => t >= 0).length;
    const right = truth.filter((t, i) => t >= 0 && objectOf[i] === t).length;
    const wrong = truth.filter((t, i) => objectOf[i]! >= 0 && objectOf[i] !== t).length;
    expect(right / known).toBeGreaterThan(0.99);
    expect(wrong / truth.length).toBeLessThan(0.005);
  });

  it('does not depend on the order of the rows, ties included', () => {
    const random = generator(3);
    const offsets = Array.from(
      { length: 300 },
      () => [Math.round(12 * random()) / 4, Math.round(12 * random()) / 4] as const,
    );
    const sources = positionsAt(0, -60, offsets.slice(0, 150), 0.1, 1000n);
    const objects = positionsAt(0, -60, offsets.slice(150), 0.1, 1n);
    const pick = (p: typeof sources, order: number[]): typeof sources => ({
      id: order.map((i) => p.id[i]!),
      raDeg: order.map((i) => p.raDeg[i]!),
      decDeg: order.map((i) => p.decDeg[i]!),
      raErrDeg: order.map((i) => p.raErrDeg![i]!),
      decErrDeg: order.map((i) => p.decErrDeg![i]!),
    });
    const named = (s: typeof sources, o: typeof sources): string[] =>
      [...matchPositions(s, o).objectOf].map((j, i) => `${s.id[i]}:${j < 0 ? 'new' : o.id[j]}`).sort();
    const reference = named(sources, objects);
    const shuffled = Array.from({ length: 150 }, (_, i) => (i * 67) % 150);
    expect(named(pick(sources, shuffled), pick(objects, shuffled.toReversed()))).toEqual(reference);
  });
});

describe('Solar System objects', () => {
  const prediction = (
    offset: readonly [number, number],
    over: Partial<SolarSystemPredictions> = {},
  ): SolarSystemPredictions => ({
    ...positionsAt(0, -60, [offset], 0.1),
    majorArcsec: [2],
    minorArcsec: [0.2],
    angleDeg: [90],
    rateRaDegPerDay: [0.5],
    rateDecDegPerDay: [0],
    ...over,
  });

  it('accepts along the long axis of the ellipse what it refuses across', () => {
    const along = matchSolarSystem(positionsAt(0, -60, [[3, 0]], 0.1, 9n), prediction([0, 0]), 30, undefined);
    const across = matchSolarSystem(positionsAt(0, -60, [[0, 3]], 0.1, 9n), prediction([0, 0]), 30, undefined);
    expect([along.objectOf[0], across.objectOf[0]]).toEqual([0, -1]);
  });

  it('compares a measured trail with the motion, whichever way round', () => {
    // 5 deg/d for 30 s: 6.25 arcsec to the east
    const fast = prediction([0, 0], { rateRaDegPerDay: [5] });
    const source = positionsAt(0, -60, [[0.1, 0]], 0.1, 9n);
    const match = (lengthArcsec: number, angleDeg: number): number =>
      matchSolarSystem(source, fast, 30, { lengthArcsec: [lengthArcsec], angleDeg: [angleDeg] }).objectOf[0]!;
    expect(match(6.2, 90)).toBe(0);
    expect(match(6.2, 270)).toBe(0);
    expect(match(6.2, 0)).toBe(-1);
    expect(match(NaN, NaN)).toBe(0);
  });
});

describe('the association of a visit', () => {
  it('takes Solar System objects first, then known objects, then names new ones by the brightest of what is one', () => {
    const sources = positionsAt(
      359.9999,
      0,
      [
        [0, 0],
        [10, 0],
        [30, 0],
        [30.2, 0],
        [50, 0],
      ],
      0.1,
      100n,
    );
    const objects = positionsAt(359.9999, 0, [
      [0.05, 0],
      [10, 0.1],
    ]);
    const solarSystem: SolarSystemPredictions = {
      ...positionsAt(359.9999, 0, [[0, 0.1]]),
      majorArcsec: [0.2],
      minorArcsec: [0.2],
      angleDeg: [0],
      rateRaDegPerDay: [0.1],
      rateDecDegPerDay: [0.1],
    };
    const result = associateVisit({ sources, snr: [9, 9, 6, 20, 9], exposureTimeS: 30, objects, solarSystem });
    expect([...result.solarSystemOf]).toEqual([0, -1, -1, -1, -1]);
    expect([...result.objectOf]).toEqual([-1, 1, -1, -1, -1]);
    expect([...result.newObjectOf]).toEqual([-1, -1, 3, 3, 4]);
    expect(result.logBayesFactor[4]).toBeNaN();
  });

  it('gives every source exactly one fate', () => {
    const random = generator(8);
    const offsets = Array.from({ length: 200 }, () => [20 * random(), 20 * random()] as const);
    const result = associateVisit({
      sources: positionsAt(0, 90, offsets, 0.1, 500n),
      snr: offsets.map(() => 5),
      exposureTimeS: 30,
      objects: positionsAt(0, 90, offsets.slice(0, 80)),
    });
    offsets.forEach((_, s) => {
      const fates = [result.solarSystemOf[s]!, result.objectOf[s]!, result.newObjectOf[s]!].filter((f) => f >= 0);
      expect(fates).toHaveLength(1);
    });
  });
});
