import { describe, expect, it } from '@jest/globals';
import {
  angularSeparationDeg,
  boxRegion,
  formatDaliShape,
  formatStcs,
  offsetPosition,
  parseDaliShape,
  parseDaliValue,
  parseRegion,
  parseStcs,
  SkyError,
  type SkyPosition,
  type SkyRegion,
  SkyShape,
  SphericalPolygon,
  toIcrs,
} from './index.js';

const shape = (text: string): SkyShape => new SkyShape(parseRegion(text));
const polygon = (...numbers: number[]): SkyRegion => parseDaliValue('polygon', numbers);
const WHOLE = 129600 / Math.PI;

describe('polygons on the sphere', () => {
  it('an octant is an eighth of the sphere', () => {
    expect(new SkyShape(polygon(0, 0, 90, 0, 0, 90)).areaDeg2).toBeCloseTo(WHOLE / 8, 9);
  });
  it('a square of an arcsecond has its plane area, to 1e-9 of it', () => {
    const s = 1 / 3600;
    const ratio = new SkyShape(polygon(10, 0, 10 + s, 0, 10 + s, s, 10, s)).areaDeg2 / s ** 2;
    expect(Math.abs(ratio - 1)).toBeLessThan(1e-9);
  });
  it.each([
    [0, -60],
    [359.9, 12],
    [123, 90],
    [45, -90],
    [10, 89.5],
  ])('about (%p, %p) it holds what its inner circle holds and nothing beyond its outer one', (ra, dec) => {
    const corners = Array.from({ length: 7 }, (_, k) => offsetPosition(ra, dec, (360 * k) / 7, 3));
    for (const sense of [corners, corners.toReversed()]) {
      const area = new SkyShape({ kind: 'polygon', corners: sense });
      for (let k = 0; k < 200; k++) {
        const distance = 5 * ((k * 0.618) % 1);
        const p = offsetPosition(ra, dec, k * 137.5, distance);
        if (distance < 2.6) expect(area.contains(p.raDeg, p.decDeg)).toBe(true);
        if (distance > 3.001) expect(area.contains(p.raDeg, p.decDeg)).toBe(false);
      }
      const { raDeg, decDeg, radiusDeg } = area.boundingCircle;
      expect(angularSeparationDeg(raDeg, decDeg, ra, dec)).toBeLessThan(0.05);
      expect(radiusDeg).toBeLessThan(3.05);
    }
  });
  it('one that is not convex leaves its bay out', () => {
    const bay = new SkyShape(polygon(-2, -2, 2, -2, 2, 2, 0, 0, -2, 2));
    expect(bay.contains(0, -1)).toBe(true);
    expect(bay.contains(0, 1)).toBe(false);
    expect(bay.contains(1.8, 1.5)).toBe(true);
    const whole = new SkyShape(polygon(-2, -2, 2, -2, 2, 2, -2, 2));
    const notch = new SkyShape(polygon(2, 2, 0, 0, -2, 2));
    expect(bay.areaDeg2).toBeCloseTo(whole.areaDeg2 - notch.areaDeg2, 12);
  });
  it('the larger side is the complement', () => {
    const region = polygon(10, 10, 12, 10, 11, 13);
    const rest = new SkyShape({ kind: 'not', region });
    expect(rest.areaDeg2 + new SkyShape(region).areaDeg2).toBeCloseTo(WHOLE, 9);
    expect(rest.contains(11, 11)).toBe(false);
    expect(rest.contains(200, -60)).toBe(true);
  });
  it('a repeated first corner closes it and counts once', () => {
    const { corners } = new SphericalPolygon([
      { raDeg: 0, decDeg: 0 },
      { raDeg: 1, decDeg: 0 },
      { raDeg: 0, decDeg: 1 },
      { raDeg: 0, decDeg: 0 },
    ]);
    expect(corners).toHaveLength(3);
  });
  it('knows its sense of rotation as seen from inside: north, east, south is counter-clockwise', () => {
    const corners: SkyPosition[] = [0, 90, 180].map((pa) => offsetPosition(50, 20, pa, 1));
    expect(new SphericalPolygon(corners).isCounterClockwise).toBe(true);
    expect(new SphericalPolygon(corners.toReversed()).isCounterClockwise).toBe(false);
  });
  it.each([
    ['crosses or touches itself', [0, 0, 1, 1, 1, 0, 0, 1]],
    ['crosses or touches itself', [0, 0, 4, 0, 4, 4, 2, 0, 0, 4]],
    ['crosses or touches itself', [0, 0, 2, 0, 1, 0, 0, 2]],
    ['does not fit into a hemisphere', [0, 0, 120, 0, 240, 0]],
    ['does not fit into a hemisphere', [0, 0, 180, 0, 90, 45]],
    ['different corners', [1, 1, 1, 1, 2, 2]],
    ['is not a direction', [0, 91, 1, 0, 2, 2]],
  ])('refuses what %s: %p', (message, numbers) => {
    expect(() => new SkyShape(polygon(...numbers))).toThrow(SkyError);
    expect(() => new SkyShape(polygon(...numbers))).toThrow(message);
  });
  it('refuses three corners on one great circle', () => {
    expect(() => new SkyShape(polygon(0, 0, 10, 0, 20, 0))).toThrow(SkyError);
  });
});

