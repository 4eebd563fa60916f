// Fourier transforms of planes. Columns of an image are vectors of independent transforms as they lie; rows are transposed four at a time.

import { mulIm, mulRe, transform } from './fft-stages';
import { rowOf } from './lanes';

/** Four rows of pixels into a buffer of vectors, one lane per row; rows from `rows` on are zero. */
function loadLanes(plane: usize, width: i32, y: i32, rows: i32, n: i32, to: usize): void {
  const bytes = <usize>width << 2;
  const p = plane + <usize>y * bytes;
  let x = 0;
  if (rows == 4)
    for (; x + 4 <= n; x += 4) {
      const q = p + (<usize>x << 2);
      const a = v128.load(q);
      const b = v128.load(q + bytes);
      const c = v128.load(q + 2 * bytes);
      const d = v128.load(q + 3 * bytes);
      const l0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
      const h0 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
      const l1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
      const h1 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
      const o = to + (<usize>x << 4);
      v128.store(o, v128.shuffle<u64>(l0, l1, 0, 2));
      v128.store(o, v128.shuffle<u64>(l0, l1, 1, 3), 16);
      v128.store(o, v128.shuffle<u64>(h0, h1, 0, 2), 32);
      v128.store(o, v128.shuffle<u64>(h0, h1, 1, 3), 48);
    }
  for (; x < n; x++)
    for (let k = 0; k < 4; k++)
      store<f32>(to + (<usize>x << 4) + (<usize>k << 2), k < rows ? load<f32>(p + <usize>k * bytes + (<usize>x << 2)) : 0);
}

/** The reverse of loadLanes, times `scale`. */
function storeLanes(plane: usize, width: i32, y: i32, rows: i32, n: i32, from: usize, scale: f32): void {
  const bytes = <usize>width << 2;
  const p = plane + <usize>y * bytes;
  const f = f32x4.splat(scale);
  let x = 0;
  if (rows == 4)
    for (; x + 4 <= n; x += 4) {
      const o = from + (<usize>x << 4);
      const a = f32x4.mul(f, v128.load(o));
      const b = f32x4.mul(f, v128.load(o, 16));
      const c = f32x4.mul(f, v128.load(o, 32));
      const d = f32x4.mul(f, v128.load(o, 48));
      const l0 = v128.shuffle<u32>(a, b, 0, 4, 1, 5);
      const h0 = v128.shuffle<u32>(a, b, 2, 6, 3, 7);
      const l1 = v128.shuffle<u32>(c, d, 0, 4, 1, 5);
      const h1 = v128.shuffle<u32>(c, d, 2, 6, 3, 7);
      const q = p + (<usize>x << 2);
      v128.store(q, v128.shuffle<u64>(l0, l1, 0, 2));
      v128.store(q + bytes, v128.shuffle<u64>(l0, l1, 1, 3));
      v128.store(q + 2 * bytes, v128.shuffle<u64>(h0, h1, 0, 2));
      v128.store(q + 3 * bytes, v128.shuffle<u64>(h0, h1, 1, 3));
    }
  for (; x < n; x++)
    for (let k = 0; k < rows; k++)
      store<f32>(p + <usize>k * bytes + (<usize>x << 2), scale * load<f32>(from + (<usize>x << 4) + (<usize>k << 2)));
}

/** Complex transforms along rows, in place. For the inverse give re and im exchanged. */
export function fftRows(re: usize, im: usize, width: i32, plan: usize, scale: f32, y0: i32, y1: i32, scratch: usize): void {
  const size = <usize>width << 4;
  const ar = scratch;
  const ai = ar + size;
  const br = ai + size;
  const bi = br + size;
  for (let y = y0; y < y1; y += 4) {
    const rows = min(4, y1 - y);
    loadLanes(re, width, y, rows, width, ar);
    loadLanes(im, width, y, rows, width, ai);
    const inB = transform(ar, ai, br, bi, width, 16, plan);
    storeLanes(re, width, y, rows, width, inB ? br : ar, scale);
    storeLanes(im, width, y, rows, width, inB ? bi : ai, scale);
  }
}

