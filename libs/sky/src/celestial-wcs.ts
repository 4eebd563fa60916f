/**
 * Celestial world coordinates after FITS WCS Papers I and II: pixel -> (SIP) -> CD matrix -> (TPV) -> projection ->
 * rotation -> ICRS. The rotation is a 3 x 3 matrix on unit vectors, so positions next to the poles keep full precision.
 * Inverse distortions are solved exactly (Newton), to 1e-9 px or better. About 0.2 us per point for TAN, 1 us with SIP.
 */
import type { FitsHeader } from '#libs/fits';
import { DEG, RAD_TO_ARCSEC } from './angles.js';
import { type CelestialFrame, ICRS } from './celestial-frames.js';
import { SkyError } from './errors.js';
import { multiply3 } from './matrix3.js';
import { nativeToCelestial, sinCosDeg } from './native-rotation.js';
import { invertPlaneMap, type SipMap, type TpvMap } from './plane-map.js';
import { type Fiducial, type Projection, TAN, withFiducial } from './projection.js';
import { writeWcs } from './wcs-to-header.js';
import type { PixelPosition, SkyPosition, Wcs } from './wcs-types.js';

export type Matrix2 = readonly [readonly [number, number], readonly [number, number]];

/** Everything that defines the mapping. */
export interface WcsDescription {
  /** reference pixel, the first pixel's centre being (0, 0) */
  readonly crpix: { readonly x: number; readonly y: number };
  /** celestial coordinates of the projection's fiducial point [deg] */
  readonly crvalRaDeg: number;
  readonly crvalDecDeg: number;
  /** pixel offsets -> intermediate world coordinates [deg/px] */
  readonly cd: Matrix2;
  readonly projection?: Projection;
  readonly sip?: SipMap;
  readonly tpv?: TpvMap;
  /** native longitude of the celestial pole and latitude choice [deg]; the standard's defaults when absent */
  readonly lonPoleDeg?: number;
  readonly latPoleDeg?: number;
  /** native coordinates of the reference point where a header gives its own (PVi_0 to PVi_2 of the longitude axis) */
  readonly fiducial?: Fiducial;
  /** the celestial system of CRVAL; ICRS right ascension and declination when absent */
  readonly frame?: CelestialFrame;
  /** numbers of the pixel axes x and y stand for, when not 1 and 2 */
  readonly pixelAxes?: readonly [number, number];
  /** whether positions are given in the frame itself instead of being turned to ICRS */
  readonly keepFrame?: boolean;
}

const plane = new Float64Array(6);
const native = new Float64Array(3);
const point = new Float64Array(2);
const columnsX = new Float64Array(3);

export class CelestialWcs implements Wcs {
  readonly #crpixX: number;
  readonly #crpixY: number;
  readonly #cd: Float64Array;
  readonly #inverseCd: Float64Array;
  readonly #rotation: Float64Array;
  readonly #projection: Projection;
  readonly #sip: SipMap | undefined;
  readonly #tpv: TpvMap | undefined;
  /** inverse tolerances: SIP in pixels, TPV in degrees */
  readonly #tpvTolerance: number;

