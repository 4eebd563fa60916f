// POINT, CIRCLE, BOX, POLYGON, REGION and what is asked of them (ADQL 2.1, section 4.2).

import type { FunctionCall } from './ast.js';
import { boxVertices } from './box.js';
import { doubleConstant, doubleSql, requireNumber, requireValue, textConstant } from './coercion.js';
import type { Context } from './context.js';
import { type Environment, inherit } from './environment.js';
import type { Span } from './error.js';
import { checkCoordinateSystem, parseRegion } from './region-text.js';
import { areaSql, containsSql, distanceSql, intersectsSql, nearSql } from './relations.js';
import { circleShape, constantShape, pointShape, type PointShape, polygonShape, type Shape } from './shape.js';
import { polygonAreaDeg2, polygonCentroid } from './spherical-polygon.js';
import { describe, type Kind, type Metadata, type Value } from './value.js';

type GeometryFunction = (
  context: Context,
  values: readonly Value[],
  call: FunctionCall,
  environment: Environment,
) => Value;

/** The value of a shape: double precision[] in SQL. */
const shapeValue = (shape: Shape, span: Span, parts: readonly Value[]): Value => ({
  kind: shape.kind,
  sql: shape.array,
  shape,
  span,
  ...inherit(parts),
  ...(shape.kind === 'point' ? positionMetadata(shape) : {}),
});

/** A point made of a table's position keeps its meaning. */
const positionMetadata = (point: PointShape): { metadata?: Partial<Metadata> } =>
  point.lon.column && point.lat.column ? { metadata: { unit: 'deg', ucd: 'pos.eq' } } : { metadata: { unit: 'deg' } };

const numberValue = (sql: string, kind: Kind, span: Span, parts: readonly Value[], unit?: string): Value => ({
  kind,
  sql,
  span,
  ...inherit(parts),
  ...(unit ? { metadata: { unit } } : {}),
});

/** A value that is a region. @throws AdqlError when it is none */
function shapeOf(context: Context, value: Value, what: string): Shape {
  if (value.shape) return value.shape;
  throw context.error(
    'WRONG_TYPE',
    `${what} needs a POINT, CIRCLE, BOX or POLYGON, and this is ${describe(value)}`,
    value.span,
  );
}

function pointOf(context: Context, value: Value, what: string): PointShape {
  const { shape } = value;
  if (shape?.kind === 'point') return shape;
  throw context.error('WRONG_TYPE', `${what} needs a point, and this is ${describe(value)}`, value.span);
}

/** Drops the deprecated coordinate system in front of the coordinates. */
function withoutSystem(context: Context, values: readonly Value[]): readonly Value[] {
  const [first] = values;
  if (first?.text === undefined) return values;
  checkCoordinateSystem(context, first.text, first.span);
  return values.slice(1);
}

/** The point at the head of an argument list, one point or two numbers, and the `count` values that must follow. */
function headPoint(
  context: Context,
  values: readonly Value[],
  count: number,
  call: FunctionCall,
  usage: string,
): [PointShape, ...Value[]] {
  const what = call.name.text.toUpperCase();
  const length = values[0]?.shape ? 1 : 2;
  if (values.length !== length + count) throw wrongCount(context, call, usage);
  const rest = values.slice(length).map((value) => requireNumber(context, value, what));
  if (length === 1) return [pointOf(context, values[0]!, what), ...rest];
  const [lon, lat] = values.map((value) => requireNumber(context, value, what)) as [Value, Value];
  return [pointShape(context, lon, lat), ...rest];
}

const wrongCount = (context: Context, call: FunctionCall, usage: string) =>
  context.error('WRONG_ARGUMENTS', `${call.name.text.toUpperCase()} is written ${usage}`, call);

