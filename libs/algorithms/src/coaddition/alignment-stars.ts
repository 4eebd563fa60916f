// Stars good enough to align frames of unknown seeing: peaks of the matched filter, of the width that makes the bright ones most
// significant. Positions by a parabola through the filtered peak; error about the PSF's sigma over S/N.
import { type Exposure, MaskBit } from '#libs/image';
import { detectSources, DetectionConfig } from '../detection/index.js';
import type { PlaneStars } from '../matching/index.js';

export interface AlignmentStarsConfig {
  /** trial widths of the filter [px] */
  readonly sigmas: readonly number[];
  /** least S/N */
  readonly threshold: number;
  /** stars whose significance decides between the widths */
  readonly deciding: number;
}
export const DEFAULT_ALIGNMENT_STARS: AlignmentStarsConfig = { sigmas: [1.2, 2, 3.3, 5.5], threshold: 6, deciding: 30 };

export interface AlignmentStars extends PlaneStars {
  readonly x: Float64Array;
  readonly y: Float64Array;
  /** flux of the filter's Gaussian through the peak, image units */
  readonly brightness: Float64Array;
  /** the filter that won [px] */
  readonly sigma: number;
}

const DEFECT = MaskBit.BAD | MaskBit.CR | MaskBit.UNMASKEDNAN;

/** Brightest first. The exposure must be background-subtracted; it is not changed. */
export function findAlignmentStars(exposure: Exposure, config: Partial<AlignmentStarsConfig> = {}): AlignmentStars {
  const { sigmas, threshold, deciding } = { ...DEFAULT_ALIGNMENT_STARS, ...config };
  let best: { readonly score: number; readonly stars: AlignmentStars } | undefined;
  for (const sigma of sigmas) {
    const found = starsAt(exposure, sigma, threshold, deciding);
    if (!best || found.score > best.score) best = found;
  }
  const none = new Float64Array(0);
  return best?.stars ?? { x: none, y: none, brightness: none, sigma: NaN };
}

function starsAt(
  exposure: Exposure,
  sigma: number,
  threshold: number,
  deciding: number,
): { readonly score: number; readonly stars: AlignmentStars } {
  const { width, height, variance } = exposure;
  const { footprints, significance } = detectSources(
    // defects must not count as stars: to the filter they are pixels without data
    { ...exposure, mask: exposure.mask.map((bits) => ((bits & DEFECT) === 0 ? bits : bits | MaskBit.NO_DATA)) },
    DetectionConfig.parse({ threshold, psfSigma: sigma, growSigma: 0 }),
  );
  const margin = Math.ceil(2 * sigma);
  const peaks = footprints
    .flatMap((footprint) => footprint.peaks)
    .filter(({ x, y }) => x >= margin && y >= margin && x < width - margin && y < height - margin)
    .sort((a, b) => b.value - a.value || a.y - b.y || a.x - b.x);
  const positions = peaks.map(({ x, y }) => {
    const p = y * width + x;
    return { x: x + vertex(significance, p, 1), y: y + vertex(significance, p, width) };
  });
  // S/N of a Gaussian in white noise: flux / (2 sqrt(pi) sigma sqrt(v))
  const flux = peaks.map(({ x, y, value }) => value * 2 * Math.sqrt(Math.PI * variance[y * width + x]!) * sigma);
  return {
    score: peaks.slice(0, deciding).reduce((sum, peak) => sum + peak.value, 0),
    stars: {
      x: Float64Array.from(positions, (position) => position.x),
      y: Float64Array.from(positions, (position) => position.y),
      brightness: Float64Array.from(flux),
      sigma,
    },
  };
}

/** Offset of the top of the parabola through three values around a maximum, -0.5 to 0.5. */
function vertex(values: Float32Array, p: number, step: number): number {
  const [a, b, c] = [values[p - step]!, values[p]!, values[p + step]!];
  const curvature = a - 2 * b + c;
  return curvature < 0 ? Math.min(Math.max((a - c) / (2 * curvature), -0.5), 0.5) : 0;
}
