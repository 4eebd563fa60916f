/**
 * The HEALPix projections: HPX (Calabretta & Roukema 2007, MNRAS 381, 865), any H and K, and the polar "butterfly" XPH
 * (Calabretta & Lowe 2013, PASA 30, e050): the four quarters of the H = 4, K = 3 map turned about the north pole.
 */
import { SkyError } from './errors.js';
import type { Projection } from './projection.js';
import { asin, byAngles, HALF_PI, set, signedZeroSafe } from './projection-shapes.js';

export function hpx(parameters: readonly number[]): Projection {
  const [, h = 4, k = 3] = parameters;
  if (!(h >= 1 && k >= 1 && Number.isInteger(h) && Number.isInteger(k)))
    throw new SkyError('INVALID_WCS', `HPX with H = ${h}, K = ${k} is no projection`, parameters);
  const border = Math.asin((k - 1) / k);
  const equator = (k * Math.PI) / (2 * h);
  const facet = (phi: number, north: boolean): number => {
    const omega = k % 2 === 1 || north ? 1 : 0;
    const index = Math.floor(((phi + Math.PI) * h) / (2 * Math.PI) + (1 - omega) / 2);
    return -Math.PI + ((2 * Math.min(index, h - 1 + (1 - omega)) + omega) * Math.PI) / h;
  };
  return byAngles(
    'HPX',
    0,
    parameters,
    (phi, theta, out) => {
      if (Math.abs(theta) <= border) return set(out, phi, equator * Math.sin(theta));
      const sigma = Math.sqrt(k * (1 - Math.abs(Math.sin(theta))));
      const centre = facet(phi, theta > 0);
      return set(out, centre + (phi - centre) * sigma, Math.sign(theta) * (Math.PI / h) * ((k + 1) / 2 - sigma));
    },
    (x, y, out) => {
      const limit = ((k - 1) * Math.PI) / (2 * h);
      if (Math.abs(y) <= limit) return set(out, x, asin(y / equator));
      const sigma = (k + 1) / 2 - Math.abs((y * h) / Math.PI);
      if (sigma < -1e-12) return false;
      const centre = facet(x, y > 0);
      const phi = centre + signedZeroSafe(x - centre, Math.max(sigma, 0));
      // beyond the edge of its facet a point is off the map
      if (Math.abs(phi - centre) > Math.PI / h + 1e-9) return false;
      return set(out, phi, Math.sign(y) * asin(1 - (sigma * sigma) / k));
    },
  );
}

const QUARTER = Math.PI / 4;

export const XPH: Projection = byAngles(
  'XPH',
  90,
  [],
  (phi, theta, out) => {
    // longitude from the western edge of its quarter, quarters counted from phi = -180
    const chi = phi >= Math.PI ? 0 : phi + Math.PI;
    const quarter = Math.min(3, Math.floor(chi / HALF_PI));
    const sin = Math.sin(theta);
    const colatitude = HALF_PI - Math.abs(theta);
    const sigma = Math.sqrt(3) * Math.SQRT2 * Math.sin(colatitude / 2);
    const polar = Math.abs(sin) > 2 / 3;
    const xi = (chi - quarter * HALF_PI - QUARTER) * (polar ? sigma : 1);
    const eta = (polar ? Math.sign(theta) * QUARTER * (2 - sigma) : (3 / 8) * Math.PI * sin) - HALF_PI;
    const cos = Math.SQRT1_2 * xi;
    const side = Math.SQRT1_2 * eta;
    switch (quarter) {
      case 0:
        return set(out, -cos + side, -cos - side);
      case 1:
        return set(out, cos + side, -cos + side);
      case 2:
        return set(out, cos - side, cos + side);
      default:
        return set(out, -cos - side, cos - side);
    }
  },
  (x, y, out) => {
    const quarter = x <= 0 && y > 0 ? 0 : x < 0 && y <= 0 ? 1 : x >= 0 && y < 0 ? 2 : 3;
    const p = Math.SQRT1_2 * x;
    const q = Math.SQRT1_2 * y;
    const xi = quarter === 0 ? -p - q : quarter === 1 ? p - q : quarter === 2 ? p + q : q - p;
    const south = quarter === 0 ? p - q : quarter === 1 ? p + q : quarter === 2 ? q - p : -p - q;
    const eta = south + HALF_PI;
    const edge = (quarter - 2) * HALF_PI;
    if (Math.abs(eta) <= QUARTER) {
      if (Math.abs(xi) > QUARTER + 1e-12) return false;
      return set(out, edge + QUARTER + xi, asin(eta / ((3 / 8) * Math.PI)));
    }
    const sigma = 2 - Math.abs(eta) / QUARTER;
    if (sigma < -1e-12 || Math.abs(xi) > Math.max(sigma, 0) * QUARTER + 1e-12) return false;
    const colatitude = 2 * asin(sigma / Math.sqrt(6));
    return set(out, edge + QUARTER + signedZeroSafe(xi, Math.max(sigma, 0)), Math.sign(eta) * (HALF_PI - colatitude));
  },
);
