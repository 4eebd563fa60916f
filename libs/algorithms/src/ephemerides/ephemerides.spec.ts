import { describe, expect, it } from '@jest/globals';
import { SOLAR_SYSTEM_COLUMNS } from '#libs/schema';
import { angularSeparationDeg, observatory, type StateVector, tdbToTai, utcToTai, type Vec3 } from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import {
  astrometricPlace,
  cometaryElements,
  type CometaryElements,
  eclipticToIcrs,
  GM_SUN,
  heliocentricState,
  hgMagnitude,
  icrsToEcliptic,
  type KnownOrbit,
  observingInstant,
  predictSsObjects,
  propagateTwoBody,
  solarSystemTable,
  stumpff,
} from './index.js';

const CERES = cometaryElements({
  a: 2.766380805878023,
  e: 7.85750943150799e-2,
  inclinationDeg: 10.58712597794349,
  nodeDeg: 80.26775296710701,
  argPeriDeg: 73.56968535036279,
  meanAnomalyDeg: 321.4371287399738,
  epochMjd: 59740,
});

const worst = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, k) => Math.abs(value - b[k]!)));

describe('two-body motion', () => {
  it('turns elements into the state vector of JPL Horizons (1 Ceres, 2022-06-10 TDB) to rounding', () => {
    const state = heliocentricState(CERES, 59740);
    expect(
      worst(icrsToEcliptic(state.position), [-8.354726583796999e-1, 2.455132459520164, 2.314862198331841e-1]),
    ).toBeLessThan(1e-13);
    expect(
      worst(icrsToEcliptic(state.velocity), [-1.000026022185188e-2, -4.171663864644086e-3, 1.710462301123233e-3]),
    ).toBeLessThan(1e-15);
    expect(CERES.periTimeMjd + 2400000.5).toBeCloseTo(2459920.525171203, 7);
  });

  it.each([
    // e, mean anomaly, eccentric anomaly [deg]: Meeus, Astronomical Algorithms, example 30.a and the table on page 197
    [0.1, 5, 5.554589254],
    [0.99, (0.2 * 180) / Math.PI, (1.066997365282 * 180) / Math.PI],
  ])("solves Kepler's equation for e = %p, M = %p deg (Meeus, chapter 30)", (e, meanAnomaly, eccentric) => {
    const orbit = cometaryElements({
      a: 1,
      e,
      inclinationDeg: 0,
      nodeDeg: 0,
      argPeriDeg: 0,
      meanAnomalyDeg: meanAnomaly,
      epochMjd: 50000,
    });
    const { position } = heliocentricState(orbit, 50000);
    expect(position[0]).toBeCloseTo(Math.cos((eccentric * Math.PI) / 180) - e, 10);
  });

  it.each([0, 0.3, 0.97, 0.999999, 1, 1.000001, 1.2, 5])(
    'conserves energy and angular momentum on an orbit of e = %p and agrees with the propagated state',
    (e) => {
      const orbit: CometaryElements = {
        q: 0.8,
        e,
        inclinationDeg: 40,
        nodeDeg: 300,
        argPeriDeg: 20,
        periTimeMjd: 60000,
      };
      const start = heliocentricState(orbit, 59950);
      for (const days of [-400, -50, 0, 1e-3, 49, 50, 51, 300]) {
        const direct = heliocentricState(orbit, 59950 + days);
        const moved = propagateTwoBody(start, days);
        expect(worst(direct.position, moved.position)).toBeLessThan(1e-11);
        expect(worst(direct.velocity, moved.velocity)).toBeLessThan(1e-12);
        const r = Math.hypot(...direct.position);
        const v2 = direct.velocity.reduce((sum, component) => sum + component ** 2, 0);
        expect(v2 / 2 - GM_SUN / r).toBeCloseTo((-GM_SUN * (1 - e)) / (2 * 0.8), 14);
      }
    },
  );

  it('returns after any number of revolutions', () => {
    const state = heliocentricState(CERES, 60000);
    const period = (2 * Math.PI * 2.766380805878023 ** 1.5) / Math.sqrt(GM_SUN);
    // 1000 periods of 1680 days: a double holds the product to 1e-10 days
    expect(worst(propagateTwoBody(state, 1000 * period).position, state.position)).toBeLessThan(1e-9);
  });

  it('series and closed forms of the Stumpff functions meet', () => {
    const [a, b] = [new Float64Array(3), new Float64Array(3)];
    for (const z of [1, -1]) {
      stumpff(z * (1 - 1e-9), a);
      stumpff(z * (1 + 1e-9), b);
      a.forEach((value, k) => expect(Math.abs(value - b[k]!)).toBeLessThan(2e-9));
    }
    stumpff(0, a);
    expect([...a]).toEqual([1, 0.5, 1 / 6]);
  });

  it('refuses what is no orbit', () => {
    expect(() => cometaryElements({ ...CERES, a: 1, e: 1.1, meanAnomalyDeg: 0, epochMjd: 0 })).toThrow(AlgorithmError);
    expect(() => heliocentricState({ ...CERES, q: -1 }, 60000)).toThrow(AlgorithmError);
    expect(() => propagateTwoBody({ position: [0, 0, 0], velocity: [0, 0, 0] }, 1)).toThrow(AlgorithmError);
  });
});

