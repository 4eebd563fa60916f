// FITS files out: HDUs in memory to bytes.

import { BLOCK } from './cards.js';
import { addToSum, encodeChecksum } from './checksum.js';
import { copyInFileOrder, type ItemSize } from './byte-order.js';
import { encodeCompressedImage } from './compression/write-compressed.js';
import { FitsError } from './errors.js';
import { Header } from './header.js';
import {
  type EncodedData,
  type EncodedHdu,
  freeCards,
  type ImageInput,
  nameHdu,
  type TableInput,
} from './encoded-hdu.js';
import { bitpixOf, type PixelData, toStored } from './pixels.js';
import { encodeTable } from './table-encode.js';

export type HduInput = ImageInput | TableInput;

export interface EncodeOptions {
  /** CHECKSUM and DATASUM in every HDU; true unless given */
  readonly checksums?: boolean;
}

/** The bytes of a FITS file. An empty primary HDU is put first when the first input is not a plain image. */
export function encodeFits(hdus: readonly HduInput[], options: EncodeOptions = {}): Uint8Array {
  return assemble(encodeHdus(hdus), options.checksums ?? true);
}

function encodeHdus(hdus: readonly HduInput[]): EncodedHdu[] {
  const encoded: EncodedHdu[] = [];
  const [first] = hdus;
  if (!first || first.kind !== 'image' || first.compression) encoded.push(encodeImage(EMPTY, true));
  for (const hdu of hdus)
    encoded.push(hdu.kind === 'image' ? encodeImage(hdu, encoded.length === 0) : encodeTable(hdu));
  return encoded;
}

const EMPTY: ImageInput = { kind: 'image', shape: [], data: new Uint8Array(0) };

function encodeImage(input: ImageInput, primary: boolean): EncodedHdu {
  const { shape, data } = input;
  const count = shape.length === 0 ? 0 : shape.reduce((total, axis) => total * axis, 1);
  if (count !== data.length || !shape.every((axis) => Number.isSafeInteger(axis) && axis >= 0))
    throw new FitsError('BAD_VALUE', `an image of ${shape.join(' x ') || 'no'} pixels has ${data.length} values`, {
      value: shape,
    });
  if (input.compression) return encodeCompressedImage({ ...input, compression: input.compression });
  const { bitpix, bzero } = bitpixOf(data);
  const header = new Header();
  if (primary) header.set('SIMPLE', true, 'conforms to FITS standard');
  else header.set('XTENSION', 'IMAGE', 'image extension');
  header.set('BITPIX', bitpix, 'array data type');
  header.set('NAXIS', shape.length, 'number of array dimensions');
  shape.forEach((axis, i) => header.set(`NAXIS${i + 1}`, axis));
  if (primary) header.set('EXTEND', true);
  else {
    header.set('PCOUNT', 0);
    header.set('GCOUNT', 1);
  }
  if (bzero !== 0) {
    header.set('BSCALE', 1);
    header.set('BZERO', bitpix === 64 ? 2n ** 63n : bzero);
  }
  nameHdu(header, input);
  header.append(freeCards(input.header).filter((card) => !header.has(card.keyword) || card.kind === 'commentary'));
  return { header, data: pixelBytes(data, bzero !== 0) };
}

/** Pixels as the bytes of the file. Only sign-flipped types need a copy of their own, and that piece by piece. */
function pixelBytes(data: PixelData, flipped: boolean): EncodedData {
  const item = data.BYTES_PER_ELEMENT as ItemSize;
  return {
    length: data.byteLength,
    copyTo(target, from) {
      const part = (data as Int32Array).subarray(from / item, (from + target.length) / item);
      const stored = flipped ? toStored(part) : part;
      copyInFileOrder(new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength), target, item);
    },
  };
}

const padded = (length: number): number => Math.ceil(length / BLOCK) * BLOCK;

