// Position and flux of a point source by least squares on the PSF model: Gauss-Newton with the model's derivatives by
// central differences. Position errors come from the covariance with the image's variance plane. Works for negative sources.
import type { Exposure } from '#libs/image';

export interface PositionFit {
  readonly x: number;
  readonly y: number;
  readonly xErr: number;
  readonly yErr: number;
  readonly flux: number;
  readonly chi2: number;
  readonly pixels: number;
  readonly converged: boolean;
}

const STEP = 0.25;

/** Starts at a peak pixel; gives up (converged: false) beyond `maxShift` px from it. `radius` limits the fitted pixels. */
export function fitPosition(
  exposure: Exposure,
  x0: number,
  y0: number,
  badBits: number,
  radius = 6,
  maxShift = 2.5,
): PositionFit {
  const psf = exposure.psf!;
  let [x, y] = [x0, y0];
  let best: PositionFit = {
    x: x0,
    y: y0,
    xErr: NaN,
    yErr: NaN,
    flux: NaN,
    chi2: NaN,
    pixels: 0,
    converged: false,
  };
  for (let iteration = 0; iteration < 8; iteration++) {
    const system = normalEquations(exposure, psf, x, y, badBits, radius);
    if (!system) return best;
    const { flux, dx, dy, chi2, pixels, xErr, yErr } = system;
    const limit = 1;
    const stepX = Math.min(Math.max(dx, -limit), limit);
    const stepY = Math.min(Math.max(dy, -limit), limit);
    x += stepX;
    y += stepY;
    // false for NaN as well
    if (!(Math.hypot(x - x0, y - y0) <= maxShift)) return best;
    best = { x, y, xErr, yErr, flux, chi2, pixels, converged: Math.hypot(stepX, stepY) < 0.01 };
    if (best.converged) break;
  }
  return best;
}

function normalEquations(
  exposure: Exposure,
  psf: NonNullable<Exposure['psf']>,
  x: number,
  y: number,
  badBits: number,
  radius: number,
) {
  const { width, height, image, mask, variance } = exposure;
  const cx = Math.round(x);
  const cy = Math.round(y);
  // stamps of shifted positions share the grid of (cx, cy): the shift must not change the rounding
  const model = gridStamp(psf, x, y, cx, cy, radius);
  const left = gridStamp(psf, x - STEP, y, cx, cy, radius);
  const right = gridStamp(psf, x + STEP, y, cx, cy, radius);
  const below = gridStamp(psf, x, y - STEP, cx, cy, radius);
  const above = gridStamp(psf, x, y + STEP, cx, cy, radius);
  const side = 2 * radius + 1;
  let [mm, mx, my, xx, yy, xy, md, xd, yd, dd, noise, count] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) {
      const px = cx - radius + i;
      const py = cy - radius + j;
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const p = py * width + px;
      const v = variance[p]!;
      if ((mask[p]! & badBits) !== 0 || !(v > 0 && v < Infinity)) continue;
      const k = j * side + i;
      const m = model[k]!;
      const gx = (right[k]! - left[k]!) / (2 * STEP);
      const gy = (above[k]! - below[k]!) / (2 * STEP);
      const d = image[p]!;
      mm += m * m;
      mx += m * gx;
      my += m * gy;
      xx += gx * gx;
      yy += gy * gy;
      xy += gx * gy;
      md += m * d;
      xd += gx * d;
      yd += gy * d;
      dd += (d * d) / v;
      noise += v;
      count++;
    }
  if (count < 9 || !(mm > 0)) return undefined;
  const flux = md / mm;
  // d = F m - F dx g_x - F dy g_y: solve for (dx, dy) with the flux eliminated
  const a = xx - (mx * mx) / mm;
  const b = yy - (my * my) / mm;
  const c = xy - (mx * my) / mm;
  const det = a * b - c * c;
  const rx = (xd - (mx * md) / mm) / flux;
  const ry = (yd - (my * md) / mm) / flux;
  const dx = (b * rx - c * ry) / det;
  const dy = (a * ry - c * rx) / det;
  const v = noise / count;
  return {
    flux,
    dx,
    dy,
    chi2: dd - (flux * flux * mm) / v,
    pixels: count,
    xErr: Math.sqrt((v * b) / det) / Math.abs(flux),
    yErr: Math.sqrt((v * a) / det) / Math.abs(flux),
  };
}

/** The PSF at (x, y) on the square of half side `radius` around the pixel (cx, cy). */
export function gridStamp(
  psf: NonNullable<Exposure['psf']>,
  x: number,
  y: number,
  cx: number,
  cy: number,
  radius: number,
): Float64Array {
  const stamp = psf.stamp(x, y);
  const half = (stamp.width - 1) / 2;
  const offsetX = cx - Math.round(x) + half - radius;
  const offsetY = cy - Math.round(y) + half - radius;
  const side = 2 * radius + 1;
  const out = new Float64Array(side * side);
  for (let j = 0; j < side; j++)
    for (let i = 0; i < side; i++) {
      const sx = i + offsetX;
      const sy = j + offsetY;
      if (sx >= 0 && sy >= 0 && sx < stamp.width && sy < stamp.height)
        out[j * side + i] = stamp.data[sy * stamp.width + sx]!;
    }
  return out;
}
