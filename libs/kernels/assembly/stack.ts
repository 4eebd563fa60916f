// Stacks of aligned planes, 16 pixels at a time: the samples of a block lie in scratch as n vectors of 16 floats, sorted by a network
// of comparators where a median is needed. Samples that do not count are infinite while sorting and weigh nothing.

import { isFiniteF32, madd } from './lanes';

const BLOCK: usize = 64; // bytes of 16 floats
const MEDIAN: i32 = 1;
const CLIPPED: i32 = 2;

/** 16 floats (or `pixels` of them, then `pad`) from an address to scratch */
// @ts-ignore: decorator
@inline
function fetch(from: usize, pixels: i32, pad: f32, to: usize): void {
  if (pixels == 16) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    v128.store(to, v128.load(from, 32), 32);
    v128.store(to, v128.load(from, 48), 48);
    return;
  }
  for (let i = 0; i < 16; i++)
    store<f32>(to + (<usize>i << 2), i < pixels ? load<f32>(from + (<usize>i << 2)) : pad);
}

/** value at index `rank` of each lane's sorted samples */
function pick(sorted: usize, rank: v128): v128 {
  const a = load<f32>(sorted + <usize>i32x4.extract_lane(rank, 0) * BLOCK);
  const b = load<f32>(sorted + <usize>i32x4.extract_lane(rank, 1) * BLOCK, 4);
  const c = load<f32>(sorted + <usize>i32x4.extract_lane(rank, 2) * BLOCK, 8);
  const d = load<f32>(sorted + <usize>i32x4.extract_lane(rank, 3) * BLOCK, 12);
  let v = f32x4.splat(a);
  v = f32x4.replace_lane(v, 1, b);
  v = f32x4.replace_lane(v, 2, c);
  return f32x4.replace_lane(v, 3, d);
}

/** median of `count` sorted samples from index `first` on; lanes without samples give the sample at `first` */
// @ts-ignore: decorator
@inline
function medianOf(sorted: usize, first: v128, count: v128): v128 {
  const zero = i32x4.splat(0);
  const low = i32x4.add(first, i32x4.max_s(zero, i32x4.shr_s(i32x4.sub(count, i32x4.splat(1)), 1)));
  const high = i32x4.add(first, i32x4.shr_s(count, 1));
  const a = pick(sorted, low);
  const odd = i32x4.eq(low, high);
  if (i32x4.all_true(odd)) return a;
  const b = pick(sorted, high);
  return v128.bitselect(a, f32x4.mul(f32x4.splat(0.5), f32x4.add(a, b)), odd);
}

/**
 * @param planes, variances, masks  pointers (u32) of n planes; 0 for none
 * @param weights     n floats; with `inverse` each sample weighs weight / variance
 * @param method      0 mean, 1 median, 2 clipped mean
 * @param byVariance  clip at nSigma of each sample's own variance, once, instead of the samples' scatter, `iterations` times
 * @param network     comparators: pairs of byte offsets (u32) between blocks
 * Rows are pixels.
 */