function assemble(hdus: readonly EncodedHdu[], checksums: boolean): Uint8Array {
  for (const { header } of hdus) prepareHeader(header, checksums);
  const heads = hdus.map((hdu) => hdu.header.encode().length);
  const size = hdus.reduce((total, hdu, i) => total + heads[i]! + padded(hdu.data.length), 0);
  const file = new Uint8Array(size);
  let at = 0;
  hdus.forEach(({ header, data }, i) => {
    const start = at + heads[i]!;
    const end = start + padded(data.length);
    data.copyTo(file.subarray(start, start + data.length), 0);
    if (checksums) signHeader(header, addToSum(0, file.subarray(start, end)));
    file.set(header.encode(), at);
    at = end;
  });
  return file;
}

/** All cards in place, those of the checksums with room for their values, so that the length is known. */
function prepareHeader(header: Header, checksums: boolean): void {
  if (header.continues() && !header.has('LONGSTRN')) header.set('LONGSTRN', 'OGIP 1.0');
  if (!checksums) return;
  header.set('DATASUM', '0', 'data unit checksum');
  header.set('CHECKSUM', '0'.repeat(16), 'HDU checksum');
}

function signHeader(header: Header, datasum: number): void {
  header.set('DATASUM', String(datasum));
  header.set('CHECKSUM', '0'.repeat(16));
  header.set('CHECKSUM', encodeChecksum(addToSum(datasum, header.encode())));
}

/** Bytes made and written at a time. */
const PIECE = 1440 * BLOCK;

/**
 * The bytes of a FITS file from front to back, for whatever takes a stream: pieces of at most 4 MiB, made when they are
 * asked for. With checksums, which stand before the data they sum, each piece is made twice.
 */
export function* fitsPieces(hdus: readonly HduInput[], options: EncodeOptions = {}): Generator<Uint8Array> {
  const checksums = options.checksums ?? true;
  for (const { header, data } of encodeHdus(hdus)) {
    prepareHeader(header, checksums);
    if (checksums) {
      let sum = 0;
      for (const piece of dataPieces(data)) sum = addToSum(sum, piece);
      signHeader(header, sum);
    }
    yield header.encode();
    yield* dataPieces(data);
  }
}

function* dataPieces(data: EncodedData): Generator<Uint8Array> {
  for (let from = 0; from < data.length; from += PIECE) {
    const length = Math.min(PIECE, data.length - from);
    const piece = new Uint8Array(padded(length));
    data.copyTo(piece.subarray(0, length), from);
    yield piece;
  }
}

export interface WriteOptions extends EncodeOptions {
  /** the file is forced to disk before it gets its name; true unless given */
  readonly durable?: boolean;
}

/**
 * Writes a FITS file without holding it in memory: pieces of each HDU are made as they are written, the header last.
 * The file appears under its name only when it is complete and on disk.
 */
export async function writeFits(path: string, hdus: readonly HduInput[], options: WriteOptions = {}): Promise<void> {
  const { createFileSink } = await import('./file-sink.js');
  const checksums = options.checksums ?? true;
  const sink = await createFileSink(path);
  try {
    // one piece is made while the other is on its way
    const pieces = [new Uint8Array(PIECE), new Uint8Array(PIECE)] as const;
    let turn = 0;
    let writing: Promise<void> = Promise.resolve();
    let at = 0;
    for (const { header, data } of encodeHdus(hdus)) {
      prepareHeader(header, checksums);
      const start = at + header.encode().length;
      let sum = 0;
      for (let from = 0; from < data.length; from += PIECE) {
        const length = Math.min(PIECE, data.length - from);
        const block = pieces[(turn ^= 1) as 0 | 1].subarray(0, padded(length));
        data.copyTo(block.subarray(0, length), from);
        block.fill(0, length);
        if (checksums) sum = addToSum(sum, block);
        await writing;
        writing = sink.write(block, start + from);
        writing.catch(() => undefined); // reported where it is awaited
      }
      await writing;
      if (checksums) signHeader(header, sum);
      await sink.write(header.encode(), at);
      at = start + padded(data.length);
    }
    await sink.commit(options.durable ?? true);
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}
