// Points, circles and polygons as SQL. The form that passes between queries is double precision[] as in DALI: (ra, dec),
// (ra, dec, radius), (ra, dec, ra, dec, ...), degrees. Predicates use PostGIS geography on the sphere (never the spheroid) or
// plain trigonometry. Text forms of constants are bind parameters.

import { type SkyPosition } from '#libs/sky';
import { doubleConstant, doubleSql } from './coercion.js';
import type { Context } from './context.js';
import { inherit } from './environment.js';
import type { Span } from './error.js';
import { type ConstantPolygon, constantPolygon } from './spherical-polygon.js';
import type { Value } from './value.js';

/** Metres of one degree on the sphere that PostGIS calculates on when use_spheroid is false: R = 6371008.771415059 m. */
export const METRES_PER_DEGREE = (6371008.771415059 * Math.PI) / 180;

export interface PointShape {
  readonly kind: 'point';
  readonly lon: Value;
  readonly lat: Value;
  readonly constant?: SkyPosition;
  /** geography SQL */
  readonly geography: string;
  /** whether a GiST index can find it */
  readonly indexed: boolean;
  /** the HEALPix column of the same position */
  readonly hpx29?: string;
  readonly array: string;
}
export interface CircleShape {
  readonly kind: 'circle';
  readonly centre: PointShape;
  readonly radius: Value;
  readonly array: string;
}
export interface PolygonShape {
  readonly kind: 'polygon';
  readonly geography: string;
  readonly constant?: ConstantPolygon;
  readonly array: string;
}
/** a region of unknown form */
export interface RegionShape {
  readonly kind: 'region';
  readonly geography: string;
  readonly array: string;
}
export type Shape = PointShape | CircleShape | PolygonShape | RegionShape;

/** A region known now [deg]. */
export type RegionConstant =
  | { readonly kind: 'point'; readonly position: SkyPosition }
  | { readonly kind: 'circle'; readonly centre: SkyPosition; readonly radiusDeg: number }
  | { readonly kind: 'polygon'; readonly vertices: readonly SkyPosition[] };

export function pointShape(context: Context, lon: Value, lat: Value): PointShape {
  const array = arrayOf(context, [lon, lat]);
  if (lon.constant !== undefined && lat.constant !== undefined) {
    if (!(Math.abs(lon.constant) <= 3600))
      throw context.error('OUT_OF_RANGE', `${lon.constant} is no right ascension in degrees`, lon.span);
    const constant = { raDeg: lon.constant, decDeg: checkDec(context, lat.constant, lat.span) };
    const geography = context.parameters.bind(`SRID=4326;POINT(${wktOf(constant)})`, 'geography');
    return { kind: 'point', lon, lat, constant, geography, indexed: false, array };
  }
  const position = lon.column?.item.position;
  if (position && position.ra === lon.column && position.dec === lat.column)
    return {
      kind: 'point',
      lon,
      lat,
      geography: position.geography ?? geographyOf(context, lon, lat),
      indexed: position.geography !== undefined,
      ...(position.hpx29 ? { hpx29: position.hpx29 } : {}),
      array,
    };
  return { kind: 'point', lon, lat, geography: geographyOf(context, lon, lat), indexed: false, array };
}

export const circleShape = (context: Context, centre: PointShape, radius: Value): CircleShape => {
  if (radius.constant !== undefined && radius.constant < 0)
    throw context.error('OUT_OF_RANGE', `a radius cannot be negative, and this is ${radius.constant}`, radius.span);
  return { kind: 'circle', centre, radius, array: arrayOf(context, [centre.lon, centre.lat, radius]) };
};

/** A polygon from its vertices (at least 3). */
export function polygonShape(context: Context, vertices: readonly PointShape[], span: Span): PolygonShape {
  if (vertices.every((vertex) => vertex.constant))
    return constantShape(
      context,
      { kind: 'polygon', vertices: vertices.map((vertex) => vertex.constant!) },
      span,
    ) as PolygonShape;
  const ring = [...vertices, vertices[0]!].map(
    (vertex) => `ST_MakePoint(${longitudeOf(context, vertex.lon)}, ${doubleSql(context, vertex.lat)})`,
  );
  const coordinates = vertices.flatMap((vertex) => [vertex.lon, vertex.lat]);
  const polygon = `ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[${ring.join(', ')}])), 4326)::geography`;
  // a line leaves out what is NULL, and would not close
  return { kind: 'polygon', geography: unlessNull(coordinates, polygon), array: arrayOf(context, coordinates) };
}

