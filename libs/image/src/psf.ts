import type { FloatPlane } from './plane.js';

/**
 * A point-spread function that may vary over the image. Algorithms own the models; this is what every consumer needs.
 * `stamp(x, y)` is centred exactly on the sub-pixel position: its central pixel is (round(x), round(y)), it has odd sides
 * and sums to 1. `kernel(x, y)` is the same PSF centred on its own middle pixel (for convolution).
 */
export interface Psf {
  /** side of the stamps [px], odd */
  readonly size: number;
  stamp(x: number, y: number): FloatPlane;
  kernel(x: number, y: number): FloatPlane;
  /** adaptive-moment covariance [px^2] */
  shape(x: number, y: number): { readonly xx: number; readonly yy: number; readonly xy: number };
  /** serialisable description (JSON); `restorePsf` of the owning model turns it back */
  toJSON(): PsfRecord;
}

export interface PsfRecord {
  readonly model: string;
  readonly [key: string]: unknown;
}

/** Gaussian-equivalent width: sqrt of half the trace [px]. */
export const psfSigma = (psf: Psf, x: number, y: number): number => {
  const { xx, yy } = psf.shape(x, y);
  return Math.sqrt((xx + yy) / 2);
};
/** Full width at half maximum of the equivalent Gaussian [px]. */
export const psfFwhm = (psf: Psf, x: number, y: number): number => 2.3548200450309493 * psfSigma(psf, x, y);
