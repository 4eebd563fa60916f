import { describe, expect, it } from '@jest/globals';
import {
  AU_KM,
  earthRotationAngle,
  earthState,
  greenwichApparentSiderealTime,
  greenwichMeanSiderealTime,
  isoFromMjd,
  mjdFromIso,
  nutation2000B,
  observerGeocentric,
  parseLeapSeconds,
  SkyError,
  taiMinusUtc,
  taiToUtc,
  tdbMinusTt,
  ut1MinusUtc,
  utcToTai,
} from './index.js';

/** Truth: ERFA 2.0.0 (utctai, dtdb, era00, gmst06, gst06a, nut00b, epv00, gd2gc with c2t06a for Rubin Observatory, UT1 = UTC). */
const ERFA = [
  {
    utc: 53411.52501161,
    tai: 53411.52538198037,
    tt: 53411.52575448037,
    ut1: 53411.52501161,
    dtdb: 0.0010394409316346416,
    era: 5.7530867785711735,
    gmst: 5.754229847469759,
    gast: 5.75420405872845,
    nut: [-2.8115303697352193e-5, 4.099072480209488e-5],
    h: [
      [-0.7757319922042113, 0.5597959591040165, 0.24269582950438753],
      [-0.01091873954393945, -0.01247200101308917, -0.0054076251399572004],
    ],
    b: [
      [-0.7714185551931366, 0.5598319460664648, 0.24259561270570557],
      [-0.010918563990892444, -0.012465382947177325, -0.005404828903260007],
    ],
    gcrs: [-1065746.5676591133, -5413464.997485804, -3194434.871551954],
  },
  {
    utc: 41400.25,
    tai: 41400.25011574074,
    tt: 41400.25048824074,
    ut1: 41400.25,
    dtdb: 0.0016480359505723194,
    era: 4.750143330891099,
    gmst: 4.743933678487413,
    gast: 4.743998943802431,
    nut: [7.11467154165953e-5, 2.6522209882770697e-5],
    h: [
      [-0.9946207648148682, -0.06533471404468139, -0.02833884703537902],
      [0.000953480046598497, -0.015800123147984006, -0.006850676651363471],
    ],
    b: [
      [-0.9938122967811728, -0.061438676847200946, -0.02665097091086938],
      [0.0009477892281371539, -0.015800290274524197, -0.0068506310331122484],
    ],
    gcrs: [-5127551.217750334, -2014296.9317829292, -3208840.8427382703],
  },
  {
    utc: 64000.75,
    tai: 64000.75042824074,
    tt: 64000.75080074074,
    ut1: 64000.75,
    dtdb: 0.0009259330956982023,
    era: 0.8289211224628161,
    gmst: 0.8365476126303606,
    gast: 0.8365612000269659,
    nut: [1.4811637130453911e-5, -4.409202130633869e-5],
    h: [
      [-0.7392888827505766, 0.5989959524942725, 0.2596477877935607],
      [-0.011668019218690704, -0.011886020110135556, -0.005152697223569255],
    ],
    b: [
      [-0.7444840865313467, 0.5964665409071801, 0.25871336918046667],
      [-0.011667719342338028, -0.011892424341217277, -0.005155481930616473],
    ],
    gcrs: [5058072.058350344, -2178106.792292961, -3212100.718839791],
  },
];

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describe.each(ERFA)('time and the Earth at UTC MJD $utc, against ERFA', (truth) => {
  it('UTC to TAI and back within a microsecond', () => {
    expect(Math.abs(utcToTai(truth.utc) - truth.tai) * 86400e6).toBeLessThan(1);
    expect(Math.abs(taiToUtc(truth.tai) - truth.utc) * 86400e6).toBeLessThan(1);
  });
  it('TDB - TT to rounding', () => {
    expect(Math.abs(tdbMinusTt(truth.tt) - truth.dtdb)).toBeLessThan(1e-15);
  });
  it('Earth rotation angle, mean and apparent sidereal time to rounding', () => {
    expect(Math.abs(earthRotationAngle(truth.ut1) - truth.era)).toBeLessThan(1e-10);
    expect(Math.abs(greenwichMeanSiderealTime(truth.ut1, truth.tt) - truth.gmst)).toBeLessThan(1e-10);
    expect(Math.abs(greenwichApparentSiderealTime(truth.ut1, truth.tt) - truth.gast)).toBeLessThan(1e-10);
  });
  it('nutation IAU 2000B to rounding', () => {
    const { dpsi, deps } = nutation2000B(truth.tt);
    expect(worst([dpsi, deps], truth.nut)).toBeLessThan(1e-13);
  });
  it('Earth position and velocity to rounding (1e-14 au)', () => {
    const { heliocentric, barycentric } = earthState(truth.tt);
    expect(worst(heliocentric.position, truth.h[0]!)).toBeLessThan(1e-14);
    expect(worst(heliocentric.velocity, truth.h[1]!)).toBeLessThan(1e-15);
    expect(worst(barycentric.position, truth.b[0]!)).toBeLessThan(1e-14);
    expect(worst(barycentric.velocity, truth.b[1]!)).toBeLessThan(1e-15);
  });
  it('a telescope in celestial axes within 1 mm', () => {
    const site = { longitudeDeg: -70.749417, latitudeDeg: -30.244639, heightM: 2663 };
    const metres = observerGeocentric(site, truth.tai).position.map((value) => value * AU_KM * 1000);
    expect(worst(metres, truth.gcrs)).toBeLessThan(1e-3);
  });
});

