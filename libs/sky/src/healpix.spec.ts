import { describe, expect, it } from '@jest/globals';
import {
  angularSeparationDeg,
  coneHpx29Ranges,
  coneRanges,
  healpixBoundary,
  healpixCentre,
  healpixCentres,
  healpixIndex,
  healpixIndices,
  healpixNeighbours,
  healpixPixelCount,
  healpixRingCentres,
  healpixRingIndex,
  healpixRingIndices,
  maxPixelRadius,
  nestedOfUniq,
  nestedToRing,
  nestedToRingIndices,
  polygonRanges,
  ringToNested,
  ringToNestedIndices,
  SkyError,
  uniqOfNested,
} from './index.js';

/** a small deterministic generator (mulberry32) */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const randomDirection = (random: () => number): [number, number] => [
  random() * 360,
  (Math.asin(2 * random() - 1) * 180) / Math.PI,
];

// order, RA, dec, nested, ring
const HEALPY: readonly (readonly [number, number, number, string, string])[] = [
  [0, 359.99999, -60.0, '11', '11'],
  [0, 45.3, 89.999, '0', '0'],
  [0, 123.456, 41.8103, '1', '1'],
  [0, 300.1, -41.9, '11', '11'],
  [0, 10.68458, 41.26917, '0', '0'],
  [0, 180.25, -89.99999, '10', '10'],
  [8, 359.99999, -60.0, '738308', '733619'],
  [8, 45.3, 89.999, '65535', '0'],
  [8, 123.456, 41.8103, '104789', '130911'],
  [8, 300.1, -41.9, '760217', '655701'],
  [8, 10.68458, 41.26917, '43345', '132638'],
  [8, 180.25, -89.99999, '655360', '786430'],
  [13, 0.0, 0.0, '318767104', '402604032'],
  [13, 359.99999, -60.0, '756027457', '751361483'],
  [13, 45.3, 89.999, '67108863', '0'],
  [13, 123.456, 41.8103, '107304601', '134212581'],
  [13, 300.1, -41.9, '778462300', '671590621'],
  [13, 10.68458, 41.26917, '44385409', '137020364'],
  [13, 180.25, -89.99999, '671088640', '805306366'],
  [20, 0.0, 0.0, '5222680231936', '6597063475200'],
  [20, 359.99999, -60.0, '12386753859588', '12310299897971'],
  [20, 45.3, 89.999, '1099511627568', '1023'],
  [20, 123.456, 41.8103, '1758078593366', '2199022596766'],
  [20, 300.1, -41.9, '12754326337488', '11002807487967'],
  [20, 10.68458, 41.26917, '727210541168', '2245657749060'],
  [20, 180.25, -89.99999, '10995116277760', '13194139533310'],
  [29, 0.0, 0.0, '1369094286720630784', '1729382253689044992'],
  [29, 359.99999, -60.0, '3247113203767860515', '3227071225821215206'],
  [29, 45.3, 89.999, '288230376097410554', '263379976'],
  [29, 123.456, 41.8103, '460869754779368821', '576461086973574477'],
  [29, 300.1, -41.9, '3343470123414521065', '2884320029418629601'],
  [29, 10.68458, 41.26917, '190633880104029212', '588686339194259650'],
  [29, 180.25, -89.99999, '2882303761517128200', '3458764513820514478'],
];

