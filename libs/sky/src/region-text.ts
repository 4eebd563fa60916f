/**
 * Regions as text.
 * DALI 1.2 (section 3.3, `shape` and `multishape`; the POS parameter of SIA2 and SODA): `CIRCLE 12 34 0.5`, `RANGE 0 360 -2 2`,
 * `POLYGON 1 2 3 2 3 4`, `POINT 1 2`, one after the other for their union; ICRS degrees.
 * STC-S as TAP 1.0 (section 6) and ADQL use it: `Circle FK5 GEOCENTER 12 34 0.5`, `Union ICRS (Circle 1 2 3 Not (Box 1 2 3 4))`.
 */
import type { RegionFrame } from './region-frames.js';
import { SkyError } from './errors.js';
import { boxRegion, regionInIcrs, type SkyRegion, WHOLE_SKY } from './regions.js';
import { SphericalPolygon } from './spherical-polygon.js';

const MAX_LENGTH = 2_000_000;
const MAX_DEPTH = 32;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const INFINITY = /^([+-]?)inf(?:inity)?$/i;
const FRAMES: Readonly<Record<string, RegionFrame>> = {
  ICRS: 'ICRS',
  UNKNOWNFRAME: 'ICRS',
  FK5: 'FK5',
  J2000: 'FK5',
  GALACTIC: 'GALACTIC',
  ECLIPTIC: 'ECLIPTIC',
};
const REFUSED_FRAMES = new Set(['FK4', 'B1950', 'GALACTIC_I', 'SUPER_GALACTIC', 'GEO_C', 'GEO_D']);
/** what may follow the frame and changes nothing here */
const POSITIONS = new Set([
  'BARYCENTER',
  'GEOCENTER',
  'HELIOCENTER',
  'LSR',
  'TOPOCENTER',
  'RELOCATABLE',
  'UNKNOWNREFPOS',
]);

class Reader {
  #at = 0;
  readonly #tokens: readonly string[];
  constructor(readonly text: string) {
    if (text.length > MAX_LENGTH)
      throw new SkyError('BAD_REGION', `a region of ${text.length} characters is too long`, text.length);
    this.#tokens = text.match(/[()]|[^\s,()]+/g) ?? [];
  }
  get done(): boolean {
    return this.#at >= this.#tokens.length;
  }
  peek(): string | undefined {
    return this.#tokens[this.#at];
  }
  word(): string | undefined {
    return this.peek()?.toUpperCase();
  }
  next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.error('ends too early');
    return token;
  }
  take(word: string): boolean {
    if (this.word() !== word) return false;
    this.#at++;
    return true;
  }
  /** every number up to the next word */
  numbers(infinities = false): number[] {
    const numbers: number[] = [];
    for (let token = this.peek(); token !== undefined; token = this.peek()) {
      const infinity = infinities ? INFINITY.exec(token) : null;
      if (!infinity && !NUMBER.test(token)) break;
      numbers.push(infinity ? (infinity[1] === '-' ? -Infinity : Infinity) : Number(token));
      this.#at++;
    }
    return numbers;
  }
  error(why: string): SkyError {
    const token = this.#tokens[Math.min(this.#at, this.#tokens.length - 1)] ?? '';
    const shown = this.text.length > 100 ? `${this.text.slice(0, 100)}...` : this.text;
    return new SkyError('BAD_REGION', `the region "${shown}" ${why} (at "${token.slice(0, 40)}")`, token);
  }
}

const count = (reader: Reader, numbers: readonly number[], wanted: number, what: string): void => {
  if (numbers.length !== wanted) throw reader.error(`has ${numbers.length} numbers in ${what}; it takes ${wanted}`);
};

/** longitude, latitude pairs */
function pairs(reader: Reader, numbers: readonly number[]): { raDeg: number; decDeg: number }[] {
  if (numbers.length < 6 || numbers.length % 2 !== 0)
    throw reader.error(`has ${numbers.length} numbers in a polygon; it takes three or more pairs`);
  return Array.from({ length: numbers.length / 2 }, (_, i) => ({
    raDeg: numbers[2 * i]!,
    decDeg: numbers[2 * i + 1]!,
  }));
}

