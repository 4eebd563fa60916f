import { describe, expect, it } from '@jest/globals';
import { Header, type FitsValue } from '#libs/fits';
import { angularSeparationDeg, type CelestialWcs, projectionOf, SkyError, wcsFromHeader } from './index.js';

const TAN_CARDS: Readonly<Record<string, FitsValue>> = {
  CTYPE1: 'RA---TAN',
  CTYPE2: 'DEC--TAN',
  CRPIX1: 512.5,
  CRPIX2: 500,
  CRVAL1: 359.99,
  CRVAL2: -60,
  CD1_1: -5.5e-5,
  CD1_2: 1e-6,
  CD2_1: 1e-6,
  CD2_2: 5.5e-5,
};
const read = (cards: Readonly<Record<string, FitsValue>>, options = {}): CelestialWcs =>
  wcsFromHeader(Header.of(cards), options);
const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    if (error instanceof SkyError) return error.code;
    throw error;
  }
  return 'no error';
};
/** what a header that is given records of one keyword more than once holds */
function withRecords(
  cards: Readonly<Record<string, FitsValue>>,
  records: readonly (readonly [string, string])[],
): Header {
  const header = Header.of(cards);
  header.append(records.map(([keyword, value]) => ({ keyword, value, comment: '', kind: 'value' as const })));
  return header;
}

describe('what is written reads back the same', () => {
  const codes: readonly (readonly [string, readonly (number | null)[]])[] = [
    ['TAN', []],
    ['STG', []],
    ['SIN', [null, 0.1, -0.2]],
    ['ARC', []],
    ['ZEA', []],
    ['ZPN', [0, 1, 0.05, -0.02]],
    ['AIR', [null, 45]],
    ['AZP', [null, 2, 20]],
    ['SZP', [null, 2, 180, 60]],
    ['CYP', [null, 0.5, 0.9]],
    ['CEA', [null, 0.7]],
    ['CAR', []],
    ['MER', []],
    ['SFL', []],
    ['PAR', []],
    ['MOL', []],
    ['AIT', []],
    ['COP', [null, 45, 20]],
    ['COE', [null, 45, 20]],
    ['COD', [null, 45, 20]],
    ['COO', [null, 45, 20]],
    ['BON', [null, 45]],
    ['PCO', []],
    ['TSC', []],
    ['CSC', []],
    ['QSC', []],
    ['HPX', [null, 4, 3]],
    ['XPH', []],
  ];
  const cardsOf = (
    code: string,
    pv: readonly (number | null)[],
    axes: readonly [string, string],
  ): Record<string, FitsValue> => ({
    CTYPE1: `${axes[0]}-${code}`,
    CTYPE2: `${axes[1]}-${code}`,
    CRPIX1: 3.5,
    CRPIX2: 2,
    CRVAL1: 12,
    CRVAL2: 41,
    CDELT1: -0.25,
    CDELT2: 0.25,
    ...Object.fromEntries(pv.flatMap((value, m) => (value === null ? [] : [[`PV2_${m}`, value]]))),
  });
  it.each(codes)('%s %p, in each celestial system, bit for bit', (code, pv) => {
    for (const axes of [
      ['RA--', 'DEC-'],
      ['GLON', 'GLAT'],
      ['ELON', 'ELAT'],
    ] as const) {
      const wcs = read(cardsOf(code, pv, axes));
      const header = new Header();
      wcs.writeTo(header);
      const back = wcsFromHeader(header);
      for (const [x, y] of [
        [2.5, 1],
        [20, 30],
        [-15, 8],
      ] as const) {
        const sky = wcs.pixelToSky(x, y);
        expect(sky.raDeg).not.toBeNaN();
        expect(back.pixelToSky(x, y)).toEqual(sky);
        const pixel = wcs.skyToPixel(sky.raDeg, sky.decDeg);
        expect(Math.hypot(pixel.x - x, pixel.y - y)).toBeLessThan(1e-9);
      }
      expect(header.get('CTYPE1')).toBe(`${axes[0]}-${code}`);
    }
  });
  it('is the list of all projections of Paper II and HEALPix', () => {
    for (const [code, pv] of codes)
      expect(
        projectionOf(
          code,
          pv.map((value) => value ?? 0),
        ).code,
      ).toBe(code === 'BON' && !pv[1] ? 'SFL' : code);
    expect(codes).toHaveLength(28);
  });
  it('a FK5 header stays one', () => {
    const header = new Header();
    read({ ...TAN_CARDS, RADESYS: 'FK5', EQUINOX: 2000 }).writeTo(header);
    expect([header.get('RADESYS'), header.get('EQUINOX')]).toEqual(['FK5', 2000]);
  });
  it('a header that already had another WCS keeps nothing of it', () => {
    const header = Header.of({
      CTYPE1: 'GLON-CAR',
      CTYPE2: 'GLAT-CAR',
      PV1_1: 3,
      PROJP1: 2,
      CPDIS1: 'Lookup',
      CNAME1: 'l',
    });
    read(TAN_CARDS).writeTo(header);
    expect(['PV1_1', 'PROJP1', 'CPDIS1', 'CNAME1'].filter((keyword) => header.has(keyword))).toEqual([]);
  });
});

