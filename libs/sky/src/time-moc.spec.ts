import { describe, expect, it } from '@jest/globals';
import { microsecondsOfMjd, mjdOfMicroseconds, Moc, SkyError, SpaceTimeMoc, TimeMoc } from './index.js';

describe('time MOC', () => {
  it('reads and writes the sample of the standard, with and without its letter', () => {
    const moc = TimeMoc.fromAscii('31/1 32/4 35/');
    expect(moc.toAscii()).toBe('31/1 32/4 35/');
    expect(TimeMoc.fromAscii('t31/1 32/4 35/').equals(moc)).toBe(true);
    // the bounds of the same map in the FITS sample: 2^30 and 5 * 2^29 microseconds
    expect([...moc.ranges]).toEqual([1073741824n, 2684354560n]);
    expect(TimeMoc.fromJson(moc.toJson()).toAscii()).toBe(moc.toAscii());
  });
  it('counts microseconds from JD 0: MJD 0 is JD 2400000.5', () => {
    expect(microsecondsOfMjd(0)).toBe(207360043200000000n);
    expect(microsecondsOfMjd(-2400000.5)).toBe(0n);
    expect(mjdOfMicroseconds(microsecondsOfMjd(60000.25))).toBe(60000.25);
    expect(() => microsecondsOfMjd(-2400001)).toThrow(SkyError);
    expect(() => microsecondsOfMjd(NaN)).toThrow(SkyError);
    expect(() => microsecondsOfMjd(1e9)).toThrow(SkyError);
  });
  it('holds the intervals that it was made of, grown to whole cells', () => {
    // cells of order 41 last 2^20 microseconds
    const moc = TimeMoc.fromIntervals(41, [
      [60000, 60000.5],
      [60001, 60001],
    ]);
    for (const mjd of [60000, 60000.25, 60000.5, 60001]) expect(moc.contains(mjd)).toBe(true);
    for (const mjd of [59999.9999, 60000.5001, 60001.0001]) expect(moc.contains(mjd)).toBe(false);
    const [[from, to], again] = moc.intervals() as [[number, number], [number, number]];
    expect(from).toBeLessThanOrEqual(60000);
    expect(to - 60000.5).toBeLessThan(2 ** 20 / 86400e6 + 1e-9);
    expect(again[0]).toBeLessThanOrEqual(60001);
    expect(() => TimeMoc.fromIntervals(41, [[60001, 60000]])).toThrow('no interval');
  });
  it('has 2^(order + 1) cells, so two of order 0 are all time', () => {
    expect(TimeMoc.fromAscii('0/0-1').fraction).toBe(1);
    expect(TimeMoc.fromAscii('61/4611686018427387903').complement().degrade(0).fraction).toBe(1);
    expect(() => TimeMoc.fromAscii('61/4611686018427387904')).toThrow('there is no cell');
    expect(() => TimeMoc.fromAscii('62/0')).toThrow('from 0 to 61, not 62');
  });
});

describe('space-time MOC', () => {
  const text = 't61/1,3,5 s3/1-3 4/ t61/50,52 s4/25';
  it('reads and writes ASCII and JSON', () => {
    const moc = SpaceTimeMoc.fromAscii('t61/1 3 5 s3/1-3 4/ t61/50 52 s4/25');
    expect(moc.toAscii()).toBe(text);
    expect(SpaceTimeMoc.fromJson(moc.toJson()).toAscii()).toBe(text);
    expect(moc.maxSpaceOrder).toBe(4);
    expect(moc.time().toAscii()).toBe('61/1,3,5,50,52');
    expect(moc.space().equals(Moc.fromAscii('3/1-3 4/25'))).toBe(true);
    expect(moc.space(TimeMoc.fromAscii('61/52')).toAscii()).toBe('4/25');
  });
  it('holds a direction at a time only when both are of one entry', () => {
    const night = TimeMoc.fromIntervals(40, [[60000, 60000.4]]);
    const next = TimeMoc.fromIntervals(40, [[60001, 60001.4]]);
    const moc = new SpaceTimeMoc([
      { time: night, space: Moc.fromCone(6, 10, -60, 2) },
      { time: next, space: Moc.fromCone(6, 0, 90, 2) },
    ]);
    expect(moc.contains(60000.2, 10, -60)).toBe(true);
    expect(moc.contains(60001.2, 10, -60)).toBe(false);
    expect(moc.contains(60001.2, 123, 89.5)).toBe(true);
  });
  it.each([
    ['s3/1', 'a space part without a time part'],
    ['3/1', 'stands before any time part'],
    ['t61/1', 'no space part'],
    ['t61/1 s3/1 s3/2', 'a space part without a time part'],
    ['t61/1 s3/9999', 'no cell 9999'],
  ])('refuses %p', (bad, message) => {
    expect(() => SpaceTimeMoc.fromAscii(bad)).toThrow(SkyError);
    expect(() => SpaceTimeMoc.fromAscii(bad)).toThrow(message);
  });
  it.each([['{}'], ['[{"t":{"61":[1]}}]'], ['[3]'], ['[{"t":[],"s":{}}]']])('refuses the JSON %p', (bad) => {
    expect(() => SpaceTimeMoc.fromJson(bad)).toThrow(SkyError);
  });
});
