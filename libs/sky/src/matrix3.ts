// 3 x 3 rotations, row-major, and what is done with them. Angles in radians.
import type { Vec3 } from './angles.js';

/** The product a b: b is applied first. */
export function multiply3(a: ArrayLike<number>, b: ArrayLike<number>): Float64Array {
  const result = new Float64Array(9);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 3; j++)
      result[3 * i + j] = a[3 * i]! * b[j]! + a[3 * i + 1]! * b[3 + j]! + a[3 * i + 2]! * b[6 + j]!;
  return result;
}

/** The transpose, which undoes a rotation. */
export function transpose3(a: ArrayLike<number>): Float64Array {
  return Float64Array.of(a[0]!, a[3]!, a[6]!, a[1]!, a[4]!, a[7]!, a[2]!, a[5]!, a[8]!);
}

export function apply3(a: ArrayLike<number>, v: Vec3): [number, number, number] {
  return [
    a[0]! * v[0] + a[1]! * v[1] + a[2]! * v[2],
    a[3]! * v[0] + a[4]! * v[1] + a[5]! * v[2],
    a[6]! * v[0] + a[7]! * v[1] + a[8]! * v[2],
  ];
}

/** Rotations of the axes about x, y and z: a fixed direction seen from axes turned by the angle. */
export function rotateX(angle: number): number[] {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return [1, 0, 0, 0, c, s, 0, -s, c];
}
export function rotateY(angle: number): number[] {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return [c, 0, -s, 0, 1, 0, s, 0, c];
}
export function rotateZ(angle: number): number[] {
  const [s, c] = [Math.sin(angle), Math.cos(angle)];
  return [c, s, 0, -s, c, 0, 0, 0, 1];
}
