// Separable convolution with symmetric taps: columns first, into one row that stays in the L1 cache, then along that row.
// Four vectors per tap keep the additions independent; mirrored pixels are added before the multiplication.

import { madd, rowOf } from './lanes';

/** floats of padding either side of the row between the passes */
const PAD: usize = 256;

/**
 * @param vertical   centre and lower half of the column taps, `halfY` + 1 floats
 * @param horizontal likewise for rows, `halfX` <= 256
 * @param nearest    0: pixels outside are 0; 1: they repeat the edge
 * Width >= 16.
 */
export function convolveSeparable(
  source: usize,
  target: usize,
  width: i32,
  height: i32,
  vertical: usize,
  halfY: i32,
  horizontal: usize,
  halfX: i32,
  nearest: i32,
  y0: i32,
  y1: i32,
  scratch: usize,
): void {
  const bytes = <usize>width << 2;
  const zeros = scratch; // a row outside the image
  const row = zeros + bytes + (PAD << 2);
  const rows = row + bytes + (PAD << 2); // pointers of the 2 halfY + 1 rows, nearest pairs first
  memory.fill(zeros, 0, bytes);
  const last = bytes - 64;
  for (let y = y0; y < y1; y++) {
    for (let k = 0; k <= halfY; k++) {
      store<u32>(rows + (<usize>k << 3), <u32>outside(source, width, height, y - k, zeros, nearest));
      store<u32>(rows + (<usize>k << 3), <u32>outside(source, width, height, y + k, zeros, nearest), 4);
    }
    const centre = rowOf(source, width, y);
    for (let x: usize = 0; ; x += 64) {
      if (x > last) x = last; // the last block overlaps its neighbour
      const c0 = v128.load32_splat(vertical);
      const p = centre + x;
      let a0 = f32x4.mul(c0, v128.load(p));
      let a1 = f32x4.mul(c0, v128.load(p, 16));
      let a2 = f32x4.mul(c0, v128.load(p, 32));
      let a3 = f32x4.mul(c0, v128.load(p, 48));
      for (let k = 1; k <= halfY; k++) {
        const c = v128.load32_splat(vertical + (<usize>k << 2));
        const u = <usize>load<u32>(rows + (<usize>k << 3)) + x;
        const d = <usize>load<u32>(rows + (<usize>k << 3), 4) + x;
        a0 = madd(a0, c, f32x4.add(v128.load(u), v128.load(d)));
        a1 = madd(a1, c, f32x4.add(v128.load(u, 16), v128.load(d, 16)));
        a2 = madd(a2, c, f32x4.add(v128.load(u, 32), v128.load(d, 32)));
        a3 = madd(a3, c, f32x4.add(v128.load(u, 48), v128.load(d, 48)));
      }
      v128.store(row + x, a0);
      v128.store(row + x, a1, 16);
      v128.store(row + x, a2, 32);
      v128.store(row + x, a3, 48);
      if (x == last) break;
    }
    const left = nearest ? load<f32>(row) : <f32>0;
    const right = nearest ? load<f32>(row + bytes - 4) : <f32>0;
    for (let k: usize = 1; k <= <usize>halfX; k++) {
      store<f32>(row - (k << 2), left);
      store<f32>(row + bytes + (k << 2) - 4, right);
    }
    const out = rowOf(target, width, y);
    for (let x: usize = 0; ; x += 64) {
      if (x > last) x = last;
      const c0 = v128.load32_splat(horizontal);
      const p = row + x;
      let a0 = f32x4.mul(c0, v128.load(p));
      let a1 = f32x4.mul(c0, v128.load(p, 16));
      let a2 = f32x4.mul(c0, v128.load(p, 32));
      let a3 = f32x4.mul(c0, v128.load(p, 48));
      let u = p;
      let d = p;
      for (let k = 1; k <= halfX; k++) {
        u -= 4;
        d += 4;
        const c = v128.load32_splat(horizontal + (<usize>k << 2));
        a0 = madd(a0, c, f32x4.add(v128.load(u), v128.load(d)));
        a1 = madd(a1, c, f32x4.add(v128.load(u, 16), v128.load(d, 16)));
        a2 = madd(a2, c, f32x4.add(v128.load(u, 32), v128.load(d, 32)));
        a3 = madd(a3, c, f32x4.add(v128.load(u, 48), v128.load(d, 48)));
      }
      v128.store(out + x, a0);
      v128.store(out + x, a1, 16);
      v128.store(out + x, a2, 32);
      v128.store(out + x, a3, 48);
      if (x == last) break;
    }
  }
}

// @ts-ignore: decorator
@inline
function outside(source: usize, width: i32, height: i32, y: i32, zeros: usize, nearest: i32): usize {
  if (y >= 0 && y < height) return rowOf(source, width, y);
  return nearest ? rowOf(source, width, y < 0 ? 0 : height - 1) : zeros;
}
