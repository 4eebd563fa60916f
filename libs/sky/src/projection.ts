import { SkyError } from './errors.js';

/**
 * Spherical map projections of FITS WCS Paper II (Calabretta & Greisen 2002), between the plane of intermediate world
 * coordinates (x, y, here in radians) and unit vectors of the native sphere,
 * (cos theta cos phi, cos theta sin phi, sin theta).
 */
export interface Projection {
  /** three-letter code as in CTYPE */
  readonly code: string;
  /** native coordinates of the fiducial point [deg] */
  readonly phi0: number;
  readonly theta0: number;
  /** the PV parameters of the latitude axis, as a header holds them */
  readonly parameters: readonly number[];
  /** plane -> native unit vector in out[0..2]; false when the point is not on the map */
  toSphere(x: number, y: number, out: Float64Array): boolean;
  /** native unit vector -> plane in out[0..1]; false when the direction has no image */
  toPlane(l: number, m: number, n: number, out: Float64Array): boolean;
}

/** Native coordinates [deg] of the point CRVAL stands for; `offset`: that point is also the origin of the plane. */
export interface Fiducial {
  readonly phi0: number;
  readonly theta0: number;
  readonly offset: boolean;
}

/** A projection about another reference point than its own (Paper II, section 2.5). */
export function withFiducial(projection: Projection, { phi0, theta0, offset }: Fiducial): Projection {
  const { code, parameters } = projection;
  const origin = new Float64Array(2);
  if (offset) {
    const [phi, theta] = [(phi0 * Math.PI) / 180, (theta0 * Math.PI) / 180];
    const cos = Math.cos(theta);
    if (!projection.toPlane(cos * Math.cos(phi), cos * Math.sin(phi), Math.sin(theta), origin))
      throw new SkyError('INVALID_WCS', `the reference point (${phi0}, ${theta0}) is not on the ${code} map`, [
        phi0,
        theta0,
      ]);
  }
  const x0 = origin[0]!;
  const y0 = origin[1]!;
  return {
    code,
    phi0,
    theta0,
    parameters,
    toSphere: (x, y, out) => projection.toSphere(x + x0, y + y0, out),
    toPlane(l, m, n, out) {
      if (!projection.toPlane(l, m, n, out)) return false;
      out[0] = out[0]! - x0;
      out[1] = out[1]! - y0;
      return true;
    },
  };
}

/** Gnomonic projection: great circles are straight lines; half the sphere. */
export const TAN: Projection = {
  code: 'TAN',
  phi0: 0,
  theta0: 90,
  parameters: [],
  toSphere(x, y, out) {
    const norm = 1 / Math.sqrt(1 + x * x + y * y);
    out[0] = -y * norm;
    out[1] = x * norm;
    out[2] = norm;
    return true;
  },
  toPlane(l, m, n, out) {
    out[0] = m / n;
    out[1] = -l / n;
    return n > 0;
  },
};
