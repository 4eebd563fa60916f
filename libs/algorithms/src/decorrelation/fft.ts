// Complex FFT of square power-of-two planes, f64, split real and imaginary parts. Decimation in time, radix 2; the
// spectrum is left transposed (element (i, j) is frequency (row = kx, column = ky)), which point-wise products ignore.

export class SquareFft {
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  readonly #reversed: Int32Array;

  /** @param n side, a power of two */
  constructor(readonly n: number) {
    if (n < 2 || (n & (n - 1)) !== 0) throw new RangeError(`an FFT side must be a power of two, not ${n}`);
    this.#cos = Float64Array.from({ length: n / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / n));
    this.#sin = Float64Array.from({ length: n / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / n));
    const bits = Math.log2(n);
    this.#reversed = Int32Array.from({ length: n }, (_, k) => {
      let r = 0;
      for (let b = 0; b < bits; b++) r |= ((k >> b) & 1) << (bits - 1 - b);
      return r;
    });
  }

  /** In place, unnormalised; the result is transposed. */
  forward(re: Float64Array, im: Float64Array): void {
    this.#rows(re, im);
    this.#transpose(re);
    this.#transpose(im);
    this.#rows(re, im);
  }

  /** In place, normalised; takes a transposed spectrum back to the image. */
  inverse(re: Float64Array, im: Float64Array): void {
    // the inverse is the forward transform with the parts exchanged
    this.#rows(im, re);
    this.#transpose(re);
    this.#transpose(im);
    this.#rows(im, re);
    const scale = 1 / (this.n * this.n);
    for (let k = 0; k < re.length; k++) {
      re[k]! *= scale;
      im[k]! *= scale;
    }
  }

  #rows(re: Float64Array, im: Float64Array): void {
    const n = this.n;
    const cos = this.#cos;
    const sin = this.#sin;
    const reversed = this.#reversed;
    for (let base = 0; base < n * n; base += n) {
      for (let k = 0; k < n; k++) {
        const r = reversed[k]!;
        if (r > k) {
          const a = re[base + k]!;
          re[base + k] = re[base + r]!;
          re[base + r] = a;
          const b = im[base + k]!;
          im[base + k] = im[base + r]!;
          im[base + r] = b;
        }
      }
      for (let half = 1; half < n; half *= 2) {
        const step = n / (2 * half);
        for (let start = base; start < base + n; start += 2 * half)
          for (let k = start, t = 0; k < start + half; k++, t += step) {
            const wr = cos[t]!;
            const wi = sin[t]!;
            const br = re[k + half]! * wr - im[k + half]! * wi;
            const bi = re[k + half]! * wi + im[k + half]! * wr;
            re[k + half] = re[k]! - br;
            im[k + half] = im[k]! - bi;
            re[k]! += br;
            im[k]! += bi;
          }
      }
    }
  }

  #transpose(a: Float64Array): void {
    const n = this.n;
    const tile = 16;
    for (let j0 = 0; j0 < n; j0 += tile)
      for (let i0 = j0; i0 < n; i0 += tile)
        for (let j = j0; j < Math.min(j0 + tile, n); j++)
          for (let i = Math.max(i0, j + 1); i < Math.min(i0 + tile, n); i++) {
            const swap = a[j * n + i]!;
            a[j * n + i] = a[i * n + j]!;
            a[i * n + j] = swap;
          }
  }
}
