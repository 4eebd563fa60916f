// Star selection in the size - flux plane: point sources share one width, so they pile up in a narrow clump
// (LSST objectSizeStarSelector, PSFEx). The clump is the half-sample mode of the log widths of bright, clean sources.

import { z } from 'zod';

export const StarSelectionConfig = z.object({
  minSnr: z.number().positive().default(40).meta({ unit: 'sigma', description: 'least S/N of a PSF star' }),
  fallbackSnr: z.number().positive().default(15).meta({
    unit: 'sigma',
    description: 'least S/N when fewer than `wanted` stars pass minSnr',
  }),
  lastSnr: z.number().positive().default(7).meta({
    unit: 'sigma',
    description: 'least S/N when fewer than `wanted` stars pass fallbackSnr',
  }),
  wanted: z.int().positive().default(12).meta({ description: 'number of stars below which the S/N limit is lowered' }),
  maxStars: z.int().positive().default(300).meta({ description: 'the brightest ones are kept' }),
  minWidth: z.number().positive().default(0.7).meta({ unit: 'px', description: 'narrower sources are artifacts' }),
  maxWidth: z.number().positive().default(10).meta({ unit: 'px', description: 'wider sources are not stars' }),
  clumpHalfWidth: z
    .number()
    .positive()
    .default(0.1)
    .meta({ description: 'largest relative deviation from the clump’s width; 3 robust sigma when that is smaller' }),
});
export type StarSelectionConfig = z.output<typeof StarSelectionConfig>;

export interface StarCandidate {
  /** sqrt of half the trace of the adaptive moments [px]; NaN when not measured */
  readonly width: number;
  readonly snr: number;
  /** not saturated, not near a bad pixel or an edge, no comparable neighbour */
  readonly clean: boolean;
}

/** Indices of the stars, brightest first, and the width of the clump [px] (NaN when there is none). */
export function selectStars(
  candidates: readonly StarCandidate[],
  config: StarSelectionConfig,
): { readonly indices: number[]; readonly width: number } {
  const usable = (minSnr: number): number[] =>
    candidates.flatMap(({ width, snr, clean }, index) =>
      clean && snr >= minSnr && width >= config.minWidth && width <= config.maxWidth ? [index] : [],
    );
  let pool = usable(config.minSnr);
  if (pool.length < config.wanted) pool = usable(config.fallbackSnr);
  if (pool.length < config.wanted) pool = usable(config.lastSnr);
  if (pool.length === 0) return { indices: [], width: NaN };
  const logs = Float64Array.from(pool, (i) => Math.log(candidates[i]!.width)).sort();
  const mode = halfSampleMode(logs);
  const inside = logs.filter((value) => Math.abs(value - mode) < config.clumpHalfWidth);
  const deviations = inside.map((value) => Math.abs(value - mode)).sort();
  const spread = 1.4826 * (deviations[deviations.length >> 1] ?? 0);
  const limit = Math.min(config.clumpHalfWidth, Math.max(3 * spread, 0.02));
  // the width of a star has the relative error 1 / snr
  const indices = pool
    .filter((i) => Math.abs(Math.log(candidates[i]!.width) - mode) <= Math.max(limit, 2 / candidates[i]!.snr))
    .sort((a, b) => candidates[b]!.snr - candidates[a]!.snr || a - b)
    .slice(0, config.maxStars);
  return { indices, width: Math.exp(mode) };
}

/** Robertson & Cryer's half-sample mode of sorted values: the densest half, again and again. */
export function halfSampleMode(sorted: Float64Array): number {
  let from = 0;
  let n = sorted.length;
  while (n > 3) {
    const half = Math.ceil(n / 2);
    let best = Infinity;
    let at = from;
    for (let i = from; i + half <= from + n; i++) {
      const span = sorted[i + half - 1]! - sorted[i]!;
      if (span < best) {
        best = span;
        at = i;
      }
    }
    from = at;
    n = half;
  }
  if (n === 3) {
    const [a, b, c] = [sorted[from]!, sorted[from + 1]!, sorted[from + 2]!];
    return b - a < c - b ? (a + b) / 2 : c - b < b - a ? (b + c) / 2 : b;
  }
  return n === 2 ? (sorted[from]! + sorted[from + 1]!) / 2 : sorted[from]!;
}
