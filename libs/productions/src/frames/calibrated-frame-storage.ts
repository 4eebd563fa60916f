// A calibrated image as it came from elsewhere. What Almagest itself writes of one is its own exposure file; both are read.
import { openFits } from '#libs/fits';
import type { Exposure } from '#libs/image';
import { readCalibrated } from '#libs/instruments';
import { defineStorageClass, type StorageClass } from '#libs/pipeline';
import { ExposureStorage } from '../storage/exposure-storage.js';

export const CalibratedFrameStorage: StorageClass<Exposure> = defineStorageClass({
  name: 'CalibratedFrame',
  extension: '.fits',
  mediaType: 'application/fits',
  encode: (exposure) => ExposureStorage.encode(exposure),
  async decode(bytes) {
    const file = await openFits(bytes);
    const names = new Set(file.hdus.map(({ name }) => name));
    await file.close();
    return ['IMAGE', 'MASK', 'VARIANCE', 'JSON'].every((name) => names.has(name))
      ? ExposureStorage.decode(bytes)
      : readCalibrated(bytes);
  },
});
