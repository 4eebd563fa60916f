// Full 3 x 3 and 5 x 5 medians. Columns are sorted once per row into row buffers; then the rows of the sorted columns.
// Of 25 values in an array sorted both ways only 13 can be the median; they lose their extremes one pair at a time (forgetful selection).
// NaN counts as greater than everything. Pixels outside the image repeat its edge.

import { rowOf } from './lanes';
import { copyStrip, STRIP, stripPitch } from './strip';

// @ts-ignore: decorator
@inline
function smaller(a: v128, b: v128): v128 {
  return f32x4.pmin(a, b);
}
// @ts-ignore: decorator
@inline
function larger(a: v128, b: v128): v128 {
  return f32x4.pmax(a, b);
}
// @ts-ignore: decorator
@inline
function middle(a: v128, b: v128, c: v128): v128 {
  return larger(smaller(a, b), smaller(larger(a, b), c));
}
/** NaN to infinity */
// @ts-ignore: decorator
@inline
function ordered(v: v128): v128 {
  return v128.bitselect(v, f32x4.splat(Infinity), f32x4.eq(v, v));
}
/** infinity back to NaN */
// @ts-ignore: decorator
@inline
function finished(v: v128): v128 {
  return v128.bitselect(f32x4.splat(NaN), v, f32x4.eq(v, f32x4.splat(Infinity)));
}

/** bytes of a row buffer */
const ROW: usize = <usize>(STRIP + 64) << 2;

export function median3x3(source: usize, target: usize, width: i32, height: i32, y0: i32, y1: i32, scratch: usize): void {
  const pitch = stripPitch(1);
  const low = scratch + 64;
  const mid = low + ROW;
  const high = mid + ROW;
  const row = high + ROW;
  const strip = row + ROW;
  for (let x0 = 0; x0 < width; x0 += STRIP) {
    const n = min(STRIP, width - x0);
    copyStrip(source, width, height, x0 - 1, n + 2, y0 - 1, y1 + 1, 1, strip, pitch);
    const bytes = <usize>n << 2;
    for (let y = y0; y < y1; y++) {
      const p = strip + <usize>(y - y0) * pitch;
      // sorted columns; buffer offset 0 is the column left of the first
      for (let x: usize = 0; x < bytes + 8; x += 16) {
        const a = ordered(v128.load(p + x));
        const b = ordered(v128.load(p + pitch + x));
        const c = ordered(v128.load(p + 2 * pitch + x));
        const l = smaller(a, b);
        const u = larger(a, b);
        const t = smaller(u, c);
        v128.store(high + x, larger(u, c));
        v128.store(low + x, smaller(l, t));
        v128.store(mid + x, larger(l, t));
      }
      for (let x: usize = 0; x < bytes; x += 16) {
        const a = larger(larger(v128.load(low + x), v128.load(low + x, 4)), v128.load(low + x, 8));
        const b = middle(v128.load(mid + x), v128.load(mid + x, 4), v128.load(mid + x, 8));
        const c = smaller(smaller(v128.load(high + x), v128.load(high + x, 4)), v128.load(high + x, 8));
        v128.store(row + x, finished(middle(a, b, c)));
      }
      memory.copy(rowOf(target, width, y) + (<usize>x0 << 2), row, bytes);
    }
  }
}

