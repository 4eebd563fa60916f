// Fit of the spatially varying matching kernel and background to star stamps by linear least squares
// (Alard 2000), with rejection of stamps whose residuals stand out (variables, cosmic rays, blends with defects).
// Units follow the inputs: background in science counts, kernel sum = science counts per reference count.
import { AlgorithmError } from '../errors.js';
import { median } from '../numeric/index.js';
import { makeKernelBasis, spatialPowers, type BasisConfig } from './basis.js';
import { MatchingKernel } from './matching-kernel.js';
import type { Stamp } from './normal-equations.js';
import { solveScaled } from './solve.js';

export interface KernelFitConfig {
  /** highest degree of the kernel's spatial polynomial, 0..2 */
  readonly kernelOrder: number;
  readonly backgroundOrder: number;
  /** rounds of fit and rejection */
  readonly iterations: number;
  /** a stamp is dropped when its reduced chi^2 exceeds this multiple of the median */
  readonly rejectRatio: number;
  /** relative ridge on the scaled normal matrix: keeps nearly collinear functions from trading huge coefficients */
  readonly ridge: number;
}
export const DEFAULT_KERNEL_FIT: KernelFitConfig = {
  kernelOrder: 1,
  backgroundOrder: 1,
  iterations: 3,
  rejectRatio: 2.5,
  ridge: 1e-7,
};

export interface StampResult {
  readonly x: number;
  readonly y: number;
  readonly chi2: number;
  readonly used: boolean;
}

export interface KernelFit {
  readonly kernel: MatchingKernel;
  readonly stamps: readonly StampResult[];
  /** median reduced chi^2 of the used stamps */
  readonly chi2: number;
}

/** `width`, `height`: the image over which the polynomials are scaled. */
export function fitMatchingKernel(
  basisConfig: BasisConfig,
  stamps: readonly Stamp[],
  width: number,
  height: number,
  config: Partial<KernelFitConfig> = {},
): KernelFit {
  const settings = { ...DEFAULT_KERNEL_FIT, ...config };
  if (stamps.length === 0) throw new AlgorithmError('NO_STARS', 'no star is usable for PSF matching');
  const basis = makeKernelBasis(basisConfig);
  let used = stamps.map(() => true);
  let chi2: number[] = [];
  let kernel!: MatchingKernel;
  for (let iteration = 0; ; iteration++) {
    const kept = stamps.filter((_, s) => used[s]);
    // every spatial term wants at least two stamps
    const order = (wanted: number): number => {
      let o = wanted;
      while (o > 0 && spatialPowers(o).length * 2 > kept.length && kept.length < 4 * o) o--;
      return o;
    };
    const kernelOrder = order(settings.kernelOrder);
    const backgroundOrder = order(settings.backgroundOrder);
    const frame = new MatchingKernel(
      basis,
      width,
      height,
      kernelOrder,
      backgroundOrder,
      new Float64Array(
        1 + (basis.functions.length - 1) * spatialPowers(kernelOrder).length + spatialPowers(backgroundOrder).length,
      ),
    );
    const solution = solveSpatial(frame, kept, settings.ridge);
    if (!solution)
      throw new AlgorithmError('SINGULAR', `the ${kept.length} star stamps do not determine a matching kernel`, {
        stamps: kept.length,
      });
    kernel = new MatchingKernel(basis, width, height, kernelOrder, backgroundOrder, solution);
    chi2 = stamps.map((stamp) => reducedChi2(kernel, stamp));
    if (iteration + 1 >= settings.iterations) break;
    const limit = settings.rejectRatio * median(chi2.filter((_, s) => used[s]));
    const next = chi2.map((value) => value <= limit);
    if (next.filter(Boolean).length < Math.min(3, stamps.length) || next.every((keep, s) => keep === used[s])) break;
    used = next;
  }
  return {
    kernel,
    stamps: stamps.map(({ x, y }, s) => ({ x, y, chi2: chi2[s]!, used: used[s]! })),
    chi2: median(chi2.filter((_, s) => used[s])),
  };
}

function solveSpatial(frame: MatchingKernel, stamps: readonly Stamp[], ridge: number): Float64Array | undefined {
  const nb = frame.basis.functions.length;
  const nk = frame.kernelPowers.length;
  const nu = frame.coefficients.length;
  const firstBackground = nu - frame.backgroundPowers.length;
  const matrix = new Float64Array(nu * nu);
  const right = new Float64Array(nu);
  for (const stamp of stamps) {
    const u = frame.u(stamp.x);
    const v = frame.v(stamp.y);
    const kernelPhi = frame.kernelPowers.map(([i, j]) => u ** i * v ** j);
    const backgroundPhi = frame.backgroundPowers.map(([i, j]) => u ** i * v ** j);
    // unknowns of vector a: where they begin and the polynomial they carry
    const unknowns = (a: number): readonly [number, readonly number[]] =>
      a === 0 ? [0, [1]] : a < nb ? [1 + (a - 1) * nk, kernelPhi] : [firstBackground, backgroundPhi];
    const m = nb + 2;
    for (let a = 0; a <= nb; a++) {
      const [ra, pa] = unknowns(a);
      for (let b = 0; b <= nb; b++) {
        const product = stamp.products[a * m + b]!;
        const [rb, pb] = unknowns(b);
        for (let i = 0; i < pa.length; i++)
          for (let j = 0; j < pb.length; j++) matrix[(ra + i) * nu + rb + j]! += pa[i]! * pb[j]! * product;
      }
      for (let i = 0; i < pa.length; i++) right[ra + i]! += pa[i]! * stamp.products[a * m + nb + 1]!;
    }
  }
  return solveScaled(matrix, right, ridge);
}

/** Coefficients of the basis functions and of the constant at one place. */
function localCoefficients(kernel: MatchingKernel, x: number, y: number): Float64Array {
  const nb = kernel.basis.functions.length;
  const u = kernel.u(x);
  const v = kernel.v(y);
  const phi = kernel.kernelPowers.map(([i, j]) => u ** i * v ** j);
  const local = new Float64Array(nb + 1);
  local[0] = kernel.sum;
  for (let b = 1; b < nb; b++)
    for (let p = 0; p < phi.length; p++) local[b]! += phi[p]! * kernel.coefficients[1 + (b - 1) * phi.length + p]!;
  local[nb] = kernel.backgroundAt(x, y);
  return local;
}

function reducedChi2(kernel: MatchingKernel, stamp: Stamp): number {
  const local = localCoefficients(kernel, stamp.x, stamp.y);
  const nb = local.length - 1;
  const data = stamp.vectors[nb]!;
  let sum = 0;
  let count = 0;
  for (let k = 0; k < data.length; k++) {
    const weight = stamp.weights[k]!;
    if (weight === 0) continue;
    let residual = data[k]! - local[nb]!;
    for (let b = 0; b < nb; b++) residual -= local[b]! * stamp.vectors[b]![k]!;
    sum += weight * residual * residual;
    count++;
  }
  return count > 0 ? sum / count : Infinity;
}
