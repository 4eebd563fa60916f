// What the header of a tile-compressed image says (FITS Standard 4.0, section 10.1).

import { FitsError } from '../errors.js';
import { type Card, Header } from '../header.js';
import { type Bitpix, isBitpix } from '../pixels.js';
import type { DitherMethod } from './dither.js';

export type CompressionType = 'RICE_1' | 'GZIP_1' | 'GZIP_2' | 'PLIO_1' | 'HCOMPRESS_1' | 'NOCOMPRESS';

export interface TileLayout {
  readonly type: CompressionType;
  readonly bitpix: Bitpix;
  /** of the image, NAXIS1 first */
  readonly axes: readonly number[];
  readonly tile: readonly number[];
  /** tiles along each axis */
  readonly tiles: readonly number[];
  readonly tileCount: number;
  readonly parameters: ReadonlyMap<string, number>;
  readonly dither: DitherMethod;
  readonly ditherSeed: number;
}

const TYPES: Readonly<Record<string, CompressionType>> = {
  RICE_1: 'RICE_1',
  RICE_ONE: 'RICE_1',
  GZIP_1: 'GZIP_1',
  GZIP_2: 'GZIP_2',
  PLIO_1: 'PLIO_1',
  HCOMPRESS_1: 'HCOMPRESS_1',
  NOCOMPRESS: 'NOCOMPRESS',
};

export function readTileLayout(header: Header): TileLayout {
  const bad = (card: string, message: string): FitsError =>
    new FitsError('BAD_KEYWORD', message, {
      ...(header.hdu !== undefined && { hdu: header.hdu }),
      card,
      value: header.get(card),
    });
  const bitpix = header.requireInteger('ZBITPIX');
  if (!isBitpix(bitpix)) throw bad('ZBITPIX', `ZBITPIX is ${bitpix}; it should be 8, 16, 32, 64, -32 or -64`);
  const naxis = header.requireInteger('ZNAXIS', 0, 999);
  const axes: number[] = [];
  const tile: number[] = [];
  for (let i = 1; i <= naxis; i++) {
    axes.push(header.requireInteger(`ZNAXIS${i}`, 0));
    tile.push(header.integerOr(`ZTILE${i}`, i === 1 ? axes[0]! : 1, 0));
  }
  for (let i = 0; i < naxis; i++) {
    if (tile[i]! > axes[i]!) tile[i] = axes[i]!;
    if (tile[i] === 0 && axes[i]! > 0) throw bad(`ZTILE${i + 1}`, `ZTILE${i + 1} is 0`);
  }
  const tiles = axes.map((axis, i) => (axis === 0 ? 0 : Math.ceil(axis / tile[i]!)));
  const parameters = new Map<string, number>();
  for (let i = 1; header.has(`ZNAME${i}`) && i < 100; i++) {
    const value = header.getNumber(`ZVAL${i}`);
    if (value !== undefined) parameters.set(header.requireString(`ZNAME${i}`).trim().toUpperCase(), value);
  }
  const name = header.requireString('ZCMPTYPE').trim().toUpperCase();
  const type = TYPES[name];
  if (!type)
    throw new FitsError('UNSUPPORTED', `images compressed by ${name} are not read`, {
      ...(header.hdu !== undefined && { hdu: header.hdu }),
      card: 'ZCMPTYPE',
      value: name,
    });
  const quantised = header.getString('ZQUANTIZ')?.trim().toUpperCase() ?? 'NO_DITHER';
  const dither: DitherMethod | undefined =
    quantised === 'SUBTRACTIVE_DITHER_1' || quantised === 'SUBTRACTIVE_DITHER_2'
      ? quantised
      : ['NO_DITHER', 'NONE', ''].includes(quantised)
        ? 'NO_DITHER'
        : undefined;
  if (!dither) throw bad('ZQUANTIZ', `ZQUANTIZ = "${quantised}" is no known dithering`);
  return {
    type,
    bitpix,
    axes,
    tile,
    tiles,
    tileCount: naxis === 0 ? 0 : tiles.reduce((total, n) => total * n, 1),
    parameters,
    dither,
    ditherSeed: header.integerOr('ZDITHER0', 1, 1, 10000),
  };
}

const TABLE_ONLY =
  /^(XTENSION|BITPIX|NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|T(FORM|TYPE|UNIT|DIM|NULL|SCAL|ZERO|DISP)\d+|CHECKSUM|DATASUM|Z(IMAGE|CMPTYPE|TILE\d+|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|SCALE|ZERO|SIMPLE|TENSION|EXTEND|PCOUNT|GCOUNT|BITPIX|NAXIS\d*|HECKSUM|DATASUM|BLOCKED|MASKCMP))$/;

/** The header of the image as it was before compression. */
export function imageHeader(stored: Header): Header {
  const header = new Header([], stored.hdu);
  const naxis = stored.getNumber('ZNAXIS') ?? 0;
  header.set('XTENSION', 'IMAGE', 'image extension');
  header.set('BITPIX', stored.get('ZBITPIX'));
  header.set('NAXIS', naxis);
  for (let i = 1; i <= naxis && i < 1000; i++) header.set(`NAXIS${i}`, stored.get(`ZNAXIS${i}`));
  header.set('PCOUNT', 0);
  header.set('GCOUNT', 1);
  // Old writers put the table's own name before that of the image.
  const names = stored.cards().filter((card) => card.keyword === 'EXTNAME');
  const own = names.length > 1 && names[0]!.value === 'COMPRESSED_IMAGE' ? names[0] : undefined;
  const free: Card[] = stored.cards().filter((card) => card !== own && !TABLE_ONLY.test(card.keyword));
  header.append(free);
  const blank = stored.get('ZBLANK');
  if (blank !== undefined && !header.has('BLANK') && (stored.getNumber('ZBITPIX') ?? 0) > 0) header.set('BLANK', blank);
  return header;
}
