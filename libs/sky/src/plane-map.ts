/**
 * Distortions of a plane, (u, v) -> (u', v'), with their inverse by Newton's method: the SIP convention (pixel offsets,
 * Shupe et al. 2005) and the TPV convention (intermediate world coordinates in degrees).
 * The inverse starts at the undistorted point and accepts only a root on the sheet that keeps orientation.
 */

/** out: u', v', du'/du, du'/dv, dv'/du, dv'/dv */
export interface PlaneMap {
  forward(u: number, v: number, out: Float64Array): void;
  withDerivatives(u: number, v: number, out: Float64Array): void;
}

const work = new Float64Array(6);
const MAX_ITERATIONS = 40;

/** Solves forward(u, v) = (targetU, targetV); writes u, v to out[0..1]; false when there is no root. `tolerance` in units of u. */
export function invertPlaneMap(
  map: PlaneMap,
  targetU: number,
  targetV: number,
  tolerance: number,
  out: Float64Array,
  startU = targetU,
  startV = targetV,
): boolean {
  let u = startU;
  let v = startV;
  let previous = Infinity;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
    map.withDerivatives(u, v, work);
    const fu = work[0]! - targetU;
    const fv = work[1]! - targetV;
    const det = work[2]! * work[5]! - work[3]! * work[4]!;
    if (!(Math.abs(det) > 1e-12)) return false;
    const du = (work[5]! * fu - work[3]! * fv) / det;
    const dv = (work[2]! * fv - work[4]! * fu) / det;
    const step = Math.max(Math.abs(du), Math.abs(dv));
    if (!(step < Infinity)) return false;
    u -= du;
    v -= dv;
    // quadratic convergence: once the step is at rounding level or stops shrinking below the tolerance, this is the root
    if (step <= tolerance && (step >= previous / 4 || step <= 1e-13 * (Math.abs(u) + Math.abs(v)))) {
      out[0] = u;
      out[1] = v;
      return det > 0;
    }
    if (step === 0) break;
    previous = step;
  }
  map.withDerivatives(u, v, work);
  out[0] = u;
  out[1] = v;
  return (
    Math.abs(work[0]! - targetU) <= tolerance &&
    Math.abs(work[1]! - targetV) <= tolerance &&
    work[2]! * work[5]! - work[3]! * work[4]! > 0
  );
}

/** Coefficients of one SIP polynomial: `c[p * (order + 1) + q]` multiplies u^p v^q. */
export interface SipPolynomial {
  readonly order: number;
  readonly c: Float64Array;
}

export function sipPolynomial(order: number, terms: Iterable<readonly [number, number, number]>): SipPolynomial {
  const c = new Float64Array((order + 1) ** 2);
  for (const [p, q, value] of terms) if (p + q <= order) c[p * (order + 1) + q] = value;
  return { order, c };
}

export function evaluateSip({ order, c }: SipPolynomial, u: number, v: number): number {
  const side = order + 1;
  let sum = 0;
  for (let p = order; p >= 0; p--) {
    let row = 0;
    for (let q = order - p; q >= 0; q--) row = row * v + c[p * side + q]!;
    sum = sum * u + row;
  }
  return sum;
}

/** value, d/du, d/dv into out[at], out[at + 1], out[at + 2] */
function evaluateSipDerivatives(
  { order, c }: SipPolynomial,
  u: number,
  v: number,
  out: Float64Array,
  at: number,
): void {
  const side = order + 1;
  let sum = 0;
  let sumU = 0;
  let sumV = 0;
  for (let p = order; p >= 0; p--) {
    let row = 0;
    let rowV = 0;
    for (let q = order - p; q >= 0; q--) {
      rowV = rowV * v + row;
      row = row * v + c[p * side + q]!;
    }
    sumU = sumU * u + sum;
    sum = sum * u + row;
    sumV = sumV * u + rowV;
  }
  out[at] = sum;
  out[at + 1] = sumU;
  out[at + 2] = sumV;
}

const derivatives = new Float64Array(6);

/** SIP: u' = u + A(u, v), v' = v + B(u, v), with u, v in pixels from CRPIX. */
export class SipMap implements PlaneMap {
  constructor(
    readonly a: SipPolynomial,
    readonly b: SipPolynomial,
    /** inverse polynomials from the header; here only the starting point of the exact inverse */
    readonly ap?: SipPolynomial,
    readonly bp?: SipPolynomial,
  ) {}
  forward(u: number, v: number, out: Float64Array): void {
    out[0] = u + evaluateSip(this.a, u, v);
    out[1] = v + evaluateSip(this.b, u, v);
  }
  withDerivatives(u: number, v: number, out: Float64Array): void {
    evaluateSipDerivatives(this.a, u, v, derivatives, 0);
    evaluateSipDerivatives(this.b, u, v, derivatives, 3);
    out[0] = u + derivatives[0]!;
    out[1] = v + derivatives[3]!;
    out[2] = 1 + derivatives[1]!;
    out[3] = derivatives[2]!;
    out[4] = derivatives[4]!;
    out[5] = 1 + derivatives[5]!;
  }
}

/** TPV: exponents (x, y, r) of the 40 terms of axis 1; axis 2 has x and y exchanged. */
const TPV_TERMS: readonly (readonly [number, number, number])[] = (() => {
  const terms: [number, number, number][] = [];
  for (let degree = 0; degree <= 7; degree++) {
    for (let y = 0; y <= degree; y++) terms.push([degree - y, y, 0]);
    if (degree % 2 === 1) terms.push([0, 0, degree]);
  }
  return terms;
})();
export const TPV_TERM_COUNT = TPV_TERMS.length;

/** TPV: both coordinates as polynomials of x, y and r = hypot(x, y) [deg]; coefficient m of an axis is PVi_m. */
export class TpvMap implements PlaneMap {
  constructor(
    readonly pv1: Float64Array,
    readonly pv2: Float64Array,
  ) {}
  forward(u: number, v: number, out: Float64Array): void {
    this.withDerivatives(u, v, forwardOut);
    out[0] = forwardOut[0]!;
    out[1] = forwardOut[1]!;
  }
  withDerivatives(u: number, v: number, out: Float64Array): void {
    evaluateTpv(this.pv1, u, v, derivatives, 0);
    evaluateTpv(this.pv2, v, u, derivatives, 3);
    out[0] = derivatives[0]!;
    out[1] = derivatives[3]!;
    out[2] = derivatives[1]!;
    out[3] = derivatives[2]!;
    out[4] = derivatives[5]!;
    out[5] = derivatives[4]!;
  }
}
const forwardOut = new Float64Array(6);

function evaluateTpv(pv: Float64Array, x: number, y: number, out: Float64Array, at: number): void {
  const r = Math.hypot(x, y);
  let sum = 0;
  let dx = 0;
  let dy = 0;
  for (let m = 0; m < pv.length; m++) {
    const k = pv[m]!;
    if (k === 0) continue;
    const [i, j, n] = TPV_TERMS[m]!;
    if (n > 0) {
      sum += k * r ** n;
      if (r > 0) {
        dx += k * n * r ** (n - 2) * x;
        dy += k * n * r ** (n - 2) * y;
      }
    } else {
      sum += k * x ** i * y ** j;
      if (i > 0) dx += k * i * x ** (i - 1) * y ** j;
      if (j > 0) dy += k * j * x ** i * y ** (j - 1);
    }
  }
  out[at] = sum;
  out[at + 1] = dx;
  out[at + 2] = dy;
}