describe('circles, ranges, boxes, ellipses', () => {
  it('a circle has the area of its cap and holds its edge', () => {
    expect(shape('CIRCLE 0 90 90').areaDeg2).toBeCloseTo(WHOLE / 2, 9);
    expect(shape('CIRCLE 12 34 180').areaDeg2).toBeCloseTo(WHOLE, 9);
    expect(shape('CIRCLE 359.5 -60 1').contains(0.5, -60.1)).toBe(true);
    expect(shape('CIRCLE 0 0 10').contains(10, 0)).toBe(true);
    expect(shape('CIRCLE 0 0 0').contains(0, 0)).toBe(true);
    expect(() => shape('CIRCLE 0 0 -1')).toThrow('radius');
  });
  it('a range reaches across longitude 0 when it begins after it ends', () => {
    const range = shape('RANGE 359 1 -61 -59');
    for (const ra of [359, 0, 1]) expect(range.contains(ra, -60)).toBe(true);
    for (const ra of [358.9, 1.1, 180]) expect(range.contains(ra, -60)).toBe(false);
    expect(range.areaDeg2).toBeCloseTo(
      2 * (180 / Math.PI) * (Math.sin(-59 * (Math.PI / 180)) - Math.sin(-61 * (Math.PI / 180))),
      10,
    );
    expect(range.boundingBox).toEqual({ raMinDeg: 359, raMaxDeg: 1, decMinDeg: -61, decMaxDeg: -59 });
  });
  it('an open range is a band, a cap or the whole sky', () => {
    expect(shape('RANGE 0 360 -2 2').contains(200, 1)).toBe(true);
    expect(shape('RANGE -Inf +Inf 89 +Inf').contains(123, 90)).toBe(true);
    expect(shape('RANGE -Inf Inf -Inf Inf').areaDeg2).toBeCloseTo(WHOLE, 9);
    expect(() => shape('RANGE 0 10 5 4')).toThrow('no range');
  });
  it('a box has right angles between its arms and its sides', () => {
    const { corners } = boxRegion(0, -60, 4, 2);
    const edge = (pa: number, d: number): SkyPosition => offsetPosition(0, -60, pa, d);
    const box = new SkyShape({ kind: 'polygon', corners });
    for (const [pa, half] of [
      [90, 2],
      [270, 2],
      [0, 1],
      [180, 1],
    ] as const) {
      const [inner, outer] = [edge(pa, half - 1e-6), edge(pa, half + 1e-6)];
      expect(box.contains(inner.raDeg, inner.decDeg)).toBe(true);
      expect(box.contains(outer.raDeg, outer.decDeg)).toBe(false);
    }
    expect(() => boxRegion(0, 0, 180, 1)).toThrow(SkyError);
  });
  it('an ellipse with equal axes is a circle, an oblong one is turned by its position angle', () => {
    const round = shape('Ellipse ICRS 0 90 5 5 30');
    expect(round.areaDeg2).toBeCloseTo(shape('CIRCLE 0 90 5').areaDeg2, 9);
    const oblong = shape('Ellipse ICRS 359.9 -60 4 1 45');
    for (const [pa, reach] of [
      [45, 4],
      [225, 4],
      [135, 1],
      [315, 1],
    ] as const)
      for (const factor of [0.999, 1.001]) {
        const p = offsetPosition(359.9, -60, pa, reach * factor);
        expect(oblong.contains(p.raDeg, p.decDeg)).toBe(factor < 1);
      }
  });
});

