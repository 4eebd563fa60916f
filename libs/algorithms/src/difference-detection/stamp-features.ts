// Numbers of the 11 x 11 pixels around a DIASource that tell stars from artefacts. All are dimensionless, and signed so that
// the source counts as positive.
import { type Exposure, MaskBit, psfSigma } from '#libs/image';
import { gridStamp } from './fit-position.js';

export interface StampFeatures {
  /** fraction of the central 7 x 7 pixels more than 2 sigma below zero (noise: 0.023) */
  readonly negativeFraction: number;
  /** chi^2 per pixel of the PSF model over the central 7 x 7 pixels */
  readonly reducedChi2: number;
  /** residual of the PSF model as a share of the flux: sum |d - F p| beyond noise / |F| over 7 x 7 pixels */
  readonly residualShare: number;
  /** central pixel over the PSF model's central pixel (cosmic rays and hot pixels: well above 1) */
  readonly peakRatio: number;
  /** share of the 5 x 5 pixels that are interpolated, cosmic-ray, bad, saturated or without data */
  readonly maskedFraction: number;
  /** distance to the nearest saturated pixel [PSF sigma], at most 20 */
  readonly saturationDistance: number;
  /** template's brightest pixel in the PSF core, in units of the source's own model peak */
  readonly hostRatio: number;
}

const HALF = 3;
const TROUBLE =
  MaskBit.INTRP |
  MaskBit.CR |
  MaskBit.BAD |
  MaskBit.SAT |
  MaskBit.SAT_TEMPLATE |
  MaskBit.NO_DATA |
  MaskBit.SUSPECT |
  MaskBit.STREAK;

export function stampFeatures(
  difference: Exposure,
  template: Exposure,
  x: number,
  y: number,
  polarity: 1 | -1,
  flux: number,
): StampFeatures {
  const { width, height, image, variance, mask } = difference;
  const psf = difference.psf!;
  const cx = Math.round(x);
  const cy = Math.round(y);
  const model = gridStamp(psf, x, y, cx, cy, HALF);
  let [negative, chi2, beyond, count, host] = [0, 0, 0, 0, 0];
  for (let j = -HALF; j <= HALF; j++)
    for (let i = -HALF; i <= HALF; i++) {
      const px = cx + i;
      const py = cy + j;
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const p = py * width + px;
      const v = variance[p]!;
      if (!(v > 0 && v < Infinity)) continue;
      const noise = Math.sqrt(v);
      const value = polarity * image[p]!;
      if (value < -2 * noise) negative++;
      const residual = image[p]! - flux * model[(j + HALF) * (2 * HALF + 1) + i + HALF]!;
      chi2 += (residual * residual) / v;
      beyond += Math.max(Math.abs(residual) - 1.5 * noise, 0);
      if (Math.max(Math.abs(i), Math.abs(j)) <= 2 && template.image[p]! > host) host = template.image[p]!;
      count++;
    }
  let troubled = 0;
  for (let j = -2; j <= 2; j++)
    for (let i = -2; i <= 2; i++) {
      const px = cx + i;
      const py = cy + j;
      if (px < 0 || py < 0 || px >= width || py >= height || (mask[py * width + px]! & TROUBLE) !== 0) troubled++;
    }
  const centre = Math.abs(flux) * model[HALF * (2 * HALF + 1) + HALF]!;
  const sigma = psfSigma(psf, x, y);
  return {
    negativeFraction: count > 0 ? negative / count : 1,
    reducedChi2: count > 1 ? chi2 / (count - 1) : NaN,
    residualShare: beyond / Math.abs(flux),
    peakRatio: (polarity * (image[cy * width + cx] ?? 0)) / centre,
    maskedFraction: troubled / 25,
    saturationDistance: saturationDistance(difference, cx, cy, Math.ceil(20 * sigma)) / sigma,
    hostRatio: host / centre,
  };
}

function saturationDistance({ width, height, mask }: Exposure, cx: number, cy: number, reach: number): number {
  const saturated = MaskBit.SAT | MaskBit.SAT_TEMPLATE;
  let best = reach * reach;
  for (let y = Math.max(0, cy - reach); y <= Math.min(height - 1, cy + reach); y++)
    for (let x = Math.max(0, cx - reach); x <= Math.min(width - 1, cx + reach); x++)
      if ((mask[y * width + x]! & saturated) !== 0) best = Math.min(best, (x - cx) ** 2 + (y - cy) ** 2);
  return Math.sqrt(best);
}
