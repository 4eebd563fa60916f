/**
 * Spatial coverage as IVOA MOC 2.0: sorted, disjoint, half-open ranges of order-29 nested HEALPix cells, with a maximum order.
 * Set operations are merges of two sorted lists, O(n + m); membership is a binary search.
 * Serialisations: ASCII (`5/1-3,8 6/40`), JSON (`{"5":[1,2,3]}`), NUNIQ numbers (4 * 4^order + cell).
 */
import { SkyError } from './errors.js';
import { hpx29 } from './healpix.js';
import { checkOrder, healpixPixelCount, MAX_HEALPIX_ORDER } from './healpix-order.js';
import { coneRanges, type HealpixRange, polygonRanges, refineRanges } from './healpix-coverage.js';
import type { SkyPosition } from './wcs-types.js';

const WHOLE_SKY = healpixPixelCount(MAX_HEALPIX_ORDER);

export class Moc {
  private constructor(
    /** order-29 cells: sorted, disjoint, not touching */
    readonly ranges: readonly HealpixRange[],
    readonly maxOrder: number,
  ) {}

  /** Ranges of cells of one order, in any sequence, overlapping or not. */
  static fromRanges(order: number, ranges: readonly HealpixRange[], maxOrder = order): Moc {
    checkOrder(order);
    checkOrder(maxOrder);
    const count = healpixPixelCount(order);
    for (const { low, high } of ranges)
      if (low < 0n || high > count || low >= high)
        throw new SkyError('BAD_MOC', `cells ${low} to ${high} do not exist at order ${order}`, { order, low, high });
    return new Moc(normalise(refineRanges(ranges, order)), maxOrder);
  }
  static fromCells(order: number, cells: Iterable<bigint>): Moc {
    return Moc.fromRanges(
      order,
      Array.from(cells, (cell) => ({ low: cell, high: cell + 1n })),
    );
  }
  /** NUNIQ numbers (MOC 1.1, section 2.3.1). */
  static fromUniq(numbers: Iterable<bigint>): Moc {
    const ranges: HealpixRange[] = [];
    let maxOrder = 0;
    for (const uniq of numbers) {
      const order = uniq >= 4n ? Math.floor((uniq.toString(2).length - 1) / 2) - 1 : -1;
      if (order < 0 || order > MAX_HEALPIX_ORDER) throw new SkyError('BAD_MOC', `${uniq} is not a NUNIQ number`, uniq);
      const cell = uniq - (4n << BigInt(2 * order));
      ranges.push(...Moc.fromCells(order, [cell]).ranges);
      maxOrder = Math.max(maxOrder, order);
    }
    return new Moc(normalise(ranges), maxOrder);
  }
  /** Every cell that a circle touches (a little more, see `coneRanges`). */
  static fromCone(order: number, raDeg: number, decDeg: number, radiusDeg: number): Moc {
    return Moc.fromRanges(order, coneRanges(order, raDeg, decDeg, radiusDeg));
  }
  static fromPolygon(order: number, corners: readonly SkyPosition[]): Moc {
    return Moc.fromRanges(order, polygonRanges(order, corners));
  }

  /** ASCII form; an `s` prefix and any white space are allowed, an order without cells sets the maximum order. */
  static fromAscii(text: string): Moc {
    const ranges: HealpixRange[] = [];
    let order = -1;
    let maxOrder = 0;
    for (const token of text
      .trim()
      .replace(/^s/, '')
      .split(/[\s,]+/)) {
      if (token === '') continue;
      const match = /^(?:(\d+)\/)?(?:(\d+)(?:-(\d+))?)?$/.exec(token);
      if (!match) throw new SkyError('BAD_MOC', `"${token}" is not part of a spatial MOC`, token);
      if (match[1] !== undefined) {
        order = Number(match[1]);
        if (order > MAX_HEALPIX_ORDER) throw new SkyError('BAD_MOC', `order ${order} is beyond 29`, order);
        maxOrder = Math.max(maxOrder, order);
      }
      if (match[2] === undefined) continue;
      if (order < 0) throw new SkyError('BAD_MOC', `the cell ${token} stands before any order`, token);
      const low = BigInt(match[2]);
      ranges.push(...Moc.fromRanges(order, [{ low, high: BigInt(match[3] ?? match[2]) + 1n }]).ranges);
    }
    return new Moc(normalise(ranges), maxOrder);
  }
  static fromJson(json: Readonly<Record<string, readonly (number | string)[]>>): Moc {
    const parts = Object.entries(json).map(([order, cells]) => `${order}/${cells.join(',')}`);
    return Moc.fromAscii(parts.join(' '));
  }

