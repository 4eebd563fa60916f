// The only file that touches zlib: gzip streams in and out.

import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import { FitsError } from './errors.js';

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/** Deflate cannot compress better than this, so a stream cannot honestly claim more. */
export const MAX_DEFLATE_RATIO = 1032;

/** Unfolds a gzip stream (several members allowed) of at most `maxBytes`. */
export function inflate(bytes: Uint8Array, maxBytes = 2 ** 31): Uint8Array {
  try {
    return gunzipSync(bytes, {
      maxOutputLength: Math.max(1, Math.min(maxBytes, bytes.length * MAX_DEFLATE_RATIO + 64)),
    });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new FitsError(
        'TOO_LARGE',
        `a gzip stream of ${bytes.length} bytes unfolds to more than ${maxBytes} bytes`,
        {
          value: maxBytes,
        },
      );
    const truncated = code === 'Z_BUF_ERROR';
    throw new FitsError(
      truncated ? 'TRUNCATED' : 'BAD_COMPRESSION',
      truncated ? 'a gzip stream ends early' : `a gzip stream is damaged: ${(error as Error).message}`,
    );
  }
}

/** The same bytes for the same input: no time stamp, fixed level. */
export function deflate(bytes: Uint8Array, level = 1): Uint8Array {
  const packed = gzipSync(bytes, { level, strategy: constants.Z_DEFAULT_STRATEGY });
  packed[9] = 255; // operating system: unknown
  return packed;
}

/** Unfolds a gzip stream as it comes. Damage is a FitsError; what the given stream throws passes through. */
export async function* inflateStream(packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  let cause: unknown;
  const source = Readable.from(packed, { objectMode: false });
  source.once('error', (error) => {
    cause = error;
    gunzip.destroy(error);
  });
  source.pipe(gunzip);
  try {
    for await (const bytes of gunzip) yield bytes as Uint8Array;
  } catch (error) {
    if (cause !== undefined) throw cause;
    const truncated = (error as { code?: unknown }).code === 'Z_BUF_ERROR';
    throw new FitsError(
      truncated ? 'TRUNCATED' : 'BAD_COMPRESSION',
      truncated ? 'a gzip stream ends early' : `a gzip stream is damaged: ${(error as Error).message}`,
    );
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}
