import type { FitsHeader } from '#libs/fits';

/** ICRS position [deg]. */
export interface SkyPosition {
  readonly raDeg: number;
  readonly decDeg: number;
}
export interface PixelPosition {
  readonly x: number;
  readonly y: number;
}

/**
 * Celestial world coordinates of an image. Pixel (0, 0) is the centre of the first pixel (FITS keywords add 1).
 * Positions off the projection are NaN, never an exception.
 */
export interface Wcs {
  pixelToSky(x: number, y: number): SkyPosition;
  skyToPixel(raDeg: number, decDeg: number): PixelPosition;
  /** vector forms: results are written into the output arrays, which may be the input arrays */
  pixelToSkyArrays(x: Float64Array, y: Float64Array, raDeg: Float64Array, decDeg: Float64Array): void;
  skyToPixelArrays(raDeg: Float64Array, decDeg: Float64Array, x: Float64Array, y: Float64Array): void;
  /** geometric-mean pixel scale at a pixel [arcsec/px]; at the reference pixel when no position is given */
  pixelScaleArcsec(x?: number, y?: number): number;
  /** the same WCS seen from a pixel frame whose (0, 0) is (dx, dy) of this one */
  shifted(dx: number, dy: number): Wcs;
  /** writes the keywords (WCSAXES, CTYPE, CRPIX, CRVAL, CD, SIP or PV) into a header */
  writeTo(header: FitsHeader): void;
}
