import { describe, expect, it } from '@jest/globals';
import type { FitsHeader, FitsValue } from '#libs/fits';
import {
  angularSeparationDeg,
  CelestialWcs,
  cdMatrix,
  hasWcs,
  makeTanSipWcs,
  makeTanWcs,
  SipMap,
  sipPolynomial,
  SkyError,
  TpvMap,
  wcsFromHeader,
} from './index.js';

class MapHeader implements FitsHeader {
  readonly cards: Map<string, FitsValue>;
  constructor(cards: Record<string, FitsValue> = {}) {
    this.cards = new Map(Object.entries(cards));
  }
  get(keyword: string): FitsValue {
    return this.cards.get(keyword);
  }
  has(keyword: string): boolean {
    return this.cards.has(keyword);
  }
  set(keyword: string, value: FitsValue): void {
    this.cards.set(keyword, value);
  }
  delete(keyword: string): void {
    this.cards.delete(keyword);
  }
}

const TAN_CARDS = {
  CTYPE1: 'RA---TAN',
  CTYPE2: 'DEC--TAN',
  CRPIX1: 512.5,
  CRPIX2: 500,
  CRVAL1: 359.99,
  CRVAL2: -60,
  CD1_1: -0.2 / 3600,
  CD1_2: 1e-6,
  CD2_1: 1e-6,
  CD2_2: 0.2 / 3600,
};

const sip = new SipMap(
  sipPolynomial(3, [
    [2, 0, 2e-6],
    [1, 1, -1e-6],
    [0, 2, 3e-6],
    [3, 0, 1e-9],
    [1, 2, -2e-9],
  ]),
  sipPolynomial(2, [
    [2, 0, -1e-6],
    [0, 2, 4e-6],
  ]),
);

const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof SkyError) return error.code;
    throw error;
  }
  return 'no error';
};

/** worst |pixel -> sky -> pixel| over a grid [px] */
function roundTrip(wcs: CelestialWcs, size: number): number {
  let worst = 0;
  for (let x = -10; x <= size; x += size / 7)
    for (let y = -10; y <= size; y += size / 5) {
      const sky = wcs.pixelToSky(x, y);
      const back = wcs.skyToPixel(sky.raDeg, sky.decDeg);
      worst = Math.max(worst, Math.hypot(back.x - x, back.y - y));
    }
  return worst;
}

