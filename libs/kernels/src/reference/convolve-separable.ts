import type { Edge } from '../convolve-separable.js';

/** Separable convolution in plain TypeScript, sums in Float64. */
export function convolveSeparableReference(
  source: Float32Array,
  width: number,
  height: number,
  vertical: ArrayLike<number>,
  horizontal: ArrayLike<number>,
  edge: Edge,
  target: Float32Array,
): void {
  const halfY = vertical.length - 1;
  const halfX = horizontal.length - 1;
  const nearest = edge === 'nearest';
  const row = new Float64Array(width + 2 * halfX);
  for (let y = 0; y < height; y++) {
    const here = y * width;
    const centre = vertical[0]!;
    for (let x = 0; x < width; x++) row[halfX + x] = centre * source[here + x]!;
    for (let k = 1; k <= halfY; k++) {
      const tap = vertical[k]!;
      for (const yy of [y - k, y + k]) {
        const inside = yy >= 0 && yy < height;
        if (!inside && !nearest) continue;
        const there = Math.min(Math.max(yy, 0), height - 1) * width;
        for (let x = 0; x < width; x++) row[halfX + x]! += tap * source[there + x]!;
      }
    }
    if (nearest && width > 0) {
      row.fill(row[halfX]!, 0, halfX);
      row.fill(row[halfX + width - 1]!, halfX + width);
    }
    for (let x = 0; x < width; x++) {
      let sum = horizontal[0]! * row[halfX + x]!;
      for (let k = 1; k <= halfX; k++) sum += horizontal[k]! * (row[halfX + x - k]! + row[halfX + x + k]!);
      target[here + x] = sum;
    }
  }
}