export function median5x5(source: usize, target: usize, width: i32, height: i32, y0: i32, y1: i32, scratch: usize): void {
  const pitch = stripPitch(2);
  const r0 = scratch + 64;
  const r1 = r0 + ROW;
  const r2 = r1 + ROW;
  const r3 = r2 + ROW;
  const r4 = r3 + ROW;
  const row = r4 + ROW;
  const strip = row + ROW;
  for (let x0 = 0; x0 < width; x0 += STRIP) {
    const n = min(STRIP, width - x0);
    copyStrip(source, width, height, x0 - 2, n + 4, y0 - 2, y1 + 2, 1, strip, pitch);
    const bytes = <usize>n << 2;
    for (let y = y0; y < y1; y++) {
      const p = strip + <usize>(y - y0) * pitch;
      let t: v128, a: v128, b: v128, c: v128, d: v128, e: v128;
      for (let x: usize = 0; x < bytes + 16; x += 16) {
        a = ordered(v128.load(p + x));
        b = ordered(v128.load(p + pitch + x));
        c = ordered(v128.load(p + 2 * pitch + x));
        d = ordered(v128.load(p + 3 * pitch + x));
        e = ordered(v128.load(p + 4 * pitch + x));
        t = smaller(a, b); b = larger(a, b); a = t;
        t = smaller(d, e); e = larger(d, e); d = t;
        t = smaller(c, e); e = larger(c, e); c = t;
        t = smaller(c, d); d = larger(c, d); c = t;
        t = smaller(b, e); e = larger(b, e); b = t;
        t = smaller(a, d); d = larger(a, d); a = t;
        t = smaller(a, c); c = larger(a, c); a = t;
        t = smaller(b, d); d = larger(b, d); b = t;
        t = smaller(b, c); c = larger(b, c); b = t;
        v128.store(r0 + x, a); v128.store(r1 + x, b); v128.store(r2 + x, c); v128.store(r3 + x, d); v128.store(r4 + x, e);
      }
      median5x5Row(r0, r1, r2, r3, r4, row, bytes);
      memory.copy(rowOf(target, width, y) + (<usize>x0 << 2), row, bytes);
    }
  }
}

