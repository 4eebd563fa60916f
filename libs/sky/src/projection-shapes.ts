// What the projections share: formulae in native longitude and latitude, radii from the pole, safe inverse functions. Radians.
import type { Projection } from './projection.js';

export const DEG_TO_RAD = Math.PI / 180;
export const HALF_PI = Math.PI / 2;
type Forward = (phi: number, theta: number, out: Float64Array) => boolean;
/** plane -> phi, theta in out[0..1] */
type Inverse = (x: number, y: number, out: Float64Array) => boolean;

const angles = new Float64Array(2);
/** asin with a little slack for rounding at the border; NaN beyond */
export const asin = (value: number): number =>
  Math.abs(value) <= 1 ? Math.asin(value) : Math.abs(value) < 1 + 1e-12 ? Math.sign(value) * HALF_PI : NaN;

/** A projection given by its formulae in native longitude and latitude. */
export function byAngles(
  code: string,
  theta0: number,
  parameters: readonly number[],
  forward: Forward,
  inverse: Inverse,
): Projection {
  return {
    code,
    phi0: 0,
    theta0,
    parameters,
    toSphere(x, y, out) {
      if (!inverse(x, y, angles)) return false;
      const phi = angles[0]!;
      const theta = angles[1]!;
      if (!(Math.abs(theta) <= HALF_PI + 1e-12) || !(Math.abs(phi) <= Math.PI + 1e-9)) return false;
      const cos = Math.cos(theta);
      out[0] = cos * Math.cos(phi);
      out[1] = cos * Math.sin(phi);
      out[2] = Math.sin(theta);
      return true;
    },
    toPlane(l, m, n, out) {
      const rho = Math.hypot(l, m);
      return forward(rho === 0 ? 0 : Math.atan2(m, l), Math.atan2(n, rho), out) && Number.isFinite(out[0]! + out[1]!);
    },
  };
}

/** A zenithal projection by its radius R(theta) and the inverse. */
export function zenithal(
  code: string,
  parameters: readonly number[],
  radius: (theta: number) => number,
  thetaOf: (r: number) => number,
): Projection {
  return byAngles(
    code,
    90,
    parameters,
    (phi, theta, out) => {
      const r = radius(theta);
      out[0] = r * Math.sin(phi);
      out[1] = -r * Math.cos(phi);
      return r >= 0;
    },
    (x, y, out) => {
      out[0] = x === 0 && y === 0 ? 0 : Math.atan2(x, -y);
      out[1] = thetaOf(Math.hypot(x, y));
      return !Number.isNaN(out[1]);
    },
  );
}

/**
 * Root of an increasing function on [low, high] to rounding, by Chandrupatla's method (1997): bisection, or inverse quadratic interpolation
 * where that is safe; some ten evaluations. NaN when there is no root.
 */
export function increasingRoot(f: (t: number) => number, low: number, high: number): number {
  let a = high;
  let b = low;
  let fa = f(a);
  let fb = f(b);
  if (!(fb <= 0 && fa >= 0)) return NaN;
  let c = a;
  let fc = fa;
  let step = 0.5;
  for (let k = 0; k < 200; k++) {
    const x = a + step * (b - a);
    const fx = f(x);
    if (fx > 0 === fa > 0) {
      c = a;
      fc = fa;
    } else {
      c = b;
      fc = fb;
      b = a;
      fb = fa;
    }
    a = x;
    fa = fx;
    const closer = Math.abs(fa) < Math.abs(fb);
    const best = closer ? a : b;
    if ((closer ? fa : fb) === 0 || Math.abs(b - a) <= 2.3e-16 * Math.abs(best)) return best;
    const smallest = (1.2e-16 * Math.abs(best)) / Math.abs(b - a);
    const xi = (a - b) / (c - b);
    const phi = (fa - fb) / (fc - fb);
    const interpolate = phi * phi < xi && (1 - phi) * (1 - phi) < 1 - xi;
    step = interpolate
      ? (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb))
      : 0.5;
    step = Math.min(1 - smallest, Math.max(smallest, step));
  }
  return Math.abs(fa) < Math.abs(fb) ? a : b;
}

export const set = (out: Float64Array, a: number, b: number): boolean => {
  out[0] = a;
  out[1] = b;
  return !Number.isNaN(a) && !Number.isNaN(b);
};
export const signedZeroSafe = (value: number, divisor: number): number => (divisor === 0 ? 0 : value / divisor);
