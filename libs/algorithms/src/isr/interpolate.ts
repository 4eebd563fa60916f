// Fills masked pixels from their neighbours, so that smoothing and displays meet no holes; INTRP marks them and measurement
// leaves them out. Along the shorter direction (row or column) of the masked run: linear between the two ends, or the end's value
// when the run meets the border. Ends are means of up to two good pixels. Cost: O(masked pixels x run length).

import type { Exposure } from '#libs/image';
import { MaskBit } from '#libs/image';

const { max } = Math;

/** Interpolates every pixel with any of `bits`; returns how many. Image, variance and mask change in place. */
export function interpolatePixels(
  exposure: Pick<Exposure, 'width' | 'height' | 'image' | 'mask' | 'variance'>,
  bits: number,
): number {
  const { width, height, image, mask, variance } = exposure;
  const unusable = bits | MaskBit.BAD | MaskBit.SAT | MaskBit.CR | MaskBit.UNMASKEDNAN | MaskBit.NO_DATA;
  const targets: number[] = [];
  for (let i = 0; i < mask.length; i++) if ((mask[i]! & bits) !== 0) targets.push(i);
  const values = new Float32Array(targets.length);
  const variances = new Float32Array(targets.length);
  const good = (k: number): boolean => (mask[k]! & unusable) === 0;
  /** distance to the first good pixel along a step, or 0 when there is none within `limit` steps */
  const reach = (k: number, step: number, limit: number): number => {
    for (let d = 1; d <= limit; d++) if (good(k + d * step)) return d;
    return 0;
  };
  /** mean of the first good pixel and the next one when that is good too; the mean lies half a pixel farther out */
  const end = (plane: Float32Array, k: number, step: number, more: boolean): number =>
    more && good(k + step) ? 0.5 * (plane[k]! + plane[k + step]!) : plane[k]!;
  let filled = 0;
  targets.forEach((k, t) => {
    const x = k % width;
    const y = (k - x) / width;
    const left = reach(k, -1, x);
    const right = reach(k, 1, width - 1 - x);
    const down = reach(k, -width, y);
    const up = reach(k, width, height - 1 - y);
    const cost = (a: number, b: number): number => (a && b ? a + b : a || b ? 4 * (a + b) + 8 : Infinity);
    const across = cost(left, right);
    const along = cost(down, up);
    if (across === Infinity && along === Infinity) {
      values[t] = 0;
      variances[t] = variance[k]!;
      return;
    }
    const [step, low, high, spaceLow, spaceHigh] =
      across <= along
        ? [1, left, right, x - left > 0, x + right < width - 1]
        : [width, down, up, y - down > 0, y + up < height - 1];
    const a = low ? end(image, k - low * step, -step, spaceLow) : NaN;
    const b = high ? end(image, k + high * step, step, spaceHigh) : NaN;
    const va = low ? variance[k - low * step]! : NaN;
    const vb = high ? variance[k + high * step]! : NaN;
    const farLow = low > 0 && spaceLow && good(k - (low + 1) * step) ? low + 0.5 : low;
    const farHigh = high > 0 && spaceHigh && good(k + (high + 1) * step) ? high + 0.5 : high;
    const f = low && high ? farLow / (farLow + farHigh) : 0;
    values[t] = low && high ? a + f * (b - a) : low ? a : b;
    variances[t] = low && high ? max(va, vb) : low ? va : vb;
    filled++;
  });
  targets.forEach((k, t) => {
    image[k] = values[t]!;
    variance[k] = variances[t]!;
    mask[k]! |= MaskBit.INTRP;
  });
  return filled;
}
