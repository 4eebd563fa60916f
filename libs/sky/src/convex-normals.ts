/** Convex polygons on the sphere as the half-spaces of their edges. */
import { unitVector, type Vec3 } from './angles.js';
import { SkyError } from './errors.js';
import type { SkyPosition } from './wcs-types.js';

/** Unit normals of the polygon's edges, pointing inwards. Refuses polygons that are not convex or have no area. */
export function convexNormals(corners: readonly SkyPosition[]): Vec3[] {
  const bad = (why: string): SkyError => new SkyError('BAD_REGION', `the polygon ${why}`, corners);
  if (corners.length < 3) throw bad(`has ${corners.length} corners; at least 3 are needed`);
  const vectors = corners.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
  const normals = vectors.map((a, i): Vec3 => {
    const b = vectors[(i + 1) % vectors.length]!;
    const n: Vec3 = [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
    const length = Math.hypot(...n);
    if (!(length > 1e-14)) throw bad('has coincident or antipodal neighbouring corners');
    return [n[0] / length, n[1] / length, n[2] / length];
  });
  let sense = 0;
  normals.forEach((n, i) => {
    vectors.forEach((v, k) => {
      if (k === i || k === (i + 1) % vectors.length) return;
      const side = n[0] * v[0] + n[1] * v[1] + n[2] * v[2];
      if (Math.abs(side) < 1e-14) return;
      if (sense !== 0 && Math.sign(side) !== sense) throw bad('is not convex');
      sense = Math.sign(side);
    });
  });
  if (sense === 0) throw bad('has no area');
  return normals.map((n): Vec3 => [n[0] * sense, n[1] * sense, n[2] * sense]);
}
