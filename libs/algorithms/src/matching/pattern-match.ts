/**
 * Which star is which when the pointing is only roughly known: a source list and the reference stars, both in pixels of the guessed
 * WCS, differ by an unknown shift, rotation and a little scale and distortion.
 * First a two-dimensional histogram of all offsets between bright sources and bright references, for a few trial rotations
 * (the peak is the shift); if no peak verifies, similar triangles (Groth 1986, Valdes et al. 1995) find any rotation. A hypothesis
 * counts only when it pairs significantly more stars than chance would.
 * Cost: trials x 150 x a few hundred votes, about 10 ms; triangles about 100 ms.
 */
import { AlgorithmError } from '../errors.js';
import { type Affine, affineRotationDeg, affineScale, applyAffine, fitSimilarity, rotationAbout } from './affine.js';
import { matchInPlane, type MatchedPairs } from './match.js';
import { triangleHypotheses } from './triangles.js';

export interface PlaneStars {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** larger is brighter; only the order matters */
  readonly brightness: ArrayLike<number>;
}

export interface PatternMatchOptions {
  readonly width: number;
  readonly height: number;
  /** largest shift of the image centre [px] */
  readonly maxOffsetPx?: number;
  /** range of the trial rotations of the first method [deg] */
  readonly maxRotationDeg?: number;
  /** range of scales accepted about 1 */
  readonly maxScaleError?: number;
  /** how many of the brightest sources take part */
  readonly maxSources?: number;
  /** two positions closer than this agree, after a similarity is fitted [px] */
  readonly tolerancePx?: number;
  readonly minMatches?: number;
}

export interface PatternMatch {
  /** source pixels -> reference pixels (of the guessed WCS) */
  readonly transform: Affine;
  /** shift of the image centre [px] and rotation [deg] of that transform */
  readonly offset: { readonly x: number; readonly y: number };
  readonly rotationDeg: number;
  readonly scale: number;
  /** pairs among the bright stars: indices into the lists given */
  readonly pairs: MatchedPairs;
  /** pairs that chance alone would give */
  readonly expectedByChance: number;
  readonly method: 'histogram' | 'triangles';
}

interface Lists {
  readonly source: Int32Array;
  readonly reference: Int32Array;
  readonly sx: Float64Array;
  readonly sy: Float64Array;
  readonly rx: Float64Array;
  readonly ry: Float64Array;
}

const CELL = 4;

export function matchPattern(source: PlaneStars, reference: PlaneStars, options: PatternMatchOptions): PatternMatch {
  const { width, height, maxOffsetPx = 300, maxRotationDeg = 2, maxScaleError = 0.03 } = options;
  const { maxSources = 150, tolerancePx = 3, minMatches = 6 } = options;
  const lists = brightStars(source, reference, width, height, maxOffsetPx, maxSources);
  if (lists.source.length < minMatches || lists.reference.length < minMatches)
    throw new AlgorithmError(
      'NO_STARS',
      `a pattern match needs ${minMatches} stars on both sides; there are ${lists.source.length} sources and ${lists.reference.length} references`,
      { sources: lists.source.length, references: lists.reference.length },
    );
  const verify = (start: Affine, method: PatternMatch['method']): PatternMatch | undefined => {
    const match = refine(lists, start, tolerancePx, width, height, method);
    if (!match || match.pairs.a.length < minMatches) return undefined;
    const shift = Math.hypot(match.offset.x, match.offset.y);
    if (shift > 1.1 * maxOffsetPx + tolerancePx || Math.abs(match.scale - 1) > maxScaleError) return undefined;
    const chance = match.expectedByChance;
    const smaller = Math.min(lists.source.length, lists.reference.length);
    return match.pairs.a.length >= Math.max(chance + 5 * Math.sqrt(chance) + 2, 0.15 * smaller) ? match : undefined;
  };
  const best = (starts: readonly Affine[], method: PatternMatch['method']): PatternMatch | undefined => {
    let found: PatternMatch | undefined;
    for (const start of starts) {
      const match = verify(start, method);
      if (match && match.pairs.a.length > (found?.pairs.a.length ?? 0)) found = match;
    }
    return found;
  };
  const found =
    best(histogramHypotheses(lists, width, height, maxOffsetPx, maxRotationDeg), 'histogram') ??
    best(triangleHypotheses(lists.sx, lists.sy, lists.rx, lists.ry, { width, height, maxScaleError }), 'triangles');
  if (!found)
    throw new AlgorithmError(
      'NO_CONVERGENCE',
      `no shift up to ${maxOffsetPx} px and no rotation brings ${lists.source.length} sources and ${lists.reference.length} references together`,
      { sources: lists.source.length, references: lists.reference.length, maxOffsetPx },
    );
  return {
    ...found,
    pairs: {
      a: found.pairs.a.map((i) => lists.source[i]!),
      b: found.pairs.b.map((i) => lists.reference[i]!),
      distance: found.pairs.distance,
    },
  };
}

