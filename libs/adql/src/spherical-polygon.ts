// Polygons of great-circle arcs with known vertices: what can be said of them before the database is asked.
// The inside is the smaller side, whatever the sense of the vertices; larger than a hemisphere is refused.

import { convexNormals, DEG, directionOf, SkyError, type SkyPosition, unitVector, type Vec3 } from '#libs/sky';

export interface ConstantPolygon {
  /** without a closing repetition */
  readonly vertices: readonly SkyPosition[];
  /** inward unit normals of the edges of a convex polygon */
  readonly normals?: readonly Vec3[];
  /** a circle around it, smaller than a hemisphere [deg] */
  readonly circle?: { readonly centre: SkyPosition; readonly radiusDeg: number };
}

/** @throws what `fail` makes when the vertices are no polygon */
export function constantPolygon(given: readonly SkyPosition[], fail: (reason: string) => Error): ConstantPolygon {
  const vertices = given.filter(
    (vertex, at) => !samePlace(vertex, given[(at + 1) % given.length]!) || given.length === 1,
  );
  if (vertices.length < 3) throw fail(`a polygon has at least 3 different vertices, and this has ${vertices.length}`);
  const vectors = vertices.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
  const normals = normalsIfConvex(vertices);
  const circle = circleAround(vectors, sum(vectors)) ?? circleAround(vectors, surfaceNormal(vectors));
  if (!circle && !normals)
    throw fail('the polygon reaches over more than a hemisphere: its inside is not defined. Use several smaller ones');
  return { vertices, ...(normals ? { normals } : {}), ...(circle ? { circle } : {}) };
}

function circleAround(vectors: readonly Vec3[], axis: Vec3): ConstantPolygon['circle'] {
  const radius = vectors.reduce(
    (most, v) => Math.max(most, Math.atan2(Math.hypot(...cross(v, axis)), dot(v, axis))),
    0,
  );
  if (!(Math.hypot(...axis) > 1e-9) || !(radius < Math.PI / 2)) return undefined;
  return { centre: directionOf(...axis), radiusDeg: (radius / DEG) * (1 + 1e-12) + 1e-9 };
}

function normalsIfConvex(vertices: readonly SkyPosition[]): Vec3[] | undefined {
  try {
    return convexNormals(vertices);
  } catch (error) {
    if (error instanceof SkyError) return undefined;
    throw error;
  }
}

/** Solid angle [deg^2]: triangles from the first vertex (Van Oosterom & Strackee 1983), signed. */
export function polygonAreaDeg2({ vertices }: ConstantPolygon): number {
  const vectors = vertices.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
  const a = vectors[0]!;
  let area = 0;
  for (let i = 1; i + 1 < vectors.length; i++) {
    const b = vectors[i]!;
    const c = vectors[i + 1]!;
    area += 2 * Math.atan2(dot(a, cross(b, c)), 1 + dot(a, b) + dot(b, c) + dot(c, a));
  }
  return Math.abs(area) / DEG ** 2;
}

/** Centre of mass of the surface. */
export function polygonCentroid({ vertices }: ConstantPolygon): SkyPosition {
  const vectors = vertices.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
  const normal = surfaceNormal(vectors);
  // a polygon without area has the mean of its vertices
  return directionOf(...(Math.hypot(...normal) < 1e-14 ? sum(vectors) : normal));
}

/** The integral of the normal over the surface: half the sum of arc length times edge normal, turned to the inside. */
function surfaceNormal(vectors: readonly Vec3[]): Vec3 {
  const total: [number, number, number] = [0, 0, 0];
  vectors.forEach((a, i) => {
    const b = vectors[(i + 1) % vectors.length]!;
    const normal = cross(a, b);
    const sine = Math.hypot(...normal);
    if (sine === 0) return;
    const scale = Math.atan2(sine, dot(a, b)) / sine / 2;
    for (let k = 0; k < 3; k++) total[k]! += normal[k]! * scale;
  });
  return dot(total, sum(vectors)) < 0 ? [-total[0], -total[1], -total[2]] : total;
}

const samePlace = (a: SkyPosition, b: SkyPosition): boolean =>
  a.decDeg === b.decDeg && ((a.raDeg - b.raDeg) % 360 === 0 || Math.abs(a.decDeg) === 90);
const cross = (a: Vec3, b: Vec3): [number, number, number] => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];
const dot = (a: Vec3, b: Vec3): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const sum = (vectors: readonly Vec3[]): [number, number, number] => {
  const total: [number, number, number] = [0, 0, 0];
  for (const v of vectors) for (let k = 0; k < 3; k++) total[k]! += v[k]!;
  return total;
};
