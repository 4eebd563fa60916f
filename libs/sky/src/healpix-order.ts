/** Which HEALPix orders, pixels and directions there are. */
import { SkyError } from './errors.js';

export const MAX_HEALPIX_ORDER = 29;

export function checkOrder(order: number): void {
  if (!Number.isInteger(order) || order < 0 || order > MAX_HEALPIX_ORDER)
    throw new SkyError('OUT_OF_RANGE', `HEALPix order must be an integer from 0 to 29, not ${order}`, order);
}

export const healpixPixelCount = (order: number): bigint => 12n << BigInt(2 * order);

/** Solid angle of a pixel [deg^2]. */
export const healpixPixelArea = (order: number): number => 129600 / Math.PI / (12 * 4 ** order);

export function checkPixel(order: number, pixel: bigint): void {
  checkOrder(order);
  if (pixel < 0n || pixel >= healpixPixelCount(order))
    throw new SkyError('OUT_OF_RANGE', `there is no HEALPix pixel ${pixel} at order ${order}`, pixel);
}

/** `raDeg` finite, in any turn; `decDeg` from -90 to 90. */
export function checkDirection(raDeg: number, decDeg: number): void {
  if (!Number.isFinite(raDeg) || !(decDeg >= -90 && decDeg <= 90))
    throw new SkyError('OUT_OF_RANGE', `RA ${raDeg}, dec ${decDeg} is not a direction`, [raDeg, decDeg]);
}
