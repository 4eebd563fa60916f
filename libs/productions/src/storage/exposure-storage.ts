import { decodeExposure, encodeExposure, type Exposure } from '#libs/image';
import { defineStorageClass, type StorageClass } from '#libs/pipeline';

/** Exposures in the file form of `libs/image`. */
export const ExposureStorage: StorageClass<Exposure> = defineStorageClass({
  name: 'Exposure',
  extension: '.fits',
  mediaType: 'application/fits',
  encode: encodeExposure,
  decode: decodeExposure,
});
