/**
 * Nested HEALPix cells that a region touches, as sorted, disjoint, half-open ranges [low, high) of indices.
 * The cells are found by descending the quad-tree with bounding circles: the answer always contains every touched cell
 * and may contain cells up to one cell radius outside (an exact test of positions follows in every use).
 * Cost: proportional to the number of cells along the border.
 */
import { DEG, unitVector, type Vec3 } from './angles.js';
import { SkyError } from './errors.js';
import { facePixelVector, nestedFromFace } from './healpix.js';
import { checkOrder, MAX_HEALPIX_ORDER } from './healpix-order.js';
import type { SkyPosition } from './wcs-types.js';

export interface HealpixRange {
  readonly low: bigint;
  readonly high: bigint;
}

/** Radius of the smallest circle about its centre that holds any pixel of the order [rad]. */
export function maxPixelRadius(order: number): number {
  const nside = 2 ** order;
  // the worst pixel touches latitude sin(dec) = 2/3 with its centre and the polar cap's border with a corner
  const phi = Math.PI / (4 * nside);
  const za = 2 / 3;
  const sa = Math.sqrt(1 - za * za);
  const t = (1 - 1 / nside) ** 2 / 3;
  const zb = 1 - t;
  const sb = Math.sqrt(t * (2 - t));
  const x = sa * Math.cos(phi) - sb;
  const y = sa * Math.sin(phi);
  return 2 * Math.asin(Math.min(1, Math.hypot(x, y, za - zb) / 2)) * (1 + 1e-9);
}

/** How a circle (centre unit vector, radius rad) lies to a region: -1 outside, 0 unsure, 1 inside. */
type CircleTest = (x: number, y: number, z: number, radius: number) => -1 | 0 | 1;

export function coverRegion(order: number, test: CircleTest): HealpixRange[] {
  checkOrder(order);
  const radii = Array.from({ length: order + 1 }, (_, k) => maxPixelRadius(k));
  const ranges: { low: bigint; high: bigint }[] = [];
  const centre = new Float64Array(3);
  const descend = (depth: number, face: number, ix: number, iy: number): void => {
    facePixelVector(depth, face, ix, iy, centre);
    const verdict = test(centre[0]!, centre[1]!, centre[2]!, radii[depth]!);
    if (verdict === -1) return;
    if (verdict === 1 || depth === order) {
      const shift = BigInt(2 * (order - depth));
      const low = nestedFromFace(depth, face, ix, iy) << shift;
      const high = low + (1n << shift);
      const last = ranges.at(-1);
      if (last && last.high === low) last.high = high;
      else ranges.push({ low, high });
      return;
    }
    for (let child = 0; child < 4; child++) descend(depth + 1, face, 2 * ix + (child & 1), 2 * iy + (child >> 1));
  };
  for (let face = 0; face < 12; face++) descend(0, face, 0, 0);
  return ranges;
}

const distance = (a: Vec3, x: number, y: number, z: number): number => {
  const cross = Math.hypot(a[1] * z - a[2] * y, a[2] * x - a[0] * z, a[0] * y - a[1] * x);
  return Math.atan2(cross, a[0] * x + a[1] * y + a[2] * z);
};

/** Cells touched by a circle on the sky. */
export function coneRanges(order: number, raDeg: number, decDeg: number, radiusDeg: number): HealpixRange[] {
  if (!(radiusDeg >= 0) || !Number.isFinite(raDeg) || !(decDeg >= -90 && decDeg <= 90))
    throw new SkyError('BAD_REGION', `no cone of radius ${radiusDeg} deg at RA ${raDeg}, dec ${decDeg}`);
  const centre = unitVector(raDeg, decDeg);
  const radius = radiusDeg * DEG;
  return coverRegion(order, (x, y, z, cell) => {
    const d = distance(centre, x, y, z);
    return d > radius + cell ? -1 : d + cell <= radius ? 1 : 0;
  });
}

/** Cells touched by a convex polygon of great-circle arcs (corners in either sense of rotation). */
export function polygonRanges(order: number, corners: readonly SkyPosition[]): HealpixRange[] {
  const normals = convexNormals(corners);
  return coverRegion(order, (x, y, z, cell) => {
    let inside = true;
    for (const n of normals) {
      const toEdge = Math.asin(Math.max(-1, Math.min(1, n[0] * x + n[1] * y + n[2] * z)));
      if (toEdge < -cell) return -1;
      if (toEdge < cell) inside = false;
    }
    return inside ? 1 : 0;
  });
}

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

/** The same cells as ranges of a finer (or equal) order. */
export function refineRanges(ranges: readonly HealpixRange[], from: number, to = MAX_HEALPIX_ORDER): HealpixRange[] {
  const shift = BigInt(2 * (to - from));
  return ranges.map(({ low, high }) => ({ low: low << shift, high: high << shift }));
}

/**
 * Ranges of the hpx29 column for a cone, at an order where the border takes a few dozen cells: what a database index wants.
 */
export function coneHpx29Ranges(raDeg: number, decDeg: number, radiusDeg: number): HealpixRange[] {
  let order = 0;
  while (order < MAX_HEALPIX_ORDER && maxPixelRadius(order) > (radiusDeg * DEG) / 4 && order < 26) order++;
  return refineRanges(coneRanges(order, raDeg, decDeg, radiusDeg), order);
}
