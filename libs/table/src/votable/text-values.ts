// The values that text stands for in TABLEDATA cells, by datatype. What it cannot be is refused, never rounded or wrapped.

import { TableError } from '../errors.js';
import type { VotableDatatype } from './model.js';

const RANGES: Readonly<Record<string, readonly [number, number]>> = {
  unsignedByte: [0, 255],
  short: [-32768, 32767],
  int: [-2147483648, 2147483647],
};
const LOWEST_LONG = -(2n ** 63n);
const HIGHEST_LONG = 2n ** 63n - 1n;

const refused = (datatype: string, text: string): TableError =>
  new TableError('BAD_VALUE', `"${text.slice(0, 80)}" is not a value of type ${datatype}`, { value: text });

/** Decimal, or hexadecimal with `0x`. */
const INTEGER = /^[+-]?(?:\d+|0[xX][0-9a-fA-F]+)$/;

export function integerOf(datatype: 'unsignedByte' | 'short' | 'int', text: string): number {
  const value = Number(text);
  const [least, most] = RANGES[datatype]!;
  if (!Number.isInteger(value) || value < least || value > most || text === '' || !INTEGER.test(text))
    throw refused(datatype, text);
  return value + 0;
}

export function longOf(text: string): bigint {
  if (!INTEGER.test(text) || text.length > 40) throw refused('long', text);
  if (text.length < 16) return BigInt(Number(text));
  const value = text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text.replace('+', ''));
  if (value < LOWEST_LONG || value > HIGHEST_LONG) throw refused('long', text);
  return value;
}

const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Decimal notation, NaN, Inf in any case (and Infinity, which many write). */
export function floatOf(datatype: string, text: string): number {
  if (DECIMAL.test(text)) return Number(text);
  switch (text.toLowerCase()) {
    case 'nan':
      return NaN;
    case 'inf':
    case '+inf':
    case 'infinity':
    case '+infinity':
      return Infinity;
    case '-inf':
    case '-infinity':
      return -Infinity;
    default:
      throw refused(datatype, text);
  }
}

/** 1, 0, or null for `?`. */
export function booleanOf(text: string): 0 | 1 | null {
  switch (text.toLowerCase()) {
    case 't':
    case 'true':
    case '1':
      return 1;
    case 'f':
    case 'false':
    case '0':
      return 0;
    case '?':
      return null;
    default:
      throw refused('boolean', text);
  }
}

export function bitOf(text: string): 0 | 1 {
  if (text === '1') return 1;
  if (text === '0') return 0;
  throw refused('bit', text);
}

/** One element; null where the text says that it is missing. */
export function elementOf(datatype: VotableDatatype, text: string): number | bigint | null {
  switch (datatype) {
    case 'boolean':
      return booleanOf(text);
    case 'bit':
      return bitOf(text);
    case 'long':
      return longOf(text);
    case 'unsignedByte':
    case 'short':
    case 'int':
      return integerOf(datatype, text);
    default:
      return floatOf(datatype, text);
  }
}
