// A night with one image of each kind, so that everything the Virtual Observatory's services speak of is there.

import type { DataSource } from 'typeorm';
import { DatabaseDatasetStore, FolderStorage } from '#libs/datastore';
import { makeExposure } from '#libs/image';
import { collectionsOf } from '#libs/processing';
import { ExposureStorage } from '#libs/productions';
import { cdMatrix, makeTanWcs } from '#libs/sky';
import { FIELD, makeNight, type Night } from './night.js';

/** [pixels] */
export const IMAGE_SIZE = { width: 64, height: 48 } as const;
const PIXEL_ARCSEC = 0.5;

export interface VoNight extends Night {
  /** identifiers of the calibrated exposure and the difference of the first visit */
  readonly images: readonly string[];
}

export async function makeVoNight(dataSource: DataSource, dataDir: string): Promise<VoNight> {
  const night = await makeNight(dataSource, dataDir);
  const visit = night.visits[0]!;
  const exposure = makeExposure(IMAGE_SIZE.width, IMAGE_SIZE.height);
  exposure.image.fill(100).fill(900, 64 * 20 + 30, 64 * 20 + 33);
  const wcs = makeTanWcs({
    crpix: { x: 31, y: 20 },
    crvalRaDeg: FIELD.raDeg,
    crvalDecDeg: FIELD.decDeg,
    cd: cdMatrix(PIXEL_ARCSEC),
  });
  const corner = (x: number, y: number) => wcs.pixelToSky(x, y);
  const [ll, lr, ur, ul] = [corner(-0.5, -0.5), corner(63.5, -0.5), corner(63.5, 47.5), corner(-0.5, 47.5)];
  await dataSource.query(
    `UPDATE "DetectorVisitProcessingSummary" SET ra = $2, dec = $3, "pixelScale" = ${PIXEL_ARCSEC}, "xSize" = 64, "ySize" = 48,
       llcra = $4, llcdec = $5, lrcra = $6, lrcdec = $7, urcra = $8, urcdec = $9, ulcra = $10, ulcdec = $11 WHERE visit = $1`,
    [visit, FIELD.raDeg, FIELD.decDeg, ...[ll, lr, ur, ul].flatMap(({ raDeg, decDeg }) => [raDeg, decDeg])],
  );
  const store = new DatabaseDatasetStore(dataSource, new FolderStorage(`${dataDir}/store`));
  const bytes = await ExposureStorage.encode({ ...exposure, wcs });
  const images: string[] = [];
  for (const datasetType of ['calexp', 'differenceExp']) {
    const ref = await store.put(
      {
        run: collectionsOf('AlmagestCam').alertProduction,
        datasetType,
        dataId: { visit: visit.toString(), detector: 0 },
        storageClass: ExposureStorage.name,
        extension: ExposureStorage.extension,
        mediaType: ExposureStorage.mediaType,
      },
      bytes,
    );
    images.push(`ivo://almagest/dataset?${ref.id}`);
  }
  return { ...night, images };
}
