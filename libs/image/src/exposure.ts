import type { Wcs } from '#libs/sky';
import type { Box } from './box.js';
import type { PhotoCalib } from './photo-calib.js';
import { type Allocator, heapAllocator } from './plane.js';
import type { Psf } from './psf.js';

/** What is known about the observation as a whole. Times are MJD TAI, angles degrees. */
export interface VisitInfo {
  readonly instrument: string;
  readonly visit: bigint;
  readonly detector: number;
  readonly band: string;
  readonly physicalFilter?: string;
  /** middle of the (combined) exposure, MJD TAI */
  readonly midpointMjdTai: number;
  /** open-shutter time, all snaps together [s] */
  readonly exposureTime: number;
  readonly airmass?: number;
  readonly boresightRaDeg?: number;
  readonly boresightDecDeg?: number;
  readonly rotatorSkyDeg?: number;
  /** geodetic longitude (east), latitude [deg] and height [m] of the telescope */
  readonly observatory?: { readonly longitudeDeg: number; readonly latitudeDeg: number; readonly heightM: number };
  readonly observatoryCode?: string;
}

/**
 * Image, mask and variance of the same size with what calibrates them.
 * image [e-] until calibrated, variance [e-^2]; `xy0` is the position of pixel (0, 0) in the parent frame
 * (patches of a tract, cut-outs); `wcs` and `psf` are in THIS image's pixel coordinates.
 */
export interface Exposure {
  readonly width: number;
  readonly height: number;
  readonly image: Float32Array;
  readonly mask: Int32Array;
  readonly variance: Float32Array;
  readonly xy0?: { readonly x: number; readonly y: number };
  readonly info?: VisitInfo;
  readonly wcs?: Wcs;
  readonly psf?: Psf;
  readonly photoCalib?: PhotoCalib;
  /** free-form, JSON-able facts for headers and quality control */
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

export function makeExposure(width: number, height: number, allocator: Allocator = heapAllocator): Exposure {
  const n = width * height;
  return { width, height, image: allocator.float32(n), mask: allocator.int32(n), variance: allocator.float32(n) };
}

export const exposureBox = (exposure: { readonly width: number; readonly height: number }): Box => ({
  x0: 0,
  y0: 0,
  width: exposure.width,
  height: exposure.height,
});
