import { describe, expect, it } from '@jest/globals';
import { Header } from '#libs/fits';
import {
  addETerms,
  angularSeparationDeg,
  fk4ToIcrs,
  fk5ToIcrs,
  icrsToFk4,
  icrsToFk5,
  removeETerms,
  type SkyPosition,
  wcsFromHeader,
} from './index.js';

const apartMas = (a: SkyPosition, b: SkyPosition): number =>
  angularSeparationDeg(a.raDeg, a.decDeg, b.raDeg, b.decDeg) * 3.6e6;
const PLACES = [
  { raDeg: 0, decDeg: -60 },
  { raDeg: 359.99, decDeg: 0 },
  { raDeg: 123, decDeg: 45 },
  { raDeg: 50, decDeg: 90 },
  { raDeg: 50, decDeg: -89.9 },
];

describe('FK5 and FK4', () => {
  it('FK5 J2000 is ICRS to 32 mas, turned as Hipparcos found it', () => {
    for (const place of PLACES) expect(apartMas(fk5ToIcrs(place), place)).toBeLessThan(32);
    // signs: ERFA fk5hip, whose element 12 is +1.11022335e-7
    expect((90 - fk5ToIcrs({ raDeg: 90, decDeg: 0 }).raDeg) * (Math.PI / 180)).toBeCloseTo(1.11022335e-7, 13);
  });
  it('precession carries the equinox by 50.29 arcsec a year along the ecliptic', () => {
    const { raDeg, decDeg } = icrsToFk5({ raDeg: 0, decDeg: 0 }, 2050);
    expect(Math.hypot(raDeg, decDeg) * 3600).toBeCloseTo(50 * 50.29, -1);
  });
  it.each([1875, 1950, 2000])('positions come back from equinox %p within 2 mas', (equinox) => {
    for (const place of PLACES) {
      expect(apartMas(icrsToFk5(fk5ToIcrs(place, equinox), equinox), place)).toBeLessThan(0.001);
      // the matrix of FK4 turns with the epoch and is a rotation to a part in 10^8
      expect(apartMas(icrsToFk4(fk4ToIcrs(place, { equinox }), { equinox }), place)).toBeLessThan(2);
      expect(apartMas(addETerms(removeETerms(place, equinox), equinox), place)).toBeLessThan(0.001);
    }
  });
  it('3C 273: B1950 12h26m33.248s +02d19m43.31s is J2000 12h29m06.700s +02d03m08.60s', () => {
    // 3C 273 (Hazard et al. 1971 and the ICRF): 0.2 arcsec are the errors of the FK4 position
    const fk4 = { raDeg: 15 * (12 + 26 / 60 + 33.248 / 3600), decDeg: 2 + 19 / 60 + 43.31 / 3600 };
    const icrs = { raDeg: 15 * (12 + 29 / 60 + 6.6997 / 3600), decDeg: 2 + 3 / 60 + 8.598 / 3600 };
    expect(apartMas(fk4ToIcrs(fk4), icrs)).toBeLessThan(250);
  });
  it('the E-terms move positions by up to 0.34 arcsec', () => {
    const shifts = PLACES.map((place) => apartMas(removeETerms(place), place));
    for (const shift of shifts) expect(shift).toBeLessThan(345);
    expect(Math.max(...shifts)).toBeGreaterThan(200);
  });
  it('an image header in FK5 of another equinox is precessed to ICRS', () => {
    const cards = {
      CTYPE1: 'RA---TAN',
      CTYPE2: 'DEC--TAN',
      CRVAL1: 120,
      CRVAL2: -60,
      CRPIX1: 1,
      CRPIX2: 1,
      CDELT1: -1e-4,
      CDELT2: 1e-4,
      RADESYS: 'FK5',
      EQUINOX: 1950,
    };
    const wcs = wcsFromHeader(Header.of(cards));
    // FK5 J2000 counts as ICRS there
    expect(apartMas(wcs.pixelToSky(0, 0), fk5ToIcrs({ raDeg: 120, decDeg: -60 }, 1950))).toBeLessThan(32);
    // by default an equinox from 1984 on is one of FK5, an earlier one of FK4 (Paper II)
    const unnamed = Object.fromEntries(Object.entries(cards).filter(([keyword]) => keyword !== 'RADESYS'));
    const late = { ...unnamed, EQUINOX: 1990 };
    expect(
      apartMas(wcsFromHeader(Header.of(late)).pixelToSky(0, 0), fk5ToIcrs({ raDeg: 120, decDeg: -60 }, 1990)),
    ).toBeLessThan(32);
    expect(() => wcsFromHeader(Header.of(unnamed))).toThrow('FK4');
    const back = new Header();
    wcs.writeTo(back);
    expect(wcsFromHeader(back).pixelToSky(5, 6)).toEqual(wcs.pixelToSky(5, 6));
  });
});