describe('sets of regions', () => {
  it('unions, intersections and complements obey the laws of sets, as do their coverage maps', () => {
    const a = 'Circle 0 -60 5';
    const b = 'Circle 8 -58 5';
    const union = shape(`Union ICRS (${a} ${b})`);
    const both = shape(`Intersection ICRS (${a} ${b})`);
    const only = shape(`Intersection (${a} Not (${b}))`);
    for (let k = 0; k < 300; k++) {
      const p = offsetPosition(4, -59, k * 137.5, 12 * ((k * 0.618) % 1));
      const [inA, inB] = [a, b].map((text) => shape(text).contains(p.raDeg, p.decDeg));
      expect(union.contains(p.raDeg, p.decDeg)).toBe(inA || inB);
      expect(both.contains(p.raDeg, p.decDeg)).toBe(inA && inB);
      expect(only.contains(p.raDeg, p.decDeg)).toBe(inA && !inB);
    }
    const [mocA, mocB] = [shape(a).toMoc(7, 'centre'), shape(b).toMoc(7, 'centre')];
    expect(union.toMoc(7, 'centre').equals(mocA.union(mocB))).toBe(true);
    expect(only.toMoc(7, 'centre').equals(mocA.difference(mocB))).toBe(true);
    expect(() => union.areaDeg2).toThrow('no closed form');
    const { raDeg, decDeg, radiusDeg } = union.boundingCircle;
    for (const ra of [0, 8])
      expect(angularSeparationDeg(raDeg, decDeg, ra, ra === 0 ? -60 : -58) + 5).toBeLessThan(radiusDeg + 1e-9);
  });
  it('the coverage map of a region holds every direction of it', () => {
    for (const text of [
      'CIRCLE 0 90 3',
      'POLYGON 359 -61 1 -61 1 -59 359 -59',
      'RANGE 350 10 80 90',
      'Ellipse ICRS 100 41.8 6 1 70',
      'PositionInterval GALACTIC 355 -2 5 2',
      'Not (Circle 10 10 120)',
    ]) {
      const region = shape(text);
      const moc = region.toMoc(6);
      const centres = region.toMoc(6, 'centre');
      expect(centres.difference(moc).isEmpty).toBe(true);
      for (let k = 0; k < 4000; k++) {
        const dec = (Math.asin(2 * ((k * 0.6180339887) % 1) - 1) * 180) / Math.PI;
        const ra = (k * 137.50776) % 360;
        if (region.contains(ra, dec)) expect(moc.contains(ra, dec)).toBe(true);
      }
    }
  });
  it('a region with too long a border for an order is refused at once, not computed for ever', () => {
    expect(() => shape('CIRCLE 0 0 60').toMoc(29)).toThrow('too long a border');
    expect(shape('CIRCLE 0 0 0.0001').toMoc(29, 'centre').ranges.length).toBeGreaterThan(100);
  });
});

describe('boxes around regions', () => {
  it.each([
    ['CIRCLE 10 60 5', [-0.039, 20.039, 55, 65]],
    ['CIRCLE 10 88 5', [0, 360, 83, 90]],
    ['POLYGON 350 50 10 50 10 60 350 60', [350, 10, 50, 60.3787]],
    ['POLYGON 0 80 120 80 240 80', [0, 360, 70.5599, 90]],
  ])('%p lies in %p', (text, [raMin, raMax, decMin, decMax]) => {
    const box = shape(text).boundingBox;
    expect(box.raMinDeg).toBeCloseTo(raMin! < 0 ? raMin! + 360 : raMin!, 2);
    expect(box.raMaxDeg).toBeCloseTo(raMax!, 2);
    // the great circle between equal latitudes bulges towards the pole: tan(dec) / cos(half the step)
    expect(box.decMinDeg).toBeCloseTo(text.includes('240') ? 80 : decMin!, 3);
    expect(box.decMaxDeg).toBeCloseTo(decMax!, 3);
  });
});