describe('a reference point of its own', () => {
  // Truth: wcslib 7.12 for CAR at CRVAL (40, 10) with (phi0, theta0) = (30, 20) and the offset on and off
  const cards = {
    CTYPE1: 'RA---CAR',
    CTYPE2: 'DEC--CAR',
    CRPIX1: 1,
    CRPIX2: 1,
    CRVAL1: 40,
    CRVAL2: 10,
    CDELT1: -1,
    CDELT2: 1,
    PV1_1: 30,
    PV1_2: 20,
  };
  it.each([
    [0, [5.289606462866061, -1.2128198192566018]],
    [1, [35.3413112581544, 17.035278284318988]],
  ] as const)('with PV1_0 = %p is where wcslib puts it, and survives the header', (offset, [ra, dec]) => {
    const wcs = read({ ...cards, PV1_0: offset });
    const sky = wcs.pixelToSky(5, 7);
    expect(angularSeparationDeg(sky.raDeg, sky.decDeg, ra, dec)).toBeLessThan(1e-11);
    const header = new Header();
    wcs.writeTo(header);
    expect(wcsFromHeader(header).pixelToSky(5, 7)).toEqual(sky);
  });
  it('PV1_3 and PV1_4 go before LONPOLE and LATPOLE', () => {
    const sky = read({ ...TAN_CARDS, PV1_3: 150, LONPOLE: 20 }).pixelToSky(0, 0);
    expect(sky).toEqual(read({ ...TAN_CARDS, LONPOLE: 150 }).pixelToSky(0, 0));
  });
});

describe('axes in another order', () => {
  it('celestial axes may stand on pixel axes 2 and 3 of a cube', () => {
    const cube = {
      ...Object.fromEntries(Object.entries(TAN_CARDS).filter(([keyword]) => !/^(CD|CRPIX)/.test(keyword))),
      NAXIS: 3,
      WCSAXES: 3,
      CTYPE3: 'STOKES',
      CRPIX1: 1,
      CRPIX2: 512.5,
      CRPIX3: 500,
      CD1_2: -5.5e-5,
      CD1_3: 1e-6,
      CD2_2: 1e-6,
      CD2_3: 5.5e-5,
      CD3_1: 1,
    };
    const wcs = read(cube);
    expect(wcs.description.pixelAxes).toEqual([2, 3]);
    expect(wcs.pixelToSky(10, 20)).toEqual(read(TAN_CARDS).pixelToSky(10, 20));
  });
  it('a celestial axis that depends on three pixel axes is refused', () => {
    expect(codeOf(() => read({ ...TAN_CARDS, WCSAXES: 3, CTYPE3: 'FREQ', CD1_3: 1e-3 }))).toBe('UNSUPPORTED_WCS');
  });
});

describe('SIP and alternates', () => {
  const sip = { A_ORDER: 2, A_2_0: 1e-6, B_ORDER: 2, B_0_2: 2e-6 };
  const alternate = Object.fromEntries(Object.entries(TAN_CARDS).map(([keyword, value]) => [`${keyword}A`, value]));
  it('an alternate takes the SIP keywords when its CTYPE says so, and only then', () => {
    const truth = read({ ...TAN_CARDS, ...sip }).pixelToSky(3, 4);
    const plain = read({ ...alternate, ...sip }, { alternate: 'A' });
    expect(plain.pixelToSky(3, 4)).toEqual(read(TAN_CARDS).pixelToSky(3, 4));
    const named = read({ ...alternate, ...sip, CTYPE1A: 'RA---TAN-SIP', CTYPE2A: 'DEC--TAN-SIP' }, { alternate: 'A' });
    expect(named.pixelToSky(3, 4)).toEqual(truth);
  });
});

