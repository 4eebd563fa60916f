/** Regions of the sky as plain data, in ICRS degrees; `shapeOf` (region-shapes.ts) makes them answer questions. */
import { DEG, fromTangentOffsetDeg, offsetPosition, positionAngleDeg } from './angles.js';
import { type RegionFrame, toIcrs } from './region-frames.js';
import { SkyError } from './errors.js';
import type { SkyPosition } from './wcs-types.js';

export type SkyRegion =
  | PointRegion
  | CircleRegion
  | PolygonRegion
  | RangeRegion
  | EllipseRegion
  | { readonly kind: 'union' | 'intersection'; readonly regions: readonly SkyRegion[] }
  | { readonly kind: 'not'; readonly region: SkyRegion };

export interface PointRegion extends SkyPosition {
  readonly kind: 'point';
}
/** Radius from 0 to 180. */
export interface CircleRegion extends SkyPosition {
  readonly kind: 'circle';
  readonly radiusDeg: number;
}
/**
 * Edges are great circles, closed from the last corner to the first. The inside is the smaller side whatever the sense of rotation
 * (the standards' own examples disagree about it); the larger side is `not` of the polygon.
 */
export interface PolygonRegion {
  readonly kind: 'polygon';
  readonly corners: readonly SkyPosition[];
}
/** Between two meridians and two parallels, edges included; `lonMinDeg` > `lonMaxDeg` reaches across longitude 0. */
export interface RangeRegion {
  readonly kind: 'range';
  readonly lonMinDeg: number;
  readonly lonMaxDeg: number;
  readonly latMinDeg: number;
  readonly latMaxDeg: number;
  /** whose meridians and parallels; ICRS unless given */
  readonly frame?: RegionFrame;
}
/** An elliptic cone: an ellipse in the tangent plane of its centre. Semi-axes below 90; position angle of the first from north to east. */
export interface EllipseRegion extends SkyPosition {
  readonly kind: 'ellipse';
  readonly semiMajorDeg: number;
  readonly semiMinorDeg: number;
  readonly positionAngleDeg: number;
}

export const WHOLE_SKY: RangeRegion = { kind: 'range', lonMinDeg: 0, lonMaxDeg: 360, latMinDeg: -90, latMaxDeg: 90 };

/**
 * A box as ADQL 2.1 (section 4.2.10) defines it: the arms of a cross at its centre reach half the width to either side along the
 * parallel's tangent and half the height along the meridian, the sides are great circles at right angles to them.
 */
export function boxRegion(
  lonDeg: number,
  latDeg: number,
  widthDeg: number,
  heightDeg: number,
  frame: RegionFrame = 'ICRS',
): PolygonRegion {
  if (!(widthDeg > 0 && widthDeg < 180 && heightDeg > 0 && heightDeg < 180))
    throw new SkyError('BAD_REGION', `the sides of a box lie between 0 and 180 deg, not ${widthDeg} and ${heightDeg}`, [
      widthDeg,
      heightDeg,
    ]);
  const xi = Math.tan((widthDeg / 2) * DEG) / DEG;
  const eta = Math.tan((heightDeg / 2) * DEG) / DEG;
  // counter-clockwise for someone inside the sphere, as DALI has it
  const signs = [
    [1, 1],
    [1, -1],
    [-1, -1],
    [-1, 1],
  ] as const;
  const corners = signs.map(([x, y]) => {
    const { raDeg, decDeg } = fromTangentOffsetDeg(x * xi, y * eta, lonDeg, latDeg);
    return toIcrs(frame, raDeg, decDeg);
  });
  return { kind: 'polygon', corners };
}

/** A region whose numbers are those of another frame, in ICRS. */
export function regionInIcrs(region: SkyRegion, frame: RegionFrame): SkyRegion {
  if (frame === 'ICRS') return region;
  switch (region.kind) {
    case 'point':
    case 'circle':
      return { ...region, ...toIcrs(frame, region.raDeg, region.decDeg) };
    case 'polygon':
      return { kind: 'polygon', corners: region.corners.map(({ raDeg, decDeg }) => toIcrs(frame, raDeg, decDeg)) };
    case 'range':
      return { ...region, frame };
    case 'ellipse': {
      const centre = toIcrs(frame, region.raDeg, region.decDeg);
      const onAxis = offsetPosition(region.raDeg, region.decDeg, region.positionAngleDeg, 1);
      const there = toIcrs(frame, onAxis.raDeg, onAxis.decDeg);
      const positionAngle = positionAngleDeg(centre.raDeg, centre.decDeg, there.raDeg, there.decDeg);
      return { ...region, ...centre, positionAngleDeg: positionAngle };
    }
    case 'not':
      return { kind: 'not', region: regionInIcrs(region.region, frame) };
    default:
      return { kind: region.kind, regions: region.regions.map((part) => regionInIcrs(part, frame)) };
  }
}