const EDGES: readonly (readonly [number, number, number, string])[] = [
  [0, 0.0, 0.0, '4'],
  [0, 45.0, 0.0, '5'],
  [0, 90.0, 41.810314895778596, '1'],
  [0, 0.0, -41.810314895778596, '8'],
  [0, 180.0, 90.0, '2'],
  [0, 270.0, -90.0, '11'],
  [0, 0.0, 60.0, '0'],
  [0, 11.25, 14.477512185929925, '4'],
  [0, 359.99999999999994, 0.0, '4'],
  [0, 45.0, 41.810314895778596, '0'],
  [5, 0.0, 0.0, '4864'],
  [5, 45.0, 0.0, '5802'],
  [5, 90.0, 41.810314895778596, '1706'],
  [5, 0.0, -41.810314895778596, '8874'],
  [5, 180.0, 90.0, '3071'],
  [5, 270.0, -90.0, '11264'],
  [5, 0.0, 60.0, '751'],
  [5, 11.25, 14.477512185929925, '4934'],
  [5, 359.99999999999994, 0.0, '4522'],
  [5, 45.0, 41.810314895778596, '768'],
  [13, 0.0, 0.0, '318767104'],
  [13, 45.0, 0.0, '380283562'],
  [13, 90.0, 41.810314895778596, '111848106'],
  [13, 0.0, -41.810314895778596, '581610154'],
  [13, 180.0, 90.0, '201326591'],
  [13, 270.0, -90.0, '738197504'],
  [13, 0.0, 60.0, '49278910'],
  [13, 11.25, 14.477512185929925, '323398314'],
  [13, 359.99999999999994, 0.0, '296397482'],
  [13, 45.0, 41.810314895778596, '50331648'],
  [29, 0.0, 0.0, '1369094286720630784'],
  [29, 45.0, 0.0, '1633305464859699882'],
  [29, 90.0, 41.810314895778596, '480383960252852906'],
  [29, 0.0, -41.810314895778596, '2497996593314835114'],
  [29, 180.0, 90.0, '864691128455135231'],
  [29, 270.0, -90.0, '3170534137668829184'],
  [29, 0.0, 60.0, '211651310052638442'],
  [29, 11.25, 14.477512185929925, '1388985185074850474'],
  [29, 359.99999999999994, 0.0, '1273017494670060202'],
  [29, 45.0, 41.810314895778596, '216172782113783808'],
];

