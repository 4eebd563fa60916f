/**
 * What a region can be asked: does it hold a direction, how does a circle lie to it, how large is it, which circle and which box
 * hold it. One small object per kind of region, made once and asked often.
 */
import { DEG, unitVector, type Vec3 } from './angles.js';
import { angleBetween, arcOf, distanceToArc, dot } from './arcs.js';
import { rotate, type Rotation, rotationToIcrs } from './region-frames.js';
import { SkyError } from './errors.js';
import type { Cap } from './caps.js';
import { hull, WHOLE_CAP } from './caps.js';
import { transpose3 } from './matrix3.js';
import type { CircleRegion, EllipseRegion, PointRegion, RangeRegion, SkyRegion } from './regions.js';
import { SphericalPolygon } from './spherical-polygon.js';

/** -1 outside, 1 inside, 0 neither for sure */
export type Side = -1 | 0 | 1;

/** All angles in radians. */
export interface RegionShape {
  contains(p: Vec3): boolean;
  /** How a circle lies to the region; -1 and 1 are certain. */
  side(centre: Vec3, radius: number): Side;
  /** how many edges a question looks at: its cost */
  readonly edges: number;
  /** Solid angle [sr]; undefined where there is no closed form. */
  readonly area: number | undefined;
  /** a circle that holds the region */
  readonly bound: Cap;
}

const MAX_DEPTH = 32;

export function regionShape(region: SkyRegion, depth = 0): RegionShape {
  if (depth > MAX_DEPTH) throw new SkyError('BAD_REGION', `regions are nested more than ${MAX_DEPTH} deep`, depth);
  switch (region.kind) {
    case 'point':
      return pointShape(region);
    case 'circle':
      return circleShape(region);
    case 'polygon':
      return polygonShape(new SphericalPolygon(region.corners));
    case 'range':
      return rangeShape(region);
    case 'ellipse':
      return ellipseShape(region);
    case 'not':
      return complementShape(regionShape(region.region, depth + 1));
    default: {
      if (region.regions.length === 0) throw new SkyError('BAD_REGION', `a ${region.kind} of no regions`, region);
      const parts = region.regions.map((part) => regionShape(part, depth + 1));
      return region.kind === 'union' ? unionShape(parts) : intersectionShape(parts);
    }
  }
}

function directionVector(raDeg: number, decDeg: number): Vec3 {
  if (!Number.isFinite(raDeg) || !(decDeg >= -90 && decDeg <= 90))
    throw new SkyError('BAD_REGION', `RA ${raDeg}, dec ${decDeg} is not a direction`, [raDeg, decDeg]);
  return unitVector(raDeg, decDeg);
}

/** Holds its own direction to 1e-12 rad. */
function pointShape({ raDeg, decDeg }: PointRegion): RegionShape {
  const centre = directionVector(raDeg, decDeg);
  return {
    contains: (p) => angleBetween(centre, p) < 1e-12,
    side: (p, radius) => (angleBetween(centre, p) > radius ? -1 : 0),
    edges: 1,
    area: 0,
    bound: { centre, radius: 0 },
  };
}

function circleShape({ raDeg, decDeg, radiusDeg }: CircleRegion): RegionShape {
  const centre = directionVector(raDeg, decDeg);
  if (!(radiusDeg >= 0 && radiusDeg <= 180))
    throw new SkyError('BAD_REGION', `the radius of a circle lies between 0 and 180 deg, not ${radiusDeg}`, radiusDeg);
  const reach = radiusDeg * DEG;
  return {
    contains: (p) => angleBetween(centre, p) <= reach,
    side(p, radius) {
      const distance = angleBetween(centre, p);
      return distance > reach + radius ? -1 : distance + radius <= reach ? 1 : 0;
    },
    edges: 1,
    area: 4 * Math.PI * Math.sin(reach / 2) ** 2,
    bound: { centre, radius: reach },
  };
}

function polygonShape(polygon: SphericalPolygon): RegionShape {
  return {
    contains: (p) => polygon.contains(p),
    side(p, radius) {
      if (angleBetween(polygon.centre, p) > polygon.radius + radius + 1e-12) return -1;
      if (polygon.distanceToEdge(p) <= radius) return 0;
      return polygon.contains(p) ? 1 : -1;
    },
    edges: polygon.arcs.length,
    area: polygon.area,
    bound: { centre: polygon.centre, radius: polygon.radius },
  };
}

