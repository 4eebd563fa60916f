// The score image of a matched filter: S/N of the best-fitting point source centred on each pixel,
//   snr = sum(k f) / sqrt(sum(k^2 v)),
// with k a round Gaussian of the PSF's width, f the background-subtracted image and v its variance. Pixels outside the
// image or without data take part in neither sum. Cost: two separable convolutions.

import type { Exposure } from '#libs/image';
import { MaskBit } from '#libs/image';
import { isFiniteNumber, convolveSeparable, gaussianTaps } from '../numeric/index.js';

const { sqrt } = Math;

/** Signal-to-noise of a point source at every pixel; 0 where nothing is known. */
export function significanceImage(
  exposure: Pick<Exposure, 'width' | 'height' | 'image' | 'mask' | 'variance'>,
  sigma: number,
): Float32Array {
  const { width, height, mask } = exposure;
  const n = width * height;
  const signal = new Float32Array(n);
  const noise = new Float32Array(n);
  const blank = MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  for (let i = 0; i < n; i++) {
    const value = exposure.image[i]!;
    const variance = exposure.variance[i]!;
    if ((mask[i]! & blank) === 0 && isFiniteNumber(value) && variance > 0 && variance < Infinity) {
      signal[i] = value;
      noise[i] = variance;
    }
  }
  const taps = gaussianTaps(sigma);
  const smooth = convolveSeparable(signal, width, height, taps);
  const smoothNoise = convolveSeparable(
    noise,
    width,
    height,
    taps.map((tap) => tap * tap),
    signal,
  );
  for (let i = 0; i < n; i++) smooth[i] = smoothNoise[i]! > 0 ? smooth[i]! / sqrt(smoothNoise[i]!) : 0;
  return smooth;
}
