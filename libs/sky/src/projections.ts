/**
 * The projections of FITS WCS Paper II by their codes (Calabretta & Greisen 2002, A&A 395, 1077; HPX: Calabretta & Roukema 2007;
 * XPH: Calabretta & Lowe 2013). Planes in radians; PV parameters as the header holds them.
 */
import { conicByCode } from './conic-projections.js';
import { SkyError } from './errors.js';
import { hpx, XPH } from './healpix-projections.js';
import { type Projection, TAN } from './projection.js';
import {
  asin,
  byAngles,
  DEG_TO_RAD,
  HALF_PI,
  increasingRoot,
  set,
  signedZeroSafe,
  zenithal,
} from './projection-shapes.js';
import { CSC, QSC, TSC } from './quad-cube-projections.js';
import { air, azp, sin, STG, szp, ZEA, zpn } from './zenithal-projections.js';

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

function bon(parameters: readonly number[]): Projection {
  const theta1 = (parameters[1] ?? 0) * DEG_TO_RAD;
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
    const ax = Math.abs(x);
    const ay = Math.abs(y);
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
    case 'XPH':
      return XPH;
    case 'TSC':
      return TSC;
    case 'CSC':
      return CSC;
    case 'QSC':
      return QSC;
    case 'TAB':
      throw new SkyError('UNSUPPORTED_WCS', 'celestial coordinates by lookup table (-TAB) are not supported', code);
    default:
      throw new SkyError('UNSUPPORTED_WCS', `the projection ${code} is not supported`, code);
  }
}
