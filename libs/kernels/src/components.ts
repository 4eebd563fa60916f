import type { FloatPlane, MaskPlane } from '#libs/image';
import type { KernelJob } from './job.js';
import { checkSameSize, checkSize } from './workspace.js';

export interface ComponentOptions {
  readonly source: FloatPlane;
  /** pixels with sign * value > threshold belong to a component; NaN never does */
  readonly threshold: number;
  /** a plane by which the threshold is multiplied, for instance the noise of each pixel */
  readonly limit?: FloatPlane;
  /** -1 to look for negative pixels */
  readonly sign?: 1 | -1;
  /** receives label + 1 of each pixel, 0 outside of components */
  readonly labels?: MaskPlane;
}

export interface Components {
  readonly count: number;
  /** four integers per run of pixels: y, first x, last x, label; in raster order, labels in the order of first pixels from 0 */
  readonly runs: Int32Array;
}

/**
 * Connected components (8 neighbours) of the pixels above a threshold. Bits and runs are made in bands; joining the runs is serial.
 * Cost: 4096 x 4096 with 140,000 runs in some 10 ms on one thread.
 * @throws KernelError SIZE_MISMATCH
 */
export const findComponents = ({
  source,
  threshold,
  limit,
  sign = 1,
  labels,
}: ComponentOptions): KernelJob<Components> =>
  function* (workspace) {
    const { width, height } = source;
    checkSize('the source', source.data, width, height);
    if (limit !== undefined) checkSameSize('the plane of limits', limit, width, height);
    if (labels !== undefined) checkSameSize('the plane of labels', labels, width, height);
    const words = Math.ceil(width / 64);
    const bits = workspace.temporaryInt(2 * words * height);
    const rowStart = workspace.temporaryInt(height + 1);
    yield {
      kernel: 'thresholdBits',
      args: [
        workspace.input(source.data),
        limit === undefined ? 0 : workspace.input(limit.data),
        threshold,
        sign,
        width,
        bits.byteOffset,
        words,
        rowStart.byteOffset,
      ],
      rows: height,
    };
    let total = 0;
    for (let y = 0; y <= height; y++) {
      const count = rowStart[y]!;
      rowStart[y] = total;
      total += count;
    }
    const runs = workspace.temporaryInt(4 * total);
    const parents = workspace.temporaryInt(total);
    const result = workspace.temporaryInt(1);
    yield {
      kernel: 'extractRuns',
      args: [bits.byteOffset, words, rowStart.byteOffset, runs.byteOffset],
      rows: total === 0 ? 0 : height,
    };
    yield {
      kernel: 'joinRuns',
      args: [runs.byteOffset, rowStart.byteOffset, height, parents.byteOffset, result.byteOffset],
      rows: total === 0 ? 0 : 1,
    };
    if (labels !== undefined)
      yield {
        kernel: 'paintLabels',
        args: [runs.byteOffset, rowStart.byteOffset, workspace.output(labels.data), width],
        rows: height,
      };
    return { count: result[0]!, runs: runs.slice() };
  };
