// Planes: two-dimensional arrays in row order. Pixel (0, 0) is the centre of the first pixel of the first row.

/** A plane of `width * height` values; row y begins at `y * width`. The data may live in shared memory. */
export interface Plane<T extends Float32Array | Float64Array | Int32Array | Uint16Array | Uint8Array> {
  readonly width: number;
  readonly height: number;
  readonly data: T;
}
export type FloatPlane = Plane<Float32Array>;
export type MaskPlane = Plane<Int32Array>;

/** Where planes come from: the executor gives every job an arena, tests use the heap. */
export interface Allocator {
  float32(length: number): Float32Array;
  float64(length: number): Float64Array;
  int32(length: number): Int32Array;
}

export const heapAllocator: Allocator = {
  float32: (length) => new Float32Array(length),
  float64: (length) => new Float64Array(length),
  int32: (length) => new Int32Array(length),
};
