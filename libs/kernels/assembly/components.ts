// Threshold and connected components (8 neighbours). Rows become bits, 64 pixels to a word; bits become runs; runs that touch are joined
// by union-find. A run is four integers: y, first x, last x, label.

import { rowOf } from './lanes';

/**
 * Bit x of a row is set where sign * source > threshold (* limit, when there is a plane of limits); NaN never is.
 * Writes `words` 64-bit words and the number of runs of each row.
 */
export function thresholdBits(
  source: usize,
  limit: usize,
  threshold: f32,
  sign: f32,
  width: i32,
  bits: usize,
  words: i32,
  runCounts: usize,
  y0: i32,
  y1: i32,
  _scratch: usize,
): void {
  const t = f32x4.splat(threshold);
  const s = f32x4.splat(sign);
  for (let y = y0; y < y1; y++) {
    const p = rowOf(source, width, y);
    const q = rowOf(limit, width, y);
    const row = bits + ((<usize>y * <usize>words) << 3);
    let carry: u64 = 0;
    let runs: i32 = 0;
    for (let w = 0; w < words; w++) {
      let word: u64 = 0;
      const end = min(64, width - (w << 6));
      let k = 0;
      for (; k + 16 <= end; k += 16) {
        const o = <usize>((w << 6) + k) << 2;
        let t0 = t;
        let t1 = t;
        let t2 = t;
        let t3 = t;
        if (limit) {
          t0 = f32x4.mul(t, v128.load(q + o));
          t1 = f32x4.mul(t, v128.load(q + o, 16));
          t2 = f32x4.mul(t, v128.load(q + o, 32));
          t3 = f32x4.mul(t, v128.load(q + o, 48));
        }
        const m0 = f32x4.gt(f32x4.mul(s, v128.load(p + o)), t0);
        const m1 = f32x4.gt(f32x4.mul(s, v128.load(p + o, 16)), t1);
        const m2 = f32x4.gt(f32x4.mul(s, v128.load(p + o, 32)), t2);
        const m3 = f32x4.gt(f32x4.mul(s, v128.load(p + o, 48)), t3);
        const bytes = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(m0, m1), i16x8.narrow_i32x4_s(m2, m3));
        word |= (<u64>(<u32>i8x16.bitmask(bytes))) << <u64>k;
      }
      for (; k < end; k++) {
        const o = <usize>((w << 6) + k) << 2;
        const bound = limit ? threshold * load<f32>(q + o) : threshold;
        if (sign * load<f32>(p + o) > bound) word |= (<u64>1) << <u64>k;
      }
      store<u64>(row + (<usize>w << 3), word);
      runs += <i32>popcnt<u64>(word & ~((word << 1) | carry));
      carry = word >> 63;
    }
    store<i32>(runCounts + (<usize>y << 2), runs);
  }
}

/** Writes the runs of row y from index rowStart[y] on. */
export function extractRuns(
  bits: usize,
  words: i32,
  rowStart: usize,
  runs: usize,
  y0: i32,
  y1: i32,
  _scratch: usize,
): void {
  for (let y = y0; y < y1; y++) {
    let run = runs + (<usize>load<i32>(rowStart + (<usize>y << 2)) << 4);
    const row = bits + ((<usize>y * <usize>words) << 3);
    let open = false;
    for (let w = 0; w < words; w++) {
      let word = load<u64>(row + (<usize>w << 3));
      if (open) word = ~word; // bit 1 wherever the state changes next
      let x = 0;
      while (word) {
        const step = <i32>ctz<u64>(word);
        x += step;
        if (open) {
          store<i32>(run, (w << 6) + x - 1, 8);
          run += 16;
        } else {
          store<i32>(run, y);
          store<i32>(run, (w << 6) + x, 4);
        }
        open = !open;
        word = ~(word >> <u64>step);
        // only 64 - x bits are left of this word
        if (x < 64) word &= u64.MAX_VALUE >> <u64>x;
      }
    }
    if (open) store<i32>(run, (words << 6) - 1, 8);
  }
}

// @ts-ignore: decorator
@inline
function parentOf(parents: usize, a: i32): i32 {
  return load<i32>(parents + (<usize>a << 2));
}

function rootOf(parents: usize, a: i32): i32 {
  let root = a;
  while (parentOf(parents, root) != root) root = parentOf(parents, root);
  while (a != root) {
    const next = parentOf(parents, a);
    store<i32>(parents + (<usize>a << 2), root);
    a = next;
  }
  return root;
}

/** Joins the runs of neighbouring rows and numbers the components in the order of their first pixels. Serial: rows are 0..1. */
export function joinRuns(
  runs: usize,
  rowStart: usize,
  height: i32,
  parents: usize,
  result: usize,
  _from: i32,
  _to: i32,
  _scratch: usize,
): void {
  const total = load<i32>(rowStart + (<usize>height << 2));
  for (let i = 0; i < total; i++) store<i32>(parents + (<usize>i << 2), i);
  for (let y = 1; y < height; y++) {
    let above = load<i32>(rowStart + (<usize>(y - 1) << 2));
    const here = load<i32>(rowStart + (<usize>y << 2));
    const end = load<i32>(rowStart + (<usize>(y + 1) << 2));
    for (let run = here; run < end; run++) {
      const x0 = load<i32>(runs + (<usize>run << 4), 4);
      const x1 = load<i32>(runs + (<usize>run << 4), 8);
      while (above < here && load<i32>(runs + (<usize>above << 4), 8) < x0 - 1) above++;
      let root = run;
      for (let k = above; k < here && load<i32>(runs + (<usize>k << 4), 4) <= x1 + 1; k++) {
        const other = rootOf(parents, k);
        if (other == root) continue;
        // the smaller index is the root: that of the first pixel
        if (other < root) {
          store<i32>(parents + (<usize>root << 2), other);
          root = other;
        } else store<i32>(parents + (<usize>other << 2), root);
      }
    }
  }
  let labels = 0;
  for (let i = 0; i < total; i++) {
    const parent = parentOf(parents, i);
    const label = parent == i ? labels++ : load<i32>(runs + (<usize>rootOf(parents, i) << 4), 12);
    store<i32>(runs + (<usize>i << 4), label, 12);
  }
  store<i32>(result, labels);
}

/** label + 1 at each pixel of a run, 0 elsewhere */
export function paintLabels(
  runs: usize,
  rowStart: usize,
  labels: usize,
  width: i32,
  y0: i32,
  y1: i32,
  _scratch: usize,
): void {
  memory.fill(rowOf(labels, width, y0), 0, (<usize>(y1 - y0) * <usize>width) << 2);
  const first = load<i32>(rowStart + (<usize>y0 << 2));
  const end = load<i32>(rowStart + (<usize>y1 << 2));
  for (let i = first; i < end; i++) {
    const run = runs + (<usize>i << 4);
    const row = rowOf(labels, width, load<i32>(run));
    const label = load<i32>(run, 12) + 1;
    const last = load<i32>(run, 8);
    for (let x = load<i32>(run, 4); x <= last; x++) store<i32>(row + (<usize>x << 2), label);
  }
}
