/**
 * Tracts and patches: the fixed tiling of the sky on which images are stacked.
 * Tracts lie in rings of equal declination height with a cap at each pole; every tract is one TAN plane, cut into a grid of
 * square patches. A position belongs to exactly one tract (its inner region: a box in RA and dec) and one patch of it (inner box);
 * tracts and patches overlap by a border. Ids depend on the configuration alone: tracts count from the southern cap along
 * each ring, patches row by row from the lower left.
 * Rings and tract ids are those of Rubin's RingsSkyMap (version 1) with raStart 0: its numRings is 180 / tractSizeDeg - 1.
 */
import type { Box } from '#libs/image';
import { DEG, normalizeRaDeg, unitVector, wrapDeg180 } from './angles.js';
import { cdMatrix, type CelestialWcs, makeTanWcs } from './celestial-wcs.js';
import { SkyError } from './errors.js';
import type { SkyPosition, Wcs } from './wcs-types.js';

export interface SkymapConfig {
  readonly name: string;
  /** height of a ring of tracts [deg]; adjusted down so that rings fill the sphere */
  readonly tractSizeDeg: number;
  /** how far a tract's pixels reach beyond its inner region [deg] */
  readonly tractOverlapDeg: number;
  /** side of a patch's inner box [px] */
  readonly patchInnerPx: number;
  /** border added on each side of a patch [px] */
  readonly patchBorderPx: number;
  readonly pixelScaleArcsec: number;
}

/** Rings of Rubin's and HSC's `rings_v1`: 120 of them. */
export const DEFAULT_SKYMAP: SkymapConfig = {
  name: 'rings_v1',
  tractSizeDeg: 180 / 121,
  tractOverlapDeg: 1 / 60,
  patchInnerPx: 4000,
  patchBorderPx: 100,
  pixelScaleArcsec: 0.2,
};

export interface Tract {
  readonly id: number;
  readonly centre: SkyPosition;
  /** the inner region: declinations [decMin, decMax), right ascensions [raMin, raMin + raWidth) */
  readonly decMinDeg: number;
  readonly decMaxDeg: number;
  readonly raMinDeg: number;
  readonly raWidthDeg: number;
  /** pixel (0, 0) is the lower left of patch 0's inner box */
  readonly wcs: CelestialWcs;
  readonly patchesX: number;
  readonly patchesY: number;
}

export interface TractPatch {
  readonly tract: number;
  readonly patch: number;
}

interface Ring {
  readonly decMinDeg: number;
  readonly firstId: number;
  readonly count: number;
}

export class Skymap {
  readonly #rings: Ring[] = [];
  readonly #ringHeight: number;
  readonly tractCount: number;
  readonly #tracts = new Map<number, Tract>();

  constructor(readonly config: SkymapConfig = DEFAULT_SKYMAP) {
    const { tractSizeDeg, tractOverlapDeg, patchInnerPx, patchBorderPx, pixelScaleArcsec } = config;
    if (!(tractSizeDeg > 0 && tractSizeDeg <= 45 && tractOverlapDeg >= 0 && pixelScaleArcsec > 0))
      throw new SkyError('OUT_OF_RANGE', 'a skymap needs tracts of 0 to 45 degrees and a positive pixel scale', config);
    if (!(Number.isInteger(patchInnerPx) && patchInnerPx > 0 && Number.isInteger(patchBorderPx) && patchBorderPx >= 0))
      throw new SkyError('OUT_OF_RANGE', 'patch sizes are whole numbers of pixels', config);
    // two half-height caps and ringCount rings fill 180 degrees
    const ringCount = Math.max(1, Math.ceil(180 / tractSizeDeg - 1e-9) - 1);
    this.#ringHeight = 180 / (ringCount + 1);
    const height = Math.PI / (ringCount + 1);
    let next = 1;
    for (let k = 0; k < ringCount; k++) {
      const decMinDeg = -90 + this.#ringHeight * (k + 0.5);
      // in radians and in these steps, so that a count on the verge of a whole number comes out as in RingsSkyMap
      const start = height * (k + 0.5) - 0.5 * Math.PI;
      const nearestEquator = Math.min(Math.abs(start), Math.abs(start + height));
      const count = Math.floor((2 * Math.PI * Math.cos(nearestEquator)) / height) + 1;
      this.#rings.push({ decMinDeg, firstId: next, count });
      next += count;
    }
    this.tractCount = next + 1;
  }

