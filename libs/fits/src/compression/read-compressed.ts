// Tile-compressed images in (FITS Standard 4.0, section 10): only the tiles a region needs are fetched and decoded.

import { FitsError } from '../errors.js';
import { decodeElements } from '../field-values.js';
import { checkRegion, type FitsImage, handOver, type ReadImageOptions } from '../image.js';
import type { HduLayout } from '../layout.js';
import { type PixelData, rawArrayType, readScaling, toPhysical } from '../pixels.js';
import type { ReadableAt } from '../source.js';
import { tableShape } from '../table-bytes.js';
import { bytesOf, type FieldFormat, readFormats } from '../table-format.js';
import { NULL_VALUE, unquantise } from './dither.js';
import { decodeIntegers, decodePixels, maxPixels, type TileSource } from './tile-decode.js';
import { readTileLayout, type TileLayout } from './tile-header.js';

interface Columns {
  readonly data: readonly (readonly [TileSource, FieldFormat])[];
  readonly zscale?: FieldFormat;
  readonly zzero?: FieldFormat;
  readonly zblank?: FieldFormat;
}

/** A tile's place: first pixel and extent along each axis, and its bytes in the file. */
interface Tile {
  readonly index: number;
  readonly from: readonly number[];
  readonly shape: readonly number[];
  readonly count: number;
  readonly source: TileSource;
  readonly offset: number;
  readonly length: number;
}

/** Bytes fetched at a time when tiles lie one after the other, as they do. */
const FETCH = 8 << 20;

export async function readCompressedImage(
  source: ReadableAt,
  hdu: HduLayout,
  options: ReadImageOptions,
): Promise<FitsImage> {
  try {
    return await read(source, hdu, options);
  } catch (error) {
    if (error instanceof FitsError && error.hdu === undefined)
      throw new FitsError(error.code, `${error.message} (HDU ${hdu.index})`, {
        hdu: hdu.index,
        ...(error.card !== undefined && { card: error.card }),
        ...(error.offset !== undefined && { offset: error.offset }),
        value: error.value,
      });
    throw error;
  }
}

async function read(source: ReadableAt, hdu: HduLayout, options: ReadImageOptions): Promise<FitsImage> {
  const layout = readTileLayout(hdu.header);
  const { axes } = layout;
  const scaling = readScaling(imageScalingHeader(hdu), layout.bitpix);
  if (options.region) checkRegion(options.region, axes, hdu.index);
  const shape = tableShape(hdu);
  if (hdu.dataOffset + hdu.dataSize > source.size)
    throw new FitsError('TRUNCATED', `the compressed data of HDU ${hdu.index} go past the end of the file`, {
      hdu: hdu.index,
      offset: source.size,
    });
  if (shape.rows !== layout.tileCount)
    throw new FitsError('BAD_TABLE', `HDU ${hdu.index} has ${shape.rows} tiles where ${layout.tileCount} should be`, {
      hdu: hdu.index,
      value: shape.rows,
    });
  const columns = findColumns(readFormats(hdu.header, shape.rowBytes), hdu.index);
  const rows = await source.readAt(hdu.dataOffset, shape.rows * shape.rowBytes);
  const first = options.region ? [options.region.x0, options.region.y0, ...axes.slice(2).fill(0)] : axes.map(() => 0);
  const size = options.region ? [options.region.width, options.region.height, ...axes.slice(2)] : [...axes];
  const outCount = size.length === 0 ? 0 : size.reduce((total, n) => total * n, 1);
  const tiles = outCount === 0 ? [] : neededTiles(layout, hdu, columns, rows, shape, first, size);
  const type = rawArrayType(layout.bitpix) as Int32ArrayConstructor;
  const { into } = options;
  const out: PixelData = into?.constructor === type && into.length === outCount ? into : new type(outCount);
  const decode = tileDecoder(layout, hdu, columns, rows, shape.rowBytes);
  let window: { from: number; bytes: Uint8Array } = { from: 0, bytes: new Uint8Array(0) };
  for (let t = 0; t < tiles.length; t++) {
    const tile = tiles[t]!;
    if (tile.offset < window.from || tile.offset + tile.length > window.from + window.bytes.length)
      window = { from: tile.offset, bytes: await source.readAt(tile.offset, fetchLength(tiles, t)) };
    const at = tile.offset - window.from;
    decode(tile, window.bytes.subarray(at, at + tile.length), out, first, size);
  }
  const data = options.raw ? out : toPhysical(out, layout.bitpix, scaling);
  return { shape: size, data: handOver(data, options.into, hdu.index), bitpix: layout.bitpix };
}

