// FITS files out: HDUs in memory to bytes.

import { BLOCK } from './cards.js';
import { addToSum, encodeChecksum } from './checksum.js';
import { toggleFileOrder } from './byte-order.js';
import { encodeCompressedImage } from './compression/write-compressed.js';
import { FitsError } from './errors.js';
import { Header } from './header.js';
import { type EncodedHdu, freeCards, type ImageInput, nameHdu, type TableInput } from './encoded-hdu.js';
import { bitpixOf, itemSizeOf, toStored } from './pixels.js';
import { encodeTable } from './table-encode.js';

export type HduInput = ImageInput | TableInput;

export interface EncodeOptions {
  /** CHECKSUM and DATASUM in every HDU; true unless given */
  readonly checksums?: boolean;
}

/** The bytes of a FITS file. An empty primary HDU is put first when the first input is not a plain image. */
export function encodeFits(hdus: readonly HduInput[], options: EncodeOptions = {}): Uint8Array {
  const encoded: EncodedHdu[] = [];
  hdus.forEach((hdu, i) => {
    if (i === 0 && (hdu.kind !== 'image' || hdu.compression)) encoded.push(encodeImage(EMPTY, true));
    encoded.push(hdu.kind === 'image' ? encodeImage(hdu, encoded.length === 0) : encodeTable(hdu));
  });
  if (encoded.length === 0) encoded.push(encodeImage(EMPTY, true));
  return assemble(encoded, options.checksums ?? true);
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
  const stored = toStored(data);
  const bytes = new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength);
  toggleFileOrder(bytes, itemSizeOf(bitpix));
  return { header, data: bytes, fill: 0 };
}

function assemble(hdus: readonly EncodedHdu[], checksums: boolean): Uint8Array {
  const parts = hdus.map((hdu) => {
    if (hdu.header.continues() && !hdu.header.has('LONGSTRN')) hdu.header.set('LONGSTRN', 'OGIP 1.0');
    if (!checksums) return { head: hdu.header.encode(), data: hdu.data, fill: hdu.fill };
    const padding = new Uint8Array((BLOCK - (hdu.data.length % BLOCK)) % BLOCK).fill(hdu.fill);
    const whole = hdu.data.length & ~3;
    let sum = addToSum(0, hdu.data.subarray(0, whole));
    const tail = new Uint8Array(hdu.data.length - whole + padding.length);
    tail.set(hdu.data.subarray(whole));
    tail.set(padding, hdu.data.length - whole);
    sum = addToSum(sum, tail);
    hdu.header.set('DATASUM', String(sum), 'data unit checksum');
    hdu.header.set('CHECKSUM', '0'.repeat(16), 'HDU checksum');
    const total = addToSum(sum, hdu.header.encode());
    hdu.header.set('CHECKSUM', encodeChecksum(total));
    return { head: hdu.header.encode(), data: hdu.data, fill: hdu.fill };
  });
  const padded = (length: number): number => Math.ceil(length / BLOCK) * BLOCK;
  const file = new Uint8Array(parts.reduce((total, part) => total + part.head.length + padded(part.data.length), 0));
  let at = 0;
  for (const { head, data, fill } of parts) {
    file.set(head, at);
    at += head.length;
    file.set(data, at);
    const end = at + padded(data.length);
    if (fill !== 0) file.fill(fill, at + data.length, end);
    at = end;
  }
  return file;
}
