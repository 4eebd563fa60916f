// Smoothing of strongly quantised H-transforms while they are inverted: at each level the differences within a block are drawn
// towards the slopes of the neighbouring blocks, by half a quantisation step at most and never past monotonicity.
// Source: White, Postman & Lattanzi 1992, as the decompressor of cfitsio applies it (ZNAMEn = SMOOTH). O(coefficients).

const { min, max, trunc } = Math;

/** A change of a coefficient towards `wanted` (in units of 1 / `unit`), at most `most` either way. */
const step = (coefficient: number, wanted: number, unit: number, most: number): number =>
  max(min(trunc((wanted - coefficient * unit) / unit), most), -most);

/**
 * One level: block means at even rows and columns of the first `nx` x `ny` entries (rows `stride` apart), with their
 * differences along x (next row), y (next column) and both beside them. `scale` is the quantisation step.
 */
export function smoothLevel(a: Float64Array, nx: number, ny: number, stride: number, scale: number): void {
  const most = Math.floor(scale / 2);
  if (most <= 0) return;
  smoothSlopes(a, most, { from: 2, to: nx - 2, step: 2 * stride, difference: stride }, { to: ny, step: 2 });
  smoothSlopes(a, most, { from: 2, to: ny - 2, step: 2, difference: 1 }, { to: nx, step: 2 * stride });
  smoothCurvature(a, nx, ny, stride, most);
}

/** Differences along one axis, for every line of blocks along the other. */
function smoothSlopes(
  a: Float64Array,
  most: number,
  along: { from: number; to: number; step: number; difference: number },
  across: { to: number; step: number },
): void {
  for (let i = along.from; i < along.to; i += 2)
    for (let j = 0; j < across.to; j += 2) {
      const at = (i / 2) * along.step + (j / 2) * across.step;
      const before = a[at - along.step]!;
      const here = a[at]!;
      const after = a[at + along.step]!;
      const highest = 4 * max(min(after - here, here - before), 0);
      const lowest = 4 * min(max(after - here, here - before), 0);
      if (lowest >= highest) continue;
      const wanted = max(min(after - before, highest), lowest);
      a[at + along.difference]! += step(a[at + along.difference]!, wanted, 8, most);
    }
}

function smoothCurvature(a: Float64Array, nx: number, ny: number, stride: number, most: number): void {
  for (let i = 2; i < nx - 2; i += 2)
    for (let j = 2; j < ny - 2; j += 2) {
      const at = i * stride + j;
      const here = a[at]!;
      const mm = a[at - 2 * stride - 2]!;
      const pm = a[at + 2 * stride - 2]!;
      const mp = a[at - 2 * stride + 2]!;
      const pp = a[at + 2 * stride + 2]!;
      const x2 = 2 * a[at + stride]!;
      const y2 = 2 * a[at + 1]!;
      const highest =
        16 *
        min(
          max(pp - here, 0) - x2 - y2,
          max(here - pm, 0) + x2 - y2,
          max(here - mp, 0) - x2 + y2,
          max(mm - here, 0) + x2 + y2,
        );
      const lowest =
        16 *
        max(
          min(pp - here, 0) - x2 - y2,
          min(here - pm, 0) + x2 - y2,
          min(here - mp, 0) - x2 + y2,
          min(mm - here, 0) + x2 + y2,
        );
      if (lowest >= highest) continue;
      const wanted = max(min(pp + mm - mp - pm, highest), lowest);
      a[at + stride + 1]! += step(a[at + stride + 1]!, wanted, 64, most);
    }
}