/** BSCALE, BZERO and the blank value of integer images (ZBLANK when BLANK is not kept). */
function imageScalingHeader(hdu: HduLayout): HduLayout['header'] {
  const header = hdu.header.clone();
  if (header.has('ZBLANK')) header.set('BLANK', header.get('ZBLANK'));
  return header;
}

function findColumns(formats: readonly FieldFormat[], hdu: number): Columns {
  const named = (name: string): FieldFormat | undefined => formats.find((f) => f.name.toUpperCase() === name);
  if (named('NULL_PIXEL_MASK'))
    throw new FitsError('UNSUPPORTED', 'compressed images with a NULL_PIXEL_MASK column are not read', { hdu });
  const data: [TileSource, FieldFormat][] = [];
  for (const [from, name] of [
    ['compressed', 'COMPRESSED_DATA'],
    ['gzip', 'GZIP_COMPRESSED_DATA'],
    ['uncompressed', 'UNCOMPRESSED_DATA'],
  ] as const) {
    const format = named(name);
    if (format?.descriptor && format.width > 0) data.push([from, format]);
  }
  if (data.length === 0) throw new FitsError('BAD_TABLE', `HDU ${hdu} has no column of compressed data`, { hdu });
  const zscale = named('ZSCALE');
  const zzero = named('ZZERO');
  const zblank = named('ZBLANK');
  return { data, ...(zscale && { zscale }), ...(zzero && { zzero }), ...(zblank && { zblank }) };
}

/** The tiles that touch the region, each checked: its bytes are in the heap and can stand for its pixels. */
function neededTiles(
  layout: TileLayout,
  hdu: HduLayout,
  columns: Columns,
  rows: Uint8Array,
  shape: { rowBytes: number; heap: number },
  first: readonly number[],
  size: readonly number[],
): Tile[] {
  const tiles: Tile[] = [];
  const view = new DataView(rows.buffer, rows.byteOffset, rows.byteLength);
  for (let index = 0; index < layout.tileCount; index++) {
    let rest = index;
    let touches = true;
    const from: number[] = [];
    const extent: number[] = [];
    for (let axis = 0; axis < layout.axes.length; axis++) {
      const start = (rest % layout.tiles[axis]!) * layout.tile[axis]!;
      rest = Math.floor(rest / layout.tiles[axis]!);
      const length = Math.min(layout.tile[axis]!, layout.axes[axis]! - start);
      touches &&= start < first[axis]! + size[axis]! && start + length > first[axis]!;
      from.push(start);
      extent.push(length);
    }
    if (!touches) continue;
    const count = extent.reduce((total, n) => total * n, 1);
    let place: { source: TileSource; offset: number; length: number } | undefined;
    for (const [kind, format] of columns.data) {
      const at = index * shape.rowBytes + format.offset;
      const elements = format.descriptor === 'P' ? view.getUint32(at) : Number(view.getBigUint64(at));
      if (elements === 0) continue;
      const offset = format.descriptor === 'P' ? view.getUint32(at + 4) : Number(view.getBigUint64(at + 8));
      place = { source: kind, offset, length: bytesOf(format.code, elements) };
      break;
    }
    if (!place)
      throw new FitsError('BAD_COMPRESSION', `tile ${index} of HDU ${hdu.index} has no data`, { hdu: hdu.index });
    if (shape.heap + place.offset + place.length > hdu.dataSize)
      throw new FitsError(
        'BAD_TABLE',
        `tile ${index} of HDU ${hdu.index} points past the end of the heap: ${place.length} bytes at ${place.offset}`,
        { hdu: hdu.index, value: place.offset },
      );
    if (count > maxPixels(layout, place.source, place.length))
      throw new FitsError(
        'TOO_LARGE',
        `tile ${index} of HDU ${hdu.index} claims ${count} pixels in ${place.length} bytes of ${layout.type}`,
        { hdu: hdu.index, value: count },
      );
    tiles.push({
      index,
      from,
      shape: extent,
      count,
      source: place.source,
      offset: hdu.dataOffset + shape.heap + place.offset,
      length: place.length,
    });
  }
  return tiles;
}

/** How much to read for tile `t` on: as many following tiles as lie close behind. */
function fetchLength(tiles: readonly Tile[], t: number): number {
  const start = tiles[t]!.offset;
  let end = start + tiles[t]!.length;
  for (let next = t + 1; next < tiles.length; next++) {
    const tile = tiles[next]!;
    const stop = tile.offset + tile.length;
    if (tile.offset < start || tile.offset > end + 65536 || stop - start > FETCH) break;
    end = Math.max(end, stop);
  }
  return end - start;
}