function rangeOf([lonMinDeg = 0, lonMaxDeg = 0, latMinDeg = 0, latMaxDeg = 0]: readonly number[]): SkyRegion {
  // an open longitude is a whole turn, an open latitude reaches the pole
  const open = !Number.isFinite(lonMinDeg) || !Number.isFinite(lonMaxDeg);
  return {
    kind: 'range',
    lonMinDeg: open ? 0 : lonMinDeg,
    lonMaxDeg: open ? 360 : lonMaxDeg,
    latMinDeg: latMinDeg === -Infinity ? -90 : latMinDeg,
    latMaxDeg: latMaxDeg === Infinity ? 90 : latMaxDeg,
  };
}

/** The simple shapes that DALI and STC-S share, after their name. */
function simpleShape(reader: Reader, name: string): SkyRegion | undefined {
  switch (name) {
    case 'POINT':
    case 'POSITION': {
      const numbers = reader.numbers();
      count(reader, numbers, 2, 'a point');
      return { kind: 'point', raDeg: numbers[0]!, decDeg: numbers[1]! };
    }
    case 'CIRCLE': {
      const numbers = reader.numbers();
      count(reader, numbers, 3, 'a circle');
      return { kind: 'circle', raDeg: numbers[0]!, decDeg: numbers[1]!, radiusDeg: numbers[2]! };
    }
    case 'POLYGON':
      return { kind: 'polygon', corners: pairs(reader, reader.numbers()) };
    case 'RANGE': {
      const numbers = reader.numbers(true);
      count(reader, numbers, 4, 'a range');
      return rangeOf(numbers);
    }
    default:
      return undefined;
  }
}

/** A DALI shape, or several for their union: values of xtypes `shape` and `multishape` and of the parameter POS. */
export function parseDaliShape(text: string): SkyRegion {
  const reader = new Reader(text);
  const regions: SkyRegion[] = [];
  while (!reader.done) {
    const name = reader.next();
    const region = name.toUpperCase() === 'POSITION' ? undefined : simpleShape(reader, name.toUpperCase());
    if (!region) throw reader.error(`has no shape "${name.slice(0, 40)}"; DALI has circle, range, polygon and point`);
    regions.push(region);
  }
  if (regions.length === 0) throw reader.error('is empty');
  return regions.length === 1 ? regions[0]! : { kind: 'union', regions };
}

/** The value of a DALI geometry xtype: numbers as an array or as text. */
export function parseDaliValue(
  xtype: 'point' | 'circle' | 'range' | 'polygon',
  value: string | ArrayLike<number>,
): SkyRegion {
  return parseDaliShape(`${xtype} ${typeof value === 'string' ? value : Array.from(value).join(' ')}`);
}

/** A region in STC-S, turned to ICRS. */
export function parseStcs(text: string): SkyRegion {
  const reader = new Reader(text);
  const region = stcsRegion(reader, 'ICRS', 0);
  if (!reader.done) throw reader.error('goes on after its end');
  return region;
}

/** Frame, reference position and flavour, each of which may be absent; the frame of the whole holds for its parts. */
function stcsFrame(reader: Reader, inherited: RegionFrame): RegionFrame {
  const word = reader.word() ?? '';
  if (REFUSED_FRAMES.has(word)) throw reader.error(`is in the frame ${word}, which is not supported`);
  let frame = inherited;
  if (word in FRAMES) {
    frame = FRAMES[word]!;
    reader.next();
  }
  if (POSITIONS.has(reader.word() ?? '')) reader.next();
  const flavour = reader.word();
  if (flavour === 'CARTESIAN2' || flavour === 'CARTESIAN3') throw reader.error('is not in spherical coordinates');
  reader.take('SPHERICAL2');
  return frame;
}

