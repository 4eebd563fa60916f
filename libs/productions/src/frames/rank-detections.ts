// rankDetections: the detections of a difference, most significant first, in the forms people look them up by.
import { defineTask, jsonStorageClass, one, type StorageClass } from '#libs/pipeline';
import { z } from 'zod';
import { TableStorage } from '../storage/table-storage.js';

export interface RankedDetection {
  readonly rank: number;
  readonly diaSourceId: string;
  /** pixel position, the centre of the first pixel at (0, 0) */
  readonly x: number;
  readonly y: number;
  /** the same as FITS viewers show it: the first pixel is (1, 1) */
  readonly fitsX: number;
  readonly fitsY: number;
  readonly raDeg: number;
  readonly decDeg: number;
  /** of the matched filter */
  readonly snr: number;
  /** |PSF flux| over its error */
  readonly psfSnr: number;
  readonly isNegative: boolean;
  readonly isDipole: boolean;
  readonly reliability: number;
}
export const RankedDetectionStorage: StorageClass<readonly RankedDetection[]> =
  jsonStorageClass<readonly RankedDetection[]>('RankedDetections');

export const RankDetectionsConfig = z.strictObject({
  maxRows: z.int().min(1).default(1000).meta({ description: 'fainter detections are left out of the list' }),
});

export const rankDetections = defineTask({
  name: 'rankDetections',
  version: '1',
  description: 'Lists the scored detections of a difference by significance.',
  dimensions: ['instrument', 'detector', 'band'],
  config: RankDetectionsConfig,
  inputs: { diaSource: one('stackDiaSource', TableStorage) },
  outputs: { ranking: one('stackDetections', RankedDetectionStorage) },
  run({ diaSource }, { config }) {
    const number = (name: string, row: number): number => Number(diaSource.value(name, row));
    const rows = Array.from({ length: diaSource.rowCount }, (_, row) => ({
      diaSourceId: String(diaSource.value('diaSourceId', row)),
      x: number('x', row),
      y: number('y', row),
      fitsX: number('x', row) + 1,
      fitsY: number('y', row) + 1,
      raDeg: number('ra', row),
      decDeg: number('dec', row),
      snr: number('snr', row),
      psfSnr: Math.abs(number('psfFlux', row)) / number('psfFluxErr', row),
      isNegative: Boolean(diaSource.value('isNegative', row)),
      isDipole: Boolean(diaSource.value('isDipole', row)),
      reliability: number('reliability', row),
    }));
    const ranked = rows
      .sort((a, b) => b.psfSnr - a.psfSnr || (a.diaSourceId < b.diaSourceId ? -1 : 1))
      .slice(0, config.maxRows);
    return { ranking: ranked.map((row, k) => ({ rank: k + 1, ...row })) };
  },
});