describe('a TAN WCS', () => {
  it('maps the reference pixel, 1-based in the header, to CRVAL', () => {
    const { raDeg, decDeg } = wcsFromHeader(new MapHeader(TAN_CARDS)).pixelToSky(511.5, 499);
    expect(raDeg).toBeCloseTo(359.99, 12);
    expect(decDeg).toBeCloseTo(-60, 12);
  });

  it.each([
    [180, 0],
    [0, -60],
    [359.9999, 45],
    [12, 90],
    [200, -90],
    [77, 89.99],
  ])('returns to the same pixel within 1e-8 px around RA %p dec %p', (crvalRaDeg, crvalDecDeg) => {
    // rounding: 1e-16 rad is 1e-10 px at 0.2 arcsec/px; inputs in degrees up to 360 carry 6e-14 deg = 1e-9 px
    const wcs = makeTanWcs({ crpix: { x: 2000, y: 2000 }, crvalRaDeg, crvalDecDeg, cd: cdMatrix(0.2, 30) });
    expect(roundTrip(wcs, 4000)).toBeLessThan(1e-8);
  });

  it('agrees with the gnomonic formulae of the textbooks (Green 1985, eq. 13.14)', () => {
    const wcs = makeTanWcs({ crpix: { x: 0, y: 0 }, crvalRaDeg: 50, crvalDecDeg: -37, cd: cdMatrix(3600) });
    const rad = Math.PI / 180;
    const [ra, dec, d0] = [53 * rad, -33 * rad, -37 * rad];
    const cosC = Math.sin(d0) * Math.sin(dec) + Math.cos(d0) * Math.cos(dec) * Math.cos(3 * rad);
    const xi = (Math.cos(dec) * Math.sin(ra - 50 * rad)) / cosC / rad;
    const eta = (Math.cos(d0) * Math.sin(dec) - Math.sin(d0) * Math.cos(dec) * Math.cos(3 * rad)) / cosC / rad;
    const pixel = wcs.skyToPixel(53, -33);
    expect(pixel.x).toBeCloseTo(-xi, 11);
    expect(pixel.y).toBeCloseTo(eta, 11);
  });

  it('gives NaN for the far hemisphere and for NaN input, without throwing', () => {
    const wcs = wcsFromHeader(new MapHeader(TAN_CARDS));
    expect(wcs.skyToPixel(180, 60).x).toBeNaN();
    expect(wcs.skyToPixel(NaN, 0).y).toBeNaN();
    expect(wcs.pixelToSky(NaN, 0).raDeg).toBeNaN();
  });

  it('keeps right ascension in [0, 360) across the meridian', () => {
    const wcs = makeTanWcs({ crpix: { x: 0, y: 0 }, crvalRaDeg: 0, crvalDecDeg: 10, cd: cdMatrix(1) });
    expect(wcs.pixelToSky(100, 0).raDeg).toBeGreaterThan(359.9);
    expect(wcs.pixelToSky(-100, 0).raDeg).toBeLessThan(0.1);
    expect(wcs.pixelToSky(0, 0).raDeg).toBe(0);
  });

  it('has the pixel scale of its CD matrix at the centre and covers less sky outwards, as cos^3 of the distance', () => {
    const wcs = makeTanWcs({ crpix: { x: 0, y: 0 }, crvalRaDeg: 0, crvalDecDeg: 10, cd: cdMatrix(2) });
    expect(wcs.pixelScaleArcsec()).toBeCloseTo(2, 7);
    // gnomonic area element: cos^3 of the distance from the centre
    const distance = Math.atan((1800 * 2 * Math.PI) / 180 / 3600);
    expect(wcs.pixelScaleArcsec(1800, 0)).toBeCloseTo(2 * Math.cos(distance) ** 1.5, 7);
  });

  it('cdMatrix turns the y axis to the position angle given', () => {
    const wcs = makeTanWcs({ crpix: { x: 0, y: 0 }, crvalRaDeg: 0, crvalDecDeg: 0, cd: cdMatrix(1, 90) });
    const up = wcs.pixelToSky(0, 100);
    expect(up.raDeg * 3600).toBeCloseTo(100, 4);
    expect(up.decDeg).toBeCloseTo(0, 9);
    const right = wcs.pixelToSky(100, 0);
    expect(right.decDeg * 3600).toBeCloseTo(100, 4);
  });

  it('sees the same sky from a shifted frame', () => {
    const wcs = makeTanSipWcs({ ...wcsFromHeader(new MapHeader(TAN_CARDS)).description, sip });
    expect(wcs.shifted(100, -20).pixelToSky(5, 6)).toEqual(wcs.pixelToSky(105, -14));
  });

  it('array forms equal the scalar forms and may work in place', () => {
    const wcs = makeTanSipWcs({ ...wcsFromHeader(new MapHeader(TAN_CARDS)).description, sip });
    const x = Float64Array.of(0, 100, 1000, NaN);
    const y = Float64Array.of(5, 800, 3, 4);
    const ra = x.slice();
    const dec = y.slice();
    wcs.pixelToSkyArrays(ra, dec, ra, dec);
    x.forEach((value, i) => expect({ raDeg: ra[i], decDeg: dec[i] }).toEqual(wcs.pixelToSky(value, y[i]!)));
    wcs.skyToPixelArrays(ra, dec, ra, dec);
    expect(ra[2]).toBeCloseTo(1000, 7);
    expect(dec[3]).toBeNaN();
  });
});

