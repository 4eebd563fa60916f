import { describe, expect, it } from '@jest/globals';
import { angularSeparationDeg, offsetPosition } from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import { seededRandom } from '../numeric/index.js';
import { applyAffine, matchInPlane, matchOnSky, matchPattern, PlaneGrid, rotationAbout } from './index.js';

describe('nearest neighbours', () => {
  it('in a plane equal brute force', () => {
    const random = seededRandom(1);
    const make = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.uniform() * 100);
    const [ax, ay, bx, by] = [make(400), make(400), make(500), make(500)];
    const pairs = matchInPlane(ax, ay, bx, by, 3);
    const nearest = (x: number, y: number, ox: Float64Array, oy: Float64Array): number => {
      let best = -1;
      let least = 3;
      ox.forEach((_, k) => {
        const d = Math.hypot(ox[k]! - x, oy[k]! - y);
        if (d <= least) [best, least] = [k, d];
      });
      return best;
    };
    const truth: string[] = [];
    for (let i = 0; i < 400; i++) {
      const j = nearest(ax[i]!, ay[i]!, bx, by);
      if (j >= 0 && nearest(bx[j]!, by[j]!, ax, ay) === i) truth.push(`${i} ${j}`);
    }
    expect(Array.from(pairs.a, (a, k) => `${a} ${pairs.b[k]}`)).toEqual(truth);
    expect(truth.length).toBeGreaterThan(100);
  });

  it.each([
    [0, 0],
    [359.9999, -60],
    [77, 90],
    [12, -89.9999],
  ])('on the sky around RA %p dec %p: every pair within the radius, none beyond', (ra0, dec0) => {
    const random = seededRandom(2);
    const place = (): { raDeg: number; decDeg: number } =>
      offsetPosition(ra0, dec0, 360 * random.uniform(), 0.02 * random.uniform());
    const first = Array.from({ length: 200 }, place);
    // each partner 0.1 to 0.9 arcsec away, and one stray 1.1 arcsec off
    const second = first.map(({ raDeg, decDeg }, i) =>
      offsetPosition(raDeg, decDeg, 360 * random.uniform(), (i === 7 ? 1.1 : 0.1 + 0.8 * random.uniform()) / 3600),
    );
    const columns = (list: typeof first): { raDeg: number[]; decDeg: number[] } => ({
      raDeg: list.map(({ raDeg }) => raDeg),
      decDeg: list.map(({ decDeg }) => decDeg),
    });
    const pairs = matchOnSky(columns(first), columns(second), 1);
    expect(pairs.a.length).toBeGreaterThanOrEqual(190);
    pairs.a.forEach((a, k) => {
      const [p, q] = [first[a]!, second[pairs.b[k]!]!];
      const separation = angularSeparationDeg(p.raDeg, p.decDeg, q.raDeg, q.decDeg) * 3600;
      expect(separation).toBeLessThanOrEqual(1);
      expect(pairs.distance[k]).toBeCloseTo(separation, 6);
    });
    expect([...pairs.a].every((a, k) => a !== 7 || pairs.b[k] !== 7)).toBe(true);
  });

  it('ignores positions that are not numbers, and empty lists', () => {
    expect(matchInPlane([NaN, 1], [0, 1], [1], [1], 1).a).toEqual(Int32Array.of(1));
    expect(matchInPlane([], [], [1], [1], 1).a).toHaveLength(0);
    expect(matchOnSky({ raDeg: [NaN], decDeg: [0] }, { raDeg: [0], decDeg: [0] }, 1).a).toHaveLength(0);
    expect(new PlaneGrid([], [], 1).nearest(0, 0, 1)).toBe(-1);
    expect(() => matchInPlane([], [], [], [], 0)).toThrow(AlgorithmError);
  });
});

