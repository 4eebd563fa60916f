/**
 * Nested HEALPix cells of a region, as sorted, disjoint, half-open ranges [low, high) of indices, in two senses:
 * `overlap` (healpy's `inclusive`): every cell that the region touches, and a few that it misses by less than a quarter of a
 * cell's radius; `centre` (healpy's default): the cells whose centres it holds, exactly.
 * The quad-tree of cells is descended with bounding circles. Cost: proportional to the number of cells along the border.
 */
import { DEG, type Vec3 } from './angles.js';
import { SkyError } from './errors.js';
import { facePixelVector, nestedFromFace } from './healpix.js';
import { checkOrder, MAX_HEALPIX_ORDER } from './healpix-order.js';
import { type RegionShape, regionShape } from './region-shapes.js';
import type { SkyPosition } from './wcs-types.js';

export interface HealpixRange {
  readonly low: bigint;
  readonly high: bigint;
}
export type CellSense = 'overlap' | 'centre';

/** how many levels below the wanted order a doubtful cell is looked at before it counts as touched */
const FINER_LEVELS = 2;
/** beyond these a region is refused at the given order: the border has too many cells for memory or patience */
const MAX_RANGES = 2 ** 19;
const MAX_VISITS = 2 ** 23;

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

export function coverShape(
  order: number,
  shape: RegionShape,
  sense: CellSense = 'overlap',
  finerLevels = FINER_LEVELS,
): HealpixRange[] {
  checkOrder(order);
  const radii = Array.from({ length: order + finerLevels + 1 }, (_, k) => maxPixelRadius(k));
  const ranges: { low: bigint; high: bigint }[] = [];
  let visits = 0;
  const vectorOf = (depth: number, face: number, ix: number, iy: number): Vec3 => {
    if (++visits > MAX_VISITS || ranges.length > MAX_RANGES)
      throw new SkyError('TOO_MANY_CELLS', `the region has too long a border for order ${order}`, order);
    return facePixelVector(depth, face, ix, iy);
  };
  const touches = (depth: number, face: number, ix: number, iy: number): boolean => {
    const side = shape.side(vectorOf(depth, face, ix, iy), radii[depth]!);
    if (side !== 0) return side === 1;
    if (depth === order + finerLevels) return true;
    for (let child = 0; child < 4; child++)
      if (touches(depth + 1, face, 2 * ix + (child & 1), 2 * iy + (child >> 1))) return true;
    return false;
  };
  const descend = (depth: number, face: number, ix: number, iy: number): void => {
    const centre = vectorOf(depth, face, ix, iy);
    const side = shape.side(centre, radii[depth]!);
    if (side === -1) return;
    if (side === 0 && depth < order) {
      for (let child = 0; child < 4; child++) descend(depth + 1, face, 2 * ix + (child & 1), 2 * iy + (child >> 1));
      return;
    }
    if (side === 0 && !(shape.contains(centre) || (sense === 'overlap' && touches(depth, face, ix, iy)))) return;
    const shift = BigInt(2 * (order - depth));
    const low = nestedFromFace(depth, face, ix, iy) << shift;
    const high = low + (1n << shift);
    const last = ranges.at(-1);
    if (last && last.high === low) last.high = high;
    else ranges.push({ low, high });
  };
  for (let face = 0; face < 12; face++) descend(0, face, 0, 0);
  return ranges;
}

/** Cells of a circle on the sky. */
export const coneRanges = (
  order: number,
  raDeg: number,
  decDeg: number,
  radiusDeg: number,
  sense?: CellSense,
): HealpixRange[] => coverShape(order, regionShape({ kind: 'circle', raDeg, decDeg, radiusDeg }), sense);

/** Cells of a simple polygon of great-circle arcs (corners in either sense of rotation). */
export const polygonRanges = (order: number, corners: readonly SkyPosition[], sense?: CellSense): HealpixRange[] =>
  coverShape(order, regionShape({ kind: 'polygon', corners }), sense);

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
  const shape = regionShape({ kind: 'circle', raDeg, decDeg, radiusDeg });
  return refineRanges(coverShape(order, shape, 'overlap', 0), order);
}
