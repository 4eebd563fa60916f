// Points of a plane in a uniform grid of cells (counting sort): build O(n), neighbour queries O(points per cell).

export class PlaneGrid {
  readonly #x: ArrayLike<number>;
  readonly #y: ArrayLike<number>;
  readonly #cell: number;
  readonly #x0: number;
  readonly #y0: number;
  readonly #columns: number;
  readonly #rows: number;
  readonly #start: Int32Array;
  readonly #order: Int32Array;

  /** `cell` should be about the usual query radius. Points that are not finite are left out. */
  constructor(x: ArrayLike<number>, y: ArrayLike<number>, cell: number) {
    this.#x = x;
    this.#y = y;
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(x[i]!) || !Number.isFinite(y[i]!)) continue;
      x0 = Math.min(x0, x[i]!);
      x1 = Math.max(x1, x[i]!);
      y0 = Math.min(y0, y[i]!);
      y1 = Math.max(y1, y[i]!);
    }
    if (x0 > x1) [x0, x1, y0, y1] = [0, 0, 0, 0];
    // no more cells than four per point, however small the radius
    const area = Math.max((x1 - x0) * (y1 - y0), (x1 - x0 + y1 - y0) ** 2 / 1e4, 1e-300);
    this.#cell = Math.max(cell, Math.sqrt(area / (4 * Math.max(1, x.length))));
    this.#x0 = x0;
    this.#y0 = y0;
    this.#columns = Math.floor((x1 - x0) / this.#cell) + 1;
    this.#rows = Math.floor((y1 - y0) / this.#cell) + 1;
    const count = new Int32Array(this.#columns * this.#rows + 1);
    const cells = new Int32Array(x.length).fill(-1);
    for (let i = 0; i < x.length; i++) {
      if (!Number.isFinite(x[i]!) || !Number.isFinite(y[i]!)) continue;
      const at = Math.floor((y[i]! - y0) / this.#cell) * this.#columns + Math.floor((x[i]! - x0) / this.#cell);
      cells[i] = at;
      count[at + 1]!++;
    }
    for (let k = 1; k < count.length; k++) count[k]! += count[k - 1]!;
    this.#start = count.slice();
    this.#order = new Int32Array(count.at(-1)!);
    for (let i = 0; i < x.length; i++) if (cells[i]! >= 0) this.#order[count[cells[i]!]!++] = i;
  }

  /** Calls `visit(index, distance squared)` for every point within `radius`, in a fixed order. */
  forEachWithin(x: number, y: number, radius: number, visit: (index: number, distance2: number) => void): void {
    const limit = radius * radius;
    const left = Math.max(0, Math.floor((x - radius - this.#x0) / this.#cell));
    const right = Math.min(this.#columns - 1, Math.floor((x + radius - this.#x0) / this.#cell));
    const bottom = Math.max(0, Math.floor((y - radius - this.#y0) / this.#cell));
    const top = Math.min(this.#rows - 1, Math.floor((y + radius - this.#y0) / this.#cell));
    for (let row = bottom; row <= top; row++)
      for (let column = left; column <= right; column++) {
        const cell = row * this.#columns + column;
        for (let k = this.#start[cell]!; k < this.#start[cell + 1]!; k++) {
          const index = this.#order[k]!;
          const d2 = (this.#x[index]! - x) ** 2 + (this.#y[index]! - y) ** 2;
          if (d2 <= limit) visit(index, d2);
        }
      }
  }

  /** Index of the nearest point within `radius`, or -1; the lower index wins a tie. */
  nearest(x: number, y: number, radius: number): number {
    let best = -1;
    let bestD2 = Infinity;
    this.forEachWithin(x, y, radius, (index, d2) => {
      if (d2 < bestD2 || (d2 === bestD2 && index < best)) {
        best = index;
        bestD2 = d2;
      }
    });
    return best;
  }
}
