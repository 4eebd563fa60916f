/** Great-circle arcs between unit vectors: how far a point lies from them. Angles in radians. */
import type { Vec3 } from './angles.js';

export const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
export const cross = (a: Vec3, b: Vec3): Vec3 => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
export function normalised(v: Vec3): Vec3 {
  const length = Math.hypot(v[0], v[1], v[2]);
  return [v[0] / length, v[1] / length, v[2] / length];
}

/** Angle between two unit vectors, exact for close and for opposite ones. */
export function angleBetween(a: Vec3, b: Vec3): number {
  const chord = Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
  // beyond 90 degrees the chord to the opposite point is the well-conditioned one
  if (chord < Math.SQRT2) return 2 * Math.asin(chord / 2);
  return Math.PI - 2 * Math.asin(Math.min(1, Math.hypot(a[0] + b[0], a[1] + b[1], a[2] + b[2]) / 2));
}

/** The shorter arc from `a` to `b`. */
export interface Arc {
  readonly a: Vec3;
  readonly b: Vec3;
  /** unit normal of its plane, to the left of the way from `a` to `b` as seen from outside; zero for a point */
  readonly normal: Vec3;
  /** points are beside the arc where both are >= 0 */
  readonly ahead: Vec3;
  readonly behind: Vec3;
}

/** The cross product of directions that may be close: |b - a| is kept to full precision. */
const stableCross = (a: Vec3, b: Vec3): Vec3 => cross(a, [b[0] - a[0], b[1] - a[1], b[2] - a[2]]);

export function arcOf(a: Vec3, b: Vec3): Arc {
  const n = stableCross(a, b);
  const length = Math.hypot(n[0], n[1], n[2]);
  const normal: Vec3 = length > 0 ? [n[0] / length, n[1] / length, n[2] / length] : [0, 0, 0];
  return { a, b, normal, ahead: cross(normal, a), behind: cross(b, normal) };
}

export function distanceToArc({ a, b, normal, ahead, behind }: Arc, p: Vec3): number {
  if (dot(ahead, p) > 0 && dot(behind, p) > 0) return Math.asin(Math.min(1, Math.abs(dot(normal, p))));
  return Math.min(angleBetween(a, p), angleBetween(b, p));
}

/** Does the arc cross a meridian's point of largest |dec|? The latitude [rad] it reaches there, or undefined. */
export function apexOf({ normal, ahead, behind }: Arc): Vec3 | undefined {
  const sine = Math.hypot(normal[0], normal[1]);
  if (sine === 0) return undefined;
  const top: Vec3 = [(-normal[0] * normal[2]) / sine, (-normal[1] * normal[2]) / sine, sine];
  for (const apex of [top, [-top[0], -top[1], -top[2]] as const])
    if (dot(ahead, apex) > 0 && dot(behind, apex) > 0) return apex;
  return undefined;
}
