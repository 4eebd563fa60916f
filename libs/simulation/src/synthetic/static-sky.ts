// Visits, their detectors, and the tables of a data release: Object, ForcedSource, Source.

import { DEG } from '#libs/sky';
import { Random } from '../random.js';
import {
  fluxErrorOf,
  fluxOf,
  magnitudeUpTo,
  offsetFrom,
  onDetector,
  type Place,
  RunningNumbers,
  somewhereIn,
} from './field-places.js';
import { DETECTOR_GRID, FIELD_RADIUS_DEG, sharesOf, type SyntheticPlan, type SyntheticVisit } from './plan.js';
import { BANDS, makeSourceId } from '#libs/schema';

export type SyntheticRow = readonly (number | bigint | string | boolean | null)[];

const INSTRUMENT = 'Synthetic';
const isoOf = (mjd: number): string => new Date((mjd - 40_587) * 86_400_000).toISOString();
const fixed = (value: number, digits: number): number => Number(value.toFixed(digits));

export const VISIT_COLUMNS =
  'visit physical_filter band ra dec skyRotation airmass expTime expMidpt expMidptMJD obsStart obsStartMJD instrument'.split(
    ' ',
  );

export function* visitRows({ seed, fields }: SyntheticPlan): Generator<SyntheticRow> {
  for (const field of fields) {
    const random = new Random(seed, 'visits', field.index);
    for (const { visit, band, mjd } of field.visits) {
      const start = mjd - 15 / 86_400;
      yield [
        visit,
        `${band}_synthetic`,
        band,
        fixed(field.raDeg, 8) % 360,
        fixed(field.decDeg, 8),
        fixed(random.uniform(0, 360), 3),
        fixed(1 / Math.cos(random.uniform(0, 55) * DEG), 4),
        30,
        isoOf(mjd),
        mjd,
        isoOf(start),
        start,
        INSTRUMENT,
      ];
    }
  }
}

export const DETECTOR_COLUMNS =
  'visit detector ra dec pixelScale zeroPoint psfSigma skyBg skyNoise seeing xSize ySize llcra llcdec ulcra ulcdec urcra urcdec lrcra lrcdec nPsfStar'.split(
    ' ',
  );

export function* detectorRows({ seed, fields }: SyntheticPlan): Generator<SyntheticRow> {
  for (const field of fields) {
    const random = new Random(seed, 'detectors', field.index);
    const at = (column: number, row: number): number[] => {
      const place = offsetFrom(
        field.raDeg,
        field.decDeg,
        (2 * column) / DETECTOR_GRID - 1,
        (2 * row) / DETECTOR_GRID - 1,
      );
      return [place.ra, place.dec];
    };
    for (const { visit, seeing } of field.visits)
      for (let detector = 0; detector < DETECTOR_GRID ** 2; detector++) {
        const [column, row] = [detector % DETECTOR_GRID, Math.floor(detector / DETECTOR_GRID)];
        const sky = random.uniform(200, 3000);
        yield [
          visit,
          detector,
          ...at(column + 0.5, row + 0.5),
          fixed((FIELD_RADIUS_DEG * 2 * 3600) / DETECTOR_GRID / 4000, 5),
          fixed(31.4 + 0.05 * random.normal(), 4),
          fixed(seeing / 2.3548 / 0.2, 4),
          fixed(sky, 2),
          fixed(Math.sqrt(sky), 3),
          fixed(seeing, 4),
          4000,
          4000,
          ...at(column, row),
          ...at(column, row + 1),
          ...at(column + 1, row + 1),
          ...at(column + 1, row),
          20 + random.integer(200),
        ];
      }
  }
}

/** Magnitudes in u, g, r, i, z, y of a star or galaxy of the given r magnitude. */
function magnitudesOf(r: number, random: Random): readonly number[] {
  const gr = random.uniform(-0.2, 1.5);
  const ri = 0.4 * gr + 0.05 * random.normal();
  return [r + gr + 0.6 + 0.9 * gr, r + gr, r, r - ri, r - 1.5 * ri, r - 1.8 * ri];
}

interface StaticObject {
  readonly objectId: bigint;
  readonly place: Place;
  readonly magnitudes: readonly number[];
  readonly extended: boolean;
}

function* objectsOf(plan: SyntheticPlan): Generator<StaticObject & { field: number }> {
  const shares = sharesOf(plan, plan.counts.objects);
  let n = 0n;
  for (const field of plan.fields) {
    const random = new Random(plan.seed, 'objects', field.index);
    for (let i = 0; i < shares[field.index]!; i++)
      yield {
        field: field.index,
        objectId: ((BigInt(plan.seed) + 1n) << 40n) + n++,
        place: somewhereIn(field, random),
        magnitudes: magnitudesOf(magnitudeUpTo(26.5, random), random),
        extended: random.uniform() < 0.6,
      };
  }
}

