// A PSF tabulated on the pixel grid whose every pixel is a polynomial of the position in the image. Stamps at sub-pixel positions
// come from a Lanczos-5 shift, good to ~2e-3 of the peak for FWHM >= 2.5 px (the fit uses the same shift and takes most of it up). Each evaluation is normalised to sum 1.

import type { FloatPlane, Psf, PsfRecord } from '#libs/image';
import { PsfModelError, registerPsfModel } from '#libs/image';
import { adaptiveMoments } from '../measurement/adaptive-moments.js';
import { polynomialTermCount, polynomialTerms, StampShifter } from '../numeric/index.js';

export interface PixelBasisData {
  readonly size: number;
  readonly degree: number;
  /** size of the image over which the polynomial's coordinates run from -1 to 1 [px] */
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** one plane of size x size per polynomial term */
  readonly coefficients: Float32Array;
}

export class PixelBasisPsf implements Psf {
  readonly size: number;
  readonly #data: PixelBasisData;
  readonly #shifter = new StampShifter(5);
  readonly #terms: Float64Array;
  readonly #shapes = new Map<number, { readonly xx: number; readonly yy: number; readonly xy: number }>();

  constructor(data: PixelBasisData) {
    this.#data = data;
    this.size = data.size;
    this.#terms = new Float64Array(polynomialTermCount(data.degree));
  }
  get degree(): number {
    return this.#data.degree;
  }
  stamp(x: number, y: number): FloatPlane {
    const kernel = this.kernel(x, y);
    const dx = x - Math.round(x);
    const dy = y - Math.round(y);
    if (dx === 0 && dy === 0) return kernel;
    const data = new Float32Array(kernel.data.length);
    this.#shifter.shift(kernel.data, this.size, dx, dy, data);
    normalise(data);
    return { width: this.size, height: this.size, data };
  }
  kernel(x: number, y: number): FloatPlane {
    const { degree, imageWidth, imageHeight, coefficients, size } = this.#data;
    const area = size * size;
    const data = coefficients.slice(0, area);
    // outside its image the model is held at the border
    const cx = Math.min(imageWidth - 1, Math.max(0, x));
    const cy = Math.min(imageHeight - 1, Math.max(0, y));
    const terms = polynomialTerms(degree, cx, cy, imageWidth, imageHeight, this.#terms);
    for (let q = 1; q < terms.length; q++) {
      const term = terms[q]!;
      const o = q * area;
      for (let i = 0; i < area; i++) data[i]! += term * coefficients[o + i]!;
    }
    normalise(data);
    return { width: size, height: size, data };
  }
  /** evaluated on a grid of 32-px cells (the PSF varies slowly) */
  shape(x: number, y: number): { readonly xx: number; readonly yy: number; readonly xy: number } {
    const cell = this.degree === 0 ? 0 : 32;
    const gx = cell && Math.round(x / cell);
    const gy = cell && Math.round(y / cell);
    const key = gy * 65536 + gx;
    let shape = this.#shapes.get(key);
    if (!shape) {
      const half = this.size >> 1;
      const { xx, yy, xy } = adaptiveMoments(this.kernel(gx * cell, gy * cell), half, half, { recentre: true });
      shape = { xx, yy, xy };
      this.#shapes.set(key, shape);
    }
    return shape;
  }
  toJSON(): PsfRecord {
    const { coefficients, ...rest } = this.#data;
    return { model: 'pixelBasis', ...rest, coefficients: Array.from(coefficients) };
  }
}

function normalise(data: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i]!;
  const scale = 1 / sum;
  for (let i = 0; i < data.length; i++) data[i]! *= scale;
}

registerPsfModel('pixelBasis', (record) => {
  const { size, degree, imageWidth, imageHeight, coefficients } = record as unknown as Record<string, unknown>;
  if (
    typeof size !== 'number' ||
    typeof degree !== 'number' ||
    typeof imageWidth !== 'number' ||
    typeof imageHeight !== 'number' ||
    !Array.isArray(coefficients) ||
    coefficients.length !== size * size * polynomialTermCount(degree)
  )
    throw new PsfModelError('BAD_RECORD', 'a pixelBasis PSF record is incomplete');
  return new PixelBasisPsf({
    size,
    degree,
    imageWidth,
    imageHeight,
    coefficients: Float32Array.from(coefficients as number[]),
  });
});
