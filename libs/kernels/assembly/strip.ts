// A part of an image with its surroundings, copied to scratch: stencils then run without a thought for edges, and their input stays in the L2 cache.

import { rowOf } from './lanes';

/** columns of a strip, without its surroundings */
export const STRIP: i32 = 512;
/** floats a stencil may read past the strip's last column */
const SLACK: i32 = 32;

// @ts-ignore: decorator
@inline
export function stripPitch(halfX: i32): usize {
  return (<usize>(STRIP + 2 * halfX + SLACK)) << 2;
}

/** Copies columns x0 .. x0 + columns of rows y0 .. y1; what lies outside the image is 0, or its edge when `nearest`. */
export function copyStrip(
  source: usize,
  width: i32,
  height: i32,
  x0: i32,
  columns: i32,
  y0: i32,
  y1: i32,
  nearest: i32,
  out: usize,
  pitch: usize,
): void {
  const from = max(x0, 0);
  const to = min(x0 + columns, width);
  for (let y = y0; y < y1; y++, out += pitch) {
    if (!nearest && (y < 0 || y >= height)) {
      memory.fill(out, 0, <usize>columns << 2);
      continue;
    }
    const row = rowOf(source, width, max(0, min(height - 1, y)));
    const left = nearest ? load<f32>(row) : <f32>0;
    const right = nearest ? load<f32>(row + (<usize>(width - 1) << 2)) : <f32>0;
    let x = x0;
    for (; x < from; x++) store<f32>(out + (<usize>(x - x0) << 2), left);
    if (to > from) {
      memory.copy(out + (<usize>(x - x0) << 2), row + (<usize>from << 2), <usize>(to - from) << 2);
      x = to;
    }
    for (; x < x0 + columns; x++) store<f32>(out + (<usize>(x - x0) << 2), right);
  }
}
