import { KernelError } from './errors.js';
import type { KernelJob } from './job.js';
import { checkSize } from './workspace.js';

export interface LeastSquares {
  /** n basis vectors of `length` values, one after the other */
  readonly basis: Float32Array;
  readonly n: number;
  readonly length: number;
  /** what the basis is fitted to */
  readonly data: Float32Array;
  /** weight of each value; 1 unless given */
  readonly weights?: Float32Array;
}

export interface NormalEquations {
  readonly n: number;
  /** n x n: sum_k w b_i b_j */
  readonly matrix: Float64Array;
  /** sum_k w b_i d */
  readonly vector: Float64Array;
  /** sum_k w d^2: chi^2 of the zero model */
  readonly dataSquare: number;
}

/**
 * Weighted normal equations of a linear fit. A value that is not finite spoils what it enters: give it no place in the vectors, a weight of
 * 0 is not enough. Cost: n^2 / 2 multiplications per value; 64 vectors of 262,144 values in some 60 ms on one thread.
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT
 */
export const normalEquations = (problem: LeastSquares): KernelJob<NormalEquations> =>
  function* (workspace) {
    checkLeastSquares(problem);
    const { basis, n, length, data, weights } = problem;
    // the data go in as one more basis vector
    const all = workspace.temporary32((n + 1) * length);
    all.set(basis.subarray(0, n * length));
    all.set(data.subarray(0, length), n * length);
    const gram = workspace.temporary64((n + 1) * (n + 1));
    yield {
      kernel: 'gramMatrix',
      args: [all.byteOffset, n + 1, length, weights === undefined ? 0 : workspace.input(weights), gram.byteOffset],
      rows: n + 1,
      bandRows: 16,
    };
    return fromGram(gram, n);
  };

export function fromGram(gram: Float64Array, n: number): NormalEquations {
  const side = n + 1;
  const matrix = new Float64Array(n * n);
  const vector = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) matrix[i * n + j] = matrix[j * n + i] = gram[i * side + j]!;
    vector[i] = gram[i * side + n]!;
  }
  return { n, matrix, vector, dataSquare: gram[n * side + n]! };
}

export function checkLeastSquares({ basis, n, length, data, weights }: LeastSquares): void {
  if (!(Number.isInteger(n) && n >= 1)) throw new KernelError('BAD_ARGUMENT', `a fit needs basis vectors, not ${n}`, n);
  checkSize('the basis', basis, length, n);
  checkSize('the data', data, length, 1);
  if (weights !== undefined) checkSize('the weights', weights, length, 1);
}
