// Lanczos resampling of small stamps. The taps are normalised to sum 1, so that flux is kept.

const { abs, sin } = Math;

/** The 2a + 1 weights about the centre for a shift by `shift` px (|shift| <= 1). */
export function lanczosTaps(shift: number, a: number, taps: Float64Array): void {
  // output(i) = sum_k input(i + k) L(k + shift), k = -a..a; L(t) = sinc(t) sinc(t / a)
  let sum = 0;
  for (let k = -a; k <= a; k++) {
    const t = k + shift;
    let weight = 0;
    if (abs(t) < 1e-9) weight = 1;
    else if (abs(t) < a) weight = (a * sin(Math.PI * t) * sin((Math.PI * t) / a)) / (Math.PI * t) ** 2;
    taps[k + a] = weight;
    sum += weight;
  }
  for (let k = 0; k <= 2 * a; k++) taps[k]! /= sum;
}

export class StampShifter {
  readonly #a: number;
  readonly #tapsX: Float64Array;
  readonly #tapsY: Float64Array;
  #rows = new Float64Array(0);

  /** @param a Lanczos order; 5 shifts a PSF of FWHM >= 2.5 px to about 2e-3 of its peak */
  constructor(a = 5) {
    this.#a = a;
    this.#tapsX = new Float64Array(2 * a + 1);
    this.#tapsY = new Float64Array(2 * a + 1);
  }

  /** target(x, y) = source(x - dx, y - dy), zero outside the source; |dx|, |dy| <= 1. Both are side x side. */
  shift(
    source: Float32Array | Float64Array,
    side: number,
    dx: number,
    dy: number,
    target: Float32Array | Float64Array,
  ): void {
    const a = this.#a;
    const n = 2 * a + 1;
    lanczosTaps(dx, a, this.#tapsX);
    lanczosTaps(dy, a, this.#tapsY);
    const pitch = side + 2 * a;
    if (this.#rows.length < pitch * pitch + side * pitch) this.#rows = new Float64Array(pitch * pitch + side * pitch);
    const padded = this.#rows;
    padded.fill(0, 0, pitch * pitch);
    for (let y = 0; y < side; y++)
      for (let x = 0; x < side; x++) padded[(y + a) * pitch + x + a] = source[y * side + x]!;
    const across = padded.subarray(pitch * pitch);
    const tx = this.#tapsX;
    const ty = this.#tapsY;
    for (let y = 0; y < pitch; y++) {
      const o = y * pitch;
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += tx[k]! * padded[o + x + k]!;
        across[y * side + x] = sum;
      }
    }
    for (let y = 0; y < side; y++) {
      for (let x = 0; x < side; x++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += ty[k]! * across[(y + k) * side + x]!;
        target[y * side + x] = sum;
      }
    }
  }
}
