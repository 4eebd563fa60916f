/** Random numbers that depend on seed and index alone, so that one input of a run can be made again by itself. */
export class Random {
  #state: number;

  constructor(seed: number, index: number) {
    this.#state = (Math.imul(seed | 0, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b)) | 0;
  }

  /** uniform in [0, 1): mulberry32 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let x = this.#state;
    x = Math.imul(x ^ (x >>> 15), x | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 4294967296;
  }
  /** an integer from 0 to n - 1; 0 when n is less than 1 */
  below(n: number): number {
    return Math.floor(this.next() * Math.max(1, n));
  }
  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}
