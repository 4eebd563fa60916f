// Every function that may be called, by name; nothing else reaches the database.

import { suggest } from '#libs/filter-language';
import { AGGREGATES, compileAggregate } from './aggregates.js';
import type { FunctionCall } from './ast.js';
import { cast, doubleSql, literalAs, requireInteger, requireNumber, requireText, unify } from './coercion.js';
import type { Context } from './context.js';
import { type Compile, type Environment, inherit } from './environment.js';
import { GEOMETRY_FUNCTIONS } from './geometry-functions.js';
import { healpixCenter, healpixIndex } from './healpix-functions.js';
import { MATH_FUNCTIONS, type MathFunction } from './math-functions.js';
import { columnShape } from './shape.js';
import { conversionFactor } from './units.js';
import { isGeometry, isInteger, type Metadata, type Value } from './value.js';

type ScalarFunction = (context: Context, values: readonly Value[], call: FunctionCall) => Value;

export function compileCall(call: FunctionCall, environment: Environment, compile: Compile): Value {
  const { context } = environment;
  const name = call.name.text.toUpperCase();
  if (AGGREGATES.has(name)) return named(compileAggregate(name, call, environment, compile), call);
  if (call.star || call.quantifier)
    throw context.error('WRONG_ARGUMENTS', `only aggregates take * or ${call.quantifier ?? 'DISTINCT'}`, call);
  const geometry = own(GEOMETRY_FUNCTIONS, name);
  const scalar = own(SCALAR_FUNCTIONS, name);
  const math = own(MATH_FUNCTIONS, name);
  if (!geometry && !scalar && !math)
    throw context.error(
      'UNKNOWN_FUNCTION',
      `there is no function ${call.name.text}`,
      call.name,
      suggest(call.name.text.slice(0, 64), FUNCTION_NAMES),
    );
  const values = call.arguments.map((argument) => compile(argument, environment));
  const value = geometry
    ? geometry(context, values, call, environment)
    : scalar
      ? scalar(context, values, call)
      : compileMath(context, math!, values, call);
  return named(value, call);
}

const own = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

const named = (value: Value, call: FunctionCall): Value => {
  const { column: _, ...rest } = value;
  return { ...(call.name.text.toUpperCase().startsWith('COORD') ? value : rest), name: call.name.text.toLowerCase() };
};

function compileMath(context: Context, math: MathFunction, values: readonly Value[], call: FunctionCall): Value {
  const name = call.name.text.toUpperCase();
  checkCount(context, call, math.count, math.count);
  const operands = values.map((value) => doubleSql(context, requireNumber(context, value, name)));
  const unit = UNITS_OF_RESULTS[name];
  return {
    kind: 'double',
    sql: math.sql(...operands),
    span: call,
    ...inherit(values),
    ...(unit ? { metadata: { unit } } : {}),
  };
}

const UNITS_OF_RESULTS: Readonly<Record<string, string>> = {
  ACOS: 'rad',
  ASIN: 'rad',
  ATAN: 'rad',
  ATAN2: 'rad',
  RADIANS: 'rad',
  DEGREES: 'deg',
  MAG: 'mag',
  MAG_ERR: 'mag',
  FLUX: 'nJy',
};

function checkCount(context: Context, call: FunctionCall, least: number, most: number): void {
  const { length } = call.arguments;
  if (length >= least && length <= most) return;
  const wanted = least === most ? `${least}` : most === Infinity ? `at least ${least}` : `${least} or ${most}`;
  throw context.error(
    'WRONG_ARGUMENTS',
    `${call.name.text.toUpperCase()} takes ${wanted} argument${wanted === '1' ? '' : 's'}, not ${length}`,
    call,
  );
}

const unitOf = (value: Value): { metadata?: Partial<Metadata> } => {
  const unit = value.metadata?.unit;
  return unit === undefined ? {} : { metadata: { unit } };
};

