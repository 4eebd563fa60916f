// calibrate: WCS and zero point of one exposure from the reference catalog; sky positions and fluxes of its sources.
import { calibrateExposure, calibrateSources, DEFAULT_CALIBRATE } from '#libs/algorithms';
import { defineTask, jsonStorageClass, one, type StorageClass, TaskFailure } from '#libs/pipeline';
import { z } from 'zod';
import { ExposureStorage } from '../storage/exposure-storage.js';
import { TableStorage } from '../storage/table-storage.js';
import { withTaskFailures } from './task-failures.js';

export const CalibrateConfig = z.strictObject({
  maxOffset: z
    .number()
    .positive()
    .default(DEFAULT_CALIBRATE.maxOffsetArcsec)
    .meta({ unit: 'arcsec', description: 'largest error of the telescope pointing' }),
  maxRotation: z
    .number()
    .nonnegative()
    .default(DEFAULT_CALIBRATE.maxRotationDeg)
    .meta({ unit: 'deg', description: 'largest error of the rotation; beyond it star patterns are tried' }),
  order: z
    .int()
    .min(1)
    .max(5)
    .default(DEFAULT_CALIBRATE.order)
    .meta({ description: 'order of the distortion fitted to the detector; 1 is a plain tangent projection' }),
  minSnr: z
    .number()
    .positive()
    .default(DEFAULT_CALIBRATE.minSnr)
    .meta({ unit: 'sigma', description: 'sources fainter than this take no part' }),
  minMatches: z
    .int()
    .min(4)
    .default(DEFAULT_CALIBRATE.minMatches)
    .meta({ description: 'fewest matched stars of an astrometric solution' }),
  maxRms: z
    .number()
    .positive()
    .default(DEFAULT_CALIBRATE.maxRmsArcsec)
    .meta({ unit: 'arcsec', description: 'an astrometric fit with larger residuals has failed' }),
  positionFloor: z
    .number()
    .nonnegative()
    .default(DEFAULT_CALIBRATE.positionFloorArcsec)
    .meta({ unit: 'arcsec', description: 'error added to every star in quadrature' }),
  minPhotometricStars: z
    .int()
    .min(2)
    .default(DEFAULT_CALIBRATE.minPhotometricStars)
    .meta({ description: 'fewest stars of a zero point' }),
  maxScatter: z
    .number()
    .positive()
    .default(DEFAULT_CALIBRATE.maxScatter)
    .meta({ unit: 'mag', description: 'a zero point that scatters more has failed' }),
});

/** Quality of one calibration, for the visit's record. */
export interface CalibrationSummary {
  /** radial rms of the astrometric residuals, and per axis [mas] */
  readonly astromRms: number;
  readonly astromRmsEast: number;
  readonly astromRmsNorth: number;
  /** stars in the astrometric fit */
  readonly nMatched: number;
  /** order of the distortion that the number of stars allowed */
  readonly order: number;
  /** how far and how much turned the telescope was from where it believed to be [arcsec, deg] */
  readonly pointingOffset: number;
  readonly pointingRotation: number;
  /** [arcsec/px] at the centre */
  readonly pixelScale: number;
  /** AB magnitude of one electron, its error, scatter of the stars [mag] and their number */
  readonly zeroPoint: number;
  readonly zeroPointErr: number;
  readonly scatter: number;
  readonly nPhotometric: number;
}

export type CalibrateConfig = z.output<typeof CalibrateConfig>;

export const CalibrationSummaryStorage: StorageClass<CalibrationSummary> =
  jsonStorageClass<CalibrationSummary>('CalibrationSummary');

export const calibrate = defineTask({
  name: 'calibrate',
  version: '1',
  description: 'Fits the world coordinates and the photometric zero point to the reference catalog.',
  dimensions: ['visit', 'detector'],
  config: CalibrateConfig,
  inputs: {
    exposure: one('icExp', ExposureStorage),
    sources: one('icSource', TableStorage),
    references: one('refcat', TableStorage, { dimensions: [], prerequisite: true }),
  },
  outputs: {
    calexp: one('calexp', ExposureStorage),
    source: one('source', TableStorage),
    summary: one('calibrationSummary', CalibrationSummaryStorage),
  },
  run({ exposure, sources, references }, { config, log, metric, cancelled }) {
    const { width, height, wcs: guess, info } = exposure;
    if (!guess)
      throw new TaskFailure('unprocessable', 'NO_WCS', 'the exposure does not say where the telescope pointed');
    if (!info) throw new TaskFailure('unprocessable', 'NO_VISIT_INFO', 'the exposure has neither time nor band');
    cancelled();
    const { wcs, photoCalib, astrometry, photometry, pattern } = withTaskFailures(() =>
      calibrateExposure(
        { width, height, guess, mjd: info.midpointMjdTai, band: info.band, sources, references },
        {
          maxOffsetArcsec: config.maxOffset,
          maxRotationDeg: config.maxRotation,
          order: config.order,
          minSnr: config.minSnr,
          minMatches: config.minMatches,
          maxRmsArcsec: config.maxRms,
          positionFloorArcsec: config.positionFloor,
          minPhotometricStars: config.minPhotometricStars,
          maxScatter: config.maxScatter,
        },
      ),
    );
    if (astrometry.order < config.order)
      log.warn(`only ${astrometry.usedCount} stars: the distortion is fitted to order ${astrometry.order}`, {
        order: astrometry.order,
        matches: astrometry.usedCount,
      });
    const pixelScale = wcs.pixelScaleArcsec((width - 1) / 2, (height - 1) / 2);
    const summary: CalibrationSummary = {
      astromRms: astrometry.rmsArcsec * 1000,
      astromRmsEast: astrometry.rmsEastArcsec * 1000,
      astromRmsNorth: astrometry.rmsNorthArcsec * 1000,
      nMatched: astrometry.usedCount,
      order: astrometry.order,
      pointingOffset: Math.hypot(pattern.offset.x, pattern.offset.y) * pixelScale,
      pointingRotation: pattern.rotationDeg,
      pixelScale,
      zeroPoint: photometry.zeroPoint,
      zeroPointErr: photometry.zeroPointErr,
      scatter: photometry.scatter,
      nPhotometric: photometry.count,
    };
    metric('astromRms', summary.astromRms, 'mas');
    metric('nMatched', summary.nMatched);
    metric('pointingOffset', summary.pointingOffset, 'arcsec');
    metric('zeroPoint', summary.zeroPoint, 'mag');
    metric('zeroPointErr', summary.zeroPointErr, 'mag');
    metric('zeroPointScatter', summary.scatter, 'mag');
    metric('nPhotometric', summary.nPhotometric);
    const metadata = {
      ...exposure.metadata,
      ASTRRMS: summary.astromRms,
      ASTRNUM: summary.nMatched,
      MAGZERO: summary.zeroPoint,
      MAGZERR: summary.zeroPointErr,
      MAGZNUM: summary.nPhotometric,
    };
    return {
      calexp: { ...exposure, wcs, photoCalib, metadata },
      source: calibrateSources(sources, wcs, photoCalib),
      summary,
    };
  },
});
