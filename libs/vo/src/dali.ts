// Parameters as DALI 1.1 has them: names in any case, repeated or not, unknown ones ignored; intervals and shapes as numbers.

import { VoError } from './vo-error.js';

type Given = Readonly<Record<string, unknown>>;

/** The parameters of a request, from its query string and its form. Names are upper case inside. */
export class DaliParameters {
  readonly #values = new Map<string, string[]>();

  constructor(...sources: readonly (Given | undefined | null)[]) {
    for (const source of sources)
      for (const [name, value] of Object.entries(source ?? {}))
        for (const one of Array.isArray(value) ? value : [value])
          if (typeof one === 'string' || typeof one === 'number') this.add(name, String(one));
  }

  add(name: string, value: string): void {
    const key = name.toUpperCase();
    const known = this.#values.get(key);
    if (known) known.push(value);
    else this.#values.set(key, [value]);
  }

  /** The last value given, as a form overrides the query string; undefined when absent or blank. */
  get(name: string): string | undefined {
    const value = this.#values.get(name)?.at(-1);
    return value === undefined || value.trim() === '' ? undefined : value;
  }

  all(name: string): readonly string[] {
    return (this.#values.get(name) ?? []).filter((value) => value.trim() !== '');
  }

  require(name: string): string {
    const value = this.get(name);
    if (value === undefined) throw new VoError('MISSING_PARAMETER', `the parameter ${name} is missing`, name);
    return value;
  }

  integer(name: string, minimum = 0): number | undefined {
    const given = this.get(name);
    if (given === undefined) return undefined;
    const value = /^[+-]?\d+$/.test(given.trim()) ? Number(given) : NaN;
    if (!(value >= minimum))
      throw new VoError('BAD_PARAMETER', `${name} must be a whole number >= ${minimum}, not '${given}'`, given);
    return value;
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  toRecord(): Record<string, string[]> {
    return Object.fromEntries(this.#values);
  }
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

const numbersOf = (name: string, value: string): number[] =>
  value
    .trim()
    .split(/\s+/)
    .map((word) => {
      const number = /^[+-]?inf(inity)?$/i.test(word)
        ? word.startsWith('-')
          ? -Infinity
          : Infinity
        : /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)
          ? Number(word)
          : NaN;
      if (Number.isNaN(number)) throw new VoError('BAD_PARAMETER', `${name}: '${word}' is not a number`, value);
      return number;
    });

/** `lo hi`, or one number for an interval of no width; -Inf and +Inf leave a side open. */
export function intervalOf(name: string, value: string): Interval {
  const numbers = numbersOf(name, value);
  const [low, high = low] = numbers;
  if (numbers.length < 1 || numbers.length > 2 || low! > high!)
    throw new VoError('BAD_PARAMETER', `${name} is an interval 'low high' with low <= high, not '${value}'`, value);
  return { low: low!, high: high! };
}

/** Degrees, ICRS. A range may leave sides open; vertices are longitude and latitude in turn. */
export type Shape =
  | { readonly kind: 'circle'; readonly lon: number; readonly lat: number; readonly radius: number }
  | { readonly kind: 'range'; readonly lon: Interval; readonly lat: Interval }
  | { readonly kind: 'polygon'; readonly vertices: readonly number[] };

const badShape = (name: string, value: string, why: string): VoError =>
  new VoError('BAD_PARAMETER', `${name}: ${why}, not '${value}'`, value);

const checkPosition = (name: string, value: string, lon: number, lat: number): void => {
  if (!(lon >= 0 && lon <= 360)) throw badShape(name, value, 'a longitude is 0 to 360 deg');
  if (!(lat >= -90 && lat <= 90)) throw badShape(name, value, 'a latitude is -90 to 90 deg');
};

export function circleOf(name: string, value: string): Shape {
  const [lon, lat, radius, ...more] = numbersOf(name, value);
  if (radius === undefined || more.length > 0) throw badShape(name, value, "a circle is 'lon lat radius'");
  checkPosition(name, value, lon!, lat!);
  if (!(radius >= 0 && radius <= 180)) throw badShape(name, value, 'a radius is 0 to 180 deg');
  return { kind: 'circle', lon: lon!, lat: lat!, radius };
}

export function polygonOf(name: string, value: string): Shape {
  const vertices = numbersOf(name, value);
  if (vertices.length < 6 || vertices.length % 2 !== 0)
    throw badShape(name, value, "a polygon has at least three vertices 'lon lat'");
  for (let i = 0; i < vertices.length; i += 2) checkPosition(name, value, vertices[i]!, vertices[i + 1]!);
  return { kind: 'polygon', vertices };
}

export function rangeOf(name: string, value: string): Shape {
  const [lon1, lon2, lat1, lat2, ...more] = numbersOf(name, value);
  if (lat2 === undefined || more.length > 0) throw badShape(name, value, "a range is 'lon1 lon2 lat1 lat2'");
  if (lat1! > lat2 || lon1! > lon2!) throw badShape(name, value, 'a range goes from the lower to the higher value');
  return { kind: 'range', lon: { low: lon1!, high: lon2! }, lat: { low: lat1!, high: lat2 } };
}

/** `CIRCLE lon lat r`, `RANGE lon1 lon2 lat1 lat2` or `POLYGON lon lat ...` (SIA 2.0, SODA 1.0). */
export function shapeOf(name: string, value: string): Shape {
  const [word = '', ...rest] = value.trim().split(/\s+/);
  const numbers = rest.join(' ');
  if (rest.length > 0)
    switch (word.toUpperCase()) {
      case 'CIRCLE':
        return circleOf(name, numbers);
      case 'RANGE':
        return rangeOf(name, numbers);
      case 'POLYGON':
        return polygonOf(name, numbers);
    }
  throw badShape(name, value, 'a position is CIRCLE, RANGE or POLYGON with its numbers');
}
