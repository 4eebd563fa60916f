// From the parsed filter to a typed one, and from that to a function over columns.
// Truth values follow SQL: false 0, unknown 1, true 2, so that AND is min, OR is max and NOT is 2 - x. NaN is the NULL of numbers.

import type { Expression, FilterQuery, ValueType } from './ast.js';
import { columnKey, type FilterColumn, type FilterColumns } from './columns.js';
import { FilterError } from './error.js';
import { FILTER_FUNCTIONS } from './functions.js';
import { parseFilter } from './parser.js';
import { suggest } from './suggest.js';

/** Column values of one batch (a visit): Float64Array with NaN for NULL, bigint or string lists with null, booleans 0/1 with 255 for NULL. */
export type BatchColumn = Float64Array | BigInt64Array | Uint8Array | readonly (string | bigint | null)[];
export interface FilterBatch {
  readonly rowCount: number;
  /** by `columnKey` */
  readonly columns: ReadonlyMap<string, BatchColumn>;
}

export interface FilterMatch {
  /** row in the batch */
  readonly row: number;
  readonly values: Readonly<Record<string, number | string | boolean | null>>;
}

export interface CompiledFilter {
  readonly query: FilterQuery;
  /** every column the filter reads */
  readonly columns: readonly FilterColumn[];
  /** the rows that match, in the order of ORDER BY (ties by row), at most `limit` of them */
  evaluate(batch: FilterBatch, limit?: number): FilterMatch[];
}

type Cell = number | bigint | string | null;
type Read = (row: number) => Cell;
interface Typed {
  readonly type: ValueType;
  bind(batch: FilterBatch): Read;
}

/** Parses and type-checks a filter against the columns on offer. */
export function compileFilter(text: string, columns: FilterColumns): CompiledFilter {
  const query = parseFilter(text);
  const used = new Map<string, FilterColumn>();
  const check = (expression: Expression): Typed => typeOf(expression, columns, used);
  const where = require(check(query.where), 'boolean', query.where, 'the WHERE condition');
  const select = query.select.map((item) => ({ name: item.name, typed: check(item.expression) }));
  const orderBy = query.orderBy.map((item) => ({
    typed: require(check(item.expression), 'number', item.expression, 'ORDER BY'),
    descending: item.descending,
  }));
  return {
    query,
    columns: [...used.values()],
    evaluate(batch, limit = Infinity) {
      const condition = where.bind(batch);
      let rows: number[] = [];
      for (let row = 0; row < batch.rowCount; row++) if (condition(row) === 2) rows.push(row);
      if (orderBy.length > 0)
        rows = sortRows(
          rows,
          orderBy.map((item) => ({ read: item.typed.bind(batch), descending: item.descending })),
        );
      const count = Math.min(rows.length, query.limitPerVisit ?? Infinity, limit);
      const readers = select.map((item) => ({ ...item, read: item.typed.bind(batch) }));
      return rows.slice(0, count).map((row) => ({
        row,
        values: Object.fromEntries(readers.map(({ name, typed, read }) => [name, toJson(typed.type, read(row))])),
      }));
    },
  };
}

/** NULL sorts last in either direction. */
function sortRows(rows: number[], keys: readonly { read: Read; descending: boolean }[]): number[] {
  const values = new Map(rows.map((row) => [row, keys.map((key) => key.read(row) as number)]));
  return rows.sort((a, b) => {
    const left = values.get(a)!;
    const right = values.get(b)!;
    for (let k = 0; k < keys.length; k++) {
      const x = left[k]!;
      const y = right[k]!;
      if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
      if (x !== y && !Number.isNaN(x)) return keys[k]!.descending ? y - x : x - y;
    }
    return a - b;
  });
}

function toJson(type: ValueType, value: Cell): number | string | boolean | null {
  if (type === 'boolean') return value === 1 ? null : value === 2;
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return null;
  return typeof value === 'bigint' ? value.toString() : value;
}

const TYPE_NAMES: Record<ValueType, string> = {
  number: 'a number',
  long: 'an identifier',
  boolean: 'a condition',
  string: 'a text',
  null: 'NULL',
};