/** The brightest sources, and as many references per area, from the image and its surroundings. */
function brightStars(
  source: PlaneStars,
  reference: PlaneStars,
  width: number,
  height: number,
  margin: number,
  maxSources: number,
): Lists {
  const chosen = brightest(source, maxSources, () => true);
  const usable = (i: number): boolean => {
    const x = reference.x[i]!;
    const y = reference.y[i]!;
    return x > -margin && y > -margin && x < width + margin && y < height + margin;
  };
  const enlargement = ((width + 2 * margin) * (height + 2 * margin)) / (width * height);
  // a bit deeper than the sources: catalog magnitudes and instrumental fluxes do not order alike
  const refs = brightest(reference, Math.min(2000, Math.ceil(1.5 * enlargement * chosen.length)), usable);
  return {
    source: chosen,
    reference: refs,
    sx: Float64Array.from(chosen, (i) => source.x[i]!),
    sy: Float64Array.from(chosen, (i) => source.y[i]!),
    rx: Float64Array.from(refs, (i) => reference.x[i]!),
    ry: Float64Array.from(refs, (i) => reference.y[i]!),
  };
}

function brightest(stars: PlaneStars, count: number, keep: (i: number) => boolean): Int32Array {
  const indices: number[] = [];
  for (let i = 0; i < stars.x.length; i++)
    if (
      Number.isFinite(stars.x[i]!) &&
      Number.isFinite(stars.y[i]!) &&
      Number.isFinite(stars.brightness[i]!) &&
      keep(i)
    )
      indices.push(i);
  indices.sort((a, b) => stars.brightness[b]! - stars.brightness[a]! || a - b);
  return Int32Array.from(indices.slice(0, count));
}

/** The strongest peak of the offset histogram for each trial rotation, best first. */
function histogramHypotheses(
  { sx, sy, rx, ry }: Lists,
  width: number,
  height: number,
  maxOffset: number,
  maxRotationDeg: number,
): Affine[] {
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const step = (2 * CELL) / Math.hypot(width / 2, height / 2);
  const trials = Math.ceil((maxRotationDeg * Math.PI) / 180 / step);
  const side = 2 * Math.ceil(maxOffset / CELL) + 2;
  const histogram = new Uint16Array(side * side);
  const peaks: { score: number; start: Affine }[] = [];
  for (let trial = -trials; trial <= trials; trial++) {
    const turn = rotationAbout(trial * step, cx, cy);
    histogram.fill(0);
    for (let i = 0; i < sx.length; i++) {
      const { x, y } = applyAffine(turn, sx[i]!, sy[i]!);
      for (let j = 0; j < rx.length; j++) {
        const column = Math.floor((rx[j]! - x) / CELL) + side / 2;
        const row = Math.floor((ry[j]! - y) / CELL) + side / 2;
        if (column >= 0 && row >= 0 && column < side && row < side) histogram[row * side + column]!++;
      }
    }
    // a peak on a cell border spreads over a 2 x 2 block
    let score = -1;
    let at = 0;
    for (let row = 0; row + 1 < side; row++)
      for (let column = 0; column + 1 < side; column++) {
        const k = row * side + column;
        const sum = histogram[k]! + histogram[k + 1]! + histogram[k + side]! + histogram[k + side + 1]!;
        if (sum > score) {
          score = sum;
          at = k;
        }
      }
    const dx = ((at % side) + 1 - side / 2) * CELL;
    const dy = (Math.floor(at / side) + 1 - side / 2) * CELL;
    peaks.push({ score, start: rotationAbout(trial * step, cx, cy, dx, dy) });
  }
  return peaks
    .sort((a, b) => b.score - a.score)
    .slice(0, 8)
    .map(({ start }) => start);
}

/** Match, fit a similarity, match closer: three rounds from a coarse radius to the tolerance. */
function refine(
  { sx, sy, rx, ry }: Lists,
  start: Affine,
  tolerance: number,
  width: number,
  height: number,
  method: PatternMatch['method'],
): PatternMatch | undefined {
  let transform = start;
  let pairs: MatchedPairs | undefined;
  const tx = new Float64Array(sx.length);
  const ty = new Float64Array(sx.length);
  for (const radius of [3 * CELL, 2 * CELL, 1.5 * tolerance, tolerance]) {
    for (let i = 0; i < sx.length; i++) {
      const { x, y } = applyAffine(transform, sx[i]!, sy[i]!);
      tx[i] = x;
      ty[i] = y;
    }
    pairs = matchInPlane(tx, ty, rx, ry, Math.max(radius, tolerance));
    const pick = (values: Float64Array, indices: Int32Array): Float64Array =>
      Float64Array.from(indices, (i) => values[i]!);
    const fitted = fitSimilarity(pick(sx, pairs.a), pick(sy, pairs.a), pick(rx, pairs.b), pick(ry, pairs.b));
    if (!fitted) return undefined;
    transform = fitted;
  }
  if (!pairs) return undefined;
  let inImage = 0;
  for (let j = 0; j < rx.length; j++) if (rx[j]! >= 0 && ry[j]! >= 0 && rx[j]! < width && ry[j]! < height) inImage++;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const centre = applyAffine(transform, cx, cy);
  return {
    transform,
    pairs,
    offset: { x: centre.x - cx, y: centre.y - cy },
    rotationDeg: affineRotationDeg(transform),
    scale: affineScale(transform),
    expectedByChance: (sx.length * inImage * Math.PI * tolerance * tolerance) / (width * height),
    method,
  };
}
