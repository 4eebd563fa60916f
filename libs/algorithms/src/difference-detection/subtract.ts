// Image subtraction: science minus template with matched PSFs, decorrelated noise, and a variance plane that is true.
// The sharper image is convolved (Alard & Lupton 1998); the result is in the science image's electrons whichever it was.
import { type Allocator, type Exposure, heapAllocator, MaskBit, psfSigma } from '#libs/image';
import { decorrelate } from '../decorrelation/index.js';
import { AlgorithmError } from '../errors.js';
import {
  chooseDirection,
  convolveVariance,
  convolveVarying,
  type KernelFit,
  type MatchDirection,
  matchPsfs,
  type PsfMatchConfig,
  spreadMask,
} from '../psf-matching/index.js';
import { cropExposure, shiftedPsf } from './crop.js';

export interface SubtractConfig extends PsfMatchConfig {
  readonly direction?: MatchDirection | 'auto';
  readonly decorrelate?: boolean;
}

export interface Subtraction {
  /** science - template [e-] on the science grid, with the PSF that its point sources have */
  readonly difference: Exposure;
  /** the template in science electrons on the science grid, not convolved */
  readonly template: Exposure;
  readonly fit: KernelFit;
  readonly direction: MatchDirection;
}

/**
 * `template`: on the science image's pixel grid, possibly with a margin (its `xy0` is then negative). Both need a PSF; photometric
 * calibrations, where present, bring the template to science units before the fit, so that the kernel sum is near one.
 */
export function subtractExposures(
  science: Exposure,
  template: Exposure,
  config: SubtractConfig = {},
  allocator: Allocator = heapAllocator,
): Subtraction {
  if (!science.psf || !template.psf)
    throw new AlgorithmError('NO_PSF', 'subtraction needs the PSF of the science image and of the template');
  const { width, height } = science;
  const origin = template.xy0 ?? { x: 0, y: 0 };
  const ratio = science.photoCalib && template.photoCalib ? template.photoCalib.scale / science.photoCalib.scale : 1;
  const wide = scaled(template, ratio, allocator);
  const near: Exposure = {
    ...cropExposure(wide, -origin.x, -origin.y, width, height, allocator),
    ...(science.photoCalib && { photoCalib: science.photoCalib }),
    psf: shiftedPsf(template.psf, origin.x, origin.y, width, height),
  };
  const clean = scaled(science, 1, allocator);
  const middle = [width / 2, height / 2] as const;
  const direction =
    config.direction === undefined || config.direction === 'auto'
      ? chooseDirection(psfSigma(science.psf, ...middle), psfSigma(near.psf!, ...middle))
      : config.direction;
  const convolveTemplate = direction === 'convolveTemplate';
  const fixed = convolveTemplate ? clean : near;
  const moved = convolveTemplate ? near : clean;
  const fit = matchPsfs(moved, fixed, config);
  const { kernel } = fit;
  const r = (kernel.basis.size - 1) / 2;

  // the margin of a template saves the border that the convolution loses
  const source = convolveTemplate ? wide : clean;
  const at = convolveTemplate ? origin : { x: 0, y: 0 };
  const convolved = convolveVarying(kernel, source.image, source.width, source.height, at, allocator);
  const spread = spreadMask(
    convolveTemplate ? templateMask(source.mask) : source.mask,
    source.width,
    source.height,
    r,
    allocator,
  );
  const mask = allocator.int32(width * height);
  const difference = allocator.float32(width * height);
  const otherMask = convolveTemplate ? science.mask : templateMask(near.mask);
  const dropped = ~(MaskBit.DETECTED | MaskBit.DETECTED_NEGATIVE);
  const blank = MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const p = y * width + x;
      const sx = x - at.x;
      const sy = y - at.y;
      const inside = sx >= 0 && sy >= 0 && sx < source.width && sy < source.height;
      const q = sy * source.width + sx;
      // INTRP, CR and the like matter only where they are: a convolved trace of them is already in the variance
      const bits = inside ? spread[q]! & SPREADING : MaskBit.NO_DATA | MaskBit.EDGE;
      mask[p] = (otherMask[p]! | bits | (convolveTemplate ? 0 : science.mask[p]!)) & dropped;
      if ((mask[p]! & blank) !== 0 || !inside) continue;
      difference[p] = fixed.image[p]! - convolved[q]! - kernel.backgroundAt(x, y);
    }

  const whitened =
    config.decorrelate === false
      ? { image: difference, variance: plainVariance(fit, fixed, moved, allocator), psf: fixed.psf! }
      : decorrelate(
          {
            difference,
            fixedVariance: fixed.variance,
            convolvedVariance: moved.variance,
            mask,
            width,
            height,
            kernel,
            psf: fixed.psf!,
          },
          allocator,
        );
  if (!convolveTemplate) {
    const factor = -1 / kernel.sum;
    for (let p = 0; p < width * height; p++) {
      whitened.image[p]! *= factor;
      whitened.variance[p]! *= factor * factor;
    }
  }
  for (let p = 0; p < width * height; p++) if ((mask[p]! & blank) !== 0) whitened.image[p] = 0;
  const { info, wcs, photoCalib } = science;
  return {
    difference: {
      width,
      height,
      image: whitened.image,
      variance: whitened.variance,
      mask,
      ...(info && { info }),
      ...(wcs && { wcs }),
      ...(photoCalib && { photoCalib }),
      ...(whitened.psf && { psf: whitened.psf }),
      metadata: {
        direction,
        kernelSum: kernel.sum,
        kernelChi2: fit.chi2,
        kernelStamps: fit.stamps.filter((stamp) => stamp.used).length,
      },
    },
    template: near,
    fit,
    direction,
  };
}

/** Bits whose harm reaches as far as the convolution kernel. */
const SPREADING =
  MaskBit.NO_DATA | MaskBit.EDGE | MaskBit.SAT | MaskBit.SAT_TEMPLATE | MaskBit.UNMASKEDNAN | MaskBit.BAD;

const templateMask = (mask: Int32Array): Int32Array =>
  mask.map((bits) => {
    let out = bits & (MaskBit.NO_DATA | MaskBit.EDGE | MaskBit.BAD | MaskBit.UNMASKEDNAN);
    if ((bits & MaskBit.SAT) !== 0) out |= MaskBit.SAT_TEMPLATE;
    return out;
  });

/** A copy in other units, with unusable pixels set to zero so that convolutions stay finite. */
function scaled(exposure: Exposure, factor: number, allocator: Allocator): Exposure {
  const n = exposure.width * exposure.height;
  const image = allocator.float32(n);
  const variance = allocator.float32(n);
  const mask = allocator.int32(n);
  for (let p = 0; p < n; p++) {
    mask[p] = exposure.mask[p]!;
    const value = exposure.image[p]! * factor;
    const spread = exposure.variance[p]! * factor * factor;
    if ((mask[p]! & MaskBit.NO_DATA) === 0 && value - value === 0 && spread - spread === 0) {
      image[p] = value;
      variance[p] = spread;
    } else mask[p]! |= MaskBit.NO_DATA;
  }
  return { ...exposure, image, variance, mask };
}

function plainVariance(fit: KernelFit, fixed: Exposure, moved: Exposure, allocator: Allocator): Float32Array {
  const out = convolveVariance(fit.kernel, moved.variance, moved.width, moved.height, 64, allocator);
  for (let p = 0; p < out.length; p++) out[p]! += fixed.variance[p]!;
  return out;
}
