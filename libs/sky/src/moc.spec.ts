import { describe, expect, it } from '@jest/globals';
import { angularSeparationDeg, healpixCentre, Moc, SkyError } from './index.js';

describe('spatial MOC', () => {
  it('reads and writes the ASCII form of the standard (MOC 2.0, section 4.3)', () => {
    const moc = Moc.fromAscii('1/1-2,4 2/12-14,21,23,25 8/');
    expect(moc.maxOrder).toBe(8);
    expect(moc.toAscii()).toBe('1/1-2,4 2/12-14,21,23,25 8/');
    // 3 cells of 48 and 6 of 192
    expect(moc.skyFraction).toBeCloseTo(3 / 48 + 6 / 192, 15);
    expect(Moc.fromJson({ '1': [1, 2, 4], '2': [12, 13, 14, 21, 23, 25], '8': [] }).toAscii()).toBe(moc.toAscii());
  });
  it('has the sky fraction that mocpy finds in the IVOA example SMOC', () => {
    const moc = Moc.fromAscii('3/3 10 4/16-18 22 5/19-20 17/222 28/123456789 29/');
    // exact here, a floating-point sum there: the last digit may differ
    expect(moc.skyFraction).toBeCloseTo(0.004069010421517305, 16);
    expect(moc.toUniq()).toHaveLength(10);
  });
  it('joins four brothers into their parent', () => {
    expect(Moc.fromAscii('3/4-7 3/1').toAscii()).toBe('2/1 3/1');
    expect(Moc.fromAscii('0/0-11').skyFraction).toBe(1);
  });
  it('NUNIQ numbers come back, at every order', () => {
    for (let order = 0; order <= 29; order++) {
      const last = 12n * 4n ** BigInt(order) - 1n;
      const uniq = 4n ** BigInt(order + 1) + last;
      expect(Moc.fromUniq([uniq]).toUniq()).toEqual([uniq]);
      expect(Moc.fromUniq([uniq]).maxOrder).toBe(order);
    }
  });
  it('set operations obey the laws of sets', () => {
    const a = Moc.fromCone(6, 0.5, -60, 5);
    const b = Moc.fromCone(6, 358, -58, 4);
    const both = a.intersection(b);
    expect(a.union(b).skyFraction).toBeCloseTo(a.skyFraction + b.skyFraction - both.skyFraction, 15);
    expect(a.difference(b).union(both).toAscii()).toBe(a.toAscii());
    expect(a.complement().complement().toAscii()).toBe(a.toAscii());
    expect(a.intersection(a.complement()).isEmpty).toBe(true);
    expect(a.union(a.complement()).skyFraction).toBe(1);
  });
  it('holds the directions of its cells and no others', () => {
    const moc = Moc.fromCone(7, 359.9, 89, 2);
    for (let pixel = 0n; pixel < 12n * 4n ** 5n; pixel += 7n) {
      const { raDeg, decDeg } = healpixCentre(5, pixel);
      const distance = angularSeparationDeg(raDeg, decDeg, 359.9, 89);
      if (distance <= 2) expect(moc.contains(raDeg, decDeg)).toBe(true);
      // two cell radii of order 7 beyond
      if (distance > 3.2) expect(moc.contains(raDeg, decDeg)).toBe(false);
    }
  });
  it('an empty MOC is empty', () => {
    const none = Moc.fromAscii('');
    expect(none.skyFraction).toBe(0);
    expect(none.contains(0, 0)).toBe(false);
    expect(none.complement().skyFraction).toBe(1);
  });
  it.each([
    ['1/48', 'no cell 48 at order 1'],
    ['30/1', 'from 0 to 29, not 30'],
    ['3/5-4', 'no cells 5 to 4'],
    ['1/a', '"1/a" is not part'],
    ['7', 'the cell 7 stands before any order'],
    ['t5/3', '"t5/3" is not part'],
    ['3/1 2-', '"2-" is not part'],
    [`1/${'9'.repeat(30)}`, 'is not part'],
    ['29/9999999999999999999', 'no cell 9999999999999999999'],
  ])('refuses %j and names the token', (text, message) => {
    expect(() => Moc.fromAscii(text)).toThrow(SkyError);
    expect(() => Moc.fromAscii(text)).toThrow(message);
  });
  it.each([
    ['{"1":[48]}', 'no cell 48 at order 1'],
    ['{"1":[-1]}', '-1 at order 1 is not a cell'],
    ['{"1":[1.5]}', '1.5 at order 1'],
    ['{"1":3}', '"1" is not an order with a list'],
    ['{"x":[3]}', '"x" is not an order'],
    ['[1]', 'an object of orders'],
    ['{"1":[1', 'not JSON'],
  ])('refuses the JSON %p', (text, message) => {
    expect(() => Moc.fromJson(text)).toThrow(SkyError);
    expect(() => Moc.fromJson(text)).toThrow(message);
  });
  it('JSON text holds cells beyond 2^53 exactly; parsed numbers of that size are refused', () => {
    const moc = Moc.fromCells(29, [3458764513820540927n, 9007199254740993n]);
    expect(moc.toJson()).toBe('{"29":[9007199254740993,3458764513820540927]}');
    expect(Moc.fromJson(moc.toJson()).equals(moc)).toBe(true);
    expect(() => Moc.fromJson({ '29': [9007199254740994] })).toThrow('is not a cell');
  });
  it('a coarser map holds every cell that the finer one touches', () => {
    const fine = Moc.fromAscii('5/0 6/100 29/3458764513820540927');
    expect(fine.degrade(5).toAscii()).toBe('5/0,25,12287');
    expect(fine.degrade(0).toAscii()).toBe('0/0,11');
    expect(fine.degrade(29)).toEqual(fine);
    expect(fine.rangesAt(5)).toEqual([
      { low: 0n, high: 1n },
      { low: 25n, high: 26n },
      { low: 12287n, high: 12288n },
    ]);
    expect(() => fine.degrade(30)).toThrow(SkyError);
  });
  it('the vector form of membership equals the scalar one; what is no direction is outside', () => {
    const moc = Moc.fromCone(8, 0.3, -60, 4).union(Moc.fromCone(8, 100, 90, 2));
    const ra = [0, 359.99, 5, 77, NaN, 12, 0];
    const dec = [-60, -60, -57, 89, 0, 91, 90];
    const one = ra.map((value, i) =>
      Number(Math.abs(dec[i]!) <= 90 && !Number.isNaN(value) && moc.contains(value, dec[i]!)),
    );
    expect([...moc.containsAll(ra, dec)]).toEqual(one);
    expect(one).toEqual([1, 1, 1, 1, 0, 0, 1]);
  });
  it('positions make a map of the cells that hold them', () => {
    const moc = Moc.fromPositions(4, [10, 10.001, NaN, 359.9], [20, 20.001, 3, -60]);
    expect(moc.cells()).toHaveLength(2);
    expect(moc.contains(359.9, -60)).toBe(true);
    expect(Moc.fromPositions(4, [], []).isEmpty).toBe(true);
  });
  it('cells are the fewest, by brute force over random sets at order 3', () => {
    let state = 5;
    const random = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
    for (let k = 0; k < 50; k++) {
      const set = new Set<bigint>();
      for (let cell = 0n; cell < 768n; cell++) if (random() < 0.8) set.add(cell);
      const moc = Moc.fromCells(3, set);
      const listed = moc.cells();
      const back = listed.flatMap(({ order, cell }) =>
        Array.from({ length: 4 ** (3 - order) }, (_, i) => (cell << BigInt(2 * (3 - order))) + BigInt(i)),
      );
      expect(back.toSorted((a, b) => Number(a - b))).toEqual([...set]);
      // no four brothers are left apart
      const known = new Set(listed.map(({ order, cell }) => `${order}/${cell}`));
      const apart = listed.filter(
        ({ order, cell }) => order > 0 && [0n, 1n, 2n, 3n].every((i) => known.has(`${order}/${(cell & ~3n) + i}`)),
      );
      expect(apart).toEqual([]);
    }
  });
  it('refuses numbers that are not NUNIQ', () => {
    expect(() => Moc.fromUniq([3n])).toThrow(SkyError);
    expect(() => Moc.fromUniq([4n ** 31n])).toThrow(SkyError);
  });
});
