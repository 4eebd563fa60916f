// Complex FFT of square power-of-two planes, f64, split real and imaginary parts. Decimation in time, radix 2.
// Cost: 2 n^2 log2(n) butterflies.

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

  /** In place, unnormalised. */
  forward(re: Float64Array, im: Float64Array): void {
    this.#rows(re, im);
    this.#columns(re, im);
  }

  /** In place, normalised. */
  inverse(re: Float64Array, im: Float64Array): void {
    // the inverse is the forward transform with the parts exchanged
    this.#rows(im, re);
    this.#columns(im, re);
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

  /** The same butterflies between whole rows: memory is read in order, no transposition is needed. */
  #columns(re: Float64Array, im: Float64Array): void {
    const n = this.n;
    const reversed = this.#reversed;
    const row = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const r = reversed[k]!;
      if (r <= k) continue;
      for (const plane of [re, im]) {
        row.set(plane.subarray(k * n, k * n + n));
        plane.copyWithin(k * n, r * n, r * n + n);
        plane.set(row, r * n);
      }
    }
    for (let half = 1; half < n; half *= 2) {
      const step = n / (2 * half);
      for (let start = 0; start < n; start += 2 * half)
        for (let k = start, t = 0; k < start + half; k++, t += step) {
          const wr = this.#cos[t]!;
          const wi = this.#sin[t]!;
          const shift = half * n;
          for (let p = k * n, end = p + n; p < end; p++) {
            const q = p + shift;
            const br = re[q]! * wr - im[q]! * wi;
            const bi = re[q]! * wi + im[q]! * wr;
            re[q] = re[p]! - br;
            im[q] = im[p]! - bi;
            re[p]! += br;
            im[p]! += bi;
          }
        }
    }
  }
}
