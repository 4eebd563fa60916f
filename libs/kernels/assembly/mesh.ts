// Statistics of the cells of a mesh. The usable pixels of a cell are packed together first; all later passes run over packed values in
// the cache, in doubles, so that they neither test masks nor lose digits to a bright pixel.

import { highF64, isFiniteF32, lowF64, rowOf, sumF64 } from './lanes';

const LEVELS: i32 = 4096;
/** values a cell can have */
export const CELL: i32 = 262144;

let sum: f64 = 0;
let squares: f64 = 0;
let count: i32 = 0;

/** Packs the finite pixels without any of `badBits` to `out`; leaves their count, sum and sum of squares. */
function pack(source: usize, mask: usize, badBits: i32, width: i32, x0: i32, x1: i32, y0: i32, y1: i32, out: usize): void {
  let s = f64x2.splat(0);
  let q = f64x2.splat(0);
  let tailSum: f64 = 0;
  let tailSquares: f64 = 0;
  const bits = i32x4.splat(badBits);
  const start = out;
  for (let y = y0; y < y1; y++) {
    const p = rowOf(source, width, y);
    const m = rowOf(mask, width, y);
    let x = x0;
    for (; x + 4 <= x1; x += 4) {
      const v = v128.load(p + (<usize>x << 2));
      let ok = isFiniteF32(v);
      if (mask) ok = v128.and(ok, i32x4.eq(v128.and(v128.load(m + (<usize>x << 2)), bits), i32x4.splat(0)));
      const k = i32x4.bitmask(ok);
      if (k == 15) {
        v128.store(out, v);
        out += 16;
      } else {
        if (k & 1) {
          store<f32>(out, f32x4.extract_lane(v, 0));
          out += 4;
        }
        if (k & 2) {
          store<f32>(out, f32x4.extract_lane(v, 1));
          out += 4;
        }
        if (k & 4) {
          store<f32>(out, f32x4.extract_lane(v, 2));
          out += 4;
        }
        if (k & 8) {
          store<f32>(out, f32x4.extract_lane(v, 3));
          out += 4;
        }
      }
      const kept = v128.and(v, ok);
      const a = lowF64(kept);
      const b = highF64(kept);
      s = f64x2.add(s, f64x2.add(a, b));
      q = f64x2.add(q, f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
    }
    for (; x < x1; x++) {
      const v = load<f32>(p + (<usize>x << 2));
      if (v - v != 0 || (mask && load<i32>(m + (<usize>x << 2)) & badBits)) continue;
      store<f32>(out, v);
      out += 4;
      tailSum += <f64>v;
      tailSquares += <f64>v * <f64>v;
    }
  }
  count = <i32>((out - start) >> 2);
  sum = sumF64(s) + tailSum;
  squares = sumF64(q) + tailSquares;
}

/** Count, sum and sum of squares of the packed values within [low, high]. */
function within(values: usize, n: i32, low: f64, high: f64): void {
  const lo = f64x2.splat(low);
  const hi = f64x2.splat(high);
  let s = f64x2.splat(0);
  let q = s;
  let c = i64x2.splat(0);
  let p = values;
  const end = values + (<usize>n << 2);
  for (; p + 16 <= end; p += 16) {
    const v = v128.load(p);
    let a = lowF64(v);
    let b = highF64(v);
    const ka = v128.and(f64x2.ge(a, lo), f64x2.le(a, hi));
    const kb = v128.and(f64x2.ge(b, lo), f64x2.le(b, hi));
    a = v128.and(a, ka);
    b = v128.and(b, kb);
    s = f64x2.add(s, f64x2.add(a, b));
    q = f64x2.add(q, f64x2.add(f64x2.mul(a, a), f64x2.mul(b, b)));
    c = i64x2.sub(c, i64x2.add(ka, kb));
  }
  sum = sumF64(s);
  squares = sumF64(q);
  count = <i32>(i64x2.extract_lane(c, 0) + i64x2.extract_lane(c, 1));
  for (; p < end; p += 4) {
    const v = <f64>load<f32>(p);
    if (v < low || v > high) continue;
    sum += v;
    squares += v * v;
    count++;
  }
}

// @ts-ignore: decorator
@inline
function prefix(table: usize, i: i32): f64 {
  return load<f64>(table + (<usize>i << 3));
}

/** SExtractor's estimator (Bertin & Arnouts 1996; facts of background.c). Leaves level and sigma at `out`. */
function mode(values: usize, n: i32, area: i32, tables: usize, level: usize, width: usize): void {
  if (<f64>n < 0.5 * <f64>area || n == 0) return;
  let mean = sum / <f64>n;
  let sigma = Math.sqrt(max(<f64>0, squares / <f64>n - mean * mean));
  within(values, n, mean - 2 * sigma, mean + 2 * sigma);
  if (<f64>count < 0.5 * <f64>area || count == 0) return;
  mean = sum / <f64>count;
  sigma = Math.sqrt(max(<f64>0, squares / <f64>count - mean * mean));
  if (!(sigma > 0)) {
    store<f64>(level, mean);
    store<f64>(width, 0);
    return;
  }
  const levels = min(LEVELS, <i32>Math.floor(Math.sqrt(2 / Math.PI) * 1.25 * <f64>count + 1));
  const scale = (10 * sigma) / <f64>levels;
  const zero = mean - 5 * sigma;
  // bins 1..levels; 0 and levels + 1 take what lies outside. Two histograms, so that neighbours in one bin do not wait for each other
  const first = tables;
  const second = first + (<usize>(LEVELS + 2) << 2);
  memory.fill(first, 0, <usize>(2 * (LEVELS + 2)) << 2);
  const vZero = f64x2.splat(zero);
  const vScale = f64x2.splat(scale);
  const shift = f64x2.splat(0.499999);
  const lowest = f64x2.splat(-1);
  const highest = f64x2.splat(<f64>levels);
  let p = values;
  const end = values + (<usize>n << 2);
  for (; p + 16 <= end; p += 16) {
    const v = v128.load(p);
    const a = f64x2.floor(f64x2.add(f64x2.div(f64x2.sub(lowF64(v), vZero), vScale), shift));
    const b = f64x2.floor(f64x2.add(f64x2.div(f64x2.sub(highF64(v), vZero), vScale), shift));
    const i = i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(f64x2.pmax(a, lowest), highest));
    const j = i32x4.trunc_sat_f64x2_s_zero(f64x2.pmin(f64x2.pmax(b, lowest), highest));
    const i0 = first + <usize>((i32x4.extract_lane(i, 0) + 1) << 2);
    const i1 = second + <usize>((i32x4.extract_lane(i, 1) + 1) << 2);
    store<u32>(i0, load<u32>(i0) + 1);
    store<u32>(i1, load<u32>(i1) + 1);
    const j0 = first + <usize>((i32x4.extract_lane(j, 0) + 1) << 2);
    const j1 = second + <usize>((i32x4.extract_lane(j, 1) + 1) << 2);
    store<u32>(j0, load<u32>(j0) + 1);
    store<u32>(j1, load<u32>(j1) + 1);
  }
  for (; p < end; p += 4) {
    const bin = Math.floor((<f64>load<f32>(p) - zero) / scale + 0.499999);
    const i = first + <usize>((<i32>min(max(bin, <f64>-1), <f64>levels) + 1) << 2);
    store<u32>(i, load<u32>(i) + 1);
  }
  // running sums, so that a clipping step costs a bisection: entry b is of the bins below b
  const counts = second + (<usize>(LEVELS + 2) << 2);
  const sums = counts + (<usize>(LEVELS + 1) << 3);
  const squareSums = sums + (<usize>(LEVELS + 1) << 3);
  let c: f64 = 0;
  let s: f64 = 0;
  let q: f64 = 0;
  store<f64>(counts, 0);
  store<f64>(sums, 0);
  store<f64>(squareSums, 0);
  for (let b = 0; b < levels; b++) {
    const o = <usize>(b + 1) << 2;
    const h = <f64>(load<u32>(first + o) + load<u32>(second + o));
    const t = h * <f64>b;
    c += h;
    s += t;
    q += t * <f64>b;
    store<f64>(counts + (o << 1), c);
    store<f64>(sums + (o << 1), s);
    store<f64>(squareSums + (o << 1), q);
  }
  let from = 0;
  let to = levels - 1;
  let previous: f64 = Infinity;
  // wider than any histogram: when all outliers lie beyond it the first pass finds the clipped sigma again, and must not stop there
  let binSigma = 10 * <f64>levels;
  let binMean: f64 = 0;
  let binMedian: f64 = 0;
  for (let pass = 0; pass < 100 && binSigma >= 0.1 && Math.abs(binSigma / previous - 1) > 1e-4; pass++) {
    previous = binSigma;
    if (to < from) break;
    const below = prefix(counts, from);
    const inside = prefix(counts, to + 1) - below;
    if (inside == 0) break;
    // the bin in which half of the values is passed
    const half = 0.5 * inside;
    let a = from;
    let b = to;
    while (a < b) {
      const m = (a + b) >> 1;
      if (prefix(counts, m + 1) - below >= half) b = m;
      else a = m + 1;
    }
    const lowSum = prefix(counts, a) - below;
    const highSum = prefix(counts, to + 1) - prefix(counts, a + 1);
    // the boundary of two halves that a walk from both ends would find: j | j + 1
    const j = prefix(counts, a + 1) - below == half || lowSum < highSum ? a : a - 1;
    const left = prefix(counts, j + 1) - below;
    const right = inside - left;
    const hj = j >= 0 ? prefix(counts, j + 1) - prefix(counts, j) : 0;
    const hi = j + 1 < levels ? prefix(counts, j + 2) - prefix(counts, j + 1) : 0;
    const step = max(hi, j >= 0 ? hj : hi);
    binMedian = j >= 0 && step > 0 ? <f64>j + 0.5 + (right - left) / (2 * step) : 0;
    binMean = (prefix(sums, to + 1) - prefix(sums, from)) / inside;
    const meanSquare = (prefix(squareSums, to + 1) - prefix(squareSums, from)) / inside;
    binSigma = Math.sqrt(max(<f64>0, meanSquare - binMean * binMean));
    from = <i32>max(<f64>0, Math.floor(binMedian - 3 * binSigma + 0.5));
    to = <i32>min(<f64>(levels - 1), Math.floor(binMedian + 3 * binSigma + 0.5));
  }
  let position = binMean;
  if (binSigma > 0) {
    position = Math.abs((binMean - binMedian) / binSigma) < 0.3 ? 2.5 * binMedian - 1.5 * binMean : binMedian;
  }
  store<f64>(level, zero + position * scale);
  store<f64>(width, binSigma * scale);
}

