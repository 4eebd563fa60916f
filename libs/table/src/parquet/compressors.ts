// Decompression of Parquet pages beyond the decoder's own Snappy; a page never grows beyond the size its header states.

import type { Compressors } from 'hyparquet';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

export const compressors: Compressors = {
  GZIP: (input, size) => gunzipSync(input, { maxOutputLength: Math.max(1, size) }),
  BROTLI: (input, size) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, size) }),
};
