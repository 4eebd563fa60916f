// What changes: DIAObjects with their detections and forced measurements, versions as two nights of processing would have left them, and
// Solar System objects. Each table is generated on its own; the same random streams give the same identifiers in all of them.

import { BANDS, diaObjectIdOf, makeDiaForcedSourceId, makeDiaSourceId, MAX_NUMBER } from '#libs/schema';
import { Random } from '../random.js';
import {
  fluxErrorOf,
  fluxOf,
  magnitudeUpTo,
  onDetector,
  type Place,
  RunningNumbers,
  somewhereIn,
} from './field-places.js';
import {
  DETECTIONS_PER_OBJECT,
  FIRST_NIGHT_MJD,
  sharesOf,
  type SyntheticField,
  type SyntheticPlan,
  type SyntheticVisit,
} from './plan.js';
import { type Asteroid, asteroidsOf, ssSourceRow } from './solar-system.js';
import type { SyntheticRow } from './static-sky.js';

/** Rows say by which commit they came: ours are below 0, in order of time, so they are never taken for real ones. */
const commitOf = (mjd: number): bigint => BigInt(Math.round((mjd - FIRST_NIGHT_MJD) * 1e4)) - 1_000_000_000n;
const PROCESSING_DAYS = 60 / 86_400;
const fixed = (value: number, digits: number): number => Number(value.toFixed(digits));

interface Detection {
  readonly id: bigint;
  readonly visit: SyntheticVisit;
  readonly place: Place;
  readonly flux: number;
  readonly error: number;
  readonly reliability: number;
}
interface Changing {
  readonly diaObjectId: bigint;
  readonly place: Place;
  /** by time */
  readonly detections: readonly Detection[];
  /** visits that saw nothing */
  readonly others: readonly SyntheticVisit[];
}

type LightCurve = (mjd: number) => number;

/** A pulsating star, an exploding one, or one that flickers: difference flux over time [nJy]. */
function lightCurveOf(random: Random): LightCurve {
  const peak = fluxOf(magnitudeUpTo(23.5, random));
  const kind = random.uniform();
  if (kind < 0.6) {
    const [period, phase] = [10 ** random.uniform(-0.7, 2), random.uniform()];
    return (mjd) => 0.5 * peak * Math.sin(2 * Math.PI * ((mjd - FIRST_NIGHT_MJD) / period + phase));
  }
  if (kind < 0.85) {
    const [explosion, rise, fall] = [
      FIRST_NIGHT_MJD + random.uniform(0, 900),
      random.uniform(10, 25),
      random.uniform(30, 90),
    ];
    return (mjd) => {
      const t = mjd - explosion;
      return t < 0 ? 0 : t < rise ? (peak * t) / rise : peak * Math.exp((rise - t) / fall);
    };
  }
  const walk = [random.uniform(), random.uniform(), random.uniform()];
  return (mjd) => peak * walk.reduce((sum, phase, i) => sum + 0.3 * Math.sin(mjd / (30 * (i + 1)) + phase * 6.28), 0);
}

function* changingObjects(plan: SyntheticPlan): Generator<Changing> {
  const shares = sharesOf(plan, plan.counts.diaObjects);
  for (const field of plan.fields) {
    const random = new Random(plan.seed, 'dia objects', field.index);
    const numbers = new RunningNumbers();
    for (let i = 0; i < shares[field.index]!; i++) yield changingObject(field, numbers, random);
  }
}

