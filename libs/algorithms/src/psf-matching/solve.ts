// Cholesky solution of symmetric positive-definite systems, scaled to a unit diagonal. Cost n^3 / 6 multiplications.

/** Solves A x = b; `ridge` is added to the scaled diagonal. Undefined when A is not positive definite even so. */
export function solveScaled(a: Float64Array, b: Float64Array, ridge = 0): Float64Array | undefined {
  const n = b.length;
  const scale = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const d = a[i * n + i]!;
    scale[i] = d > 0 ? 1 / Math.sqrt(d) : 0;
  }
  const l = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) l[i * n + j] = a[i * n + j]! * scale[i]! * scale[j]!;
    l[i * n + i] = (scale[i] === 0 ? 1 : l[i * n + i]!) + ridge;
  }
  for (let j = 0; j < n; j++) {
    const rj = j * n;
    let d = l[rj + j]!;
    for (let k = 0; k < j; k++) d -= l[rj + k]! * l[rj + k]!;
    if (!(d > 1e-14)) return undefined;
    d = Math.sqrt(d);
    l[rj + j] = d;
    for (let i = j + 1; i < n; i++) {
      const ri = i * n;
      let s = l[ri + j]!;
      for (let k = 0; k < j; k++) s -= l[ri + k]! * l[rj + k]!;
      l[ri + j] = s / d;
    }
  }
  const x = Float64Array.from(b, (value, i) => value * scale[i]!);
  for (let i = 0; i < n; i++) {
    let s = x[i]!;
    for (let k = 0; k < i; k++) s -= l[i * n + k]! * x[k]!;
    x[i] = s / l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    let s = x[i]!;
    for (let k = i + 1; k < n; k++) s -= l[k * n + i]! * x[k]!;
    x[i] = s / l[i * n + i]!;
  }
  for (let i = 0; i < n; i++) x[i]! *= scale[i]!;
  return x;
}
