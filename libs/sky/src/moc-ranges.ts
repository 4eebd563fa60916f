/**
 * Sets of cells as half-open ranges of indices at a dimension's finest order: one BigInt64Array [low, high, low, high, ...],
 * sorted, disjoint, not touching. Set operations are merges of two such lists, O(n + m).
 */
import { SkyError } from './errors.js';
import { HIGH, LOW } from './healpix-cells.js';

export type Ranges = BigInt64Array;

/** One axis of a coverage map (MOC 2.0, sections 2.1 and 2.2). */
export interface MocDimension {
  readonly name: 'space' | 'time';
  /** letter of the ASCII and JSON forms */
  readonly letter: 's' | 't';
  readonly maxOrder: number;
  /** number of cells at the finest order */
  readonly whole: bigint;
  /** a cell has 2^bits children */
  readonly bits: bigint;
}
export const SPACE: MocDimension = { name: 'space', letter: 's', maxOrder: 29, whole: 12n << 58n, bits: 2n };
export const TIME: MocDimension = { name: 'time', letter: 't', maxOrder: 61, whole: 1n << 62n, bits: 1n };

/** how far a cell's index is shifted to get that of its first descendant at the finest order */
export const shiftOf = (dimension: MocDimension, order: number): bigint =>
  dimension.bits * BigInt(dimension.maxOrder - order);

export function checkMocOrder(dimension: MocDimension, order: number): void {
  if (!Number.isInteger(order) || order < 0 || order > dimension.maxOrder)
    throw new SkyError(
      'BAD_MOC',
      `orders of ${dimension.name} run from 0 to ${dimension.maxOrder}, not ${order}`,
      order,
    );
}

/** Refuses bounds that are out of order or beyond the dimension, naming the row of the first. */
export function checkedRanges(dimension: MocDimension, ranges: Ranges): Ranges {
  for (let i = 0; i < ranges.length; i += 2) {
    const [low, high] = [ranges[i]!, ranges[i + 1]];
    if (high === undefined || low < 0n || high <= low || high > dimension.whole)
      throw new SkyError(
        'BAD_MOC',
        `bounds ${i} and ${i + 1}: ${low} to ${high ?? 'nothing'} is no range of ${dimension.name}`,
        {
          row: i,
          low,
          high,
        },
      );
  }
  return ranges;
}

/** Ranges in any sequence, overlapping or not, in their one normal form. */
export function normalRanges(pairs: Ranges): Ranges {
  const count = pairs.length >> 1;
  let sorted = pairs;
  for (let i = 1; i < count; i++)
    if (pairs[2 * i]! < pairs[2 * i - 2]!) {
      sorted = sortedPairs(pairs);
      break;
    }
  const out = new BigInt64Array(pairs.length);
  let length = 0;
  for (let i = 0; i < 2 * count; i += 2) {
    const low = sorted[i]!;
    const high = sorted[i + 1]!;
    if (length > 0 && low <= out[length - 1]!) {
      if (high > out[length - 1]!) out[length - 1] = high;
    } else {
      out[length++] = low;
      out[length++] = high;
    }
  }
  return out.slice(0, length);
}

function sortedPairs(pairs: Ranges): Ranges {
  const order = Array.from({ length: pairs.length >> 1 }, (_, i) => i);
  order.sort((a, b) => (pairs[2 * a]! < pairs[2 * b]! ? -1 : pairs[2 * a]! > pairs[2 * b]! ? 1 : 0));
  const sorted = new BigInt64Array(pairs.length);
  order.forEach((from, to) => {
    sorted[2 * to] = pairs[2 * from]!;
    sorted[2 * to + 1] = pairs[2 * from + 1]!;
  });
  return sorted;
}

export function unionRanges(a: Ranges, b: Ranges): Ranges {
  const both = new BigInt64Array(a.length + b.length);
  let [i, j, k] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const first = j >= b.length || (i < a.length && a[i]! <= b[j]!);
    both[k++] = first ? a[i++]! : b[j++]!;
    both[k++] = first ? a[i++]! : b[j++]!;
  }
  return normalRanges(both);
}