function require(typed: Typed, type: ValueType, expression: Expression, what: string): Typed {
  if (typed.type === type) return typed;
  if (typed.type === 'null')
    return { type, bind: () => () => (type === 'number' ? NaN : type === 'boolean' ? 1 : null) };
  throw new FilterError(
    'WRONG_TYPE',
    `${what} needs ${TYPE_NAMES[type]}, and this is ${TYPE_NAMES[typed.type]}`,
    expression.range,
  );
}

const constant = (type: ValueType, value: Cell): Typed => ({ type, bind: () => () => value });
/** builds a node whose operands are numbers */
const onNumbers = (
  type: ValueType,
  operands: readonly Typed[],
  combine: (reads: readonly ((row: number) => number)[]) => Read,
): Typed => ({
  type,
  bind: (batch) => combine(operands.map((operand) => operand.bind(batch) as (row: number) => number)),
});

function typeOf(expression: Expression, columns: FilterColumns, used: Map<string, FilterColumn>): Typed {
  const check = (inner: Expression): Typed => typeOf(inner, columns, used);
  const number = (inner: Expression, what: string): Typed => require(check(inner), 'number', inner, what);
  const condition = (inner: Expression, what: string): Typed => require(check(inner), 'boolean', inner, what);
  switch (expression.kind) {
    case 'number':
      return constant('number', expression.value);
    case 'string':
      return constant('string', expression.value);
    case 'boolean':
      return constant('boolean', expression.value ? 2 : 0);
    case 'null':
      return constant('null', null);
    case 'column':
      return columnOf(expression, columns, used);
    case 'negate':
      return onNumbers(
        'number',
        [number(expression.operand, 'minus')],
        ([a]) =>
          (row) =>
            -a!(row),
      );
    case 'arithmetic': {
      const operands = [
        number(expression.left, `'${expression.operator}'`),
        number(expression.right, `'${expression.operator}'`),
      ];
      return onNumbers('number', operands, ([a, b]) => ARITHMETIC[expression.operator](a!, b!));
    }
    case 'call':
      return callOf(expression, number);
    case 'and':
    case 'or': {
      const word = expression.kind.toUpperCase();
      const operands = [condition(expression.left, word), condition(expression.right, word)];
      return onNumbers('boolean', operands, ([a, b]) =>
        expression.kind === 'and' ? (row) => Math.min(a!(row), b!(row)) : (row) => Math.max(a!(row), b!(row)),
      );
    }
    case 'not':
      return onNumbers(
        'boolean',
        [condition(expression.operand, 'NOT')],
        ([a]) =>
          (row) =>
            2 - a!(row),
      );
    case 'isNull': {
      const operand = check(expression.operand);
      const yes = expression.negated ? 0 : 2;
      return {
        type: 'boolean',
        bind: (batch) => ((read) => (row) => (isNull(operand.type, read(row)) ? yes : 2 - yes))(operand.bind(batch)),
      };
    }
    case 'compare':
      return compareOf(expression.operator, expression.left, expression.right, check);
    case 'between': {
      const { operand, low, high, negated } = expression;
      const parts = [compareOf('>=', operand, low, check), compareOf('<=', operand, high, check)];
      return onNumbers(
        'boolean',
        parts,
        ([a, b]) =>
          (row) =>
            negated ? 2 - Math.min(a!(row), b!(row)) : Math.min(a!(row), b!(row)),
      );
    }
    case 'in': {
      const parts = expression.options.map((option) => compareOf('=', expression.operand, option, check));
      return onNumbers('boolean', parts, (reads) => (row) => {
        let result = 0;
        for (const read of reads) result = Math.max(result, read(row));
        return expression.negated ? 2 - result : result;
      });
    }
  }
}

type ReadNumber = (row: number) => number;
const ARITHMETIC: Record<string, (a: ReadNumber, b: ReadNumber) => ReadNumber> = {
  '+': (a, b) => (row) => a(row) + b(row),
  '-': (a, b) => (row) => a(row) - b(row),
  '*': (a, b) => (row) => a(row) * b(row),
  '/': (a, b) => (row) => {
    const divisor = b(row);
    return divisor === 0 ? NaN : a(row) / divisor;
  },
  '%': (a, b) => (row) => a(row) % b(row),
};

