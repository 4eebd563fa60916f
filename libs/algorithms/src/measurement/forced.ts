// Forced PSF photometry: the flux of a point source at a given position, and nothing else is moved.
//   f = sum(m d) / sum(m^2), sigma^2 = sum(m^2 v) / sum(m^2)^2 over usable pixels (unweighted, as LSST's PsfFlux).
// Cost: stamp area per position.

import type { Exposure } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { badPixels, maskAround, UNMEASURED } from './pixel-flags.js';
import { isFiniteNumber } from '../numeric/statistics.js';

const { floor, round, sqrt } = Math;

export interface ForcedFluxes {
  /** image units; NaN where less than a tenth of the PSF's power lies on usable pixels */
  readonly flux: Float64Array;
  readonly fluxErr: Float64Array;
  /** chi2 of the stamp and its number of pixels */
  readonly chi2: Float64Array;
  readonly pixels: Int32Array;
  /** fraction of the PSF's power (sum m^2) on usable pixels */
  readonly usable: Float64Array;
  /** mask bits of the 3 x 3 pixels at each position */
  readonly maskBits: Int32Array;
}

/**
 * PSF fluxes at fixed pixel positions of a background-subtracted (or difference) exposure; negative fluxes are as good as positive.
 * @throws AlgorithmError NO_PSF
 */
export function forcedPsfFlux(
  exposure: Exposure,
  positions: readonly { readonly x: number; readonly y: number }[],
  badBits: number = UNMEASURED,
): ForcedFluxes {
  const { width, height, image, variance, psf } = exposure;
  if (!psf) throw new AlgorithmError('NO_PSF', 'forced photometry needs an exposure with a PSF');
  const bad = badPixels(exposure, badBits);
  const n = positions.length;
  const result = {
    flux: new Float64Array(n).fill(NaN),
    fluxErr: new Float64Array(n).fill(NaN),
    chi2: new Float64Array(n).fill(NaN),
    pixels: new Int32Array(n),
    usable: new Float64Array(n),
    maskBits: new Int32Array(n),
  };
  positions.forEach(({ x, y }, i) => {
    if (!isFiniteNumber(x) || !isFiniteNumber(y)) return;
    result.maskBits[i] = maskAround(exposure, x, y);
    if (x < -psf.size || y < -psf.size || x > width + psf.size || y > height + psf.size) return;
    const { data, width: size } = psf.stamp(x, y);
    const x0 = round(x) - (size >> 1);
    const y0 = round(y) - (size >> 1);
    let power = 0;
    let mm = 0;
    let md = 0;
    let mvm = 0;
    let dd = 0;
    let mdw = 0;
    let mmw = 0;
    let count = 0;
    for (let q = 0; q < data.length; q++) {
      const m = data[q]!;
      power += m * m;
      const px = x0 + (q % size);
      const py = y0 + floor(q / size);
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const k = py * width + px;
      if (bad[k]) continue;
      const d = image[k]!;
      const v = variance[k]!;
      mm += m * m;
      md += m * d;
      mvm += m * m * v;
      dd += (d * d) / v;
      mdw += (m * d) / v;
      mmw += (m * m) / v;
      count++;
    }
    result.usable[i] = mm / power;
    result.pixels[i] = count;
    if (!(mm > 0.1 * power)) return;
    const flux = md / mm;
    result.flux[i] = flux;
    result.fluxErr[i] = sqrt(mvm) / mm;
    result.chi2[i] = dd - 2 * flux * mdw + flux * flux * mmw;
  });
  return result;
}
