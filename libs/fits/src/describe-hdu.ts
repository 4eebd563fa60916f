// The header of one HDU: found, parsed, and what its mandatory keywords say of the data that follow.

import { BLOCK, CARD_LENGTH, parseCards } from './cards.js';
import { FitsError } from './errors.js';
import { Header } from './header.js';
import type { HduKind, HduLayout } from './layout.js';
import { isBitpix } from './pixels.js';

/** False when what follows the last HDU is special records or padding, which are not ours to read. */
export function startsHdu(head: Uint8Array, index: number): boolean {
  const first = latin1(head.subarray(0, CARD_LENGTH));
  if (index > 0) return first.startsWith('XTENSION');
  if (!/^SIMPLE {2}=/.test(first))
    throw new FitsError('NOT_FITS', `the file does not begin with a SIMPLE card but with "${printable(first)}"`, {
      hdu: 0,
      offset: 0,
    });
  return true;
}

const latin1 = (bytes: Uint8Array): string => {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
};
const printable = (text: string): string => text.slice(0, 30).replace(/[^\x20-\x7e]/g, '?');

const isEnd = (bytes: Uint8Array, at: number): boolean =>
  bytes[at] === 0x45 && bytes[at + 1] === 0x4e && bytes[at + 2] === 0x44 && endsBlank(bytes, at + 3, 5);
function endsBlank(bytes: Uint8Array, at: number, count: number): boolean {
  for (let i = 0; i < count; i++)
    if (at + i < bytes.length && bytes[at + i] !== 0x20 && bytes[at + i] !== 0) return false;
  return true;
}

/**
 * Header text up to END; a header may fill the rest of the file but not more. `block(at)` gives the 2880 bytes at `at`
 * from the start of the HDU on, fewer where the file ends; the first of them is given.
 */
export async function readHeader(
  first: Uint8Array,
  block: (at: number) => Promise<Uint8Array>,
  hdu: number,
  offset: number,
): Promise<{ header: Header; length: number }> {
  const texts: string[] = [];
  let bytes = first;
  for (let at = 0; ; at += BLOCK) {
    if (at > 0) bytes = await block(at);
    for (let i = 0; i + 3 <= bytes.length; i += CARD_LENGTH)
      if (isEnd(bytes, i)) {
        texts.push(latin1(bytes.subarray(0, i)));
        return { header: new Header(parseCards(texts.join('')), hdu), length: at + BLOCK };
      }
    if (bytes.length < BLOCK)
      throw new FitsError('TRUNCATED', `the header of HDU ${hdu} has no END card before the file ends`, {
        hdu,
        offset: offset + at + bytes.length,
      });
    texts.push(latin1(bytes));
  }
}

export function describeHdu(header: Header, index: number, headerOffset: number, dataOffset: number): HduLayout {
  const bitpix = header.requireInteger('BITPIX');
  if (!isBitpix(bitpix))
    throw new FitsError('BAD_KEYWORD', `BITPIX of HDU ${index} is ${bitpix}; it should be 8, 16, 32, 64, -32 or -64`, {
      hdu: index,
      card: 'BITPIX',
      value: bitpix,
    });
  const naxis = header.requireInteger('NAXIS', 0, 999);
  const axes: number[] = [];
  for (let i = 1; i <= naxis; i++) axes.push(header.requireInteger(`NAXIS${i}`, 0));
  const pcount = header.integerOr('PCOUNT', 0, 0);
  const gcount = header.integerOr('GCOUNT', 1, 0);
  const groups = index === 0 && naxis > 0 && axes[0] === 0 && header.getBoolean('GROUPS') === true;
  const product = (groups ? axes.slice(1) : axes).reduce((total, axis) => total * axis, 1);
  const counted = index > 0 || groups;
  const items = naxis === 0 ? 0 : counted ? gcount * (pcount + product) : product;
  const dataSize = items * (Math.abs(bitpix) / 8);
  if (!Number.isSafeInteger(dataSize))
    throw new FitsError('BAD_HEADER', `HDU ${index} claims ${dataSize} bytes of data`, { hdu: index, value: dataSize });
  const kind: HduKind = groups ? 'random-groups' : index === 0 ? 'image' : kindOf(header);
  return { index, kind, header, bitpix, axes, headerOffset, dataOffset, dataSize };
}

function kindOf(header: Header): HduKind {
  switch (header.requireString('XTENSION').trim()) {
    case 'IMAGE':
    case 'IUEIMAGE':
      return 'image';
    case 'TABLE':
      return 'ascii-table';
    case 'BINTABLE':
    case 'A3DTABLE':
      return header.getBoolean('ZIMAGE')
        ? 'compressed-image'
        : header.getBoolean('ZTABLE')
          ? 'compressed-table'
          : 'binary-table';
    default:
      return 'other';
  }
}
