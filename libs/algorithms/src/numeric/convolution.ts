// Separable convolution with a symmetric kernel; pixels outside the plane count as zero. Cost: 2 taps per pixel and pass.
import { convolveSeparable as convolveRows } from '#libs/kernels';
import { overRowTiles } from './pixel-kernels.js';

/** A sampled Gaussian of the given sigma [px], `half` taps either side, sum 1. */
export function gaussianTaps(sigma: number, half = Math.max(1, Math.ceil(4 * sigma))): Float64Array {
  const taps = new Float64Array(half + 1);
  let sum = 0;
  for (let i = 0; i <= half; i++) {
    taps[i] = Math.exp(-0.5 * (i / sigma) ** 2);
    sum += i === 0 ? taps[i]! : 2 * taps[i]!;
  }
  return taps.map((tap) => tap / sum);
}

/**
 * Convolves rows and columns with the same symmetric kernel, given by its centre and right half `taps[0..half]`.
 * `target` may not be `source`. Sums are floats: 1e-6 of the sum of magnitudes.
 */
export function convolveSeparable(
  source: Float32Array,
  width: number,
  height: number,
  taps: Float64Array,
  target: Float32Array = new Float32Array(width * height),
): Float32Array {
  overRowTiles(width, height, taps.length - 1, ({ y0, y1, from, to }, kernels) => {
    const tile = { width, height: to - from, data: source.subarray(from * width, to * width) };
    const out = kernels.plane(tile.width, tile.height);
    kernels.run(convolveRows({ source: tile, target: out, taps }));
    target.set(out.data.subarray((y0 - from) * width, (y1 - from) * width), y0 * width);
  });
  return target;
}
