// What a stack has gained: noise and seeing of each frame and of their stack, measured in the same way.
// Noise: scatter of the means of 8 x 8 blocks without sources, from differences of neighbouring blocks (so that a slope of the sky
// does not count), / sqrt 2. Blocks, because resampling correlates single pixels. Seeing: adaptive moments of the mean of the same stars.
import { adaptiveMoments, type FrameAlignment, median, robustSigma, shiftPlane } from '#libs/algorithms';
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

/** The brightest stars without another within so many of their widths: their profiles are their own. */
export function isolatedStars(stars: SeeingStars, count: number, separation = 5): SeeingStars {
  const reach = separation * stars.sigma;
  const alone = Array.from({ length: stars.x.length }, (_, k) => k).filter((k) =>
    Array.from({ length: stars.x.length }, (_, other) => other).every(
      (other) => other === k || Math.hypot(stars.x[k]! - stars.x[other]!, stars.y[k]! - stars.y[other]!) > reach,
    ),
  );
  const kept = alone.slice(0, count);
  return { x: kept.map((k) => stars.x[k]!), y: kept.map((k) => stars.y[k]!), sigma: stars.sigma };
}

/** A star of the exposure itself nearer than this to where the stack has one is that star [px]. */
const SAME_STAR_PX = 4;

/**
 * FWHM of the mean of some stars of the stack where they lie in this exposure [px]; NaN when it cannot be measured. The mean,
 * because single stars may be too faint for moments; bright ones count more. `own` are the exposure's own positions.
 */
export function meanStarWidth(
  exposure: Exposure,
  stars: SeeingStars,
  own: SeeingStars,
  affine: Affine = IDENTITY,
): { readonly fwhm: number; readonly stars: number } {
  const { width, height, mask, image } = exposure;
  const half = Math.ceil(4 * stars.sigma);
  const size = 2 * half + 1;
  const sum = new Float32Array(size * size);
  let used = 0;
  for (let k = 0; k < stars.x.length; k++) {
    const [x, y] = nearest(own, ...apply(affine, stars.x[k]!, stars.y[k]!));
    const [i, j] = [Math.round(x), Math.round(y)];
    if (i < half || j < half || i >= width - half || j >= height - half) continue;
    const data = new Float32Array(size * size);
    let bits = 0;
    for (let v = 0; v < size; v++)
      for (let u = 0; u < size; u++) {
        const p = (j - half + v) * width + i - half + u;
        bits |= mask[p]! & MaskBit.SAT;
        data[v * size + u] = (mask[p]! & EXCLUDED) === 0 ? image[p]! : 0;
      }
    if (bits !== 0) continue;
    const centred = shiftPlane({ width: size, height: size, data }, i - x, j - y);
    for (let p = 0; p < sum.length; p++) sum[p]! += centred.data[p]!;
    used++;
  }
  if (used === 0) return { fwhm: NaN, stars: 0 };
  // neighbours of the stars and what is left of the sky are a pedestal under the mean star
  const rim = [...sum].filter((_, p) => Math.hypot((p % size) - half, Math.floor(p / size) - half) > 0.9 * half);
  const level = median(rim);
  for (let p = 0; p < sum.length; p++) sum[p]! -= level;
  const { xx, yy, converged } = adaptiveMoments({ width: size, height: size, data: sum }, half, half, {
    startVariance: stars.sigma ** 2,
    recentre: true,
    maxShift: stars.sigma,
    maxRadius: half,
  });
  return { fwhm: converged ? FWHM_OF_SIGMA * Math.sqrt((xx + yy) / 2) : NaN, stars: used };
}

function nearest(stars: SeeingStars, x: number, y: number): readonly [number, number] {
  let best: readonly [number, number] = [x, y];
  let least = SAME_STAR_PX;
  for (let k = 0; k < stars.x.length; k++) {
    const distance = Math.hypot(stars.x[k]! - x, stars.y[k]! - y);
    if (distance >= least) continue;
    least = distance;
    best = [stars.x[k]!, stars.y[k]!];
  }
  return best;
}
