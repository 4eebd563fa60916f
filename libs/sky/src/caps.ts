/** Circles on the sphere as bounds: a centre (unit vector) and a radius [rad]. */
import type { Vec3 } from './angles.js';
import { angleBetween, normalised } from './arcs.js';

export interface Cap {
  readonly centre: Vec3;
  readonly radius: number;
}
export const WHOLE_CAP: Cap = { centre: [0, 0, 1], radius: Math.PI };

/** A circle that holds two circles, the smallest unless they lie opposite to each other. */
export function hull(a: Cap, b: Cap): Cap {
  const distance = angleBetween(a.centre, b.centre);
  if (distance + b.radius <= a.radius) return a;
  if (distance + a.radius <= b.radius) return b;
  const radius = ((distance + a.radius + b.radius) / 2) * (1 + 1e-12);
  if (radius >= Math.PI / 2 && distance > 3.1) return WHOLE_CAP;
  if (radius >= Math.PI) return WHOLE_CAP;
  // along the arc from one centre towards the other
  const step = radius - a.radius;
  const [s, t] = [Math.sin(distance - step), Math.sin(step)];
  return { centre: normalised([0, 1, 2].map((i) => s * a.centre[i]! + t * b.centre[i]!) as unknown as Vec3), radius };
}
