// forcedPhotometry: the PSF flux of every known DIAObject of the field that was not detected this time, on the difference and
// on the calibrated image, at its catalog position. [nJy]
import { forcedPsfFlux } from '#libs/algorithms';
import type { Exposure } from '#libs/image';
import { defineTask, one, TaskFailure } from '#libs/pipeline';
import { DiaForcedSource, makeDiaForcedSourceId, tableOf } from '#libs/schema';
import { z } from 'zod';
import { ExposureStorage, TableStorage } from '../storage/index.js';
import { DiaCatalogStorage, insideImage } from './load-dia-catalogs.js';

export const ForcedPhotometryConfig = z.strictObject({
  includeDetected: z
    .boolean()
    .default(false)
    .meta({ description: 'also measure objects that were detected this time' }),
  minDiaSources: z.int().nonnegative().default(1).meta({ description: 'objects detected less often are not measured' }),
});

export const forcedPhotometry = defineTask({
  name: 'forcedPhotometry',
  version: '1',
  description: 'Measures the known DIAObjects of the field at their positions.',
  dimensions: ['visit', 'detector'],
  config: ForcedPhotometryConfig,
  inputs: {
    science: one('calexp', ExposureStorage),
    difference: one('differenceExp', ExposureStorage),
    catalogs: one('diaCatalogs', DiaCatalogStorage),
    associated: one('associatedDiaSource', TableStorage),
  },
  outputs: { forced: one('diaForcedSource', TableStorage) },
  run({ science, difference, catalogs, associated }, { config, metric }) {
    const { info, wcs } = science;
    if (!info || !wcs)
      throw new TaskFailure(
        'unprocessable',
        'NO_WCS',
        'forced photometry needs the visit and its astrometric solution',
      );
    const objects = catalogs.diaObjects;
    const detected = new Set<unknown>();
    for (let row = 0; row < associated.rowCount; row++) detected.add(associated.value('diaObjectId', row));
    const onImage = insideImage(science, 0);
    const rows = Array.from({ length: objects.rowCount }, (_, row) => row).filter(
      (row) =>
        onImage(objects, row) &&
        (objects.value('nDiaSources', row) as number) >= config.minDiaSources &&
        (config.includeDetected || !detected.has(objects.value('diaObjectId', row))),
    );
    const ra = objects.data('ra', 'double');
    const dec = objects.data('dec', 'double');
    const pixels = rows.map((row) => wcs.skyToPixel(ra[row]!, dec[row]!));
    const onDifference = calibrated(difference, pixels, science);
    const onScience = calibrated(science, pixels, science);
    metric('forcedSources', rows.length);
    return {
      forced: tableOf(
        DiaForcedSource,
        rows.map((row, k) => ({
          diaForcedSourceId: makeDiaForcedSourceId(info.visit, info.detector, k),
          diaObjectId: objects.value('diaObjectId', row),
          ra: ra[row]!,
          dec: dec[row]!,
          visit: info.visit,
          detector: info.detector,
          psfFlux: onDifference.flux[k]!,
          psfFluxErr: onDifference.fluxErr[k]!,
          scienceFlux: onScience.flux[k]!,
          scienceFluxErr: onScience.fluxErr[k]!,
          midpointMjdTai: info.midpointMjdTai,
          band: info.band,
        })),
        FORCED_COLUMNS,
      ),
    };
  },
});

const FORCED_COLUMNS = [
  'diaForcedSourceId',
  'diaObjectId',
  'ra',
  'dec',
  'visit',
  'detector',
  'psfFlux',
  'psfFluxErr',
  'scienceFlux',
  'scienceFluxErr',
  'midpointMjdTai',
  'band',
];

function calibrated(
  exposure: Exposure,
  pixels: readonly { x: number; y: number }[],
  calibration: Exposure,
): { flux: number[]; fluxErr: number[] } {
  const scale = (exposure.photoCalib ?? calibration.photoCalib)?.scale ?? 1;
  const { flux, fluxErr } = forcedPsfFlux(exposure, pixels);
  return { flux: Array.from(flux, (f) => f * scale), fluxErr: Array.from(fluxErr, (e) => e * scale) };
}
