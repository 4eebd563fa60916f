// The Alard-Lupton kernel basis: Gaussians times polynomials, G(sigma_g) x^i y^j with i + j <= degree_g.
// Alard & Lupton 1998, ApJ 503, 325; Alard 2000, A&AS 144, 363. The first function has unit sum and all others sum to
// zero, so that coefficient 0 alone is the kernel sum (the photometric ratio).

export interface BasisConfig {
  /** side of the kernel [px], odd */
  readonly size: number;
  /** Gaussian widths [px] */
  readonly sigmas: readonly number[];
  /** highest polynomial degree of each Gaussian */
  readonly degrees: readonly number[];
}

/** One separable function; value(x, y) = hx[x] hy[y] - (zeroSum ? first(x, y) : 0). */
export interface BasisFunction {
  readonly gaussian: number;
  readonly xPower: number;
  readonly yPower: number;
  readonly hx: Float64Array;
  readonly hy: Float64Array;
  /** true when the first function was subtracted to make the sum zero */
  readonly zeroSum: boolean;
}

export interface KernelBasis extends BasisConfig {
  readonly functions: readonly BasisFunction[];
  /** the functions as images, size * size each */
  readonly images: readonly Float64Array[];
}

export function makeKernelBasis(config: BasisConfig): KernelBasis {
  const { size, sigmas, degrees } = config;
  if (size % 2 === 0 || sigmas.length !== degrees.length || sigmas.length === 0)
    throw new RangeError(`a kernel basis needs an odd size and one degree per sigma, not ${JSON.stringify(config)}`);
  const half = (size - 1) / 2;
  const functions: BasisFunction[] = [];
  sigmas.forEach((sigma, gaussian) => {
    const profile = (power: number): Float64Array =>
      Float64Array.from({ length: size }, (_, k) => {
        const value = (k - half) ** power * Math.exp((-0.5 * (k - half) ** 2) / sigma ** 2);
        return Math.abs(value) < 1e-12 ? 0 : value; // denormal products cost a factor of three
      });
    for (let xPower = 0; xPower <= degrees[gaussian]!; xPower++)
      for (let yPower = 0; yPower <= degrees[gaussian]! - xPower; yPower++) {
        const hx = profile(xPower);
        const hy = profile(yPower);
        const even = xPower % 2 === 0 && yPower % 2 === 0;
        if (even) {
          scaleToUnitSum(hx);
          scaleToUnitSum(hy);
        }
        functions.push({ gaussian, xPower, yPower, hx, hy, zeroSum: even && functions.length > 0 });
      }
  });
  const outer = (f: BasisFunction): Float64Array => {
    const image = new Float64Array(size * size);
    for (let y = 0; y < size; y++) for (let x = 0; x < size; x++) image[y * size + x] = f.hx[x]! * f.hy[y]!;
    return image;
  };
  const first = outer(functions[0]!);
  const images = functions.map((f) => {
    const image = outer(f);
    if (f.zeroSum) for (let k = 0; k < image.length; k++) image[k]! -= first[k]!;
    return image;
  });
  return { ...config, functions, images };
}

function scaleToUnitSum(values: Float64Array): void {
  const sum = values.reduce((a, b) => a + b, 0);
  for (let k = 0; k < values.length; k++) values[k]! /= sum;
}

/**
 * A basis for matching a PSF of width `from` to one of width `to` [px, Gaussian sigma]: three Gaussians a factor of two
 * apart around sqrt(to^2 - from^2), degrees 4, 2, 2 (27 functions), as LSST ip_diffim chooses them.
 */
export function basisForWidths(from: number, to: number): BasisConfig {
  const core = Math.max(Math.sqrt(Math.max(to * to - from * from, 0)), 1);
  const half = Math.min(Math.max(Math.ceil(4.5 * core), 8), 15);
  return { size: 2 * half + 1, sigmas: [Math.max(0.7, core / 2), core, 2 * core], degrees: [4, 2, 2] };
}

/** Powers (x, y) of a spatial polynomial in the order 1, v, v^2, ..., u, u v, ..., u^2. */
export function spatialPowers(order: number): readonly (readonly [number, number])[] {
  const powers: (readonly [number, number])[] = [];
  for (let i = 0; i <= order; i++) for (let j = 0; j <= order - i; j++) powers.push([i, j]);
  return powers;
}
