/**
 * Pairs of two position lists: each one's nearest neighbour is the other, within a radius. In the plane by a grid, on the sky by
 * a grid of cubes around unit vectors, so RA 0 and the poles are nothing special. O(n + m) for radii below the typical distance.
 */
import { ARCSEC, RAD_TO_ARCSEC, unitVectors } from '#libs/sky';
import { AlgorithmError } from '../errors.js';
import { PlaneGrid } from './plane-grid.js';

/** Pair k joins `a[k]` of the first list with `b[k]` of the second, `distance[k]` apart. Ascending in a. */
export interface MatchedPairs {
  readonly a: Int32Array;
  readonly b: Int32Array;
  readonly distance: Float64Array;
}

type Nearest = (index: number) => { readonly index: number; readonly distance: number } | undefined;

function mutual(count: number, forward: Nearest, backward: Nearest): MatchedPairs {
  const pairs: { a: number; b: number; distance: number }[] = [];
  for (let a = 0; a < count; a++) {
    const hit = forward(a);
    if (hit && backward(hit.index)?.index === a) pairs.push({ a, b: hit.index, distance: hit.distance });
  }
  return {
    a: Int32Array.from(pairs, (pair) => pair.a),
    b: Int32Array.from(pairs, (pair) => pair.b),
    distance: Float64Array.from(pairs, (pair) => pair.distance),
  };
}

/** Mutual nearest neighbours in a plane; the radius and distances in the units of the coordinates. */
export function matchInPlane(
  ax: ArrayLike<number>,
  ay: ArrayLike<number>,
  bx: ArrayLike<number>,
  by: ArrayLike<number>,
  radius: number,
): MatchedPairs {
  checkRadius(radius);
  const gridA = new PlaneGrid(ax, ay, radius);
  const gridB = new PlaneGrid(bx, by, radius);
  const near =
    (
      grid: PlaneGrid,
      x: ArrayLike<number>,
      y: ArrayLike<number>,
      ox: ArrayLike<number>,
      oy: ArrayLike<number>,
    ): Nearest =>
    (i) => {
      const index = grid.nearest(x[i]!, y[i]!, radius);
      return index < 0 ? undefined : { index, distance: Math.hypot(ox[index]! - x[i]!, oy[index]! - y[i]!) };
    };
  return mutual(ax.length, near(gridB, ax, ay, bx, by), near(gridA, bx, by, ax, ay));
}

export interface SkyPositions {
  readonly raDeg: ArrayLike<number>;
  readonly decDeg: ArrayLike<number>;
}

/** Mutual nearest neighbours on the sky; radius and distances in arcseconds. */
export function matchOnSky(a: SkyPositions, b: SkyPositions, radiusArcsec: number): MatchedPairs {
  checkRadius(radiusArcsec);
  const gridA = new SphereGrid(a, radiusArcsec);
  const gridB = new SphereGrid(b, radiusArcsec);
  return mutual(
    a.raDeg.length,
    (i) => gridB.nearest(gridA.vectors, i),
    (i) => gridA.nearest(gridB.vectors, i),
  );
}

function checkRadius(radius: number): void {
  if (!(radius > 0) || !Number.isFinite(radius))
    throw new AlgorithmError('BAD_INPUT', `a match radius must be positive, not ${radius}`, { radius });
}

/** Positions on the sphere in cubes of one match radius. */
export class SphereGrid {
  readonly vectors: Float64Array;
  readonly #cells = new Map<number, number[]>();
  readonly #side: number;
  readonly #chord: number;
  readonly #perAxis: number;

  constructor(positions: SkyPositions, radiusArcsec: number) {
    this.#chord = 2 * Math.sin(Math.min(Math.PI, radiusArcsec * ARCSEC) / 2);
    // 2^17 cubes per axis keep keys exact integers (3 arcsec); larger radii take larger cubes
    this.#side = Math.max(this.#chord, 2 ** -16);
    this.#perAxis = Math.ceil(2 / this.#side) + 3;
    this.vectors = unitVectors(positions.raDeg, positions.decDeg);
    for (let i = 0; i < positions.raDeg.length; i++) {
      const key = this.#key(this.vectors[3 * i]!, this.vectors[3 * i + 1]!, this.vectors[3 * i + 2]!, 0, 0, 0);
      if (Number.isNaN(key)) continue;
      const cell = this.#cells.get(key);
      if (cell) cell.push(i);
      else this.#cells.set(key, [i]);
    }
  }

  #key(x: number, y: number, z: number, dx: number, dy: number, dz: number): number {
    const i = Math.floor((x + 1) / this.#side) + 1 + dx;
    const j = Math.floor((y + 1) / this.#side) + 1 + dy;
    const k = Math.floor((z + 1) / this.#side) + 1 + dz;
    return (k * this.#perAxis + j) * this.#perAxis + i;
  }

  /** Calls `visit(index, chord squared)` for every position within the radius of vector `i` of `vectors`. */
  forEachWithin(vectors: Float64Array, i: number, visit: (index: number, chord2: number) => void): void {
    const x = vectors[3 * i]!;
    const y = vectors[3 * i + 1]!;
    const z = vectors[3 * i + 2]!;
    const limit = this.#chord * this.#chord;
    for (let dz = -1; dz <= 1; dz++)
      for (let dy = -1; dy <= 1; dy++)
        for (let dx = -1; dx <= 1; dx++)
          for (const index of this.#cells.get(this.#key(x, y, z, dx, dy, dz)) ?? []) {
            const d2 =
              (this.vectors[3 * index]! - x) ** 2 +
              (this.vectors[3 * index + 1]! - y) ** 2 +
              (this.vectors[3 * index + 2]! - z) ** 2;
            if (d2 <= limit) visit(index, d2);
          }
  }

  /** The nearest position to vector `i` of `vectors`; distance in arcseconds. */
  nearest(vectors: Float64Array, i: number): { readonly index: number; readonly distance: number } | undefined {
    let best = -1;
    let bestD2 = Infinity;
    this.forEachWithin(vectors, i, (index, d2) => {
      if (d2 < bestD2 || (d2 === bestD2 && index < best)) {
        best = index;
        bestD2 = d2;
      }
    });
    if (best < 0) return undefined;
    return { index: best, distance: 2 * Math.asin(Math.min(1, Math.sqrt(bestD2) / 2)) * RAD_TO_ARCSEC };
  }
}
