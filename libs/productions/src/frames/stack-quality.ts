// What a stack has gained: noise and seeing of each frame and of their stack, measured in the same way.
// Noise: scatter of the means of 8 x 8 blocks without sources, from differences of neighbouring blocks (so that a slope of the sky
// does not count), / sqrt 2. Blocks, because resampling correlates single pixels. Seeing: adaptive moments of the same stars.
import { adaptiveMoments, type FrameAlignment, median, robustSigma } from '#libs/algorithms';
import { type Exposure, MaskBit } from '#libs/image';

export const BLOCK = 8;
/** pixels that no mean takes in */
const EXCLUDED = MaskBit.BAD | MaskBit.SAT | MaskBit.CR | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN | MaskBit.EDGE;
const FWHM_OF_SIGMA = 2 * Math.sqrt(2 * Math.LN2);

type Affine = FrameAlignment['affine'];
export const IDENTITY: Affine = { xx: 1, xy: 0, x0: 0, yx: 0, yy: 1, y0: 0 };
const apply = (m: Affine, x: number, y: number): readonly [number, number] => [
  m.xx * x + m.xy * y + m.x0,
  m.yx * x + m.yy * y + m.y0,
];

/** Left lower corners of the blocks of a stack in which no source was detected and every pixel is there. */
export function sourceFreeBlocks(stack: Exposure): readonly { readonly x: number; readonly y: number }[] {
  const { width, height, mask } = stack;
  const unwanted = EXCLUDED | MaskBit.DETECTED | MaskBit.DETECTED_NEGATIVE;
  const blocks: { x: number; y: number }[] = [];
  for (let y = 0; y + BLOCK <= height; y += BLOCK)
    for (let x = 0; x + BLOCK <= width; x += BLOCK) {
      let bits = 0;
      for (let j = y; j < y + BLOCK; j++) for (let i = x; i < x + BLOCK; i++) bits |= mask[j * width + i]!;
      if ((bits & unwanted) === 0) blocks.push({ x, y });
    }
  return blocks;
}

/** Mean of the good pixels of a block; NaN when fewer than three quarters are good or a part lies outside. */
function blockMean({ width, height, image, mask }: Exposure, x0: number, y0: number): number {
  if (x0 < 0 || y0 < 0 || x0 + BLOCK > width || y0 + BLOCK > height) return NaN;
  let sum = 0;
  let n = 0;
  for (let y = y0; y < y0 + BLOCK; y++)
    for (let x = x0; x < x0 + BLOCK; x++) {
      const p = y * width + x;
      if ((mask[p]! & EXCLUDED) !== 0) continue;
      sum += image[p]!;
      n++;
    }
  return n >= 0.75 * BLOCK * BLOCK ? sum / n : NaN;
}

/** Scatter of the block means where the blocks of the stack lie in this exposure [units of the image]. */
export function blockNoise(
  exposure: Exposure,
  blocks: readonly { readonly x: number; readonly y: number }[],
  affine: Affine = IDENTITY,
): number {
  const half = (BLOCK - 1) / 2;
  const means = new Map<string, number>();
  for (const { x, y } of blocks) {
    const [cx, cy] = apply(affine, x + half, y + half);
    const mean = blockMean(exposure, Math.round(cx - half), Math.round(cy - half));
    if (Number.isFinite(mean)) means.set(`${x},${y}`, mean);
  }
  const differences: number[] = [];
  for (const { x, y } of blocks) {
    const here = means.get(`${x},${y}`);
    const right = means.get(`${x + BLOCK},${y}`);
    if (here !== undefined && right !== undefined) differences.push(right - here);
  }
  return differences.length < 20 ? NaN : robustSigma(differences) / Math.SQRT2;
}

export interface SeeingStars {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** about the width of the stars [px] */
  readonly sigma: number;
}

/** FWHM of each star where it lies in this exposure [px]; NaN where it cannot be measured. */
export function starWidths(exposure: Exposure, stars: SeeingStars, affine: Affine = IDENTITY): number[] {
  const { width, height, mask } = exposure;
  const plane = { width, height, data: exposure.image };
  return Array.from({ length: stars.x.length }, (_, k) => {
    const [x, y] = apply(affine, stars.x[k]!, stars.y[k]!);
    const reach = Math.ceil(2 * stars.sigma);
    const [i, j] = [Math.round(x), Math.round(y)];
    if (i < reach || j < reach || i >= width - reach || j >= height - reach) return NaN;
    for (let v = j - reach; v <= j + reach; v++)
      for (let u = i - reach; u <= i + reach; u++) if ((mask[v * width + u]! & EXCLUDED) !== 0) return NaN;
    const { xx, yy, converged } = adaptiveMoments(plane, x, y, {
      startVariance: stars.sigma ** 2,
      recentre: true,
      maxShift: stars.sigma,
    });
    return converged ? FWHM_OF_SIGMA * Math.sqrt((xx + yy) / 2) : NaN;
  });
}

/** Median FWHM of each list over the stars that have a width in all of them; how many those are. */
export function commonMedian(lists: readonly (readonly number[])[]): {
  readonly fwhm: number[];
  readonly stars: number;
} {
  const common = (lists[0] ?? []).flatMap((_, k) => (lists.every((list) => Number.isFinite(list[k])) ? [k] : []));
  return {
    stars: common.length,
    fwhm: lists.map((list) => (common.length > 0 ? median(common.map((k) => list[k]!)) : NaN)),
  };
}
