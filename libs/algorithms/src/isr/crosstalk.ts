// Crosstalk: a fraction of every amplifier's signal appears in the others at the same moment of readout. The observed signals are
// (1 + C) times the true ones, pixel by pixel in readout order, so the exact inverse matrix is applied. ADU in, ADU out, in place.
// Cost: amplifiers^2 per readout position.

import { AlgorithmError } from '../errors.js';
import { isFiniteNumber } from '../numeric/statistics.js';

const { abs } = Math;

/** @param matrix row a: fraction of each amplifier's signal that appears in amplifier a; absent rows are zero */
export function correctCrosstalk(
  signals: readonly Float32Array[],
  matrix: readonly (readonly number[] | undefined)[],
): void {
  const n = signals.length;
  const length = signals[0]!.length;
  if (signals.some((signal) => signal.length !== length))
    throw new AlgorithmError('SIZE_MISMATCH', 'amplifiers of different sizes cannot be corrected for crosstalk');
  const mixing = new Float64Array(n * n);
  for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) mixing[a * n + b] = a === b ? 1 : (matrix[a]?.[b] ?? 0);
  const inverse = invert(mixing, n);
  const column = new Float64Array(n);
  for (let i = 0; i < length; i++) {
    for (let a = 0; a < n; a++) {
      const value = signals[a]![i]!;
      column[a] = isFiniteNumber(value) ? value : 0;
    }
    for (let a = 0; a < n; a++) {
      if (!isFiniteNumber(signals[a]![i]!)) continue;
      let sum = 0;
      for (let b = 0; b < n; b++) sum += inverse[a * n + b]! * column[b]!;
      signals[a]![i] = sum;
    }
  }
}

/** Gauss-Jordan with partial pivoting; mixing matrices are nearly the identity. */
function invert(matrix: Float64Array, n: number): Float64Array {
  const a = matrix.slice();
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (abs(a[r * n + c]!) > abs(a[pivot * n + c]!)) pivot = r;
    const p = a[pivot * n + c]!;
    if (!(abs(p) > 1e-12)) throw new AlgorithmError('SINGULAR', 'the crosstalk matrix has no inverse');
    for (const m of [a, inverse]) {
      for (let k = 0; k < n; k++) {
        const moved = m[c * n + k]!;
        m[c * n + k] = m[pivot * n + k]!;
        m[pivot * n + k] = moved;
        m[c * n + k]! /= p;
      }
    }
    for (let r = 0; r < n; r++) {
      if (r === c) continue;
      const f = a[r * n + c]!;
      if (f === 0) continue;
      for (let k = 0; k < n; k++) {
        a[r * n + k]! -= f * a[c * n + k]!;
        inverse[r * n + k]! -= f * inverse[c * n + k]!;
      }
    }
  }
  return inverse;
}
