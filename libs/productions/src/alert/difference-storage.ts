// File forms of what difference imaging makes besides exposures and tables.
import {
  decodeStamps,
  encodeStamps,
  MatchingKernel,
  type MatchingKernelRecord,
  type StampTriplet,
} from '#libs/algorithms';
import { defineStorageClass, type StorageClass } from '#libs/pipeline';

export const MatchingKernelStorage: StorageClass<MatchingKernel> = defineStorageClass({
  name: 'MatchingKernel',
  extension: '.json',
  mediaType: 'application/json',
  encode: (kernel) => new TextEncoder().encode(JSON.stringify(kernel)),
  decode: (bytes) => MatchingKernel.fromJSON(JSON.parse(new TextDecoder().decode(bytes)) as MatchingKernelRecord),
});

export const StampStorage: StorageClass<readonly StampTriplet[]> = defineStorageClass({
  name: 'StampTriplets',
  extension: '.stamps',
  mediaType: 'application/octet-stream',
  encode: encodeStamps,
  decode: decodeStamps,
});