function changingObject(field: SyntheticField, numbers: RunningNumbers, random: Random): Changing {
  const place = somewhereIn(field, random);
  const { detector } = onDetector(place);
  const curve = lightCurveOf(random);
  const chance = Math.min(0.7, DETECTIONS_PER_OBJECT / field.visits.length);
  const seen = field.visits.map(() => random.uniform() < chance);
  if (!seen.includes(true)) seen[random.integer(seen.length)] = true;
  const detections = field.visits
    .filter((_, i) => seen[i])
    .map((visit): Detection => {
      const error = fluxErrorOf(0, visit.depth);
      const flux = curve(visit.mjd);
      // what was detected stands 5 sigma out of the noise, up or down
      const shown =
        Math.abs(flux) < 5 * error
          ? Math.sign(flux || 1) * error * (5 + Math.abs(random.normal()))
          : flux + error * random.normal();
      return {
        id: makeDiaSourceId(visit.visit, detector, numbers.take(visit.visit, detector)),
        visit,
        place,
        flux: fixed(shown, 3),
        error: fixed(error, 3),
        reliability: fixed(random.uniform(0.3, 1), 3),
      };
    });
  return {
    diaObjectId: diaObjectIdOf(detections[0]!.id),
    place,
    detections,
    others: field.visits.filter((_, i) => !seen[i]),
  };
}

export const DIA_SOURCE_COLUMNS =
  'diaSourceId visit detector diaObjectId ssObjectId midpointMjdTai exposureTime ra raErr dec decErr x xErr y yErr centroid_flag apFlux apFluxErr isNegative snr psfFlux psfFluxErr psfChi2 psfNdata trailNdata dipoleNdata scienceFlux scienceFluxErr extendedness reliability band isDipole timeProcessedMjdTai bboxSize pixelFlags commitId'.split(
    ' ',
  );

function diaSourceRow(
  detection: Detection,
  diaObjectId: bigint | null,
  ssObjectId: bigint | null,
  random: Random,
): SyntheticRow {
  const { id, visit, place, flux, error, reliability } = detection;
  const { detector, x, y } = onDetector(place);
  const snr = Math.abs(flux) / error;
  const centroid = fixed(visit.seeing / snr / 0.2 / 2, 4);
  const onSky = fixed((centroid * 0.2) / 3600, 10);
  return [
    id,
    visit.visit,
    detector,
    diaObjectId,
    ssObjectId,
    visit.mjd,
    30,
    place.ra,
    onSky,
    place.dec,
    onSky,
    x,
    centroid,
    y,
    centroid,
    false,
    fixed(flux * 1.05, 3),
    fixed(error * 1.4, 3),
    flux < 0,
    fixed(snr, 3),
    flux,
    error,
    fixed(49 + 10 * random.normal(), 3),
    49,
    0,
    0,
    fixed(Math.abs(flux) * 1.5, 3),
    fixed(error * 1.1, 3),
    0,
    reliability,
    visit.band,
    false,
    visit.mjd + PROCESSING_DAYS,
    20 + random.integer(20),
    false,
    commitOf(visit.mjd),
  ];
}

export function* diaSourceRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  const random = new Random(plan.seed, 'dia source measurements');
  for (const { diaObjectId, detections } of changingObjects(plan))
    for (const detection of detections) yield diaSourceRow(detection, diaObjectId, null, random);
  for (const { detection, asteroid } of asteroidObservations(plan))
    yield diaSourceRow(detection, null, asteroid.ssObjectId, random);
}

export const DIA_FORCED_COLUMNS =
  'diaForcedSourceId diaObjectId ra dec visit detector psfFlux psfFluxErr midpointMjdTai scienceFlux scienceFluxErr band timeProcessedMjdTai commitId'.split(
    ' ',
  );

export function* diaForcedSourceRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  const random = new Random(plan.seed, 'dia forced sources');
  const numbers = new RunningNumbers();
  for (const { diaObjectId, place, others } of changingObjects(plan)) {
    const { detector } = onDetector(place);
    for (const { visit, mjd, band, depth } of others) {
      const error = fluxErrorOf(0, depth);
      yield [
        makeDiaForcedSourceId(visit, detector, numbers.take(visit, detector)),
        diaObjectId,
        place.ra,
        place.dec,
        visit,
        detector,
        fixed(error * random.normal(), 3),
        fixed(error, 3),
        mjd,
        fixed(error * 3, 3),
        fixed(error, 3),
        band,
        mjd + PROCESSING_DAYS,
        commitOf(mjd),
      ];
    }
  }
}

