import { describe, expect, it } from '@jest/globals';
import {
  aberrate,
  angularSeparationDeg,
  deflectBySun,
  deflectLight,
  directionOf,
  earthState,
  icrsOfObserved,
  observedPlace,
  observerFrame,
  type ObserverFrame,
  refractionConstants,
  removeAberration,
  removeDeflection,
  starDirection,
  topocentricFrame,
  unitVector,
  type Vec3,
} from './index.js';

/** Truth and tolerances: the test program of ERFA 2.0.0 (t_erfa_c), where nothing else is said. */
const expectVector = (value: Vec3, truth: Vec3, tolerance: number): void =>
  value.forEach((v, k) => expect(Math.abs(v - truth[k]!)).toBeLessThanOrEqual(tolerance));
const DEG = Math.PI / 180;
const frameOf = (part: Partial<ObserverFrame>): ObserverFrame => ({
  position: [0, 0, 0],
  sunToObserver: [1, 0, 0],
  sunDistance: 1,
  velocity: [0, 0, 0],
  inverseLorentz: 1,
  ...part,
});

describe('apparent directions', () => {
  it('aberration', () => {
    const frame = frameOf({
      velocity: [2.1044018893653786e-5, -8.910892330442932e-5, -3.863371479771657e-5],
      sunDistance: 0.9998092139570879,
      inverseLorentz: 0.9999999950620926,
    });
    const natural: Vec3 = [-0.7632196854673795, -0.6086945398306038, -0.21676408580639883];
    const proper = aberrate(natural, frame);
    expectVector(proper, [-0.7631631094219556, -0.6087553082505591, -0.21679262693684712], 1e-12);
    expectVector(removeAberration(proper, frame), natural, 1e-14);
  });
  it('bending by a planet and by the Sun', () => {
    const star: Vec3 = [-0.763276255, -0.608633767, -0.216735543];
    expectVector(
      deflectLight(star, star, [0.76700421, 0.605629598, 0.211937094], 8.91276983, 0.00028574, 3e-10),
      [-0.7632762548968159, -0.6086337670823763, -0.2167355431320547],
      1e-12,
    );
    const frame = frameOf({ sunToObserver: [-0.973644023, -0.20925523, -0.0907169552], sunDistance: 0.999809214 });
    const bent = deflectBySun(star, frame);
    expectVector(bent, [-0.7632762580731414, -0.6086337635262647, -0.21673554193223213], 1e-12);
    const other = unitVector(217, -12);
    expectVector(removeDeflection(deflectBySun(other, frame), frame), other, 1e-15);
  });
  it('starlight at the limb of the Sun bends by 1.75 arcsec, and behind the Sun nothing is infinite', () => {
    const frame = frameOf({ sunToObserver: [-1, 0, 0] });
    const limb = unitVector(0, 959.63 / 3600);
    const bent = deflectBySun(limb, frame);
    const { raDeg, decDeg } = directionOf(...bent);
    // Will 1993, Theory and Experiment in Gravitational Physics: 1.7504 arcsec at the limb
    expect((decDeg - 959.63 / 3600) * 3600).toBeCloseTo(1.75, 2);
    expect(raDeg).toBeCloseTo(0, 10);
    expect(deflectBySun([1, 0, 0], frame).every(Number.isFinite)).toBe(true);
  });
  it('space motion and parallax', () => {
    const star = {
      raDeg: 1.234 / DEG,
      decDeg: 0.789 / DEG,
      pmRaMasYr: ((1e-5 * Math.cos(0.789)) / DEG) * 3.6e6,
      pmDecMasYr: (-2e-5 / DEG) * 3.6e6,
      parallaxMas: 10,
      radialVelocityKmS: 10,
    };
    expectVector(
      starDirection(star, 8.75, [0.9, 0.4, 0.1]),
      [0.23281376239603085, 0.6651097085397856, 0.709525776589636],
      1e-12,
    );
  });
  it('a star at rest without parallax stays, also at the poles', () => {
    for (const decDeg of [90, -90, -60])
      expectVector(starDirection({ raDeg: 0, decDeg }, 30, [1, 0.2, 0]), unitVector(0, decDeg), 1e-15);
  });
  it('the aberration of a year is 20.5 arcsec', () => {
    // a star at the ecliptic pole describes a circle of the constant of aberration, 20.4955 arcsec, to the excentricity of the orbit
    const [ra, dec] = [270, 66.5607];
    for (let day = 0; day < 365; day += 30) {
      const frame = observerFrame(earthState(60000 + day));
      const seen = directionOf(...aberrate(unitVector(ra, dec), frame));
      const shift = angularSeparationDeg(ra, dec, seen.raDeg, seen.decDeg) * 3600;
      expect(Math.abs(shift - 20.4955)).toBeLessThan(0.0175 * 20.4955);
    }
  });
});