describe('regions as text', () => {
  it.each([
    ['CIRCLE 12.0 34.0 0.5', { kind: 'circle', raDeg: 12, decDeg: 34, radiusDeg: 0.5 }],
    ['circle -1e1 +.5 1.e0', { kind: 'circle', raDeg: -10, decDeg: 0.5, radiusDeg: 1 }],
    ['point 1,2', { kind: 'point', raDeg: 1, decDeg: 2 }],
    ['range 12.0 12.5 34.0 36.0', { kind: 'range', lonMinDeg: 12, lonMaxDeg: 12.5, latMinDeg: 34, latMaxDeg: 36 }],
  ])('reads the DALI shape %p', (text, region) => {
    expect(parseDaliShape(text)).toEqual(region);
    expect(parseRegion(text)).toEqual(region);
  });
  it('reads several DALI shapes as their union', () => {
    const region = parseDaliShape('polygon 10 10 10.2 10 10.2 10.2 10 10.2 circle 14 14 0.2');
    expect(region.kind).toBe('union');
    expect(parseDaliShape(formatDaliShape(region))).toEqual({
      kind: 'union',
      regions: [
        { kind: 'polygon', corners: expect.arrayContaining([{ raDeg: 10, decDeg: 10 }]) as unknown },
        { kind: 'circle', raDeg: 14, decDeg: 14, radiusDeg: 0.2 },
      ],
    });
  });
  it.each([
    ['', 'is empty'],
    ['CIRCLE 1 2', '2 numbers in a circle; it takes 3'],
    ['CIRCLE 1 2 3 4', '4 numbers in a circle'],
    ['CIRCLE 1 2 x', 'numbers in a circle'],
    ['POLYGON 1 2 3 4', '4 numbers in a polygon'],
    ['POLYGON 1 2 3 4 5 6 7', '7 numbers in a polygon'],
    ['BOX 1 2 3 4', 'no shape "BOX"'],
    ['CIRCLE ICRS 1 2 3', 'numbers in a circle'],
    ['CIRCLE NaN 2 3', 'numbers in a circle'],
  ])('refuses %j as DALI and says why', (text, message) => {
    expect(() => parseDaliShape(text)).toThrow(SkyError);
    expect(() => parseDaliShape(text)).toThrow(message);
  });
  it('reads STC-S with frames, reference positions and flavours', () => {
    expect(parseStcs('Circle ICRS GEOCENTER SPHERICAL2 1 2 3')).toEqual(parseDaliShape('CIRCLE 1 2 3'));
    expect(parseStcs('POLYGON UNKNOWNFRAME 1 2 3 2 3 4')).toEqual(parseDaliShape('polygon 1 2 3 2 3 4'));
    expect(parseStcs('Position ICRS 1 2')).toEqual({ kind: 'point', raDeg: 1, decDeg: 2 });
    expect(parseStcs('Box ICRS 1 2 3 4')).toEqual(boxRegion(1, 2, 3, 4));
    expect(new SkyShape(parseStcs('AllSky ICRS')).areaDeg2).toBeCloseTo(WHOLE, 9);
    const parts = parseStcs('Union ICRS (Circle 1 2 3 Intersection (Circle 1 2 3 Not (Box 1 2 3 4)))');
    expect(parts.kind).toBe('union');
    expect(parseStcs(formatStcs(parts))).toEqual(parts);
  });
  it('turns other frames to ICRS', () => {
    const centre = parseStcs('Circle GALACTIC 0 0 1');
    // Reid & Brunthaler 2004: the galactic centre at 17h45m37.224s -28d56m10.23s
    expect(
      centre.kind === 'circle' && angularSeparationDeg(centre.raDeg, centre.decDeg, 266.4051, -28.936175),
    ).toBeLessThan(1e-4);
    const fk5 = toIcrs('FK5', 83.63, 22.01);
    expect(angularSeparationDeg(fk5.raDeg, fk5.decDeg, 83.63, 22.01) * 3.6e6).toBeLessThan(32);
    const tilted = new SkyShape(parseStcs('Ellipse ECLIPTIC 0 0 5 1 0'));
    // the ecliptic's north from the equinox lies at position angle minus the obliquity
    const p = offsetPosition(0, 0, -23.4393, 4.9);
    expect(tilted.contains(p.raDeg, p.decDeg)).toBe(true);
    expect(new SkyShape(parseStcs('PositionInterval GALACTIC 355 -2 5 2')).contains(266.405, -28.936)).toBe(true);
  });
  it.each([
    ['Circle FK4 1 2 3', 'FK4, which is not supported'],
    ['Circle ICRS CARTESIAN3 1 2 3', 'not in spherical'],
    ['Union ICRS Circle 1 2 3', 'lacks a parenthesis'],
    ['Union ICRS ()', 'empty list'],
    ['Union ICRS (Circle 1 2 3', 'ends too early'],
    ['Not (Circle 1 2 3 Circle 4 5 6)', 'other than one region'],
    ['Circle ICRS 1 2 3 Circle 4 5 6', 'goes on after its end'],
    ['Blob ICRS 1 2', 'no shape "BLOB"'],
    [`${'Not ('.repeat(40)}Circle 1 2 3${')'.repeat(40)}`, 'nested more than 32'],
    ['constructor 1 2 3', 'no shape'],
    ['Circle __proto__ 1 2 3', 'numbers in a circle'],
  ])('refuses %j as STC-S and says why', (text, message) => {
    expect(() => parseStcs(text)).toThrow(SkyError);
    expect(() => parseStcs(text)).toThrow(message);
  });
  it('writes polygons counter-clockwise as seen from inside, whatever they came as', () => {
    const there = formatDaliShape(polygon(1, 0, 0, 0, 0, 1));
    expect(
      formatDaliShape(polygon(0, 1, 0, 0, 1, 0))
        .split(' ')
        .toSorted(),
    ).toEqual(there.split(' ').toSorted());
    const again = parseDaliShape(there);
    expect(again.kind === 'polygon' && new SphericalPolygon(again.corners).isCounterClockwise).toBe(true);
  });
});
