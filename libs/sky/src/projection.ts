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