export const OBJECT_COLUMNS = [
  ...'objectId tract patch coord_ra coord_dec coord_raErr coord_decErr refBand refExtendedness footprintArea ebv detect_isIsolated'.split(
    ' ',
  ),
  ...BANDS.flatMap((band) => [
    `${band}_psfFlux`,
    `${band}_psfFluxErr`,
    `${band}_cModelFlux`,
    `${band}_cModelFluxErr`,
    `${band}_extendedness`,
  ]),
];

export function* objectRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  const random = new Random(plan.seed, 'object measurements');
  for (const { objectId, place, magnitudes, extended, field } of objectsOf(plan)) {
    const fluxes = magnitudes.flatMap((magnitude) => {
      const flux = fluxOf(magnitude);
      const error = fluxErrorOf(flux, 27);
      const psf = flux + error * random.normal();
      return [
        fixed(extended ? psf * 0.7 : psf, 3),
        fixed(error, 3),
        fixed(psf, 3),
        fixed(error * 1.3, 3),
        extended ? 1 : 0,
      ];
    });
    yield [
      objectId,
      field,
      onDetector(place).detector,
      place.ra,
      place.dec,
      fixed(random.uniform(2e-7, 2e-5), 9),
      fixed(random.uniform(2e-7, 2e-5), 9),
      'r',
      extended ? 1 : 0,
      40 + random.integer(400),
      fixed(Math.abs(0.05 * random.normal()), 4),
      random.uniform() < 0.7,
      ...fluxes,
    ];
  }
}

export const FORCED_COLUMNS =
  'objectId coord_ra coord_dec visit detector band psfFlux psfFluxErr psfFlux_flag psfDiffFlux psfDiffFluxErr invalidPsfFlag tract patch'.split(
    ' ',
  );

export function* forcedSourceRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  const random = new Random(plan.seed, 'forced sources');
  for (const { objectId, place, magnitudes, field } of objectsOf(plan)) {
    const { visits } = plan.fields[field]!;
    const { detector } = onDetector(place);
    const first = random.integer(visits.length);
    for (let i = 0; i < Math.min(plan.counts.forcedPerObject, visits.length); i++) {
      const { visit, band, depth } = visits[(first + i) % visits.length]!;
      const flux = fluxOf(magnitudes[(BANDS as readonly string[]).indexOf(band)]!);
      const error = fluxErrorOf(flux, depth);
      const noise = error * random.normal();
      yield [
        objectId,
        place.ra,
        place.dec,
        visit,
        detector,
        band,
        fixed(flux + noise, 3),
        fixed(error, 3),
        false,
        fixed(noise, 3),
        fixed(error * 1.2, 3),
        false,
        field,
        detector,
      ];
    }
  }
}

export const SOURCE_COLUMNS =
  'sourceId visit detector band physical_filter ra dec raErr decErr coord_ra coord_dec x y xErr yErr psfFlux psfFluxErr calibFlux calibFluxErr ap12Flux ap12FluxErr ixx iyy ixy extendedness psfFlux_flag centroid_flag sky_source'.split(
    ' ',
  );

export function* sourceRows(plan: SyntheticPlan): Generator<SyntheticRow> {
  const shares = sharesOf(plan, plan.counts.sources);
  for (const field of plan.fields) {
    const random = new Random(plan.seed, 'sources', field.index);
    const numbers = new RunningNumbers();
    for (let i = 0; i < shares[field.index]!; i++)
      yield sourceRow(field.visits[i % field.visits.length]!, somewhereIn(field, random), numbers, random);
  }
}

function sourceRow(
  { visit, band, depth, seeing }: SyntheticVisit,
  place: Place,
  numbers: RunningNumbers,
  random: Random,
): SyntheticRow {
  const flux = fluxOf(magnitudeUpTo(depth, random));
  const error = fluxErrorOf(flux, depth);
  const measured = fixed(flux + error * random.normal(), 3);
  const { detector, x, y } = onDetector(place);
  const moment = fixed((seeing / 2.3548 / 0.2) ** 2, 4);
  const centroid = fixed((0.4 * seeing * error) / flux / 0.2, 4);
  const onSky = fixed((centroid * 0.2) / 3600, 10);
  return [
    makeSourceId(visit, detector, numbers.take(visit, detector)),
    visit,
    detector,
    band,
    `${band}_synthetic`,
    place.ra,
    place.dec,
    onSky,
    onSky,
    place.ra,
    place.dec,
    x,
    y,
    centroid,
    centroid,
    measured,
    fixed(error, 3),
    measured,
    fixed(error, 3),
    fixed(measured * 1.02, 3),
    fixed(error * 1.2, 3),
    moment,
    moment,
    0,
    random.uniform() < 0.5 ? 1 : 0,
    false,
    false,
    false,
  ];
}
