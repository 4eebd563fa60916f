import type { FloatPlane } from '#libs/image';
import { KernelError } from './errors.js';
import type { KernelJob } from './job.js';
import { checkSameSize, checkSize } from './workspace.js';

export interface MedianFilter {
  readonly source: FloatPlane;
  /** of the same size, not the source */
  readonly target: FloatPlane;
  readonly size: 3 | 5;
}

/**
 * Median of the size x size neighbourhood; pixels outside repeat the edge. NaN and +infinity count as greater than everything, and
 * where one of them is the median the result is NaN. Cost: 4096 x 4096 in some 30 ms (3) and 120 ms (5).
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT
 */
export const medianFilter = ({ source, target, size }: MedianFilter): KernelJob<void> =>
  function* (workspace) {
    const { width, height } = source;
    checkSize('the source', source.data, width, height);
    checkSameSize('the target', target, width, height);
    if (size !== 3 && size !== 5)
      throw new KernelError('BAD_ARGUMENT', `medians are 3 or 5 wide, not ${String(size)}`, size);
    if (source.data === target.data)
      throw new KernelError('BAD_ARGUMENT', 'a plane cannot be filtered into itself', 'target');
    yield {
      kernel: size === 3 ? 'median3x3' : 'median5x5',
      args: [workspace.input(source.data), workspace.output(target.data), width, height],
      rows: width === 0 ? 0 : height,
    };
  };
