/**
 * The quadrilateralised spherical cubes (Paper II, section 5.6): TSC (tangential), CSC (COBE), QSC (equal area). Six square faces of
 * 90 degrees; face 1 about native (0, 0), faces 2, 3, 4 to the east of it, 0 and 5 about the poles. Cost: O(1) per point.
 */
import type { Projection } from './projection.js';

const QUARTER = Math.PI / 4;
/** how far outside its face a point may lie through rounding [half faces] */
const SLACK = 1e-12;

/** xi (along x), eta (along y), zeta (outwards): as index and sign of l, m, n, by face (Paper II, table 12) */
const FACES = [
  { xi: [1, 1], eta: [0, -1], zeta: [2, 1], x: 0, y: 2 },
  { xi: [1, 1], eta: [2, 1], zeta: [0, 1], x: 0, y: 0 },
  { xi: [0, -1], eta: [2, 1], zeta: [1, 1], x: 2, y: 0 },
  { xi: [1, -1], eta: [2, 1], zeta: [0, -1], x: 4, y: 0 },
  { xi: [0, 1], eta: [2, 1], zeta: [1, -1], x: 6, y: 0 },
  { xi: [1, 1], eta: [0, 1], zeta: [2, -1], x: 0, y: -2 },
] as const;

/** The map of one face, in units of half a face: (u, v) in [-1, 1] <-> direction (xi, eta, zeta). */
interface FaceMap {
  /** direction with zeta > 0 into out[0..2] */
  toDirection(u: number, v: number, out: Float64Array): void;
  toFace(xi: number, eta: number, zeta: number, out: Float64Array): void;
}

const direction = new Float64Array(3);

function quadCube(code: string, parameters: readonly number[], map: FaceMap): Projection {
  return {
    code,
    phi0: 0,
    theta0: 0,
    parameters,
    toSphere(x, y, out) {
      let u = x / QUARTER;
      let v = y / QUARTER;
      if (u < -1 - SLACK) u += 8;
      let face: number;
      if (v > 1 + SLACK || v < -1 - SLACK) {
        if (!(Math.abs(u) <= 1 + SLACK && Math.abs(v) <= 3 + SLACK)) return false;
        face = v > 0 ? 0 : 5;
      } else if (u > 7 + SLACK || Number.isNaN(u + v)) return false;
      else face = u > 5 ? 4 : u > 3 ? 3 : u > 1 ? 2 : 1;
      const { xi, eta, zeta, x: centreX, y: centreY } = FACES[face]!;
      u = Math.max(-1, Math.min(1, u - centreX));
      v = Math.max(-1, Math.min(1, v - centreY));
      map.toDirection(u, v, direction);
      out[xi[0]] = xi[1] * direction[0]!;
      out[eta[0]] = eta[1] * direction[1]!;
      out[zeta[0]] = zeta[1] * direction[2]!;
      return true;
    },
    toPlane(l, m, n, out) {
      const largest = Math.max(Math.abs(l), Math.abs(m), Math.abs(n));
      if (!(largest > 0)) return false;
      // on an edge the first of 0 to 5 that reaches it, but equatorial faces before the poles as their row is continuous
      const face =
        l === largest ? 1 : m === largest ? 2 : -l === largest ? 3 : -m === largest ? 4 : n === largest ? 0 : 5;
      const { xi, eta, x: centreX, y: centreY } = FACES[face]!;
      direction[0] = l;
      direction[1] = m;
      direction[2] = n;
      map.toFace(xi[1] * direction[xi[0]]!, eta[1] * direction[eta[0]]!, largest, out);
      out[0] = (centreX + out[0]!) * QUARTER;
      out[1] = (centreY + out[1]!) * QUARTER;
      return true;
    },
  };
}

/** Tangential: each face a gnomonic projection. */
export const TSC: Projection = quadCube('TSC', [], {
  toDirection(u, v, out) {
    const norm = 1 / Math.sqrt(1 + u * u + v * v);
    out[0] = u * norm;
    out[1] = v * norm;
    out[2] = norm;
  },
  toFace(xi, eta, zeta, out) {
    out[0] = xi / zeta;
    out[1] = eta / zeta;
  },
});

/** P_ij of the COBE map, rows i of j = 0 ... 6 - i (Paper II, section 5.6.2). */
const COBE = [
  [-0.27292696, -0.02819452, 0.2705816, -0.6044156, 0.93412077, -0.63915306, 0.14381585],
  [-0.07629969, -0.01471565, -0.56800938, 1.50880086, -1.4160192, 0.52032238],
  [-0.22797056, 0.48051509, 0.30803317, -0.93678576, 0.33887446],
  [0.54852384, -1.74114454, 0.98938102, 0.08693841],
  [-0.62930065, 1.71547508, -0.83180469],
  [0.25795794, -0.53022337],
  [0.02584375],
] as const;

