// Choice of the stars that determine the matching kernel: bright, unsaturated local maxima of the convolved image, spread
// evenly by cells, with clean pixels all around in both images.
import { type Exposure, MaskBit } from '#libs/image';
import { medianInPlace } from '../numeric/index.js';

export interface StampSelectionConfig {
  /** least brightness of the central pixel above the sky [sigma] */
  readonly minPeakSigma: number;
  /** side of the cells among which stars are spread [px] */
  readonly cell: number;
  readonly perCell: number;
  /** pixels of the fitted square on each side */
  readonly half: number;
  readonly maxStamps: number;
}
export const DEFAULT_STAMP_SELECTION: StampSelectionConfig = {
  minPeakSigma: 15,
  cell: 128,
  perCell: 4,
  half: 15,
  maxStamps: 120,
};

export interface StampPosition {
  readonly x: number;
  readonly y: number;
  /** central pixel [sigma of the sky] */
  readonly significance: number;
}

/** Bits that make a star useless as a whole (a saturated pixel spoils the shape, missing pixels the convolution). */
const SPOILS = MaskBit.SAT | MaskBit.SAT_TEMPLATE | MaskBit.NO_DATA | MaskBit.EDGE | MaskBit.SUSPECT;

/** Brightest first. `margin` is the half side of the kernel, needed around the stamp in the convolved image. */
export function selectStamps(
  convolved: Exposure,
  other: Exposure,
  margin: number,
  config: Partial<StampSelectionConfig> = {},
): StampPosition[] {
  const { minPeakSigma, cell, perCell, half, maxStamps } = { ...DEFAULT_STAMP_SELECTION, ...config };
  const { width, height, image } = convolved;
  const sky = Math.sqrt(skyVariance(convolved));
  const skyOther = Math.sqrt(skyVariance(other));
  const border = half + margin;
  const cells = new Map<number, StampPosition[]>();
  const columns = Math.ceil(width / cell);
  for (let y = border; y < height - border; y++)
    for (let x = border; x < width - border; x++) {
      const p = y * width + x;
      const value = image[p]!;
      if (!(value > minPeakSigma * sky) || !(other.image[p]! > minPeakSigma * skyOther)) continue;
      if (!isPeak(image, width, p)) continue;
      const key = Math.floor(y / cell) * columns + Math.floor(x / cell);
      const list = cells.get(key);
      const star = { x, y, significance: value / sky };
      if (list) list.push(star);
      else cells.set(key, [star]);
    }
  const chosen: StampPosition[] = [];
  for (const list of cells.values()) {
    list.sort((a, b) => b.significance - a.significance);
    let taken = 0;
    for (const star of list) {
      if (taken === perCell) break;
      if (
        brightestWithin(image, width, star, half) &&
        clean(convolved.mask, width, star, border) &&
        clean(other.mask, width, star, half)
      ) {
        chosen.push(star);
        taken++;
      }
    }
  }
  return chosen.sort((a, b) => b.significance - a.significance || a.y - b.y || a.x - b.x).slice(0, maxStamps);
}

const isPeak = (image: Float32Array, width: number, p: number): boolean => {
  const v = image[p]!;
  return (
    v > image[p - 1]! &&
    v >= image[p + 1]! &&
    v > image[p - width]! &&
    v >= image[p + width]! &&
    v > image[p - width - 1]! &&
    v > image[p - width + 1]! &&
    v >= image[p + width - 1]! &&
    v >= image[p + width + 1]!
  );
};

function brightestWithin(image: Float32Array, width: number, star: StampPosition, half: number): boolean {
  const peak = image[star.y * width + star.x]!;
  for (let y = star.y - half; y <= star.y + half; y++)
    for (let x = star.x - half; x <= star.x + half; x++) if (image[y * width + x]! > peak) return false;
  return true;
}

function clean(mask: Int32Array, width: number, star: StampPosition, half: number): boolean {
  for (let y = star.y - half; y <= star.y + half; y++)
    for (let x = star.x - half; x <= star.x + half; x++) if ((mask[y * width + x]! & SPOILS) !== 0) return false;
  // a defect or cosmic ray in the core
  for (let y = star.y - 2; y <= star.y + 2; y++)
    for (let x = star.x - 2; x <= star.x + 2; x++)
      if ((mask[y * width + x]! & (MaskBit.BAD | MaskBit.CR | MaskBit.INTRP)) !== 0) return false;
  return true;
}

/** Median variance of the usable pixels (every 7th looked at), NaN when there is none. */
export function skyVariance(exposure: Exposure): number {
  const { variance, mask } = exposure;
  const sample: number[] = [];
  const unusable = MaskBit.NO_DATA | MaskBit.BAD | MaskBit.SAT | MaskBit.UNMASKEDNAN;
  for (let p = 0; p < variance.length; p += 7)
    if ((mask[p]! & unusable) === 0 && variance[p]! > 0 && variance[p]! < Infinity) sample.push(variance[p]!);
  return medianInPlace(Float64Array.from(sample));
}
