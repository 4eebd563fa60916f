// Uncompressed images: whole or a rectangle, straight from the source into the array that is handed out.

import { littleEndian, swapInPlace } from './byte-order.js';
import { FitsError } from './errors.js';
import type { HduLayout } from './layout.js';
import { type Bitpix, itemSizeOf, type PixelData, readScaling, toPhysical, viewAs } from './pixels.js';
import type { ReadableAt } from './source.js';

export interface FitsImage<T extends PixelData = PixelData> {
  /** NAXIS1 first; pixel (x, y, z) is data[x + shape[0] * (y + shape[1] * z)] */
  readonly shape: readonly number[];
  readonly data: T;
  /** as stored in the file */
  readonly bitpix: Bitpix;
}

/** 0-based pixels of the first two axes; further axes come whole. */
export interface ImageRegion {
  readonly x0: number;
  readonly y0: number;
  readonly width: number;
  readonly height: number;
}

export interface ReadImageOptions {
  readonly region?: ImageRegion;
  /** the stored numbers, without BSCALE, BZERO and BLANK */
  readonly raw?: boolean;
  /** an array of the right type and length to fill and hand back, instead of a new one */
  readonly into?: PixelData;
}

/** Bytes read and swapped at a time: the next piece is under way while one is swapped in cache. */
const PIECE = 4 << 20;
/** Pieces asked for at a time. */
const READ_AHEAD = 3;

export function checkRegion(region: ImageRegion, shape: readonly number[], hdu: number): void {
  const { x0, y0, width, height } = region;
  const ok =
    shape.length >= 2 &&
    [x0, y0, width, height].every((value) => Number.isSafeInteger(value) && value >= 0) &&
    x0 + width <= shape[0]! &&
    y0 + height <= shape[1]!;
  if (!ok)
    throw new FitsError(
      'BAD_REGION',
      `region x ${x0}+${width}, y ${y0}+${height} is not inside the image of HDU ${hdu} (${shape.join(' x ') || 'no pixels'})`,
      { hdu, value: region },
    );
}

export async function readPlainImage(
  source: ReadableAt,
  hdu: HduLayout,
  options: ReadImageOptions,
): Promise<FitsImage> {
  const { bitpix, axes } = hdu;
  const scaling = readScaling(hdu.header, bitpix);
  if (options.region) checkRegion(options.region, axes, hdu.index);
  const available = source.size - hdu.dataOffset;
  const item = itemSizeOf(bitpix);
  const pixels = axes.length === 0 ? 0 : axes.reduce((total, axis) => total * axis, 1);
  if (pixels * item > available)
    throw new FitsError(
      'TRUNCATED',
      `the data of HDU ${hdu.index} need ${pixels * item} bytes but the file has only ${Math.max(0, available)} left`,
      { hdu: hdu.index, offset: source.size },
    );
  const { region } = options;
  const shape = region ? [region.width, region.height, ...axes.slice(2)] : [...axes];
  const count = region ? shape.reduce((total, axis) => total * axis, 1) : pixels;
  const { into } = options;
  const bytes =
    into && into.length === count && into.BYTES_PER_ELEMENT === item
      ? new Uint8Array(into.buffer, into.byteOffset, into.byteLength)
      : new Uint8Array(count * item);
  if (!region) await readSwapped(source, hdu.dataOffset, bytes, item);
  else await readRegion(source, hdu, region, bytes);
  const raw = viewAs(bitpix, bytes.buffer, bytes.byteOffset, count);
  const data = options.raw ? raw : toPhysical(raw, bitpix, scaling);
  return { shape, data: handOver(data, into, hdu.index), bitpix };
}

/** The caller's array, filled, when there is one. */
export function handOver(data: PixelData, into: PixelData | undefined, hdu: number): PixelData {
  if (!into) return data;
  if (into.constructor !== data.constructor || into.length !== data.length)
    throw new FitsError(
      'BAD_VALUE',
      `the image of HDU ${hdu} is ${data.length} values in ${data.constructor.name}; ${into.length} in ${into.constructor.name} were offered`,
      { hdu },
    );
  if (into.buffer !== data.buffer || into.byteOffset !== data.byteOffset) into.set(data as never);
  return into;
}

/** Fills `target` from the file and brings it into machine order. */
export async function readSwapped(
  source: ReadableAt,
  offset: number,
  target: Uint8Array,
  item: 1 | 2 | 4 | 8,
): Promise<void> {
  const read = (at: number): Promise<void> => {
    const piece = target.subarray(at, Math.min(at + PIECE, target.length));
    return source.readInto
      ? source.readInto(piece, offset + at)
      : source.readAt(offset + at, piece.length).then((bytes) => piece.set(bytes));
  };
  const reads: Promise<void>[] = [];
  for (let at = 0; at < Math.min(target.length, READ_AHEAD * PIECE); at += PIECE) reads.push(quiet(read(at)));
  for (let at = 0; at < target.length; at += PIECE) {
    await reads.shift();
    const ahead = at + READ_AHEAD * PIECE;
    if (ahead < target.length) reads.push(quiet(read(ahead)));
    if (littleEndian) swapInPlace(target.subarray(at, Math.min(at + PIECE, target.length)), item);
  }
}

/** A read that fails before its turn is reported when its turn comes. */
function quiet(read: Promise<void>): Promise<void> {
  read.catch(() => undefined);
  return read;
}

async function readRegion(source: ReadableAt, hdu: HduLayout, region: ImageRegion, target: Uint8Array): Promise<void> {
  const item = itemSizeOf(hdu.bitpix);
  const [nx, ny] = hdu.axes as [number, number];
  const planes = hdu.axes.slice(2).reduce((total, axis) => total * axis, 1);
  const rowBytes = region.width * item;
  if (rowBytes === 0 || region.height === 0) return;
  // Rows near each other are fetched together when the gaps cost less than separate reads.
  const whole = rowBytes * 4 >= nx * item || nx * item <= 65536;
  const rowsAtOnce = whole ? Math.max(1, Math.floor(PIECE / (nx * item))) : 1;
  for (let plane = 0; plane < planes; plane++)
    for (let row = 0; row < region.height; row += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, region.height - row);
      const first = ((plane * ny + region.y0 + row) * nx + region.x0) * item;
      const strip = await source.readAt(hdu.dataOffset + first, (rows - 1) * nx * item + rowBytes);
      for (let r = 0; r < rows; r++)
        target.set(
          strip.subarray(r * nx * item, r * nx * item + rowBytes),
          (plane * region.height + row + r) * rowBytes,
        );
    }
  if (littleEndian) swapInPlace(target, item);
}
