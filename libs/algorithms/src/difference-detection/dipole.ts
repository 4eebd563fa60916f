// Dipoles: a positive and a negative lobe closer than a few PSF widths, as left by a small misregistration of a bright star or
// by its motion. Both fluxes are fitted together at the lobes' positions; a dipole is a pair whose two lobes are significant
// and share the flux (LSST ip_diffim's criterion: neither holds more than 65 %).
import type { Exposure } from '#libs/image';
import { gridStamp } from './fit-position.js';

export interface Lobe {
  readonly x: number;
  readonly y: number;
}
export interface DipoleFit {
  /** flux of the positive lobe (> 0) and of the negative one (< 0) [e-] */
  readonly positive: number;
  readonly negative: number;
  readonly positiveErr: number;
  readonly negativeErr: number;
  readonly isDipole: boolean;
}

export const DIPOLE_MAX_SHARE = 0.65;
const MIN_LOBE_SN = 5;

export function fitDipole(difference: Exposure, positive: Lobe, negative: Lobe, badBits: number): DipoleFit {
  const psf = difference.psf!;
  const cx = Math.round((positive.x + negative.x) / 2);
  const cy = Math.round((positive.y + negative.y) / 2);
  const radius = Math.ceil(Math.hypot(positive.x - negative.x, positive.y - negative.y) / 2) + 6;
  const p = gridStamp(psf, positive.x, positive.y, cx, cy, radius);
  const n = gridStamp(psf, negative.x, negative.y, cx, cy, radius);
  const side = 2 * radius + 1;
  let [pp, nn, pn, pd, nd, pvp, nvn] = [0, 0, 0, 0, 0, 0, 0];
  for (let k = 0; k < side * side; k++) {
    const x = cx - radius + (k % side);
    const y = cy - radius + Math.floor(k / side);
    if (x < 0 || y < 0 || x >= difference.width || y >= difference.height) continue;
    const q = y * difference.width + x;
    const v = difference.variance[q]!;
    if ((difference.mask[q]! & badBits) !== 0 || !(v > 0 && v < Infinity)) continue;
    const d = difference.image[q]!;
    pp += p[k]! * p[k]!;
    nn += n[k]! * n[k]!;
    pn += p[k]! * n[k]!;
    pd += p[k]! * d;
    nd += n[k]! * d;
    pvp += p[k]! * p[k]! * v;
    nvn += n[k]! * n[k]! * v;
  }
  const det = pp * nn - pn * pn;
  const plus = (nn * pd - pn * nd) / det;
  const minus = (pp * nd - pn * pd) / det;
  const positiveErr = Math.sqrt(pvp) / pp;
  const negativeErr = Math.sqrt(nvn) / nn;
  const share = plus / (plus - minus);
  const isDipole =
    plus > MIN_LOBE_SN * positiveErr &&
    -minus > MIN_LOBE_SN * negativeErr &&
    share < DIPOLE_MAX_SHARE &&
    1 - share < DIPOLE_MAX_SHARE;
  return { positive: plus, negative: minus, positiveErr, negativeErr, isDipole };
}