  /** The fewest cells of each order, ascending: what all serialisations list. */
  cells(): { readonly order: number; readonly cell: bigint }[] {
    const result: { order: number; cell: bigint }[] = [];
    for (const range of this.ranges) {
      let { low } = range;
      while (low < range.high) {
        // the largest cell that starts here and ends inside
        let order = MAX_HEALPIX_ORDER;
        let shift = 0n;
        while (order > 0) {
          const wider = shift + 2n;
          if ((low & ((1n << wider) - 1n)) !== 0n || low + (1n << wider) > range.high) break;
          shift = wider;
          order--;
        }
        result.push({ order, cell: low >> shift });
        low += 1n << shift;
      }
    }
    return result.sort((a, b) => a.order - b.order || (a.cell < b.cell ? -1 : 1));
  }
  toAscii(): string {
    const lines: string[] = [];
    const cells = this.cells();
    for (let k = 0; k < cells.length;) {
      const { order } = cells[k]!;
      const parts: string[] = [];
      while (k < cells.length && cells[k]!.order === order) {
        const first = cells[k]!.cell;
        let last = first;
        while (cells[++k]?.order === order && cells[k]!.cell === last + 1n) last++;
        parts.push(first === last ? `${first}` : `${first}-${last}`);
      }
      lines.push(`${order}/${parts.join(',')}`);
    }
    if (cells.at(-1)?.order !== this.maxOrder) lines.push(`${this.maxOrder}/`);
    return lines.join(' ');
  }
  toUniq(): bigint[] {
    return this.cells()
      .map(({ order, cell }) => (4n << BigInt(2 * order)) + cell)
      .sort((a, b) => (a < b ? -1 : 1));
  }

  get skyFraction(): number {
    let sum = 0n;
    for (const { low, high } of this.ranges) sum += high - low;
    // 62-bit integers over 2^60 x 12: exact to the last digit of a double
    return Number(sum) / Number(WHOLE_SKY);
  }
  contains(raDeg: number, decDeg: number): boolean {
    const index = hpx29(raDeg, decDeg);
    let low = 0;
    let high = this.ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ranges[middle]!.high <= index) low = middle + 1;
      else high = middle;
    }
    return low < this.ranges.length && this.ranges[low]!.low <= index;
  }

  union(other: Moc): Moc {
    return new Moc(normalise([...this.ranges, ...other.ranges]), Math.max(this.maxOrder, other.maxOrder));
  }
  intersection(other: Moc): Moc {
    const result: HealpixRange[] = [];
    let [i, j] = [0, 0];
    while (i < this.ranges.length && j < other.ranges.length) {
      const a = this.ranges[i]!;
      const b = other.ranges[j]!;
      const low = a.low > b.low ? a.low : b.low;
      const high = a.high < b.high ? a.high : b.high;
      if (low < high) result.push({ low, high });
      if (a.high < b.high) i++;
      else j++;
    }
    return new Moc(result, Math.max(this.maxOrder, other.maxOrder));
  }
  complement(): Moc {
    const result: HealpixRange[] = [];
    let from = 0n;
    for (const { low, high } of this.ranges) {
      if (low > from) result.push({ low: from, high: low });
      from = high;
    }
    if (from < WHOLE_SKY) result.push({ low: from, high: WHOLE_SKY });
    return new Moc(result, this.maxOrder);
  }
  difference(other: Moc): Moc {
    return this.intersection(other.complement());
  }
}

function normalise(ranges: readonly HealpixRange[]): HealpixRange[] {
  const sorted = [...ranges].sort((a, b) => (a.low < b.low ? -1 : a.low > b.low ? 1 : 0));
  const merged: { low: bigint; high: bigint }[] = [];
  for (const { low, high } of sorted) {
    const last = merged.at(-1);
    if (last && low <= last.high) {
      if (high > last.high) last.high = high;
    } else merged.push({ low, high });
  }
  return merged;
}