describe('astrometric places', () => {
  it.each([
    // Horizons, geocentric astrometric ICRF (5 decimals of a degree = 0.018 arcsec rounding), range, heliocentric distance
    [59740, 101.73343, 26.78554, 3.51731638211972, 2.603715306632, 0.04],
    [59750, 106.56175, 26.59903, 3.55351777391857, 2.59811211126, 0.05],
    // 30 days of neglected planets
    [59770, 116.30339, 25.79505, 3.59188943334117, 2.587682204769, 0.3],
  ])(
    'of Ceres from the geocentre at UTC MJD %p agree with JPL Horizons',
    (mjdUtc, ra, dec, delta, r, toleranceArcsec) => {
      const instant = observingInstant(utcToTai(mjdUtc), observatory('500'));
      const place = astrometricPlace((mjd) => heliocentricState(CERES, mjd), instant);
      expect(angularSeparationDeg(place.raDeg, place.decDeg, ra, dec) * 3600).toBeLessThan(toleranceArcsec);
      expect(Math.abs(place.topoRange - delta)).toBeLessThan(2e-6);
      expect(Math.abs(place.helioRange - r)).toBeLessThan(2e-6);
    },
  );

  it('motion, phase, elongation and brightness of Ceres agree with Horizons', () => {
    const instant = observingInstant(utcToTai(59740), observatory('500'));
    const place = astrometricPlace((mjd) => heliocentricState(CERES, mjd), instant);
    // apparent rates of date 64.31742, -1.85528 arcsec/h: the frames differ by a rotation, not in speed
    expect((Math.hypot(place.rateRaDegPerDay, place.rateDecDegPerDay) * 3600) / 24).toBeCloseTo(
      Math.hypot(64.31742, 1.85528),
      1,
    );
    expect(place.phaseDeg).toBeCloseTo(8.3884, 1);
    expect(place.elongationDeg).toBeCloseTo(21.9691, 2);
    expect(hgMagnitude(3.33, 0.12, place)).toBeCloseTo(8.741, 1);
  });

  const states: Readonly<Record<string, readonly number[]>> = {
    '2011 OB60': [
      36.14686242014045, -1.584262696474608, -7.287419837202433, -0.0002808039502740449, 0.003500292367811582,
      -0.0009217446684905965,
    ],
    '2010 TU149': [
      1.62543546895343, 0.4833749860255767, -0.03925790723173129, -0.01385512058656884, 0.004777387599226725,
      0.0004924578527866912,
    ],
  };
  it.each([
    // Sorcha (ASSIST, all planets), observer X05: object, MJD TDB, RA, dec, range, tolerance [arcsec]; states at MJD 60225
    ['2011 OB60', 60225.247540313765, 1.982534290248943, -11.89550090471127, 35.97232434170139, 0.005],
    ['2011 OB60', 60235.20039747099, 1.7975265571073966, -11.969261500929747, 36.036061894880476, 0.01],
    // a near-Earth asteroid: what two-body motion leaves out grows with the square of time
    ['2010 TU149', 60230.201727224405, 16.29084482205541, 3.366302551491177, 0.6366032765237937, 0.1],
    ['2010 TU149', 60235.20715517116, 12.362181427214459, 1.6732482947178653, 0.5837362224717852, 0.3],
  ])('of %s from Rubin Observatory at MJD %p agree with Sorcha', (name, mjdTdb, ra, dec, range, toleranceArcsec) => {
    const v = states[name]!;
    const start: StateVector = {
      position: eclipticToIcrs(v.slice(0, 3) as unknown as Vec3),
      velocity: eclipticToIcrs(v.slice(3) as unknown as Vec3),
    };
    const instant = observingInstant(tdbToTai(mjdTdb), observatory('X05'));
    const place = astrometricPlace((mjd) => propagateTwoBody(start, mjd - 60225), instant);
    expect(angularSeparationDeg(place.raDeg, place.decDeg, ra, dec) * 3600).toBeLessThan(toleranceArcsec);
    expect(Math.abs(place.topoRange - range)).toBeLessThan(1e-6);
  });

  it('of Comet Encke on 1990 October 6.0 TD agree with Meeus, example 33.b', () => {
    const encke: CometaryElements = {
      q: 2.2091404 * (1 - 0.8502196),
      e: 0.8502196,
      inclinationDeg: 11.94524,
      nodeDeg: 334.75006,
      argPeriDeg: 186.23352,
      // 1990 October 28.54502 TD
      periTimeMjd: 48192.54502,
    };
    const instant = observingInstant(tdbToTai(48170), observatory('500'));
    const place = astrometricPlace((mjd) => heliocentricState(encke, mjd), instant);
    const truth = { ra: (10 + 34 / 60 + 14.2 / 3600) * 15, dec: 19 + 9 / 60 + 31 / 3600 };
    // Meeus prints 0.1 s and 1 arcsec
    expect(angularSeparationDeg(place.raDeg, place.decDeg, truth.ra, truth.dec) * 3600).toBeLessThan(1.5);
    expect(place.elongationDeg).toBeCloseTo(40.51, 1);
  });

  it('rates equal the difference of places a minute apart', () => {
    const at = (minutes: number) =>
      astrometricPlace(
        (mjd) => heliocentricState({ ...CERES, q: 1.1, periTimeMjd: 59745 }, mjd),
        observingInstant(59740 + minutes / 1440, observatory('X05')),
      );
    const [before, now, after] = [at(-0.5), at(0), at(0.5)];
    const cosDec = Math.cos((now.decDeg * Math.PI) / 180);
    expect((after.raDeg - before.raDeg) * 1440 * cosDec).toBeCloseTo(now.rateRaDegPerDay, 4);
    expect((after.decDeg - before.decDeg) * 1440).toBeCloseTo(now.rateDecDegPerDay, 4);
  });
});