/** ROUND and TRUNCATE: to `digits` decimal places, halves away from zero. */
const rounded =
  (sql: 'round' | 'trunc'): ScalarFunction =>
  (context, values, call) => {
    checkCount(context, call, 1, 2);
    const [value, digits] = values as [Value, Value?];
    requireNumber(context, value, call.name.text.toUpperCase());
    if (digits && (digits.integer === undefined || digits.integer < -300n || digits.integer > 300n))
      throw context.error('WRONG_ARGUMENTS', 'the number of digits is a literal integer from -300 to 300', digits.span);
    const operand = doubleSql(context, value);
    const places = digits ? `, ${digits.sql}` : '';
    return {
      kind: 'double',
      sql: sql === 'trunc' && !digits ? `trunc(${operand})` : `(${sql}(${operand}::numeric${places})::float8)`,
      span: call,
      ...inherit(values),
      ...unitOf(value),
    };
  };

const whole =
  (sql: 'ceil' | 'floor'): ScalarFunction =>
  (context, values, call) => {
    checkCount(context, call, 1, 1);
    const value = requireNumber(context, values[0]!, call.name.text.toUpperCase());
    return {
      kind: 'double',
      sql: `${sql}(${doubleSql(context, value)})`,
      span: call,
      ...inherit([value]),
      ...unitOf(value),
    };
  };

const folded =
  (sql: 'lower' | 'upper'): ScalarFunction =>
  (context, values, call) => {
    checkCount(context, call, 1, 1);
    const value = requireText(context, values[0]!, call.name.text.toUpperCase());
    return text(`${sql}(${cast(context, value, 'text')})`, call, values);
  };

/** 1 or 0 that may stand alone or be compared, as CONTAINS does */
const truth = (condition: string, call: FunctionCall, values: readonly Value[]): Value => ({
  kind: 'int',
  sql: `${condition}::int`,
  truth: condition,
  span: call,
  ...inherit(values),
});

const text = (sql: string, call: FunctionCall, values: readonly Value[]): Value => ({
  kind: 'text',
  sql,
  span: call,
  ...inherit(values),
  ...(values.some((value) => value.metadata?.datatype === 'unicodeChar')
    ? { metadata: { datatype: 'unicodeChar' as const, arraysize: '*' } }
    : {}),
});

const twoTexts = (context: Context, values: readonly Value[], call: FunctionCall): [string, string] => {
  checkCount(context, call, 2, 2);
  return values.map((value) => cast(context, requireText(context, value, call.name.text.toLowerCase()), 'text')) as [
    string,
    string,
  ];
};

const bitwise =
  (count: 1 | 2, sql: (...values: string[]) => string): ScalarFunction =>
  (context, values, call) => {
    checkCount(context, call, count, count);
    const operands = values.map((value) =>
      cast(context, requireInteger(context, value, call.name.text.toLowerCase()), 'long'),
    );
    return { kind: 'long', sql: sql(...operands), span: call, ...inherit(values) };
  };

