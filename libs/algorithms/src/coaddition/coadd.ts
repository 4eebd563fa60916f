// Coadds: warps of one patch into one deeper image, streamed.
import { type Allocator, type Exposure, heapAllocator, type VisitInfo } from '#libs/image';
import { AlgorithmError } from '../errors.js';
import { coaddPsf, type PsfContribution, psfContribution } from './coadd-psf.js';
import { StackAccumulator, type StackConfig, stackWeight } from './stack-accumulator.js';

export interface CoaddInput {
  /** how the metadata names it, for instance "visit=12,detector=3" */
  readonly name: string;
  /** multiplies the values, to bring all inputs to one flux scale */
  readonly scale?: number;
  readonly load: () => Promise<Exposure> | Exposure;
}

/**
 * Clipped weighted mean of exposures on one grid. WCS and photometric calibration are those of the first; the metadata list the
 * inputs and their weights. Inputs without a usable pixel are left out.
 * @throws AlgorithmError NO_GOOD_PIXELS when none is left
 */
export async function coaddExposures(
  inputs: readonly CoaddInput[],
  config: Partial<StackConfig> = {},
  allocator: Allocator = heapAllocator,
): Promise<Exposure> {
  let stack: StackAccumulator | undefined;
  let first: Exposure | undefined;
  const psfs: PsfContribution[] = [];
  const used: { readonly name: string; readonly weight: number; readonly info?: VisitInfo }[] = [];
  for (const { name, scale = 1, load } of inputs) {
    const exposure = await load();
    const weight = stackWeight(exposure, config.badMask) / (scale * scale);
    if (weight === 0) continue;
    first ??= withoutPixels(exposure);
    stack ??= new StackAccumulator(exposure.width, exposure.height, config, allocator);
    stack.add(exposure, weight, scale);
    const psf = psfContribution(exposure, weight);
    if (psf) psfs.push(psf);
    used.push({ name, weight, ...(exposure.info && { info: exposure.info }) });
  }
  if (!stack || !first)
    throw new AlgorithmError('NO_GOOD_PIXELS', `none of the ${inputs.length} images to stack has a usable pixel`);
  const psf = coaddPsf(stack.width, stack.height, psfs);
  const { wcs, xy0, photoCalib } = first;
  const times = used.flatMap(({ info }) => (info ? [info.midpointMjdTai] : []));
  const info = first.info && {
    ...first.info,
    exposureTime: used.reduce((sum, input) => sum + (input.info?.exposureTime ?? 0), 0),
    midpointMjdTai: times.reduce((a, b) => a + b, 0) / times.length,
  };
  return {
    ...stack.finish(allocator),
    ...(info && { info }),
    ...(wcs && { wcs }),
    ...(xy0 && { xy0 }),
    ...(photoCalib && { photoCalib }),
    ...(psf && { psf }),
    metadata: {
      inputCount: used.length,
      inputs: used.map((input) => input.name).join(' '),
      inputWeights: used.map((input) => input.weight.toPrecision(7)).join(' '),
    },
  };
}

const withoutPixels = ({ wcs, xy0, photoCalib, info }: Exposure): Exposure => ({
  width: 0,
  height: 0,
  image: new Float32Array(0),
  mask: new Int32Array(0),
  variance: new Float32Array(0),
  ...(wcs && { wcs }),
  ...(xy0 && { xy0 }),
  ...(photoCalib && { photoCalib }),
  ...(info && { info }),
});
