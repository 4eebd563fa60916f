// Pixel-basis PSF from star stamps. Every star, divided by its flux and shifted to the pixel centre, gives one noisy sample of
// each PSF pixel; a weighted polynomial fit over the stars, pixel by pixel, shares one small normal matrix. Repeating the fit on
// the residuals of the forward model (model shifted to the star) removes what the shifting of data blurs.
// Cost: stars x size^2 x (40 + terms) per pass.

import { z } from 'zod';
import { AlgorithmError } from '../errors.js';
import { adaptiveMoments } from '../measurement/adaptive-moments.js';
import { median, polynomialTermCount, polynomialTerms, solveSymmetric, StampShifter } from '../numeric/index.js';
import { PixelBasisPsf } from './pixel-basis.js';

const { cos, hypot, max, min, round } = Math;

export const PixelPsfConfig = z.object({
  degree: z.int().min(0).max(3).default(2).meta({ description: 'highest degree of the variation over the image' }),
  starsPerTerm: z
    .number()
    .positive()
    .default(8)
    .meta({ description: 'the degree is lowered until there are that many stars per polynomial term' }),
  passes: z.int().min(1).default(4).meta({ description: 'fits on residuals' }),
  clipSigma: z.number().positive().default(5).meta({ unit: 'sigma', description: 'pixels off by more are ignored' }),
  taperFraction: z.number().min(0).max(1).default(0.8).meta({
    description: 'radius, relative to the stamp’s half side, beyond which the model is tapered to zero',
  }),
});
export type PixelPsfConfig = z.output<typeof PixelPsfConfig>;

export interface PsfStar {
  /** position in the image [px] */
  readonly x: number;
  readonly y: number;
  readonly flux: number;
  readonly snr: number;
  /** neighbour-subtracted pixels about (round(x), round(y)), size x size; NaN where unusable */
  readonly data: Float32Array;
  /** noise variance of a pixel far from the star */
  readonly variance: number;
}

export interface PixelPsfFit {
  readonly psf: PixelBasisPsf;
  readonly degree: number;
  /** for each star: was it used to the end */
  readonly used: readonly boolean[];
}

