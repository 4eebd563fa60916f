// Draws up a survey: when, where and in which weather every visit is taken, and what is in the sky.

import { almagestCam } from '#libs/instruments';
import { airmassAt, siderealTimeDeg } from './earth.js';
import type { CalibrationFrame, PlannedVisit, SurveyOptions, SurveyPlan } from './plan-types.js';
import { Random } from './random.js';
import { drawAsteroids, drawChanging, drawGalaxies, drawStars, fieldFrame } from './sky-model.js';

/** AB magnitude giving 1 e-/s above the atmosphere, extinction [mag/airmass], dark-sky brightness [mag/arcsec^2] */
const BAND_FACTS: Readonly<Record<string, { zeroPoint: number; extinction: number; sky: number }>> = {
  u: { zeroPoint: 26.2, extinction: 0.4, sky: 22.7 },
  g: { zeroPoint: 27.75, extinction: 0.17, sky: 22 },
  r: { zeroPoint: 27.55, extinction: 0.1, sky: 21 },
  i: { zeroPoint: 27.1, extinction: 0.07, sky: 20.2 },
  z: { zeroPoint: 26.5, extinction: 0.06, sky: 19.3 },
  y: { zeroPoint: 25.5, extinction: 0.1, sky: 18.2 },
};
/** TAI - UTC [days] */
export const TAI_MINUS_UTC = 37 / 86400;
const READOUT = 2;
const DAY_0 = 40587; // MJD of 1970-01-01

export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  constructor(
    readonly code: 'BAD_OPTION' | 'FIELD_NOT_VISIBLE' | 'UNKNOWN_VISIT',
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}

/** YYYYMMDD to the MJD of that date's midnight UTC and back. */
export const mjdOfDay = (day: number): number =>
  Date.UTC(Math.floor(day / 10000), (Math.floor(day / 100) % 100) - 1, day % 100) / 86_400_000 + DAY_0;
export const dayOfMjd = (mjd: number): number => {
  const date = new Date((Math.floor(mjd) - DAY_0) * 86_400_000);
  return date.getUTCFullYear() * 10000 + (date.getUTCMonth() + 1) * 100 + date.getUTCDate();
};

function resolve(options: SurveyOptions): Required<SurveyOptions> {
  const camera = almagestCam({ detectors: options.detectors ?? 2, size: options.detectorSize ?? 1024 });
  const pixels = camera.detectors.reduce((sum, detector) => sum + detector.width * detector.height, 0);
  const share = pixels / (2 * 1024 * 1024);
  const scaled = (count: number): number => Math.max(4, Math.round(count * share));
  const random = new Random(options.seed, 'field');
  const resolved: Required<SurveyOptions> = {
    bands: ['g', 'r'],
    templatesPerBand: 3,
    nights: 2,
    visitsPerNight: 3,
    snaps: 2,
    exposureTime: 15,
    detectors: 2,
    detectorSize: 1024,
    field: { raDeg: 57 + random.uniform(-3, 3), decDeg: 5 + random.uniform(-4, 4) },
    templateDay: 20261103,
    stars: scaled(1800),
    galaxies: scaled(350),
    transients: scaled(60),
    variables: scaled(45),
    asteroids: scaled(30),
    calibrationFrames: 3,
    ...options,
  };
  const count = (name: keyof SurveyOptions, least: number): void => {
    const value = resolved[name];
    if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
      throw new SimulationError(
        'BAD_OPTION',
        `${name} is ${JSON.stringify(value)}; it must be an integer from ${least}`,
        value,
      );
  };
  for (const name of [
    'templatesPerBand',
    'nights',
    'visitsPerNight',
    'snaps',
    'detectors',
    'calibrationFrames',
  ] as const)
    count(name, 1);
  for (const name of ['stars', 'galaxies', 'transients', 'variables', 'asteroids'] as const) count(name, 0);
  count('detectorSize', 64);
  if (resolved.detectorSize % 8 !== 0)
    throw new SimulationError('BAD_OPTION', `detectorSize ${resolved.detectorSize} is no multiple of 8`);
  if (!(resolved.exposureTime > 0)) throw new SimulationError('BAD_OPTION', `exposureTime must be positive`);
  for (const band of resolved.bands)
    if (!BAND_FACTS[band])
      throw new SimulationError(
        'BAD_OPTION',
        `there is no band ${band}; there are ${Object.keys(BAND_FACTS).join(', ')}`,
      );
  return resolved;
}

