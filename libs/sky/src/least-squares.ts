/**
 * Linear least squares by Householder reflections (Golub & Van Loan, Matrix Computations, section 5.3): the error grows with the condition
 * of the system, not with its square as in the normal equations. Cost: 2 rows terms^2.
 */

/**
 * Minimises |A c - b| for several right-hand sides. `a`: rows x terms and `b`: rows x columns, row-major, both overwritten.
 * Returns the coefficients, terms x columns, or undefined when the rows do not determine them.
 */
export function leastSquares(
  a: Float64Array,
  b: Float64Array,
  rows: number,
  terms: number,
  columns: number,
): Float64Array | undefined {
  if (rows < terms) return undefined;
  let largest = 0;
  const diagonal = new Float64Array(terms);
  for (let k = 0; k < terms; k++) {
    let sum = 0;
    for (let i = k; i < rows; i++) sum += a[i * terms + k]! ** 2;
    const norm = Math.sqrt(sum);
    largest = Math.max(largest, norm);
    if (!(norm > 1e-12 * largest)) return undefined;
    const pivot = a[k * terms + k]!;
    const alpha = pivot > 0 ? -norm : norm;
    a[k * terms + k] = pivot - alpha;
    diagonal[k] = alpha;
    // v, the rest of column k, has v.v / 2 = alpha (alpha - pivot)
    const half = alpha * (alpha - pivot);
    for (let j = k + 1; j < terms; j++) reflect(a, terms, k, half, a, terms, j, rows);
    for (let j = 0; j < columns; j++) reflect(a, terms, k, half, b, columns, j, rows);
  }
  const coefficients = new Float64Array(terms * columns);
  for (let j = 0; j < columns; j++)
    for (let k = terms - 1; k >= 0; k--) {
      let sum = b[k * columns + j]!;
      for (let m = k + 1; m < terms; m++) sum -= a[k * terms + m]! * coefficients[m * columns + j]!;
      coefficients[k * columns + j] = sum / diagonal[k]!;
    }
  return coefficients;
}

/** Reflects column `j` of `target` by the vector in column `k` of `a`, both from row `k` on. */
function reflect(
  a: Float64Array,
  terms: number,
  k: number,
  half: number,
  target: Float64Array,
  width: number,
  j: number,
  rows: number,
): void {
  let dot = 0;
  for (let i = k; i < rows; i++) dot += a[i * terms + k]! * target[i * width + j]!;
  const factor = dot / half;
  for (let i = k; i < rows; i++) target[i * width + j]! -= factor * a[i * terms + k]!;
}
