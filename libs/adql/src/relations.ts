// DISTANCE, CONTAINS and INTERSECTS as SQL conditions. Exact on the sphere: trigonometry that is stable at every angle where
// the coordinates are at hand, PostGIS on its sphere otherwise. Where an index can help, a condition that is surely true for
// every answer stands before the exact one: ST_DWithin on a geography for GiST, ranges of HEALPix cells for large areas.

import { coneHpx29Ranges, DEG, type HealpixRange } from '#libs/sky';
import { doubleConstant, doubleSql } from './coercion.js';
import type { Context } from './context.js';
import type { AdqlError, Span } from './error.js';
import {
  type CircleShape,
  METRES_PER_DEGREE,
  pointShape,
  type PointShape,
  type PolygonShape,
  type RegionShape,
  type Shape,
} from './shape.js';
import type { ConstantPolygon } from './spherical-polygon.js';
import type { Value } from './value.js';

/** From this radius on, ranges of HEALPix cells are faster than the GiST index [deg] (5 degrees: 4 ms instead of 22). */
const LARGE_RADIUS_DEG = 2;
/** What index conditions are widened by, far above the rounding of PostGIS (1e-8 m) [deg]. */
const MARGIN_DEG = 1e-10;
/** How far outside an edge still counts as on it: rounding of unit vectors [rad]. */
const EDGE_TOLERANCE = 1e-15;

/** Great-circle distance [deg], double precision SQL. */
export function distanceSql(context: Context, a: PointShape, b: PointShape): string {
  if (![a.lon, a.lat, b.lon, b.lat].every((value) => value.atom))
    return `(ST_Distance(${a.geography}, ${b.geography}, FALSE) / ${METRES_PER_DEGREE})`;
  const [lon1, lat1] = [doubleSql(context, a.lon), doubleSql(context, a.lat)];
  const [lon2, lat2] = [doubleSql(context, b.lon), doubleSql(context, b.lat)];
  const cosines = `cosd(${lat1}) * cosd(${lat2})`;
  const half = `(${lon2} - ${lon1}) / 2`;
  const chord = `sqrt(abs(sind((${lat2} - ${lat1}) / 2) ^ 2 + ${cosines} * sind(${half}) ^ 2))`;
  // chord of the antipode's distance: exact where the first one is not
  const opposite = `sqrt(abs(sind((${lat1} + ${lat2}) / 2) ^ 2 + ${cosines} * cosd(${half}) ^ 2))`;
  return `(2 * atan2d(${chord}, ${opposite}))`;
}

/** A condition true for all pairs of points at most `radius` apart, when an index can answer it. */
export function nearSql(context: Context, a: PointShape, b: PointShape, radius: Value): string | undefined {
  for (const [searched, other] of [
    [a, b],
    [b, a],
  ] as const)
    if (searched.hpx29 && other.constant && radius.constant !== undefined && radius.constant > LARGE_RADIUS_DEG)
      return radius.constant >= 180
        ? undefined
        : rangesSql(
            searched.hpx29,
            coneHpx29Ranges(other.constant.raDeg, other.constant.decDeg, Math.min(180, radius.constant + MARGIN_DEG)),
          );
  if (!a.indexed && !b.indexed) return undefined;
  return `ST_DWithin(${a.geography}, ${b.geography}, ${metresSql(context, radius)}, FALSE)`;
}

function metresSql(context: Context, radius: Value): string {
  if (radius.constant === undefined)
    return `(abs(${doubleSql(context, radius)}) + ${MARGIN_DEG}) * ${METRES_PER_DEGREE}`;
  return context.parameters.bind((Math.abs(radius.constant) + MARGIN_DEG) * METRES_PER_DEGREE, 'float8');
}

const rangesSql = (column: string, ranges: readonly HealpixRange[]): string =>
  ranges.length === 0
    ? 'FALSE'
    : `(${ranges.map(({ low, high }) => `${column} >= ${low} AND ${column} < ${high}`).join(' OR ')})`;

const both = (first: string | undefined, second: string): string => (first ? `(${first} AND ${second})` : second);

/** Whether the distance of two points is at most `radius`. */
function withinSql(context: Context, a: PointShape, b: PointShape, radius: Value): string {
  return both(nearSql(context, a, b, radius), `(${distanceSql(context, a, b)} <= ${doubleSql(context, radius)})`);
}

/** Whether `inner` lies in `outer`, borders included. */
export function containsSql(context: Context, inner: Shape, outer: Shape, span: Span): string {
  switch (inner.kind) {
    case 'point':
      switch (outer.kind) {
        case 'point':
          return samePlaceSql(context, inner, outer);
        case 'circle':
          return withinSql(context, inner, outer.centre, outer.radius);
        default:
          return coversSql(context, outer, inner);
      }
    case 'circle':
      switch (outer.kind) {
        case 'point':
          throw noContains(context, 'a circle', 'a point', span);
        case 'circle': {
          const near = nearSql(context, inner.centre, outer.centre, outer.radius);
          const inside = `(${distanceSql(context, inner.centre, outer.centre)} + ${doubleSql(context, inner.radius)} <= ${doubleSql(context, outer.radius)})`;
          return both(near, inside);
        }
        default: {
          const border = `ST_Boundary(${outer.geography}::geometry)::geography`;
          const clear = `(ST_Distance(${inner.centre.geography}, ${border}, FALSE) / ${METRES_PER_DEGREE} >= ${doubleSql(context, inner.radius)})`;
          return both(coversSql(context, outer, inner.centre), clear);
        }
      }
    default:
      switch (outer.kind) {
        case 'point':
          throw noContains(context, 'a polygon', 'a point', span);
        case 'circle':
          return verticesWithinSql(context, inner, outer, span);
        default:
          return `ST_Covers(${outer.geography}, ${inner.geography})`;
      }
  }
}