function rangeShape(region: RangeRegion): RegionShape {
  const { lonMinDeg, lonMaxDeg, latMinDeg, latMaxDeg, frame = 'ICRS' } = region;
  if (
    ![lonMinDeg, lonMaxDeg].every(Number.isFinite) ||
    !(latMinDeg >= -90 && latMinDeg <= latMaxDeg && latMaxDeg <= 90)
  )
    throw new SkyError(
      'BAD_REGION',
      `no range from ${lonMinDeg} to ${lonMaxDeg} deg in longitude and ${latMinDeg} to ${latMaxDeg} deg in latitude`,
      region,
    );
  const span = lonMaxDeg - lonMinDeg;
  const full = span >= 360;
  const widthDeg = full ? 360 : ((span % 360) + 360) % 360;
  const [south, north] = [latMinDeg * DEG, latMaxDeg * DEG];
  const toIcrs = rotationToIcrs(frame);
  const fromIcrs = toIcrs && transpose3(toIcrs);
  const native = (p: Vec3): Vec3 => rotate(fromIcrs, p);
  const inLongitude = (p: Vec3): boolean =>
    full || (((Math.atan2(p[1], p[0]) / DEG - lonMinDeg) % 360) + 360) % 360 <= widthDeg;
  const latitude = (p: Vec3): number => Math.atan2(p[2], Math.hypot(p[0], p[1]));
  const within = (p: Vec3): boolean => {
    const lat = latitude(p);
    return lat >= south && lat <= north && inLongitude(p);
  };
  const middle = (latMinDeg + latMaxDeg) / 2;
  const meridians = full
    ? []
    : [lonMinDeg, lonMaxDeg].flatMap((lon) => [
        arcOf(unitVector(lon, latMinDeg), unitVector(lon, middle)),
        arcOf(unitVector(lon, middle), unitVector(lon, latMaxDeg)),
      ]);
  const toBorder = (p: Vec3): number => {
    let least = Infinity;
    if (inLongitude(p)) {
      const lat = latitude(p);
      if (latMinDeg > -90) least = Math.abs(lat - south);
      if (latMaxDeg < 90) least = Math.min(least, Math.abs(lat - north));
    }
    return meridians.reduce((nearest, arc) => Math.min(nearest, distanceToArc(arc, p)), least);
  };
  return {
    contains: (p) => within(native(p)),
    side(p, radius) {
      const q = native(p);
      return toBorder(q) <= radius ? 0 : within(q) ? 1 : -1;
    },
    edges: meridians.length + 2,
    area: widthDeg * DEG * (Math.sin(north) - Math.sin(south)),
    bound: rangeCap(lonMinDeg, widthDeg, latMinDeg, latMaxDeg, toIcrs),
  };
}

function rangeCap(
  lonMinDeg: number,
  widthDeg: number,
  latMinDeg: number,
  latMaxDeg: number,
  toIcrs: Rotation | undefined,
): Cap {
  const caps: Cap[] = [
    { centre: [0, 0, 1], radius: (90 - latMinDeg) * DEG },
    { centre: [0, 0, -1], radius: (90 + latMaxDeg) * DEG },
  ];
  if (widthDeg <= 180) {
    // up to half a turn the corners are the farthest points of either parallel
    const centre = unitVector(lonMinDeg + widthDeg / 2, (latMinDeg + latMaxDeg) / 2);
    const radius = Math.max(...[latMinDeg, latMaxDeg].map((lat) => angleBetween(centre, unitVector(lonMinDeg, lat))));
    caps.push({ centre, radius });
  }
  const { centre, radius } = caps.reduce((best, cap) => (cap.radius < best.radius ? cap : best));
  return { centre: rotate(toIcrs, centre), radius: radius * (1 + 1e-12) };
}

/** Corners of the polygons in and around an ellipse that stand for it where a circle is compared with it. */
const ELLIPSE_CORNERS = 180;

