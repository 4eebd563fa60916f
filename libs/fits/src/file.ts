// A FITS file as its sequence of header-data units. Headers are read on opening, data only on demand.

import { BLOCK, CARD_LENGTH, parseCards } from './cards.js';
import { FitsError } from './errors.js';
import { Header } from './header.js';
import { FitsHdu } from './hdu.js';
import type { HduKind } from './layout.js';
import { isBitpix } from './pixels.js';
import { fromBytes, openFile, type OpenOptions, type ReadableAt } from './source.js';

export interface FitsFile {
  readonly hdus: readonly FitsHdu[];
  /** by index, or by EXTNAME without regard to case (the first of that name unless a version is given) */
  hdu(nameOrIndex: string | number, version?: number): FitsHdu;
  close(): Promise<void>;
}

/** Opens a file by its path, bytes, or any source of bytes, and reads all headers. */
export async function openFits(source: ReadableAt | Uint8Array | string, options?: OpenOptions): Promise<FitsFile> {
  const owned = typeof source === 'string' || source instanceof Uint8Array;
  const bytes: ReadableAt =
    typeof source === 'string'
      ? await openFile(source, options)
      : source instanceof Uint8Array
        ? fromBytes(source, options)
        : source;
  try {
    const hdus = await readHdus(bytes);
    return {
      hdus,
      hdu(nameOrIndex, version) {
        const found =
          typeof nameOrIndex === 'number'
            ? hdus[nameOrIndex]
            : hdus.find(
                (hdu) =>
                  hdu.name.toUpperCase() === nameOrIndex.toUpperCase() &&
                  (version === undefined || hdu.version === version),
              );
        if (!found)
          throw new FitsError(
            'NO_SUCH_HDU',
            `there is no HDU ${nameOrIndex}; there are ${hdus.map((hdu) => `${hdu.index}:${hdu.name}`).join(', ')}`,
            { value: nameOrIndex },
          );
        return found;
      },
      close: async () => {
        await bytes.close?.();
      },
    };
  } catch (error) {
    if (owned) await bytes.close?.();
    throw error;
  }
}

async function readHdus(source: ReadableAt): Promise<FitsHdu[]> {
  const hdus: FitsHdu[] = [];
  let offset = 0;
  while (offset < source.size) {
    const index = hdus.length;
    const head = await source.readAt(offset, Math.min(BLOCK, source.size - offset));
    const first = latin1(head.subarray(0, CARD_LENGTH));
    if (index === 0 && !/^SIMPLE {2}=/.test(first))
      throw new FitsError('NOT_FITS', `the file does not begin with a SIMPLE card but with "${printable(first)}"`, {
        hdu: 0,
        offset: 0,
      });
    // After the last HDU only special records or padding may follow; they are not ours to read.
    if (index > 0 && !first.startsWith('XTENSION')) break;
    const { header, length } = await readHeader(source, offset, index, head);
    const hdu = describe(source, header, index, offset, offset + length);
    hdus.push(hdu);
    offset = hdu.dataOffset + Math.ceil(hdu.dataSize / BLOCK) * BLOCK;
  }
  if (hdus.length === 0) throw new FitsError('NOT_FITS', 'the file is empty', { offset: 0 });
  return hdus;
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

/** Header text up to END; a header may fill the rest of the file but not more. */
async function readHeader(
  source: ReadableAt,
  offset: number,
  hdu: number,
  first: Uint8Array,
): Promise<{ header: Header; length: number }> {
  const texts: string[] = [];
  let at = offset;
  let block = first;
  for (;;) {
    for (let i = 0; i + 3 <= block.length; i += CARD_LENGTH)
      if (isEnd(block, i)) {
        texts.push(latin1(block.subarray(0, i)));
        return { header: new Header(parseCards(texts.join('')), hdu), length: at - offset + BLOCK };
      }
    if (block.length < BLOCK || at + BLOCK >= source.size)
      throw new FitsError('TRUNCATED', `the header of HDU ${hdu} has no END card before the file ends`, {
        hdu,
        offset: source.size,
      });
    texts.push(latin1(block));
    at += BLOCK;
    block = await source.readAt(at, Math.min(BLOCK, source.size - at));
  }
}

function describe(
  source: ReadableAt,
  header: Header,
  index: number,
  headerOffset: number,
  dataOffset: number,
): FitsHdu {
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
  return new FitsHdu(source, { index, kind, header, bitpix, axes, headerOffset, dataOffset, dataSize });
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
