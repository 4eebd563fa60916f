/**
 * Simple polygons of great-circle arcs, convex or not, anywhere on the sphere. The inside is the smaller side, whatever the sense
 * of rotation; the corners must lie within an open hemisphere. What crosses itself is refused.
 * Method: in the gnomonic plane about the centre of the smallest circle around the corners arcs are straight lines, so that the
 * plane's even-odd rule holds. O(n) per point, O(n^2) once.
 */
import { DEG, unitVector, type Vec3 } from './angles.js';
import { angleBetween, apexOf, type Arc, arcOf, cross, distanceToArc, dot, normalised } from './arcs.js';
import { SkyError } from './errors.js';
import type { SkyPosition } from './wcs-types.js';

export const MAX_CORNERS = 10_000;
/** how far corners may lie from the centre [rad]: the gnomonic plane ends at 90 degrees */
const MAX_RADIUS = 89.9 * DEG;

export class SphericalPolygon {
  /** without repeated corners */
  readonly corners: readonly SkyPosition[];
  readonly arcs: readonly Arc[];
  /** of a circle around all corners, close to the smallest */
  readonly centre: Vec3;
  readonly radius: number;
  /** solid angle [sr] */
  readonly area: number;
  /** counter-clockwise for someone who looks at the sky from inside, east to the left: the rule of DALI for the inside */
  readonly isCounterClockwise: boolean;
  readonly #east: Vec3;
  readonly #north: Vec3;
  readonly #x: Float64Array;
  readonly #y: Float64Array;