const cobe = new Float64Array(6);

/** f(u, v) = u + u (1 - u^2) sum P_ij u^2i v^2j with df/du and df/dv into cobe[at..at + 2] */
function cobePolynomial(u: number, v: number, at: number): void {
  const a = u * u;
  const b = v * v;
  let sum = 0;
  let sumA = 0;
  let sumB = 0;
  for (let i = COBE.length - 1; i >= 0; i--) {
    const terms = COBE[i]!;
    let row = 0;
    let rowB = 0;
    for (let j = terms.length - 1; j >= 0; j--) {
      rowB = rowB * b + row;
      row = row * b + terms[j]!;
    }
    sumA = sumA * a + sum;
    sum = sum * a + row;
    sumB = sumB * a + rowB;
  }
  cobe[at] = u + u * (1 - a) * sum;
  cobe[at + 1] = 1 + (1 - 3 * a) * sum + 2 * a * (1 - a) * sumA;
  cobe[at + 2] = 2 * u * v * (1 - a) * sumB;
}

/**
 * COBE: approximately equal area. Plane to sphere by the polynomial of Paper II; sphere to plane as its exact inverse (Newton), not by
 * the paper's second polynomial, which inverts it to 24 arcsec only.
 */
export const CSC: Projection = quadCube('CSC', [], {
  toDirection(u, v, out) {
    cobePolynomial(u, v, 0);
    cobePolynomial(v, u, 3);
    const chi = cobe[0]!;
    const psi = cobe[3]!;
    const norm = 1 / Math.sqrt(1 + chi * chi + psi * psi);
    out[0] = chi * norm;
    out[1] = psi * norm;
    out[2] = norm;
  },
  toFace(xi, eta, zeta, out) {
    const chi = xi / zeta;
    const psi = eta / zeta;
    let u = chi * (1 + 0.37 * (1 - chi * chi));
    let v = psi * (1 + 0.37 * (1 - psi * psi));
    let previous = Infinity;
    for (let k = 0; k < 30; k++) {
      cobePolynomial(u, v, 0);
      cobePolynomial(v, u, 3);
      const fu = cobe[0]! - chi;
      const fv = cobe[3]! - psi;
      const det = cobe[1]! * cobe[4]! - cobe[2]! * cobe[5]!;
      const du = (cobe[4]! * fu - cobe[2]! * fv) / det;
      const dv = (cobe[1]! * fv - cobe[5]! * fu) / det;
      u = Math.max(-1, Math.min(1, u - du));
      v = Math.max(-1, Math.min(1, v - dv));
      const step = Math.abs(du) + Math.abs(dv);
      if (step < 1e-15 || (step < 1e-12 && step >= previous / 2)) break;
      previous = step;
    }
    out[0] = u;
    out[1] = v;
  },
});

/** Equal area (O'Neill & Laubscher 1976): the larger of |xi| and |eta| leads. */
export const QSC: Projection = quadCube('QSC', [], {
  toDirection(u, v, out) {
    const alongX = Math.abs(u) > Math.abs(v);
    const lead = alongX ? u : v;
    const other = alongX ? v : u;
    if (lead === 0) {
      out[0] = out[1] = 0;
      out[2] = 1;
      return;
    }
    const angle = (Math.PI / 12) * (other / lead);
    const omega = Math.sin(angle) / (Math.cos(angle) - Math.SQRT1_2);
    const depth = lead * lead * (1 - 1 / Math.sqrt(2 + omega * omega));
    const along = Math.sign(lead) * Math.sqrt((depth * (2 - depth)) / (1 + omega * omega));
    out[0] = alongX ? along : omega * along;
    out[1] = alongX ? omega * along : along;
    out[2] = 1 - depth;
  },
  toFace(xi, eta, zeta, out) {
    const alongX = Math.abs(xi) > Math.abs(eta);
    const lead = alongX ? xi : eta;
    const other = alongX ? eta : xi;
    if (lead === 0) {
      out[0] = out[1] = 0;
      return;
    }
    const omega = other / lead;
    const depth = (xi * xi + eta * eta) / (1 + zeta);
    const u = Math.sign(lead) * Math.sqrt(depth / (1 - 1 / Math.sqrt(2 + omega * omega)));
    const v = ((u * 12) / Math.PI) * (Math.atan(omega) - Math.asin(omega / Math.sqrt(2 * (1 + omega * omega))));
    out[0] = alongX ? u : v;
    out[1] = alongX ? v : u;
  },
});
