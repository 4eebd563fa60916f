// Mesh statistics in plain TypeScript. The median of the histogram is found by walking from both ends, as SExtractor does.

import type { MeshOptions, MeshStatistics } from '../mesh.js';

const { abs, floor, max, min, sqrt } = Math;

export function meshStatisticsReference({
  source,
  mask,
  badBits = -1,
  xEdges,
  yEdges,
  statistic,
  nSigma = 3,
  iterations = 5,
  leastFraction = 0,
}: MeshOptions): MeshStatistics {
  const columns = xEdges.length - 1;
  const rows = yEdges.length - 1;
  const level = new Float64Array(columns * rows).fill(NaN);
  const sigma = new Float64Array(columns * rows).fill(NaN);
  const count = new Int32Array(columns * rows);
  const { width, data } = source;
  let values = new Float32Array(4096);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const [x0, x1, y0, y1] = [xEdges[i]!, xEdges[i + 1]!, yEdges[j]!, yEdges[j + 1]!];
      const area = (x1 - x0) * (y1 - y0);
      if (area > values.length) values = new Float32Array(area);
      let n = 0;
      for (let y = y0; y < y1; y++)
        for (let k = y * width + x0, end = y * width + x1; k < end; k++) {
          const value = data[k]!;
          if (value - value === 0 && (mask === undefined || (mask.data[k]! & badBits) === 0)) values[n++] = value;
        }
      const cell = j * columns + i;
      count[cell] = n;
      if (n === 0 || n < leastFraction * area) continue;
      const found = statistic === 'mode' ? modeOf(values, n, area) : clippedMeanOf(values, n, nSigma, iterations);
      if (found === undefined) continue;
      level[cell] = found.level;
      sigma[cell] = found.sigma;
    }
  return { columns, rows, level, sigma, count };
}

interface Cell {
  readonly level: number;
  readonly sigma: number;
}

function clippedMeanOf(values: Float32Array, n: number, nSigma: number, iterations: number): Cell {
  let { count, mean, sigma } = momentsWithin(values, n, -Infinity, Infinity);
  for (let pass = 0; pass < iterations; pass++) {
    const next = momentsWithin(values, n, mean - nSigma * sigma, mean + nSigma * sigma);
    if (next.count === count || next.count === 0) break;
    ({ count, mean, sigma } = next);
  }
  return { level: mean, sigma };
}

function modeOf(values: Float32Array, n: number, area: number): Cell | undefined {
  if (n < 0.5 * area) return undefined;
  const all = momentsWithin(values, n, -Infinity, Infinity);
  const { count, mean, sigma } = momentsWithin(values, n, all.mean - 2 * all.sigma, all.mean + 2 * all.sigma);
  if (count < 0.5 * area || count === 0) return undefined;
  if (!(sigma > 0)) return { level: mean, sigma: 0 };
  const levels = min(4096, floor(sqrt(2 / Math.PI) * 1.25 * count + 1));
  const scale = (10 * sigma) / levels;
  const zero = mean - 5 * sigma;
  const histogram = new Int32Array(levels);
  for (let k = 0; k < n; k++) {
    const bin = floor((values[k]! - zero) / scale + 0.499999);
    if (bin >= 0 && bin < levels) histogram[bin]!++;
  }
  let from = 0;
  let to = levels - 1;
  let previous = Infinity;
  // wider than any histogram: when all outliers lie beyond it the first pass finds the clipped sigma again, and must not stop there
  let binSigma = 10 * levels;
  let binMean = 0;
  let binMedian = 0;
  for (let pass = 0; pass < 100 && binSigma >= 0.1 && abs(binSigma / previous - 1) > 1e-4; pass++) {
    previous = binSigma;
    let inside = 0;
    let sum = 0;
    let squares = 0;
    for (let i = from; i <= to; i++) {
      const h = histogram[i]!;
      inside += h;
      sum += h * i;
      squares += h * i * i;
    }
    if (inside === 0) break;
    let i = from;
    let j = to;
    let left = 0;
    let right = 0;
    while (i <= j) {
      if (left < right) left += histogram[i++]!;
      else right += histogram[j--]!;
    }
    const step = max(histogram[i] ?? 0, histogram[max(j, 0)] ?? 0);
    binMedian = j >= 0 && step > 0 ? j + 0.5 + (right - left) / (2 * step) : 0;
    binMean = sum / inside;
    binSigma = sqrt(max(0, squares / inside - binMean * binMean));
    from = max(0, floor(binMedian - 3 * binSigma + 0.5));
    to = min(levels - 1, floor(binMedian + 3 * binSigma + 0.5));
  }
  let position = binMean;
  if (binSigma > 0)
    position = abs((binMean - binMedian) / binSigma) < 0.3 ? 2.5 * binMedian - 1.5 * binMean : binMedian;
  return { level: zero + position * scale, sigma: binSigma * scale };
}

function momentsWithin(values: Float32Array, n: number, low: number, high: number) {
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const value = values[i]!;
    if (value < low || value > high) continue;
    count++;
    sum += value;
    squares += value * value;
  }
  const mean = sum / count;
  return { count, mean, sigma: sqrt(max(0, squares / count - mean * mean)) };
}