function ellipseShape(region: EllipseRegion): RegionShape {
  const { raDeg, decDeg, semiMajorDeg, semiMinorDeg, positionAngleDeg } = region;
  const centre = directionVector(raDeg, decDeg);
  if (!(
    semiMajorDeg > 0 &&
    semiMajorDeg < 89 &&
    semiMinorDeg > 0 &&
    semiMinorDeg < 89 &&
    Number.isFinite(positionAngleDeg)
  ))
    throw new SkyError(
      'BAD_REGION',
      `the semi-axes of an ellipse lie between 0 and 89 deg, not ${semiMajorDeg} and ${semiMinorDeg}`,
      region,
    );
  const [sinRa, cosRa] = [Math.sin(raDeg * DEG), Math.cos(raDeg * DEG)];
  const east: Vec3 = [-sinRa, cosRa, 0];
  const north: Vec3 = [-centre[2] * cosRa, -centre[2] * sinRa, Math.cos(decDeg * DEG)];
  const [sinPa, cosPa] = [Math.sin(positionAngleDeg * DEG), Math.cos(positionAngleDeg * DEG)];
  const along: Vec3 = [
    north[0] * cosPa + east[0] * sinPa,
    north[1] * cosPa + east[1] * sinPa,
    north[2] * cosPa + east[2] * sinPa,
  ];
  const across: Vec3 = [
    east[0] * cosPa - north[0] * sinPa,
    east[1] * cosPa - north[1] * sinPa,
    east[2] * cosPa - north[2] * sinPa,
  ];
  const [a, b] = [Math.tan(semiMajorDeg * DEG), Math.tan(semiMinorDeg * DEG)];
  const contains = (p: Vec3): boolean => {
    const depth = dot(p, centre);
    return depth > 0 && Math.hypot(dot(p, along) / (a * depth), dot(p, across) / (b * depth)) <= 1;
  };
  const polygon = (scale: number): SphericalPolygon =>
    new SphericalPolygon(
      Array.from({ length: ELLIPSE_CORNERS }, (_, k) => {
        const angle = (2 * Math.PI * k) / ELLIPSE_CORNERS;
        const [u, w] = [scale * a * Math.cos(angle), scale * b * Math.sin(angle)];
        const v = centre.map((c, i) => c + u * along[i]! + w * across[i]!) as unknown as Vec3;
        return {
          raDeg: Math.atan2(v[1], v[0]) / DEG,
          decDeg: Math.atan2(v[2], Math.hypot(v[0], v[1])) / DEG,
        };
      }),
    );
  const inner = polygonShape(polygon(1));
  const outer = polygonShape(polygon(1 / Math.cos(Math.PI / ELLIPSE_CORNERS)));
  // the solid angle: 1 - cos of the distance to the border, around the centre; a periodic integrand, so the sum converges fast
  let area = 0;
  const steps = 2048;
  for (let k = 0; k < steps; k++) {
    const angle = (2 * Math.PI * k) / steps;
    const border = 1 / Math.hypot(Math.cos(angle) / a, Math.sin(angle) / b);
    area += ((1 - 1 / Math.hypot(1, border)) * 2 * Math.PI) / steps;
  }
  return {
    contains,
    side: (p, radius) => (outer.side(p, radius) === -1 ? -1 : inner.side(p, radius) === 1 ? 1 : 0),
    edges: 2 * ELLIPSE_CORNERS,
    area,
    bound: { centre, radius: Math.max(semiMajorDeg, semiMinorDeg) * DEG },
  };
}

const complementShape = (shape: RegionShape): RegionShape => ({
  contains: (p) => !shape.contains(p),
  side: (p, radius) => -shape.side(p, radius) as Side,
  edges: shape.edges,
  area: shape.area === undefined ? undefined : 4 * Math.PI - shape.area,
  bound: WHOLE_CAP,
});

const unionShape = (parts: readonly RegionShape[]): RegionShape => ({
  contains: (p) => parts.some((part) => part.contains(p)),
  side: (p, radius) => Math.max(...parts.map((part) => part.side(p, radius))) as Side,
  edges: parts.reduce((sum, part) => sum + part.edges, 0),
  area: parts.length === 1 ? parts[0]!.area : undefined,
  bound: parts.map(({ bound }) => bound).reduce(hull),
});

const intersectionShape = (parts: readonly RegionShape[]): RegionShape => ({
  contains: (p) => parts.every((part) => part.contains(p)),
  side: (p, radius) => Math.min(...parts.map((part) => part.side(p, radius))) as Side,
  edges: parts.reduce((sum, part) => sum + part.edges, 0),
  area: parts.length === 1 ? parts[0]!.area : undefined,
  bound: parts.map(({ bound }) => bound).reduce((least, cap) => (cap.radius < least.radius ? cap : least)),
});
