import { asVarying, type DenseKernel, type VaryingKernel } from '../convolve-dense.js';
import type { Edge } from '../convolve-separable.js';

/** Dense convolution in plain TypeScript: one kernel value at a time along a row, sums in Float64. */
export function convolveDenseReference(
  source: Float32Array,
  width: number,
  height: number,
  kernel: DenseKernel | VaryingKernel,
  edge: Edge,
  target: Float32Array,
): void {
  const { order, terms, centreX, centreY, scaleX, scaleY } = asVarying(kernel);
  const halfX = (kernel.width - 1) / 2;
  const halfY = (kernel.height - 1) / 2;
  const row = new Float64Array(width + 2 * halfX);
  const sums = Array.from({ length: order + 1 }, () => new Float64Array(width));
  for (let y = 0; y < height; y++) {
    const v = (y - centreY) / scaleY;
    for (const sum of sums) sum.fill(0);
    for (let j = -halfY; j <= halfY; j++) {
      const yy = y - j;
      if (edge === 'zero' && (yy < 0 || yy >= height)) continue;
      const from = Math.min(Math.max(yy, 0), height - 1) * width;
      for (let x = 0; x < width; x++) row[halfX + x] = source[from + x]!;
      if (edge === 'nearest') {
        row.fill(row[halfX]!, 0, halfX);
        row.fill(row[halfX + width - 1]!, halfX + width);
      }
      for (let i = -halfX; i <= halfX; i++) {
        const k = (j + halfY) * kernel.width + i + halfX;
        for (let a = 0, term = 0; a <= order; a++) {
          let weight = 0;
          for (let b = 0; b <= order - a; b++) weight += terms[term++]![k]! * v ** b;
          const sum = sums[a]!;
          for (let x = 0, p = halfX - i; x < width; x++, p++) sum[x]! += weight * row[p]!;
        }
      }
    }
    for (let x = 0; x < width; x++) {
      const u = (x - centreX) / scaleX;
      let value = sums[order]![x]!;
      for (let a = order - 1; a >= 0; a--) value = value * u + sums[a]![x]!;
      target[y * width + x] = value;
    }
  }
}