describe('refraction', () => {
  it('the constants A and B', () => {
    const weather = { pressureHpa: 800, temperatureC: 10, relativeHumidity: 0.9, wavelengthMicron: 0.4 };
    const { a, b } = refractionConstants(weather);
    expect(Math.abs(a - 0.0002264949956241415)).toBeLessThan(1e-15);
    expect(Math.abs(b + 2.598658261729344e-7)).toBeLessThan(1e-18);
    expect(refractionConstants({ ...weather, pressureHpa: 0 })).toEqual({ a: 0, b: -0 });
  });
});

describe('observed places', () => {
  const SECONDS = 3600 / DEG;
  const site = { longitudeDeg: -0.527800806 / DEG, latitudeDeg: -1.2345856 / DEG, heightM: 2738 };
  const orientation = {
    mjdUtc: [56384, 56386],
    ut1MinusUtc: [0.1550675, 0.1550675],
    xPoleArcsec: [2.47230737e-7 * SECONDS, 2.47230737e-7 * SECONDS],
    yPoleArcsec: [1.82640464e-6 * SECONDS, 1.82640464e-6 * SECONDS],
  };
  const weather = { pressureHpa: 731, temperatureC: 12.8, relativeHumidity: 0.59, wavelengthMicron: 0.55 };
  const frame = topocentricFrame(site, 56384.969254051, { orientation, weather });
  // the date of the test in one MJD is off by 3e-12 days: 2e-11 rad of rotation
  const TOLERANCE = 3e-11;

  it('from catalog to the telescope', () => {
    const star = {
      raDeg: 2.71 / DEG,
      decDeg: 0.174 / DEG,
      pmRaMasYr: 1e-5 * Math.cos(0.174) * SECONDS * 1000,
      pmDecMasYr: 5e-6 * SECONDS * 1000,
      parallaxMas: 100,
      radialVelocityKmS: 55,
    };
    const place = observedPlace(star, frame);
    expect(Math.abs(place.azimuthDeg * DEG - 0.09251774485485516)).toBeLessThan(TOLERANCE);
    expect(Math.abs((90 - place.altitudeDeg) * DEG - 1.4076614052564993)).toBeLessThan(TOLERANCE);
    expect(Math.abs(place.hourAngleDeg * DEG + 0.09265154431529725)).toBeLessThan(TOLERANCE);
    expect(Math.abs(place.decDeg * DEG - 0.1716626560072526)).toBeLessThan(TOLERANCE);
  });
  it('from the telescope to the sky', () => {
    const pointing = { azimuthDeg: 0.0923395222479499 / DEG, altitudeDeg: 90 - 1.4077587045137225 / DEG };
    const { raDeg, decDeg } = icrsOfObserved(pointing, frame);
    expect(Math.abs(raDeg * DEG - 2.709956744659734)).toBeLessThan(TOLERANCE);
    expect(Math.abs(decDeg * DEG - 0.17416965008984714)).toBeLessThan(TOLERANCE);
  });
  it.each([
    [0, -60],
    [359.99, 20],
    [100, -89.99],
    [250, -40],
  ])('there and back at RA %p dec %p within 1 mas when above 20 degrees', (raDeg, decDeg) => {
    const chile = { longitudeDeg: -70.749417, latitudeDeg: -30.244639, heightM: 2663 };
    for (let hour = 0; hour < 24; hour += 3) {
      const here = topocentricFrame(chile, 60000 + hour / 24, { weather });
      const place = observedPlace({ raDeg, decDeg }, here);
      if (place.altitudeDeg < 20) continue;
      const back = icrsOfObserved(place, here);
      expect(angularSeparationDeg(back.raDeg, back.decDeg, raDeg, decDeg) * 3.6e6).toBeLessThan(1);
    }
  });
  it('without weather there is no refraction; with it stars stand higher', () => {
    const bare = topocentricFrame(site, 56384.969254051, { orientation });
    const star = { raDeg: 2.71 / DEG, decDeg: 0.174 / DEG };
    const lift = (observedPlace(star, frame).altitudeDeg - observedPlace(star, bare).altitudeDeg) * 3600;
    // A tan Z for 731 hPa and 12.8 C at zenith distance 80.6 degrees: 57.1 arcsec * 0.72 * 6.1 = 250
    expect(lift).toBeGreaterThan(220);
    expect(lift).toBeLessThan(260);
  });
  it('an instant past the table of the Earth is refused', () => {
    expect(() => topocentricFrame(site, 56387, { orientation })).toThrow('56387');
  });
});
