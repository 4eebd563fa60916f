/**
 * Positions hashed into cubic cells of the unit sphere's space: no poles, no RA 0. Build O(n), query O(neighbours).
 * Right ascension and declination in degrees; the radius is fixed when the grid is built.
 */

import { DEG, unitVector, unitVectors } from '#libs/sky';

export interface Positions {
  readonly raDeg: ArrayLike<number>;
  readonly decDeg: ArrayLike<number>;
}

export class SkyGrid {
  readonly #xyz: Float64Array;
  readonly #head: Int32Array;
  readonly #next: Int32Array;
  readonly #mask: number;
  readonly #scale: number;
  readonly #chord2: number;

  constructor(positions: Positions, radiusDeg: number) {
    const n = positions.raDeg.length;
    const chord = 2 * Math.sin((Math.min(radiusDeg, 180) * DEG) / 2);
    this.#chord2 = chord * chord;
    this.#scale = 1 / Math.max(chord, 1e-9);
    this.#mask = 2 ** Math.ceil(Math.log2(Math.max(2 * n, 16))) - 1;
    this.#head = new Int32Array(this.#mask + 1).fill(-1);
    this.#next = new Int32Array(n).fill(-1);
    this.#xyz = unitVectors(positions.raDeg, positions.decDeg);
    const xyz = this.#xyz;
    const scale = this.#scale;
    for (let i = n - 1; i >= 0; i--) {
      const x = xyz[3 * i]!;
      const y = xyz[3 * i + 1]!;
      const z = xyz[3 * i + 2]!;
      if (!Number.isFinite(x + y + z)) continue;
      const bucket = bucketOf(Math.floor(x * scale), Math.floor(y * scale), Math.floor(z * scale), this.#mask);
      this.#next[i] = this.#head[bucket]!;
      this.#head[bucket] = i;
    }
  }

  /** Calls `visit` with every position within the radius, in no promised order. */
  forEachNear(raDeg: number, decDeg: number, visit: (index: number) => void): void {
    const [x, y, z] = unitVector(raDeg, decDeg);
    if (!Number.isFinite(x + y + z)) return;
    const cx = this.#cell(x);
    const cy = this.#cell(y);
    const cz = this.#cell(z);
    for (let i = cx - 1; i <= cx + 1; i++)
      for (let j = cy - 1; j <= cy + 1; j++)
        for (let k = cz - 1; k <= cz + 1; k++)
          for (let p = this.#head[bucketOf(i, j, k, this.#mask)]!; p >= 0; p = this.#next[p]!) {
            const px = this.#xyz[3 * p]!;
            const py = this.#xyz[3 * p + 1]!;
            const pz = this.#xyz[3 * p + 2]!;
            // a bucket may hold several cells: take each point from its own cell only
            if (this.#cell(px) !== i || this.#cell(py) !== j || this.#cell(pz) !== k) continue;
            if ((px - x) ** 2 + (py - y) ** 2 + (pz - z) ** 2 <= this.#chord2) visit(p);
          }
  }

  #cell(value: number): number {
    return Math.floor(value * this.#scale);
  }
}

const bucketOf = (i: number, j: number, k: number, mask: number): number =>
  (Math.imul(i, 73856093) ^ Math.imul(j, 19349663) ^ Math.imul(k, 83492791)) & mask;
