// Regions written as text: DALI numbers ("10 20 0.5"), DALI and STC-S shapes ("CIRCLE ICRS 10 20 0.5"), degrees.

import type { SkyPosition } from '#libs/sky';
import { boxVertices } from './box.js';
import type { Context } from './context.js';
import type { Span } from './error.js';
import type { RegionConstant } from './shape.js';

/** Coordinate systems that are ICRS within what survey positions know; others are refused rather than silently ignored. */
const FRAMES = new Set(['ICRS', 'FK5', 'J2000', 'UNKNOWNFRAME']);
const OTHER_FRAMES = new Set([
  'FK4',
  'B1950',
  'GALACTIC',
  'GALACTIC_I',
  'GALACTIC_II',
  'SUPER_GALACTIC',
  'ECLIPTIC',
  'GEO_C',
  'GEO_D',
]);
const POSITIONS = new Set([
  'BARYCENTER',
  'GEOCENTER',
  'HELIOCENTER',
  'LSR',
  'TOPOCENTER',
  'RELOCATABLE',
  'UNKNOWNREFPOS',
]);
const FLAVOURS = new Set(['CARTESIAN2', 'SPHERICAL2', 'SPHERICAL']);
const COMPOUND = new Set([
  'UNION',
  'INTERSECTION',
  'NOT',
  'DIFFERENCE',
  'ALLSKY',
  'ELLIPSE',
  'CONVEX',
  'RANGE',
  'MULTISHAPE',
]);

/** @throws AdqlError when the text is no region, or not of the wanted kind */
export function parseRegion(
  context: Context,
  text: string,
  span: Span,
  wanted?: RegionConstant['kind'],
): RegionConstant {
  const bad = (reason: string) => context.error('BAD_REGION', reason, span);
  const words = text
    .trim()
    .split(/[\s,()]+/)
    .filter((word) => word !== '');
  let at = 0;
  let shape = '';
  for (; at < words.length && !isNumber(words[at]!); at++) {
    const word = words[at]!.toUpperCase();
    if (OTHER_FRAMES.has(word)) throw bad(`the coordinate system ${words[at]} is not supported: give ICRS positions`);
    if (COMPOUND.has(word)) throw bad(`${words[at]} is not supported: use POSITION, CIRCLE, BOX or POLYGON`);
    if (FRAMES.has(word) || POSITIONS.has(word) || FLAVOURS.has(word)) continue;
    if (shape !== '' || !SHAPES.has(word))
      throw bad(`'${words[at]!.slice(0, 40)}' is no shape: use POSITION, CIRCLE, BOX or POLYGON`);
    shape = SHAPES.get(word)!;
  }
  const numbers: number[] = [];
  for (; at < words.length && isNumber(words[at]!); at++) numbers.push(Number(words[at]));
  if (at < words.length) throw bad(`'${words[at]!.slice(0, 40)}' after the coordinates is not supported`);
  const kind = shape || wanted;
  const count = (n: number): void => {
    if (numbers.length !== n) throw bad(`a ${kind} has ${n} numbers, and this has ${numbers.length}`);
  };
  if (shape && wanted && (shape === 'box' ? 'polygon' : shape) !== wanted)
    throw bad(`this is a ${shape}, not a ${wanted}`);
  switch (kind) {
    case 'point':
      count(2);
      return { kind, position: positionsOf(numbers)[0]! };
    case 'circle':
      count(3);
      if (numbers[2]! < 0) throw bad(`a radius cannot be negative, and this is ${numbers[2]}`);
      return { kind, centre: positionsOf(numbers.slice(0, 2))[0]!, radiusDeg: numbers[2]! };
    case 'box':
      count(4);
      return {
        kind: 'polygon',
        vertices: boxVertices(positionsOf(numbers.slice(0, 2))[0]!, numbers[2]!, numbers[3]!, bad),
      };
    case 'polygon':
      if (numbers.length < 6 || numbers.length % 2 !== 0)
        throw bad(`a polygon has pairs of numbers, at least 3, and this has ${numbers.length} numbers`);
      return { kind, vertices: positionsOf(numbers) };
    default:
      throw bad('a region begins with its shape: POSITION, CIRCLE, BOX or POLYGON');
  }
}

const SHAPES = new Map([
  ['POSITION', 'point'],
  ['POINT', 'point'],
  ['CIRCLE', 'circle'],
  ['BOX', 'box'],
  ['POLYGON', 'polygon'],
]);

const isNumber = (word: string): boolean =>
  /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(word) && Number.isFinite(Number(word));

const positionsOf = (numbers: readonly number[]): SkyPosition[] =>
  Array.from({ length: numbers.length / 2 }, (_, i) => ({ raDeg: numbers[2 * i]!, decDeg: numbers[2 * i + 1]! }));

/** The coordinate system that the deprecated first argument of POINT, CIRCLE, BOX and POLYGON names must be ICRS or nothing. */
export function checkCoordinateSystem(context: Context, text: string, span: Span): void {
  for (const word of text.trim().toUpperCase().split(/\s+/))
    if (word !== '' && !FRAMES.has(word) && !POSITIONS.has(word) && !FLAVOURS.has(word))
      throw context.error(
        'NOT_SUPPORTED',
        `the coordinate system '${text.slice(0, 40)}' is not supported: positions are ICRS`,
        span,
      );
}
