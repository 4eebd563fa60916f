// Sky background on a mesh. Two estimators per cell:
//   meanClip  3-sigma clipped mean of the unmasked pixels (LSST): right when sources are masked;
//   mode      SExtractor's clipped histogram mode 2.5 median - 1.5 mean (Bertin & Arnouts 1996; facts of background.c): for
//             images whose sources are not masked yet. It reproduces SExtractor's background to 1e-4 of the level.
// Cells without enough pixels take the mean of the nearest good cells; a median filter on the mesh removes what halos left.

import { z } from 'zod';
import { AlgorithmError } from '../errors.js';
import { isFiniteNumber, clippedStatistics, median } from '../numeric/index.js';
import type { BackgroundModel } from './model.js';

const { abs, ceil, floor, max, min, round, sqrt } = Math;

export const BackgroundConfig = z.object({
  meshSize: z.int().min(8).default(128).meta({ unit: 'px', description: 'side of a mesh cell' }),
  statistic: z
    .enum(['meanClip', 'mode'])
    .default('meanClip')
    .meta({ description: 'meanClip: clipped mean of unmasked pixels; mode: the estimator of SExtractor' }),
  filterSize: z.int().min(1).default(3).meta({ unit: 'cells', description: 'side of the median filter on the mesh' }),
  minGoodFraction: z
    .number()
    .min(0)
    .max(1)
    .default(0.1)
    .meta({ description: 'cells with fewer unmasked pixels are filled from their neighbours' }),
});
export type BackgroundConfig = z.output<typeof BackgroundConfig>;

/**
 * Estimates the background of a plane. A pixel with any of `badBits` set in `mask`, or not finite, is left out.
 * @throws AlgorithmError NO_GOOD_PIXELS when no cell has enough pixels
 */
export function estimateBackground(
  plane: { readonly width: number; readonly height: number; readonly data: Float32Array },
  config: BackgroundConfig,
  mask?: Int32Array,
  badBits = -1,
): BackgroundModel {
  const { width, height, data } = plane;
  const mesh = config.meshSize;
  // SExtractor lets the last row and column of cells be cut; meanClip spreads cells evenly so that none is a sliver
  const even = config.statistic === 'meanClip';
  const columns = even ? evenCells(width, mesh) : ceil(width / mesh);
  const rows = even ? evenCells(height, mesh) : ceil(height / mesh);
  const meshWidth = even ? width / columns : min(mesh, width);
  const meshHeight = even ? height / rows : min(mesh, height);
  const level = new Float64Array(columns * rows).fill(NaN);
  const rms = new Float64Array(columns * rows).fill(NaN);
  const buffer = new Float32Array((ceil(meshWidth) + 1) * (ceil(meshHeight) + 1));
  for (let j = 0; j < rows; j++) {
    const y0 = round(j * meshHeight);
    const y1 = min(height, round((j + 1) * meshHeight));
    for (let i = 0; i < columns; i++) {
      const x0 = round(i * meshWidth);
      const x1 = min(width, round((i + 1) * meshWidth));
      let n = 0;
      for (let y = y0; y < y1; y++)
        for (let k = y * width + x0, end = y * width + x1; k < end; k++) {
          const value = data[k]!;
          if (isFiniteNumber(value) && (mask === undefined || (mask[k]! & badBits) === 0)) buffer[n++] = value;
        }
      const area = (x1 - x0) * (y1 - y0);
      if (n === 0 || n < config.minGoodFraction * area) continue;
      const cell = config.statistic === 'mode' ? modeOfCell(buffer, n, area) : clippedStatistics(buffer, n, 3, 5);
      if (cell === undefined) continue;
      level[j * columns + i] = 'mode' in cell ? cell.mode : cell.mean;
      rms[j * columns + i] = cell.sigma;
    }
  }
  if (level.every(Number.isNaN))
    throw new AlgorithmError('NO_GOOD_PIXELS', 'no part of the image has enough unmasked pixels for a background', {
      width,
      height,
    });
  fillInvalid(level, rms, columns);
  const filtered = medianFilter(level, columns, rows, config.filterSize);
  const filteredRms = medianFilter(rms, columns, rows, config.filterSize);
  return {
    width,
    height,
    meshWidth,
    meshHeight,
    columns,
    rows,
    level: Array.from(filtered),
    rms: Array.from(filteredRms),
    globalLevel: median(filtered),
    globalRms: median(filteredRms),
  };
}