/** @throws AlgorithmError NO_STARS with fewer than one star */
export function fitPixelPsf(
  stars: readonly PsfStar[],
  size: number,
  imageWidth: number,
  imageHeight: number,
  config: PixelPsfConfig,
): PixelPsfFit {
  if (stars.length === 0) throw new AlgorithmError('NO_STARS', 'a PSF cannot be fitted without stars');
  let degree = config.degree;
  while (degree > 0 && stars.length < config.starsPerTerm * polynomialTermCount(degree)) degree--;
  const terms = polynomialTermCount(degree);
  const area = size * size;
  const half = size >> 1;
  const shifter = new StampShifter(5);
  const taper = taperOf(size, config.taperFraction);
  let coefficients = new Float64Array(terms * area);
  const flux = Float64Array.from(stars, (star) => star.flux);
  const used = stars.map(() => true);
  const termsOf = stars.map((star) => polynomialTerms(degree, star.x, star.y, imageWidth, imageHeight));
  const weight = stars.map(({ snr }) => (snr * snr) / (1 + (snr / 300) ** 2));
  const kernel = new Float64Array(area);
  const model = new Float64Array(area);
  const residual = new Float64Array(area);
  const centred = new Float64Array(area);
  const badness = new Float64Array(stars.length);
  for (let pass = 0; pass < config.passes; pass++) {
    const normal = new Float64Array(terms * terms);
    const right = new Float64Array(terms * area);
    stars.forEach((star, s) => {
      const phi = termsOf[s]!;
      const dx = star.x - round(star.x);
      const dy = star.y - round(star.y);
      let chi2 = 0;
      let count = 0;
      if (pass > 0) {
        kernel.fill(0);
        for (let q = 0; q < terms; q++)
          for (let i = 0; i < area; i++) kernel[i]! += phi[q]! * coefficients[q * area + i]!;
        shifter.shift(kernel, size, dx, dy, model);
        // profile the flux
        let mm = 0;
        let md = 0;
        for (let i = 0; i < area; i++) {
          const value = star.data[i]!;
          if (Number.isNaN(value)) continue;
          mm += model[i]! * model[i]!;
          md += model[i]! * value;
        }
        if (mm > 0 && md > 0) flux[s] = md / mm;
      } else model.fill(0);
      const f = flux[s]!;
      for (let i = 0; i < area; i++) {
        const value = star.data[i]!;
        let r = Number.isNaN(value) ? 0 : value / f - model[i]!;
        if (pass > 0) {
          // noise: pixel variance, photons of the star, 3 % of the profile for what the model cannot follow yet
          const m = max(0, model[i]!);
          const variance = star.variance / (f * f) + m / f + (0.03 * m) ** 2;
          chi2 += min(25, (r * r) / variance);
          count++;
          if (r * r > config.clipSigma ** 2 * variance) r = 0;
        }
        residual[i] = r;
      }
      badness[s] = count > 0 ? chi2 / count : 0;
      if (!used[s]) return;
      shifter.shift(residual, size, -dx, -dy, centred);
      const w = weight[s]!;
      for (let q = 0; q < terms; q++) {
        const wq = w * phi[q]!;
        for (let p = 0; p < terms; p++) normal[q * terms + p]! += wq * phi[p]!;
        const o = q * area;
        for (let i = 0; i < area; i++) right[o + i]! += wq * centred[i]!;
      }
    });
    const inverseColumns: Float64Array[] = [];
    for (let q = 0; q < terms; q++) {
      const unit = new Float64Array(terms);
      unit[q] = 1;
      inverseColumns.push(solveSymmetric(normal, unit, terms));
    }
    const next = coefficients.slice();
    for (let q = 0; q < terms; q++)
      for (let p = 0; p < terms; p++) {
        const a = inverseColumns[p]![q]!;
        for (let i = 0; i < area; i++) next[q * area + i]! += a * right[p * area + i]!;
      }
    for (let q = 0; q < terms; q++) for (let i = 0; i < area; i++) next[q * area + i]! *= taper[i]!;
    coefficients = recentred(next, size, terms, half, shifter);
    if (pass >= 1 && stars.length >= 5) {
      const typical = median(badness);
      for (let s = 0; s < stars.length; s++) used[s] = badness[s]! <= max(2, 3 * typical);
      if (used.filter(Boolean).length < 3 + terms) used.fill(true);
    }
  }
  const psf = new PixelBasisPsf({
    size,
    degree,
    imageWidth,
    imageHeight,
    coefficients: Float32Array.from(coefficients),
  });
  return { psf, degree, used };
}

/** Normalises the mean PSF to sum 1 and moves its (adaptive Gaussian-weighted) centroid to the central pixel. */
function recentred(
  c: Float64Array,
  size: number,
  terms: number,
  half: number,
  shifter: StampShifter,
): Float64Array<ArrayBuffer> {
  const area = size * size;
  let sum = 0;
  for (let i = 0; i < area; i++) sum += c[i]!;
  const result = new Float64Array(c.length);
  for (let i = 0; i < c.length; i++) result[i] = c[i]! / sum;
  const mean = result.subarray(0, area);
  const { x, y, converged } = adaptiveMoments({ width: size, height: size, data: mean }, half, half, {
    recentre: true,
  });
  if (!converged) return result;
  for (let q = 0; q < terms; q++) {
    const plane = result.slice(q * area, (q + 1) * area);
    shifter.shift(plane, size, half - x, half - y, result.subarray(q * area, (q + 1) * area));
  }
  return result;
}

/** 1 inside, cosine to 0 at the stamp's half side. */
function taperOf(size: number, fraction: number): Float64Array {
  const half = size >> 1;
  const taper = new Float64Array(size * size);
  const inner = fraction * half;
  const outer = half + 0.5;
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) {
      const r = hypot(i - half, j - half);
      taper[j * size + i] =
        r <= inner ? 1 : r >= outer ? 0 : 0.5 * (1 + cos((Math.PI * (r - inner)) / (outer - inner)));
    }
  return taper;
}
