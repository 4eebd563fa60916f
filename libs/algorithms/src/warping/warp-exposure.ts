// Resampling of an exposure onto another pixel grid by a Lanczos kernel.
// value = area * sum K_i K_j I, variance = area^2 * sum K_i^2 K_j^2 V, mask = OR over all taps, where `area` is the source
// area of a target pixel [px^2]: fluxes are conserved. Pixels whose taps leave the source are NO_DATA.
// References: Bertin et al. 2002 (SWarp); LSST afw warping. Cost: 2 (2a)^2 multiplications per pixel.
import { type Allocator, type Exposure, heapAllocator, makeExposure, MaskBit } from '#libs/image';
import type { Wcs } from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import { affineAt, type CoordinateGrid, makeCoordinateGrid } from './coordinate-grid.js';
import { LANCZOS_PHASES, lanczosTable, lanczosValue } from './lanczos.js';
import { type SampledPsf, samplePsf } from './sampled-psf.js';

export interface WarpTarget {
  readonly width: number;
  readonly height: number;
  readonly wcs: Wcs;
  readonly xy0?: { readonly x: number; readonly y: number };
}

export interface WarpConfig {
  /** Lanczos order a (3, 4 or 5) */
  readonly order: number;
  /** spacing of exact coordinates [px] */
  readonly gridStep: number;
  /** spacing at which the warped PSF is sampled [px] */
  readonly psfSpacing: number;
}
export const DEFAULT_WARP: WarpConfig = { order: 3, gridStep: 32, psfSpacing: 256 };

/** The exposure on the target's grid, in the same flux units. Off-source pixels are 0 with infinite variance and NO_DATA. */
export function warpExposure(
  source: Exposure,
  target: WarpTarget,
  config: Partial<WarpConfig> = {},
  allocator: Allocator = heapAllocator,
): Exposure {
  if (!source.wcs) throw new AlgorithmError('BAD_INPUT', 'an exposure without a WCS cannot be warped');
  const settings = { ...DEFAULT_WARP, ...config };
  const grid = makeCoordinateGrid(target.wcs, source.wcs, target.width, target.height, settings.gridStep);
  return {
    ...warpOnGrid(source, target, grid, settings, allocator),
    wcs: target.wcs,
    ...(target.xy0 && { xy0: target.xy0 }),
  };
}

/** As `warpExposure` with the coordinates already known (also for alignment without a WCS). */
export function warpOnGrid(
  source: Exposure,
  target: { readonly width: number; readonly height: number },
  grid: CoordinateGrid,
  config: Partial<WarpConfig> = {},
  allocator: Allocator = heapAllocator,
): Exposure {
  const { order, psfSpacing } = { ...DEFAULT_WARP, ...config };
  const out = makeExposure(target.width, target.height, allocator);
  for (let y = 0; y < target.height; y++) warpRow(source, out, grid, order, y);
  const { info, photoCalib, metadata } = source;
  return {
    ...out,
    ...(info && { info }),
    ...(photoCalib && { photoCalib }),
    ...(metadata && { metadata }),
    ...(source.psf && { psf: warpedPsf(source, target.width, target.height, grid, psfSpacing) }),
  };
}

function warpRow(source: Exposure, out: Exposure, grid: CoordinateGrid, order: number, y: number): void {
  const { width: w, height: h, image, variance, mask } = source;
  const table = lanczosTable(order);
  const taps = 2 * order;
  const { step, columns, sourceX, sourceY } = grid;
  const j = Math.min(Math.floor(y / step), grid.rows - 2);
  const fy = y / step - j;
  const at = (v: Float64Array, i: number): number => v[j * columns + i]! * (1 - fy) + v[(j + 1) * columns + i]! * fy;
  const dy = (v: Float64Array, i: number, fx: number): number => {
    const k = j * columns + i;
    return ((v[k + columns]! - v[k]!) * (1 - fx) + (v[k + columns + 1]! - v[k + 1]!) * fx) / step;
  };
  const badBits = MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  for (let i = 0; i * step < out.width; i++) {
    const x0 = at(sourceX, i);
    const y0 = at(sourceY, i);
    const xStep = (at(sourceX, i + 1) - x0) / step;
    const yStep = (at(sourceY, i + 1) - y0) / step;
    const area = Math.abs(xStep * dy(sourceY, i, 0.5) - yStep * dy(sourceX, i, 0.5));
    const area2 = area * area;
    const end = Math.min(step, out.width - i * step);
    for (let k = 0; k < end; k++) {
      const sx = x0 + k * xStep;
      const sy = y0 + k * yStep;
      const p = y * out.width + i * step + k;
      const left = Math.floor(sx) - order + 1;
      const top = Math.floor(sy) - order + 1;
      // the comparison is false for NaN (off the projection)
      if (!(left >= 0 && top >= 0 && left + taps <= w && top + taps <= h)) {
        out.mask[p] = MaskBit.NO_DATA;
        out.variance[p] = Infinity;
        continue;
      }
      const wx = Math.round((sx - Math.floor(sx)) * LANCZOS_PHASES) * taps;
      const wy = Math.round((sy - Math.floor(sy)) * LANCZOS_PHASES) * taps;
      let value = 0;
      let spread = 0;
      let bits = 0;
      for (let b = 0; b < taps; b++) {
        const row = (top + b) * w + left;
        let rowValue = 0;
        let rowSpread = 0;
        for (let a = 0; a < taps; a++) {
          const weight = table[wx + a]!;
          rowValue += weight * image[row + a]!;
          rowSpread += weight * weight * variance[row + a]!;
          bits |= mask[row + a]!;
        }
        const weight = table[wy + b]!;
        value += weight * rowValue;
        spread += weight * weight * rowSpread;
      }
      // infinity minus infinity and the like: no usable number
      if (value - value === 0 && spread - spread === 0) {
        out.image[p] = area * value;
        out.variance[p] = area2 * spread;
      } else {
        out.variance[p] = Infinity;
        bits |= badBits;
      }
      out.mask[p] = bits;
    }
  }
}

/** The PSF of the source as the target's pixels see it, through the local Jacobian of the mapping. */
export function warpedPsf(
  source: Exposure,
  width: number,
  height: number,
  grid: CoordinateGrid,
  spacing = DEFAULT_WARP.psfSpacing,
): SampledPsf | undefined {
  const psf = source.psf;
  if (!psf) return undefined;
  const middle = affineAt(grid, width / 2, height / 2);
  const scale = Math.sqrt(Math.abs(middle.xx * middle.yy - middle.xy * middle.yx)) || 1;
  const half = Math.max(2, Math.ceil((psf.size - 1) / 2 / scale));
  const size = 2 * half + 1;
  return samplePsf(
    width,
    height,
    size,
    (x, y) => {
      const affine = affineAt(grid, x, y);
      const kernel = psf.kernel(clamp(affine.x, source.width - 1), clamp(affine.y, source.height - 1));
      const middlePixel = (kernel.width - 1) / 2;
      const out = new Float32Array(size * size);
      for (let v = -half; v <= half; v++)
        for (let u = -half; u <= half; u++)
          out[(v + half) * size + u + half] = lanczosValue(
            kernel.data,
            kernel.width,
            kernel.height,
            middlePixel + affine.xx * u + affine.xy * v,
            middlePixel + affine.yx * u + affine.yy * v,
          );
      return out;
    },
    spacing,
  );
}

const clamp = (value: number, max: number): number => Math.min(Math.max(Number.isFinite(value) ? value : 0, 0), max);
