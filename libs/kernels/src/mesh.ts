import type { FloatPlane, MaskPlane } from '#libs/image';
import { KernelError } from './errors.js';
import type { KernelJob } from './job.js';
import { checkSameSize, checkSize } from './workspace.js';

export interface MeshOptions {
  readonly source: FloatPlane;
  readonly mask?: MaskPlane;
  /** pixels with any of these bits in the mask are left out */
  readonly badBits?: number;
  /** first column of each cell, and one past the last cell: ascending, within the image */
  readonly xEdges: ArrayLike<number>;
  /** likewise for rows */
  readonly yEdges: ArrayLike<number>;
  /**
   * clippedMean: mean and scatter within nSigma of the mean, iterated. mode: SExtractor's background, 2.5 median - 1.5 mean of a clipped
   * histogram (the median alone where they differ by more than 0.3 sigma).
   */
  readonly statistic: 'clippedMean' | 'mode';
  readonly nSigma?: number;
  readonly iterations?: number;
  /** cells with a smaller fraction of usable pixels are NaN; the mode needs one half in any case */
  readonly leastFraction?: number;
}

/** One value per cell, rows of cells first. */
export interface MeshStatistics {
  readonly columns: number;
  readonly rows: number;
  readonly level: Float64Array;
  readonly sigma: Float64Array;
  /** usable pixels */
  readonly count: Int32Array;
}

const LARGEST_CELL = 262_144;

/**
 * Background level and noise in the cells of a mesh. NaN and infinite pixels are left out, like masked ones.
 * Cost: 4096 x 4096 in cells of 64 px in some 0.1 s on one thread.
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT; OUT_OF_SCRATCH for cells of more than 512 x 512 pixels
 */
export const meshStatistics = (options: MeshOptions): KernelJob<MeshStatistics> =>
  function* (workspace) {
    const { source, mask, badBits = -1, xEdges, yEdges, statistic } = options;
    const { nSigma = 3, iterations = 5, leastFraction = 0 } = options;
    const { width, height } = source;
    checkSize('the source', source.data, width, height);
    if (mask !== undefined) checkSameSize('the mask', mask, width, height);
    const cellWidth = largestStep('column', xEdges, width);
    const cellHeight = largestStep('row', yEdges, height);
    if (cellWidth * cellHeight > LARGEST_CELL)
      throw new KernelError('OUT_OF_SCRATCH', `a cell has at most ${LARGEST_CELL} pixels`, cellWidth * cellHeight);
    const columns = xEdges.length - 1;
    const rows = yEdges.length - 1;
    const level = new Float64Array(columns * rows);
    const sigma = new Float64Array(columns * rows);
    const count = new Int32Array(columns * rows);
    yield {
      kernel: 'meshStatistics',
      args: [
        workspace.input(source.data),
        mask === undefined ? 0 : workspace.input(mask.data),
        badBits,
        width,
        workspace.integers(xEdges),
        workspace.integers(yEdges),
        columns,
        statistic === 'mode' ? 1 : 0,
        nSigma,
        iterations,
        leastFraction,
        workspace.output(level),
        workspace.output(sigma),
        workspace.output(count),
      ],
      rows,
      bandRows: 1,
    };
    return { columns, rows, level, sigma, count };
  };

/** @throws KernelError BAD_ARGUMENT unless the edges ascend from 0 or more to the side or less */
export function largestStep(what: string, edges: ArrayLike<number>, side: number): number {
  let largest = 0;
  for (let i = 0; i < edges.length; i++) {
    const edge = edges[i]!;
    const before = i === 0 ? 0 : edges[i - 1]!;
    if (!Number.isInteger(edge) || edge < before || edge > side)
      throw new KernelError(
        'BAD_ARGUMENT',
        `${what} edges ascend from 0 to ${side}, and ${edge} follows ${before}`,
        edge,
      );
    if (i > 0) largest = Math.max(largest, edge - before);
  }
  if (edges.length < 1) throw new KernelError('BAD_ARGUMENT', `a mesh needs ${what} edges`, edges.length);
  return largest;
}

/** Edges of cells of a given size along a side; the last cell may be cut. */
export const meshEdges = (side: number, size: number): Int32Array =>
  Int32Array.from({ length: Math.ceil(side / size) + 1 }, (_, i) => Math.min(side, i * size));