describe('pattern match', () => {
  interface Case {
    seed: number;
    stars: number;
    angleDeg: number;
    dx: number;
    dy: number;
    /** fraction of sources that are not in the catalog, and the other way round */
    junk: number;
  }
  const simulate = ({ seed, stars, angleDeg, dx, dy, junk }: Case) => {
    const random = seededRandom(seed);
    const size = 1000;
    const margin = 250;
    const turn = rotationAbout((angleDeg * Math.PI) / 180, (size - 1) / 2, (size - 1) / 2, dx, dy);
    const source = { x: [] as number[], y: [] as number[], brightness: [] as number[] };
    const reference = { x: [] as number[], y: [] as number[], brightness: [] as number[] };
    const density = stars / size ** 2;
    const total = Math.round(density * (size + 2 * margin) ** 2);
    for (let k = 0; k < total; k++) {
      const x = -margin + random.uniform() * (size + 2 * margin);
      const y = -margin + random.uniform() * (size + 2 * margin);
      const mag = 16 + 6 * Math.sqrt(random.uniform());
      const inside = x >= 0 && y >= 0 && x < size && y < size;
      if (inside && random.uniform() > junk) {
        source.x.push(x + 0.1 * random.normal());
        source.y.push(y + 0.1 * random.normal());
        source.brightness.push(-mag + 0.1 * random.normal());
      } else if (inside) {
        source.x.push(random.uniform() * size);
        source.y.push(random.uniform() * size);
        source.brightness.push(-mag);
      }
      const there = applyAffine(turn, x, y);
      if (random.uniform() > junk) {
        reference.x.push(there.x);
        reference.y.push(there.y);
        reference.brightness.push(-mag);
      }
    }
    return { source, reference, turn, size };
  };

  it.each([
    { seed: 1, stars: 500, angleDeg: 0.3, dx: 40, dy: -25, junk: 0.1 },
    { seed: 2, stars: 2000, angleDeg: -0.8, dx: -200, dy: 180, junk: 0.3 },
    { seed: 3, stars: 40, angleDeg: 1, dx: 100, dy: 0, junk: 0.1 },
    { seed: 4, stars: 12, angleDeg: 0, dx: -30, dy: 30, junk: 0 },
    { seed: 5, stars: 150, angleDeg: 175, dx: 60, dy: 10, junk: 0.1 },
    { seed: 6, stars: 60, angleDeg: 40, dx: 20, dy: -70, junk: 0.2 },
  ])('recovers shift and rotation: %p', (scene) => {
    const { source, reference, turn, size } = simulate(scene);
    const found = matchPattern(source, reference, { width: size, height: size });
    for (const [x, y] of [
      [0, 0],
      [999, 0],
      [500, 999],
    ] as const) {
      const [a, b] = [applyAffine(found.transform, x, y), applyAffine(turn, x, y)];
      // positions scatter by 0.1 px; a dozen stars fix the corners to 0.2 px
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeLessThan(0.4);
    }
    expect(found.pairs.a.length).toBeGreaterThan(3 * found.expectedByChance);
  });

  it('does not invent a match between unrelated lists', () => {
    const one = simulate({ seed: 11, stars: 300, angleDeg: 0, dx: 0, dy: 0, junk: 0 });
    const two = simulate({ seed: 12, stars: 300, angleDeg: 0, dx: 0, dy: 0, junk: 0 });
    expect(() => matchPattern(one.source, two.reference, { width: 1000, height: 1000 })).toThrow(AlgorithmError);
  });

  it('says so when there are too few stars', () => {
    const { source, reference } = simulate({ seed: 1, stars: 3, angleDeg: 0, dx: 0, dy: 0, junk: 0 });
    expect(() => matchPattern(source, reference, { width: 1000, height: 1000 })).toThrow('needs 6 stars');
  });

  it('gives the same bits for the same input', () => {
    const { source, reference } = simulate({ seed: 2, stars: 300, angleDeg: 0.4, dx: 10, dy: 20, junk: 0.2 });
    const options = { width: 1000, height: 1000 };
    expect(matchPattern(source, reference, options)).toEqual(matchPattern(source, reference, options));
  });
});
