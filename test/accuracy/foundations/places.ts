// From stars to telescopes: sites, space motion, bending, aberration, refraction, observed places, against ERFA on seeded random inputs.
import { readFileSync } from 'node:fs';
import {
  aberrate,
  type CatalogStar,
  deflectBySun,
  directionOf,
  earthRotationAngle,
  earthState,
  geodeticOf,
  icrsOfObserved,
  icrsToEarthFixed,
  observedPlace,
  observerFrame,
  observerState,
  refractionConstants,
  sitePositionKm,
  siteState,
  starDirection,
  topocentricFrame,
  unitVector,
  utcToTai,
  type Vec3,
} from '#libs/sky';
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';
import { COUNT, erfa, erfaCase, generator, randomDates, worst } from './erfa.js';

const DEG = Math.PI / 180;
const ARCSEC = DEG / 3600;
const AU_M = 149597870700;

function randomStars(seed: number): Required<CatalogStar>[] {
  const random = generator(seed);
  return Array.from({ length: COUNT }, () => ({
    raDeg: random(0, 360),
    decDeg: Math.asin(random(-1, 1)) / DEG,
    pmRaMasYr: random(-2000, 2000),
    pmDecMasYr: random(-2000, 2000),
    parallaxMas: random(0, 700),
    radialVelocityKmS: random(-100, 100),
  }));
}

/** catalog columns as ERFA takes them: rad, rad/yr of coordinate, arcsec, km/s */
const starColumns = (stars: readonly Required<CatalogStar>[]): Record<string, number[]> => ({
  ra: stars.map((s) => s.raDeg * DEG),
  dec: stars.map((s) => s.decDeg * DEG),
  pr: stars.map((s) => ((s.pmRaMasYr / 1000) * ARCSEC) / Math.cos(s.decDeg * DEG)),
  pd: stars.map((s) => (s.pmDecMasYr / 1000) * ARCSEC),
  px: stars.map((s) => s.parallaxMas / 1000),
  rv: stars.map((s) => s.radialVelocityKmS),
});

/** Random sites, instants, poles and weather for the observed places. */
function scenes(): {
  readonly columns: Record<string, number[]>;
  readonly stars: Required<CatalogStar>[];
  readonly frames: ReturnType<typeof topocentricFrame>[];
} {
  const random = generator(23);
  const stars = randomStars(29);
  const list = stars.map(() => ({
    utc: random(41400, 64000),
    dut1: random(-0.8, 0.8),
    longitudeDeg: random(-180, 180),
    latitudeDeg: random(-89, 89),
    heightM: random(0, 5000),
    xp: random(-0.5, 0.5),
    yp: random(-0.5, 0.5),
    pressureHpa: random(500, 1020),
    temperatureC: random(-20, 30),
    relativeHumidity: random(0, 1),
    wavelengthMicron: random(0.35, 1),
  }));
  const column = (pick: (scene: (typeof list)[number]) => number): number[] => list.map(pick);
  return {
    stars,
    columns: {
      ...starColumns(stars),
      utc: column((s) => s.utc),
      dut1: column((s) => s.dut1),
      lon: column((s) => s.longitudeDeg * DEG),
      lat: column((s) => s.latitudeDeg * DEG),
      h: column((s) => s.heightM),
      xp: column((s) => s.xp * ARCSEC),
      yp: column((s) => s.yp * ARCSEC),
      p: column((s) => s.pressureHpa),
      t: column((s) => s.temperatureC),
      rh: column((s) => s.relativeHumidity),
      wl: column((s) => s.wavelengthMicron),
    },
    frames: list.map((scene) => {
      const days = [scene.utc - 1, scene.utc + 1];
      // a table that is constant around the instant; leap seconds are taken out of UT1 - UTC by the reader
      const leap = (day: number): number => Math.round((utcToTai(Math.floor(day)) - Math.floor(day)) * 86400);
      const orientation = {
        mjdUtc: days,
        ut1MinusUtc: days.map((day) => scene.dut1 + leap(day) - leap(scene.utc)),
        xPoleArcsec: [scene.xp, scene.xp],
        yPoleArcsec: [scene.yp, scene.yp],
      };
      return topocentricFrame(scene, scene.utc, { orientation, weather: scene });
    }),
  };
}
/** the date as day and fraction: ERFA too would lose 5e-11 rad with a whole MJD in one number */
const ATCO_ARGUMENTS = 'J + np.floor(utc), utc - np.floor(utc), dut1, lon, lat, h, xp, yp, p, t, rh, wl';