export function intersectRanges(a: Ranges, b: Ranges): Ranges {
  const out = new BigInt64Array(a.length + b.length);
  let [i, j, k] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const low = a[i]! > b[j]! ? a[i]! : b[j]!;
    const high = a[i + 1]! < b[j + 1]! ? a[i + 1]! : b[j + 1]!;
    if (low < high) {
      out[k++] = low;
      out[k++] = high;
    }
    if (a[i + 1]! < b[j + 1]!) i += 2;
    else j += 2;
  }
  return out.slice(0, k);
}

export function complementRanges(ranges: Ranges, whole: bigint): Ranges {
  const out = new BigInt64Array(ranges.length + 2);
  let length = 0;
  let from = 0n;
  for (let i = 0; i < ranges.length; i += 2) {
    if (ranges[i]! > from) {
      out[length++] = from;
      out[length++] = ranges[i]!;
    }
    from = ranges[i + 1]!;
  }
  if (from < whole) {
    out[length++] = from;
    out[length++] = whole;
  }
  return out.slice(0, length);
}

/** The ranges grown to whole cells of `1 << shift` indices. */
export function coarserRanges(ranges: Ranges, shift: bigint): Ranges {
  const round = (1n << shift) - 1n;
  return normalRanges(ranges.map((bound, i) => ((i & 1) === 0 ? bound >> shift : (bound + round) >> shift) << shift));
}

export function rangesLength(ranges: Ranges): bigint {
  let sum = 0n;
  for (let i = 0; i < ranges.length; i += 2) sum += ranges[i + 1]! - ranges[i]!;
  return sum;
}

/** Is an index inside? A binary search. */
export function rangesContain(ranges: Ranges, index: bigint): boolean {
  let low = 0;
  let high = ranges.length;
  // how many bounds are at or below the index: odd inside a range
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ranges[middle]! <= index) low = middle + 1;
    else high = middle;
  }
  return (low & 1) === 1;
}

const word = new BigInt64Array(1);
const halves = new Uint32Array(word.buffer);
/** of a positive integer below 2^63 */
function trailingZeros(value: bigint): number {
  word[0] = value & -value;
  return halves[LOW] === 0 ? 63 - Math.clz32(halves[HIGH]!) : 31 - Math.clz32(halves[LOW]!);
}

/** The coarsest order, `atLeast` or finer, whose cells make up the ranges. */
export function resolvedOrder(dimension: MocDimension, ranges: Ranges, atLeast: number): number {
  let bounds = 0n;
  for (const bound of ranges) bounds |= bound;
  if (bounds === 0n) return atLeast;
  return Math.max(atLeast, dimension.maxOrder - Math.floor(trailingZeros(bounds) / Number(dimension.bits)));
}

/** The fewest cells that make up the ranges, as [order, cell] pairs by order, then cell. */
export function cellsOf(ranges: Ranges, dimension: MocDimension): { readonly order: number; readonly cell: bigint }[] {
  const step = Number(dimension.bits);
  const finest = step * dimension.maxOrder;
  const byOrder: bigint[][] = Array.from({ length: dimension.maxOrder + 1 }, () => []);
  for (let i = 0; i < ranges.length; i += 2) {
    let low = ranges[i]!;
    const high = ranges[i + 1]!;
    while (low < high) {
      // the largest cell that starts here and ends inside; the length as a double may be rounded up to a power of two
      const longest = Math.floor(Math.log2(Number(high - low)));
      let bits = Math.min(low === 0n ? longest : trailingZeros(low), longest, finest);
      bits -= bits % step;
      if (low + (1n << BigInt(bits)) > high) bits -= step;
      const shift = BigInt(bits);
      byOrder[dimension.maxOrder - bits / step]!.push(low >> shift);
      low += 1n << shift;
    }
  }
  return byOrder.flatMap((cells, order) => cells.map((cell) => ({ order, cell })));
}

/** Range bounds of whole cells of an order; refuses what the dimension does not have. */
export function boundsOf(dimension: MocDimension, order: number, first: bigint, last: bigint): [bigint, bigint] {
  checkMocOrder(dimension, order);
  const shift = shiftOf(dimension, order);
  if (first < 0n || last < first || last >= dimension.whole >> shift)
    throw new SkyError(
      'BAD_MOC',
      first === last
        ? `there is no cell ${first} at order ${order} of ${dimension.name}`
        : `there are no cells ${first} to ${last} at order ${order} of ${dimension.name}`,
      { order, first, last },
    );
  return [first << shift, (last + 1n) << shift];
}
