/**
 * The projections of FITS WCS Paper II (Calabretta & Greisen 2002, A&A 395, 1077; HPX: Calabretta & Roukema 2007) by their codes.
 * Not here: the quadrilateralised spheres TSC, CSC, QSC and XPH. Planes in radians; PV parameters as the header holds them.
 */
import { SkyError } from './errors.js';
import { type Projection, TAN } from './projection.js';

const DEG = Math.PI / 180;
const HALF_PI = Math.PI / 2;
type Forward = (phi: number, theta: number, out: Float64Array) => boolean;
/** plane -> phi, theta in out[0..1] */
type Inverse = (x: number, y: number, out: Float64Array) => boolean;

const angles = new Float64Array(2);
/** asin with a little slack for rounding at the border; NaN beyond */
const asin = (value: number): number =>
  Math.abs(value) <= 1 ? Math.asin(value) : Math.abs(value) < 1 + 1e-12 ? Math.sign(value) * HALF_PI : NaN;

/** A projection given by its formulae in native longitude and latitude. */
function byAngles(
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
function zenithal(
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

/** Root of an increasing function on [low, high] by bisection and secants; NaN when it has none. */
function increasingRoot(f: (t: number) => number, low: number, high: number): number {
  let [a, b, fa, fb] = [low, high, f(low), f(high)];
  if (!(fa <= 0 && fb >= 0)) return NaN;
  for (let k = 0; k < 200 && b - a > 1e-16 * (Math.abs(a) + Math.abs(b)); k++) {
    const secant = a - (fa * (b - a)) / (fb - fa);
    const t = k % 3 !== 2 && secant > a && secant < b ? secant : (a + b) / 2;
    const ft = f(t);
    if (ft === 0) return t;
    if (ft < 0) [a, fa] = [t, ft];
    else [b, fb] = [t, ft];
  }
  return Math.abs(fa) < Math.abs(fb) ? a : b;
}

function zpn(parameters: readonly number[]): Projection {
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

function air(parameters: readonly number[]): Projection {
  const xiB = (HALF_PI - (parameters[1] ?? 90) * DEG) / 2;
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

const STG: Projection = {
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

const ZEA: Projection = {
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
function sin(parameters: readonly number[]): Projection {
  const [, xi = 0, eta = 0] = parameters;
  return {
    code: 'SIN',
    phi0: 0,
    theta0: 90,
    parameters,
    toSphere(x, y, out) {
      const [u, v] = [x - xi, y - eta];
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

function azp(parameters: readonly number[]): Projection {
  const [, mu = 0, gammaDeg = 0] = parameters;
  const [sinG, cosG] = [Math.sin(gammaDeg * DEG), Math.cos(gammaDeg * DEG)];
  if (mu === -1 || Math.abs(cosG) < 1e-12)
    throw new SkyError('INVALID_WCS', `AZP with mu = ${mu}, gamma = ${gammaDeg} is no projection`, parameters);
  return byAngles(
    'AZP',
    90,
    parameters,
    (phi, theta, out) => {
      const [l, m] = [Math.cos(theta) * Math.cos(phi), Math.cos(theta) * Math.sin(phi)];
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

function szp(parameters: readonly number[]): Projection {
  const [, mu = 0, phiC = 0, thetaC = 90] = parameters;
  const xp = -mu * Math.cos(thetaC * DEG) * Math.sin(phiC * DEG);
  const yp = mu * Math.cos(thetaC * DEG) * Math.cos(phiC * DEG);
  const zp = mu * Math.sin(thetaC * DEG) + 1;
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
      const [u, v] = [(x - xp) / zp, (y - yp) / zp];
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

function conicByCode(code: string, parameters: readonly number[]): Projection {
  const thetaA = (parameters[1] ?? NaN) * DEG;
  const eta = (parameters[2] ?? 0) * DEG;
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

const set = (out: Float64Array, a: number, b: number): boolean => {
  out[0] = a;
  out[1] = b;
  return !Number.isNaN(a) && !Number.isNaN(b);
};
const signedZeroSafe = (value: number, divisor: number): number => (divisor === 0 ? 0 : value / divisor);

function molFactory(parameters: readonly number[]): Projection {
  return byAngles(
    'MOL',
    0,
    parameters,
    (phi, theta, out) => {
      const target = Math.PI * Math.sin(theta);
      const gamma =
        Math.abs(theta) >= HALF_PI - 1e-15
          ? Math.sign(theta) * HALF_PI
          : increasingRoot((g) => 2 * g + Math.sin(2 * g) - target, -HALF_PI, HALF_PI);
      return set(out, ((2 * Math.SQRT2) / Math.PI) * phi * Math.cos(gamma), Math.SQRT2 * Math.sin(gamma));
    },
    (x, y, out) => {
      const gamma = asin(y / Math.SQRT2);
      const cos = Math.cos(gamma);
      return set(
        out,
        signedZeroSafe(Math.PI * x, 2 * Math.SQRT2 * (cos < 1e-14 ? 0 : cos)),
        asin((2 * gamma + Math.sin(2 * gamma)) / Math.PI),
      );
    },
  );
}

function hpx(parameters: readonly number[]): Projection {
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

function bon(parameters: readonly number[]): Projection {
  const theta1 = (parameters[1] ?? 0) * DEG;
  if (theta1 === 0) return projectionOf('SFL', []);
  const y0 = 1 / Math.tan(theta1) + theta1;
  return byAngles(
    'BON',
    0,
    parameters,
    (phi, theta, out) => {
      const r = y0 - theta;
      const a = signedZeroSafe(phi * Math.cos(theta), r);
      return set(out, r * Math.sin(a), y0 - r * Math.cos(a));
    },
    (x, y, out) => {
      const r = Math.sign(theta1) * Math.hypot(x, y0 - y);
      const theta = y0 - r;
      const a = r === 0 ? 0 : Math.atan2(x / r, (y0 - y) / r);
      const cos = Math.cos(theta);
      return set(out, cos < 1e-14 ? 0 : (a * r) / cos, theta);
    },
  );
}

const PCO: Projection = byAngles(
  'PCO',
  0,
  [],
  (phi, theta, out) => {
    if (Math.abs(theta) < 1e-12) return set(out, phi, theta);
    const cot = 1 / Math.tan(theta);
    const a = phi * Math.sin(theta);
    return set(out, cot * Math.sin(a), theta + 2 * cot * Math.sin(a / 2) ** 2);
  },
  (x, y, out) => {
    if (Math.abs(y) < 1e-12) return set(out, x, y);
    if (HALF_PI - Math.abs(y) < 1e-12) return set(out, 0, y);
    // theta lies between 0 and y: x^2 + (y - theta)^2 = 2 (y - theta) cot(theta), decreasing in theta
    const sign = Math.sign(y);
    const [ax, ay] = [Math.abs(x), Math.abs(y)];
    const theta = increasingRoot(
      (t) => (ax * ax + (ay - t) ** 2) * Math.tan(t) - 2 * (ay - t),
      0,
      Math.min(ay, HALF_PI - 1e-12),
    );
    const tan = Math.tan(theta);
    const a = Math.atan2(ax * tan, 1 - (ay - theta) * tan);
    return set(out, (Math.sign(x) * a) / Math.sin(theta), sign * theta);
  },
);

/** The projection of a three-letter code; `parameters[m]` is PVlat_m. */
export function projectionOf(code: string, parameters: readonly number[]): Projection {
  const p = parameters;
  switch (code) {
    case 'TAN':
      return TAN;
    case 'STG':
      return STG;
    case 'ZEA':
      return ZEA;
    case 'SIN':
      return sin(p);
    case 'NCP':
      throw new SkyError('UNSUPPORTED_WCS', 'NCP is written as SIN with PV2_1 = 0, PV2_2 = cot(dec)', code);
    case 'ARC':
      return zenithal(
        'ARC',
        p,
        (theta) => HALF_PI - theta,
        (r) => (r <= Math.PI + 1e-12 ? HALF_PI - r : NaN),
      );
    case 'ZPN':
      return zpn(p);
    case 'AIR':
      return air(p);
    case 'AZP':
      return azp(p);
    case 'SZP':
      return szp(p);
    case 'CYP': {
      const [, mu = 1, lambda = 1] = p;
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => set(out, lambda * phi, ((mu + lambda) * Math.sin(theta)) / (mu + Math.cos(theta))),
        (x, y, out) => {
          const eta = y / (mu + lambda);
          return set(out, x / lambda, Math.atan(eta) + asin((eta * mu) / Math.sqrt(eta * eta + 1)));
        },
      );
    }
    case 'CEA': {
      const lambda = p[1] ?? 1;
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => set(out, phi, Math.sin(theta) / lambda),
        (x, y, out) => set(out, x, asin(y * lambda)),
      );
    }
    case 'CAR':
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => set(out, phi, theta),
        (x, y, out) => set(out, x, y),
      );
    case 'MER':
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => set(out, phi, Math.asinh(Math.tan(theta))) && Math.abs(theta) < HALF_PI - 1e-12,
        (x, y, out) => set(out, x, Math.atan(Math.sinh(y))),
      );
    case 'SFL':
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => set(out, phi * Math.cos(theta), theta),
        (x, y, out) => set(out, signedZeroSafe(x, Math.cos(y) < 1e-14 ? 0 : Math.cos(y)), y),
      );
    case 'PAR':
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => set(out, phi * (2 * Math.cos((2 * theta) / 3) - 1), Math.PI * Math.sin(theta / 3)),
        (x, y, out) => {
          const s = y / Math.PI;
          const width = 1 - 4 * s * s;
          return set(out, signedZeroSafe(x, width < 1e-14 ? 0 : width), 3 * asin(s));
        },
      );
    case 'MOL':
      return molFactory(p);
    case 'AIT':
      return byAngles(
        code,
        0,
        p,
        (phi, theta, out) => {
          const a = Math.sqrt(2 / (1 + Math.cos(theta) * Math.cos(phi / 2)));
          return set(out, 2 * a * Math.cos(theta) * Math.sin(phi / 2), a * Math.sin(theta));
        },
        (x, y, out) => {
          const z2 = 1 - (x / 4) ** 2 - (y / 2) ** 2;
          if (z2 < 0.5 - 1e-12) return false;
          const z = Math.sqrt(z2);
          return set(out, 2 * Math.atan2((z * x) / 2, 2 * z2 - 1), asin(y * z));
        },
      );
    case 'COP':
    case 'COE':
    case 'COD':
    case 'COO':
      return conicByCode(code, p);
    case 'BON':
      return bon(p);
    case 'PCO':
      return PCO;
    case 'HPX':
      return hpx(p);
    default:
      throw new SkyError('UNSUPPORTED_WCS', `the projection ${code} is not supported`, code);
  }
}
