// Parts of exposures.
import { type Allocator, type Exposure, heapAllocator, makeExposure, MaskBit, type Psf } from '#libs/image';
import { samplePsf } from '../warping/index.js';

/** The pixels x0 .. x0 + width - 1 etc.; those outside the exposure are 0 with infinite variance and NO_DATA. WCS shifted. */
export function cropExposure(
  exposure: Exposure,
  x0: number,
  y0: number,
  width: number,
  height: number,
  allocator: Allocator = heapAllocator,
): Exposure {
  const out = makeExposure(width, height, allocator);
  out.variance.fill(Infinity);
  out.mask.fill(MaskBit.NO_DATA);
  const left = Math.max(0, x0);
  const right = Math.min(exposure.width, x0 + width);
  for (let y = Math.max(0, y0); right > left && y < Math.min(exposure.height, y0 + height); y++) {
    const from = y * exposure.width;
    const to = (y - y0) * width - x0 + left;
    out.image.set(exposure.image.subarray(from + left, from + right), to);
    out.mask.set(exposure.mask.subarray(from + left, from + right), to);
    out.variance.set(exposure.variance.subarray(from + left, from + right), to);
  }
  const { info, photoCalib, metadata, wcs } = exposure;
  const xy0 = exposure.xy0 ?? { x: 0, y: 0 };
  return {
    ...out,
    xy0: { x: xy0.x + x0, y: xy0.y + y0 },
    ...(info && { info }),
    ...(photoCalib && { photoCalib }),
    ...(metadata && { metadata }),
    ...(wcs && { wcs: wcs.shifted(x0, y0) }),
  };
}

/** The PSF of an image, as seen from a frame of the given size in which the image's pixel (0, 0) lies at (x0, y0), whole pixels. */
export const shiftedPsf = (psf: Psf, x0: number, y0: number, width: number, height: number): Psf =>
  x0 === 0 && y0 === 0 ? psf : samplePsf(width, height, psf.size, (x, y) => psf.kernel(x - x0, y - y0).data);