/** mij: the value of rank j in row i of the sorted columns, where it can still be the median */
function median5x5Row(r0: usize, r1: usize, r2: usize, r3: usize, r4: usize, row: usize, bytes: usize): void {
  let t: v128, a: v128, b: v128, c: v128, d: v128, e: v128;
  for (let x: usize = 0; x < bytes; x += 16) {
    a = v128.load(r0 + x); b = v128.load(r0 + x, 4); c = v128.load(r0 + x, 8);
    d = v128.load(r0 + x, 12); e = v128.load(r0 + x, 16);
    t = smaller(a, b); b = larger(a, b); a = t;
    t = smaller(d, e); e = larger(d, e); d = t;
    t = smaller(c, e); e = larger(c, e); c = t;
    d = larger(c, d);
    t = smaller(b, e); e = larger(b, e); b = t;
    d = larger(a, d);
    d = larger(b, d);
    let m03 = d; let m04 = e;
    a = v128.load(r1 + x); b = v128.load(r1 + x, 4); c = v128.load(r1 + x, 8);
    d = v128.load(r1 + x, 12); e = v128.load(r1 + x, 16);
    t = smaller(a, b); b = larger(a, b); a = t;
    t = smaller(d, e); e = larger(d, e); d = t;
    t = smaller(c, e); e = larger(c, e); c = t;
    t = smaller(c, d); d = larger(c, d); c = t;
    t = smaller(b, e); e = larger(b, e); b = t;
    t = smaller(a, d); d = larger(a, d); a = t;
    c = larger(a, c);
    t = smaller(b, d); d = larger(b, d); b = t;
    c = larger(b, c);
    let m12 = c; let m13 = d; let m14 = e;
    a = v128.load(r2 + x); b = v128.load(r2 + x, 4); c = v128.load(r2 + x, 8);
    d = v128.load(r2 + x, 12); e = v128.load(r2 + x, 16);
    t = smaller(a, b); b = larger(a, b); a = t;
    t = smaller(d, e); e = larger(d, e); d = t;
    t = smaller(c, e); e = larger(c, e); c = t;
    t = smaller(c, d); d = larger(c, d); c = t;
    b = smaller(b, e);
    t = smaller(a, d); d = larger(a, d); a = t;
    c = larger(a, c);
    t = smaller(b, d); d = larger(b, d); b = t;
    t = smaller(b, c); c = larger(b, c); b = t;
    let m21 = b; let m22 = c; let m23 = d;
    a = v128.load(r3 + x); b = v128.load(r3 + x, 4); c = v128.load(r3 + x, 8);
    d = v128.load(r3 + x, 12); e = v128.load(r3 + x, 16);
    t = smaller(a, b); b = larger(a, b); a = t;
    t = smaller(d, e); e = larger(d, e); d = t;
    t = smaller(c, e); e = larger(c, e); c = t;
    t = smaller(c, d); d = larger(c, d); c = t;
    b = smaller(b, e);
    t = smaller(a, d); d = larger(a, d); a = t;
    t = smaller(a, c); c = larger(a, c); a = t;
    b = smaller(b, d);
    t = smaller(b, c); c = larger(b, c); b = t;
    let m30 = a; let m31 = b; let m32 = c;
    a = v128.load(r4 + x); b = v128.load(r4 + x, 4); c = v128.load(r4 + x, 8);
    d = v128.load(r4 + x, 12); e = v128.load(r4 + x, 16);
    t = smaller(a, b); b = larger(a, b); a = t;
    t = smaller(d, e); e = larger(d, e); d = t;
    t = smaller(c, e); e = larger(c, e); c = t;
    t = smaller(c, d); d = larger(c, d); c = t;
    b = smaller(b, e);
    t = smaller(a, d); d = larger(a, d); a = t;
    t = smaller(a, c); c = larger(a, c); a = t;
    b = smaller(b, d);
    b = smaller(b, c);
    let m40 = a; let m41 = b;
    t = smaller(m03, m04); m04 = larger(m03, m04); m03 = t;
    t = smaller(m12, m13); m13 = larger(m12, m13); m12 = t;
    t = smaller(m14, m21); m21 = larger(m14, m21); m14 = t;
    t = smaller(m22, m23); m23 = larger(m22, m23); m22 = t;
    t = smaller(m03, m12); m12 = larger(m03, m12); m03 = t;
    t = smaller(m03, m14); m14 = larger(m03, m14); m03 = t;
    m22 = larger(m03, m22);
    t = smaller(m13, m04); m04 = larger(m13, m04); m13 = t;
    t = smaller(m21, m04); m04 = larger(m21, m04); m21 = t;
    m23 = smaller(m23, m04);
    t = smaller(m12, m13); m13 = larger(m12, m13); m12 = t;
    t = smaller(m14, m21); m21 = larger(m14, m21); m14 = t;
    t = smaller(m22, m23); m23 = larger(m22, m23); m22 = t;
    t = smaller(m12, m14); m14 = larger(m12, m14); m12 = t;
    t = smaller(m12, m22); m22 = larger(m12, m22); m12 = t;
    m30 = larger(m12, m30);
    t = smaller(m21, m13); m13 = larger(m21, m13); m21 = t;
    t = smaller(m23, m13); m13 = larger(m23, m13); m23 = t;
    m30 = smaller(m30, m13);
    t = smaller(m14, m21); m21 = larger(m14, m21); m14 = t;
    t = smaller(m22, m23); m23 = larger(m22, m23); m22 = t;
    t = smaller(m30, m31); m31 = larger(m30, m31); m30 = t;
    t = smaller(m14, m22); m22 = larger(m14, m22); m14 = t;
    m30 = larger(m14, m30);
    t = smaller(m23, m21); m21 = larger(m23, m21); m23 = t;
    m31 = smaller(m31, m21);
    t = smaller(m22, m23); m23 = larger(m22, m23); m22 = t;
    t = smaller(m30, m31); m31 = larger(m30, m31); m30 = t;
    t = smaller(m22, m30); m30 = larger(m22, m30); m22 = t;
    m32 = larger(m22, m32);
    t = smaller(m31, m23); m23 = larger(m31, m23); m31 = t;
    m32 = smaller(m32, m23);
    t = smaller(m30, m31); m31 = larger(m30, m31); m30 = t;
    t = smaller(m32, m40); m40 = larger(m32, m40); m32 = t;
    m32 = larger(m30, m32);
    m40 = smaller(m40, m31);
    v128.store(row + x, finished(middle(m32, m40, m41)));
  }
}