describe('distortion functions of Paper IV', () => {
  const sip = {
    ...TAN_CARDS,
    CTYPE1: 'RA---TAN-SIP',
    CTYPE2: 'DEC--TAN-SIP',
    A_ORDER: 2,
    A_2_0: 1e-6,
    A_1_1: 2e-6,
    B_ORDER: 3,
    B_0_3: -1e-9,
  };
  const about = (keyword: string): [string, string][] => [
    [keyword, 'NAXES: 2'],
    [keyword, 'OFFSET.1: 512.5'],
    [keyword, 'OFFSET.2: 500.0'],
  ];
  const truth = read(sip).pixelToSky(40, 900);
  it.each([
    ['SIP', ['SIP.FWD.2_0: 1E-6', 'SIP.FWD.1_1: 2E-6'], ['SIP.FWD.0_3: -1E-9', 'SIP.REV.0_3: 1E-9']],
    ['TPD', ['TPD.FWD.4: 1E-6', 'TPD.FWD.5: 2E-6'], ['TPD.FWD.10: -1E-9']],
    [
      'Polynomial',
      [
        'NUMTERMS: 2',
        'TERM.1.COEFF: 1E-6',
        'TERM.1.VAR.1: 2',
        'TERM.2.COEFF: 2E-6',
        'TERM.2.VAR.1: 1',
        'TERM.2.VAR.2: 1',
      ],
      ['NUMTERMS: 1', 'TERM.1.COEFF: -1E-9', 'TERM.1.VAR.2: 3'],
    ],
  ] as const)('%s before the matrix equals the SIP keywords', (kind, one, two) => {
    const header = withRecords({ ...TAN_CARDS, CPDIS1: kind, CPDIS2: kind }, [
      ...about('DP1'),
      ...one.map((value) => ['DP1', value] as const),
      ...about('DP2'),
      ...two.map((value) => ['DP2', value] as const),
    ]);
    expect(wcsFromHeader(header).pixelToSky(40, 900)).toEqual(truth);
  });
  it('TPV and TPD after the matrix, with exchanged axes, equal the TPV keywords', () => {
    const tpv = {
      ...TAN_CARDS,
      CTYPE1: 'RA---TPV',
      CTYPE2: 'DEC--TPV',
      PV1_1: 1,
      PV1_3: 1e-3,
      PV1_4: 0.1,
      PV2_1: 1,
      PV2_5: 0.2,
    };
    const direct = read(tpv).pixelToSky(40, 900);
    const axes = { ...TAN_CARDS, CQDIS1: 'TPV', CQDIS2: 'TPD' };
    const header = withRecords(axes, [
      ['DQ1', 'TPV.1: 1.0'],
      ['DQ1', 'TPV.3: 1E-3'],
      ['DQ1', 'TPV.4: 0.1'],
      ['DQ2', 'AXIS.1: 2'],
      ['DQ2', 'AXIS.2: 1'],
      ['DQ2', 'TPD.FWD.5: 0.2'],
    ]);
    expect(wcsFromHeader(header).pixelToSky(40, 900)).toEqual(direct);
  });
  it.each([
    ['a table in another HDU', { CPDIS1: 'Lookup' }, []],
    ['a detector table in another HDU', { D2IMDIS1: 'Lookup' }, []],
    ['an unknown function', { CPDIS1: 'Spline' }, []],
    ['a radius before the matrix', { CPDIS1: 'TPD' }, [...about('DP1'), ['DP1', 'TPD.FWD.3: 1E-3']]],
    [
      'another origin',
      { CPDIS1: 'TPD' },
      [
        ['DP1', 'OFFSET.1: 7'],
        ['DP1', 'TPD.FWD.4: 1E-3'],
      ],
    ],
    ['scaled variables', { CPDIS1: 'TPD' }, [...about('DP1'), ['DP1', 'SCALE.1: 7'], ['DP1', 'TPD.FWD.4: 1E-3']]],
    ['auxiliary variables', { CQDIS1: 'TPD' }, [['DQ1', 'AUX.1.COEFF.1: 2']]],
    ['degree 9 after the matrix', { CQDIS1: 'TPD' }, [['DQ1', 'TPD.FWD.49: 1']]],
  ] as const)('%s is refused', (_, cards, records) => {
    const header = withRecords({ ...TAN_CARDS, ...cards }, records as readonly (readonly [string, string])[]);
    expect(codeOf(() => wcsFromHeader(header))).toBe('UNSUPPORTED_WCS');
  });
  it('tables in other HDUs are left out when the caller may do without them', () => {
    const sky = read({ ...TAN_CARDS, CPDIS1: 'LOOKUP' }, { lookupDistortions: 'ignore' }).pixelToSky(3, 4);
    expect(sky).toEqual(read(TAN_CARDS).pixelToSky(3, 4));
  });
});
