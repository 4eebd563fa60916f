// Aperture correction: what the PSF flux misses relative to the calibration aperture, as a low-order polynomial over the image
// fitted to the flux ratios of bright stars with 4-MAD clipping (LSST measureApCorr). Dimensionless.

import { z } from 'zod';
import { finiteValues, median, polynomialTermCount, polynomialTerms, solveSymmetric } from '../numeric/index.js';

export const ApertureCorrectionConfig = z.object({
  degree: z.int().min(0).max(3).default(1).meta({ description: 'highest degree of the variation over the image' }),
  starsPerTerm: z.number().positive().default(10).meta({ description: 'the degree is lowered below that many stars' }),
  clipMad: z.number().positive().default(4).meta({ unit: 'MAD sigma', description: 'stars farther off are left out' }),
  iterations: z.int().min(1).default(4).meta({ description: 'clipping passes' }),
});
export type ApertureCorrectionConfig = z.output<typeof ApertureCorrectionConfig>;

/** JSON-able: correction = polynomial of the position (see polynomialTerms). */
export interface ApertureCorrection {
  readonly degree: number;
  readonly imageWidth: number;
  readonly imageHeight: number;
  readonly coefficients: readonly number[];
  readonly starCount: number;
  /** robust scatter of the ratios about the fit */
  readonly scatter: number;
}

export const noApertureCorrection = (imageWidth: number, imageHeight: number): ApertureCorrection => ({
  degree: 0,
  imageWidth,
  imageHeight,
  coefficients: [1],
  starCount: 0,
  scatter: NaN,
});

/** Fits aperture / PSF flux of stars; no usable star gives the correction 1. */
export function fitApertureCorrection(
  stars: readonly { readonly x: number; readonly y: number; readonly ratio: number; readonly weight: number }[],
  imageWidth: number,
  imageHeight: number,
  config: ApertureCorrectionConfig,
): ApertureCorrection {
  let kept = stars.filter(({ ratio, weight }) => Number.isFinite(ratio) && ratio > 0.2 && ratio < 5 && weight > 0);
  if (kept.length === 0) return noApertureCorrection(imageWidth, imageHeight);
  let result: ApertureCorrection | undefined;
  // the first centre is the median, so that a single wild star cannot pull the fit
  const middle = median(kept.map((star) => star.ratio));
  let predict = (_x: number, _y: number): number => middle;
  for (let pass = 0; pass < config.iterations; pass++) {
    const residuals = kept.map((star) => Math.abs(star.ratio - predict(star.x, star.y)));
    const mad = 1.4826 * median(residuals);
    if (kept.length > 3) kept = kept.filter((_, i) => residuals[i]! <= Math.max(config.clipMad * mad, 1e-12));
    let degree = config.degree;
    while (degree > 0 && kept.length < config.starsPerTerm * polynomialTermCount(degree)) degree--;
    const n = polynomialTermCount(degree);
    const normal = new Float64Array(n * n);
    const right = new Float64Array(n);
    for (const star of kept) {
      const phi = polynomialTerms(degree, star.x, star.y, imageWidth, imageHeight);
      for (let a = 0; a < n; a++) {
        right[a]! += star.weight * phi[a]! * star.ratio;
        for (let b = 0; b < n; b++) normal[a * n + b]! += star.weight * phi[a]! * phi[b]!;
      }
    }
    const coefficients = solveSymmetric(normal, right, n);
    result = {
      degree,
      imageWidth,
      imageHeight,
      coefficients: Array.from(coefficients),
      starCount: kept.length,
      scatter: mad,
    };
    const model = result;
    predict = (x, y) => apertureCorrectionAt(model, x, y);
  }
  // the median residual ratio is exactly one
  const left = median(finiteValues(kept.map((star) => star.ratio / predict(star.x, star.y))));
  return { ...result!, coefficients: result!.coefficients.map((c) => c * left) };
}

export function apertureCorrectionAt(model: ApertureCorrection, x: number, y: number): number {
  const terms = polynomialTerms(model.degree, x, y, model.imageWidth, model.imageHeight);
  return terms.reduce((sum, term, q) => sum + term * model.coefficients[q]!, 0);
}
