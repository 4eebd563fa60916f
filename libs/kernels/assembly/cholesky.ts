// Cholesky factor and solution in doubles, two lanes wide. Row-major: both triangles of the work run along rows.

import { maddF64, sumF64 } from './lanes';

function dot(a: usize, b: usize, n: i32): f64 {
  let s = f64x2.splat(0);
  let t = s;
  const end = a + (<usize>n << 3);
  while (a + 32 <= end) {
    s = maddF64(s, v128.load(a), v128.load(b));
    t = maddF64(t, v128.load(a, 16), v128.load(b, 16));
    a += 32;
    b += 32;
  }
  let sum = sumF64(f64x2.add(s, t));
  while (a < end) {
    sum += load<f64>(a) * load<f64>(b);
    a += 8;
    b += 8;
  }
  return sum;
}

/**
 * The lower triangle of a becomes L with a = L L^T; four rows at a time against one finished row. `status`: -1, or the row whose pivot is
 * not positive. Serial: rows are 0..1.
 */
export function choleskyFactor(a: usize, n: i32, status: usize, _from: i32, _to: i32, _scratch: usize): void {
  const stride = <usize>n << 3;
  store<i32>(status, -1);
  for (let i = 0; i < n; i += 4) {
    const rows = min(4, n - i);
    const r0 = a + <usize>i * stride;
    let first = 0;
    if (rows == 4) {
      const r1 = r0 + stride;
      const r2 = r1 + stride;
      const r3 = r2 + stride;
      for (let j = 0; j < i; j++) {
        const l = a + <usize>j * stride;
        let s0 = f64x2.splat(0);
        let s1 = s0;
        let s2 = s0;
        let s3 = s0;
        let t0 = s0;
        let t1 = s0;
        let t2 = s0;
        let t3 = s0;
        let k: usize = 0;
        const end = <usize>j << 3;
        for (; k + 32 <= end; k += 32) {
          let v = v128.load(l + k);
          s0 = maddF64(s0, v, v128.load(r0 + k));
          s1 = maddF64(s1, v, v128.load(r1 + k));
          s2 = maddF64(s2, v, v128.load(r2 + k));
          s3 = maddF64(s3, v, v128.load(r3 + k));
          v = v128.load(l + k, 16);
          t0 = maddF64(t0, v, v128.load(r0 + k, 16));
          t1 = maddF64(t1, v, v128.load(r1 + k, 16));
          t2 = maddF64(t2, v, v128.load(r2 + k, 16));
          t3 = maddF64(t3, v, v128.load(r3 + k, 16));
        }
        let d0 = sumF64(f64x2.add(s0, t0));
        let d1 = sumF64(f64x2.add(s1, t1));
        let d2 = sumF64(f64x2.add(s2, t2));
        let d3 = sumF64(f64x2.add(s3, t3));
        for (; k < end; k += 8) {
          const v = load<f64>(l + k);
          d0 += v * load<f64>(r0 + k);
          d1 += v * load<f64>(r1 + k);
          d2 += v * load<f64>(r2 + k);
          d3 += v * load<f64>(r3 + k);
        }
        const pivot = load<f64>(l + end);
        store<f64>(r0 + end, (load<f64>(r0 + end) - d0) / pivot);
        store<f64>(r1 + end, (load<f64>(r1 + end) - d1) / pivot);
        store<f64>(r2 + end, (load<f64>(r2 + end) - d2) / pivot);
        store<f64>(r3 + end, (load<f64>(r3 + end) - d3) / pivot);
      }
      first = i;
    }
    for (let r = i; r < i + rows; r++) {
      const row = a + <usize>r * stride;
      for (let j = first; j <= r; j++) {
        const l = a + <usize>j * stride;
        const o = <usize>j << 3;
        const sum = load<f64>(row + o) - dot(row, l, j);
        if (j < r) store<f64>(row + o, sum / load<f64>(l + o));
        else if (sum > 0 && sum < Infinity) store<f64>(row + o, Math.sqrt(sum));
        else {
          store<i32>(status, r);
          return;
        }
      }
    }
  }
}

/** Solves L L^T x = b in place. Rows are right-hand sides of n values. */
export function choleskySolve(l: usize, n: i32, right: usize, from: i32, to: i32, _scratch: usize): void {
  const stride = <usize>n << 3;
  for (let c = from; c < to; c++) {
    const b = right + <usize>c * stride;
    for (let i = 0; i < n; i++) {
      const o = <usize>i << 3;
      const row = l + <usize>i * stride;
      store<f64>(b + o, (load<f64>(b + o) - dot(row, b, i)) / load<f64>(row + o));
    }
    for (let i = n - 1; i >= 0; i--) {
      const row = l + <usize>i * stride;
      const end = <usize>i << 3;
      const x = load<f64>(b + end) / load<f64>(row + end);
      store<f64>(b + end, x);
      const v = f64x2.splat(-x);
      let k: usize = 0;
      for (; k + 16 <= end; k += 16) v128.store(b + k, maddF64(v128.load(b + k), v, v128.load(row + k)));
      for (; k < end; k += 8) store<f64>(b + k, load<f64>(b + k) - x * load<f64>(row + k));
    }
  }
}
