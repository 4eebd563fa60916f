/** What space and time coverage have in common: a set of cells of one dimension with a finest order, and its algebra. */
import {
  boundsOf,
  cellsOf,
  checkMocOrder,
  coarserRanges,
  complementRanges,
  intersectRanges,
  type MocDimension,
  normalRanges,
  type Ranges,
  rangesLength,
  shiftOf,
  unionRanges,
} from './moc-ranges.js';

/** Immutable; `Self` is the map of one dimension (`Moc` for space, `TimeMoc` for time). */
export abstract class CoverageMap<Self extends CoverageMap<Self>> {
  protected constructor(
    readonly dimension: MocDimension,
    /** [low, high, low, high, ...] of cells at the dimension's finest order: half-open, sorted, disjoint, not touching */
    readonly ranges: Ranges,
    /** the order to which the map is resolved */
    readonly maxOrder: number,
  ) {
    checkMocOrder(dimension, maxOrder);
  }
  protected abstract make(ranges: Ranges, maxOrder: number): Self;

  get isEmpty(): boolean {
    return this.ranges.length === 0;
  }
  /** Covered part of the whole sky, or of all time; exact to the last digit of a double. */
  get fraction(): number {
    return Number(rangesLength(this.ranges)) / Number(this.dimension.whole);
  }
  /** The fewest cells that make up the map, ascending by order: what all serialisations list. */
  cells(): { readonly order: number; readonly cell: bigint }[] {
    return cellsOf(this.ranges, this.dimension);
  }
  /** The covered cells at one order (those touched, where the map is finer), as half-open ranges. */
  rangesAt(order: number): { readonly low: bigint; readonly high: bigint }[] {
    const shift = shiftOf(this.dimension, order);
    const { ranges } = this.degrade(order);
    return Array.from({ length: ranges.length >> 1 }, (_, i) => ({
      low: ranges[2 * i]! >> shift,
      high: ranges[2 * i + 1]! >> shift,
    }));
  }
  /** The map at a coarser order: every cell that it touches. */
  degrade(order: number): Self {
    checkMocOrder(this.dimension, order);
    if (order >= this.maxOrder) return this.make(this.ranges, this.maxOrder);
    return this.make(coarserRanges(this.ranges, shiftOf(this.dimension, order)), order);
  }
  union(other: Self): Self {
    return this.make(unionRanges(this.ranges, other.ranges), Math.max(this.maxOrder, other.maxOrder));
  }
  intersection(other: Self): Self {
    return this.make(intersectRanges(this.ranges, other.ranges), Math.max(this.maxOrder, other.maxOrder));
  }
  complement(): Self {
    return this.make(complementRanges(this.ranges, this.dimension.whole), this.maxOrder);
  }
  difference(other: Self): Self {
    const outside = complementRanges(other.ranges, this.dimension.whole);
    return this.make(intersectRanges(this.ranges, outside), Math.max(this.maxOrder, other.maxOrder));
  }
  equals(other: Self): boolean {
    return this.ranges.length === other.ranges.length && this.ranges.every((bound, i) => bound === other.ranges[i]);
  }
}

/** Ranges of cells of one order in any sequence, brought to the finest order. */
export function rangesOfCells(
  dimension: MocDimension,
  order: number,
  cells: Iterable<{ readonly low: bigint; readonly high: bigint }>,
): Ranges {
  const bounds: bigint[] = [];
  for (const { low, high } of cells) bounds.push(...boundsOf(dimension, order, low, high - 1n));
  return normalRanges(BigInt64Array.from(bounds));
}
