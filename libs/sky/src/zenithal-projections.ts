// The zenithal projections but TAN (Paper II, section 5.1): centred on the native pole.
import { SkyError } from './errors.js';
import type { Projection } from './projection.js';
import { asin, byAngles, DEG_TO_RAD, HALF_PI, increasingRoot, zenithal } from './projection-shapes.js';

export function zpn(parameters: readonly number[]): Projection {
  const polynomial = (z: number): number => parameters.reduceRight((sum, c) => sum * z + c, 0);
  const slope = (z: number): number => parameters.reduceRight((sum, c, k) => (k === 0 ? sum : sum * z + k * c), 0);
  if (!(slope(0) > 0) && !(slope(1e-6) > 0))
    throw new SkyError('INVALID_WCS', 'ZPN needs a radius that grows from the pole', parameters);
  // the projection ends where the radius stops growing
  let end = Math.PI;
  for (let k = 1; k <= 3600; k++) {
    const z = (k * Math.PI) / 3600;
    if (slope(z) > 0) continue;
    end = increasingRoot((t) => -slope(t), z - Math.PI / 3600, z);
    break;
  }
  return zenithal(
    'ZPN',
    parameters,
    (theta) => (HALF_PI - theta <= end ? polynomial(HALF_PI - theta) : NaN),
    (r) => HALF_PI - increasingRoot((z) => polynomial(z) - r, 0, end),
  );
}

export function air(parameters: readonly number[]): Projection {
  const xiB = (HALF_PI - (parameters[1] ?? 90) * DEG_TO_RAD) / 2;
  const k = Math.abs(xiB) < 1e-6 ? -0.5 : Math.log(Math.cos(xiB)) / Math.tan(xiB) ** 2;
  const radius = (xi: number): number =>
    xi < 1e-4 ? xi * (1 - 2 * k) : -2 * (Math.log(Math.cos(xi)) / Math.tan(xi) + k * Math.tan(xi));
  return zenithal(
    'AIR',
    parameters,
    (theta) => (theta > -HALF_PI ? radius((HALF_PI - theta) / 2) : NaN),
    (r) => HALF_PI - 2 * increasingRoot((xi) => radius(xi) - r, 0, HALF_PI - 1e-9),
  );
}

export const STG: Projection = {
  code: 'STG',
  phi0: 0,
  theta0: 90,
  parameters: [],
  toSphere(x, y, out) {
    const s = (x * x + y * y) / 4;
    const n = (1 - s) / (1 + s);
    out[0] = (-y * (1 + n)) / 2;
    out[1] = (x * (1 + n)) / 2;
    out[2] = n;
    return true;
  },
  toPlane(l, m, n, out) {
    out[0] = (2 * m) / (1 + n);
    out[1] = (-2 * l) / (1 + n);
    return 1 + n > 1e-15;
  },
};

export const ZEA: Projection = {
  code: 'ZEA',
  phi0: 0,
  theta0: 90,
  parameters: [],
  toSphere(x, y, out) {
    const s = x * x + y * y;
    if (s > 4 + 1e-12) return false;
    const scale = Math.sqrt(Math.max(0, 1 - s / 4));
    out[0] = -y * scale;
    out[1] = x * scale;
    out[2] = 1 - s / 2;
    return true;
  },
  toPlane(l, m, n, out) {
    const scale = Math.sqrt(2 / (1 + n));
    out[0] = m * scale;
    out[1] = -l * scale;
    return 1 + n > 1e-15;
  },
};