describe('HEALPix numbering', () => {
  // truth: healpy 1.16.1 ang2pix(2**order, ra, dec, nest=..., lonlat=True)
  it.each(HEALPY)('order %p at (%p, %p) is nested %s, ring %s as in healpy', (order, ra, dec, nested, ring) => {
    expect(healpixIndex(order, ra, dec)).toBe(BigInt(nested));
    expect(healpixRingIndex(order, ra, dec)).toBe(BigInt(ring));
  });

  it.each([0, 1, 2, 3])('at order %p nested and ring are permutations of all pixels', (order) => {
    const count = healpixPixelCount(order);
    const seen = new Set<bigint>();
    for (let pixel = 0n; pixel < count; pixel++) {
      const ring = nestedToRing(order, pixel);
      seen.add(ring);
      expect(ringToNested(order, ring)).toBe(pixel);
      const { raDeg, decDeg } = healpixCentre(order, pixel);
      expect(healpixIndex(order, raDeg, decDeg)).toBe(pixel);
    }
    expect(seen.size).toBe(Number(count));
  });

  it('centre and index are inverse at every order up to 29, both schemes', () => {
    const random = generator(1);
    for (let order = 0; order <= 29; order++)
      for (let k = 0; k < 100; k++) {
        const [ra, dec] = randomDirection(random);
        const pixel = healpixIndex(order, ra, dec);
        const centre = healpixCentre(order, pixel);
        expect(healpixIndex(order, centre.raDeg, centre.decDeg)).toBe(pixel);
        expect(ringToNested(order, nestedToRing(order, pixel))).toBe(pixel);
        expect(angularSeparationDeg(ra, dec, centre.raDeg, centre.decDeg)).toBeLessThan(
          (maxPixelRadius(order) * 180) / Math.PI + 1e-12,
        );
      }
  });

  it('first and last pixels of the ring scheme are exact at order 29', () => {
    const last = healpixPixelCount(29) - 1n;
    for (const ring of [0n, 1n, 3n, 4n, 11n, last, last - 1n, last - 4n, 2n * 2n ** 29n * (2n ** 29n - 1n) - 1n])
      expect(nestedToRing(29, ringToNested(29, ring))).toBe(ring);
  });

  it('a pixel at order 29 lies inside its parent: nested indices shift', () => {
    const random = generator(2);
    for (let k = 0; k < 500; k++) {
      const [ra, dec] = randomDirection(random);
      expect(healpixIndex(29, ra, dec) >> 32n).toBe(healpixIndex(13, ra, dec));
    }
  });

  it('the vector form equals the scalar one and marks what is no direction with -1', () => {
    const ra = [0, 359.9999999, 123, NaN, 10, 720.5];
    const dec = [90, -90, -60, 0, 91, 30];
    const out = healpixIndices(29, ra, dec);
    expect([...out]).toEqual([
      healpixIndex(29, 0, 90),
      healpixIndex(29, 359.9999999, -90),
      healpixIndex(29, 123, -60),
      -1n,
      -1n,
      healpixIndex(29, 0.5, 30),
    ]);
  });

  it('near either end of the ring scheme every pixel converts and comes back at every order', () => {
    for (let order = 0; order <= 29; order++) {
      const count = healpixPixelCount(order);
      const few = count < 300n ? count : 300n;
      const ring = BigInt64Array.from({ length: 2 * Number(few) }, (_, i) =>
        i < Number(few) ? BigInt(i) : count - 1n - BigInt(i - Number(few)),
      );
      const nested = ringToNestedIndices(order, ring);
      expect([...nestedToRingIndices(order, nested)]).toEqual([...ring]);
      const byRing = healpixRingCentres(order, ring);
      const byNested = healpixCentres(order, nested);
      const wrong = [...ring].filter((pixel, i) => {
        const [ra, dec] = [byRing.raDeg[i]!, byRing.decDeg[i]!];
        const apart = angularSeparationDeg(ra, dec, byNested.raDeg[i]!, byNested.decDeg[i]!);
        return nested[i] !== ringToNested(order, pixel) || apart > 1e-13 || healpixRingIndex(order, ra, dec) !== pixel;
      });
      expect(wrong).toEqual([]);
    }
  });

  it('numbers hold the same indices as 64-bit integers to order 24, and are refused beyond', () => {
    const random = generator(8);
    const points = Array.from({ length: 500 }, () => randomDirection(random));
    const ra = points.map(([value]) => value);
    const dec = points.map(([, value]) => value);
    for (const order of [0, 14, 15, 16, 24]) {
      const numbers = healpixIndices(order, ra, dec, new Float64Array(500));
      const exact = healpixIndices(order, ra, dec);
      expect([...numbers].map(BigInt)).toEqual([...exact]);
      expect([...healpixRingIndices(order, ra, dec, new Float64Array(500))].map(BigInt)).toEqual([
        ...nestedToRingIndices(order, exact),
      ]);
      expect(healpixCentres(order, numbers)).toEqual(healpixCentres(order, exact));
    }
    expect(() => healpixIndices(25, ra, dec, new Float64Array(500))).toThrow('do not fit into numbers');
    expect(() => healpixIndices(3, ra, dec.slice(1))).toThrow('do not belong together');
  });

  it('what is no pixel has no centre and no other number', () => {
    for (const order of [0, 3, 14, 15, 16, 29]) {
      const none = BigInt64Array.of(-1n, healpixPixelCount(order), 2n ** 63n - 1n);
      expect([...healpixCentres(order, none).raDeg]).toEqual([NaN, NaN, NaN]);
      expect([...healpixRingCentres(order, none).decDeg]).toEqual([NaN, NaN, NaN]);
      expect([...nestedToRingIndices(order, none)]).toEqual([-1n, -1n, -1n]);
      expect([...ringToNestedIndices(order, none)]).toEqual([-1n, -1n, -1n]);
    }
    expect([...healpixCentres(3, Float64Array.of(1.5, NaN, -1, 768)).raDeg]).toEqual([NaN, NaN, NaN, NaN]);
  });

  it('directions on the very edge of a pixel go where healpy puts them', () => {
    // healpy 1.16.1: ang2pix(2**order, ra, dec, nest=True, lonlat=True)
    EDGES.forEach(([order, ra, dec, nested]) => expect(healpixIndex(order, ra, dec)).toBe(BigInt(nested)));
  });

  it('NUNIQ numbers hold order and pixel (MOC 2.0, section 4.2)', () => {
    expect(uniqOfNested(0, 0n)).toBe(4n);
    expect(uniqOfNested(8, 3n)).toBe(262147n);
    expect(nestedOfUniq(262147n)).toEqual({ order: 8, pixel: 3n });
    for (let order = 0; order <= 29; order++) {
      const pixel = healpixPixelCount(order) - 1n;
      expect(nestedOfUniq(uniqOfNested(order, pixel))).toEqual({ order, pixel });
    }
    for (const none of [0n, 3n, -5n, 1n << 62n]) expect(() => nestedOfUniq(none)).toThrow(SkyError);
    expect(() => uniqOfNested(2, 192n)).toThrow(SkyError);
  });

  it.each([
    [() => healpixIndex(30, 0, 0)],
    [() => healpixIndex(3, NaN, 0)],
    [() => healpixIndex(3, 0, 90.1)],
    [() => healpixCentre(0, 12n)],
  ])('refuses what does not exist with a typed error', (action) => {
    expect(action).toThrow(SkyError);
  });
});