/** Mean and scatter within nSigma of the mean, iterated until nothing changes. */
function clippedMean(values: usize, n: i32, nSigma: f64, iterations: i32, level: usize, width: usize): void {
  if (n == 0) return;
  let mean = sum / <f64>n;
  let sigma = Math.sqrt(max(<f64>0, squares / <f64>n - mean * mean));
  let kept = n;
  for (let pass = 0; pass < iterations; pass++) {
    within(values, n, mean - nSigma * sigma, mean + nSigma * sigma);
    if (count == kept || count == 0) break;
    kept = count;
    mean = sum / <f64>count;
    sigma = Math.sqrt(max(<f64>0, squares / <f64>count - mean * mean));
  }
  store<f64>(level, mean);
  store<f64>(width, sigma);
}

/**
 * Rows are rows of cells; cell (i, j) covers columns xEdges[i] .. xEdges[i + 1] and rows yEdges[j] .. yEdges[j + 1].
 * Writes level, sigma (NaN for cells with fewer than `leastFraction` usable pixels) and the number of usable pixels.
 */
export function meshStatistics(
  source: usize,
  mask: usize,
  badBits: i32,
  width: i32,
  xEdges: usize,
  yEdges: usize,
  columns: i32,
  useMode: i32,
  nSigma: f64,
  iterations: i32,
  leastFraction: f64,
  level: usize,
  sigma: usize,
  counts: usize,
  j0: i32,
  j1: i32,
  scratch: usize,
): void {
  const values = scratch;
  const tables = values + (<usize>CELL << 2);
  for (let j = j0; j < j1; j++) {
    const y0 = load<i32>(yEdges + (<usize>j << 2));
    const y1 = load<i32>(yEdges + (<usize>j << 2), 4);
    for (let i = 0; i < columns; i++) {
      const x0 = load<i32>(xEdges + (<usize>i << 2));
      const x1 = load<i32>(xEdges + (<usize>i << 2), 4);
      const cell = <usize>(j * columns + i);
      const area = (x1 - x0) * (y1 - y0);
      pack(source, mask, badBits, width, x0, x1, y0, y1, values);
      const n = count;
      store<i32>(counts + (cell << 2), n);
      store<f64>(level + (cell << 3), NaN);
      store<f64>(sigma + (cell << 3), NaN);
      if (<f64>n < leastFraction * <f64>area) continue;
      if (useMode) mode(values, n, area, tables, level + (cell << 3), sigma + (cell << 3));
      else clippedMean(values, n, nSigma, iterations, level + (cell << 3), sigma + (cell << 3));
    }
  }
}
