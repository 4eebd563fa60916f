// The rows and the heap of a table, checked against the size of the file.

import { FitsError } from './errors.js';
import type { HduLayout } from './layout.js';
import type { ReadableAt } from './source.js';

/** Rows and heap of a binary table in memory. */
export interface TableBytes {
  readonly hdu: number;
  readonly name: string;
  readonly rows: number;
  readonly rowBytes: number;
  readonly bytes: Uint8Array;
  /** where the heap begins in `bytes` */
  readonly heap: number;
}

export function tableShape(hdu: HduLayout): { rows: number; rowBytes: number; heap: number } {
  const [rowBytes, rows] = hdu.axes;
  if (hdu.axes.length !== 2 || hdu.bitpix !== 8 || rows === undefined || rowBytes === undefined)
    throw new FitsError('BAD_HEADER', `HDU ${hdu.index} is a table but not of two axes of bytes`, { hdu: hdu.index });
  const main = rowBytes * rows;
  if (main > hdu.dataSize)
    throw new FitsError(
      'BAD_TABLE',
      `HDU ${hdu.index} has ${rows} rows of ${rowBytes} bytes in ${hdu.dataSize} bytes`,
      {
        hdu: hdu.index,
        card: 'GCOUNT',
        value: hdu.header.get('GCOUNT'),
      },
    );
  const heap = hdu.header.integerOr('THEAP', main, 0);
  if (heap < main || heap > hdu.dataSize)
    throw new FitsError('BAD_TABLE', `THEAP of HDU ${hdu.index} is ${heap}, not between ${main} and ${hdu.dataSize}`, {
      hdu: hdu.index,
      card: 'THEAP',
      value: heap,
    });
  return { rows, rowBytes, heap };
}

export async function tableBytes(source: ReadableAt, hdu: HduLayout, name: string): Promise<TableBytes> {
  const shape = tableShape(hdu);
  const available = source.size - hdu.dataOffset;
  if (hdu.dataSize > available)
    throw new FitsError(
      'TRUNCATED',
      `the table of HDU ${hdu.index} needs ${hdu.dataSize} bytes but the file has only ${Math.max(0, available)} left`,
      { hdu: hdu.index, offset: source.size },
    );
  return { ...shape, hdu: hdu.index, name, bytes: await source.readAt(hdu.dataOffset, hdu.dataSize) };
}