  /** The tract whose inner region holds a position. */
  tractOf(raDeg: number, decDeg: number): number {
    if (!Number.isFinite(raDeg) || !(decDeg >= -90 && decDeg <= 90))
      throw new SkyError('OUT_OF_RANGE', `RA ${raDeg}, dec ${decDeg} is not a direction`, [raDeg, decDeg]);
    const ring = this.#ringOf(decDeg);
    if (ring < 0) return 0;
    if (ring >= this.#rings.length) return this.tractCount - 1;
    const { firstId, count } = this.#rings[ring]!;
    // tracts are centred on RA 0, width, 2 width, ...
    return firstId + (Math.floor((normalizeRaDeg(raDeg) * count) / 360 + 0.5) % count);
  }

  #ringOf(decDeg: number): number {
    let ring = Math.floor((decDeg + 90) / this.#ringHeight - 0.5);
    // the borders themselves must agree with decMinDeg to the last bit
    if (ring >= 0 && ring < this.#rings.length && decDeg < this.#rings[ring]!.decMinDeg) ring--;
    else if (ring + 1 < this.#rings.length && ring >= -1 && decDeg >= this.#rings[ring + 1]!.decMinDeg) ring++;
    return ring;
  }

  tract(id: number): Tract {
    const known = this.#tracts.get(id);
    if (known) return known;
    if (!Number.isInteger(id) || id < 0 || id >= this.tractCount)
      throw new SkyError('NO_SUCH_TRACT', `there is no tract ${id}; they run from 0 to ${this.tractCount - 1}`, id);
    const made = this.#makeTract(id);
    this.#tracts.set(id, made);
    return made;
  }

  #makeTract(id: number): Tract {
    const { config } = this;
    const half = this.#ringHeight / 2;
    if (id === 0 || id === this.tractCount - 1) {
      const south = id === 0;
      const region = south
        ? { decMinDeg: -90, decMaxDeg: -90 + half, raMinDeg: 0, raWidthDeg: 360 }
        : { decMinDeg: 90 - half, decMaxDeg: 90, raMinDeg: 0, raWidthDeg: 360 };
      return planeOf(config, id, { raDeg: 0, decDeg: south ? -90 : 90 }, region);
    }
    const ring = this.#rings.findLast(({ firstId }) => firstId <= id)!;
    const raWidthDeg = 360 / ring.count;
    const raDeg = (id - ring.firstId) * raWidthDeg;
    const region = {
      decMinDeg: ring.decMinDeg,
      decMaxDeg: ring.decMinDeg + this.#ringHeight,
      raMinDeg: normalizeRaDeg(raDeg - raWidthDeg / 2),
      raWidthDeg,
    };
    return planeOf(config, id, { raDeg, decDeg: ring.decMinDeg + half }, region);
  }

  patchCount(tract: number): number {
    const { patchesX, patchesY } = this.tract(tract);
    return patchesX * patchesY;
  }

  /** Inner box of a patch in tract pixels: the part no other patch owns. */
  patchInnerBox(tract: number, patch: number): Box {
    const { column, row } = this.#position(tract, patch);
    const side = this.config.patchInnerPx;
    return { x0: column * side, y0: row * side, width: side, height: side };
  }

  /** Box of a patch in tract pixels with its border; borders stop at the tract's edge. */
  patchBox(tract: number, patch: number): Box {
    const { patchesX, patchesY } = this.tract(tract);
    const { column, row } = this.#position(tract, patch);
    const { patchInnerPx: side, patchBorderPx: border } = this.config;
    const x0 = Math.max(0, column * side - border);
    const y0 = Math.max(0, row * side - border);
    const x1 = Math.min(patchesX * side, (column + 1) * side + border);
    const y1 = Math.min(patchesY * side, (row + 1) * side + border);
    return { x0, y0, width: x1 - x0, height: y1 - y0 };
  }

  /** WCS of a patch image: its pixel (0, 0) is the lower left of `patchBox`. */
  patchWcs(tract: number, patch: number): Wcs {
    const { x0, y0 } = this.patchBox(tract, patch);
    return this.tract(tract).wcs.shifted(x0, y0);
  }

  #position(tract: number, patch: number): { column: number; row: number } {
    const { patchesX, patchesY } = this.tract(tract);
    if (!Number.isInteger(patch) || patch < 0 || patch >= patchesX * patchesY)
      throw new SkyError(
        'NO_SUCH_PATCH',
        `tract ${tract} has no patch ${patch}; they run from 0 to ${patchesX * patchesY - 1}`,
        patch,
      );
    return { column: patch % patchesX, row: Math.floor(patch / patchesX) };
  }

  /** The patch of a tract whose inner box holds a position; undefined when it is off the tract. */
  patchOf(tract: number, raDeg: number, decDeg: number): number | undefined {
    const { wcs, patchesX, patchesY } = this.tract(tract);
    const { x, y } = wcs.skyToPixel(raDeg, decDeg);
    const column = Math.floor((x + 0.5) / this.config.patchInnerPx);
    const row = Math.floor((y + 0.5) / this.config.patchInnerPx);
    return column >= 0 && column < patchesX && row >= 0 && row < patchesY ? row * patchesX + column : undefined;
  }

  /** The one tract and patch that own a position. */
  locate(raDeg: number, decDeg: number): TractPatch {
    const tract = this.tractOf(raDeg, decDeg);
    const patch = this.patchOf(tract, raDeg, decDeg);
    if (patch === undefined)
      throw new SkyError('OUT_OF_RANGE', `RA ${raDeg}, dec ${decDeg} is off its own tract ${tract}`, [raDeg, decDeg]);
    return { tract, patch };
  }

  /**
   * Every patch (with its border) that a convex polygon on the sky touches, for instance the four corners of a detector.
   * Edges are great circles. Sorted by tract, then patch. The polygon must fit into a hemisphere around each tract it meets.
   */
  findTractsPatches(corners: readonly SkyPosition[]): TractPatch[] {
    if (corners.length < 3 || corners.some(({ raDeg, decDeg }) => !Number.isFinite(raDeg) || !Number.isFinite(decDeg)))
      throw new SkyError('BAD_REGION', 'a region on the sky needs at least three finite corners', corners);
    const result: TractPatch[] = [];
    for (const id of this.#tractsNear(corners)) {
      const tract = this.tract(id);
      const polygon = corners.map(({ raDeg, decDeg }) => tract.wcs.skyToPixel(raDeg, decDeg));
      if (polygon.some(({ x }) => Number.isNaN(x))) continue;
      const patches = tract.patchesX * tract.patchesY;
      for (let patch = 0; patch < patches; patch++)
        if (polygonMeetsBox(polygon, this.patchBox(id, patch))) result.push({ tract: id, patch });
    }
    return result;
  }

  /** Tracts whose bounding circle meets the polygon's. */
  #tractsNear(corners: readonly SkyPosition[]): number[] {
    const vectors = corners.map(({ raDeg, decDeg }) => unitVector(raDeg, decDeg));
    const sum = vectors.reduce((a, b) => [a[0] + b[0], a[1] + b[1], a[2] + b[2]]);
    const norm = Math.hypot(...sum);
    if (!(norm > 1e-9)) throw new SkyError('BAD_REGION', 'the region is as large as a hemisphere', corners);
    const angle = (a: readonly number[], b: readonly number[]): number =>
      (2 * Math.asin(Math.min(1, Math.hypot(a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!) / 2))) / DEG;
    const centre = sum.map((component) => component / norm);
    const radius = Math.max(...vectors.map((v) => angle(centre, v)));
    // half a diagonal of the square that holds a tract, rounded up to whole patches on both sides
    const patchDeg = (this.config.patchInnerPx * this.config.pixelScaleArcsec) / 3600;
    const reach = radius + Math.SQRT2 * (0.56 * this.#ringHeight + this.config.tractOverlapDeg + patchDeg) + 0.01;
    const decDeg = Math.asin(Math.max(-1, Math.min(1, centre[2]!))) / DEG;
    const raDeg = Math.atan2(centre[1]!, centre[0]!) / DEG;
    const found: number[] = [];
    if (decDeg + 90 <= reach) found.push(0);
    for (const ring of this.#rings) {
      const ringDec = ring.decMinDeg + this.#ringHeight / 2;
      if (Math.abs(ringDec - decDeg) > reach) continue;
      for (let k = 0; k < ring.count; k++) {
        const ra = (k * 360) / ring.count;
        // cheap rejection by declination circle first, then the true distance
        if (Math.abs(wrapDeg180(ra - raDeg)) * Math.cos(ringDec * DEG) > 3 * reach && reach < 30) continue;
        if (angle(centre, unitVector(ra, ringDec)) <= reach) found.push(ring.firstId + k);
      }
    }
    if (90 - decDeg <= reach) found.push(this.tractCount - 1);
    return found;
  }
}

type Region = Pick<Tract, 'decMinDeg' | 'decMaxDeg' | 'raMinDeg' | 'raWidthDeg'>;

/** The TAN plane that holds a tract's inner region and overlap, cut into whole patches around its middle. */
function planeOf(config: SkymapConfig, id: number, centre: SkyPosition, region: Region): Tract {
  const tangent = { crvalRaDeg: centre.raDeg, crvalDecDeg: centre.decDeg, cd: cdMatrix(config.pixelScaleArcsec) };
  const probe = makeTanWcs({ ...tangent, crpix: { x: 0, y: 0 } });
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  const steps = 64;
  for (let k = 0; k <= steps; k++) {
    const ra = region.raMinDeg + (region.raWidthDeg * k) / steps;
    for (const dec of [region.decMinDeg, region.decMaxDeg]) {
      const { x, y } = probe.skyToPixel(ra, dec);
      [x0, x1, y0, y1] = [Math.min(x0, x), Math.max(x1, x), Math.min(y0, y), Math.max(y1, y)];
    }
  }
  const margin = (config.tractOverlapDeg * 3600) / config.pixelScaleArcsec + 2;
  const side = config.patchInnerPx;
  const patchesX = Math.ceil((x1 - x0 + 2 * margin) / side);
  const patchesY = Math.ceil((y1 - y0 + 2 * margin) / side);
  // the tangent point on a pixel centre, the region in the middle of the grid
  const crpix = {
    x: Math.round((patchesX * side - 1 - (x0 + x1)) / 2),
    y: Math.round((patchesY * side - 1 - (y0 + y1)) / 2),
  };
  return { id, centre, ...region, wcs: makeTanWcs({ ...tangent, crpix }), patchesX, patchesY };
}

/** Separating-axis test of a convex polygon and a pixel box. */
function polygonMeetsBox(polygon: readonly { readonly x: number; readonly y: number }[], box: Box): boolean {
  const left = box.x0 - 0.5;
  const right = left + box.width;
  const bottom = box.y0 - 0.5;
  const top = bottom + box.height;
  if (polygon.every(({ x }) => x < left) || polygon.every(({ x }) => x > right)) return false;
  if (polygon.every(({ y }) => y < bottom) || polygon.every(({ y }) => y > top)) return false;
  const corners = [
    [left, bottom],
    [right, bottom],
    [right, top],
    [left, top],
  ] as const;
  return polygon.every((a, i) => {
    const b = polygon[(i + 1) % polygon.length]!;
    const side = (x: number, y: number): number => (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x);
    const inner = polygon.map(({ x, y }) => side(x, y));
    const outer = corners.map(([x, y]) => side(x, y));
    return Math.max(...outer) >= Math.min(...inner) && Math.min(...outer) <= Math.max(...inner);
  });
}