export function planSurvey(options: SurveyOptions): SurveyPlan {
  const settings = resolve(options);
  const { seed, field, bands } = settings;
  const camera = almagestCam({ detectors: settings.detectors, size: settings.detectorSize });
  const site = camera.observatory!;
  const visits: PlannedVisit[] = [];

  const firstDay = mjdOfDay(settings.templateDay);
  const nights: { day: number; purpose: 'template' | 'science'; rounds: number }[] = [
    { day: firstDay, purpose: 'template', rounds: settings.templatesPerBand },
    ...Array.from({ length: settings.nights }, (_, n) => ({
      day: firstDay + 18 + n,
      purpose: 'science' as const,
      rounds: settings.visitsPerNight,
    })),
  ];
  for (const { day, purpose, rounds } of nights) {
    // the field crosses the meridian in the middle of the hour of observation
    const midnight = day + 1 + transitHours(field.raDeg, day + 1, site.longitudeDeg) / 24;
    for (let round = 0; round < rounds; round++)
      bands.forEach((band, b) => {
        const minutes = 20 * (round - (rounds - 1) / 2) + 8 * (b - (bands.length - 1) / 2);
        visits.push(planVisit(settings, visits, day, purpose, band, midnight + minutes / 1440 + TAI_MINUS_UTC));
      });
  }
  const airmass = Math.max(...visits.map((visit) => visit.airmass));
  if (!(airmass < 2.5))
    throw new SimulationError(
      'FIELD_NOT_VISIBLE',
      `the field at declination ${field.decDeg} does not rise above airmass 2.5 at latitude ${site.latitudeDeg}`,
      field,
    );

  const frame = fieldFrame(camera, field);
  const science = visits.filter((visit) => visit.purpose === 'science');
  const stars = drawStars(frame, settings.stars, seed);
  const galaxies = drawGalaxies(frame, settings.galaxies, seed);
  const { variables, transients } = drawChanging(
    frame,
    settings,
    stars,
    galaxies,
    {
      template: visits.findLast((visit) => visit.purpose === 'template')!.midpointMjd,
      firstScience: science[0]!.midpointMjd,
    },
    seed,
  );
  const days = [...new Set(science.map((visit) => visit.dayObs))];
  const times = days.map((day) => {
    const all = science.filter((visit) => visit.dayObs === day).map((visit) => visit.midpointMjd);
    return (Math.min(...all) + Math.max(...all)) / 2;
  });
  return {
    seed,
    camera,
    bands,
    field,
    visits,
    calibrations: planCalibrations(settings, firstDay),
    stars: [...stars, ...variables],
    galaxies,
    transients,
    asteroids: drawAsteroids(frame, settings.asteroids, times, seed),
  };
}

/** Hours after midnight UTC at which the field transits, in [0, 24). */
function transitHours(raDeg: number, mjdMidnight: number, longitudeDeg: number): number {
  const wait = (((raDeg - siderealTimeDeg(mjdMidnight) - longitudeDeg) % 360) + 360) % 360;
  return wait / 15.041068;
}

function planVisit(
  settings: Required<SurveyOptions>,
  before: readonly PlannedVisit[],
  day: number,
  purpose: 'template' | 'science',
  band: string,
  midpoint: number,
): PlannedVisit {
  const { field, snaps, exposureTime, seed } = settings;
  const index = before.length;
  const random = new Random(seed, 'visit', index);
  const dayObs = dayOfMjd(day);
  const sequence = 100 + before.filter((visit) => visit.dayObs === dayObs).length + 1;
  const facts = BAND_FACTS[band]!;
  const site = almagestCam().observatory!;
  const airmass = airmassAt(field.raDeg, field.decDeg, midpoint - TAI_MINUS_UTC, site);
  const cosDec = Math.cos((field.decDeg * Math.PI) / 180);
  const arcsec = 1 / 3600;
  const telescopeRaDeg = field.raDeg + (random.uniform(-6, 6) * arcsec) / cosDec;
  const telescopeDecDeg = field.decDeg + random.uniform(-6, 6) * arcsec;
  const duration = snaps * exposureTime + (snaps - 1) * READOUT;
  const clouds = 0.04 * Math.abs(random.normal());
  const throughput = 10 ** (-0.4 * (facts.extinction * airmass + clouds));
  const scale = almagestCam().detectors[0]!.pixelScale;
  const sky =
    10 ** (0.4 * (facts.zeroPoint - facts.sky)) * scale * scale * airmass ** 0.6 * (1 + 0.08 * random.normal());
  return {
    index,
    visit: String(dayObs * 100_000 + sequence),
    dayObs,
    sequence,
    purpose,
    band,
    physicalFilter: `${band}-sim`,
    snapStartMjd: Array.from(
      { length: snaps },
      (_, snap) => midpoint + (snap * (exposureTime + READOUT) - duration / 2) / 86400,
    ),
    exposureTime,
    midpointMjd: midpoint,
    telescopeRaDeg: (telescopeRaDeg + 360) % 360,
    telescopeDecDeg,
    telescopeRotationDeg: 0,
    trueRaDeg: (telescopeRaDeg + (2.5 * random.normal() * arcsec) / cosDec + 360) % 360,
    trueDecDeg: telescopeDecDeg + 2.5 * random.normal() * arcsec,
    trueRotationDeg: (2 * random.normal()) / 60,
    airmass,
    seeingArcsec:
      (purpose === 'template' ? random.uniform(0.98, 1.12) : random.uniform(1, 1.35)) * (band === 'g' ? 1.03 : 1),
    ellipticity1: 0.025 * random.normal(),
    ellipticity2: 0.025 * random.normal(),
    electronsPerSecondPerNjy: 10 ** (0.4 * (facts.zeroPoint - 31.4)) * throughput,
    sky,
    skySlopeX: 0.02 * sky * random.normal(),
    skySlopeY: 0.02 * sky * random.normal(),
  };
}

function planCalibrations(settings: Required<SurveyOptions>, day: number): CalibrationFrame[] {
  const { bands, calibrationFrames } = settings;
  const dayObs = dayOfMjd(day);
  const kinds = [
    { kind: 'bias' as const, band: null, exposureTime: 0 },
    { kind: 'dark' as const, band: null, exposureTime: 60 },
    ...bands.map((band) => ({ kind: 'flat' as const, band, exposureTime: 5 })),
  ];
  return kinds
    .flatMap(({ kind, band, exposureTime }) =>
      Array.from({ length: calibrationFrames }, (_, n) => ({ kind, band, exposureTime, n })),
    )
    .map(({ kind, band, exposureTime, n }, index) => ({
      index,
      visit: String(dayObs * 100_000 + index + 1),
      kind,
      band,
      physicalFilter: band && `${band}-sim`,
      exposureTime,
      // in the afternoon, one a minute
      startMjd: day + 20 / 24 + index / 1440 + TAI_MINUS_UTC,
      dayObs,
      sequence: index + 1,
      name: `${kind}${band ? `-${band}` : ''}-${n + 1}`,
    }));
}
