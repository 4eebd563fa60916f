// One compressed tile to integers or to pixels of the stored type.

import { swapInPlace, littleEndian, type ItemSize } from '../byte-order.js';
import { FitsError } from '../errors.js';
import { inflate, MAX_DEFLATE_RATIO } from '../inflate.js';
import { type Bitpix, itemSizeOf, type PixelData, viewAs } from '../pixels.js';
import { hcompressDecode, hcompressMaxPixels } from './hcompress.js';
import { plioDecode, plioMaxPixels } from './plio.js';
import { type BytePix, riceDecode, riceMaxPixels } from './rice.js';
import type { TileLayout } from './tile-header.js';

/** Which column of the table a tile's bytes came from. */
export type TileSource = 'compressed' | 'gzip' | 'uncompressed';

export interface RiceParameters {
  readonly bytePix: BytePix;
  readonly blockSize: number;
}

export function riceParameters(layout: TileLayout): RiceParameters {
  const bytePix = layout.parameters.get('BYTEPIX') ?? 4;
  const blockSize = layout.parameters.get('BLOCKSIZE') ?? 32;
  if (bytePix !== 1 && bytePix !== 2 && bytePix !== 4)
    throw new FitsError('UNSUPPORTED', `Rice-coded pixels of ${bytePix} bytes are not read`, { value: bytePix });
  if (!Number.isInteger(blockSize) || blockSize < 1 || blockSize > 4096)
    throw new FitsError('BAD_KEYWORD', `Rice block size ${blockSize}`, { value: blockSize });
  return { bytePix, blockSize };
}

/** The most pixels that `bytes` of a tile can honestly stand for. */
export function maxPixels(layout: TileLayout, from: TileSource, bytes: number): number {
  if (from === 'gzip') return bytes * MAX_DEFLATE_RATIO;
  if (from === 'uncompressed') return bytes;
  switch (layout.type) {
    case 'RICE_1': {
      const { bytePix, blockSize } = riceParameters(layout);
      return riceMaxPixels(bytes, bytePix, blockSize);
    }
    case 'PLIO_1':
      return plioMaxPixels(bytes);
    case 'HCOMPRESS_1':
      return hcompressMaxPixels(bytes);
    case 'NOCOMPRESS':
      return bytes;
    default:
      return bytes * MAX_DEFLATE_RATIO;
  }
}

const damaged = (why: string): FitsError => new FitsError('BAD_COMPRESSION', why);

/** Integers of a tile: an integer image, or quantised floats. `out` has room for `count`. */
export function decodeIntegers(layout: TileLayout, stream: Uint8Array, out: Int32Array, count: number): void {
  switch (layout.type) {
    case 'RICE_1': {
      const { bytePix, blockSize } = riceParameters(layout);
      return riceDecode(stream, out, count, bytePix, blockSize);
    }
    case 'PLIO_1':
      return plioDecode(stream, out, count);
    case 'HCOMPRESS_1':
      return hcompressDecode(stream, out, count, (layout.parameters.get('SMOOTH') ?? 0) !== 0);
    default: {
      const bytes = layout.type === 'NOCOMPRESS' ? stream : inflateTile(stream, 4 * count);
      const size = bytes.length / count;
      if (size !== 1 && size !== 2 && size !== 4)
        throw damaged(`a tile of ${count} pixels unfolds to ${bytes.length} bytes`);
      const values = fileOrderPixels(bytes, (8 * size) as Bitpix, layout.type === 'GZIP_2');
      out.set(values as Int32Array);
    }
  }
}

function inflateTile(stream: Uint8Array, maxBytes: number): Uint8Array {
  return inflate(stream, maxBytes);
}

/** Big-endian (or byte-shuffled) bytes to pixels. */
function fileOrderPixels(bytes: Uint8Array, bitpix: Bitpix, shuffled: boolean): PixelData {
  const item = itemSizeOf(bitpix);
  const count = bytes.length / item;
  const own = shuffled && item > 1 ? unshuffle(bytes, item) : bytes.slice();
  if (littleEndian) swapInPlace(own, item);
  return viewAs(bitpix, own.buffer, own.byteOffset, count);
}

/** GZIP_2 stores all first bytes, then all second bytes, and so on. */
export function unshuffle(bytes: Uint8Array, item: ItemSize): Uint8Array {
  const count = bytes.length / item;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < item; k++) {
    const from = k * count;
    for (let i = 0, to = k; i < count; i++, to += item) out[to] = bytes[from + i]!;
  }
  return out;
}

export function shuffle(bytes: Uint8Array, item: ItemSize): Uint8Array {
  const count = bytes.length / item;
  const out = new Uint8Array(bytes.length);
  for (let k = 0; k < item; k++) {
    const to = k * count;
    for (let i = 0, from = k; i < count; i++, from += item) out[to + i] = bytes[from]!;
  }
  return out;
}

/** Pixels of the image's own type: lossless floats, 64-bit integers, and the fallback columns. */
export function decodePixels(layout: TileLayout, from: TileSource, stream: Uint8Array, count: number): PixelData {
  const { bitpix, type } = layout;
  const expected = count * itemSizeOf(bitpix);
  const packed = from === 'gzip' || (from === 'compressed' && (type === 'GZIP_1' || type === 'GZIP_2'));
  if (!packed && from === 'compressed' && type !== 'NOCOMPRESS')
    throw new FitsError(
      'BAD_COMPRESSION',
      `pixels of BITPIX ${bitpix} cannot be coded by ${type} without quantisation`,
    );
  const bytes = packed ? inflateTile(stream, expected) : stream;
  if (bytes.length !== expected)
    throw damaged(`a tile of ${count} pixels unfolds to ${bytes.length} bytes, not ${expected}`);
  return fileOrderPixels(bytes, bitpix, from === 'compressed' && type === 'GZIP_2');
}