export function constantShape(context: Context, region: RegionConstant, span: Span): Shape {
  const number = (constant: number): Value => doubleConstant(context, constant, span);
  const point = ({ raDeg, decDeg }: SkyPosition): PointShape => pointShape(context, number(raDeg), number(decDeg));
  switch (region.kind) {
    case 'point':
      return point(region.position);
    case 'circle':
      return circleShape(context, point(region.centre), number(region.radiusDeg));
    case 'polygon': {
      region.vertices.forEach(({ decDeg }) => checkDec(context, decDeg, span));
      const constant = constantPolygon(region.vertices, (reason) => context.error('BAD_REGION', reason, span));
      const ring = [...constant.vertices, constant.vertices[0]!].map(wktOf).join(',');
      const numbers = constant.vertices.flatMap(({ raDeg, decDeg }) => [raDeg, decDeg]);
      return {
        kind: 'polygon',
        geography: context.parameters.bind(`SRID=4326;POLYGON((${ring}))`, 'geography'),
        constant,
        array: context.parameters.bindArray(numbers, 'float8'),
      };
    }
  }
}

/** The region in a column or any other SQL of type double precision[] (or known by its geography alone). */
export function columnShape(context: Context, value: Value): Shape {
  const array = value.sql;
  const geography = value.column?.geography;
  const element = (at: number): Value => ({
    kind: 'double',
    sql: `(${array})[${at}]`,
    span: value.span,
    ...(value.atom ? { atom: true } : {}),
    ...inherit([value]),
  });
  switch (value.kind) {
    case 'point': {
      const point = pointShape(context, element(1), element(2));
      return { ...point, array, ...(geography ? { geography, indexed: true } : {}) };
    }
    case 'circle':
      return { kind: 'circle', centre: pointShape(context, element(1), element(2)), radius: element(3), array };
    case 'polygon':
      return { kind: 'polygon', geography: geography ?? polygonOfArray(array), array };
    default:
      return { kind: 'region', geography: geography!, array };
  }
}

/** One ring from an array of coordinates; longitudes are brought to +-180 without a word from PostGIS. */
const polygonOfArray = (array: string): string =>
  `(SELECT ST_SetSRID(ST_MakePolygon(ST_MakeLine(ST_MakePoint(a.v[2 * a.k + 1] - 360 * floor((a.v[2 * a.k + 1] + 180) / 360), a.v[2 * a.k + 2]) ORDER BY a.i)), 4326)::geography ` +
  `FROM (SELECT w.v, s.i, s.i % (cardinality(w.v) / 2) AS k FROM (SELECT ${array} AS v OFFSET 0) AS w, generate_series(0, cardinality(w.v) / 2) AS s(i)) AS a)`;

function geographyOf(context: Context, lon: Value, lat: Value): string {
  return `ST_SetSRID(ST_MakePoint(${longitudeOf(context, lon)}, ${doubleSql(context, lat)}), 4326)::geography`;
}

/** Any right ascension as the longitude in +-180 that PostGIS wants. */
function longitudeOf(context: Context, lon: Value): string {
  const sql = doubleSql(context, lon);
  if (lon.constant !== undefined) return context.parameters.bind(wrapped(lon.constant), 'float8');
  // twice the angle whose tangent is that of the half: the same without writing the operand twice
  return lon.atom ? `${sql} - 360 * floor((${sql} + 180) / 360)` : `2 * atand(tand((${sql}) / 2))`;
}

const wrapped = (raDeg: number): number => raDeg - 360 * Math.floor((raDeg + 180) / 360);
const wktOf = ({ raDeg, decDeg }: SkyPosition): string => `${wrapped(raDeg)} ${decDeg}`;

function checkDec(context: Context, decDeg: number, span: Span): number {
  if (Math.abs(decDeg) <= 90) return decDeg;
  throw context.error('OUT_OF_RANGE', `a declination lies between -90 and 90 degrees, and this is ${decDeg}`, span);
}

/** double precision[], NULL as a whole when a member is */
const arrayOf = (context: Context, members: readonly Value[]): string =>
  unlessNull(members, `ARRAY[${members.map((member) => doubleSql(context, member)).join(', ')}]`);

function unlessNull(members: readonly Value[], sql: string): string {
  const unsure = members.filter((member) => member.constant === undefined && member.column?.nullable !== false);
  return unsure.length === 0
    ? sql
    : `(CASE WHEN ${unsure.map((member) => `${member.sql} IS NOT NULL`).join(' AND ')} THEN ${sql} END)`;
}
