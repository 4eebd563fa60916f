// Bias, dark and flat, one pixel operation each, with their variances. All images in electrons; darks are of one second.

import type { Exposure } from '#libs/image';
import { MaskBit } from '#libs/image';
import { AlgorithmError } from '../errors.js';

type Planes = Pick<Exposure, 'width' | 'height' | 'image' | 'mask' | 'variance'>;

function checkSize(exposure: Planes, master: Planes, what: string): void {
  if (exposure.width !== master.width || exposure.height !== master.height)
    throw new AlgorithmError('SIZE_MISMATCH', `the ${what} has another size than the image`, {
      image: [exposure.width, exposure.height],
      [what]: [master.width, master.height],
    });
}

/** image -= scale x master; the master's BAD pixels are passed on. */
export function subtractMaster(exposure: Planes, master: Planes, scale: number, what: string): void {
  checkSize(exposure, master, what);
  const { image, mask, variance } = exposure;
  for (let i = 0; i < image.length; i++) {
    image[i]! -= scale * master.image[i]!;
    variance[i]! += scale * scale * master.variance[i]!;
    mask[i]! |= master.mask[i]! & (MaskBit.BAD | MaskBit.NO_DATA);
  }
}

/** image /= flat; pixels whose flat is below `minFlat` become BAD and are left as they are. */
export function divideFlat(exposure: Planes, flat: Planes, minFlat: number): void {
  checkSize(exposure, flat, 'flat');
  const { image, mask, variance } = exposure;
  for (let i = 0; i < image.length; i++) {
    const f = flat.image[i]!;
    mask[i]! |= flat.mask[i]! & (MaskBit.BAD | MaskBit.NO_DATA);
    if (!(f >= minFlat) || f === Infinity) {
      mask[i]! |= MaskBit.BAD;
      continue;
    }
    const value = image[i]! / f;
    image[i] = value;
    variance[i] = (variance[i]! + value * value * flat.variance[i]!) / (f * f);
  }
}

/** variance += max(image, 0): the Poisson noise of the electrons collected so far. */
export function addPhotonNoise(exposure: Planes): void {
  const { image, variance } = exposure;
  for (let i = 0; i < image.length; i++) if (image[i]! > 0) variance[i]! += image[i]!;
}
