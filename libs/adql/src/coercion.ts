// Values of one type where another is wanted: literals take the type of what they stand beside, numbers widen, nothing else
// changes by itself.

import type { Context } from './context.js';
import { inherit } from './environment.js';
import type { Span } from './error.js';
import { parseTimestamp } from './timestamp.js';
import { describe, isGeometry, isInteger, isNumeric, type Kind, SQL_TYPES, type Value, widest } from './value.js';

const CONSTANT = { loose: [], aggregate: false } as const;

/** A whole number known now: int, long, or double beyond 64 bits. */
export function integerConstant(context: Context, integer: bigint, span: Span): Value {
  const constant = Number(integer);
  if (integer >= -(1n << 31n) && integer < 1n << 31n)
    return {
      kind: 'int',
      sql: context.parameters.bind(constant, 'int'),
      atom: true,
      constant,
      integer,
      span,
      ...CONSTANT,
    };
  if (integer >= -(1n << 63n) && integer < 1n << 63n)
    return {
      kind: 'long',
      sql: context.parameters.bind(integer, 'bigint'),
      atom: true,
      constant,
      integer,
      span,
      ...CONSTANT,
    };
  return doubleConstant(context, constant, span);
}

export const doubleConstant = (context: Context, constant: number, span: Span): Value => ({
  kind: 'double',
  sql: context.parameters.bind(constant, 'float8'),
  atom: true,
  constant,
  span,
  ...CONSTANT,
});

export const textConstant = (context: Context, text: string, span: Span): Value => ({
  kind: 'text',
  sql: context.parameters.bind(text, 'text'),
  atom: true,
  text,
  span,
  ...CONSTANT,
  ...(/[^\0-\x7f]/.test(text) ? { metadata: { datatype: 'unicodeChar' as const, arraysize: '*' } } : {}),
});

export const booleanConstant = (value: boolean, span: Span): Value => ({
  kind: 'boolean',
  sql: value ? 'TRUE::boolean' : 'FALSE::boolean',
  atom: true,
  span,
  ...CONSTANT,
});

/** @throws AdqlError unless the value is a number (or NULL) */
export function requireNumber(context: Context, value: Value, what: string): Value {
  if (!value.condition && (isNumeric(value.kind) || value.kind === 'null')) return value;
  throw context.error('WRONG_TYPE', `${what} needs a number, and this is ${describe(value)}`, value.span);
}

export function requireInteger(context: Context, value: Value, what: string): Value {
  if (!value.condition && (isInteger(value.kind) || value.kind === 'null')) return value;
  throw context.error('WRONG_TYPE', `${what} needs an integer, and this is ${describe(value)}`, value.span);
}

export function requireText(context: Context, value: Value, what: string): Value {
  if (!value.condition && (value.kind === 'text' || value.kind === 'null' || value.kind === 'region')) return value;
  throw context.error(
    'WRONG_TYPE',
    `${what} needs a text, and this is ${describe(value)}${value.condition || isGeometry(value.kind) ? '' : ': write CAST(... AS VARCHAR)'}`,
    value.span,
  );
}

/** a value, not a condition */
export function requireValue(context: Context, value: Value, what: string): Value {
  if (!value.condition) return value;
  throw context.error(
    'WRONG_TYPE',
    `${what} needs a value, and this is a condition: write CASE WHEN ... THEN 1 ELSE 0 END`,
    value.span,
  );
}

/** The SQL of a truth value: a condition, or a boolean column. */
export function requireCondition(context: Context, value: Value, what: string): string {
  if (value.condition || value.kind === 'boolean') return value.sql;
  if (value.kind === 'null') return 'NULL::boolean';
  throw context.error(
    'WRONG_TYPE',
    value.truth
      ? `${what} needs a condition, and this is 0 or 1: write 1 = ...`
      : `${what} needs a condition, and this is ${describe(value)}`,
    value.span,
  );
}

/** float8 SQL of a number */
export function doubleSql(context: Context, value: Value): string {
  if (value.kind === 'double') return value.sql;
  if (value.constant !== undefined) return context.parameters.bind(value.constant, 'float8');
  return value.kind === 'null' ? 'NULL::float8' : `${value.sql}::float8`;
}

/** The value as another type of the same family. */
export function cast(context: Context, value: Value, kind: Kind): string {
  if (value.kind === kind || kind === 'array' || kind === 'null') return value.sql;
  if (kind === 'double') return doubleSql(context, value);
  return `${value.sql}::${SQL_TYPES[kind]}`;
}

/** The one type that all values can be, and their SQL in it. @throws AdqlError when there is none */
export function unify(context: Context, values: readonly Value[], what: string): { kind: Kind; sql: string[] } {
  let kind: Kind = 'null';
  const typed = values.find((value) => value.kind !== 'null' && value.text === undefined && value.kind !== 'region');
  const coerced = values.map((value) => (typed ? literalAs(context, value, typed.kind) : value));
  for (const value of coerced) {
    requireValue(context, value, what);
    const own = value.kind === 'region' ? 'text' : value.kind;
    if (own === 'null' || own === kind) continue;
    if (kind === 'null') kind = own;
    else if (isNumeric(kind) && isNumeric(own)) kind = widest(kind, own);
    else
      throw context.error(
        'WRONG_TYPE',
        `${what} cannot mix ${describe(coerced[0]!)} and ${describe(value)}`,
        value.span,
      );
  }
  if (kind === 'array') throw context.error('WRONG_TYPE', `${what} cannot hold arrays`, values[0]!.span);
  return { kind, sql: coerced.map((value) => cast(context, value, kind)) };
}

/** A literal in the type of its neighbour: numbers for floats, texts for timestamps, 0 and 1 for booleans. */
export function literalAs(context: Context, value: Value, kind: Kind): Value {
  if (value.integer !== undefined && (kind === 'float' || kind === 'double'))
    return doubleConstant(context, value.constant!, value.span);
  if (value.text !== undefined && kind === 'timestamp') {
    const instant = parseTimestamp(value.text);
    if (!instant)
      throw context.error(
        'WRONG_TYPE',
        `'${value.text.slice(0, 40)}' is not a timestamp: write it as 2026-01-31T12:00:00`,
        value.span,
      );
    return {
      kind,
      sql: context.parameters.bind(instant, 'timestamptz'),
      atom: true,
      span: value.span,
      ...inherit(),
    };
  }
  if (kind === 'boolean') {
    const truth =
      value.integer !== undefined ? BOOLEANS.get(String(value.integer)) : BOOLEANS.get(value.text?.toLowerCase() ?? '');
    if (truth !== undefined) return booleanConstant(truth, value.span);
  }
  return value;
}

const BOOLEANS = new Map([
  ['0', false],
  ['1', true],
  ['f', false],
  ['t', true],
  ['false', false],
  ['true', true],
]);