/**
 * Complex transforms along columns x0..x1, in place, `lanes` columns (4, 8 or 16) at a time.
 */
export function fftColumns(
  re: usize,
  im: usize,
  width: i32,
  height: i32,
  plan: usize,
  scale: f32,
  lanes: i32,
  x0: i32,
  x1: i32,
  scratch: usize,
): void {
  const bytes = <usize>lanes << 2;
  const size = <usize>height * bytes;
  const ar = scratch;
  const ai = ar + size;
  const br = ai + size;
  const bi = br + size;
  for (let x = x0; x < x1; x += lanes) {
    const columns = min(lanes, x1 - x);
    copyColumns(re, width, height, x, columns, ar, bytes);
    copyColumns(im, width, height, x, columns, ai, bytes);
    const inB = transform(ar, ai, br, bi, height, bytes, plan);
    putColumns(re, width, height, x, columns, inB ? br : ar, bytes, scale);
    putColumns(im, width, height, x, columns, inB ? bi : ai, bytes, scale);
  }
}

function copyColumns(plane: usize, width: i32, height: i32, x: i32, columns: i32, to: usize, bytes: usize): void {
  const whole = (<usize>columns << 2) == bytes;
  for (let y = 0; y < height; y++, to += bytes) {
    const p = rowOf(plane, width, y) + (<usize>x << 2);
    if (whole) for (let k: usize = 0; k < bytes; k += 16) v128.store(to + k, v128.load(p + k));
    else for (let k: usize = 0; k < bytes; k += 4) store<f32>(to + k, k < <usize>columns << 2 ? load<f32>(p + k) : 0);
  }
}

function putColumns(plane: usize, width: i32, height: i32, x: i32, columns: i32, from: usize, bytes: usize, scale: f32): void {
  const f = f32x4.splat(scale);
  const whole = (<usize>columns << 2) == bytes;
  for (let y = 0; y < height; y++, from += bytes) {
    const p = rowOf(plane, width, y) + (<usize>x << 2);
    if (whole) for (let k: usize = 0; k < bytes; k += 16) v128.store(p + k, f32x4.mul(f, v128.load(from + k)));
    else for (let k: usize = 0; k < <usize>columns << 2; k += 4) store<f32>(p + k, scale * load<f32>(from + k));
  }
}

/**
 * Real rows to half spectra of width / 2 + 1 columns. Eight rows at a time: four are the real parts, four the imaginary parts of one set of
 * transforms Z, and X_a[k] = (Z[k] + conj Z[-k]) / 2, X_b[k] = (Z[k] - conj Z[-k]) / 2i.
 */
export function realRows(source: usize, re: usize, im: usize, width: i32, plan: usize, y0: i32, y1: i32, scratch: usize): void {
  const half = width / 2 + 1;
  const size = <usize>width << 4;
  const ar = scratch;
  const ai = ar + size;
  const br = ai + size;
  const bi = br + size;
  const f = f32x4.splat(0.5);
  for (let y = y0; y < y1; y += 8) {
    const first = min(4, y1 - y);
    const second = max(0, min(4, y1 - y - 4));
    loadLanes(source, width, y, first, width, ar);
    loadLanes(source, width, y + 4, second, width, ai);
    const inB = transform(ar, ai, br, bi, width, 16, plan);
    const zr = inB ? br : ar;
    const zi = inB ? bi : ai;
    const or = inB ? ar : br;
    const oi = inB ? ai : bi;
    for (let k = 0; k < half; k++) {
      const p = <usize>k << 4;
      const m = <usize>(k == 0 ? 0 : width - k) << 4;
      const pr = v128.load(zr + p);
      const pi = v128.load(zi + p);
      const mr = v128.load(zr + m);
      const mi = v128.load(zi + m);
      v128.store(or + p, f32x4.mul(f, f32x4.add(pr, mr)));
      v128.store(oi + p, f32x4.mul(f, f32x4.sub(pi, mi)));
      v128.store(zr + p, f32x4.mul(f, f32x4.add(pi, mi)));
      v128.store(zi + p, f32x4.mul(f, f32x4.sub(mr, pr)));
    }
    storeLanes(re, half, y, first, half, or, 1);
    storeLanes(im, half, y, first, half, oi, 1);
    storeLanes(re, half, y + 4, second, half, zr, 1);
    storeLanes(im, half, y + 4, second, half, zi, 1);
  }
}

