// Helpers on vectors of four floats. Pointers are bytes, widths are pixels.

// @ts-ignore: decorator
@inline
export function rowOf(plane: usize, width: i32, y: i32): usize {
  return plane + ((<usize>y * <usize>width) << 2);
}

/** a + b * c: two roundings, so that every machine gives the same bits */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(a, f32x4.mul(b, c));
}

// @ts-ignore: decorator
@inline
export function maddF64(a: v128, b: v128, c: v128): v128 {
  return f64x2.add(a, f64x2.mul(b, c));
}

/** the first two of four floats as doubles */
// @ts-ignore: decorator
@inline
export function lowF64(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** the last two of four floats as doubles */
// @ts-ignore: decorator
@inline
export function highF64(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<u64>(v, v, 1, 1));
}

// @ts-ignore: decorator
@inline
export function sumF64(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** all bits of a lane set where it is finite */
// @ts-ignore: decorator
@inline
export function isFiniteF32(v: v128): v128 {
  const d = f32x4.sub(v, v);
  return f32x4.eq(d, d);
}