describe('matrix forms of the header', () => {
  const { CD1_1, CD1_2, CD2_1, CD2_2, ...base } = TAN_CARDS;
  it('PC with CDELT equals CD', () => {
    const pc = { ...base, CDELT1: CD1_1, CDELT2: CD2_2, PC1_2: CD1_2 / CD1_1, PC2_1: CD2_1 / CD2_2 };
    const sky = wcsFromHeader(new MapHeader(pc)).pixelToSky(3, 900);
    const truth = wcsFromHeader(new MapHeader(TAN_CARDS)).pixelToSky(3, 900);
    expect(angularSeparationDeg(sky.raDeg, sky.decDeg, truth.raDeg, truth.decDeg)).toBeLessThan(1e-13);
  });
  it('CROTA2 rotates as in Paper I (section 6.1): CD1_2 = -CDELT2 sin, CD2_1 = CDELT1 sin', () => {
    const crota = { ...base, CDELT1: -0.01, CDELT2: 0.02, CROTA2: 30 };
    const { cd } = wcsFromHeader(new MapHeader(crota)).description;
    expect(cd[0][0]).toBeCloseTo(-0.01 * Math.cos(Math.PI / 6), 15);
    expect(cd[0][1]).toBeCloseTo(-0.01, 15);
    expect(cd[1][0]).toBeCloseTo(-0.005, 15);
    expect(cd[1][1]).toBeCloseTo(0.02 * Math.cos(Math.PI / 6), 15);
  });
  it('swapped axes (declination first) give the same sky', () => {
    const swapped = {
      ...TAN_CARDS,
      CTYPE1: 'DEC--TAN',
      CTYPE2: 'RA---TAN',
      CRVAL1: -60,
      CRVAL2: 359.99,
      CD1_1: CD2_1,
      CD1_2: CD2_2,
      CD2_1: CD1_1,
      CD2_2: CD1_2,
    };
    expect(wcsFromHeader(new MapHeader(swapped)).pixelToSky(3, 900)).toEqual(
      wcsFromHeader(new MapHeader(TAN_CARDS)).pixelToSky(3, 900),
    );
  });
});

describe('distortions', () => {
  it('SIP adds A(u, v) and B(u, v) to the pixel offsets', () => {
    const base = wcsFromHeader(new MapHeader(TAN_CARDS)).description;
    const [u, v] = [300, -200];
    const du = 2e-6 * u * u - 1e-6 * u * v + 3e-6 * v * v + 1e-9 * u ** 3 - 2e-9 * u * v * v;
    const dv = -1e-6 * u * u + 4e-6 * v * v;
    const { x, y } = base.crpix;
    const distorted = makeTanSipWcs({ ...base, sip }).pixelToSky(x + u, y + v);
    const plain = makeTanWcs(base).pixelToSky(x + u + du, y + v + dv);
    expect(angularSeparationDeg(distorted.raDeg, distorted.decDeg, plain.raDeg, plain.decDeg)).toBeLessThan(1e-13);
  });
  it('SIP inverts to 1e-7 px without inverse polynomials', () => {
    expect(
      roundTrip(makeTanSipWcs({ ...wcsFromHeader(new MapHeader(TAN_CARDS)).description, sip }), 4000),
    ).toBeLessThan(1e-7);
  });
  it('a direction beyond the fold of a distortion has no pixel', () => {
    // u + 1e-4 u^2 folds at u = -5000, where it reaches -2500
    const folding = new SipMap(sipPolynomial(2, [[2, 0, 1e-4]]), sipPolynomial(0, []));
    const base = { crpix: { x: 0, y: 0 }, crvalRaDeg: 10, crvalDecDeg: 0, cd: cdMatrix(0.2) };
    const beyond = makeTanWcs(base).pixelToSky(-3000, 0);
    expect(makeTanSipWcs({ ...base, sip: folding }).skyToPixel(beyond.raDeg, beyond.decDeg).x).toBeNaN();
  });
  it('TPV evaluates its published terms: PV1_7 x^3, PV1_3 r, PV2_8 of axis 2 is y^2 x', () => {
    const pv1 = new Float64Array(40);
    pv1[1] = 1;
    pv1[3] = 0.01;
    pv1[7] = 0.5;
    const pv2 = new Float64Array(40);
    pv2[1] = 1;
    pv2[8] = 0.25;
    const out = new Float64Array(6);
    new TpvMap(pv1, pv2).forward(0.3, 0.4, out);
    expect(out[0]).toBeCloseTo(0.3 + 0.01 * 0.5 + 0.5 * 0.027, 14);
    expect(out[1]).toBeCloseTo(0.4 + 0.25 * 0.16 * 0.3, 14);
  });
  it('analytic derivatives of SIP and TPV equal central differences', () => {
    const pv = Float64Array.from({ length: 40 }, (_, m) => (m === 1 ? 1 : Math.sin(m) * 0.01));
    for (const [map, scale] of [
      [sip, 500],
      [new TpvMap(pv, pv.slice(0, 23)), 0.5],
    ] as const) {
      const out = new Float64Array(6);
      const plus = new Float64Array(6);
      const minus = new Float64Array(6);
      const h = scale * 1e-5;
      const [u, v] = [0.7 * scale, -0.4 * scale];
      map.withDerivatives(u, v, out);
      for (const axis of [0, 1]) {
        map.forward(u + (axis === 0 ? h : 0), v + (axis === 1 ? h : 0), plus);
        map.forward(u - (axis === 0 ? h : 0), v - (axis === 1 ? h : 0), minus);
        expect((plus[0]! - minus[0]!) / (2 * h)).toBeCloseTo(out[2 + axis]!, 8);
        expect((plus[1]! - minus[1]!) / (2 * h)).toBeCloseTo(out[4 + axis]!, 8);
      }
    }
  });
  it('TAN with PV terms of the SCAMP kind is read as TPV', () => {
    const header = new MapHeader({ ...TAN_CARDS, PV1_0: 0, PV1_1: 1, PV1_7: 1e-3, PV2_1: 1, PV2_7: 1e-3 });
    const tpv = new MapHeader({ ...Object.fromEntries(header.cards), CTYPE1: 'RA---TPV', CTYPE2: 'DEC--TPV' });
    expect(wcsFromHeader(header).pixelToSky(0, 0)).toEqual(wcsFromHeader(tpv).pixelToSky(0, 0));
    expect(wcsFromHeader(header).description.tpv).toBeDefined();
    expect(roundTrip(wcsFromHeader(header), 3000)).toBeLessThan(1e-7);
  });
});

