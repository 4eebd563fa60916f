// Separable convolution with a symmetric kernel; pixels outside the plane count as zero. Cost: 2 taps per pixel and pass.

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
 * `target` may not be `source`. Sums run in Float64 along rows, Float32 storage between the passes.
 */
export function convolveSeparable(
  source: Float32Array,
  width: number,
  height: number,
  taps: Float64Array,
  target: Float32Array = new Float32Array(width * height),
): Float32Array {
  const half = taps.length - 1;
  const padded = new Float64Array(width + 2 * half);
  for (let y = 0; y < height; y++) {
    // vertical first, into one padded row that stays in cache, then horizontal from it
    const centre = taps[0]!;
    const o = y * width;
    for (let x = 0; x < width; x++) padded[half + x] = centre * source[o + x]!;
    for (let k = 1; k <= half; k++) {
      const tap = taps[k]!;
      const up = y - k >= 0 ? o - k * width : -1;
      const down = y + k < height ? o + k * width : -1;
      if (up >= 0 && down >= 0)
        for (let x = 0; x < width; x++) padded[half + x]! += tap * (source[up + x]! + source[down + x]!);
      else if (up >= 0) for (let x = 0; x < width; x++) padded[half + x]! += tap * source[up + x]!;
      else if (down >= 0) for (let x = 0; x < width; x++) padded[half + x]! += tap * source[down + x]!;
    }
    for (let x = 0; x < width; x++) {
      let sum = centre * padded[half + x]!;
      for (let k = 1; k <= half; k++) sum += taps[k]! * (padded[half + x - k]! + padded[half + x + k]!);
      target[o + x] = sum;
    }
  }
  return target;
}
