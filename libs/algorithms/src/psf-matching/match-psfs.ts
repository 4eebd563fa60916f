// From two exposures on one pixel grid to the kernel that gives the sharper one the other's PSF.
import { type Exposure, MaskBit, psfSigma } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { type BasisConfig, basisForWidths, makeKernelBasis } from './basis.js';
import { fitMatchingKernel, type KernelFit, type KernelFitConfig } from './fit-kernel.js';
import { makeStamp } from './normal-equations.js';
import { DEFAULT_STAMP_SELECTION, selectStamps, type StampSelectionConfig } from './select-stamps.js';

export type MatchDirection = 'convolveTemplate' | 'convolveScience';

/** The sharper image is convolved; the template when they are equal. Widths are Gaussian sigmas [px]. */
export const chooseDirection = (scienceSigma: number, templateSigma: number): MatchDirection =>
  scienceSigma < templateSigma ? 'convolveScience' : 'convolveTemplate';

export interface PsfMatchConfig {
  /** the kernel basis; from the widths of the PSFs unless given */
  readonly basis?: BasisConfig;
  readonly stamps?: Partial<StampSelectionConfig>;
  readonly fit?: Partial<KernelFitConfig>;
}

/** Fits the kernel for which K * convolved + background = target. Bad pixels of either image get no weight. */
export function matchPsfs(convolved: Exposure, target: Exposure, config: PsfMatchConfig = {}): KernelFit {
  if (convolved.width !== target.width || convolved.height !== target.height)
    throw new AlgorithmError('SIZE_MISMATCH', 'images to be matched must share one pixel grid', {
      convolved: [convolved.width, convolved.height],
      target: [target.width, target.height],
    });
  const basisConfig = config.basis ?? basisForWidths(sigmaOf(convolved), sigmaOf(target));
  const basis = makeKernelBasis(basisConfig);
  const margin = (basis.size - 1) / 2;
  const half = config.stamps?.half ?? DEFAULT_STAMP_SELECTION.half;
  const bad = MaskBit.BAD | MaskBit.SAT | MaskBit.CR | MaskBit.NO_DATA | MaskBit.UNMASKEDNAN;
  const weightAt = (p: number): number => {
    if (((convolved.mask[p]! | target.mask[p]!) & bad) !== 0) return 0;
    const weight = 1 / (convolved.variance[p]! + target.variance[p]!);
    return weight > 0 && weight < Infinity && Number.isFinite(target.image[p]!) ? weight : 0;
  };
  const stamps = selectStamps(convolved, target, margin, config.stamps).map(({ x, y }) =>
    makeStamp(
      basis,
      { width: convolved.width, data: convolved.image },
      { width: target.width, data: target.image },
      x,
      y,
      half,
      weightAt,
    ),
  );
  return fitMatchingKernel(basisConfig, stamps, convolved.width, convolved.height, config.fit);
}

function sigmaOf(exposure: Exposure): number {
  const sigma = exposure.psf ? psfSigma(exposure.psf, exposure.width / 2, exposure.height / 2) : NaN;
  if (!(sigma > 0)) throw new AlgorithmError('NO_PSF', 'PSF matching needs exposures that carry a PSF');
  return sigma;
}
