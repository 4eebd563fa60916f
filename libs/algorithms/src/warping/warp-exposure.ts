// Resampling of an exposure onto another pixel grid by a Lanczos kernel.
// value = area * sum K_i K_j I, variance = area^2 * sum K_i^2 K_j^2 V, mask = OR over all taps, where `area` is the source
// area of a target pixel [px^2]: fluxes are conserved. Pixels whose taps leave the source are NO_DATA.
// References: Bertin et al. 2002 (SWarp); LSST afw warping. Cost: 2 (2a)^2 multiplications per pixel.
import { type Allocator, type Exposure, heapAllocator, makeExposure } from '#libs/image';
import type { Wcs } from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import { affineAt, type CoordinateGrid, makeCoordinateGrid } from './coordinate-grid.js';
import { lanczosValue } from './lanczos.js';
import { resampleInTiles } from './resample-tiles.js';
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
  resampleInTiles(source, out, grid, order);
  const { info, photoCalib, metadata } = source;
  return {
    ...out,
    ...(info && { info }),
    ...(photoCalib && { photoCalib }),
    ...(metadata && { metadata }),
    ...(source.psf && { psf: warpedPsf(source, target.width, target.height, grid, psfSpacing) }),
  };
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
