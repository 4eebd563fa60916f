import { describe, expect, it } from '@jest/globals';
import { observerGeocentric, parseEarthOrientation, polarMotion, SkyError, ut1MinusUtc, utcToTai } from './index.js';

const ARCSEC = Math.PI / 180 / 3600;

/** a line of finals2000A: Bulletin A values with their flags, and Bulletin B values where given */
function finalsLine(
  mjd: number,
  flag: 'I' | 'P',
  a: readonly [number, number, number],
  b?: readonly [number, number, number],
): string {
  const put = (line: string, at: number, text: string): string =>
    line.slice(0, at).padEnd(at) + text + line.slice(at + text.length);
  let line = put('', 0, '15 127 ');
  line = put(line, 7, mjd.toFixed(2));
  line = put(line, 16, `${flag} ${a[0].toFixed(6).padStart(9)}`);
  line = put(line, 37, a[1].toFixed(6).padStart(9));
  line = put(line, 57, `${flag}${a[2].toFixed(7).padStart(10)}`);
  if (!b) return line;
  line = put(line, 134, b[0].toFixed(6).padStart(10));
  line = put(line, 144, b[1].toFixed(6).padStart(10));
  return put(line, 154, b[2].toFixed(7).padStart(11));
}

describe('tables of the orientation of the Earth', () => {
  const finals = [
    finalsLine(57048, 'I', [0.002902, 0.30216, -0.4867876], [0.00289, 0.3022, -0.4867861]),
    finalsLine(57049, 'I', [0.002371, 0.303081, -0.488009]),
    finalsLine(57050, 'P', [0.002261, 0.304429, -0.4890652]),
    '15 130 57051.00',
  ].join('\n');

  it('finals2000A: Bulletin B goes before A, predictions are marked, dates without values left out', () => {
    expect(parseEarthOrientation(finals)).toEqual({
      mjdUtc: [57048, 57049, 57050],
      ut1MinusUtc: [-0.4867861, -0.488009, -0.4890652],
      xPoleArcsec: [0.00289, 0.002371, 0.002261],
      yPoleArcsec: [0.3022, 0.303081, 0.304429],
      predictedFromMjd: 57050,
    });
  });
  it('Bulletin A: its rapid service and its predictions', () => {
    const text = `
                     COMBINED EARTH ORIENTATION PARAMETERS:
              MJD      x    error     y    error   UT1-UTC   error
   15  1 26  57048 0.00290 .00009 0.30216 .00009 -0.486788 0.000020
   15  1 27  57049 0.00237 .00009 0.30308 .00009 -0.488009 0.000020
                     PREDICTIONS:
         MJD      x(arcsec)   y(arcsec)   UT1-UTC(sec)
       2015  1 28  57050       0.0023      0.3044     -0.48907
       2015  1 29  57051       0.0022      0.3057     -0.48990
`;
    const table = parseEarthOrientation(text);
    expect(table.mjdUtc).toEqual([57048, 57049, 57050, 57051]);
    expect(table.ut1MinusUtc).toEqual([-0.486788, -0.488009, -0.48907, -0.4899]);
    expect(table.yPoleArcsec).toEqual([0.30216, 0.30308, 0.3044, 0.3057]);
    expect(table.predictedFromMjd).toBe(57050);
  });
  it('C04', () => {
    const line = (day: number, mjd: number, dut1: string): string =>
      `2015   1  ${day}  ${mjd}   0.002890   0.302200  ${dut1}   0.0012748  -0.000194  -0.000055   0.000030   0.000030`;
    const table = parseEarthOrientation([line(26, 57048, '-0.4867861'), line(27, 57049, '-0.4880195')].join('\n'));
    expect(table.ut1MinusUtc).toEqual([-0.4867861, -0.4880195]);
    expect(table.predictedFromMjd).toBeUndefined();
  });
  it('values between the days are on the line between them; past the end is an error, for the pole too', () => {
    const table = parseEarthOrientation(finals);
    expect(ut1MinusUtc(57049.5, table)).toBeCloseTo((-0.488009 - 0.4890652) / 2, 12);
    expect(polarMotion(57049.5, table).yp / ARCSEC).toBeCloseTo((0.303081 + 0.304429) / 2, 12);
    for (const mjd of [57047.9, 57050.1, NaN]) {
      expect(() => ut1MinusUtc(mjd, table)).toThrow('UT1 table');
      expect(() => polarMotion(mjd, table)).toThrow(SkyError);
    }
  });
  it('no table and no pole are zero', () => {
    expect(polarMotion(57049)).toEqual({ xp: 0, yp: 0 });
    expect(polarMotion(57049, { mjdUtc: [57048, 57050], ut1MinusUtc: [0, 0] })).toEqual({ xp: 0, yp: 0 });
  });
  it('the measured pole moves a telescope by metres: 0.3 arcsec of 6378 km are 9 m', () => {
    const table = parseEarthOrientation(finals);
    const site = { longitudeDeg: -90, latitudeDeg: 45, heightM: 0 };
    const tai = utcToTai(57049);
    const still = { ...table, xPoleArcsec: [0, 0, 0], yPoleArcsec: [0, 0, 0] };
    const a = observerGeocentric(site, tai, table).position;
    const b = observerGeocentric(site, tai, still).position;
    const metres = Math.hypot(...a.map((value, k) => value - b[k]!)) * 149597870700;
    expect(metres).toBeCloseTo(0.30309 * ARCSEC * 6367489, 0);
  });
  it.each(['', 'no numbers', '15 127 57049.00 I  0.002371 x', finals.split('\n').slice(0, 3).toReversed().join('\n')])(
    'refuses %p',
    (text) => {
      expect(() => parseEarthOrientation(text)).toThrow(SkyError);
    },
  );
});
