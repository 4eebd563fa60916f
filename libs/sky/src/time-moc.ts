/**
 * Coverage in time as IVOA MOC 2.0 (section 2.2): cells of 2^(61 - order) microseconds counted from JD 0 in TCB. Times are
 * MJD (TCB); a double resolves about a microsecond today.
 */
import { CoverageMap, rangesOfCells } from './coverage-map.js';
import { SkyError } from './errors.js';
import { checkedRanges, normalRanges, type Ranges, rangesContain, resolvedOrder, TIME } from './moc-ranges.js';
import { formatPart, formatPartJson, parseMocJson, parsePart, partOfJson } from './moc-text.js';

const MICROSECONDS_PER_DAY = 86_400_000_000;
/** of MJD 0 */
const MJD_ZERO_MICROSECONDS = 2_400_000n * 86_400_000_000n + 43_200_000_000n;

/** Microseconds since JD 0 of an MJD in TCB, rounded down; from JD 0 to the year 146,000. */
export function microsecondsOfMjd(mjdTcb: number): bigint {
  const day = Math.floor(mjdTcb);
  const inDay = Math.floor((mjdTcb - day) * MICROSECONDS_PER_DAY);
  const index = Number.isFinite(day)
    ? MJD_ZERO_MICROSECONDS + BigInt(day) * BigInt(MICROSECONDS_PER_DAY) + BigInt(inDay)
    : -1n;
  if (index < 0n || index >= TIME.whole)
    throw new SkyError('OUT_OF_RANGE', `MJD ${mjdTcb} is beyond what a time MOC can hold`, mjdTcb);
  return index;
}

export function mjdOfMicroseconds(microseconds: bigint): number {
  const sinceMjdZero = microseconds - MJD_ZERO_MICROSECONDS;
  const perDay = BigInt(MICROSECONDS_PER_DAY);
  const day = sinceMjdZero / perDay;
  return Number(day) + Number(sinceMjdZero - day * perDay) / MICROSECONDS_PER_DAY;
}

export class TimeMoc extends CoverageMap<TimeMoc> {
  private constructor(ranges: Ranges, maxOrder: number) {
    super(TIME, ranges, maxOrder);
  }
  protected make(ranges: Ranges, maxOrder: number): TimeMoc {
    return new TimeMoc(ranges, maxOrder);
  }

  static empty(order: number): TimeMoc {
    return new TimeMoc(new BigInt64Array(0), order);
  }
  /** Range bounds in microseconds since JD 0, in any sequence; an order coarser than they are is raised to theirs. */
  static fromFinest(ranges: Ranges, maxOrder: number): TimeMoc {
    const normal = normalRanges(checkedRanges(TIME, ranges));
    return new TimeMoc(normal, resolvedOrder(TIME, normal, maxOrder));
  }
  /** Half-open ranges of cells of one order. */
  static fromRanges(
    order: number,
    ranges: Iterable<{ readonly low: bigint; readonly high: bigint }>,
    maxOrder = order,
  ): TimeMoc {
    return new TimeMoc(rangesOfCells(TIME, order, ranges), maxOrder);
  }
  /** Every cell of `order` that the intervals [from, to] (MJD, TCB) touch. */
  static fromIntervals(order: number, intervals: readonly (readonly [fromMjd: number, toMjd: number])[]): TimeMoc {
    const bounds = intervals.flatMap(([from, to]) => {
      const ends = [microsecondsOfMjd(from), microsecondsOfMjd(to) + 1n] as const;
      if (ends[0] >= ends[1]) throw new SkyError('BAD_MOC', `MJD ${from} to ${to} is no interval`, [from, to]);
      return ends;
    });
    return new TimeMoc(normalRanges(BigInt64Array.from(bounds)), TIME.maxOrder).degrade(order);
  }
  /** ASCII form, with or without a `t` in front. */
  static fromAscii(text: string): TimeMoc {
    const { ranges, maxOrder } = parsePart(TIME, text);
    return new TimeMoc(ranges, maxOrder);
  }
  static fromJson(json: unknown): TimeMoc {
    const { ranges, maxOrder } = partOfJson(TIME, typeof json === 'string' ? parseMocJson(json) : json);
    return new TimeMoc(ranges, maxOrder);
  }
  toAscii(): string {
    return formatPart(TIME, this);
  }
  toJson(): string {
    return formatPartJson(TIME, this);
  }

  /** Covered intervals [from, to) as MJD (TCB). */
  intervals(): [fromMjd: number, toMjd: number][] {
    return Array.from({ length: this.ranges.length >> 1 }, (_, i) => [
      mjdOfMicroseconds(this.ranges[2 * i]!),
      mjdOfMicroseconds(this.ranges[2 * i + 1]!),
    ]);
  }
  contains(mjdTcb: number): boolean {
    return rangesContain(this.ranges, microsecondsOfMjd(mjdTcb));
  }
}