function isNull(type: ValueType, value: Cell): boolean {
  if (type === 'number') return Number.isNaN(value as number);
  if (type === 'boolean') return value === 1;
  return value === null;
}

function columnOf(
  expression: Extract<Expression, { kind: 'column' }>,
  columns: FilterColumns,
  used: Map<string, FilterColumn>,
): Typed {
  const column = columns.find(expression.path);
  const written = expression.path.join('.');
  if (!column)
    throw new FilterError(
      'UNKNOWN_COLUMN',
      `there is no column ${written}`,
      expression.range,
      suggest(written, columns.names(expression.path.length > 1)),
    );
  const key = columnKey(column);
  used.set(key, column);
  return {
    type: column.type,
    bind(batch) {
      const data = batch.columns.get(key);
      if (!data) throw new RangeError(`the batch has no column ${key}`);
      if (column.type === 'boolean')
        return (row) => ((value) => (value === 255 ? 1 : value === 1 ? 2 : 0))((data as Uint8Array)[row]!);
      return (row) => data[row]!;
    },
  };
}

function callOf(
  expression: Extract<Expression, { kind: 'call' }>,
  number: (inner: Expression, what: string) => Typed,
): Typed {
  const found = FILTER_FUNCTIONS.get(expression.name.toLowerCase());
  if (!found)
    throw new FilterError(
      'UNKNOWN_FUNCTION',
      `there is no function ${expression.name}`,
      expression.range,
      suggest(
        expression.name,
        [...FILTER_FUNCTIONS.values()].map((entry) => entry.name),
      ),
    );
  const count = expression.arguments.length;
  if (count < found.minArguments || count > found.maxArguments) {
    const wanted =
      found.minArguments === found.maxArguments
        ? `${found.minArguments}`
        : `${found.minArguments} to ${found.maxArguments}`;
    throw new FilterError('WRONG_ARGUMENTS', `${found.name} takes ${wanted} arguments, not ${count}`, expression.range);
  }
  return onNumbers(
    'number',
    expression.arguments.map((argument) => number(argument, found.name)),
    (reads) => {
      const [a, b] = reads;
      if (reads.length === 1) return (row) => found.evaluate(a!(row));
      if (reads.length === 2) return (row) => found.evaluate(a!(row), b!(row));
      return (row) => found.evaluate(...reads.map((read) => read(row)));
    },
  );
}

const verdict = (yes: boolean): number => (yes ? 2 : 0);
const COMPARE: Record<string, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function compareOf(
  operator: string,
  leftExpression: Expression,
  rightExpression: Expression,
  check: (inner: Expression) => Typed,
): Typed {
  let left = check(leftExpression);
  let right = check(rightExpression);
  // A whole number beside an identifier is an identifier, exactly.
  if (left.type === 'long') right = asLong(right, rightExpression);
  else if (right.type === 'long') left = asLong(left, leftExpression);
  if (left.type === 'null' || right.type === 'null') return constant('boolean', 1);
  if (left.type !== right.type)
    throw new FilterError(
      'WRONG_TYPE',
      `cannot compare ${TYPE_NAMES[left.type]} with ${TYPE_NAMES[right.type]}`,
      rightExpression.range,
    );
  const test = COMPARE[operator]!;
  if (left.type === 'number')
    return onNumbers('boolean', [left, right], ([a, b]) => (row) => {
      const x = a!(row);
      const y = b!(row);
      return Number.isNaN(x) || Number.isNaN(y) ? 1 : verdict(test(x, y));
    });
  const type = left.type;
  return {
    type: 'boolean',
    bind(batch) {
      const a = left.bind(batch);
      const b = right.bind(batch);
      return (row) => {
        const x = a(row);
        const y = b(row);
        return isNull(type, x) || isNull(type, y) ? 1 : verdict(test(x as number, y as number));
      };
    },
  };
}

function asLong(typed: Typed, expression: Expression): Typed {
  if (expression.kind === 'number' && /^\d+$/.test(expression.text)) return constant('long', BigInt(expression.text));
  if (typed.type === 'string' && expression.kind === 'string' && /^-?\d+$/.test(expression.value))
    return constant('long', BigInt(expression.value));
  return typed;
}