describe('header in, header out', () => {
  it('writes what it reads, bit for bit, and leaves no old keywords behind', () => {
    const wcs = makeTanSipWcs({ ...wcsFromHeader(new MapHeader(TAN_CARDS)).description, sip });
    const header = new MapHeader({ CROTA2: 45, PC1_1: 3, CDELT1: 7, PV2_5: 1, B_0_3: 9, EXPTIME: 30 });
    wcs.writeTo(header);
    const back = wcsFromHeader(header);
    expect(back.pixelToSky(17.25, 900)).toEqual(wcs.pixelToSky(17.25, 900));
    expect(header.has('CROTA2') || header.has('PC1_1') || header.has('PV2_5')).toBe(false);
    expect(header.get('EXPTIME')).toBe(30);
  });
  it('a TPV WCS survives the header', () => {
    const pv = new Float64Array(12);
    pv[1] = 1.001;
    pv[7] = 2e-3;
    const wcs = new CelestialWcs({ ...wcsFromHeader(new MapHeader(TAN_CARDS)).description, tpv: new TpvMap(pv, pv) });
    const header = new MapHeader();
    wcs.writeTo(header);
    expect(wcsFromHeader(header).pixelToSky(9, 900)).toEqual(wcs.pixelToSky(9, 900));
  });
  it.each([
    ['MISSING_WCS', {}],
    ['MISSING_WCS', { CTYPE1: 'LINEAR', CTYPE2: 'LINEAR' }],
    ['UNSUPPORTED_WCS', { ...TAN_CARDS, CTYPE1: 'RA---TAB', CTYPE2: 'DEC--TAB' }],
    ['INVALID_WCS', { ...TAN_CARDS, CD1_1: 0, CD1_2: 0 }],
    ['INVALID_WCS', { ...TAN_CARDS, CRVAL1: 'twelve' }],
    ['INVALID_WCS', { ...TAN_CARDS, A_ORDER: 2 }],
    ['INVALID_WCS', { ...TAN_CARDS, A_ORDER: 12, B_ORDER: 2 }],
    ['UNSUPPORTED_WCS', { ...TAN_CARDS, CUNIT1: 'm' }],
  ] as const)('refuses with %s: %p', (code, cards) => {
    expect(codeOf(() => wcsFromHeader(new MapHeader(cards)))).toBe(code);
  });
  it('knows whether a header has celestial axes', () => {
    expect(hasWcs(new MapHeader(TAN_CARDS))).toBe(true);
    expect(hasWcs(new MapHeader({ CTYPE1: 'LINEAR' }))).toBe(false);
  });
});