const SCALAR_FUNCTIONS: Readonly<Record<string, ScalarFunction>> = {
  ABS(context, values, call) {
    checkCount(context, call, 1, 1);
    const value = requireNumber(context, values[0]!, 'ABS');
    const kind = value.kind === 'null' ? 'double' : value.kind === 'short' ? 'int' : value.kind;
    return { kind, sql: `abs(${cast(context, value, kind)})`, span: call, ...inherit([value]), ...unitOf(value) };
  },
  ROUND: rounded('round'),
  TRUNCATE: rounded('trunc'),
  CEILING: whole('ceil'),
  FLOOR: whole('floor'),
  MOD(context, values, call) {
    checkCount(context, call, 2, 2);
    const [a, b] = values.map((value) => requireNumber(context, value, 'MOD')) as [Value, Value];
    const integers = isInteger(a.kind) && isInteger(b.kind);
    const operand = (value: Value): string =>
      integers ? cast(context, value, 'long') : `${doubleSql(context, value)}::numeric`;
    return {
      kind: integers ? 'long' : 'double',
      sql: `(mod(${operand(a)}, NULLIF(${operand(b)}, 0))${integers ? '' : '::float8'})`,
      span: call,
      ...inherit([a, b]),
    };
  },
  RAND(context, values, call) {
    checkCount(context, call, 0, 1);
    // the standard gives the argument no meaning
    if (values[0]) requireInteger(context, values[0], 'RAND');
    return { kind: 'double', sql: 'random()', span: call, ...inherit(values) };
  },
  LOWER: folded('lower'),
  UPPER: folded('upper'),
  COALESCE(context, values, call) {
    checkCount(context, call, 1, Infinity);
    const { kind, sql } = unify(context, values, 'COALESCE');
    const value: Value = {
      kind,
      sql: `COALESCE(${sql.join(', ')})`,
      span: call,
      ...inherit(values),
      ...(values.every((other) => other.metadata?.unit === values[0]!.metadata?.unit) ? unitOf(values[0]!) : {}),
    };
    return isGeometry(kind) ? { ...value, shape: columnShape(context, value) } : value;
  },
  NULLIF(context, values, call) {
    checkCount(context, call, 2, 2);
    const { kind, sql } = unify(context, values, 'NULLIF');
    if (isGeometry(kind)) throw context.error('WRONG_TYPE', 'NULLIF cannot compare regions', call);
    return { kind, sql: `NULLIF(${sql.join(', ')})`, span: call, ...inherit(values), ...unitOf(values[0]!) };
  },
  IN_UNIT(context, values, call) {
    checkCount(context, call, 2, 2);
    const [value, unit] = values as [Value, Value];
    requireNumber(context, value, 'IN_UNIT');
    if (unit.text === undefined)
      throw context.error(
        'WRONG_ARGUMENTS',
        "the second argument of IN_UNIT is a literal unit, as in 'arcsec'",
        unit.span,
      );
    const factor = conversionFactor(context, value, unit.text, unit.span);
    return {
      kind: 'double',
      sql:
        factor === 1
          ? doubleSql(context, value)
          : `(${doubleSql(context, value)} * ${context.parameters.bind(factor, 'float8')})`,
      span: call,
      ...inherit([value]),
      metadata: { unit: unit.text.trim() },
    };
  },

  IVO_HEALPIX_INDEX: (context, values, call) => healpixIndex(context, values, call),
  IVO_HEALPIX_CENTER: (context, values, call) => healpixCenter(context, values, call),
  IVO_NOCASEMATCH(context, values, call) {
    const [value, pattern] = twoTexts(context, values, call);
    return truth(`(${value} ILIKE ${pattern} ESCAPE '')`, call, values);
  },
  IVO_HASWORD(context, values, call) {
    const [haystack, needle] = twoTexts(context, values, call);
    return truth(`(to_tsvector('simple', ${haystack}) @@ plainto_tsquery('simple', ${needle}))`, call, values);
  },
  IVO_HASHLIST_HAS(context, values, call) {
    const [list, item] = twoTexts(context, values, call);
    return truth(`(lower(${item}) = ANY(string_to_array(lower(${list}), '#')))`, call, values);
  },
  IVO_INTERVAL_OVERLAPS(context, values, call) {
    checkCount(context, call, 4, 4);
    const [low1, high1, low2, high2] = values.map((value) =>
      requireNumber(context, value, 'ivo_interval_overlaps').kind === 'null'
        ? 'NULL::float8'
        : literalAs(context, value, 'double').sql,
    );
    return truth(`(${high1} >= ${low2} AND ${high2} >= ${low1})`, call, values);
  },
  BITWISE_AND: bitwise(2, (a, b) => `(${a} & ${b})`),
  BITWISE_OR: bitwise(2, (a, b) => `(${a} | ${b})`),
  BITWISE_XOR: bitwise(2, (a, b) => `(${a} # ${b})`),
  BITWISE_NOT: bitwise(1, (a) => `(~ ${a})`),
};

const FUNCTION_NAMES = [GEOMETRY_FUNCTIONS, SCALAR_FUNCTIONS, MATH_FUNCTIONS]
  .flatMap((table) => Object.keys(table))
  .concat([...AGGREGATES.keys()]);
