import { fftRadices } from '../fft.js';

/** Two-dimensional complex transform in plain TypeScript, lines in Float64; in place. */
export function fft2dReference(
  re: Float32Array,
  im: Float32Array,
  width: number,
  height: number,
  inverse = false,
): void {
  const [a, b] = inverse ? [im, re] : [re, im];
  const rows = new LineTransform(width);
  const columns = new LineTransform(height);
  for (let y = 0; y < height; y++) rows.run(a, b, y * width, 1, inverse ? 1 / width : 1);
  for (let x = 0; x < width; x++) columns.run(a, b, x, width, inverse ? 1 / height : 1);
}

/** Stockham's self-sorting transform of one line, any radix by its definition. */
class LineTransform {
  readonly #radices: readonly number[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  #re: Float64Array;
  #im: Float64Array;
  #otherRe: Float64Array;
  #otherIm: Float64Array;

  constructor(readonly n: number) {
    this.#radices = fftRadices(n);
    this.#cos = Float64Array.from({ length: n }, (_, k) => Math.cos((2 * Math.PI * k) / n));
    this.#sin = Float64Array.from({ length: n }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
    [this.#re, this.#im, this.#otherRe, this.#otherIm] = [0, 1, 2, 3].map(() => new Float64Array(n)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
  }

  run(re: Float32Array, im: Float32Array, start: number, stride: number, scale: number): void {
    const { n } = this;
    for (let k = 0, p = start; k < n; k++, p += stride) {
      this.#re[k] = re[p]!;
      this.#im[k] = im[p]!;
    }
    let length = n;
    for (const radix of this.#radices) {
      if (radix === 4) this.#stage4(length);
      else this.#stage(length, radix);
      [this.#re, this.#otherRe] = [this.#otherRe, this.#re];
      [this.#im, this.#otherIm] = [this.#otherIm, this.#im];
      length /= radix;
    }
    for (let k = 0, p = start; k < n; k++, p += stride) {
      re[p] = scale * this.#re[k]!;
      im[p] = scale * this.#im[k]!;
    }
  }

  #stage(length: number, radix: number): void {
    const { n } = this;
    const s = n / length;
    const m = length / radix;
    for (let p = 0; p < m; p++)
      for (let k = 0; k < radix; k++)
        for (let q = 0; q < s; q++) {
          let sumRe = 0;
          let sumIm = 0;
          for (let j = 0; j < radix; j++) {
            // root of unity of order `radix`, and the twiddle of this output
            const angle = (((j * k) % radix) * (n / radix) + p * k * s) % n;
            const xr = this.#re[q + s * (p + j * m)]!;
            const xi = this.#im[q + s * (p + j * m)]!;
            sumRe += xr * this.#cos[angle]! - xi * this.#sin[angle]!;
            sumIm += xr * this.#sin[angle]! + xi * this.#cos[angle]!;
          }
          this.#otherRe[q + s * (radix * p + k)] = sumRe;
          this.#otherIm[q + s * (radix * p + k)] = sumIm;
        }
  }

  #stage4(length: number): void {
    const { n } = this;
    const s = n / length;
    const m = length >> 2;
    const step = s * m;
    const [re, im, otherRe, otherIm, cos, sin] = [
      this.#re,
      this.#im,
      this.#otherRe,
      this.#otherIm,
      this.#cos,
      this.#sin,
    ];
    for (let p = 0; p < m; p++) {
      const [c1, s1] = [cos[p * s]!, sin[p * s]!];
      const [c2, s2] = [cos[2 * p * s]!, sin[2 * p * s]!];
      const [c3, s3] = [cos[3 * p * s]!, sin[3 * p * s]!];
      for (let q = 0; q < s; q++) {
        const i = q + s * p;
        const o = q + 4 * s * p;
        const sumRe = re[i]! + re[i + 2 * step]!;
        const sumIm = im[i]! + im[i + 2 * step]!;
        const differenceRe = re[i]! - re[i + 2 * step]!;
        const differenceIm = im[i]! - im[i + 2 * step]!;
        const oddRe = re[i + step]! + re[i + 3 * step]!;
        const oddIm = im[i + step]! + im[i + 3 * step]!;
        const turnedRe = im[i + step]! - im[i + 3 * step]!;
        const turnedIm = re[i + 3 * step]! - re[i + step]!;
        otherRe[o] = sumRe + oddRe;
        otherIm[o] = sumIm + oddIm;
        let a = differenceRe + turnedRe;
        let b = differenceIm + turnedIm;
        otherRe[o + s] = a * c1 - b * s1;
        otherIm[o + s] = a * s1 + b * c1;
        a = sumRe - oddRe;
        b = sumIm - oddIm;
        otherRe[o + 2 * s] = a * c2 - b * s2;
        otherIm[o + 2 * s] = a * s2 + b * c2;
        a = differenceRe - turnedRe;
        b = differenceIm - turnedIm;
        otherRe[o + 3 * s] = a * c3 - b * s3;
        otherIm[o + 3 * s] = a * s3 + b * c3;
      }
    }
  }
}
