import { checkLeastSquares, fromGram, type LeastSquares, type NormalEquations } from '../normal-equations.js';

/** Normal equations in plain TypeScript, sums in Float64. */
export function normalEquationsReference(problem: LeastSquares): NormalEquations {
  checkLeastSquares(problem);
  const { basis, n, length, data, weights } = problem;
  const vectors = Array.from({ length: n }, (_, i) => basis.subarray(i * length, (i + 1) * length));
  vectors.push(data.subarray(0, length));
  const gram = new Float64Array((n + 1) * (n + 1));
  const weighted = new Float64Array(length);
  for (let i = 0; i <= n; i++) {
    const a = vectors[i]!;
    for (let k = 0; k < length; k++) weighted[k] = a[k]! * (weights === undefined ? 1 : weights[k]!);
    for (let j = i; j <= n; j++) {
      const b = vectors[j]!;
      let sum = 0;
      for (let k = 0; k < length; k++) sum += weighted[k]! * b[k]!;
      gram[i * (n + 1) + j] = sum;
    }
  }
  return fromGram(gram, n);
}
