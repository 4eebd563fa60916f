/**
 * Nested HEALPix cells of a region, as sorted, disjoint, half-open ranges [low, high) of indices, in two senses:
 * `overlap` (healpy's `inclusive`): every cell that the region touches, and a few that it misses by less than a quarter of a
 * cell's radius; `centre` (healpy's default): the cells whose centres it holds, exactly.
 * The quad-tree of cells is descended with bounding circles. Cost: proportional to the number of cells along the border.
 */
import { DEG } from './angles.js';
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
/** cells along the border beyond which a region is refused at an order, and the same times the edges of its polygons */
const MAX_BORDER = 2 ** 20;
const MAX_EDGE_TESTS = 2 ** 27;
/** so many cells show how a border's count doubles from order to order */
const RESOLVED_BORDER = 2048;

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
  checkBorder(order, shape, radii);
  const ranges: { low: bigint; high: bigint }[] = [];
  const touches = (depth: number, face: number, ix: number, iy: number): boolean => {
    const side = shape.side(facePixelVector(depth, face, ix, iy), radii[depth]!);
    if (side !== 0) return side === 1;
    if (depth === order + finerLevels) return true;
    for (let child = 0; child < 4; child++)
      if (touches(depth + 1, face, 2 * ix + (child & 1), 2 * iy + (child >> 1))) return true;
    return false;
  };
  const descend = (depth: number, face: number, ix: number, iy: number): void => {
    const centre = facePixelVector(depth, face, ix, iy);
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

/** Refuses a region whose border has too many cells of the order for memory or patience, from its count at a coarser order. */
function checkBorder(order: number, shape: RegionShape, radii: readonly number[]): void {
  let border = Array.from({ length: 12 }, (_, face): readonly [number, number, number] => [face, 0, 0]);
  for (let depth = 0; depth <= order && border.length > 0; depth++) {
    border = border.filter(([face, ix, iy]) => shape.side(facePixelVector(depth, face, ix, iy), radii[depth]!) === 0);
    if (border.length > RESOLVED_BORDER) {
      const expected = border.length * 2 ** (order - depth);
      if (expected > MAX_BORDER || expected * shape.edges > MAX_EDGE_TESTS)
        throw new SkyError('TOO_MANY_CELLS', `the region has too long a border for order ${order}`, order);
      return;
    }
    border = border.flatMap(([face, ix, iy]) =>
      [0, 1, 2, 3].map((child) => [face, 2 * ix + (child & 1), 2 * iy + (child >> 1)] as const),
    );
  }
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
