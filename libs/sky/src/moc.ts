/**
 * Spatial coverage as IVOA MOC 2.0 (Fernique et al. 2022): a set of nested HEALPix cells, kept as ranges at order 29.
 * Serialisations: ASCII (`5/1-3,8 6/40`), JSON (`{"5":[1,2,3]}`), NUNIQ numbers (4 * 4^order + cell), FITS (`moc-fits.ts`).
 */
import { CoverageMap, rangesOfCells } from './coverage-map.js';
import { SkyError } from './errors.js';
import { healpixIndices } from './healpix-arrays.js';
import { HIGH, LOW } from './healpix-cells.js';
import { type CellSense, coneRanges, type HealpixRange, polygonRanges } from './healpix-coverage.js';
import { hpx29, nestedOfUniq, uniqOfNested } from './healpix.js';
import { MAX_HEALPIX_ORDER } from './healpix-order.js';
import {
  boundsOf,
  checkedRanges,
  normalRanges,
  type Ranges,
  rangesContain,
  resolvedOrder,
  SPACE,
} from './moc-ranges.js';
import { formatPart, formatPartJson, parseMocJson, parsePart, partOfJson } from './moc-text.js';
import type { SkyPosition } from './wcs-types.js';

export class Moc extends CoverageMap<Moc> {
  private constructor(ranges: Ranges, maxOrder: number) {
    super(SPACE, ranges, maxOrder);
  }
  protected make(ranges: Ranges, maxOrder: number): Moc {
    return new Moc(ranges, maxOrder);
  }

  static empty(order: number): Moc {
    return new Moc(new BigInt64Array(0), order);
  }
  /** Range bounds of order-29 cells, in any sequence; an order coarser than they are is raised to theirs. */
  static fromFinest(ranges: Ranges, maxOrder: number): Moc {
    const normal = normalRanges(checkedRanges(SPACE, ranges));
    return new Moc(normal, resolvedOrder(SPACE, normal, maxOrder));
  }
  /** Half-open ranges of cells of one order, in any sequence, overlapping or not. */
  static fromRanges(order: number, ranges: readonly HealpixRange[], maxOrder = order): Moc {
    return new Moc(rangesOfCells(SPACE, order, ranges), maxOrder);
  }
  static fromCells(order: number, cells: Iterable<bigint>): Moc {
    return Moc.fromRanges(
      order,
      Array.from(cells, (cell) => ({ low: cell, high: cell + 1n })),
    );
  }
  /** NUNIQ numbers (MOC 2.0, section 4.2), in any sequence. */
  static fromUniq(numbers: Iterable<bigint>): Moc {
    const bounds: bigint[] = [];
    let maxOrder = 0;
    let row = 0;
    for (const uniq of numbers) {
      try {
        const { order, pixel } = nestedOfUniq(uniq);
        bounds.push(...boundsOf(SPACE, order, pixel, pixel));
        maxOrder = Math.max(maxOrder, order);
      } catch {
        throw new SkyError('BAD_MOC', `${uniq} (number ${row} from 0) is not a NUNIQ number`, uniq);
      }
      row++;
    }
    return new Moc(normalRanges(BigInt64Array.from(bounds)), maxOrder);
  }
  /** Cells that a circle overlaps, or those whose centres it holds. */
  static fromCone(order: number, raDeg: number, decDeg: number, radiusDeg: number, sense?: CellSense): Moc {
    return Moc.fromRanges(order, coneRanges(order, raDeg, decDeg, radiusDeg, sense));
  }
  /** Cells that a polygon of great-circle arcs overlaps, or those whose centres it holds. */
  static fromPolygon(order: number, corners: readonly SkyPosition[], sense?: CellSense): Moc {
    return Moc.fromRanges(order, polygonRanges(order, corners, sense));
  }
  /** The cells of one order that hold the given directions; what is no direction is passed over. */
  static fromPositions(order: number, raDeg: ArrayLike<number>, decDeg: ArrayLike<number>): Moc {
    const indices = healpixIndices(order, raDeg, decDeg).sort();
    const known = indices.findIndex((index) => index >= 0n);
    return Moc.fromCells(order, known < 0 ? [] : indices.subarray(known));
  }

  /** ASCII form; an `s` prefix and any white space are allowed, an order without cells sets the maximum order. */
  static fromAscii(text: string): Moc {
    const { ranges, maxOrder } = parsePart(SPACE, text);
    return new Moc(ranges, maxOrder);
  }
  /** JSON form, as text or parsed; cells beyond 2^53 are exact in text only. */
  static fromJson(json: unknown): Moc {
    const { ranges, maxOrder } = partOfJson(SPACE, typeof json === 'string' ? parseMocJson(json) : json);
    return new Moc(ranges, maxOrder);
  }
  toAscii(): string {
    return formatPart(SPACE, this);
  }
  toJson(): string {
    return formatPartJson(SPACE, this);
  }
  toUniq(): bigint[] {
    // cells come by order: the numbers ascend already
    return this.cells().map(({ order, cell }) => uniqOfNested(order, cell));
  }

  get skyFraction(): number {
    return this.fraction;
  }
  /** Covered area [deg^2]. */
  get areaDeg2(): number {
    return (this.fraction * 129600) / Math.PI;
  }
  contains(raDeg: number, decDeg: number): boolean {
    return rangesContain(this.ranges, hpx29(raDeg, decDeg));
  }
  /** 1 for every direction inside, 0 for every other and for what is no direction. */
  containsAll(
    raDeg: ArrayLike<number>,
    decDeg: ArrayLike<number>,
    out: Uint8Array = new Uint8Array(raDeg.length),
  ): Uint8Array {
    const indices = healpixIndices(MAX_HEALPIX_ORDER, raDeg, decDeg);
    const index = new Uint32Array(indices.buffer);
    const bounds = new Uint32Array(this.ranges.buffer, this.ranges.byteOffset, 2 * this.ranges.length);
    for (let i = 0; i < indices.length; i++) {
      const high = index[2 * i + HIGH]!;
      const low = index[2 * i + LOW]!;
      // how many bounds are at or below the index: odd inside a range; -1 counts as beyond all of them, an even number
      let from = 0;
      let to = this.ranges.length;
      while (from < to) {
        const middle = (from + to) >> 1;
        const boundHigh = bounds[2 * middle + HIGH]!;
        if (boundHigh < high || (boundHigh === high && bounds[2 * middle + LOW]! <= low)) from = middle + 1;
        else to = middle;
      }
      out[i] = from & 1;
    }
    return out;
  }
}
