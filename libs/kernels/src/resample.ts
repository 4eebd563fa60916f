import type { FloatPlane, MaskPlane } from '#libs/image';
import { KernelError } from './errors.js';
import type { KernelJob } from './job.js';
import { lanczosTable, type LanczosOrder } from './lanczos.js';
import { SCRATCH_BYTES } from './memory.js';
import { checkSameSize, checkSize } from './workspace.js';

/** Source positions [px] at target pixels (i * step, j * step), row by row; linear between. `columns` x `rows` points cover the target. */
export interface PositionGrid {
  readonly step: number;
  readonly columns: number;
  readonly rows: number;
  readonly sourceX: Float64Array;
  readonly sourceY: Float64Array;
}

export interface ImagePlanes {
  readonly image: FloatPlane;
  readonly variance?: FloatPlane;
  readonly mask?: MaskPlane;
}

export interface Resampling {
  readonly source: ImagePlanes;
  /** with the same planes as the source; none of them the source's */
  readonly target: ImagePlanes;
  readonly grid: PositionGrid;
  readonly order?: LanczosOrder;
  /** sub-pixel positions that are told apart, per pixel */
  readonly phases?: number;
  /** multiplies by the source area of a target pixel, so that fluxes rather than surface brightness are kept */
  readonly conserveFlux?: boolean;
  /** value of pixels that have none; their variance is infinite */
  readonly fill?: number;
  /** mask bits of pixels whose taps leave the source */
  readonly outsideBits?: number;
  /** mask bits added where a tap is not finite */
  readonly badBits?: number;
}

/**
 * Resamples planes by a Lanczos kernel: value = area sum K_i K_j I, variance = area^2 sum K_i^2 K_j^2 V, mask = OR over all taps.
 * Positions are rounded to 1 / `phases` px; cells of the grid beyond 1e9 px lie on no image. Cost: 4096 x 4096, order 3, image and variance in some 0.25 s on one thread.
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT, OUT_OF_SCRATCH (masks wider than 500,000 px)
 */
export const resample = (options: Resampling): KernelJob<void> =>
  function* (workspace) {
    const { source, target, grid, order = 3, phases = 4096, conserveFlux = false } = options;
    const { fill = NaN, outsideBits = 0, badBits = 0 } = options;
    checkResampling(options);
    const { width, height } = source.image;
    const table = lanczosTable(order, phases);
    const weights = workspace.weights(table);
    const hasVariance = source.variance !== undefined && target.variance !== undefined;
    let spread = 0;
    if (source.mask !== undefined && target.mask !== undefined) {
      if (width * 4 > SCRATCH_BYTES)
        throw new KernelError('OUT_OF_SCRATCH', `rows of ${width} pixels do not fit a thread's scratch`, width);
      spread = workspace.temporaryInt(width * height).byteOffset;
      yield {
        kernel: 'spreadBits',
        args: [workspace.input(source.mask.data), spread, width, height, 2 * order],
        rows: height,
      };
    }
    yield {
      kernel: `resample${order}`,
      args: [
        workspace.input(source.image.data),
        hasVariance ? workspace.input(source.variance!.data) : 0,
        spread,
        width,
        height,
        workspace.output(target.image.data),
        hasVariance ? workspace.output(target.variance!.data) : 0,
        spread === 0 ? 0 : workspace.output(target.mask!.data),
        target.image.width,
        workspace.doubles(grid.sourceX),
        workspace.doubles(grid.sourceY),
        grid.columns,
        grid.rows,
        grid.step,
        weights,
        hasVariance ? workspace.weights(table.map((weight) => weight * weight)) : weights,
        phases,
        conserveFlux ? 1 : 0,
        fill,
        outsideBits,
        badBits,
      ],
      rows: target.image.width === 0 ? 0 : target.image.height,
    };
  };

export function checkResampling({ source, target, grid, order = 3, phases = 4096 }: Resampling): void {
  const { width, height } = source.image;
  const { width: outWidth, height: outHeight } = target.image;
  checkSize('the source', source.image.data, width, height);
  checkSize('the target', target.image.data, outWidth, outHeight);
  for (const plane of ['variance', 'mask'] as const) {
    const [from, to] = [source[plane], target[plane]];
    if (from !== undefined) checkSameSize(`the source's ${plane}`, from, width, height);
    if (to !== undefined) checkSameSize(`the target's ${plane}`, to, outWidth, outHeight);
    if ((from === undefined) !== (to === undefined))
      throw new KernelError('BAD_ARGUMENT', `source and target both have a plane '${plane}', or neither`, plane);
  }
  if (![3, 4, 5].includes(order))
    throw new KernelError('BAD_ARGUMENT', `a Lanczos order is 3, 4 or 5, not ${order}`, order);
  if (!(Number.isInteger(phases) && phases >= 1 && phases <= 16_384))
    throw new KernelError('BAD_ARGUMENT', `a pixel has 1 to 16384 phases, not ${phases}`, phases);
  const { step, columns, rows, sourceX, sourceY } = grid;
  if (!(Number.isInteger(step) && step >= 1))
    throw new KernelError('BAD_ARGUMENT', `a grid step is 1 px or more, not ${step}`, step);
  if (columns < Math.ceil(outWidth / step) + 1 || rows < Math.ceil(outHeight / step) + 1)
    throw new KernelError('SIZE_MISMATCH', `a grid of ${columns} x ${rows} points does not cover the target`, [
      columns,
      rows,
    ]);
  checkSize('the grid', sourceX, columns, rows);
  checkSize('the grid', sourceY, columns, rows);
}
