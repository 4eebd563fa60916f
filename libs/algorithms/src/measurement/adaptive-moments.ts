// Adaptive second moments: the elliptical Gaussian weight that matches the object (Bernstein & Jarvis 2002, AJ 123, 583; the
// iteration of SDSS). A point-sampled noiseless Gaussian returns its own covariance. Moments in px^2. O(pixels) per iteration.

import { isFiniteNumber } from '../numeric/statistics.js';

const { abs, ceil, exp, floor, hypot, max, min, sqrt } = Math;

export interface AdaptiveMoments {
  readonly x: number;
  readonly y: number;
  readonly xx: number;
  readonly yy: number;
  readonly xy: number;
  /** flux of the best elliptical Gaussian */
  readonly flux: number;
  /** false when the iteration failed; the numbers are then unweighted or the start values */
  readonly converged: boolean;
}

export interface AdaptiveMomentsOptions {
  /** start covariance of the weight [px^2] */
  readonly startVariance?: number;
  /** let the centre move with the weight; otherwise it stays where it was given */
  readonly recentre?: boolean;
  /** largest distance the centre may move [px] */
  readonly maxShift?: number;
  /** no pixel farther than this from the centre takes part [px] */
  readonly maxRadius?: number;
}

/** Adaptive moments of the object at (x, y) of a background-subtracted plane. Non-finite pixels are skipped. */
export function adaptiveMoments(
  plane: { readonly width: number; readonly height: number; readonly data: Float32Array | Float64Array },
  x: number,
  y: number,
  options: AdaptiveMomentsOptions = {},
): AdaptiveMoments {
  const { startVariance = 2.25, recentre = false, maxShift = 1.5, maxRadius = 25 } = options;
  const { width, height, data } = plane;
  let wxx = startVariance;
  let wyy = startVariance;
  let wxy = 0;
  let cx = x;
  let cy = y;
  const failed = (): AdaptiveMoments => ({ x: cx, y: cy, xx: wxx, yy: wyy, xy: wxy, flux: NaN, converged: false });
  for (let pass = 0; pass < 100; pass++) {
    const det = wxx * wyy - wxy * wxy;
    if (!(det > 1e-6) || !(wxx > 0) || !(wyy > 0)) return failed();
    const w11 = wyy / det;
    const w22 = wxx / det;
    const w12 = -wxy / det;
    const rx = min(maxRadius, 4 * sqrt(wxx));
    const ry = min(maxRadius, 4 * sqrt(wyy));
    const x0 = max(0, ceil(cx - rx));
    const x1 = min(width - 1, floor(cx + rx));
    const y0 = max(0, ceil(cy - ry));
    const y1 = min(height - 1, floor(cy + ry));
    // weights narrower than a pixel are integrated on 4 x 4 sub-pixels
    const fine = wxx < 0.25 || wyy < 0.25 || det < 0.0625;
    let s0 = 0;
    let sx = 0;
    let sy = 0;
    let sxx = 0;
    let syy = 0;
    let sxy = 0;
    for (let j = y0; j <= y1; j++) {
      for (let i = x0; i <= x1; i++) {
        const value = data[j * width + i]!;
        if (!isFiniteNumber(value)) continue;
        if (!fine) {
          const dx = i - cx;
          const dy = j - cy;
          const q = w11 * dx * dx + 2 * w12 * dx * dy + w22 * dy * dy;
          if (q > 14) continue;
          const wi = exp(-0.5 * q) * value;
          s0 += wi;
          sx += wi * dx;
          sy += wi * dy;
          sxx += wi * dx * dx;
          syy += wi * dy * dy;
          sxy += wi * dx * dy;
        } else {
          for (let v = -0.375; v < 0.5; v += 0.25)
            for (let u = -0.375; u < 0.5; u += 0.25) {
              const dx = i + u - cx;
              const dy = j + v - cy;
              const q = w11 * dx * dx + 2 * w12 * dx * dy + w22 * dy * dy;
              if (q > 14) continue;
              const wi = (exp(-0.5 * q) * value) / 16;
              s0 += wi;
              sx += wi * dx;
              sy += wi * dy;
              sxx += wi * dx * dx;
              syy += wi * dy * dy;
              sxy += wi * dx * dy;
            }
        }
      }
    }
    if (!(s0 > 0)) return failed();
    const mx = sx / s0;
    const my = sy / s0;
    const oxx = sxx / s0 - (recentre ? mx * mx : 0);
    const oyy = syy / s0 - (recentre ? my * my : 0);
    const oxy = sxy / s0 - (recentre ? mx * my : 0);
    if (recentre) {
      // the weight pulls the centroid back by half for a matched Gaussian
      cx += 2 * mx;
      cy += 2 * my;
      if (hypot(cx - x, cy - y) > maxShift) return failed();
    }
    const odet = oxx * oyy - oxy * oxy;
    if (!(odet > 1e-6)) return failed();
    // Gaussian product rule: inverse(observed) = inverse(true) + inverse(weight)
    const n11 = oyy / odet - w11;
    const n22 = oxx / odet - w22;
    const n12 = -oxy / odet - w12;
    const ndet = n11 * n22 - n12 * n12;
    if (!(ndet > 1e-9) || !(n11 > 0)) return failed();
    const xx = n22 / ndet;
    const yy = n11 / ndet;
    const xy = -n12 / ndet;
    const change = max(abs(xx / wxx - 1), abs(yy / wyy - 1), abs(xy - wxy) / sqrt(wxx * wyy));
    const moved = recentre ? max(abs(mx), abs(my)) : 0;
    wxx = xx;
    wyy = yy;
    wxy = xy;
    if (wxx > maxRadius * maxRadius || wyy > maxRadius * maxRadius) return failed();
    if (change < 1e-5 && moved < 1e-5) return { x: cx, y: cy, xx, yy, xy, flux: 2 * s0, converged: true };
  }
  return failed();
}
