// The conic projections COP, COE, COD, COO (Paper II, section 5.4). PV2_1: mean of the standard latitudes, PV2_2: half their distance.
import { SkyError } from './errors.js';
import type { Projection } from './projection.js';
import { asin, byAngles, DEG_TO_RAD, HALF_PI } from './projection-shapes.js';

/** The four conics share x = R sin(C phi), y = Y0 - R cos(C phi). */
function conic(
  code: string,
  parameters: readonly number[],
  c: number,
  y0: number,
  radius: (theta: number) => number,
  thetaOf: (r: number) => number,
): Projection {
  const thetaA = parameters[1] ?? NaN;
  if (!Number.isFinite(c) || c === 0 || !Number.isFinite(y0))
    throw new SkyError('INVALID_WCS', `${code} needs PV2_1, a standard latitude other than 0`, parameters);
  return byAngles(
    code,
    thetaA,
    parameters,
    (phi, theta, out) => {
      const r = radius(theta);
      out[0] = r * Math.sin(c * phi);
      out[1] = y0 - r * Math.cos(c * phi);
      return true;
    },
    (x, y, out) => {
      const r = Math.sign(thetaA) * Math.hypot(x, y0 - y);
      out[0] = r === 0 ? 0 : Math.atan2(x / r, (y0 - y) / r) / c;
      out[1] = thetaOf(r);
      return !Number.isNaN(out[1]);
    },
  );
}

export function conicByCode(code: string, parameters: readonly number[]): Projection {
  const thetaA = (parameters[1] ?? NaN) * DEG_TO_RAD;
  const eta = (parameters[2] ?? 0) * DEG_TO_RAD;
  const [theta1, theta2] = [thetaA - eta, thetaA + eta];
  const cot = 1 / Math.tan(thetaA);
  if (code === 'COP') {
    const cosEta = Math.cos(eta);
    return conic(
      code,
      parameters,
      Math.sin(thetaA),
      cosEta * cot,
      (theta) => (Math.abs(theta - thetaA) < HALF_PI ? cosEta * (cot - Math.tan(theta - thetaA)) : NaN),
      (r) => thetaA + Math.atan(cot - r / cosEta),
    );
  }
  if (code === 'COE') {
    const gamma = Math.sin(theta1) + Math.sin(theta2);
    const product = 1 + Math.sin(theta1) * Math.sin(theta2);
    const radius = (s: number): number => (2 / gamma) * Math.sqrt(product - gamma * s);
    return conic(
      code,
      parameters,
      gamma / 2,
      radius(Math.sin(thetaA)),
      (theta) => radius(Math.sin(theta)),
      (r) => asin(product / gamma - (gamma * r * r) / 4),
    );
  }
  if (code === 'COD') {
    const etaCot = eta === 0 ? 1 : eta / Math.tan(eta);
    return conic(
      code,
      parameters,
      eta === 0 ? Math.sin(thetaA) : (Math.sin(thetaA) * Math.sin(eta)) / eta,
      etaCot * cot,
      (theta) => thetaA - theta + etaCot * cot,
      (r) => thetaA + etaCot * cot - r,
    );
  }
  const half = (theta: number): number => Math.tan((HALF_PI - theta) / 2);
  const c =
    eta === 0
      ? Math.sin(theta1)
      : Math.log(Math.cos(theta2) / Math.cos(theta1)) / Math.log(half(theta2) / half(theta1));
  const psi = Math.cos(theta1) / (c * half(theta1) ** c);
  return conic(
    code,
    parameters,
    c,
    psi * half(thetaA) ** c,
    (theta) => psi * half(theta) ** c,
    (r) => HALF_PI - 2 * Math.atan((r / psi) ** (1 / c)),
  );
}