export const places: readonly TruthCase[] = [
  erfaCase({
    name: 'geodetic to geocentric coordinates',
    routine: 'gd2gc (WGS 84)',
    limit: 1e-7,
    unit: 'm',
    async measure(around) {
      const { columns } = scenes();
      const truth = await erfa(around, 'erfa.gd2gc(1, lon, lat, h)', columns);
      return worst(
        columns['lon']!.map((longitude, k) =>
          sitePositionKm({
            longitudeDeg: longitude / DEG,
            latitudeDeg: columns['lat']![k]! / DEG,
            heightM: columns['h']![k]!,
          }).map((km) => km * 1000),
        ),
        truth,
      );
    },
  }),
  erfaCase({
    name: 'geocentric to geodetic latitude and height',
    routine: 'gc2gd (WGS 84)',
    limit: 1e-8,
    unit: 'm',
    async measure(around) {
      const { columns } = scenes();
      const sites = columns['lon']!.map((longitude, k) => {
        const position = sitePositionKm({
          longitudeDeg: longitude / DEG,
          latitudeDeg: columns['lat']![k]! / DEG,
          heightM: columns['h']![k]!,
        });
        return {
          longitudeDeg: longitude / DEG,
          rhoCosPhi: Math.hypot(position[0], position[1]) / 6378.14,
          rhoSinPhi: position[2] / 6378.14,
        };
      });
      const xyz = sites.map((site) => sitePositionKm(site).map((km) => km * 1000));
      const axis = (k: number): number[] => xyz.map((row) => row[k]!);
      const truth = await erfa(around, 'erfa.gc2gd(1, np.stack([x, y, z], axis=-1))', {
        x: axis(0),
        y: axis(1),
        z: axis(2),
      });
      // an angle of 1e-15 rad is 6e-9 m on the ground
      return worst(
        sites.map((site) => {
          const { latitudeDeg, heightM } = geodeticOf(site);
          return [latitudeDeg * DEG * 6.4e6, heightM];
        }),
        truth.map(([, latitude, height]) => [latitude! * 6.4e6, height!]),
      );
    },
  }),
  erfaCase({
    name: 'position of a telescope on celestial axes',
    routine: 'pvtob, c2ixys',
    limit: 1e-5,
    unit: 'm',
    async measure(around) {
      const { columns } = scenes();
      const truth = await erfa(
        around,
        `(lambda sp, q: np.einsum('nji,nj->ni', erfa.c2ixys(*q), erfa.pvtob(lon, lat, h, xp, yp, sp, erfa.era00(J, utc))['p']))(erfa.sp00(J, utc), erfa.xys06a(J, utc))`,
        columns,
      );
      return worst(
        columns['utc']!.map((d, k) => {
          const toEarth = icrsToEarthFixed(d, earthRotationAngle(d), columns['xp']![k], columns['yp']![k]);
          const site = {
            longitudeDeg: columns['lon']![k]! / DEG,
            latitudeDeg: columns['lat']![k]! / DEG,
            heightM: columns['h']![k]!,
          };
          return siteState(site, toEarth).position.map((au) => au * AU_M);
        }),
        truth,
      );
    },
  }),
  erfaCase({
    name: 'space motion and parallax',
    routine: 'pmpx',
    limit: 1e-12,
    unit: '',
    async measure(around) {
      const stars = randomStars(31);
      const dates = randomDates(31);
      const places = dates.map((d) => earthState(d).barycentric.position);
      const axis = (k: 0 | 1 | 2): number[] => places.map((p) => p[k]);
      const years = dates.map((d) => (d - 51544.5) / 365.25);
      const truth = await erfa(around, 'erfa.pmpx(ra, dec, pr, pd, px, rv, years, np.stack([x, y, z], axis=-1))', {
        ...starColumns(stars),
        years,
        x: axis(0),
        y: axis(1),
        z: axis(2),
      });
      return worst(
        stars.map((star, k) => starDirection(star, years[k]!, places[k]!)),
        truth,
      );
    },
  }),
  erfaCase({
    name: 'bending of light by the Sun, also close to it',
    routine: 'ldsun',
    limit: 1e-12,
    unit: '',
    async measure(around) {
      const dates = randomDates(37);
      const random = generator(37);
      const frames = dates.map((d) => observerFrame(earthState(d)));
      const directions = frames.map(({ sunToObserver: e }, k): Vec3 => {
        // every third within a degree of the Sun
        if (k % 3 !== 0) return unitVector(random(0, 360), random(-90, 90));
        const { raDeg, decDeg } = directionOf(-e[0], -e[1], -e[2]);
        return unitVector(raDeg + random(-0.7, 0.7), decDeg + random(-0.7, 0.7));
      });
      const truth = await erfa(
        around,
        'erfa.ldsun(np.stack([px, py, pz], axis=-1), np.stack([ex, ey, ez], axis=-1), em)',
        {
          px: directions.map((p) => p[0]),
          py: directions.map((p) => p[1]),
          pz: directions.map((p) => p[2]),
          ex: frames.map((f) => f.sunToObserver[0]),
          ey: frames.map((f) => f.sunToObserver[1]),
          ez: frames.map((f) => f.sunToObserver[2]),
          em: frames.map((f) => f.sunDistance),
        },
      );
      return worst(
        directions.map((p, k) => deflectBySun(p, frames[k]!)),
        truth,
      );
    },
  }),
  erfaCase({
    name: 'aberration',
    routine: 'ab',
    limit: 1e-12,
    unit: '',
    async measure(around) {
      const random = generator(43);
      const frames = randomDates(43).map((d) => observerFrame(earthState(d)));
      const directions = frames.map((): Vec3 => unitVector(random(0, 360), random(-90, 90)));
      const truth = await erfa(
        around,
        'erfa.ab(np.stack([px, py, pz], axis=-1), np.stack([vx, vy, vz], axis=-1), s, bm1)',
        {
          px: directions.map((p) => p[0]),
          py: directions.map((p) => p[1]),
          pz: directions.map((p) => p[2]),
          vx: frames.map((f) => f.velocity[0]),
          vy: frames.map((f) => f.velocity[1]),
          vz: frames.map((f) => f.velocity[2]),
          s: frames.map((f) => f.sunDistance),
          bm1: frames.map((f) => f.inverseLorentz),
        },
      );
      return worst(
        directions.map((p, k) => aberrate(p, frames[k]!)),
        truth,
      );
    },
  }),
  erfaCase({
    name: 'refraction constants A and B',
    routine: 'refco',
    limit: 1e-15,
    unit: 'rad',
    async measure(around) {
      const random = generator(47);
      const rows = Array.from({ length: COUNT }, (_, k) => ({
        pressureHpa: k % 20 === 0 ? 0 : random(400, 1050),
        temperatureC: random(-40, 40),
        relativeHumidity: random(0, 1),
        wavelengthMicron: k % 5 === 0 ? random(101, 1e5) : random(0.3, 2),
      }));
      const truth = await erfa(around, 'erfa.refco(p, t, rh, wl)', {
        p: rows.map((row) => row.pressureHpa),
        t: rows.map((row) => row.temperatureC),
        rh: rows.map((row) => row.relativeHumidity),
        wl: rows.map((row) => row.wavelengthMicron),
      });
      return worst(
        rows.map((row) => {
          const { a, b } = refractionConstants(row);
          return [a, b];
        }),
        truth,
      );
    },
  }),
  erfaCase({
    name: 'ICRS to observed azimuth, zenith distance, hour angle, declination',
    routine: 'atco13',
    limit: 1e-12,
    unit: 'rad',
    async measure(around) {
      const { columns, stars, frames } = scenes();
      const truth = await erfa(around, `erfa.atco13(ra, dec, pr, pd, px, rv, ${ATCO_ARGUMENTS})[:4]`, columns);
      // as directions: azimuth means little at the zenith
      const direction = (longitude: number, latitude: number): Vec3 => unitVector(longitude / DEG, latitude / DEG);
      return worst(
        stars.map((star, k) => {
          const { azimuthDeg, altitudeDeg, hourAngleDeg, decDeg } = observedPlace(star, frames[k]!);
          return [...unitVector(azimuthDeg, altitudeDeg), ...unitVector(hourAngleDeg, decDeg)];
        }),
        truth.map(([azimuth, zenith, hourAngle, declination]) => [
          ...direction(azimuth!, Math.PI / 2 - zenith!),
          ...direction(hourAngle!, declination!),
        ]),
      );
    },
  }),
  erfaCase({
    name: 'observed azimuth and zenith distance to ICRS',
    routine: 'atoc13',
    limit: 1e-12,
    unit: 'rad',
    async measure(around) {
      const { columns, frames } = scenes();
      const random = generator(53);
      const pointings = frames.map(() => ({ azimuthDeg: random(0, 360), altitudeDeg: random(1, 90) }));
      const truth = await erfa(around, `erfa.atoc13('A', np.radians(az), np.radians(90 - alt), ${ATCO_ARGUMENTS})`, {
        ...columns,
        az: pointings.map((p) => p.azimuthDeg),
        alt: pointings.map((p) => p.altitudeDeg),
      });
      return worst(
        pointings.map((p, k) => {
          const { raDeg, decDeg } = icrsOfObserved(p, frames[k]!);
          return unitVector(raDeg, decDeg);
        }),
        truth.map(([ra, dec]) => unitVector(ra! / DEG, dec! / DEG)),
      );
    },
  }),
  {
    room: 'time',
    name: 'velocity of the observer toward stars, heliocentric',
    truth: 'radial velocity corrections stored with the data, printed to 0.01',
    limit: 0.006,
    unit: 'km/s',
    needs: ['data'],
    measure: radialVelocities,
  },
];

/** The stored table has longitudes positive to the west, velocities away from the star, and two decimals. */
function radialVelocities(around: Surroundings): Measurement {
  const lines = readFileSync(around.data('8_fits', 'time_and_coords_truth', 'rv.ecsv'), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const names = lines[0]!.trim().split(/\s+/);
  const at = (name: string): number => names.indexOf(name);
  let largest = 0;
  for (const line of lines.slice(1)) {
    const row = line.trim().split(/\s+/).map(Number);
    const value = (name: string): number => row[at(name)]!;
    const site = { longitudeDeg: -value('obslon'), latitudeDeg: value('obslat'), heightM: 0 };
    const star = unitVector(value('target.ra'), value('target.dec'));
    const { heliocentric } = observerState(site, utcToTai(value('obstime')));
    const toward = heliocentric.velocity.reduce((sum, v, k) => sum + v * star[k]!, 0) * (AU_M / 1000 / 86400);
    largest = Math.max(largest, Math.abs(toward + value('heliocent')));
  }
  return { value: largest, note: `${lines.length - 1} stars` };
}