  constructor(corners: readonly SkyPosition[]) {
    const bad = (why: string): SkyError => new SkyError('BAD_REGION', `the polygon ${why}`, corners);
    if (corners.length > MAX_CORNERS) throw bad(`has ${corners.length} corners; at most ${MAX_CORNERS} are handled`);
    for (const { raDeg, decDeg } of corners)
      if (!Number.isFinite(raDeg) || !(decDeg >= -90 && decDeg <= 90))
        throw new SkyError('BAD_REGION', `RA ${raDeg}, dec ${decDeg} is not a direction`, [raDeg, decDeg]);
    const all = corners.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
    const kept = all.map((v, i) => angleBetween(v, all[(i + 1) % all.length]!) > 1e-14 || all.length === 1);
    this.corners = corners.filter((_, i) => kept[i]);
    const vectors = all.filter((_, i) => kept[i]);
    if (vectors.length < 3) throw bad(`has ${vectors.length} different corners; at least 3 are needed`);
    this.centre = middleOf(vectors);
    this.radius = Math.max(...vectors.map((v) => angleBetween(this.centre, v)));
    if (!(this.radius <= MAX_RADIUS)) throw bad('does not fit into a hemisphere; give its complement or parts of it');
    this.arcs = vectors.map((v, i) => arcOf(v, vectors[(i + 1) % vectors.length]!));
    this.#east = normalised(cross(Math.abs(this.centre[2]) < 0.9 ? [0, 0, 1] : [1, 0, 0], this.centre));
    this.#north = cross(this.centre, this.#east);
    const depth = vectors.map((v) => dot(v, this.centre));
    this.#x = Float64Array.from(vectors, (v, i) => dot(v, this.#east) / depth[i]!);
    this.#y = Float64Array.from(vectors, (v, i) => dot(v, this.#north) / depth[i]!);
    const crossing = findCrossing(this.#x, this.#y);
    if (crossing) throw bad(`crosses or touches itself (edges ${crossing[0]} and ${crossing[1]})`);
    const signed = signedArea(vectors);
    if (!(Math.abs(signed) > 1e-15 * this.radius)) throw bad('has no area');
    this.area = Math.abs(signed);
    // positive is counter-clockwise as seen from outside
    this.isCounterClockwise = signed < 0;
  }

  contains(p: Vec3): boolean {
    const depth = dot(p, this.centre);
    if (depth <= 0) return false;
    const x = dot(p, this.#east) / depth;
    const y = dot(p, this.#north) / depth;
    let inside = false;
    const n = this.#x.length;
    for (let i = 0, k = n - 1; i < n; k = i++) {
      const y1 = this.#y[i]!;
      const y0 = this.#y[k]!;
      if (y1 > y !== y0 > y && x < this.#x[i]! + ((y - y1) * (this.#x[k]! - this.#x[i]!)) / (y0 - y1)) inside = !inside;
    }
    return inside;
  }
  /** Angle from a point to the nearest edge [rad]. */
  distanceToEdge(p: Vec3): number {
    return this.arcs.reduce((least, arc) => Math.min(least, distanceToArc(arc, p)), Infinity);
  }
  /** Least and largest declination [deg]. */
  declinations(): [number, number] {
    let least = this.contains([0, 0, -1]) ? -90 : Infinity;
    let largest = this.contains([0, 0, 1]) ? 90 : -Infinity;
    for (const arc of this.arcs)
      for (const v of [arc.a, apexOf(arc) ?? arc.b]) {
        const dec = Math.atan2(v[2], Math.hypot(v[0], v[1])) / DEG;
        least = Math.min(least, dec);
        largest = Math.max(largest, dec);
      }
    return [least, largest];
  }
}

/** Centre of (nearly) the smallest circle around points: Badoiu and Clarkson's iteration, started at their mean. */
function middleOf(points: readonly Vec3[]): Vec3 {
  let centre: Vec3 = [0, 0, 0];
  for (const p of points) centre = [centre[0] + p[0], centre[1] + p[1], centre[2] + p[2]];
  centre = [centre[0] / points.length, centre[1] / points.length, centre[2] / points.length];
  const rounds = Math.max(20, Math.min(500, Math.ceil(2e6 / points.length)));
  for (let round = 1; round <= rounds; round++) {
    let farthest = points[0]!;
    let distance = -1;
    for (const p of points) {
      const d = (p[0] - centre[0]) ** 2 + (p[1] - centre[1]) ** 2 + (p[2] - centre[2]) ** 2;
      if (d > distance) {
        distance = d;
        farthest = p;
      }
    }
    const step = 1 / (round + 1);
    centre = [
      centre[0] + step * (farthest[0] - centre[0]),
      centre[1] + step * (farthest[1] - centre[1]),
      centre[2] + step * (farthest[2] - centre[2]),
    ];
  }
  return Math.hypot(...centre) > 1e-9 ? normalised(centre) : [0, 0, 1];
}

/** Signed spherical excess [sr], positive counter-clockwise as seen from outside: a fan of triangles (Van Oosterom & Strackee 1983). */
function signedArea(vectors: readonly Vec3[]): number {
  const [o] = vectors as readonly [Vec3, ...Vec3[]];
  const from = (v: Vec3): Vec3 => [v[0] - o[0], v[1] - o[1], v[2] - o[2]];
  let sum = 0;
  for (let i = 1; i + 1 < vectors.length; i++) {
    const a = vectors[i]!;
    const b = vectors[i + 1]!;
    // the triple product o, a, b without cancellation for small triangles
    const volume = dot(o, cross(from(a), from(b)));
    sum += 2 * Math.atan2(volume, 1 + dot(o, a) + dot(a, b) + dot(b, o));
  }
  return sum;
}

/** The first two edges of a closed plane polygon that meet where they should not. */
function findCrossing(x: Float64Array, y: Float64Array): [number, number] | undefined {
  const n = x.length;
  const side = (a: number, b: number, c: number): number =>
    (x[b]! - x[a]!) * (y[c]! - y[a]!) - (y[b]! - y[a]!) * (x[c]! - x[a]!);
  /** nearer to the line through two corners than rounding tells */
  const onLine = (a: number, b: number, c: number): boolean =>
    Math.abs(side(a, b, c)) <=
    1e-14 * Math.hypot(x[b]! - x[a]!, y[b]! - y[a]!) * (1 + Math.abs(x[c]!) + Math.abs(y[c]!));
  const within = (a: number, b: number, c: number): boolean =>
    Math.min(x[a]!, x[b]!) <= x[c]! &&
    x[c]! <= Math.max(x[a]!, x[b]!) &&
    Math.min(y[a]!, y[b]!) <= y[c]! &&
    y[c]! <= Math.max(y[a]!, y[b]!);
  for (let i = 0; i < n; i++) {
    const i1 = (i + 1) % n;
    const i2 = (i + 2) % n;
    // the next edge must not run back along this one
    if (onLine(i, i1, i2) && (x[i2]! - x[i1]!) * (x[i]! - x[i1]!) + (y[i2]! - y[i1]!) * (y[i]! - y[i1]!) > 0)
      return [i, i1];
    const left = Math.min(x[i]!, x[i1]!);
    const right = Math.max(x[i]!, x[i1]!);
    const bottom = Math.min(y[i]!, y[i1]!);
    const top = Math.max(y[i]!, y[i1]!);
    for (let k = i + 2; k < n; k++) {
      const k1 = (k + 1) % n;
      if (k1 === i) continue;
      if (
        Math.max(x[k]!, x[k1]!) < left ||
        Math.min(x[k]!, x[k1]!) > right ||
        Math.max(y[k]!, y[k1]!) < bottom ||
        Math.min(y[k]!, y[k1]!) > top
      )
        continue;
      const [a, b, c, d] = [side(i, i1, k), side(i, i1, k1), side(k, k1, i), side(k, k1, i1)];
      const touches =
        (onLine(i, i1, k) && within(i, i1, k)) ||
        (onLine(i, i1, k1) && within(i, i1, k1)) ||
        (onLine(k, k1, i) && within(k, k1, i)) ||
        (onLine(k, k1, i1) && within(k, k1, i1));
      if (touches || (a > 0 !== b > 0 && c > 0 !== d > 0)) return [i, k];
    }
  }
  return undefined;
}