type TileDecoder = (
  tile: Tile,
  stream: Uint8Array,
  out: PixelData,
  first: readonly number[],
  size: readonly number[],
) => void;

function tileDecoder(
  layout: TileLayout,
  hdu: HduLayout,
  columns: Columns,
  rows: Uint8Array,
  rowBytes: number,
): TileDecoder {
  const { header } = hdu;
  const floats = layout.bitpix < 0;
  const perTile = (format: FieldFormat | undefined, keyword: string, index: number): number | undefined => {
    if (!format) return header.getNumber(keyword);
    return Number(decodeElements(format, rows, index * rowBytes + format.offset, 1)[0]);
  };
  const scaled = columns.zscale !== undefined || header.has('ZSCALE');
  // Pixel lists hold no negative numbers, so unsigned 16-bit images are kept in them with BZERO already added (cfitsio).
  const unsignedList = layout.type === 'PLIO_1' && layout.bitpix === 16 && header.getNumber('BZERO') === 32768;
  let integers = new Int32Array(0);
  let floatTile: Float32Array | Float64Array = new Float32Array(0);
  return (tile, stream, out, first, size) => {
    const scale = floats && scaled ? perTile(columns.zscale, 'ZSCALE', tile.index) : undefined;
    const quantised =
      tile.source === 'compressed' && (floats ? scale !== undefined && scale !== 0 : layout.bitpix !== 64);
    if (!quantised) {
      copyTile(decodePixels(layout, tile.source, stream, tile.count), tile, out, first, size);
      return;
    }
    if (integers.length < tile.count) integers = new Int32Array(tile.count);
    decodeIntegers(layout, stream, integers, tile.count);
    if (!floats) {
      if (unsignedList) for (let i = 0; i < tile.count; i++) integers[i]! -= 32768;
      copyTile(integers, tile, out, first, size);
      return;
    }
    const target = out as Float32Array | Float64Array;
    const run = contiguous(tile, first, size);
    if (run === undefined && floatTile.length < tile.count)
      floatTile = layout.bitpix === -32 ? new Float32Array(tile.count) : new Float64Array(tile.count);
    const values = run === undefined ? floatTile : target.subarray(run, run + tile.count);
    unquantise(integers, values, tile.count, tile.index, {
      scale: scale!,
      zero: perTile(columns.zzero, 'ZZERO', tile.index) ?? 0,
      blank: perTile(columns.zblank, 'ZBLANK', tile.index) ?? NULL_VALUE,
      method: layout.dither,
      seed: layout.ditherSeed,
    });
    if (run === undefined) copyTile(floatTile, tile, out, first, size);
  };
}

/** Where in `out` the tile begins when it lies there in one piece. */
function contiguous(tile: Tile, first: readonly number[], size: readonly number[]): number | undefined {
  let offset = 0;
  let stride = 1;
  let broken = false;
  for (let axis = 0; axis < size.length; axis++) {
    const from = tile.from[axis]! - first[axis]!;
    const length = tile.shape[axis]!;
    if (from < 0 || from + length > size[axis]! || (broken && length > 1)) return undefined;
    if (length !== size[axis]) broken = true;
    offset += from * stride;
    stride *= size[axis]!;
  }
  return offset;
}

/** Copies the part of a tile that lies in the region. */
function copyTile(
  values: PixelData,
  tile: Tile,
  out: PixelData,
  first: readonly number[],
  size: readonly number[],
): void {
  const x0 = Math.max(tile.from[0]!, first[0]!);
  const x1 = Math.min(tile.from[0]! + tile.shape[0]!, first[0]! + size[0]!);
  const lines = tile.count / tile.shape[0]!;
  const source = values as Int32Array;
  const target = out as Int32Array;
  for (let line = 0; line < lines; line++) {
    let rest = line;
    let to = x0 - first[0]!;
    let stride = size[0]!;
    let inside = true;
    for (let axis = 1; axis < size.length; axis++) {
      const position = (rest % tile.shape[axis]!) + tile.from[axis]! - first[axis]!;
      rest = Math.floor(rest / tile.shape[axis]!);
      inside &&= position >= 0 && position < size[axis]!;
      to += position * stride;
      stride *= size[axis]!;
    }
    if (!inside) continue;
    const from = line * tile.shape[0]! + x0 - tile.from[0]!;
    target.set(source.subarray(from, from + x1 - x0), to);
  }
}
