// The afterburner of image subtraction (DMTN-021; Reiss & Lupton 2016). D = A - k * B has correlated noise because B was
// convolved; the filter psi(f) = sqrt((va + vb s^2) / (va + vb |k(f)|^2)), s = sum(k), whitens it and keeps the flux scale
// (psi(0) = 1). The result has variance va * psi^2 + vb * (k psi)^2 (squares in image space) and the PSF of A convolved
// with psi. Tiles of the FFT size minus twice the filter's half width; one kernel per tile. Cost: 5 FFTs per tile.
import { type Allocator, type Exposure, heapAllocator, MaskBit, type Psf } from '#libs/image';
import { medianInPlace } from '../numeric/index.js';
import type { MatchingKernel } from '../psf-matching/index.js';
import { samplePsf, type SampledPsf } from '../warping/index.js';
import { SquareFft } from './fft.js';

/** Half width of the whitening filter kept in image space [px]. */
const FILTER_HALF = 24;
const FILTER_FFT = 128;

export interface DecorrelationFilter {
  /** odd side of both images */
  readonly size: number;
  /** psi: applied to the difference */
  readonly psi: Float64Array;
  /** k * psi: what the convolved image went through in total */
  readonly kernelPsi: Float64Array;
}

const smallFft = new SquareFft(FILTER_FFT);

/** The whitening filter for a kernel (square, odd) and the variances of the fixed and of the convolved image. */
export function decorrelationFilter(
  kernel: Float64Array,
  fixedVariance: number,
  convolvedVariance: number,
): DecorrelationFilter {
  const n = FILTER_FFT;
  const re = new Float64Array(n * n);
  const im = new Float64Array(n * n);
  place(kernel, Math.sqrt(kernel.length), n, re);
  const sum = kernel.reduce((a, b) => a + b, 0);
  smallFft.forward(re, im);
  const psiRe = new Float64Array(n * n);
  const psiIm = new Float64Array(n * n);
  const total = fixedVariance + convolvedVariance * sum * sum;
  for (let k = 0; k < re.length; k++) {
    const power = fixedVariance + convolvedVariance * (re[k]! ** 2 + im[k]! ** 2);
    const psi = power > 0 ? Math.sqrt(total / power) : 1;
    psiRe[k] = psi;
    re[k]! *= psi;
    im[k]! *= psi;
  }
  smallFft.inverse(psiRe, psiIm);
  smallFft.inverse(re, im);
  const size = 2 * FILTER_HALF + 1;
  const psi = extract(psiRe, n, size);
  // the truncated tails (parts in 1e5) go back to the centre, so that flux stays exact
  psi[(psi.length - 1) / 2]! += 1 - psi.reduce((a, b) => a + b, 0);
  return { size, psi, kernelPsi: extract(re, n, size) };
}

export interface DecorrelationInput {
  /** A - k * B - background, zero where unusable */
  readonly difference: Float32Array;
  /** variance of A and of B before convolution */
  readonly fixedVariance: Float32Array;
  readonly convolvedVariance: Float32Array;
  /** mask of the difference; unusable pixels are left out of the noise estimate */
  readonly mask: Int32Array;
  readonly width: number;
  readonly height: number;
  readonly kernel: MatchingKernel;
  /** PSF of A */
  readonly psf?: Psf;
  readonly tile?: 128 | 256 | 512 | 1024;
}

export interface Decorrelated extends Pick<Exposure, 'image' | 'variance'> {
  readonly psf?: SampledPsf;
}

export function decorrelate(input: DecorrelationInput, allocator: Allocator = heapAllocator): Decorrelated {
  const { width, height, tile: n = 256 } = input;
  const image = allocator.float32(width * height);
  const variance = allocator.float32(width * height);
  const fft = new SquareFft(n);
  const planes = Array.from({ length: 8 }, () => new Float64Array(n * n));
  const valid = n - 2 * FILTER_HALF;
  for (let y0 = 0; y0 < height; y0 += valid)
    for (let x0 = 0; x0 < width; x0 += valid) {
      const x1 = Math.min(x0 + valid, width);
      const y1 = Math.min(y0 + valid, height);
      const filter = filterAt(input, x0, y0, x1, y1);
      decorrelateTile(input, fft, planes, filter, { x0, y0, x1, y1 }, image, variance);
    }
  if (!input.psf) return { image, variance };
  const psf = input.psf;
  const result = samplePsf(width, height, psf.size, (x, y) => {
    const half = 256;
    const filter = filterAt(
      input,
      Math.max(0, Math.floor(x) - half),
      Math.max(0, Math.floor(y) - half),
      Math.min(width, Math.ceil(x) + half),
      Math.min(height, Math.ceil(y) + half),
    );
    return convolveSame(psf.kernel(x, y).data, psf.size, filter.psi, filter.size);
  });
  return { image, variance, psf: result };
}

