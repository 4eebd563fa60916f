// Parts of the sky as SQL: a cone, a convex polygon of great-circle arcs, or a coverage map (MOC).

import type { SkyCircle } from '#libs/schema';
import { angularSeparationDeg, convexNormals, directionOf, type Moc, type SkyPosition, unitVector } from '#libs/sky';
import { CatalogError } from './catalog-error.js';
import { checkRegion, METRES_PER_DEGREE } from './sky-cells.js';

export type SkySelection =
  { readonly circle: SkyCircle } | { readonly polygon: readonly SkyPosition[] } | { readonly moc: Moc };

export interface SkySql {
  /** before the table: its rows are joined with it; the join matches no row twice */
  readonly from?: string;
  readonly condition: string;
}

const MAX_RANGES = 20_000;
const MAX_CORNERS = 1_000;

export function skySql(region: SkySelection, alias: string, parameters: unknown[]): SkySql {
  if ('circle' in region) {
    const { circle } = region;
    checkRegion(circle);
    const longitude = circle.raDeg > 180 ? circle.raDeg - 360 : circle.raDeg;
    const at = parameters.push(longitude, circle.decDeg, circle.radiusDeg * METRES_PER_DEGREE) - 2;
    return {
      condition: `ST_DWithin(${alias}."geog", ST_SetSRID(ST_MakePoint($${at}::float8, $${at + 1}::float8), 4326)::geography, $${at + 2}::float8, false)`,
    };
  }
  if ('polygon' in region) {
    const { polygon } = region;
    if (polygon.length > MAX_CORNERS)
      throw new CatalogError(
        'BAD_REGION',
        `a polygon has at most ${MAX_CORNERS} corners, not ${polygon.length}`,
        polygon.length,
      );
    return { condition: polygonSql(polygon, alias, parameters) };
  }
  // bounds of half-open ranges, low and high in turn
  const { ranges } = region.moc;
  const count = ranges.length / 2;
  if (count > MAX_RANGES)
    throw new CatalogError(
      'BAD_REGION',
      `a MOC has at most ${MAX_RANGES} ranges, not ${count}; give a coarser one`,
      count,
    );
  const bounds = (which: 0 | 1): string[] => Array.from({ length: count }, (_, i) => ranges[2 * i + which]!.toString());
  const at = parameters.push(bounds(0), bounds(1)) - 1;
  return {
    from: `unnest($${at}::bigint[], $${at + 1}::bigint[]) moc(low, high)`,
    condition: `${alias}."hpx29" >= moc.low AND ${alias}."hpx29" < moc.high`,
  };
}

/** Inside all half-spaces of the edges: exact on the sphere wherever it lies, poles and RA 0 too; the index sees a circle around it. */
function polygonSql(corners: readonly SkyPosition[], alias: string, parameters: unknown[]): string {
  const normals = convexNormals(corners);
  const { raDeg, decDeg, radiusDeg } = circleAround(corners);
  const circle = skySql({ circle: { raDeg, decDeg, radiusDeg } }, alias, parameters).condition;
  const [x, y, z] = [0, 1, 2].map((axis) => `$${parameters.push(normals.map((n) => n[axis]!))}::float8[]`) as [
    string,
    string,
    string,
  ];
  const ra = `radians(ST_X(${alias}."geog"::geometry))`;
  const dec = `radians(ST_Y(${alias}."geog"::geometry))`;
  return `${circle} AND NOT EXISTS (SELECT 1 FROM unnest(${x}, ${y}, ${z}) edge(x, y, z) WHERE edge.x * cos(${dec}) * cos(${ra}) + edge.y * cos(${dec}) * sin(${ra}) + edge.z * sin(${dec}) < 0)`;
}

function circleAround(corners: readonly SkyPosition[]): SkyCircle {
  const vectors = corners.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
  const [x, y, z] = [0, 1, 2].map((axis) => vectors.reduce((sum, vector) => sum + vector[axis]!, 0)) as [
    number,
    number,
    number,
  ];
  const centre = directionOf(x, y, z);
  const farthest = Math.max(
    ...corners.map(({ raDeg, decDeg }) => angularSeparationDeg(centre.raDeg, centre.decDeg, raDeg, decDeg)),
  );
  if (farthest >= 90) throw new CatalogError('BAD_REGION', 'a polygon fits in less than a hemisphere', farthest);
  return { ...centre, radiusDeg: farthest * (1 + 1e-9) + 1e-9 };
}
