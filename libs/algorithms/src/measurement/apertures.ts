// Circular apertures with the exact overlap of circle and pixel (closed form per boundary pixel; the integral of the arc, as in
// SEP and photutils). Fluxes in image units; error^2 = sum of overlap x variance. Cost: pi r^2 per source.

import { isFiniteNumber } from '../numeric/statistics.js';

const { abs, asin, ceil, floor, max, min, sqrt } = Math;

/** Area of the unit-pixel-grid cell [x0, x1] x [y0, y1] inside the circle of radius r about the origin. */
export function circleRectangleOverlap(x0: number, y0: number, x1: number, y1: number, r: number): number {
  // signed areas of the quadrant-cornered rectangles [0, x] x [0, y]
  return cornerArea(x1, y1, r) - cornerArea(x0, y1, r) - cornerArea(x1, y0, r) + cornerArea(x0, y0, r);
}

/** Signed area of circle and rectangle between the origin and (x, y). */
function cornerArea(x: number, y: number, r: number): number {
  const sign = Math.sign(x) * Math.sign(y);
  if (sign === 0) return 0;
  const a = min(abs(x), r);
  const b = min(abs(y), r);
  if (a * a + b * b <= r * r) return sign * a * b;
  // up to xb the rectangle's top is inside the circle, beyond it the arc bounds it
  const xb = sqrt(max(0, r * r - b * b));
  const primitive = (t: number): number => 0.5 * (t * sqrt(max(0, r * r - t * t)) + r * r * asin(min(1, t / r)));
  return sign * (b * xb + primitive(a) - primitive(xb));
}

export interface ApertureFlux {
  readonly flux: number;
  readonly fluxErr: number;
  /** area on the image [px^2] */
  readonly area: number;
  /** false when a part of the aperture lies outside the image (the flux is then of the part inside) */
  readonly complete: boolean;
}

/** The flux within `radius` [px] of (x, y). Non-finite pixels count as zero. */
export function apertureFlux(
  plane: {
    readonly width: number;
    readonly height: number;
    readonly image: Float32Array;
    readonly variance: Float32Array;
  },
  x: number,
  y: number,
  radius: number,
): ApertureFlux {
  const { width, height, image, variance } = plane;
  const x0 = floor(x - radius + 0.5);
  const x1 = ceil(x + radius - 0.5);
  const y0 = floor(y - radius + 0.5);
  const y1 = ceil(y + radius - 0.5);
  const inner = max(0, radius - Math.SQRT1_2) ** 2;
  const outer = (radius + Math.SQRT1_2) ** 2;
  let flux = 0;
  let squares = 0;
  let area = 0;
  for (let j = max(0, y0); j <= min(height - 1, y1); j++)
    for (let i = max(0, x0); i <= min(width - 1, x1); i++) {
      const dx = i - x;
      const dy = j - y;
      const d2 = dx * dx + dy * dy;
      if (d2 > outer) continue;
      const part = d2 < inner ? 1 : circleRectangleOverlap(dx - 0.5, dy - 0.5, dx + 0.5, dy + 0.5, radius);
      const k = j * width + i;
      area += part;
      const value = image[k]!;
      if (!isFiniteNumber(value)) continue;
      flux += part * value;
      squares += part * variance[k]!;
    }
  return {
    flux,
    fluxErr: sqrt(squares),
    area,
    complete: x - radius >= -0.5 && y - radius >= -0.5 && x + radius <= width - 0.5 && y + radius <= height - 0.5,
  };
}