export function stack(
  planes: usize,
  variances: usize,
  masks: usize,
  badBits: i32,
  n: i32,
  weights: usize,
  inverse: i32,
  method: i32,
  nSigma: f32,
  iterations: i32,
  byVariance: i32,
  network: usize,
  comparators: i32,
  out: usize,
  outVariance: usize,
  outCount: usize,
  from: i32,
  to: i32,
  scratch: usize,
): void {
  const size = <usize>n * BLOCK;
  const samples = scratch;
  const noises = samples + size;
  const sorted = noises + size;
  const result = sorted + size; // value, variance, count
  const networkEnd = network + (<usize>comparators << 3);
  const inf = f32x4.splat(Infinity);
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  const bad = i32x4.splat(badBits);
  const k2 = f32x4.splat(nSigma * nSigma);
  for (let i = from; i < to; i += 16) {
    const pixels = min(16, to - i);
    const o = <usize>i << 2;
    for (let k: usize = 0; k < <usize>n; k++) {
      const s = samples + k * BLOCK;
      const v = noises + k * BLOCK;
      fetch(<usize>load<u32>(planes + (k << 2)) + o, pixels, NaN, s);
      if (variances) fetch(<usize>load<u32>(variances + (k << 2)) + o, pixels, 1, v);
      if (masks) fetch(<usize>load<u32>(masks + (k << 2)) + o, pixels, 0, result);
      for (let q: usize = 0; q < BLOCK; q += 16) {
        const x = v128.load(s + q);
        let ok = isFiniteF32(x);
        if (masks) ok = v128.and(ok, i32x4.eq(v128.and(v128.load(result + q), bad), zero));
        if (variances) {
          const noise = v128.load(v + q);
          ok = v128.and(ok, v128.and(f32x4.gt(noise, zero), f32x4.lt(noise, inf)));
        }
        v128.store(s + q, v128.bitselect(x, inf, ok));
      }
    }
    if (method != 0) {
      memory.copy(sorted, samples, size);
      for (let c = network; c < networkEnd; c += 8) {
        const p = sorted + <usize>load<u32>(c);
        const q = sorted + <usize>load<u32>(c, 4);
        const a0 = v128.load(p);
        const a1 = v128.load(p, 16);
        const a2 = v128.load(p, 32);
        const a3 = v128.load(p, 48);
        const b0 = v128.load(q);
        const b1 = v128.load(q, 16);
        const b2 = v128.load(q, 32);
        const b3 = v128.load(q, 48);
        v128.store(p, f32x4.pmin(a0, b0));
        v128.store(p, f32x4.pmin(a1, b1), 16);
        v128.store(p, f32x4.pmin(a2, b2), 32);
        v128.store(p, f32x4.pmin(a3, b3), 48);
        v128.store(q, f32x4.pmax(b0, a0));
        v128.store(q, f32x4.pmax(b1, a1), 16);
        v128.store(q, f32x4.pmax(b2, a2), 32);
        v128.store(q, f32x4.pmax(b3, a3), 48);
      }
    }
    for (let g: usize = 0; g < BLOCK; g += 16) {
      // limits and sums are relative to the first median, so that they keep the digits that count
      let low = f32x4.splat(-Infinity);
      let high = inf;
      let origin = zero;
      if (method != 0) {
        let count = i32x4.splat(0);
        for (let k: usize = 0; k < size; k += BLOCK) count = i32x4.sub(count, f32x4.lt(v128.load(samples + k + g), inf));
        origin = medianOf(sorted + g, i32x4.splat(0), count);
        if (method == CLIPPED && !byVariance) {
          let centre = zero;
          for (let pass = 0; pass < iterations; pass++) {
            let s1 = zero;
            let s2 = zero;
            for (let k: usize = 0; k < size; k += BLOCK) {
              const x = f32x4.sub(v128.load(sorted + k + g), origin);
              const ok = v128.and(f32x4.ge(x, low), v128.and(f32x4.le(x, high), f32x4.lt(x, inf)));
              const d = v128.and(f32x4.sub(x, centre), ok);
              s1 = f32x4.add(s1, d);
              s2 = madd(s2, d, d);
            }
            const per = f32x4.div(one, f32x4.max(one, f32x4.convert_i32x4_s(count)));
            const mean = f32x4.mul(s1, per);
            const spread = f32x4.sqrt(f32x4.pmax(zero, f32x4.sub(f32x4.mul(s2, per), f32x4.mul(mean, mean))));
            const reach = f32x4.mul(f32x4.splat(nSigma), spread);
            const newLow = f32x4.pmax(low, f32x4.sub(centre, reach));
            const newHigh = f32x4.pmin(high, f32x4.add(centre, reach));
            let below = i32x4.splat(0);
            let kept = i32x4.splat(0);
            for (let k: usize = 0; k < size; k += BLOCK) {
              const x = f32x4.sub(v128.load(sorted + k + g), origin);
              below = i32x4.sub(below, f32x4.lt(x, newLow));
              kept = i32x4.sub(kept, v128.and(f32x4.ge(x, newLow), v128.and(f32x4.le(x, newHigh), f32x4.lt(x, inf))));
            }
            low = newLow;
            high = newHigh;
            const same = i32x4.all_true(i32x4.eq(kept, count));
            count = kept;
            if (same) break;
            centre = f32x4.sub(medianOf(sorted + g, i32x4.min_s(below, i32x4.splat(n - 1)), count), origin);
          }
        }
      }
      let w = zero;
      let s = zero;
      let noise = zero;
      let count = i32x4.splat(0);
      for (let k: usize = 0; k < <usize>n; k++) {
        const x = f32x4.sub(v128.load(samples + k * BLOCK + g), origin);
        let ok = v128.and(f32x4.lt(x, inf), v128.and(f32x4.ge(x, low), f32x4.le(x, high)));
        let weight = v128.load32_splat(weights + (k << 2));
        const v = variances ? v128.load(noises + k * BLOCK + g) : one;
        if (method == CLIPPED && byVariance) {
          ok = v128.and(ok, f32x4.le(f32x4.mul(x, x), f32x4.mul(k2, v)));
        }
        if (inverse) weight = f32x4.div(weight, v);
        weight = v128.and(weight, ok);
        w = f32x4.add(w, weight);
        s = f32x4.add(s, f32x4.mul(weight, v128.and(x, ok)));
        noise = f32x4.add(noise, f32x4.mul(f32x4.mul(weight, weight), v128.and(v, ok)));
        count = i32x4.sub(count, ok);
      }
      const some = f32x4.gt(w, zero);
      const value = method == MEDIAN ? origin : f32x4.add(origin, f32x4.div(s, w));
      let error = f32x4.div(f32x4.div(noise, w), w);
      // the median of Gaussian samples: pi / 2 times the variance of their mean
      if (method == MEDIAN) error = f32x4.mul(error, v128.bitselect(f32x4.splat(<f32>(Math.PI / 2)), one, i32x4.gt_s(count, i32x4.splat(2))));
      v128.store(result + g, v128.bitselect(value, f32x4.splat(NaN), some));
      v128.store(result + BLOCK + g, v128.bitselect(error, inf, some));
      v128.store(result + 2 * BLOCK + g, count);
    }
    const bytes = <usize>pixels << 2;
    memory.copy(out + o, result, bytes);
    if (outVariance) memory.copy(outVariance + o, result + BLOCK, bytes);
    if (outCount) memory.copy(outCount + o, result + 2 * BLOCK, bytes);
  }
}
