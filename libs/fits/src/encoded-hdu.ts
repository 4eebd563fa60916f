// What the encoders of images and tables have in common.

import type { Table } from '#libs/table';
import type { CompressionOptions } from './compression/compression-options.js';
import type { Header } from './header.js';
import type { PixelData } from './pixels.js';
import type { VectorColumn } from './vector-fields.js';

interface CommonInput {
  /** free keywords; those that describe the data themselves are ours and ignored here */
  readonly header?: Header;
  /** EXTNAME */
  readonly name?: string;
  /** EXTVER */
  readonly version?: number;
}
export interface ImageInput extends CommonInput {
  readonly kind: 'image';
  /** NAXIS1 first; empty for a header without pixels */
  readonly shape: readonly number[];
  readonly data: PixelData;
  /** writes the image tile-compressed, as a binary table extension */
  readonly compression?: CompressionOptions;
}
export interface TableInput extends CommonInput {
  readonly kind: 'table';
  readonly table: Table;
  /** vector and variable-length columns, written after those of the table */
  readonly vectors?: readonly VectorColumn[];
}
/** One HDU ready to be written; the last block is padded with zeros. */
export interface EncodedHdu {
  readonly header: Header;
  readonly data: EncodedData;
}

/** The data of an HDU in file order, made piece by piece where it is wanted. */
export interface EncodedData {
  readonly length: number;
  /** fills `target` with the bytes from `from` (a multiple of 8) on */
  copyTo(target: Uint8Array, from: number): void;
}

export const encodedBytes = (bytes: Uint8Array): EncodedData => ({
  length: bytes.length,
  copyTo: (target, from) => target.set(bytes.subarray(from, from + target.length)),
});

/** Keywords that follow from the data; a caller's copy of them never reaches the file. */
const OURS =
  /^(SIMPLE|XTENSION|BITPIX|NAXIS\d*|EXTEND|PCOUNT|GCOUNT|GROUPS|THEAP|TFIELDS|BSCALE|BZERO|BLANK|CHECKSUM|DATASUM|END|T(FORM|TYPE|UNIT|DIM|NULL|SCAL|ZERO|BCOL|UCD|COMM|DISP)\d+|Z(IMAGE|TABLE|BITPIX|NAXIS\d*|TILE\d+|CMPTYPE|NAME\d+|VAL\d+|QUANTIZ|DITHER0|BLANK|SCALE|ZERO|SIMPLE|TENSION|EXTEND|PCOUNT|GCOUNT|HECKSUM|DATASUM|THEAP|FORM\d+|CTYP\d+))$/;

export const freeCards = (header: Header | undefined): ReturnType<Header['cards']> =>
  (header?.cards() ?? []).filter((card) => !OURS.test(card.keyword));

export function nameHdu(header: Header, input: CommonInput): void {
  if (input.name !== undefined) header.set('EXTNAME', input.name, 'name of this HDU');
  if (input.version !== undefined) header.set('EXTVER', input.version);
}
