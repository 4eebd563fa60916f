// Fake sources into finished images, for measuring completeness.

import { type Exposure, MaskBit } from '#libs/image';

/**
 * Adds a point source of `flux` (units of the image) at (x, y) with the exposure's own PSF: image and variance (`gain` in electrons
 * per unit; 1 for images in e-) change in place and the pixels are marked INJECTED. Noise is the caller's affair: with `noise`
 * (standard normal deviates) the Poisson noise of the source is added.
 */
export function injectPointSource(
  exposure: Exposure,
  source: { readonly x: number; readonly y: number; readonly flux: number },
  options: { readonly gain?: number; readonly noise?: () => number } = {},
): void {
  const { psf, width, height, image, variance, mask } = exposure;
  if (!psf) throw new TypeError('an exposure without a PSF cannot take an injected source');
  const { gain = 1, noise } = options;
  const stamp = psf.stamp(source.x, source.y);
  const left = Math.round(source.x) - (stamp.width - 1) / 2;
  const bottom = Math.round(source.y) - (stamp.height - 1) / 2;
  for (let j = Math.max(0, -bottom); j < stamp.height && bottom + j < height; j++)
    for (let i = Math.max(0, -left); i < stamp.width && left + i < width; i++) {
      const index = (bottom + j) * width + left + i;
      const light = source.flux * stamp.data[j * stamp.width + i]!;
      const added = Math.max(0, light) / gain;
      image[index] = image[index]! + light + (noise ? Math.sqrt(added) * noise() : 0);
      variance[index] = variance[index]! + added;
      mask[index] = mask[index]! | MaskBit.INJECTED;
    }
}
