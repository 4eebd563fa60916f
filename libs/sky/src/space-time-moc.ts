/** Coverage in space and time as IVOA MOC 2.0 (section 2.3): a list of times, each with the sky covered then. */
import { Moc } from './moc.js';
import { type Ranges, SPACE, TIME } from './moc-ranges.js';
import {
  formatPartJson,
  formatSpaceTime,
  parseMocJson,
  parseSpaceTime,
  type SpaceTimePart,
  spaceTimeOfJson,
} from './moc-text.js';
import { TimeMoc } from './time-moc.js';

export interface SpaceTimeEntry {
  readonly time: TimeMoc;
  readonly space: Moc;
}

export class SpaceTimeMoc {
  /** Entries as given; where times overlap, the sky of each counts. */
  constructor(readonly entries: readonly SpaceTimeEntry[]) {}

  static fromParts(parts: readonly SpaceTimePart[]): SpaceTimeMoc {
    return new SpaceTimeMoc(
      parts.map(({ time, space }) => ({
        time: TimeMoc.fromFinest(time.ranges, time.maxOrder),
        space: Moc.fromFinest(space.ranges, space.maxOrder),
      })),
    );
  }
  static fromAscii(text: string): SpaceTimeMoc {
    return SpaceTimeMoc.fromParts(parseSpaceTime(text));
  }
  /** JSON form, as text or parsed. */
  static fromJson(json: unknown): SpaceTimeMoc {
    return SpaceTimeMoc.fromParts(spaceTimeOfJson(typeof json === 'string' ? parseMocJson(json) : json));
  }
  toAscii(): string {
    return formatSpaceTime(this.entries);
  }
  toJson(): string {
    const parts = this.entries.map(
      ({ time, space }) => `{"t":${formatPartJson(TIME, time)},"s":${formatPartJson(SPACE, space)}}`,
    );
    return `[${parts.join(',')}]`;
  }

  get maxTimeOrder(): number {
    return this.entries.reduce((order, { time }) => Math.max(order, time.maxOrder), 0);
  }
  get maxSpaceOrder(): number {
    return this.entries.reduce((order, { space }) => Math.max(order, space.maxOrder), 0);
  }
  contains(mjdTcb: number, raDeg: number, decDeg: number): boolean {
    return this.entries.some(({ time, space }) => time.contains(mjdTcb) && space.contains(raDeg, decDeg));
  }
  /** All times of any coverage. */
  time(): TimeMoc {
    const ranges = joined(this.entries.map(({ time }) => time.ranges));
    return TimeMoc.fromFinest(ranges, this.maxTimeOrder);
  }
  /** The sky covered at any time, or at some moment of `during`. */
  space(during?: TimeMoc): Moc {
    const then = during ? this.entries.filter(({ time }) => !time.intersection(during).isEmpty) : this.entries;
    return Moc.fromFinest(joined(then.map(({ space }) => space.ranges)), this.maxSpaceOrder);
  }
}

function joined(parts: readonly Ranges[]): Ranges {
  const all = new BigInt64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
