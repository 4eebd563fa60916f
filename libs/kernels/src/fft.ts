// Two-dimensional Fourier transforms of planes whose sides are products of 2, 3 and 5. Signs and factors are those of numpy.fft:
// forward exp(-2 pi i (u x / width + v y / height)) without a factor, inverse with 1 / (width height). Frequencies in natural order.

import type { FloatPlane } from '#libs/image';
import { KernelError } from './errors.js';
import type { BandPass, KernelJob } from './job.js';
import { SCRATCH_BYTES } from './memory.js';
import { checkSameSize, checkSize, type KernelWorkspace } from './workspace.js';

export interface ComplexPlanes {
  readonly re: FloatPlane;
  readonly im: FloatPlane;
}

/** columns of the spectrum of a real plane: those of frequencies 0 to half the sampling frequency */
export const halfSpectrumWidth = (width: number): number => Math.floor(width / 2) + 1;

const LONGEST = 16_384;

/**
 * Complex transform in place. Cost: 4096 x 4096 in some 0.25 s on one thread.
 * @throws KernelError SIZE_MISMATCH; BAD_ARGUMENT for sides with other factors than 2, 3 and 5, or beyond 16384
 */
export const fft2d = ({ re, im, inverse = false }: ComplexPlanes & { readonly inverse?: boolean }): KernelJob<void> =>
  function* (workspace) {
    const { width, height } = checkComplex(re, im);
    if (width === 0 || height === 0) return;
    // exchanging real and imaginary parts makes the transform the inverse one
    const pointers = [workspace.inOut(re.data), workspace.inOut(im.data)];
    if (inverse) pointers.reverse();
    const rowPlan = fftPlan(workspace, width);
    yield { kernel: 'fftRows', args: [...pointers, width, rowPlan, inverse ? 1 / width : 1], rows: height };
    yield columnPass(workspace, pointers, width, height, inverse);
  };

/**
 * Spectrum of a real plane: halfSpectrumWidth(width) x height; the other half is its mirrored conjugate. Cost: half of the complex one.
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT
 */
export const realFft2d = ({ source, re, im }: ComplexPlanes & { readonly source: FloatPlane }): KernelJob<void> =>
  function* (workspace) {
    const { width, height } = source;
    checkSize('the source', source.data, width, height);
    checkSide(width);
    checkHalf(re, im, width, height);
    if (width === 0 || height === 0) return;
    const pointers = [workspace.output(re.data), workspace.output(im.data)];
    yield {
      kernel: 'realRows',
      args: [workspace.input(source.data), ...pointers, width, fftPlan(workspace, width)],
      rows: height,
    };
    yield columnPass(workspace, pointers, re.width, height, false);
  };

/**
 * The real plane of a half spectrum; `re` and `im` are used up.
 * @throws KernelError SIZE_MISMATCH, BAD_ARGUMENT
 */
export const inverseRealFft2d = ({
  re,
  im,
  target,
}: ComplexPlanes & { readonly target: FloatPlane }): KernelJob<void> =>
  function* (workspace) {
    const { width, height } = target;
    checkSize('the target', target.data, width, height);
    checkSide(width);
    checkHalf(re, im, width, height);
    if (width === 0 || height === 0) return;
    const pointers = [workspace.inOut(re.data), workspace.inOut(im.data)];
    yield columnPass(workspace, pointers.toReversed(), re.width, height, true);
    yield {
      kernel: 'realRowsInverse',
      args: [...pointers, workspace.output(target.data), width, fftPlan(workspace, width), 1 / width],
      rows: height,
    };
  };

/**
 * a *= b, or a *= conjugate(b), value by value.
 * @throws KernelError SIZE_MISMATCH
 */
export const multiplySpectra = (a: ComplexPlanes, b: ComplexPlanes, conjugate = false): KernelJob<void> =>
  function* (workspace) {
    const { width, height } = a.re;
    for (const plane of [a.re, a.im, b.re, b.im]) checkSameSize('a spectrum', plane, width, height);
    yield {
      kernel: 'multiplySpectra',
      args: [
        workspace.inOut(a.re.data),
        workspace.inOut(a.im.data),
        workspace.input(b.re.data),
        workspace.input(b.im.data),
        conjugate ? 1 : 0,
      ],
      rows: width * height,
      bandRows: 2 ** 16,
    };
  };

function columnPass(
  workspace: KernelWorkspace,
  pointers: readonly number[],
  width: number,
  height: number,
  inverse: boolean,
): BandPass {
  // four buffers of `height` elements in scratch
  const lanes = height * 16 * 16 <= SCRATCH_BYTES / 2 ? 16 : height * 8 * 16 <= SCRATCH_BYTES ? 8 : 4;
  const plan = fftPlan(workspace, height);
  return {
    kernel: 'fftColumns',
    args: [...pointers, width, height, plan, inverse ? 1 / height : 1, lanes],
    rows: width,
  };
}

/** Radices of the stages of a transform. @throws KernelError BAD_ARGUMENT */
export function fftRadices(n: number): number[] {
  const radices: number[] = [];
  let rest = n;
  for (const radix of [4, 2, 3, 5])
    while (rest % radix === 0 && rest > 1) {
      radices.push(radix);
      rest /= radix;
    }
  if (rest !== 1 || n > LONGEST)
    throw new KernelError('BAD_ARGUMENT', `a transform has 2^a 3^b 5^c points, at most ${LONGEST}, not ${n}`, n);
  return radices;
}

/** Stages as the kernel reads them: their number, then radix, twiddles and roots of each. */
function fftPlan(workspace: KernelWorkspace, n: number): number {
  const radices = fftRadices(n);
  const words = [radices.length];
  let length = n;
  for (const radix of radices) {
    const m = length / radix;
    const twiddles = new Float64Array(m * (radix - 1) * 2);
    for (let p = 0, o = 0; p < m; p++)
      for (let k = 1; k < radix; k++) {
        const angle = (-2 * Math.PI * ((p * k) % length)) / length;
        twiddles[o++] = Math.cos(angle);
        twiddles[o++] = Math.sin(angle);
      }
    const roots = new Float64Array(2 * radix);
    for (let k = 0; k < radix; k++) {
      roots[2 * k] = Math.cos((-2 * Math.PI * k) / radix);
      roots[2 * k + 1] = Math.sin((-2 * Math.PI * k) / radix);
    }
    words.push(radix, workspace.weights(twiddles), workspace.weights(roots));
    length = m;
  }
  return workspace.integers(words);
}

function checkComplex(re: FloatPlane, im: FloatPlane): FloatPlane {
  checkSize('the real part', re.data, re.width, re.height);
  checkSameSize('the imaginary part', im, re.width, re.height);
  checkSide(re.width);
  checkSide(re.height);
  return re;
}

function checkHalf(re: FloatPlane, im: FloatPlane, width: number, height: number): void {
  checkSide(height);
  checkSameSize('the real part', re, halfSpectrumWidth(width), height);
  checkSameSize('the imaginary part', im, halfSpectrumWidth(width), height);
}

function checkSide(n: number): void {
  if (n > 0) fftRadices(n);
}