/** Whether two regions have a point in common. */
export function intersectsSql(context: Context, a: Shape, b: Shape, span: Span): string {
  if (a.kind === 'point') return containsSql(context, a, b, span);
  if (b.kind === 'point') return containsSql(context, b, a, span);
  if (a.kind === 'circle' && b.kind === 'circle') {
    const reach: Value = {
      kind: 'double',
      sql: `(${doubleSql(context, a.radius)} + ${doubleSql(context, b.radius)})`,
      span,
      loose: [],
      aggregate: false,
      ...(a.radius.constant !== undefined && b.radius.constant !== undefined
        ? { constant: a.radius.constant + b.radius.constant }
        : {}),
    };
    return withinSql(context, a.centre, b.centre, reach);
  }
  if (a.kind === 'circle') return circleMeetsSql(context, a, b as PolygonShape | RegionShape);
  if (b.kind === 'circle') return circleMeetsSql(context, b, a);
  return `ST_Intersects(${a.geography}, ${b.geography})`;
}

const circleMeetsSql = (context: Context, circle: CircleShape, region: PolygonShape | RegionShape): string =>
  `ST_DWithin(${region.geography}, ${circle.centre.geography}, ${doubleSql(context, circle.radius)} * ${METRES_PER_DEGREE}, FALSE)`;

const samePlaceSql = (context: Context, a: PointShape, b: PointShape): string =>
  both(
    a.indexed || b.indexed
      ? `ST_DWithin(${a.geography}, ${b.geography}, ${MARGIN_DEG * METRES_PER_DEGREE}, FALSE)`
      : undefined,
    `(${distanceSql(context, a, b)} = 0)`,
  );

function coversSql(context: Context, region: PolygonShape | RegionShape, point: PointShape): string {
  const known = region.kind === 'polygon' ? region.constant : undefined;
  const plain = `ST_Covers(${region.geography}, ${point.geography})`;
  if (!known) return plain;
  const near = known.circle && aroundSql(context, point, known.circle);
  // ST_Covers has its own way to the GiST index
  if (!known.normals || !point.lon.atom || !point.lat.atom)
    return point.hpx29 && known.circle && known.circle.radiusDeg > LARGE_RADIUS_DEG ? both(near, plain) : plain;
  const [lon, lat] = [doubleSql(context, point.lon), doubleSql(context, point.lat)];
  const number = (value: number): string => context.parameters.bind(value, 'float8');
  // on the inner side of every edge
  const sides = known.normals.map(
    ([x, y, z]) =>
      `cosd(${lat}) * (${number(x)} * cosd(${lon}) + ${number(y)} * sind(${lon})) + ${number(z)} * sind(${lat}) >= ${-EDGE_TOLERANCE}`,
  );
  return both(near, `(${sides.join(' AND ')})`);
}

function aroundSql(
  context: Context,
  point: PointShape,
  circle: NonNullable<ConstantPolygon['circle']>,
): string | undefined {
  const span = point.lon.span;
  const number = (value: number): Value => doubleConstant(context, value, span);
  const { raDeg, decDeg } = circle.centre;
  return nearSql(context, point, pointShape(context, number(raDeg), number(decDeg)), number(circle.radiusDeg));
}

/** A circle is convex, so a polygon lies in it with its vertices. */
function verticesWithinSql(
  context: Context,
  polygon: PolygonShape | RegionShape,
  circle: CircleShape,
  span: Span,
): string {
  if (circle.radius.constant !== undefined && circle.radius.constant > 90)
    throw context.error(
      'NOT_SUPPORTED',
      'whether a polygon lies in a circle larger than a hemisphere cannot be told',
      span,
    );
  const distance = `ST_Distance(d.geom::geography, ${circle.centre.geography}, FALSE) / ${METRES_PER_DEGREE}`;
  return `(SELECT bool_and(${distance} <= ${doubleSql(context, circle.radius)}) FROM ST_DumpPoints(${polygon.geography}::geometry) AS d)`;
}

const noContains = (context: Context, inner: string, outer: string, span: Span): AdqlError =>
  context.error('WRONG_TYPE', `${outer} cannot contain ${inner}: CONTAINS(a, b) asks whether a lies in b`, span);

/** Solid angle [deg^2]. */
export function areaSql(context: Context, shape: Shape): string {
  switch (shape.kind) {
    case 'point':
      return '0::float8';
    case 'circle':
      return `(${4 * Math.PI} / ${DEG ** 2} * sind(${doubleSql(context, shape.radius)} / 2) ^ 2)`;
    default:
      return `(ST_Area(${shape.geography}, FALSE) / ${METRES_PER_DEGREE ** 2})`;
  }
}
