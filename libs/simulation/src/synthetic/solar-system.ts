// Solar System objects of a synthetic catalog: orbits, what the survey says of each, and its observations as such. The places are plausible,
// not propagated: whoever needs true ephemerides simulates images.

import { BANDS, ssObjectIdOf } from '#libs/schema';
import { angularSeparationDeg, DEG, directionOf, unitVector, type Vec3 } from '#libs/sky';
import { Random } from '../random.js';
import { type Place, somewhereIn } from './field-places.js';
import { OBSERVATIONS_PER_ASTEROID, type SyntheticPlan, type SyntheticVisit } from './plan.js';
import type { SyntheticRow } from './static-sky.js';

const fixed = (value: number, digits: number): number => Number(value.toFixed(digits));

export interface Asteroid {
  readonly orbitId: number;
  readonly designation: string;
  readonly ssObjectId: bigint;
  readonly a: number;
  readonly e: number;
  readonly i: number;
  readonly angles: readonly [number, number, number];
  /** absolute and apparent magnitude */
  readonly h: number;
  readonly magnitude: number;
  readonly visits: readonly SyntheticVisit[];
  readonly places: readonly Place[];
}

export function asteroidsOf({ seed, fields, counts }: SyntheticPlan): Asteroid[] {
  const random = new Random(seed, 'asteroids');
  return Array.from({ length: counts.solarSystemObjects }, (_, n): Asteroid => {
    const designation = `S${seed.toString(36)}X${n.toString(36)}`.toUpperCase().padEnd(9, '-');
    const field = fields[random.integer(fields.length)]!;
    const count = Math.min(OBSERVATIONS_PER_ASTEROID, field.visits.length);
    const first = random.integer(field.visits.length - count + 1);
    const h = fixed(random.uniform(12, 20), 2);
    return {
      orbitId: 1_000_000_000 + ((seed * 1_000_003 + n) % 1_000_000_000),
      designation,
      ssObjectId: ssObjectIdOf(designation),
      a: fixed(random.uniform(2, 3.3), 6),
      e: fixed(random.uniform(0, 0.3), 6),
      i: fixed(Math.abs(10 * random.normal()) % 180, 5),
      angles: [fixed(random.uniform(0, 360), 5), fixed(random.uniform(0, 360), 5), fixed(random.uniform(0, 360), 5)],
      h,
      magnitude: fixed(h + random.uniform(1.5, 4), 2),
      visits: field.visits.slice(first, first + count),
      places: Array.from({ length: count }, () => somewhereIn(field, random)),
    };
  });
}

export const ORBIT_COLUMNS =
  'id designation packed_primary_provisional_designation unpacked_primary_provisional_designation a q e i node argperi mean_anomaly epoch_mjd h g nobs_total'.split(
    ' ',
  );
export function* orbitRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  for (const { orbitId, designation, a, e, i, angles, h, visits } of asteroidsOf(plan))
    yield [
      orbitId,
      designation,
      designation,
      designation,
      a,
      fixed(a * (1 - e), 6),
      e,
      i,
      ...angles,
      61_000,
      h,
      0.15,
      visits.length,
    ];
}

export const SS_OBJECT_COLUMNS = [
  ...'ssObjectId designation nObs arc firstObservationMjdTai MOIDEarth tisserand_J extendednessMax r_H r_HErr r_G12'.split(
    ' ',
  ),
  ...BANDS.flatMap((band) => [`${band}_nObs`, `${band}_nObsUsed`]),
];
export function* ssObjectRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  for (const { ssObjectId, designation, a, e, i, h, visits } of asteroidsOf(plan)) {
    const counts = BANDS.map((band) => visits.filter((visit) => visit.band === band).length);
    yield [
      ssObjectId,
      designation,
      visits.length,
      fixed(visits.at(-1)!.mjd - visits[0]!.mjd, 5),
      visits[0]!.mjd,
      fixed(Math.abs(a * (1 - e) - 1), 5),
      fixed(5.2 / a + 2 * Math.cos(i * DEG) * Math.sqrt((a / 5.2) * (1 - e * e)), 4),
      0,
      h,
      0.05,
      0.3,
      ...counts.flatMap((n) => [n, n]),
    ];
  }
}

const OBLIQUITY = 23.43928 * DEG;
/** Rows of the rotation from ICRS to galactic coordinates (Hipparcos, volume 1, section 1.5.3). */
const TO_GALACTIC: readonly Vec3[] = [
  [-0.0548755604, -0.8734370902, -0.4838350155],
  [0.4941094279, -0.44482963, 0.7469822445],
  [-0.867666149, -0.1980763734, 0.4559837762],
];

const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

export const SS_SOURCE_COLUMNS =
  'diaSourceId ssObjectId designation eclLambda eclBeta galLon galLat elongation phaseAngle topoRange helioRange ephRa ephDec ephVmag ephOffset'.split(
    ' ',
  );

/** One row of SSSource for an observation at a place. */
export function ssSourceRow(diaSourceId: bigint, asteroid: Asteroid, { ra, dec }: Place, random: Random): SyntheticRow {
  const [x, y, z] = unitVector(ra, dec);
  const ecliptic = directionOf(
    x,
    y * Math.cos(OBLIQUITY) + z * Math.sin(OBLIQUITY),
    z * Math.cos(OBLIQUITY) - y * Math.sin(OBLIQUITY),
  );
  const [gx, gy, gz] = TO_GALACTIC.map((row) => dot(row, [x, y, z])) as [number, number, number];
  const galactic = directionOf(gx, gy, gz);
  const ephemeris = { ra: fixed(ra, 6) % 360, dec: fixed(dec, 6) };
  return [
    diaSourceId,
    asteroid.ssObjectId,
    asteroid.designation,
    fixed(ecliptic.raDeg, 8),
    fixed(ecliptic.decDeg, 8),
    fixed(galactic.raDeg, 8),
    fixed(galactic.decDeg, 8),
    fixed(random.uniform(60, 180), 4),
    fixed(random.uniform(0, 25), 4),
    fixed(asteroid.a - 1, 6),
    asteroid.a,
    ephemeris.ra,
    ephemeris.dec,
    asteroid.magnitude,
    fixed(angularSeparationDeg(ra, dec, ephemeris.ra, ephemeris.dec) * 3600, 6),
  ];
}