describe('predictSsObjects', () => {
  const orbits: KnownOrbit[] = Array.from({ length: 300 }, (_, i) => ({
    ...CERES,
    nodeDeg: (CERES.nodeDeg + 1.2 * i) % 360,
    ssObjectId: BigInt(i),
    designation: `object ${i}`,
    h: 15,
    g: 0.15,
  }));
  it('finds exactly the objects in the cone, over RA 0 too', () => {
    const site = observatory('X05');
    const instant = observingInstant(59800, site);
    const places = orbits.map((orbit) => astrometricPlace((mjd) => heliocentricState(orbit, mjd), instant));
    const overMeridian = places.find(({ raDeg }) => raDeg < 3 || raDeg > 357)!;
    for (const centre of [overMeridian, { raDeg: 359.99, decDeg: overMeridian.decDeg }, places[100]!]) {
      const truth = places.flatMap((place, i) =>
        angularSeparationDeg(place.raDeg, place.decDeg, centre.raDeg, centre.decDeg) <= 12 ? [BigInt(i)] : [],
      );
      const found = predictSsObjects(orbits, 59800, site, centre, 12);
      expect(found.map(({ orbit }) => orbit.ssObjectId)).toEqual(truth);
      expect(truth.length).toBeGreaterThan(0);
      for (const { vMag } of found) expect(vMag).toBeGreaterThan(16);
    }
  });
  it('its table has the columns that association reads; an unknown brightness is missing', () => {
    const site = observatory('X05');
    const found = predictSsObjects([orbits[3]!, { ...orbits[4]!, h: NaN }], 59800, site, { raDeg: 0, decDeg: 0 }, 180);
    const table = solarSystemTable(found, 0.7);
    expect(table.columns.map(({ name }) => name)).toEqual(SOLAR_SYSTEM_COLUMNS.map(({ name }) => name));
    expect(table.row(0)).toMatchObject({
      ssObjectId: 3n,
      designation: 'object 3',
      ra: found[0]!.raDeg,
      rateDec: found[0]!.rateDecDegPerDay,
      majorArcsec: 0.7,
    });
    expect(table.value('vMag', 1)).toBeNull();
    expect(solarSystemTable([]).rowCount).toBe(0);
  });
  it('an unknown brightness is NaN, no orbits are no objects', () => {
    const site = observatory('500');
    const found = predictSsObjects([{ ...orbits[0]!, h: NaN }], 59800, site, { raDeg: 0, decDeg: 0 }, 180);
    expect(found[0]!.vMag).toBeNaN();
    expect(predictSsObjects([], 59800, site, { raDeg: 0, decDeg: 0 }, 180)).toEqual([]);
  });
});