/** Half spectra back to real rows: the inverse of realRows without its factor 1 / width. */
export function realRowsInverse(
  re: usize,
  im: usize,
  target: usize,
  width: i32,
  plan: usize,
  scale: f32,
  y0: i32,
  y1: i32,
  scratch: usize,
): void {
  const half = width / 2 + 1;
  const size = <usize>width << 4;
  const ar = scratch;
  const ai = ar + size;
  const br = ai + size;
  const bi = br + size;
  for (let y = y0; y < y1; y += 8) {
    const first = min(4, y1 - y);
    const second = max(0, min(4, y1 - y - 4));
    // X_a in (ar, ai), X_b in (br, bi); then Z = X_a + i X_b for all frequencies in (ar, ai)
    loadLanes(re, half, y, first, half, ar);
    loadLanes(im, half, y, first, half, ai);
    loadLanes(re, half, y + 4, second, half, br);
    loadLanes(im, half, y + 4, second, half, bi);
    for (let k = 0; k < half; k++) {
      const p = <usize>k << 4;
      const xr = v128.load(ar + p);
      const xi = v128.load(ai + p);
      const yr = v128.load(br + p);
      const yi = v128.load(bi + p);
      v128.store(ar + p, f32x4.sub(xr, yi));
      v128.store(ai + p, f32x4.add(xi, yr));
      if (k == 0 || 2 * k == width) {
        // frequencies that are their own mirror are real: what rounding left of their imaginary parts does not count
        v128.store(ar + p, xr);
        v128.store(ai + p, yr);
      } else {
        const m = <usize>(width - k) << 4;
        v128.store(ar + m, f32x4.add(xr, yi));
        v128.store(ai + m, f32x4.sub(yr, xi));
      }
    }
    // exchanging real and imaginary parts makes the transform the inverse one
    const inB = transform(ai, ar, bi, br, width, 16, plan);
    storeLanes(target, width, y, first, width, inB ? br : ar, scale);
    storeLanes(target, width, y + 4, second, width, inB ? bi : ai, scale);
  }
}

/** (re, im) *= (otherRe, otherIm), or its conjugate. Rows are values. */
export function multiplySpectra(
  re: usize,
  im: usize,
  otherRe: usize,
  otherIm: usize,
  conjugate: i32,
  from: i32,
  to: i32,
  _scratch: usize,
): void {
  const sign: f32 = conjugate ? -1 : 1;
  const s = f32x4.splat(sign);
  let i = <usize>from << 2;
  const end = <usize>to << 2;
  for (; i + 16 <= end; i += 16) {
    const ar = v128.load(re + i);
    const ai = v128.load(im + i);
    const br = v128.load(otherRe + i);
    const bi = f32x4.mul(s, v128.load(otherIm + i));
    v128.store(re + i, mulRe(ar, ai, br, bi));
    v128.store(im + i, mulIm(ar, ai, br, bi));
  }
  for (; i < end; i += 4) {
    const ar = load<f32>(re + i);
    const ai = load<f32>(im + i);
    const br = load<f32>(otherRe + i);
    const bi = sign * load<f32>(otherIm + i);
    store<f32>(re + i, ar * br - ai * bi);
    store<f32>(im + i, ar * bi + ai * br);
  }
}
