import type { FloatPlane } from '#libs/image';
import type { Edge } from './convolve-separable.js';
import { KernelError } from './errors.js';
import type { KernelJob } from './job.js';
import { checkSameSize, checkSize } from './workspace.js';

/** A kernel of odd sides, centre in its middle, in row order. */
export interface DenseKernel {
  readonly width: number;
  readonly height: number;
  readonly data: ArrayLike<number>;
}

/** K(x, y) = sum over i + j <= order of terms u^i v^j with u = (x - centreX) / scaleX, v = (y - centreY) / scaleY. */
export interface VaryingKernel {
  readonly width: number;
  readonly height: number;
  /** 0 to 3 */
  readonly order: number;
  /** kernels of u^i v^j in the order i = 0: j = 0..order; i = 1: j = 0..order - 1; ... */
  readonly terms: readonly ArrayLike<number>[];
  readonly centreX: number;
  readonly centreY: number;
  readonly scaleX: number;
  readonly scaleY: number;
}

export interface DenseConvolution {
  readonly source: FloatPlane;
  /** of the same size, not the source */
  readonly target: FloatPlane;
  readonly kernel: DenseKernel | VaryingKernel;
  readonly edge?: Edge;
}

const LARGEST_SIDE = 129;
const HIGHEST_ORDER = 3;

/**
 * target(x, y) = sum_ij kernel(i, j) source(x - i, y - j), with the kernel of that pixel. A pixel that is not finite spoils what the
 * kernel reaches. Cost: (order + 1) multiplications per kernel value and pixel; 4096 x 4096 with 21 x 21 in some 0.6 s per order + 1.
 * @throws KernelError SIZE_MISMATCH; BAD_ARGUMENT for even or larger sides than 129, orders beyond 3
 */
export const convolveDense = ({ source, target, kernel, edge = 'zero' }: DenseConvolution): KernelJob<void> =>
  function* (workspace) {
    const { width, height } = source;
    checkSize('the source', source.data, width, height);
    checkSameSize('the target', target, width, height);
    if (source.data === target.data)
      throw new KernelError('BAD_ARGUMENT', 'a plane cannot be convolved into itself', 'target');
    const { order, terms, centreX, centreY, scaleX, scaleY } = asVarying(kernel);
    const size = kernel.width * kernel.height;
    const floats = Math.ceil(size / 4) * 4;
    const mirrored = new Float64Array(floats * terms.length);
    terms.forEach((term, t) => {
      for (let k = 0; k < size; k++) mirrored[t * floats + size - 1 - k] = term[k]!;
    });
    yield {
      kernel: 'convolveDense',
      args: [
        workspace.input(source.data),
        workspace.output(target.data),
        width,
        height,
        workspace.weights(mirrored),
        (kernel.width - 1) / 2,
        (kernel.height - 1) / 2,
        floats,
        order,
        1 / scaleX,
        -centreX / scaleX,
        1 / scaleY,
        -centreY / scaleY,
        edge === 'nearest' ? 1 : 0,
      ],
      rows: width === 0 ? 0 : height,
    };
  };

/** The kernel with its terms checked. */
export function asVarying(kernel: DenseKernel | VaryingKernel): VaryingKernel {
  const { width, height } = kernel;
  const varying: VaryingKernel =
    'terms' in kernel
      ? kernel
      : { width, height, order: 0, terms: [kernel.data], centreX: 0, centreY: 0, scaleX: 1, scaleY: 1 };
  for (const side of [width, height])
    if (!(side % 2 === 1 && side <= LARGEST_SIDE))
      throw new KernelError(
        'BAD_ARGUMENT',
        `the sides of a kernel are odd and at most ${LARGEST_SIDE}, not ${side}`,
        side,
      );
  const { order, terms } = varying;
  if (!(Number.isInteger(order) && order >= 0 && order <= HIGHEST_ORDER))
    throw new KernelError('BAD_ARGUMENT', `a kernel varies with order 0 to ${HIGHEST_ORDER}, not ${order}`, order);
  const count = ((order + 1) * (order + 2)) / 2;
  if (terms.length !== count)
    throw new KernelError('SIZE_MISMATCH', `order ${order} has ${count} terms, not ${terms.length}`, terms.length);
  for (const term of terms) checkSize('a term of the kernel', term, width, height);
  return varying;
}
