// PSFs by formula: elliptical Gaussian and round Moffat (1969, A&A 3, 455), sampled at pixel centres, normalised to sum 1 on the
// stamp. Their widths therefore include the pixel. Used to start the PSF iteration and when there are too few stars.

import type { FloatPlane, Psf, PsfRecord } from '#libs/image';
import { PsfModelError, registerPsfModel } from '#libs/image';
import { adaptiveMoments } from '../measurement/adaptive-moments.js';

const { exp, max, min, round, sqrt } = Math;

function sampled(size: number, dx: number, dy: number, value: (u: number, v: number) => number): FloatPlane {
  const half = size >> 1;
  const data = new Float64Array(size * size);
  let sum = 0;
  for (let j = 0; j < size; j++)
    for (let i = 0; i < size; i++) sum += data[j * size + i] = value(i - half - dx, j - half - dy);
  return { width: size, height: size, data: Float32Array.from(data, (v) => v / sum) };
}

/** Side of a stamp that holds a PSF of the given sigma [px]: 7 sigma either way, odd, 13 to 61. */
export const stampSizeFor = (sigma: number): number => 2 * min(30, max(6, round(7 * sigma))) + 1;

export class GaussianPsf implements Psf {
  readonly #shape: { readonly xx: number; readonly yy: number; readonly xy: number };
  readonly size: number;

  /** @param shape covariance [px^2] */
  constructor(
    shape: { readonly xx: number; readonly yy: number; readonly xy: number },
    size = stampSizeFor(sqrt((shape.xx + shape.yy) / 2)),
  ) {
    this.#shape = { xx: shape.xx, yy: shape.yy, xy: shape.xy };
    this.size = size;
  }
  stamp(x: number, y: number): FloatPlane {
    return this.#sample(x - round(x), y - round(y));
  }
  kernel(): FloatPlane {
    return this.#sample(0, 0);
  }
  shape(): { readonly xx: number; readonly yy: number; readonly xy: number } {
    return this.#shape;
  }
  toJSON(): PsfRecord {
    return { model: 'gaussian', size: this.size, ...this.#shape };
  }
  #sample(dx: number, dy: number): FloatPlane {
    const { xx, yy, xy } = this.#shape;
    const det = xx * yy - xy * xy;
    return sampled(this.size, dx, dy, (u, v) => exp((-0.5 * (yy * u * u - 2 * xy * u * v + xx * v * v)) / det));
  }
}

/** A round Gaussian of the given sigma [px]. */
export const roundGaussianPsf = (sigma: number, size?: number): GaussianPsf =>
  new GaussianPsf({ xx: sigma * sigma, yy: sigma * sigma, xy: 0 }, size);

export class MoffatPsf implements Psf {
  #shape: { readonly xx: number; readonly yy: number; readonly xy: number } | undefined;

  /** @param fwhm full width at half maximum [px] @param beta slope: profile (1 + (r / alpha)^2)^-beta */
  constructor(
    readonly fwhm: number,
    readonly beta = 3,
    readonly size = stampSizeFor(fwhm / 2.3548),
  ) {}
  stamp(x: number, y: number): FloatPlane {
    return this.#sample(x - round(x), y - round(y));
  }
  kernel(): FloatPlane {
    return this.#sample(0, 0);
  }
  shape(): { readonly xx: number; readonly yy: number; readonly xy: number } {
    if (!this.#shape) {
      const half = this.size >> 1;
      const { xx, yy, xy } = adaptiveMoments(this.kernel(), half, half, { startVariance: (this.fwhm / 2.3548) ** 2 });
      this.#shape = { xx, yy, xy };
    }
    return this.#shape;
  }
  toJSON(): PsfRecord {
    return { model: 'moffat', size: this.size, fwhm: this.fwhm, beta: this.beta };
  }
  #sample(dx: number, dy: number): FloatPlane {
    const alpha = this.fwhm / (2 * sqrt(2 ** (1 / this.beta) - 1));
    return sampled(this.size, dx, dy, (u, v) => (1 + (u * u + v * v) / (alpha * alpha)) ** -this.beta);
  }
}

/** The Moffat profile whose adaptive width is `sigma` [px]. */
export function moffatOfSigma(sigma: number, beta = 3, size = stampSizeFor(sigma)): MoffatPsf {
  let fwhm = 2.3548 * sigma;
  for (let pass = 0; pass < 8; pass++) {
    const { xx, yy } = new MoffatPsf(fwhm, beta, size).shape();
    fwhm *= sigma / sqrt((xx + yy) / 2);
  }
  return new MoffatPsf(fwhm, beta, size);
}

function numberOf(record: PsfRecord, key: string): number {
  const value = record[key];
  if (typeof value !== 'number')
    throw new PsfModelError('BAD_RECORD', `PSF record "${record.model}" has no number "${key}"`);
  return value;
}

registerPsfModel(
  'gaussian',
  (r) => new GaussianPsf({ xx: numberOf(r, 'xx'), yy: numberOf(r, 'yy'), xy: numberOf(r, 'xy') }, numberOf(r, 'size')),
);
registerPsfModel('moffat', (r) => new MoffatPsf(numberOf(r, 'fwhm'), numberOf(r, 'beta'), numberOf(r, 'size')));
