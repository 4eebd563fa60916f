// Convolution with a kernel that may vary over the image as a polynomial: out = sum_i u^i (sum_j v^j K_ij * image), u along x, v along y.
// Along one row v is fixed, so the terms fold into order + 1 kernels. One row of 32 pixels at a time: eight accumulators per tap.

import { madd, rowOf } from './lanes';
import { copyStrip, STRIP, stripPitch } from './strip';

/** out = sum_i basis_i * coefficient_i over vectors of `floats` (a multiple of 4) */
function mix(terms: usize, stride: usize, count: i32, v: f32, floats: i32, out: usize): void {
  const bytes = <usize>floats << 2;
  for (let k: usize = 0; k < bytes; k += 16) {
    let sum = v128.load(terms + k + <usize>(count - 1) * stride);
    for (let j = count - 2; j >= 0; j--)
      sum = madd(v128.load(terms + k + <usize>j * stride), sum, f32x4.splat(v));
    v128.store(out + k, sum);
  }
}

/**
 * @param kernels  for i = 0..order, for j = 0..order - i: the term of u^i v^j, mirrored in both axes, each padded to `floats` values
 * @param nearest  0: pixels outside are 0; 1: they repeat the edge
 */
export function convolveDense(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  kernels: usize,
  halfX: i32,
  halfY: i32,
  floats: i32,
  order: i32,
  uScale: f32,
  uOffset: f32,
  vScale: f32,
  vOffset: f32,
  nearest: i32,
  y0: i32,
  y1: i32,
  scratch: usize,
): void {
  const pitch = stripPitch(halfX);
  const stride = <usize>floats << 2;
  const row = scratch;
  const rowKernels = row + (<usize>(STRIP + 32) << 2);
  const strip = rowKernels + <usize>(order + 1) * stride;
  const columns = 2 * halfX + 1;
  const lines = 2 * halfY + 1;
  const ramp = f32x4.mul(f32x4.splat(uScale), f32x4(0, 1, 2, 3));
  const four = f32x4.splat(4 * uScale);
  for (let x0 = 0; x0 < width; x0 += STRIP) {
    const n = min(STRIP, width - x0);
    copyStrip(source, width, height, x0 - halfX, n + 2 * halfX, y0 - halfY, y1 + halfY, nearest, strip, pitch);
    for (let y = y0; y < y1; y++) {
      if (order > 0 || y == y0) {
        let terms = kernels;
        for (let i = 0; i <= order; i++) {
          const count = order - i + 1;
          mix(terms, stride, count, vScale * <f32>y + vOffset, floats, rowKernels + <usize>i * stride);
          terms += <usize>count * stride;
        }
      }
      for (let x = 0; x < n; x += 32) {
        let a0 = f32x4.splat(0);
        let a1 = a0;
        let a2 = a0;
        let a3 = a0;
        let a4 = a0;
        let a5 = a0;
        let a6 = a0;
        let a7 = a0;
        for (let i = order; i >= 0; i--) {
          if (i < order) {
            let u = f32x4.add(f32x4.splat(uScale * <f32>(x0 + x) + uOffset), ramp);
            a0 = f32x4.mul(a0, u);
            a1 = f32x4.mul(a1, (u = f32x4.add(u, four)));
            a2 = f32x4.mul(a2, (u = f32x4.add(u, four)));
            a3 = f32x4.mul(a3, (u = f32x4.add(u, four)));
            a4 = f32x4.mul(a4, (u = f32x4.add(u, four)));
            a5 = f32x4.mul(a5, (u = f32x4.add(u, four)));
            a6 = f32x4.mul(a6, (u = f32x4.add(u, four)));
            a7 = f32x4.mul(a7, (u = f32x4.add(u, four)));
          }
          let k = rowKernels + <usize>i * stride;
          for (let j = 0; j < lines; j++) {
            let p = strip + <usize>(y - y0 + j) * pitch + (<usize>x << 2);
            const end = p + (<usize>columns << 2);
            while (p < end) {
              const c = v128.load32_splat(k);
              a0 = madd(a0, c, v128.load(p));
              a1 = madd(a1, c, v128.load(p, 16));
              a2 = madd(a2, c, v128.load(p, 32));
              a3 = madd(a3, c, v128.load(p, 48));
              a4 = madd(a4, c, v128.load(p, 64));
              a5 = madd(a5, c, v128.load(p, 80));
              a6 = madd(a6, c, v128.load(p, 96));
              a7 = madd(a7, c, v128.load(p, 112));
              p += 4;
              k += 4;
            }
          }
        }
        const o = row + (<usize>x << 2);
        v128.store(o, a0);
        v128.store(o, a1, 16);
        v128.store(o, a2, 32);
        v128.store(o, a3, 48);
        v128.store(o, a4, 64);
        v128.store(o, a5, 80);
        v128.store(o, a6, 96);
        v128.store(o, a7, 112);
      }
      memory.copy(rowOf(target, width, y) + (<usize>x0 << 2), row, <usize>n << 2);
    }
  }
}
