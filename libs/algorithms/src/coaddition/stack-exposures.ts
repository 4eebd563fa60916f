// Stacks of dithered frames without a WCS: aligned by their own stars, scaled to one brightness, averaged with clipping.
// The map from reference to frame is fitted to the matched stars: an affine one when they are many, else a similarity.
import { type Allocator, type Exposure, heapAllocator } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { applyAffine, fitSimilarity, matchInPlane, matchPattern, type PlaneStars } from '../matching/index.js';
import { apertureFlux } from '../measurement/index.js';
import { median, robustSigma } from '../numeric/index.js';
import { solveScaled } from '../psf-matching/solve.js';
import { type CoordinateGrid, type WarpConfig, warpOnGrid } from '../warping/index.js';
import { coaddExposures } from './coadd.js';
import type { StackConfig } from './stack-accumulator.js';

export interface StackFrame {
  readonly name: string;
  /** background-subtracted */
  readonly exposure: Exposure;
  /** stars, with any measure of brightness that ranks them */
  readonly stars: PlaneStars;
}

export interface StackAlignmentConfig {
  readonly maxOffsetPx: number;
  readonly maxRotationDeg: number;
  /** stars closer than this after the pattern match belong together [px] */
  readonly matchRadiusPx: number;
  readonly minMatches: number;
  /** from so many matches on an affine map is fitted instead of a similarity */
  readonly affineMatches: number;
  /** aperture in which brightness is compared [px] */
  readonly apertureRadiusPx: number;
}
export const DEFAULT_ALIGNMENT: StackAlignmentConfig = {
  maxOffsetPx: 300,
  maxRotationDeg: 5,
  matchRadiusPx: 2,
  minMatches: 6,
  affineMatches: 40,
  apertureRadiusPx: 12,
};

export interface FrameAlignment {
  readonly name: string;
  /** x_frame = xx x + xy y + x0 and likewise y, for positions (x, y) in the reference frame */
  readonly affine: {
    readonly xx: number;
    readonly xy: number;
    readonly x0: number;
    readonly yx: number;
    readonly yy: number;
    readonly y0: number;
  };
  readonly matches: number;
  /** residual per axis of the matched stars [px] */
  readonly rmsPx: number;
  /** brightness of the reference over that of the frame */
  readonly scale: number;
}

export interface AlignedStack {
  readonly stack: Exposure;
  readonly alignments: readonly FrameAlignment[];
  /** frames left out and why */
  readonly rejected: readonly { readonly name: string; readonly reason: string }[];
}

/** The stack on the grid of the first frame, in its units. Frames that cannot be aligned are reported and left out. */
export async function stackExposures(
  frames: readonly StackFrame[],
  config: {
    readonly alignment?: Partial<StackAlignmentConfig>;
    readonly warp?: Partial<WarpConfig>;
    readonly stack?: Partial<StackConfig>;
  } = {},
  allocator: Allocator = heapAllocator,
): Promise<AlignedStack> {
  const [reference] = frames;
  if (!reference) throw new AlgorithmError('BAD_INPUT', 'there is no frame to stack');
  const { width, height } = reference.exposure;
  const alignments: FrameAlignment[] = [];
  const rejected: { name: string; reason: string }[] = [];
  const usable: StackFrame[] = [];
  for (const frame of frames) {
    try {
      alignments.push(alignFrame(reference, frame, config.alignment));
      usable.push(frame);
    } catch (error) {
      if (!(error instanceof AlgorithmError)) throw error;
      rejected.push({ name: frame.name, reason: error.message });
    }
  }
  const stack = await coaddExposures(
    usable.map((frame, k) => ({
      name: frame.name,
      scale: alignments[k]!.scale,
      // the reference keeps its pixels
      load: () =>
        frame === reference
          ? frame.exposure
          : warpOnGrid(
              frame.exposure,
              { width, height },
              affineGrid(alignments[k]!.affine, width, height),
              config.warp,
              allocator,
            ),
    })),
    config.stack,
    allocator,
  );
  const { wcs } = reference.exposure;
  return { stack: { ...stack, ...(wcs && { wcs }) }, alignments, rejected };
}