function stcsRegion(reader: Reader, inherited: RegionFrame, depth: number): SkyRegion {
  if (depth > MAX_DEPTH) throw reader.error(`is nested more than ${MAX_DEPTH} deep`);
  const name = reader.next().toUpperCase();
  const frame = stcsFrame(reader, inherited);
  switch (name) {
    case 'ALLSKY':
      return WHOLE_SKY;
    case 'UNION':
    case 'INTERSECTION': {
      const regions = stcsList(reader, frame, depth);
      return { kind: name === 'UNION' ? 'union' : 'intersection', regions };
    }
    case 'NOT': {
      if (reader.word() !== '(') return { kind: 'not', region: stcsRegion(reader, frame, depth + 1) };
      const [region, ...more] = stcsList(reader, frame, depth);
      if (!region || more.length > 0) throw reader.error('has a NOT of other than one region');
      return { kind: 'not', region };
    }
    case 'BOX': {
      const numbers = reader.numbers();
      count(reader, numbers, 4, 'a box');
      return boxRegion(numbers[0]!, numbers[1]!, numbers[2]!, numbers[3]!, frame);
    }
    case 'ELLIPSE': {
      const numbers = reader.numbers();
      count(reader, numbers, 5, 'an ellipse');
      const [raDeg, decDeg, semiMajorDeg, semiMinorDeg, positionAngleDeg] = numbers as [
        number,
        number,
        number,
        number,
        number,
      ];
      return regionInIcrs({ kind: 'ellipse', raDeg, decDeg, semiMajorDeg, semiMinorDeg, positionAngleDeg }, frame);
    }
    case 'POSITIONINTERVAL': {
      const numbers = reader.numbers(true);
      count(reader, numbers, 4, 'a position interval');
      return regionInIcrs(rangeOf([numbers[0]!, numbers[2]!, numbers[1]!, numbers[3]!]), frame);
    }
    default: {
      const region = name === 'RANGE' || name === 'POINT' ? undefined : simpleShape(reader, name);
      if (!region) throw reader.error(`has no shape "${name.slice(0, 40)}" that STC-S knows`);
      return regionInIcrs(region, frame);
    }
  }
}

function stcsList(reader: Reader, frame: RegionFrame, depth: number): SkyRegion[] {
  if (!reader.take('(')) throw reader.error('lacks a parenthesis');
  const regions: SkyRegion[] = [];
  while (!reader.take(')')) regions.push(stcsRegion(reader, frame, depth + 1));
  if (regions.length === 0) throw reader.error('has an empty list of regions');
  return regions;
}

/** DALI or STC-S, whichever it is: after its name a DALI shape goes on with a number. */
export function parseRegion(text: string): SkyRegion {
  return /^\s*(?:point|circle|range|polygon)[\s,]+[+\-.\d]/i.test(text) ? parseDaliShape(text) : parseStcs(text);
}

/** Corners counter-clockwise as seen from inside the sphere, as DALI asks for. */
function orderedCorners(corners: readonly { readonly raDeg: number; readonly decDeg: number }[]): string {
  const polygon = new SphericalPolygon(corners);
  const ordered = polygon.isCounterClockwise ? polygon.corners : polygon.corners.toReversed();
  return ordered.map(({ raDeg, decDeg }) => `${raDeg} ${decDeg}`).join(' ');
}

/** DALI `shape` or `multishape`; what has no such form is refused. */
export function formatDaliShape(region: SkyRegion): string {
  switch (region.kind) {
    case 'point':
      return `point ${region.raDeg} ${region.decDeg}`;
    case 'circle':
      return `circle ${region.raDeg} ${region.decDeg} ${region.radiusDeg}`;
    case 'polygon':
      return `polygon ${orderedCorners(region.corners)}`;
    case 'range':
      if (region.frame !== undefined && region.frame !== 'ICRS') break;
      return `range ${region.lonMinDeg} ${region.lonMaxDeg} ${region.latMinDeg} ${region.latMaxDeg}`;
    case 'union':
      return region.regions.map((part) => formatDaliShape(part)).join(' ');
    default:
  }
  throw new SkyError('BAD_REGION', `DALI has no form for this ${region.kind}`, region);
}

/** STC-S in ICRS (a range keeps its own frame). */
export const formatStcs = (region: SkyRegion): string => stcsText(region, ' ICRS');

function stcsText(region: SkyRegion, frame: string): string {
  switch (region.kind) {
    case 'point':
      return `Position${frame} ${region.raDeg} ${region.decDeg}`;
    case 'circle':
      return `Circle${frame} ${region.raDeg} ${region.decDeg} ${region.radiusDeg}`;
    case 'polygon':
      return `Polygon${frame} ${orderedCorners(region.corners)}`;
    case 'ellipse':
      return `Ellipse${frame} ${region.raDeg} ${region.decDeg} ${region.semiMajorDeg} ${region.semiMinorDeg} ${region.positionAngleDeg}`;
    case 'range': {
      const own = region.frame !== undefined && region.frame !== 'ICRS' ? ` ${region.frame}` : frame;
      return `PositionInterval${own} ${region.lonMinDeg} ${region.latMinDeg} ${region.lonMaxDeg} ${region.latMaxDeg}`;
    }
    case 'not':
      return `Not${frame} (${stcsText(region.region, '')})`;
    default: {
      const name = region.kind === 'union' ? 'Union' : 'Intersection';
      return `${name}${frame} (${region.regions.map((part) => stcsText(part, '')).join(' ')})`;
    }
  }
}
