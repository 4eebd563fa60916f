// Lanczos resampling. Source coordinates are known on a grid and linear between its points; weights are tabulated by sub-pixel phase.
// Rows are weighted first, as vectors of columns; one horizontal sum ends a pixel. Only the taps are read: nothing beyond them can spoil a pixel.

import { madd, rowOf } from './lanes';

const ONE_PIXEL: f64 = 4294967296;
const HALF_PIXEL: i64 = 2147483648;
/** positions beyond are on no image */
const FARTHEST: f64 = 1e9;

// @ts-ignore: decorator
@inline
function sumOf(v: v128): f32 {
  return (
    f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3))
  );
}

/** sum over 2 order x 2 order taps from `p`; row weights at `wy`, column weights at `wx`. Two rows at a time, in sums of their own */
// @ts-ignore: decorator
@inline
function weighted(p: usize, bytes: usize, wx: usize, wy: usize, order: i32): f32 {
  let w = v128.load32_splat(wy);
  let a = f32x4.mul(w, v128.load(p));
  let b = f32x4.mul(w, second(p, order));
  let c = order == 5 ? f32x4.mul(w, v128.load64_zero(p, 32)) : a;
  p += bytes;
  w = v128.load32_splat(wy, 4);
  let d = f32x4.mul(w, v128.load(p));
  let e = f32x4.mul(w, second(p, order));
  let f = order == 5 ? f32x4.mul(w, v128.load64_zero(p, 32)) : a;
  for (let k = 1; k < order; k++) {
    p += bytes;
    w = v128.load32_splat(wy, 8);
    a = madd(a, w, v128.load(p));
    b = madd(b, w, second(p, order));
    if (order == 5) c = madd(c, w, v128.load64_zero(p, 32));
    p += bytes;
    w = v128.load32_splat(wy, 12);
    d = madd(d, w, v128.load(p));
    e = madd(e, w, second(p, order));
    if (order == 5) f = madd(f, w, v128.load64_zero(p, 32));
    wy += 8;
  }
  let s = madd(f32x4.mul(f32x4.add(a, d), v128.load(wx)), f32x4.add(b, e), v128.load(wx, 16));
  if (order == 5) s = madd(s, f32x4.add(c, f), v128.load(wx, 32));
  return sumOf(s);
}

/** taps five to eight, or five and six */
// @ts-ignore: decorator
@inline
function second(p: usize, order: i32): v128 {
  return order == 3 ? v128.load64_zero(p, 16) : v128.load(p, 16);
}

// @ts-ignore: decorator
@inline
function resampleRows(
  source: usize,
  variance: usize,
  spread: usize,
  width: i32,
  height: i32,
  out: usize,
  outVariance: usize,
  outMask: usize,
  outWidth: i32,
  gridX: usize,
  gridY: usize,
  columns: i32,
  rows: i32,
  step: i32,
  table: usize,
  squares: usize,
  phases: i32,
  conserve: i32,
  fill: f32,
  outsideBits: i32,
  badBits: i32,
  y0: i32,
  y1: i32,
  order: i32,
): void {
  const bytes = <usize>width << 2;
  const entry: usize = order == 5 ? 48 : 32;
  const inverse = 1 / <f64>step;
  const lastLeft = width - 2 * order;
  const lastTop = height - 2 * order;
  for (let y = y0; y < y1; y++) {
    const j = min(y / step, rows - 2);
    const fy = <f64>(y - j * step) * inverse;
    const g = <usize>(j * columns) << 3;
    const below = <usize>columns << 3;
    let o = rowOf(0, outWidth, y);
    for (let i = 0; i * step < outWidth; i++) {
      const k = g + (<usize>i << 3);
      const xa = load<f64>(gridX + k);
      const xb = load<f64>(gridX + k, 8);
      const xc = load<f64>(gridX + k + below);
      const xd = load<f64>(gridX + k + below, 8);
      const ya = load<f64>(gridY + k);
      const yb = load<f64>(gridY + k, 8);
      const yc = load<f64>(gridY + k + below);
      const yd = load<f64>(gridY + k + below, 8);
      const xStart = xa * (1 - fy) + xc * fy;
      const yStart = ya * (1 - fy) + yc * fy;
      const xStep = (xb * (1 - fy) + xd * fy - xStart) * inverse;
      const yStep = (yb * (1 - fy) + yd * fy - yStart) * inverse;
      let area: f32 = 1;
      if (conserve) {
        const xDown = ((xc - xa) * 0.5 + (xd - xb) * 0.5) * inverse;
        const yDown = ((yc - ya) * 0.5 + (yd - yb) * 0.5) * inverse;
        area = <f32>Math.abs(xStep * yDown - yStep * xDown);
      }
      const n = min(step, outWidth - i * step);
      // positions as integers of 2^-32 px: sums of these cost a fraction of what conversions from doubles do. NaN compares as far away
      const reach = Math.abs(xStart) + Math.abs(yStart) + <f64>step * (Math.abs(xStep) + Math.abs(yStep));
      const near = reach < FARTHEST;
      let sx = near ? <i64>Math.floor(xStart * ONE_PIXEL + 0.5) : 0;
      let sy = near ? <i64>Math.floor(yStart * ONE_PIXEL + 0.5) : 0;
      const dx = near ? <i64>Math.floor(xStep * ONE_PIXEL + 0.5) : 0;
      const dy = near ? <i64>Math.floor(yStep * ONE_PIXEL + 0.5) : 0;
      for (let m = 0; m < n; m++, o += 4, sx += dx, sy += dy) {
        const left = <i32>(sx >> 32) - order + 1;
        const top = <i32>(sy >> 32) - order + 1;
        if (!near || left < 0 || top < 0 || left > lastLeft || top > lastTop) {
          store<f32>(out + o, fill);
          if (variance) store<f32>(outVariance + o, Infinity);
          if (spread) store<i32>(outMask + o, outsideBits);
          continue;
        }
        const wx = <usize>(((sx & 0xffffffff) * <i64>phases + HALF_PIXEL) >> 32) * entry;
        const wy = <usize>(((sy & 0xffffffff) * <i64>phases + HALF_PIXEL) >> 32) * entry;
        const at = <usize>top * bytes + (<usize>left << 2);
        let value = weighted(source + at, bytes, table + wx, table + wy, order) * area;
        let noise: f32 = 0;
        if (variance) noise = weighted(variance + at, bytes, squares + wx, squares + wy, order) * (area * area);
        let bits = spread ? load<i32>(spread + at) : 0;
        if (value - value != 0 || noise - noise != 0) {
          value = fill;
          noise = Infinity;
          bits |= badBits;
        }
        store<f32>(out + o, value);
        if (variance) store<f32>(outVariance + o, noise);
        if (spread) store<i32>(outMask + o, bits);
      }
    }
  }
}

