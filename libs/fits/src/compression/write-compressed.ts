// Tile-compressed images out: RICE_1, GZIP_1 and GZIP_2, floats quantised with dithering or kept losslessly.

import { swapInPlace, littleEndian, type ItemSize } from '../byte-order.js';
import { encodedBytes, type EncodedHdu, freeCards, type ImageInput, nameHdu } from '../encoded-hdu.js';
import { FitsError } from '../errors.js';
import { Header } from '../header.js';
import { deflate } from '../inflate.js';
import { bitpixOf, itemSizeOf, type PixelData, toStored } from '../pixels.js';
import type { CompressionOptions } from './compression-options.js';
import { type DitherMethod, NULL_VALUE } from './dither.js';
import { quantiseTile } from './quantise.js';
import { type BytePix, riceEncode } from './rice.js';
import { shuffle } from './tile-decode.js';

interface Plan {
  readonly type: CompressionOptions['type'];
  readonly level: number;
  readonly dither: DitherMethod;
  readonly seed: number;
  readonly tile: readonly number[];
}

const BLOCK_SIZE = 32;

export function encodeCompressedImage(input: ImageInput & { readonly compression: CompressionOptions }): EncodedHdu {
  const { shape, data } = input;
  const plan = planOf(input);
  const { bitpix, bzero } = bitpixOf(data);
  const floats = bitpix < 0;
  const quantised = floats && plan.level !== 0;
  const tiles = shape.map((axis, i) => Math.ceil(axis / plan.tile[i]!));
  const count = data.length === 0 ? 0 : tiles.reduce((total, n) => total * n, 1);
  const rowBytes = quantised ? 32 : 8;
  const rows = new DataView(new ArrayBuffer(count * rowBytes));
  const heap = new Heap();
  const stored = toStored(data);
  for (let index = 0; index < count; index++) {
    const { pixels, width } = cutTile(stored, shape, plan.tile, tiles, index);
    const at = index * rowBytes;
    const { bytes, scale, zero, lossless } = packTile(pixels, width, index, plan, quantised);
    const place = heap.add(bytes);
    // COMPRESSED_DATA, GZIP_COMPRESSED_DATA, ZSCALE, ZZERO
    rows.setUint32(at + (lossless ? 8 : 0), bytes.length);
    rows.setUint32(at + (lossless ? 12 : 4), place);
    if (quantised) {
      rows.setFloat64(at + 16, scale);
      rows.setFloat64(at + 24, zero);
    }
  }
  const header = tableHeader(rowBytes, count, heap, quantised);
  header.set('ZIMAGE', true, 'extension contains compressed image');
  header.set('ZTENSION', 'IMAGE');
  header.set('ZBITPIX', bitpix, 'data type of original image');
  header.set('ZNAXIS', shape.length);
  shape.forEach((axis, i) => header.set(`ZNAXIS${i + 1}`, axis));
  header.set('ZPCOUNT', 0);
  header.set('ZGCOUNT', 1);
  plan.tile.forEach((axis, i) => header.set(`ZTILE${i + 1}`, axis, 'size of tiles'));
  header.set('ZCMPTYPE', plan.type, 'compression algorithm');
  if (plan.type === 'RICE_1') {
    header.set('ZNAME1', 'BLOCKSIZE');
    header.set('ZVAL1', BLOCK_SIZE, 'pixels per block');
    header.set('ZNAME2', 'BYTEPIX');
    header.set('ZVAL2', floats ? 4 : itemSizeOf(bitpix), 'bytes per pixel');
  }
  if (floats) header.set('ZQUANTIZ', quantised ? plan.dither : 'NONE', 'quantisation of floating-point pixels');
  if (quantised) {
    if (plan.dither !== 'NO_DITHER') header.set('ZDITHER0', plan.seed, 'start of the dither sequence');
    header.set('ZBLANK', NULL_VALUE, 'quantised value of NaN');
  }
  if (bzero !== 0) {
    header.set('BSCALE', 1);
    header.set('BZERO', bitpix === 64 ? 2n ** 63n : bzero);
  }
  nameHdu(header, input);
  header.append(freeCards(input.header).filter((card) => !header.has(card.keyword) || card.kind === 'commentary'));
  return { header, data: encodedBytes(heap.after(new Uint8Array(rows.buffer))) };
}

function planOf(input: ImageInput & { readonly compression: CompressionOptions }): Plan {
  const { compression, shape, data } = input;
  const { bitpix } = bitpixOf(data);
  const refuse = (message: string, value: unknown): FitsError => new FitsError('BAD_VALUE', message, { value });
  const tile = shape.map((axis, i) => Math.min(axis, compression.tile?.[i] ?? (i === 0 ? axis : 1)));
  if (tile.some((axis, i) => !Number.isSafeInteger(axis) || axis < 1 || !(shape[i]! >= 1)))
    throw refuse(`an image of ${shape.join(' x ')} cannot be compressed in tiles of ${tile.join(' x ')}`, tile);
  const seed = compression.seed ?? 1;
  if (!Number.isInteger(seed) || seed < 1 || seed > 10000) throw refuse(`dither seed ${seed} is not 1 to 10000`, seed);
  const level = bitpix < 0 ? (compression.quantize ?? 16) : 0;
  if (!Number.isFinite(level)) throw refuse(`quantisation level ${level}`, level);
  if (compression.type === 'RICE_1' && (bitpix === 64 || (bitpix < 0 && level === 0)))
    throw refuse('RICE_1 codes integers of at most 32 bits and quantised floats; use GZIP_2', compression.type);
  return { type: compression.type, level, dither: compression.dither ?? 'SUBTRACTIVE_DITHER_1', seed, tile };
}

