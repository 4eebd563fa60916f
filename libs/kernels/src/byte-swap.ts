import { KernelError } from './errors.js';
import type { KernelJob } from './job.js';
import { checkSize, type KernelArray } from './workspace.js';

export interface ByteSwap {
  /** any typed array; only its bytes matter */
  readonly source: KernelArray;
  /** of the same number of bytes; may be the source */
  readonly target: KernelArray;
  /** bytes of a value: 2, 4 or 8 */
  readonly size: 2 | 4 | 8;
}

/**
 * Reverses the bytes of each value: FITS data are big-endian. Cost: that of copying memory.
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT
 */
export const byteSwap = ({ source, target, size }: ByteSwap): KernelJob<void> =>
  function* (workspace) {
    const count = source.byteLength / size;
    if (![2, 4, 8].includes(size))
      throw new KernelError('BAD_ARGUMENT', `values have 2, 4 or 8 bytes, not ${size}`, size);
    if (!Number.isInteger(count))
      throw new KernelError(
        'SIZE_MISMATCH',
        `${source.byteLength} bytes are no whole values of ${size}`,
        source.byteLength,
      );
    checkSize('the target', { length: target.byteLength }, source.byteLength, 1);
    const inPlace = source.buffer === target.buffer && source.byteOffset === target.byteOffset;
    const to = inPlace ? workspace.inOut(target) : workspace.output(target);
    const from = inPlace ? to : workspace.input(source);
    yield { kernel: `byteSwap${8 * size}`, args: [from, to], rows: count, bandRows: 2 ** 18 };
  };