export const DIA_OBJECT_COLUMNS = [
  ...'diaObjectId validityStartMjdTai validityEndMjdTai ra raErr dec decErr firstDiaSourceMjdTai lastDiaSourceMjdTai nDiaSources commitId'.split(
    ' ',
  ),
  ...BANDS.flatMap((band) =>
    ['Ndata', 'Mean', 'MeanErr', 'Sigma', 'Min', 'Max'].map((what) => `${band}_psfFlux${what}`),
  ),
];

/** One version at the first detection, one at half of them, one at the last, as far as these differ. */
function versionLengths(count: number): number[] {
  return [...new Set([1, Math.ceil(count / 2), count])];
}

function versionRow({ diaObjectId, place, detections }: Changing, count: number, until: number | null): SyntheticRow {
  const known = detections.slice(0, count);
  const last = known.at(-1)!.visit.mjd;
  const statistics = BANDS.flatMap((band) => {
    const fluxes = known.filter(({ visit }) => visit.band === band).map(({ flux }) => flux);
    const n = fluxes.length;
    if (n === 0) return [0, null, null, null, null, null];
    const mean = fluxes.reduce((sum, flux) => sum + flux, 0) / n;
    const sigma = n > 1 ? Math.sqrt(fluxes.reduce((sum, flux) => sum + (flux - mean) ** 2, 0) / (n - 1)) : null;
    return [
      n,
      fixed(mean, 3),
      sigma === null ? null : fixed(sigma / Math.sqrt(n), 3),
      sigma === null ? null : fixed(sigma, 3),
      Math.min(...fluxes),
      Math.max(...fluxes),
    ];
  });
  const error = fixed(1e-5 / Math.sqrt(count), 10);
  return [
    diaObjectId,
    last + PROCESSING_DAYS,
    until,
    place.ra,
    error,
    place.dec,
    error,
    known[0]!.visit.mjd,
    last,
    count,
    commitOf(last),
    ...statistics,
  ];
}

export function* diaObjectRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  for (const object of changingObjects(plan)) {
    const lengths = versionLengths(object.detections.length);
    for (const [i, count] of lengths.entries()) {
      const next = lengths[i + 1];
      yield versionRow(
        object,
        count,
        next === undefined ? null : object.detections[next - 1]!.visit.mjd + PROCESSING_DAYS,
      );
    }
  }
}

export const DIA_OBJECT_LAST_COLUMNS =
  'diaObjectId validityStartMjdTai lastDiaSourceMjdTai ra raErr dec decErr firstDiaSourceMjdTai nDiaSources commitId'.split(
    ' ',
  );

export function* diaObjectLastRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  for (const object of changingObjects(plan)) {
    const [id, start, , ra, raErr, dec, decErr, first, last, count, commit] = versionRow(
      object,
      object.detections.length,
      null,
    );
    yield [id!, start!, last!, ra!, raErr!, dec!, decErr!, first!, count!, commit!];
  }
}

/** Observations of Solar System objects: numbered from the top of an exposure's range, where no DIAObject's detections are. */
function* asteroidObservations(plan: SyntheticPlan): Generator<{ detection: Detection; asteroid: Asteroid }> {
  const used = new RunningNumbers();
  for (const asteroid of asteroidsOf(plan))
    for (const [i, visit] of asteroid.visits.entries()) {
      const place = asteroid.places[i]!;
      const { detector } = onDetector(place);
      const flux = fluxOf(asteroid.magnitude);
      const id = makeDiaSourceId(visit.visit, detector, MAX_NUMBER - used.take(visit.visit, detector));
      const error = fixed(fluxErrorOf(flux, visit.depth), 3);
      yield { asteroid, detection: { id, visit, place, flux: fixed(flux, 3), error, reliability: 0.99 } };
    }
}

export function* ssSourceRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  const random = new Random(plan.seed, 'solar system sources');
  for (const { detection, asteroid } of asteroidObservations(plan))
    yield ssSourceRow(detection.id, asteroid, detection.place, random);
}