/** One tile's pixels in order, and the length of its rows. */
function cutTile(
  data: PixelData,
  shape: readonly number[],
  tile: readonly number[],
  tiles: readonly number[],
  index: number,
): { pixels: PixelData; width: number } {
  const from: number[] = [];
  const size: number[] = [];
  let rest = index;
  shape.forEach((axis, i) => {
    const start = (rest % tiles[i]!) * tile[i]!;
    rest = Math.floor(rest / tiles[i]!);
    from.push(start);
    size.push(Math.min(tile[i]!, axis - start));
  });
  const width = size[0]!;
  const count = size.reduce((total, n) => total * n, 1);
  const pixels = new (data.constructor as Int32ArrayConstructor)(count);
  for (let line = 0; line < count / width; line++) {
    let left = line;
    let at = from[0]!;
    let stride = shape[0]!;
    for (let axis = 1; axis < shape.length; axis++) {
      at += ((left % size[axis]!) + from[axis]!) * stride;
      left = Math.floor(left / size[axis]!);
      stride *= shape[axis]!;
    }
    pixels.set((data as Int32Array).subarray(at, at + width), line * width);
  }
  return { pixels: pixels as PixelData, width };
}

interface PackedTile {
  readonly bytes: Uint8Array;
  readonly scale: number;
  readonly zero: number;
  /** the tile could not be quantised and goes to GZIP_COMPRESSED_DATA */
  readonly lossless: boolean;
}

function packTile(pixels: PixelData, width: number, index: number, plan: Plan, quantised: boolean): PackedTile {
  if (!quantised) return { bytes: packPixels(pixels, plan.type), scale: 0, zero: 0, lossless: false };
  const tile = quantiseTile(pixels as Float32Array | Float64Array, width, index, plan.level, plan.dither, plan.seed);
  if (!tile) return { bytes: packPixels(pixels, 'GZIP_1'), scale: 0, zero: 0, lossless: true };
  return { bytes: packPixels(tile.integers, plan.type), scale: tile.scale, zero: tile.zero, lossless: false };
}

/** Pixels to the bytes of one algorithm; the pixels are overwritten. */
function packPixels(pixels: PixelData, type: CompressionOptions['type']): Uint8Array {
  const item = pixels.BYTES_PER_ELEMENT as ItemSize;
  if (type === 'RICE_1') {
    const integers = pixels instanceof Int32Array ? pixels : Int32Array.from(pixels as Int16Array);
    return riceEncode(integers, integers.length, item as BytePix, BLOCK_SIZE);
  }
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  if (littleEndian) swapInPlace(bytes, item);
  return deflate(type === 'GZIP_2' && item > 1 ? shuffle(bytes, item) : bytes);
}

/** Byte strings one after the other; 32-bit descriptors reach 4 GiB, beyond which writing is refused. */
class Heap {
  readonly #parts: Uint8Array[] = [];
  size = 0;
  longest = 0;
  add(bytes: Uint8Array): number {
    const place = this.size;
    this.#parts.push(bytes);
    this.size += bytes.length;
    this.longest = Math.max(this.longest, bytes.length);
    if (this.size >= 2 ** 31)
      throw new FitsError('TOO_LARGE', 'compressed data of 2 GiB or more in one HDU are not written', {
        value: this.size,
      });
    return place;
  }
  after(rows: Uint8Array): Uint8Array {
    const all = new Uint8Array(rows.length + this.size);
    all.set(rows);
    let at = rows.length;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

function tableHeader(rowBytes: number, count: number, heap: Heap, quantised: boolean): Header {
  const header = new Header();
  header.set('XTENSION', 'BINTABLE', 'binary table extension');
  header.set('BITPIX', 8);
  header.set('NAXIS', 2);
  header.set('NAXIS1', rowBytes, 'bytes per row');
  header.set('NAXIS2', count, 'number of tiles');
  header.set('PCOUNT', heap.size, 'size of the compressed data');
  header.set('GCOUNT', 1);
  header.set('TFIELDS', quantised ? 4 : 1);
  header.set('TTYPE1', 'COMPRESSED_DATA');
  header.set('TFORM1', `1PB(${heap.longest})`);
  if (quantised) {
    header.set('TTYPE2', 'GZIP_COMPRESSED_DATA');
    header.set('TFORM2', `1PB(${heap.longest})`);
    header.set('TTYPE3', 'ZSCALE');
    header.set('TFORM3', '1D');
    header.set('TTYPE4', 'ZZERO');
    header.set('TFORM4', '1D');
  }
  return header;
}
