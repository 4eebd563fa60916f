import { describe, expect, it } from '@jest/globals';
import {
  AU_KM,
  geodeticOf,
  OBSERVATORIES,
  observatory,
  observerGeocentric,
  parseObservatoryCodes,
  sitePositionKm,
  SkyError,
  type Vec3,
} from './index.js';

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

describe('observatories', () => {
  it('knows the MPC constants of Rubin Observatory, within 200 m of its geodetic position', () => {
    const mpc = observerGeocentric(observatory('X05'), 60000).position;
    const geodetic = { longitudeDeg: -70.749417, latitudeDeg: -30.244639, heightM: 2663 };
    expect(worst(mpc, observerGeocentric(geodetic, 60000).position) * AU_KM).toBeLessThan(0.2);
    expect(observerGeocentric(observatory('500'), 60000).position).toEqual([0, 0, 0]);
    expect(() => observatory('???')).toThrow(SkyError);
  });

  // Published geodetic coordinates; five decimals of the constants are 60 m
  it.each([
    ['W84', -70.80653, -30.16966, 2241],
    ['I41', -116.8597, 33.3573, 1707],
    ['F51', -156.2559, 20.7075, 3044],
    ['G96', -110.7887, 32.4428, 2789],
    ['309', -70.4043, -24.6272, 2664],
    ['645', -105.8206, 32.7803, 2788],
    ['T14', -155.4689, 19.8253, 4204],
  ])('%s stands at longitude %p, latitude %p, height %p, within 300 m', (code, longitude, latitude, height) => {
    const truth = sitePositionKm({ longitudeDeg: longitude, latitudeDeg: latitude, heightM: height });
    expect(worst(sitePositionKm(observatory(code)), truth)).toBeLessThan(0.3);
  });

  it('every site but the geocentre lies between 100 m below and 5 km above the ellipsoid', () => {
    for (const [code, site] of OBSERVATORIES) {
      expect(site.code).toBe(code);
      if (code === '500') continue;
      const { heightM } = geodeticOf(site);
      expect(heightM).toBeGreaterThan(-100);
      expect(heightM).toBeLessThan(5000);
    }
  });

  it('reads the list of the Minor Planet Center, in its long and short columns', () => {
    const text = [
      'Code  Long.   cos      sin    Name',
      '000   0.0000 0.62411 +0.77873 Greenwich',
      '005   2.231000.659891+0.748875Meudon',
      '247                           Roving Observer',
      'Z84 357.451790.797523+0.601826Calar Alto-Schmidt',
      '</pre>',
    ].join('\r\n');
    const list = parseObservatoryCodes(text);
    expect([...list.keys()]).toEqual(['000', '005', 'Z84']);
    expect(list.get('005')).toEqual({
      code: '005',
      name: 'Meudon',
      longitudeDeg: 2.231,
      rhoCosPhi: 0.659891,
      rhoSinPhi: 0.748875,
    });
    expect(observatory('Z84', list)).toEqual({ ...observatory('Z84') });
    expect(() => parseObservatoryCodes('nothing here')).toThrow(SkyError);
    expect(() => observatory('X05', list)).toThrow('X05');
  });
});

describe('geodetic coordinates', () => {
  it('follow from geocentric ones: the test of SOFA GC2GD, WGS 84', () => {
    const xyz: Vec3 = [2000, 3000, 5244];
    const site = {
      longitudeDeg: (Math.atan2(xyz[1], xyz[0]) * 180) / Math.PI,
      rhoCosPhi: Math.hypot(xyz[0], xyz[1]) / 6378.14,
      rhoSinPhi: xyz[2] / 6378.14,
    };
    const { latitudeDeg, heightM } = geodeticOf(site);
    expect((latitudeDeg * Math.PI) / 180).toBeCloseTo(0.9716018481907546, 13);
    expect(heightM).toBeCloseTo(331.41724614260596, 7);
  });
  it.each([90, -90, 0, -30])('return at latitude %p', (latitudeDeg) => {
    const position = sitePositionKm({ longitudeDeg: 10, latitudeDeg, heightM: 1234 });
    const rho = Math.hypot(position[0], position[1]) / 6378.14;
    const back = geodeticOf({ longitudeDeg: 10, rhoCosPhi: rho, rhoSinPhi: position[2] / 6378.14 });
    expect(back.latitudeDeg).toBeCloseTo(latitudeDeg, 11);
    expect(back.heightM).toBeCloseTo(1234, 6);
  });
});