export function resample3(
  source: usize, variance: usize, spread: usize, width: i32, height: i32, out: usize, outVariance: usize, outMask: usize,
  outWidth: i32, gridX: usize, gridY: usize, columns: i32, rows: i32, step: i32, table: usize, squares: usize,
  phases: i32, conserve: i32, fill: f32, outsideBits: i32, badBits: i32, y0: i32, y1: i32, _scratch: usize,
): void {
  resampleRows(
    source, variance, spread, width, height, out, outVariance, outMask, outWidth, gridX, gridY, columns, rows, step,
    table, squares, phases, conserve, fill, outsideBits, badBits, y0, y1, 3,
  );
}

export function resample4(
  source: usize, variance: usize, spread: usize, width: i32, height: i32, out: usize, outVariance: usize, outMask: usize,
  outWidth: i32, gridX: usize, gridY: usize, columns: i32, rows: i32, step: i32, table: usize, squares: usize,
  phases: i32, conserve: i32, fill: f32, outsideBits: i32, badBits: i32, y0: i32, y1: i32, _scratch: usize,
): void {
  resampleRows(
    source, variance, spread, width, height, out, outVariance, outMask, outWidth, gridX, gridY, columns, rows, step,
    table, squares, phases, conserve, fill, outsideBits, badBits, y0, y1, 4,
  );
}

export function resample5(
  source: usize, variance: usize, spread: usize, width: i32, height: i32, out: usize, outVariance: usize, outMask: usize,
  outWidth: i32, gridX: usize, gridY: usize, columns: i32, rows: i32, step: i32, table: usize, squares: usize,
  phases: i32, conserve: i32, fill: f32, outsideBits: i32, badBits: i32, y0: i32, y1: i32, _scratch: usize,
): void {
  resampleRows(
    source, variance, spread, width, height, out, outVariance, outMask, outWidth, gridX, gridY, columns, rows, step,
    table, squares, phases, conserve, fill, outsideBits, badBits, y0, y1, 5,
  );
}

/** out(x, y) = OR of mask over columns x .. x + size and rows y .. y + size, where they lie inside; 0 elsewhere */
export function spreadBits(mask: usize, out: usize, width: i32, height: i32, size: i32, y0: i32, y1: i32, scratch: usize): void {
  const bytes = <usize>width << 2;
  for (let y = y0; y < y1; y++) {
    const o = rowOf(out, width, y);
    memory.fill(o, 0, bytes);
    if (y + size > height) continue;
    const first = rowOf(mask, width, y);
    let x: usize = 0;
    for (; x + 16 <= bytes; x += 16) {
      let v = v128.load(first + x);
      for (let k = 1; k < size; k++) v = v128.or(v, v128.load(first + <usize>k * bytes + x));
      v128.store(scratch + x, v);
    }
    for (; x < bytes; x += 4) {
      let v = load<i32>(first + x);
      for (let k = 1; k < size; k++) v |= load<i32>(first + <usize>k * bytes + x);
      store<i32>(scratch + x, v);
    }
    const end = bytes - (<usize>min(width, size - 1) << 2);
    x = 0;
    for (; x + 16 <= end; x += 16) {
      let v = v128.load(scratch + x);
      for (let k: usize = 1; k < <usize>size; k++) v = v128.or(v, v128.load(scratch + x + (k << 2)));
      v128.store(o + x, v);
    }
    for (; x < end; x += 4) {
      let v = load<i32>(scratch + x);
      for (let k: usize = 1; k < <usize>size; k++) v |= load<i32>(scratch + x + (k << 2));
      store<i32>(o + x, v);
    }
  }
}
