/**
 * Similar triangles (Groth 1986, AJ 91, 1244): triangles of the brightest stars of both lists are compared by the ratios of their
 * sides; every similar pair of the same handedness and nearly the same size votes for a rotation and a shift.
 */
import { type Affine, applyAffine, rotationAbout } from './affine.js';

interface Triangle {
  /** vertices opposite the longest, middle and shortest side */
  readonly vertices: readonly [number, number, number];
  readonly middleRatio: number;
  readonly shortRatio: number;
  readonly longest: number;
  readonly leftHanded: boolean;
}

const MAX_STARS = 40;
const RATIO_CELL = 0.01;

function triangles(x: ArrayLike<number>, y: ArrayLike<number>, minSide: number): Triangle[] {
  const n = Math.min(MAX_STARS, x.length);
  const distance = (i: number, j: number): number => Math.hypot(x[i]! - x[j]!, y[i]! - y[j]!);
  const result: Triangle[] = [];
  for (let i = 0; i < n; i++)
    for (let j = i + 1; j < n; j++) {
      const ij = distance(i, j);
      if (ij < minSide) continue;
      for (let k = j + 1; k < n; k++) {
        const sides = [
          { vertex: i, length: distance(j, k) },
          { vertex: j, length: distance(i, k) },
          { vertex: k, length: ij },
        ].sort((a, b) => b.length - a.length);
        const [long, middle, short] = sides as [(typeof sides)[0], (typeof sides)[0], (typeof sides)[0]];
        // small or needle-like triangles say little; nearly equal sides make the order of vertices uncertain
        if (short.length < minSide || middle.length > 0.98 * long.length || short.length > 0.98 * middle.length)
          continue;
        const [a, b, c] = [long.vertex, middle.vertex, short.vertex];
        const cross = (x[b]! - x[a]!) * (y[c]! - y[a]!) - (y[b]! - y[a]!) * (x[c]! - x[a]!);
        result.push({
          vertices: [a, b, c],
          middleRatio: middle.length / long.length,
          shortRatio: short.length / long.length,
          longest: long.length,
          leftHanded: cross > 0,
        });
      }
    }
  return result;
}

const ratioKey = (middle: number, short: number): number =>
  Math.floor(middle / RATIO_CELL) * 1000 + Math.floor(short / RATIO_CELL);

/** Similarities from list 1 to list 2 with the most votes, best first. Lists are sorted by brightness. */
export function triangleHypotheses(
  sx: ArrayLike<number>,
  sy: ArrayLike<number>,
  rx: ArrayLike<number>,
  ry: ArrayLike<number>,
  options: { readonly width: number; readonly height: number; readonly maxScaleError: number },
): Affine[] {
  const { width, height, maxScaleError } = options;
  const cx = (width - 1) / 2;
  const cy = (height - 1) / 2;
  const minSide = Math.min(width, height) / 20;
  const table = new Map<number, Triangle[]>();
  for (const triangle of triangles(rx, ry, minSide)) {
    const key = ratioKey(triangle.middleRatio, triangle.shortRatio);
    const cell = table.get(key);
    if (cell) cell.push(triangle);
    else table.set(key, [triangle]);
  }
  const votes = new Map<string, { count: number; start: Affine }>();
  for (const own of triangles(sx, sy, minSide)) {
    // three pixels of slack on the sides
    const slack = Math.min(RATIO_CELL, 3 / own.longest);
    for (let dm = -1; dm <= 1; dm++)
      for (let ds = -1; ds <= 1; ds++) {
        const key = ratioKey(own.middleRatio + dm * RATIO_CELL, own.shortRatio + ds * RATIO_CELL);
        for (const other of table.get(key) ?? []) {
          if (other.leftHanded !== own.leftHanded) continue;
          const scale = other.longest / own.longest;
          if (Math.abs(scale - 1) > maxScaleError) continue;
          if (Math.abs(other.middleRatio - own.middleRatio) > slack) continue;
          if (Math.abs(other.shortRatio - own.shortRatio) > slack) continue;
          const [, b, c] = own.vertices;
          const [, p, q] = other.vertices;
          const angle = Math.atan2(ry[q]! - ry[p]!, rx[q]! - rx[p]!) - Math.atan2(sy[c]! - sy[b]!, sx[c]! - sx[b]!);
          const turned = applyAffine(rotationAbout(angle, cx, cy, 0, 0, scale), sx[b]!, sy[b]!);
          const dx = rx[p]! - turned.x;
          const dy = ry[p]! - turned.y;
          const degrees = Math.round((((angle * 180) / Math.PI + 720) % 360) / 1);
          const vote = `${degrees % 360},${Math.round(dx / 12)},${Math.round(dy / 12)}`;
          const known = votes.get(vote);
          if (known) known.count++;
          else votes.set(vote, { count: 1, start: rotationAbout(angle, cx, cy, dx, dy, scale) });
        }
      }
  }
  return [...votes.values()]
    .sort((a, b) => b.count - a.count)
    .slice(0, 12)
    .map(({ start }) => start);
}