/** Cells along one side: as near to the mesh size as whole cells allow, but at least three of 24 px where there is room. */
const evenCells = (side: number, mesh: number): number => max(1, round(side / mesh), min(3, floor(side / 24)));

/** SExtractor's estimator: two-sigma pre-clip, histogram, iterated 3-sigma clip, mode. */
function modeOfCell(values: Float32Array, n: number, area: number): { mode: number; sigma: number } | undefined {
  if (n < 0.5 * area) return undefined;
  let { mean, sigma } = meanSigma(values, n, -Infinity, Infinity);
  const low = mean - 2 * sigma;
  const high = mean + 2 * sigma;
  const clipped = meanSigma(values, n, low, high);
  if (clipped.count < 0.5 * area || clipped.count === 0) return undefined;
  ({ mean, sigma } = clipped);
  if (!(sigma > 0)) return { mode: mean, sigma: 0 };
  const levels = min(4096, floor(sqrt(2 / Math.PI) * 1.25 * clipped.count + 1));
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
    let count = 0;
    let sum = 0;
    let squares = 0;
    for (let i = from; i <= to; i++) {
      const h = histogram[i]!;
      count += h;
      sum += h * i;
      squares += h * i * i;
    }
    if (count === 0) break;
    // the median by walking from both ends, interpolated linearly between the bins where they meet
    let i = from;
    let j = to;
    let lowSum = 0;
    let highSum = 0;
    while (i <= j) {
      if (lowSum < highSum) lowSum += histogram[i++]!;
      else highSum += histogram[j--]!;
    }
    const step = max(histogram[max(i, 0)] ?? 0, histogram[max(j, 0)] ?? 0);
    binMedian = j >= 0 && step > 0 ? j + 0.5 + (highSum - lowSum) / (2 * step) : 0;
    binMean = sum / count;
    binSigma = sqrt(max(0, squares / count - binMean * binMean));
    from = max(0, floor(binMedian - 3 * binSigma + 0.5));
    to = min(levels - 1, floor(binMedian + 3 * binSigma + 0.5));
  }
  const result = binSigma * scale;
  const skew = binSigma > 0 ? abs((binMean - binMedian) / binSigma) : 0;
  const mode =
    binSigma > 0
      ? skew < 0.3
        ? zero + (2.5 * binMedian - 1.5 * binMean) * scale
        : zero + binMedian * scale
      : zero + binMean * scale;
  return { mode, sigma: result };
}

function meanSigma(values: Float32Array, n: number, low: number, high: number) {
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
  const mean = count > 0 ? sum / count : NaN;
  return { count, mean, sigma: sqrt(max(0, squares / count - mean * mean)) };
}

/** Cells without a value take the mean of the nearest valid cells (all at the same smallest distance). */
function fillInvalid(level: Float64Array, rms: Float64Array, columns: number): void {
  const valid: number[] = [];
  const invalid: number[] = [];
  level.forEach((value, index) => (Number.isNaN(value) ? invalid : valid).push(index));
  const source = level.slice();
  const sourceRms = rms.slice();
  for (const index of invalid) {
    let best = Infinity;
    let sum = 0;
    let sumRms = 0;
    let count = 0;
    for (const other of valid) {
      const dx = (index % columns) - (other % columns);
      const dy = floor(index / columns) - floor(other / columns);
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        sum = sumRms = count = 0;
      }
      if (distance === best) {
        sum += source[other]!;
        sumRms += sourceRms[other]!;
        count++;
      }
    }
    level[index] = sum / count;
    rms[index] = sumRms / count;
  }
}

/** Median of each cell's neighbourhood, cut at the edges. */
function medianFilter(mesh: Float64Array, columns: number, rows: number, size: number): Float64Array {
  const half = size >> 1;
  if (half === 0) return mesh;
  const result = new Float64Array(mesh.length);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const hx = min(half, i, columns - 1 - i);
      const hy = min(half, j, rows - 1 - j);
      const around: number[] = [];
      for (let dj = -hy; dj <= hy; dj++)
        for (let di = -hx; di <= hx; di++) around.push(mesh[(j + dj) * columns + i + di]!);
      result[j * columns + i] = median(around);
    }
  return result;
}
