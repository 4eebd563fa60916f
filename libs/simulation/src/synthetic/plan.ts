// A survey on paper: fields spread over the whole sky as stars and galaxies are, each visited some times. The rows of a synthetic catalog hang
// on it. Everything follows from (seed, rows): two plans of the same numbers are the same.

import { DEG } from '#libs/sky';
import { SimulationError } from '../plan.js';
import { Random } from '../random.js';

/** Radius of a field [deg]: that of a wide camera. */
export const FIELD_RADIUS_DEG = 1.75;
/** Detectors tile a field in rows and columns. */
export const DETECTOR_GRID = 3;
/** Three years from here [MJD TAI]. */
export const FIRST_NIGHT_MJD = 60_980;
const SURVEY_DAYS = 3 * 365;
const BANDS = ['u', 'g', 'r', 'r', 'i', 'i', 'z', 'y'] as const;

export interface SyntheticVisit {
  readonly visit: bigint;
  readonly field: number;
  readonly band: string;
  /** middle of the exposure [MJD TAI] */
  readonly mjd: number;
  /** FWHM [arcsec] */
  readonly seeing: number;
  /** five-sigma depth of a point source [mag] */
  readonly depth: number;
}

export interface SyntheticField {
  readonly index: number;
  readonly raDeg: number;
  readonly decDeg: number;
  /** share of all objects */
  readonly share: number;
  /** by time */
  readonly visits: readonly SyntheticVisit[];
}

/** Rows wanted in the tables that the others hang on. */
export interface SyntheticCounts {
  readonly objects: number;
  readonly forcedPerObject: number;
  readonly sources: number;
  readonly diaObjects: number;
  readonly solarSystemObjects: number;
}

export interface SyntheticPlan {
  readonly seed: number;
  readonly fields: readonly SyntheticField[];
  readonly counts: SyntheticCounts;
}

/** Detections of a DIAObject, on average, and observations of a Solar System object. */
export const DETECTIONS_PER_OBJECT = 10;
export const OBSERVATIONS_PER_ASTEROID = 5;

export const SYNTHETIC_SETS = ['all', 'Object', 'Source', 'DiaSource'] as const;
/** all: every table; otherwise the named table (and what its rows hang on) has all the rows. */
export type SyntheticSet = (typeof SYNTHETIC_SETS)[number];

export function planSyntheticCatalog(rows: number, seed: number, set: SyntheticSet = 'all'): SyntheticPlan {
  if (!(Number.isSafeInteger(rows) && rows >= 100 && rows <= 1e10))
    throw new SimulationError('BAD_OPTION', `rows must be 100 to 1e10, not ${rows}`, rows);
  if (!(Number.isSafeInteger(seed) && seed >= 0 && seed < 1e6))
    throw new SimulationError('BAD_OPTION', `a seed is 0 to 999999, not ${seed}`, seed);
  const random = new Random(seed, 'fields');
  const fieldCount = Math.min(4000, Math.max(16, Math.round(rows / 5000)));
  const visitCount = Math.min(30, Math.max(8, Math.round(rows / fieldCount / 200)));
  const places = fieldPlaces(fieldCount, random);
  const weights = places.map(([ra, dec]) => skyDensity(ra, dec));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let visits = 0;
  const fields = places.map(([raDeg, decDeg], index): SyntheticField => {
    const times = Array.from(
      { length: visitCount },
      () => Math.floor(random.uniform(0, SURVEY_DAYS)) + random.uniform(0.0, 0.4),
    );
    return {
      index,
      raDeg,
      decDeg,
      share: weights[index]! / total,
      visits: times
        .toSorted((a, b) => a - b)
        .map((day): SyntheticVisit => {
          const seeing = 0.6 + 0.35 * Math.abs(random.normal());
          return {
            visit: BigInt(seed) * 1_000_000n + BigInt(++visits),
            field: index,
            band: BANDS[random.integer(BANDS.length)]!,
            mjd: FIRST_NIGHT_MJD + Number(day.toFixed(7)),
            seeing,
            depth: 24.5 - 2.5 * Math.log10(seeing / 0.7) * 0.8,
          };
        }),
    };
  });
  return { seed, fields, counts: countsOf(rows, set) };
}

function countsOf(rows: number, set: SyntheticSet): SyntheticCounts {
  const share = (part: number): number => Math.round(rows * part);
  const none = { objects: 0, forcedPerObject: 0, sources: 0, diaObjects: 0, solarSystemObjects: 0 };
  switch (set) {
    case 'Object':
      return { ...none, objects: rows };
    case 'Source':
      return { ...none, sources: rows };
    case 'DiaSource':
      return { ...none, diaObjects: share(1 / DETECTIONS_PER_OBJECT) };
    case 'all':
      return {
        objects: share(0.18),
        forcedPerObject: 1,
        sources: share(0.16),
        diaObjects: share(0.018),
        solarSystemObjects: share(0.002),
      };
  }
}

/** How many of `count` belong to each field: whole numbers that sum to `count`. */
export function sharesOf(plan: SyntheticPlan, count: number): number[] {
  let given = 0;
  let wanted = 0;
  return plan.fields.map(({ share }) => {
    wanted += share * count;
    const here = Math.round(wanted) - given;
    given += here;
    return here;
  });
}

/** The awkward places first, then a spiral of Fibonacci numbers over the sphere. */
function fieldPlaces(count: number, random: Random): [number, number][] {
  const places: [number, number][] = [
    [0, 0],
    [0, -60],
    [0, -90],
    [0, 90],
    [180, -30],
    [266.4, -29],
  ];
  const spiral = count - places.length;
  const turn = random.uniform(0, 360);
  for (let i = 0; i < spiral; i++) {
    const sinDec = 1 - (2 * (i + 0.5)) / spiral;
    places.push([(turn + i * 137.50776405003785) % 360, Math.asin(sinDec) / DEG]);
  }
  return places;
}

const POLE = { ra: 192.85948 * DEG, dec: 27.12825 * DEG };
/** Objects per area relative to the galactic pole: a flat background of galaxies and a disc of stars 12 degrees thick, dense at the centre. */
export function skyDensity(raDeg: number, decDeg: number): number {
  const [ra, dec] = [raDeg * DEG, decDeg * DEG];
  const sinB = Math.sin(dec) * Math.sin(POLE.dec) + Math.cos(dec) * Math.cos(POLE.dec) * Math.cos(ra - POLE.ra);
  const b = Math.asin(Math.max(-1, Math.min(1, sinB))) / DEG;
  const centre = 266.4 * DEG;
  const cosCentre = Math.sin(dec) * Math.sin(-29 * DEG) + Math.cos(dec) * Math.cos(-29 * DEG) * Math.cos(ra - centre);
  return 1 + 6 * Math.exp(-Math.abs(b) / 12) * (1 + Math.max(0, cosCentre));
}
