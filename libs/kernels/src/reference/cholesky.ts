import { notPositiveDefinite, type SymmetricSystem } from '../cholesky.js';

/** Cholesky solution in plain TypeScript. */
export function solveSymmetricReference({ matrix, n, right, columns = 1 }: SymmetricSystem): Float64Array {
  const l = matrix.slice(0, n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      if (j < i) l[i * n + j] = sum / l[j * n + j]!;
      else if (sum > 0 && sum < Infinity) l[i * n + i] = Math.sqrt(sum);
      else throw notPositiveDefinite(n, i);
    }
  const x = right.slice(0, n * columns);
  for (let o = 0; o < n * columns; o += n) {
    for (let i = 0; i < n; i++) {
      let sum = x[o + i]!;
      for (let k = 0; k < i; k++) sum -= l[i * n + k]! * x[o + k]!;
      x[o + i] = sum / l[i * n + i]!;
    }
    for (let i = n - 1; i >= 0; i--) {
      x[o + i]! /= l[i * n + i]!;
      for (let k = 0; k < i; k++) x[o + k]! -= x[o + i]! * l[i * n + k]!;
    }
  }
  return x;
}
