// Least squares of one stamp: the reference stamp convolved with every basis function, and the products a solver needs.
// Cost per stamp of side s and kernel side k: about (n_x s (s + k) k + n_basis s^2 k) multiplications for the vectors and
// n_basis^2 s^2 / 2 for the products.
import type { KernelBasis } from './basis.js';

export interface PlaneView {
  readonly width: number;
  readonly data: ArrayLike<number>;
}

export interface Stamp {
  /** centre pixel */
  readonly x: number;
  readonly y: number;
  /** pixels of the fitted square on each side of the centre */
  readonly half: number;
  /** basis functions convolved with the reference, then the science stamp: rows of n = (2 half + 1)^2 */
  readonly vectors: readonly Float64Array[];
  /** weight of every pixel (inverse variance; 0 for masked pixels) */
  readonly weights: Float64Array;
  /** sum w v_i v_j of the vectors [basis..., 1, science], packed rows of (nBasis + 2) */
  readonly products: Float64Array;
}

/** Builds a stamp. The reference must hold half + kernel half pixels around the centre. */
export function makeStamp(
  basis: KernelBasis,
  reference: PlaneView,
  science: PlaneView,
  x: number,
  y: number,
  half: number,
  weightAt: (index: number) => number,
): Stamp {
  const side = 2 * half + 1;
  const n = side * side;
  const vectors = convolveWithBasis(basis, reference, x, y, half);
  const data = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) {
      const p = (y - half + j) * science.width + x - half + i;
      weights[j * side + i] = weightAt(p);
      data[j * side + i] = weights[j * side + i] === 0 ? 0 : science.data[p]!;
    }
  const all = [...vectors, new Float64Array(n).fill(1), data];
  const m = all.length;
  const products = new Float64Array(m * m);
  const weighted = new Float64Array(n);
  for (let a = 0; a < m; a++) {
    const va = all[a]!;
    for (let k = 0; k < n; k++) weighted[k] = va[k]! * weights[k]!;
    for (let b = a; b < m; b++) {
      const vb = all[b]!;
      let sum = 0;
      for (let k = 0; k < n; k++) sum += weighted[k]! * vb[k]!;
      products[a * m + b] = sum;
      products[b * m + a] = sum;
    }
  }
  return { x, y, half, vectors: [...vectors, data], weights, products };
}

/** (K_b * T) over the square around (x, y), true convolution: a point source comes out as the kernel itself. */
function convolveWithBasis(
  basis: KernelBasis,
  reference: PlaneView,
  x: number,
  y: number,
  half: number,
): Float64Array[] {
  const r = (basis.size - 1) / 2;
  const side = 2 * half + 1;
  const tall = side + 2 * r;
  const rowsOf = new Map<string, Float64Array>();
  const out: Float64Array[] = [];
  for (const f of basis.functions) {
    const key = `${f.gaussian}/${f.xPower}/${f.yPower % 2 === 0}`;
    let rows = rowsOf.get(key);
    if (!rows) {
      rows = new Float64Array(side * tall);
      for (let j = 0; j < tall; j++) {
        const base = (y - half - r + j) * reference.width + x - half;
        for (let i = 0; i < side; i++) {
          let sum = 0;
          for (let k = -r; k <= r; k++) sum += f.hx[k + r]! * reference.data[base + i - k]!;
          rows[j * side + i] = sum;
        }
      }
      rowsOf.set(key, rows);
    }
    const vector = new Float64Array(side * side);
    for (let j = 0; j < side; j++)
      for (let k = -r; k <= r; k++) {
        const weight = f.hy[k + r]!;
        const base = (j + r - k) * side;
        for (let i = 0; i < side; i++) vector[j * side + i]! += weight * rows[base + i]!;
      }
    if (f.zeroSum) for (let k = 0; k < vector.length; k++) vector[k]! -= out[0]![k]!;
    out.push(vector);
  }
  return out;
}
