/** Median of a square neighbourhood in plain TypeScript: insertion into a sorted window per pixel. */
export function medianFilterReference(
  source: Float32Array,
  width: number,
  height: number,
  size: number,
  target: Float32Array,
): void {
  const half = size >> 1;
  const window = new Float32Array(size * size);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let n = 0;
      for (let j = -half; j <= half; j++) {
        const row = Math.min(Math.max(y + j, 0), height - 1) * width;
        for (let i = -half; i <= half; i++) {
          const pixel = source[row + Math.min(Math.max(x + i, 0), width - 1)]!;
          const value = pixel === pixel ? pixel : Infinity;
          let k = n++;
          while (k > 0 && window[k - 1]! > value) {
            window[k] = window[k - 1]!;
            k--;
          }
          window[k] = value;
        }
      }
      const median = window[(size * size) >> 1]!;
      target[y * width + x] = median === Infinity ? NaN : median;
    }
}
