// Dense symmetric positive-definite systems, row-major Float64. O(n^3 / 6).

import { AlgorithmError } from '../errors.js';

/** Replaces the lower triangle of `a` (n x n) by L with a = L L^T; false when `a` is not positive definite. */
export function choleskyInPlace(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) return false;
        a[i * n + i] = Math.sqrt(sum);
      } else a[i * n + j] = sum / a[j * n + j]!;
    }
  }
  return true;
}

/** Solves L L^T x = b in place for each of the `columns` right-hand sides stored as rows of length n. */
export function choleskySolveInPlace(l: Float64Array, n: number, b: Float64Array, columns = 1): void {
  for (let c = 0; c < columns; c++) {
    const o = c * n;
    for (let i = 0; i < n; i++) {
      let sum = b[o + i]!;
      for (let k = 0; k < i; k++) sum -= l[i * n + k]! * b[o + k]!;
      b[o + i] = sum / l[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      let sum = b[o + i]!;
      for (let k = i + 1; k < n; k++) sum -= l[k * n + i]! * b[o + k]!;
      b[o + i] = sum / l[i * n + i]!;
    }
  }
}

/** The inverse of a symmetric positive-definite matrix. */
export function invertSymmetric(matrix: Float64Array, n: number): Float64Array {
  const l = matrix.slice();
  if (!choleskyInPlace(l, n))
    throw new AlgorithmError('SINGULAR', `a ${n} x ${n} normal matrix is not positive definite`);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  choleskySolveInPlace(l, n, inverse, n);
  return inverse;
}

/** Solves a x = b for symmetric positive-definite `a`; the inputs stay as they are. */
export function solveSymmetric(a: Float64Array, b: Float64Array, n: number): Float64Array {
  const l = a.slice(0, n * n);
  if (!choleskyInPlace(l, n))
    throw new AlgorithmError('SINGULAR', `a ${n} x ${n} normal matrix is not positive definite`);
  const x = b.slice(0, n);
  choleskySolveInPlace(l, n, x);
  return x;
}
