// Weighted products of vectors: G_ij = sum_k w_k v_i[k] v_j[k], lower and upper half alike. Products are summed as floats over blocks of 512
// values, the blocks in doubles and in their order.

import { madd } from './lanes';

/** floats of a block */
const BLOCK: i32 = 512;

// @ts-ignore: decorator
@inline
function total(v: v128): f64 {
  return (
    <f64>f32x4.extract_lane(v, 0) +
    <f64>f32x4.extract_lane(v, 1) +
    (<f64>f32x4.extract_lane(v, 2) + <f64>f32x4.extract_lane(v, 3))
  );
}

// @ts-ignore: decorator
@inline
function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/** @param weights `length` floats, or 0. Rows are rows of G; only the upper half is written. */
export function gramMatrix(
  vectors: usize,
  n: i32,
  length: i32,
  weights: usize,
  out: usize,
  i0: i32,
  i1: i32,
  scratch: usize,
): void {
  const stride = <usize>length << 2;
  const left = scratch; // the weighted vectors i and i + 1 of a block
  const right = left + (<usize>BLOCK << 2);
  for (let i = i0; i < i1; i++) memory.fill(out + (<usize>(i * n) << 3), 0, <usize>n << 3);
  for (let from = 0; from < length; from += BLOCK) {
    const size = min(BLOCK, length - from);
    const bytes = <usize>(size & ~3) << 2;
    const base = vectors + (<usize>from << 2);
    const w = weights + (<usize>from << 2);
    for (let i = i0; i < i1; i += 2) {
      const pair = i + 1 < i1;
      const a = base + <usize>i * stride;
      const b = pair ? a + stride : a;
      for (let k: usize = 0; k < bytes; k += 16) {
        const f = weights ? v128.load(w + k) : f32x4.splat(1);
        v128.store(left + k, f32x4.mul(f, v128.load(a + k)));
        v128.store(right + k, f32x4.mul(f, v128.load(b + k)));
      }
      const row = out + (<usize>(i * n) << 3);
      for (let j = i; j < n; j += 4) {
        const p0 = base + <usize>j * stride;
        const p1 = j + 1 < n ? p0 + stride : p0;
        const p2 = j + 2 < n ? p1 + stride : p0;
        const p3 = j + 3 < n ? p2 + stride : p0;
        let a0 = f32x4.splat(0);
        let a1 = a0;
        let a2 = a0;
        let a3 = a0;
        let b0 = a0;
        let b1 = a0;
        let b2 = a0;
        let b3 = a0;
        for (let k: usize = 0; k < bytes; k += 16) {
          const x = v128.load(left + k);
          const y = v128.load(right + k);
          let v = v128.load(p0 + k);
          a0 = madd(a0, x, v);
          b0 = madd(b0, y, v);
          v = v128.load(p1 + k);
          a1 = madd(a1, x, v);
          b1 = madd(b1, y, v);
          v = v128.load(p2 + k);
          a2 = madd(a2, x, v);
          b2 = madd(b2, y, v);
          v = v128.load(p3 + k);
          a3 = madd(a3, x, v);
          b3 = madd(b3, y, v);
        }
        const o = row + (<usize>j << 3);
        addTo(o, total(a0));
        if (j + 1 < n) addTo(o + 8, total(a1));
        if (j + 2 < n) addTo(o + 16, total(a2));
        if (j + 3 < n) addTo(o + 24, total(a3));
        if (pair) {
          const q = o + (<usize>n << 3);
          addTo(q, total(b0));
          if (j + 1 < n) addTo(q + 8, total(b1));
          if (j + 2 < n) addTo(q + 16, total(b2));
          if (j + 3 < n) addTo(q + 24, total(b3));
        }
      }
      for (let k = bytes; k < <usize>size << 2; k += 4) {
        const f = weights ? <f64>load<f32>(w + k) : 1;
        const x = f * <f64>load<f32>(a + k);
        const y = f * <f64>load<f32>(b + k);
        for (let j = i; j < n; j++) {
          const v = <f64>load<f32>(base + <usize>j * stride + k);
          addTo(row + (<usize>j << 3), x * v);
          if (pair) addTo(row + (<usize>(n + j) << 3), y * v);
        }
      }
    }
  }
}