/** Orthographic, with the slant of PV2_1, PV2_2 (NCP and synthesis images). */
export function sin(parameters: readonly number[]): Projection {
  const [, xi = 0, eta = 0] = parameters;
  return {
    code: 'SIN',
    phi0: 0,
    theta0: 90,
    parameters,
    toSphere(x, y, out) {
      const u = x - xi;
      const v = y - eta;
      const a = xi * xi + eta * eta + 1;
      const b = xi * u + eta * v;
      const discriminant = b * b - a * (u * u + v * v - 1);
      if (discriminant < -1e-13) return false;
      const n = (-b + Math.sqrt(Math.max(0, discriminant))) / a;
      out[0] = -(y - eta * (1 - n));
      out[1] = x - xi * (1 - n);
      // near the centre n follows from l and m with full precision
      out[2] = n;
      return Math.abs(n) <= 1 + 1e-12;
    },
    toPlane(l, m, n, out) {
      // 1 - n without cancellation near the pole
      const depth = n > 0 ? (l * l + m * m) / (1 + n) : 1 - n;
      out[0] = m + xi * depth;
      out[1] = -l + eta * depth;
      return n >= -(xi * m - eta * l);
    },
  };
}

export function azp(parameters: readonly number[]): Projection {
  const [, mu = 0, gammaDeg = 0] = parameters;
  const [sinG, cosG] = [Math.sin(gammaDeg * DEG_TO_RAD), Math.cos(gammaDeg * DEG_TO_RAD)];
  if (mu === -1 || Math.abs(cosG) < 1e-12)
    throw new SkyError('INVALID_WCS', `AZP with mu = ${mu}, gamma = ${gammaDeg} is no projection`, parameters);
  return byAngles(
    'AZP',
    90,
    parameters,
    (phi, theta, out) => {
      const l = Math.cos(theta) * Math.cos(phi);
      const m = Math.cos(theta) * Math.sin(phi);
      const d = mu + Math.sin(theta) + (l * sinG) / cosG;
      out[0] = ((mu + 1) * m) / d;
      out[1] = (-(mu + 1) * l) / cosG / d;
      // the far side of the sphere, hidden behind the near one
      const hidden = Math.abs(mu) > 1 ? Math.sin(theta) < -1 / mu : false;
      return d > 1e-14 && !hidden;
    },
    (x, y, out) => {
      const r = Math.hypot(x, y * cosG);
      out[0] = r === 0 ? 0 : Math.atan2(x, -y * cosG);
      const rho = r / (mu + 1 + y * sinG);
      const psi = Math.atan2(1, rho);
      const omega = asin((rho * mu) / Math.sqrt(rho * rho + 1));
      const one = psi - omega;
      let two = psi + omega + Math.PI;
      if (two > Math.PI) two -= 2 * Math.PI;
      const ok = (t: number): boolean => Math.abs(t) <= HALF_PI + 1e-12;
      out[1] = ok(one) && (!ok(two) || one >= two) ? one : two;
      return ok(out[1]);
    },
  );
}

export function szp(parameters: readonly number[]): Projection {
  const [, mu = 0, phiC = 0, thetaC = 90] = parameters;
  const xp = -mu * Math.cos(thetaC * DEG_TO_RAD) * Math.sin(phiC * DEG_TO_RAD);
  const yp = mu * Math.cos(thetaC * DEG_TO_RAD) * Math.cos(phiC * DEG_TO_RAD);
  const zp = mu * Math.sin(thetaC * DEG_TO_RAD) + 1;
  if (Math.abs(zp) < 1e-12)
    throw new SkyError('INVALID_WCS', 'SZP with its source in the plane of the sky', parameters);
  return byAngles(
    'SZP',
    90,
    parameters,
    (phi, theta, out) => {
      const depth = 1 - Math.sin(theta);
      const d = zp - depth;
      out[0] = (zp * Math.cos(theta) * Math.sin(phi) - xp * depth) / d;
      out[1] = -(zp * Math.cos(theta) * Math.cos(phi) + yp * depth) / d;
      return d > 1e-14;
    },
    (x, y, out) => {
      const u = (x - xp) / zp;
      const v = (y - yp) / zp;
      const a = u * u + v * v + 1;
      const b = u * (x - u) + v * (y - v);
      const discriminant = b * b - a * ((x - u) ** 2 + (y - v) ** 2 - 1);
      if (discriminant < -1e-13) return false;
      const s = (-b + Math.sqrt(Math.max(0, discriminant))) / a;
      out[1] = asin(s);
      out[0] = Math.atan2(x - u * (1 - s), -(y - v * (1 - s)));
      return !Number.isNaN(out[1]);
    },
  );
}
