// A FITS file as its sequence of header-data units. Headers are read on opening, data only on demand.

import { BLOCK } from './cards.js';
import { describeHdu, readHeader, startsHdu } from './describe-hdu.js';
import { FitsError } from './errors.js';
import { FitsHdu } from './hdu.js';
import { fromBytes, openFile, type OpenOptions, type ReadableAt, unfold } from './source.js';

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
        : await unfold(source, options);
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
    const start = offset;
    const block = (at: number): Promise<Uint8Array> =>
      source.readAt(start + at, Math.min(BLOCK, Math.max(0, source.size - start - at)));
    const first = await block(0);
    if (!startsHdu(first, index)) break;
    const { header, length } = await readHeader(first, block, index, start);
    const hdu = new FitsHdu(source, describeHdu(header, index, start, start + length));
    hdus.push(hdu);
    offset = hdu.dataOffset + Math.ceil(hdu.dataSize / BLOCK) * BLOCK;
  }
  if (hdus.length === 0) throw new FitsError('NOT_FITS', 'the file is empty', { offset: 0 });
  return hdus;
}
