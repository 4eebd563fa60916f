/** A region of the sky that answers in degrees: membership, area, bounds, HEALPix coverage. */
import { DEG, directionOf } from './angles.js';
import { SkyError } from './errors.js';
import { type CellSense, coverShape, type HealpixRange } from './healpix-coverage.js';
import { Moc } from './moc.js';
import { boxOf, type SkyBox } from './region-bounds.js';
import { type RegionShape, regionShape } from './region-shapes.js';
import type { SkyRegion } from './regions.js';

/** Made once per region (a polygon is checked then), asked often. Throws BAD_REGION for what is none. */
export class SkyShape {
  readonly #shape: RegionShape;

  constructor(readonly region: SkyRegion) {
    this.#shape = regionShape(region);
  }

  /** Edges of circles, ranges and ellipses belong to them; a point exactly on a polygon's edge may fall on either side. */
  contains(raDeg: number, decDeg: number): boolean {
    return this.containsAll([raDeg], [decDeg])[0] === 1;
  }
  /** 1 for every direction inside, 0 for every other and for what is no direction. */
  containsAll(
    raDeg: ArrayLike<number>,
    decDeg: ArrayLike<number>,
    out: Uint8Array = new Uint8Array(raDeg.length),
  ): Uint8Array {
    const p: [number, number, number] = [0, 0, 0];
    for (let i = 0; i < raDeg.length; i++) {
      const ra = raDeg[i]! * DEG;
      const dec = decDeg[i]! * DEG;
      const cosDec = Math.cos(dec);
      p[0] = cosDec * Math.cos(ra);
      p[1] = cosDec * Math.sin(ra);
      p[2] = Math.sin(dec);
      out[i] = decDeg[i]! >= -90 && decDeg[i]! <= 90 && Number.isFinite(ra) && this.#shape.contains(p) ? 1 : 0;
    }
    return out;
  }

  /** [deg^2]; unions and intersections have no closed form: ask their coverage map. */
  get areaDeg2(): number {
    const { area } = this.#shape;
    if (area === undefined)
      throw new SkyError('BAD_REGION', `the area of a ${this.region.kind} has no closed form; ask its coverage map`);
    return area / DEG ** 2;
  }
  get boundingCircle(): { readonly raDeg: number; readonly decDeg: number; readonly radiusDeg: number } {
    const { centre, radius } = this.#shape.bound;
    return { ...directionOf(...centre), radiusDeg: radius / DEG };
  }
  get boundingBox(): SkyBox {
    return boxOf(this.region, this.#shape.bound);
  }

  /** Nested cells of one order that the region overlaps, or whose centres it holds. */
  healpixRanges(order: number, sense?: CellSense): HealpixRange[] {
    return coverShape(order, this.#shape, sense);
  }
  toMoc(order: number, sense?: CellSense): Moc {
    return Moc.fromRanges(order, this.healpixRanges(order, sense));
  }
}