  constructor(readonly description: WcsDescription) {
    const { crpix, cd, crvalRaDeg, crvalDecDeg } = description;
    const [[a, b], [c, d]] = cd;
    const det = a * d - b * c;
    for (const value of [crpix.x, crpix.y, a, b, c, d, crvalRaDeg, crvalDecDeg])
      if (!Number.isFinite(value))
        throw new SkyError('INVALID_WCS', `a WCS needs finite numbers, not ${value}`, description);
    if (det === 0 || !Number.isFinite(1 / det))
      throw new SkyError('INVALID_WCS', `the CD matrix [[${a}, ${b}], [${c}, ${d}]] is singular`, cd);
    const projection = description.projection ?? TAN;
    this.#projection = description.fiducial ? withFiducial(projection, description.fiducial) : projection;
    this.#crpixX = crpix.x;
    this.#crpixY = crpix.y;
    this.#cd = Float64Array.of(a, b, c, d);
    this.#inverseCd = Float64Array.of(d / det, -b / det, -c / det, a / det);
    this.#sip = description.sip;
    this.#tpv = description.tpv;
    this.#tpvTolerance = 1e-9 * Math.sqrt(Math.abs(det));
    const rotation = nativeToCelestial(description, this.#projection.phi0, this.#projection.theta0);
    const { toIcrs } = description.frame ?? ICRS;
    this.#rotation = toIcrs && !description.keepFrame ? multiply3(toIcrs, rotation) : rotation;
  }

  /** pixel -> ICRS unit vector in out[at..at + 2]; NaN off the projection */
  pixelToVector(x: number, y: number, out: Float64Array, at = 0): void {
    let u = x - this.#crpixX;
    let v = y - this.#crpixY;
    if (this.#sip) {
      this.#sip.forward(u, v, plane);
      u = plane[0]!;
      v = plane[1]!;
    }
    const cd = this.#cd;
    let xi = cd[0]! * u + cd[1]! * v;
    let eta = cd[2]! * u + cd[3]! * v;
    if (this.#tpv) {
      this.#tpv.forward(xi, eta, plane);
      xi = plane[0]!;
      eta = plane[1]!;
    }
    if (!this.#projection.toSphere(xi * DEG, eta * DEG, native)) {
      out[at] = out[at + 1] = out[at + 2] = NaN;
      return;
    }
    const r = this.#rotation;
    const l = native[0]!;
    const m = native[1]!;
    const n = native[2]!;
    out[at] = r[0]! * l + r[1]! * m + r[2]! * n;
    out[at + 1] = r[3]! * l + r[4]! * m + r[5]! * n;
    out[at + 2] = r[6]! * l + r[7]! * m + r[8]! * n;
  }

  /** ICRS unit vector -> pixel in out[0..1]; NaN off the projection */
  vectorToPixel(vx: number, vy: number, vz: number, out: Float64Array): void {
    const r = this.#rotation;
    const l = r[0]! * vx + r[3]! * vy + r[6]! * vz;
    const m = r[1]! * vx + r[4]! * vy + r[7]! * vz;
    const n = r[2]! * vx + r[5]! * vy + r[8]! * vz;
    if (!this.#projection.toPlane(l, m, n, point)) {
      out[0] = out[1] = NaN;
      return;
    }
    let xi = point[0]! / DEG;
    let eta = point[1]! / DEG;
    if (this.#tpv) {
      if (!invertPlaneMap(this.#tpv, xi, eta, this.#tpvTolerance, point)) {
        out[0] = out[1] = NaN;
        return;
      }
      xi = point[0]!;
      eta = point[1]!;
    }
    const inverse = this.#inverseCd;
    let u = inverse[0]! * xi + inverse[1]! * eta;
    let v = inverse[2]! * xi + inverse[3]! * eta;
    if (this.#sip) {
      if (!invertPlaneMap(this.#sip, u, v, 1e-9, point)) {
        out[0] = out[1] = NaN;
        return;
      }
      u = point[0]!;
      v = point[1]!;
    }
    out[0] = u + this.#crpixX;
    out[1] = v + this.#crpixY;
  }

  pixelToSky(x: number, y: number): SkyPosition {
    this.pixelToVector(x, y, native);
    return { raDeg: longitude(native[0]!, native[1]!), decDeg: latitude(native[0]!, native[1]!, native[2]!) };
  }

  skyToPixel(raDeg: number, decDeg: number): PixelPosition {
    const cosDec = Math.cos(decDeg * DEG);
    this.vectorToPixel(cosDec * Math.cos(raDeg * DEG), cosDec * Math.sin(raDeg * DEG), Math.sin(decDeg * DEG), point);
    return { x: point[0]!, y: point[1]! };
  }

  pixelToSkyArrays(x: Float64Array, y: Float64Array, raDeg: Float64Array, decDeg: Float64Array): void {
    for (let i = 0; i < x.length; i++) {
      this.pixelToVector(x[i]!, y[i]!, native);
      raDeg[i] = longitude(native[0]!, native[1]!);
      decDeg[i] = latitude(native[0]!, native[1]!, native[2]!);
    }
  }

  skyToPixelArrays(raDeg: Float64Array, decDeg: Float64Array, x: Float64Array, y: Float64Array): void {
    for (let i = 0; i < raDeg.length; i++) {
      const ra = raDeg[i]! * DEG;
      const dec = decDeg[i]! * DEG;
      const cosDec = Math.cos(dec);
      this.vectorToPixel(cosDec * Math.cos(ra), cosDec * Math.sin(ra), Math.sin(dec), point);
      x[i] = point[0]!;
      y[i] = point[1]!;
    }
  }

  pixelScaleArcsec(x: number = this.#crpixX, y: number = this.#crpixY): number {
    const step = 0.5;
    const derivative = (dx: number, dy: number): [number, number, number] => {
      this.pixelToVector(x + dx, y + dy, columnsX);
      const x1 = columnsX[0]!;
      const y1 = columnsX[1]!;
      const z1 = columnsX[2]!;
      this.pixelToVector(x - dx, y - dy, columnsX);
      return [x1 - columnsX[0]!, y1 - columnsX[1]!, z1 - columnsX[2]!];
    };
    const p = derivative(step, 0);
    const q = derivative(0, step);
    const area = Math.hypot(p[1] * q[2] - p[2] * q[1], p[2] * q[0] - p[0] * q[2], p[0] * q[1] - p[1] * q[0]);
    return Math.sqrt(area) * RAD_TO_ARCSEC;
  }

  shifted(dx: number, dy: number): CelestialWcs {
    const { crpix } = this.description;
    return new CelestialWcs({ ...this.description, crpix: { x: crpix.x - dx, y: crpix.y - dy } });
  }

  writeTo(header: FitsHeader): void {
    writeWcs(header, this.description);
  }
}

const longitude = (x: number, y: number): number => {
  const angle = Math.atan2(y, x) / DEG;
  if (angle >= 0) return angle;
  const positive = angle + 360;
  return positive >= 360 ? 0 : positive;
};
const latitude = (x: number, y: number, z: number): number => Math.atan2(z, Math.sqrt(x * x + y * y)) / DEG;

export interface TanWcsOptions {
  /** reference pixel, 0-based */
  readonly crpix: { readonly x: number; readonly y: number };
  readonly crvalRaDeg: number;
  readonly crvalDecDeg: number;
  /** [deg/px]; xi (east) = cd[0] . (dx, dy), eta (north) = cd[1] . (dx, dy) */
  readonly cd: Matrix2;
}

export const makeTanWcs = (options: TanWcsOptions): CelestialWcs => new CelestialWcs({ ...options, projection: TAN });

export const makeTanSipWcs = (options: TanWcsOptions & { readonly sip: SipMap }): CelestialWcs =>
  new CelestialWcs({ ...options, projection: TAN });

/**
 * The CD matrix [deg/px] of square pixels. With rotation 0 the y axis points north and the x axis west (east if `mirrored`);
 * `rotationDeg` is the position angle of the y axis, from north through east.
 */
export function cdMatrix(scaleArcsec: number, rotationDeg = 0, mirrored = false): Matrix2 {
  const scale = scaleArcsec / 3600;
  const [sin, cos] = sinCosDeg(rotationDeg);
  const xEast = mirrored ? scale : -scale;
  return [
    [xEast * cos, scale * sin],
    [-xEast * sin, scale * cos],
  ];
}