export const GEOMETRY_FUNCTIONS: Readonly<Record<string, GeometryFunction>> = {
  POINT(context, given, call) {
    const values = withoutSystem(context, given);
    if (values.length !== 2) throw wrongCount(context, call, 'POINT(ra, dec)');
    const [lon, lat] = values.map((value) => requireNumber(context, value, 'POINT')) as [Value, Value];
    return shapeValue(pointShape(context, lon, lat), call, values);
  },

  CIRCLE(context, given, call) {
    const values = withoutSystem(context, given);
    const usage = 'CIRCLE(ra, dec, radius) or CIRCLE(point, radius)';
    const [point, radius] = headPoint(context, values, 1, call, usage);
    return shapeValue(circleShape(context, point, radius!), call, values);
  },

  BOX(context, given, call) {
    const values = withoutSystem(context, given);
    const usage = 'BOX(ra, dec, width, height) or BOX(point, width, height)';
    const [point, width, height] = headPoint(context, values, 2, call, usage);
    if (!point.constant || width?.constant === undefined || height?.constant === undefined)
      return shapeValue(boxOfColumns(context, point, width!, height!, call), call, values);
    const vertices = boxVertices(point.constant, width.constant, height.constant, (reason) =>
      context.error('BAD_REGION', reason, call),
    );
    return shapeValue(constantShape(context, { kind: 'polygon', vertices }, call), call, values);
  },

  POLYGON(context, given, call) {
    const values = withoutSystem(context, given);
    const points: PointShape[] = [];
    const usage =
      'POLYGON(ra, dec, ra, dec, ra, dec, ...) or POLYGON(point, point, point, ...), with at least 3 vertices';
    if (values[0]?.shape) for (const value of values) points.push(pointOf(context, value, 'POLYGON'));
    else {
      if (values.length % 2 !== 0) throw wrongCount(context, call, usage);
      for (let at = 0; at < values.length; at += 2)
        points.push(headPoint(context, values.slice(at, at + 2), 0, call, usage)[0]);
    }
    if (points.length < 3) throw wrongCount(context, call, usage);
    return shapeValue(polygonShape(context, points, call), call, values);
  },

  REGION(context, values, call) {
    const [value] = values;
    if (values.length !== 1 || value!.text === undefined)
      throw wrongCount(context, call, "REGION('CIRCLE ICRS 10 20 0.5'), with a literal text");
    return shapeValue(constantShape(context, parseRegion(context, value!.text!, value!.span), call), call, []);
  },

  CENTROID(context, values, call) {
    if (values.length !== 1) throw wrongCount(context, call, 'CENTROID(region)');
    const shape = shapeOf(context, values[0]!, 'CENTROID');
    if (shape.kind === 'point') return shapeValue(shape, call, values);
    if (shape.kind === 'circle') return shapeValue(shape.centre, call, values);
    if (shape.kind === 'polygon' && shape.constant) {
      const position = polygonCentroid(shape.constant);
      return shapeValue(constantShape(context, { kind: 'point', position }, call), call, []);
    }
    const centre = `ST_Centroid(${shape.geography}, FALSE)::geometry`;
    const coordinate = (sql: string): Value => numberValue(sql, 'double', call, values);
    const point = pointShape(
      context,
      coordinate(`(mod((ST_X(${centre}) + 360)::numeric, 360)::float8)`),
      coordinate(`ST_Y(${centre})`),
    );
    return shapeValue({ ...point, geography: `ST_Centroid(${shape.geography}, FALSE)` }, call, values);
  },

  CONTAINS(context, values, call) {
    if (values.length !== 2) throw wrongCount(context, call, 'CONTAINS(a, b)');
    const [inner, outer] = values.map((value) => shapeOf(context, value, 'CONTAINS')) as [Shape, Shape];
    return truthValue(containsSql(context, inner, outer, call), call, values);
  },

  INTERSECTS(context, values, call) {
    if (values.length !== 2) throw wrongCount(context, call, 'INTERSECTS(a, b)');
    const [a, b] = values.map((value) => shapeOf(context, value, 'INTERSECTS')) as [Shape, Shape];
    return truthValue(intersectsSql(context, a, b, call), call, values);
  },

  DISTANCE(context, values, call) {
    const usage = 'DISTANCE(point, point) or DISTANCE(ra1, dec1, ra2, dec2)';
    if (values.length !== 2 && values.length !== 4) throw wrongCount(context, call, usage);
    const points =
      values.length === 2
        ? values.map((value) => pointOf(context, value, 'DISTANCE'))
        : [0, 2].map((at) => headPoint(context, values.slice(at, at + 2), 0, call, usage)[0]);
    const [a, b] = points as [PointShape, PointShape];
    return {
      ...numberValue(distanceSql(context, a, b), 'double', call, values, 'deg'),
      within: (limit) =>
        limit.kind === 'null' || limit.text !== undefined ? undefined : nearSql(context, a, b, limit),
    };
  },

  AREA(context, values, call) {
    if (values.length !== 1) throw wrongCount(context, call, 'AREA(region)');
    const shape = shapeOf(context, values[0]!, 'AREA');
    if (shape.kind === 'polygon' && shape.constant)
      return { ...doubleConstant(context, polygonAreaDeg2(shape.constant), call), metadata: { unit: 'deg2' } };
    return numberValue(areaSql(context, shape), 'double', call, values, 'deg2');
  },

  COORD1: (context, values, call) => coordinate(context, values, call, (point) => point.lon),
  COORD2: (context, values, call) => coordinate(context, values, call, (point) => point.lat),

  COORDSYS(context, values, call) {
    if (values.length !== 1) throw wrongCount(context, call, 'COORDSYS(region)');
    shapeOf(context, requireValue(context, values[0]!, 'COORDSYS'), 'COORDSYS');
    return textConstant(context, 'ICRS', call);
  },
};

/** A box of anything but literals: the same corners, computed by the database. */
function boxOfColumns(context: Context, point: PointShape, width: Value, height: Value, call: FunctionCall): Shape {
  const off = (value: Value, sign: '+' | '-', size: Value): Value =>
    numberValue(`(${doubleSql(context, value)} ${sign} ${doubleSql(context, size)} / 2)`, 'double', call, [
      value,
      size,
    ]);
  const corner = (east: '+' | '-', north: '+' | '-'): PointShape =>
    pointShape(context, off(point.lon, east, width), off(point.lat, north, height));
  return polygonShape(context, [corner('-', '+'), corner('-', '-'), corner('+', '-'), corner('+', '+')], call);
}

function coordinate(
  context: Context,
  values: readonly Value[],
  call: FunctionCall,
  pick: (point: PointShape) => Value,
): Value {
  if (values.length !== 1) throw wrongCount(context, call, `${call.name.text.toUpperCase()}(point)`);
  const value = pick(pointOf(context, values[0]!, call.name.text.toUpperCase()));
  const { text: _, ...rest } = value;
  return { ...rest, span: call, metadata: { unit: 'deg', ...value.metadata }, ...inherit([values[0]!]) };
}

const truthValue = (truth: string, span: Span, parts: readonly Value[]): Value => ({
  kind: 'int',
  sql: `${truth}::int`,
  truth,
  span,
  ...inherit(parts),
});
