// Exact convolution with a kernel that varies over the image as a polynomial:
// (K * T)(x, y) = sum_p phi_p(u, v) (K_p * T)(x, y). Along one row v is fixed, so the terms fold into order + 1 kernels:
// order 1 costs two dense convolutions, order 2 three, without the seams of a kernel that is constant per block.
import { type Allocator, heapAllocator, MaskBit } from '#libs/image';
import { convolveDense } from '#libs/kernels';
import { overRowTiles } from '../numeric/pixel-kernels.js';
import type { MatchingKernel } from './matching-kernel.js';

/**
 * Pixels nearer than half a kernel to the edge have no value (0). `origin` is the position of the image's pixel (0, 0) in
 * the frame of the kernel (negative for an image with a margin around that frame). Sums are floats: 1e-6 of the sum of magnitudes.
 */
export function convolveVarying(
  kernel: MatchingKernel,
  image: Float32Array,
  width: number,
  height: number,
  origin: { readonly x: number; readonly y: number } = { x: 0, y: 0 },
  allocator: Allocator = heapAllocator,
): Float32Array {
  const out = allocator.float32(width * height);
  const { size } = kernel.basis;
  const r = (size - 1) / 2;
  const { kernelOrder: order, terms } = kernel;
  overRowTiles(width, height, r, ({ y0, y1, from, to }, kernels) => {
    const tile = { width, height: to - from, data: image.subarray(from * width, to * width) };
    const convolved = kernels.plane(tile.width, tile.height);
    const position = {
      centreX: 0.5 * kernel.width - origin.x,
      centreY: 0.5 * kernel.height - origin.y - from,
      scaleX: 0.5 * kernel.width,
      scaleY: 0.5 * kernel.height,
    };
    kernels.run(
      convolveDense({
        source: tile,
        target: convolved,
        kernel: { width: size, height: size, order, terms, ...position },
      }),
    );
    for (let y = Math.max(y0, r); y < Math.min(y1, height - r); y++) {
      const row = (y - from) * width;
      out.set(convolved.data.subarray(row + r, row + Math.max(r, width - r)), y * width + r);
    }
  });
  return out;
}

/**
 * Variance after the convolution: V * K^2. The squared kernel is taken as constant over blocks of `block` pixels (it
 * enters smoothly, as a second-order change of the noise level).
 */
export function convolveVariance(
  kernel: MatchingKernel,
  variance: Float32Array,
  width: number,
  height: number,
  block = 64,
  allocator: Allocator = heapAllocator,
): Float32Array {
  const out = allocator.float32(width * height);
  const { size } = kernel.basis;
  const r = (size - 1) / 2;
  for (let y0 = r; y0 < height - r; y0 += block)
    for (let x0 = r; x0 < width - r; x0 += block) {
      const y1 = Math.min(y0 + block, height - r);
      const x1 = Math.min(x0 + block, width - r);
      const squared = kernel
        .kernelAt((x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2)
        .map((value) => value * value)
        .reverse();
      const sums = new Float64Array(x1 - x0);
      for (let y = y0; y < y1; y++) {
        sums.fill(0);
        accumulate(squared, size, variance, width, y - r, x0 - r, sums);
        for (let x = x0; x < x1; x++) out[y * width + x] = sums[x - x0]!;
      }
    }
  return out;
}

/** sums[x] += sum over the kernel of k[j, i] image[top + j, left + x + i] */
function accumulate(
  kernel: Float64Array,
  size: number,
  image: Float32Array,
  width: number,
  top: number,
  left: number,
  sums: Float64Array,
): void {
  const n = sums.length;
  for (let j = 0; j < size; j++) {
    const row = (top + j) * width + left;
    let i = 0;
    for (; i + 6 <= size; i += 6) {
      const k = j * size + i;
      const a = kernel[k]!;
      const b = kernel[k + 1]!;
      const c = kernel[k + 2]!;
      const d = kernel[k + 3]!;
      const e = kernel[k + 4]!;
      const f = kernel[k + 5]!;
      for (let x = 0, q = row + i; x < n; x++, q++)
        sums[x]! +=
          a * image[q]! +
          b * image[q + 1]! +
          c * image[q + 2]! +
          d * image[q + 3]! +
          e * image[q + 4]! +
          f * image[q + 5]!;
    }
    for (; i < size; i++) {
      const a = kernel[j * size + i]!;
      for (let x = 0, q = row + i; x < n; x++, q++) sums[x]! += a * image[q]!;
    }
  }
}

/** Mask after a convolution: every bit spreads over `radius` pixels (square); the border becomes EDGE | NO_DATA. */
export function spreadMask(
  mask: Int32Array,
  width: number,
  height: number,
  radius: number,
  allocator: Allocator = heapAllocator,
): Int32Array {
  const rows = new Int32Array(width * height);
  for (let y = 0; y < height; y++) {
    const base = y * width;
    for (let x = 0; x < width; x++) {
      const bits = mask[base + x]!;
      if (bits === 0) continue;
      const end = Math.min(width - 1, x + radius);
      for (let i = Math.max(0, x - radius); i <= end; i++) rows[base + i]! |= bits;
    }
  }
  const out = allocator.int32(width * height);
  for (let y = 0; y < height; y++) {
    const end = Math.min(height - 1, y + radius);
    for (let j = Math.max(0, y - radius); j <= end; j++)
      for (let x = 0; x < width; x++) out[j * width + x]! |= rows[y * width + x]!;
  }
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (x < radius || y < radius || x >= width - radius || y >= height - radius)
        out[y * width + x]! |= MaskBit.EDGE | MaskBit.NO_DATA;
  return out;
}