describe('leap seconds', () => {
  it('follows the IERS bulletins', () => {
    expect(taiMinusUtc(57753.99)).toBe(36);
    expect(taiMinusUtc(57754)).toBe(37);
    expect(taiMinusUtc(61000)).toBe(37);
  });
  it('every instant around a leap second has one UTC, in order, and comes back', () => {
    let previous = -Infinity;
    for (let second = -3; second <= 3; second += 0.25) {
      const tai = 57754 + (36 + second) / 86400;
      const utc = taiToUtc(tai);
      expect(utc).toBeGreaterThan(previous);
      expect(Math.abs(utcToTai(utc) - tai) * 86400).toBeLessThan(1e-5);
      previous = utc;
    }
  });
  it('reads the list of the IERS, expiry and all', () => {
    const text = '#@\t3896899200\n#h\tabc\n3644697600\t36\t# 1 Jul 2015\n3692217600\t37\t# 1 Jan 2017\n';
    const table = parseLeapSeconds(text);
    expect(table).toEqual({
      entries: [
        [57204, 36],
        [57754, 37],
      ],
      expiresMjd: 60123,
    });
    expect(taiMinusUtc(60122.9, table)).toBe(37);
    expect(() => taiMinusUtc(60123, table)).toThrow('leap-second table');
    expect(() => parseLeapSeconds('3692217600 37')).toThrow(SkyError);
  });
  it.each([41316.9, 64328, NaN])('refuses UTC %p, outside the table', (mjd) => {
    expect(() => utcToTai(mjd)).toThrow(SkyError);
  });
});

describe('UT1', () => {
  const table = { mjdUtc: [57752, 57753, 57754, 57755], ut1MinusUtc: [-0.4, -0.401, 0.598, 0.597] };
  it('is interpolated through a leap second', () => {
    expect(ut1MinusUtc(57753.5, table)).toBeCloseTo(-0.4015, 10);
    expect(ut1MinusUtc(57754.5, table)).toBeCloseTo(0.5975, 10);
  });
  it('is refused outside a table and zero without one', () => {
    expect(() => ut1MinusUtc(57756, table)).toThrow('UT1 table');
    expect(ut1MinusUtc(60000)).toBe(0);
  });
});

describe('civil dates', () => {
  it.each([
    ['2000-01-01T12:00:00', 51544.5],
    ['2026-11-21', 61365],
    ['1858-11-17T00:00:00.000Z', 0],
    ['2016-12-31T23:59:60.5', 57754 + 0.5 / 86400],
  ])('%s is MJD %p', (text, mjd) => {
    expect(mjdFromIso(text)).toBeCloseTo(mjd, 11);
  });
  it.each(['', '2026-02-30', '2026-13-01', 'yesterday', '2026-01-01T25:00:00'])('refuses "%s"', (text) => {
    expect(() => mjdFromIso(text)).toThrow(SkyError);
  });
  it('writes what it reads', () => {
    expect(isoFromMjd(mjdFromIso('2026-11-21T04:05:06.789'))).toBe('2026-11-21T04:05:06.789');
  });
});