/** The affine map from the reference's pixels to the frame's, by stars alone. */
export function alignFrame(
  reference: StackFrame,
  frame: StackFrame,
  config: Partial<StackAlignmentConfig> = {},
): FrameAlignment {
  const settings = { ...DEFAULT_ALIGNMENT, ...config };
  const identity = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };
  if (frame === reference)
    return { name: frame.name, affine: identity, matches: frame.stars.x.length, rmsPx: 0, scale: 1 };
  const pattern = matchPattern(reference.stars, frame.stars, {
    width: reference.exposure.width,
    height: reference.exposure.height,
    maxOffsetPx: settings.maxOffsetPx,
    maxRotationDeg: settings.maxRotationDeg,
    minMatches: settings.minMatches,
  });
  const { stars } = reference;
  let predict = (x: number, y: number): { x: number; y: number } => applyAffine(pattern.transform, x, y);
  let affine = identity;
  let matches = 0;
  let rmsPx = NaN;
  let scale = NaN;
  for (const radius of [settings.matchRadiusPx, settings.matchRadiusPx / 2, settings.matchRadiusPx / 2]) {
    const moved = Array.from({ length: stars.x.length }, (_, k) => predict(stars.x[k]!, stars.y[k]!));
    const pairs = matchInPlane(
      moved.map((p) => p.x),
      moved.map((p) => p.y),
      frame.stars.x,
      frame.stars.y,
      radius,
    );
    matches = pairs.a.length;
    if (matches < settings.minMatches)
      throw new AlgorithmError('NO_STARS', `only ${matches} stars of ${frame.name} match the reference frame`, {
        matches,
      });
    const from = Array.from(pairs.a, (a) => ({ x: stars.x[a]!, y: stars.y[a]! }));
    const to = Array.from(pairs.b, (b) => ({ x: frame.stars.x[b]!, y: frame.stars.y[b]! }));
    affine = matches >= settings.affineMatches ? fitAffine(from, to) : similarity(from, to);
    const fitted = affine;
    predict = (x, y) => ({
      x: fitted.xx * x + fitted.xy * y + fitted.x0,
      y: fitted.yx * x + fitted.yy * y + fitted.y0,
    });
    const residuals = from.map((p, k) => {
      const q = predict(p.x, p.y);
      return (q.x - to[k]!.x) ** 2 + (q.y - to[k]!.y) ** 2;
    });
    rmsPx = Math.sqrt(median(residuals) / (2 * Math.LN2));
    const flux = (exposure: Exposure, at: { readonly x: number; readonly y: number }): number =>
      apertureFlux(exposure, at.x, at.y, settings.apertureRadiusPx).flux;
    scale = significantScale(from.map((at, k) => flux(reference.exposure, at) / flux(frame.exposure, to[k]!)));
  }
  return { name: frame.name, affine, matches, rmsPx, scale };
}

/** The median ratio; 1 when it differs from 1 by less than three standard errors. */
function significantScale(ratios: readonly number[]): number {
  const scale = median(ratios);
  const error = (1.2533 * robustSigma(ratios)) / Math.sqrt(ratios.length);
  return Math.abs(scale - 1) < 3 * error ? 1 : scale;
}

function similarity(
  from: readonly { readonly x: number; readonly y: number }[],
  to: readonly { readonly x: number; readonly y: number }[],
): FrameAlignment['affine'] {
  const fit = fitSimilarity(
    from.map((p) => p.x),
    from.map((p) => p.y),
    to.map((p) => p.x),
    to.map((p) => p.y),
  );
  if (!fit) throw new AlgorithmError('SINGULAR', 'the matched stars coincide');
  return { xx: fit.a, xy: fit.b, x0: fit.c, yx: fit.d, yy: fit.e, y0: fit.f };
}

function fitAffine(
  from: readonly { readonly x: number; readonly y: number }[],
  to: readonly { readonly x: number; readonly y: number }[],
): FrameAlignment['affine'] {
  const matrix = new Float64Array(9);
  const rightX = new Float64Array(3);
  const rightY = new Float64Array(3);
  from.forEach(({ x, y }, k) => {
    const row = [x, y, 1];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) matrix[3 * i + j]! += row[i]! * row[j]!;
      rightX[i]! += row[i]! * to[k]!.x;
      rightY[i]! += row[i]! * to[k]!.y;
    }
  });
  const forX = solveScaled(matrix, rightX);
  const forY = solveScaled(matrix, rightY);
  if (!forX || !forY) throw new AlgorithmError('SINGULAR', 'the matched stars lie on one line');
  return { xx: forX[0]!, xy: forX[1]!, x0: forX[2]!, yx: forY[0]!, yy: forY[1]!, y0: forY[2]! };
}

/** An affine map as a coordinate grid of one cell. */
function affineGrid(affine: FrameAlignment['affine'], width: number, height: number): CoordinateGrid {
  const step = 256;
  const columns = Math.ceil(width / step) + 1;
  const rows = Math.ceil(height / step) + 1;
  const sourceX = new Float64Array(columns * rows);
  const sourceY = new Float64Array(columns * rows);
  for (let k = 0; k < columns * rows; k++) {
    const x = (k % columns) * step;
    const y = Math.floor(k / columns) * step;
    sourceX[k] = affine.xx * x + affine.xy * y + affine.x0;
    sourceY[k] = affine.yx * x + affine.yy * y + affine.y0;
  }
  return { step, columns, rows, sourceX, sourceY };
}