describe('HEALPix geometry', () => {
  it('neighbours share a corner with the pixel, all around, and the relation is symmetric', () => {
    for (const order of [1, 2])
      for (let pixel = 0n; pixel < healpixPixelCount(order); pixel++) {
        const corners = healpixBoundary(order, pixel);
        const neighbours = healpixNeighbours(order, pixel);
        expect(new Set(neighbours).size).toBe(neighbours.length);
        expect(neighbours.length).toBeGreaterThanOrEqual(order === 0 ? 6 : 7);
        for (const other of neighbours) {
          const shared = healpixBoundary(order, other).some((a) =>
            corners.some((b) => angularSeparationDeg(a.raDeg, a.decDeg, b.raDeg, b.decDeg) < 1e-9),
          );
          expect(shared).toBe(true);
          expect(healpixNeighbours(order, other)).toContain(pixel);
        }
      }
  });

  it('the outline of a polar pixel reaches the pole', () => {
    const corners = healpixBoundary(4, healpixIndex(4, 10, 89.9));
    expect(Math.max(...corners.map(({ decDeg }) => decDeg))).toBeCloseTo(90, 10);
  });

  it.each([
    [0, 0, 3],
    [359.9, -60, 2],
    [45, 90, 5],
    [10, -89.5, 1],
    [200, 41.8, 0.01],
  ])('a cone at (%p, %p) radius %p holds exactly the directions it should', (ra0, dec0, radius) => {
    const order = radius < 0.1 ? 14 : 7;
    const ranges = coneRanges(order, ra0, dec0, radius);
    for (let k = 1; k < ranges.length; k++) expect(ranges[k]!.low > ranges[k - 1]!.high).toBe(true);
    const random = generator(3);
    let wrong = 0;
    const slack = (2 * maxPixelRadius(order) * 180) / Math.PI;
    for (let k = 0; k < 3000; k++) {
      // directions within three radii of the centre, uniform in the tangent plane is enough
      const d = 3 * radius * Math.sqrt(random());
      const a = 2 * Math.PI * random();
      const dec = dec0 + d * Math.cos(a);
      if (Math.abs(dec) > 90) continue;
      const ra = ra0 + (d * Math.sin(a)) / Math.max(0.02, Math.cos((dec * Math.PI) / 180));
      const separation = angularSeparationDeg(ra0, dec0, ra, dec);
      const index = healpixIndex(order, ra, dec);
      const inside = ranges.some(({ low, high }) => index >= low && index < high);
      if (inside ? separation > radius + slack : separation <= radius) wrong++;
    }
    expect(wrong).toBe(0);
  });

  it('a cone of 180 degrees is the whole sky in one range', () => {
    expect(coneRanges(5, 12, 34, 180)).toEqual([{ low: 0n, high: healpixPixelCount(5) }]);
  });

  it('order-29 ranges of a small cone are few and hold the centre', () => {
    const ranges = coneHpx29Ranges(0.0001, -60, 3 / 3600);
    expect(ranges.length).toBeLessThan(60);
    const index = healpixIndex(29, 0.0001, -60);
    expect(ranges.some(({ low, high }) => index >= low && index < high)).toBe(true);
  });

  it('a polygon over RA 0 holds its inside in either sense of rotation', () => {
    const corners = [
      { raDeg: 359, decDeg: -61 },
      { raDeg: 1, decDeg: -61 },
      { raDeg: 1, decDeg: -59 },
      { raDeg: 359, decDeg: -59 },
    ];
    const ranges = polygonRanges(9, corners);
    expect(polygonRanges(9, corners.toReversed())).toEqual(ranges);
    const holds = (ra: number, dec: number): boolean => {
      const index = healpixIndex(9, ra, dec);
      return ranges.some(({ low, high }) => index >= low && index < high);
    };
    expect(holds(0, -60)).toBe(true);
    expect(holds(359.2, -60.8)).toBe(true);
    expect(holds(3, -60)).toBe(false);
    expect(holds(180, 60)).toBe(false);
    expect(() => polygonRanges(9, corners.slice(0, 2))).toThrow(SkyError);
    expect(() => polygonRanges(9, [corners[0]!, corners[2]!, corners[1]!, corners[3]!])).toThrow(
      'crosses or touches itself',
    );
  });
});
