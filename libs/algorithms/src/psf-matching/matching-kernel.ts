// The fitted model: a convolution kernel and a background that vary over the image as low-order polynomials in
// u = (x - W/2) / (W/2), v = (y - H/2) / (H/2). The kernel sum (coefficient 0) is the same everywhere.
import type { BasisConfig, KernelBasis } from './basis.js';
import { makeKernelBasis, spatialPowers } from './basis.js';

export interface MatchingKernelRecord extends BasisConfig {
  readonly model: 'alardLupton';
  readonly width: number;
  readonly height: number;
  readonly kernelOrder: number;
  readonly backgroundOrder: number;
  readonly coefficients: readonly number[];
}

export class MatchingKernel {
  /** one kernel image per spatial term: K(x, y) = sum_p phi_p(u, v) terms[p] */
  readonly terms: readonly Float64Array[];
  readonly kernelPowers: readonly (readonly [number, number])[];
  readonly backgroundPowers: readonly (readonly [number, number])[];

  /**
   * `coefficients`: the kernel sum, then for every further basis function one value per spatial term, then the
   * background's values per spatial term.
   */
  constructor(
    readonly basis: KernelBasis,
    readonly width: number,
    readonly height: number,
    readonly kernelOrder: number,
    readonly backgroundOrder: number,
    readonly coefficients: Float64Array,
  ) {
    this.kernelPowers = spatialPowers(kernelOrder);
    this.backgroundPowers = spatialPowers(backgroundOrder);
    const expected = 1 + (basis.functions.length - 1) * this.kernelPowers.length + this.backgroundPowers.length;
    if (coefficients.length !== expected)
      throw new RangeError(`a matching kernel needs ${expected} coefficients, not ${coefficients.length}`);
    this.terms = this.kernelPowers.map((_, p) => {
      const image = new Float64Array(basis.size * basis.size);
      const add = (function_: number, c: number): void => {
        const source = basis.images[function_]!;
        for (let k = 0; k < image.length; k++) image[k]! += c * source[k]!;
      };
      if (p === 0) add(0, coefficients[0]!);
      for (let b = 1; b < basis.functions.length; b++)
        add(b, coefficients[1 + (b - 1) * this.kernelPowers.length + p]!);
      return image;
    });
  }

  /** the photometric ratio: flux after / flux before */
  get sum(): number {
    return this.coefficients[0]!;
  }

  u(x: number): number {
    return (x - 0.5 * this.width) / (0.5 * this.width);
  }
  v(y: number): number {
    return (y - 0.5 * this.height) / (0.5 * this.height);
  }

  /** the kernel image (size * size) at a pixel */
  kernelAt(x: number, y: number): Float64Array {
    const [u, v] = [this.u(x), this.v(y)];
    const image = new Float64Array(this.basis.size * this.basis.size);
    this.terms.forEach((term, p) => {
      const [i, j] = this.kernelPowers[p]!;
      const phi = u ** i * v ** j;
      for (let k = 0; k < image.length; k++) image[k]! += phi * term[k]!;
    });
    return image;
  }

  backgroundAt(x: number, y: number): number {
    const [u, v] = [this.u(x), this.v(y)];
    const first = this.coefficients.length - this.backgroundPowers.length;
    return this.backgroundPowers.reduce((sum, [i, j], p) => sum + this.coefficients[first + p]! * u ** i * v ** j, 0);
  }

  toJSON(): MatchingKernelRecord {
    const { size, sigmas, degrees } = this.basis;
    const { width, height, kernelOrder, backgroundOrder } = this;
    const coefficients = Array.from(this.coefficients);
    return { model: 'alardLupton', size, sigmas, degrees, width, height, kernelOrder, backgroundOrder, coefficients };
  }

  static fromJSON(record: MatchingKernelRecord): MatchingKernel {
    const { width, height, kernelOrder, backgroundOrder, coefficients } = record;
    return new MatchingKernel(
      makeKernelBasis(record),
      width,
      height,
      kernelOrder,
      backgroundOrder,
      Float64Array.from(coefficients),
    );
  }
}