function filterAt(input: DecorrelationInput, x0: number, y0: number, x1: number, y1: number): DecorrelationFilter {
  return decorrelationFilter(
    input.kernel.kernelAt((x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2),
    medianVariance(input.fixedVariance, input, x0, y0, x1, y1),
    medianVariance(input.convolvedVariance, input, x0, y0, x1, y1),
  );
}

function medianVariance(
  plane: Float32Array,
  { mask, width }: DecorrelationInput,
  x0: number,
  y0: number,
  x1: number,
  y1: number,
): number {
  const unusable = MaskBit.NO_DATA | MaskBit.SAT | MaskBit.SAT_TEMPLATE | MaskBit.BAD | MaskBit.UNMASKEDNAN;
  const sample: number[] = [];
  for (let y = y0; y < y1; y += 3)
    for (let x = x0 + (y % 5); x < x1; x += 5) {
      const p = y * width + x;
      if ((mask[p]! & unusable) === 0 && plane[p]! > 0 && plane[p]! < Infinity) sample.push(plane[p]!);
    }
  return sample.length > 0 ? medianInPlace(Float64Array.from(sample)) : 0;
}

interface TileBounds {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

function decorrelateTile(
  input: DecorrelationInput,
  fft: SquareFft,
  planes: readonly Float64Array[],
  filter: DecorrelationFilter,
  { x0, y0, x1, y1 }: TileBounds,
  image: Float32Array,
  variance: Float32Array,
): void {
  const { width, height, difference, fixedVariance, convolvedVariance } = input;
  const n = fft.n;
  const [aRe, aIm, bRe, bIm, cRe, cIm, dRe, dIm] = planes as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (const plane of planes) plane.fill(0);
  // a = difference + i fixed variance; b = convolved variance + i psi; c = psi^2 + i (k psi)^2; reflected at the edges
  const columns = Int32Array.from({ length: n }, (_, i) => reflect(x0 - FILTER_HALF + i, width));
  for (let j = 0; j < n; j++) {
    const row = reflect(y0 - FILTER_HALF + j, height) * width;
    for (let i = 0; i < n; i++) {
      const p = row + columns[i]!;
      const q = j * n + i;
      const fixed = fixedVariance[p]!;
      const moved = convolvedVariance[p]!;
      aRe[q] = difference[p]!;
      aIm[q] = fixed < Infinity ? fixed : 0;
      bRe[q] = moved < Infinity ? moved : 0;
    }
  }
  place(filter.psi, filter.size, n, bIm);
  place(
    filter.psi.map((v) => v * v),
    filter.size,
    n,
    cRe,
  );
  place(
    filter.kernelPsi.map((v) => v * v),
    filter.size,
    n,
    cIm,
  );
  fft.forward(aRe, aIm);
  fft.forward(bRe, bIm);
  fft.forward(cRe, cIm);
  // real inputs p, q packed as p + i q: P = (Z(f) + conj Z(-f)) / 2, Q = (Z(f) - conj Z(-f)) / 2i
  for (let j = 0; j < n; j++)
    for (let i = 0; i < n; i++) {
      const f = j * n + i;
      const g = ((n - j) & (n - 1)) * n + ((n - i) & (n - 1));
      const dr = (aRe[f]! + aRe[g]!) / 2;
      const di = (aIm[f]! - aIm[g]!) / 2;
      const vr = (aIm[f]! + aIm[g]!) / 2;
      const vi = (aRe[g]! - aRe[f]!) / 2;
      const tr = (bRe[f]! + bRe[g]!) / 2;
      const ti = (bIm[f]! - bIm[g]!) / 2;
      const pr = (bIm[f]! + bIm[g]!) / 2;
      const pi = (bRe[g]! - bRe[f]!) / 2;
      const sr = (cRe[f]! + cRe[g]!) / 2;
      const si = (cIm[f]! - cIm[g]!) / 2;
      const kr = (cIm[f]! + cIm[g]!) / 2;
      const ki = (cRe[g]! - cRe[f]!) / 2;
      const imageRe = dr * pr - di * pi;
      const imageIm = dr * pi + di * pr;
      const varRe = vr * sr - vi * si + tr * kr - ti * ki;
      const varIm = vr * si + vi * sr + tr * ki + ti * kr;
      // image + i variance
      dRe[f] = imageRe - varIm;
      dIm[f] = imageIm + varRe;
    }
  fft.inverse(dRe, dIm);
  for (let y = y0; y < y1; y++)
    for (let x = x0; x < x1; x++) {
      const q = (y - y0 + FILTER_HALF) * n + x - x0 + FILTER_HALF;
      image[y * width + x] = dRe[q]!;
      variance[y * width + x] = Math.max(dIm[q]!, 0);
    }
}

const reflect = (k: number, n: number): number => {
  const m = k < 0 ? -k : k >= n ? 2 * n - 2 - k : k;
  return Math.min(Math.max(m, 0), n - 1);
};

/** A centred kernel laid out for a cyclic convolution of side n. */
function place(kernel: Float64Array, size: number, n: number, out: Float64Array): void {
  const r = (size - 1) / 2;
  for (let j = -r; j <= r; j++)
    for (let i = -r; i <= r; i++) out[((j + n) % n) * n + ((i + n) % n)] = kernel[(j + r) * size + i + r]!;
}

function extract(plane: Float64Array, n: number, size: number): Float64Array {
  const r = (size - 1) / 2;
  const out = new Float64Array(size * size);
  for (let j = -r; j <= r; j++)
    for (let i = -r; i <= r; i++) out[(j + r) * size + i + r] = plane[((j + n) % n) * n + ((i + n) % n)]!;
  return out;
}

/** Convolution of a small image with a small kernel, both odd and square, cropped to the image. */
function convolveSame(image: Float32Array, size: number, kernel: Float64Array, kernelSize: number): Float32Array {
  const r = (kernelSize - 1) / 2;
  const out = new Float32Array(size * size);
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      let sum = 0;
      const j1 = Math.min(r, y);
      const i0 = Math.max(-r, x - size + 1);
      const i1 = Math.min(r, x);
      for (let j = Math.max(-r, y - size + 1); j <= j1; j++) {
        const row = (j + r) * kernelSize + r;
        const from = (y - j) * size + x;
        for (let i = i0; i <= i1; i++) sum += kernel[row + i]! * image[from - i]!;
      }
      out[y * size + x] = sum;
    }
  return out;
}
