// The back-end over columns in memory: a typed expression becomes a function of the row.
// Truth values follow SQL: false 0, unknown 1, true 2, so that AND is min, OR is max and NOT is 2 - x. NaN is the NULL of numbers.

import type { ArithmeticOperator, ComparisonOperator, ValueType } from './ast.js';
import { columnData, type FilterBatch } from './batch.js';
import { columnKey } from './columns.js';
import { normal } from './functions.js';
import type { TypedExpression } from './typed.js';

export type Cell = number | bigint | string | null;
export type ReadCell = (row: number) => Cell;
type ReadNumber = (row: number) => number;

export function bind(expression: TypedExpression, batch: FilterBatch): ReadCell {
  const numbers = (operands: readonly TypedExpression[]): ReadNumber[] =>
    operands.map((operand) => bind(operand, batch) as ReadNumber);
  switch (expression.kind) {
    case 'constant': {
      const value = constantCell(expression);
      return () => value;
    }
    case 'column': {
      const data = columnData(batch, columnKey(expression.column), expression.column);
      if (expression.type !== 'boolean') return (row) => data[row]!;
      return (row) => ((value) => (value === 255 ? 1 : value === 1 ? 2 : 0))((data as Uint8Array)[row]!);
    }
    case 'negate': {
      const [a] = numbers([expression.operand]);
      return (row) => -a!(row);
    }
    case 'arithmetic': {
      const [a, b] = numbers([expression.left, expression.right]);
      return ARITHMETIC[expression.operator](a!, b!);
    }
    case 'call': {
      const { evaluate } = expression.function;
      const reads = numbers(expression.arguments);
      const [a, b] = reads;
      if (reads.length === 1) return (row) => evaluate(normal(a!(row)));
      if (reads.length === 2) return (row) => evaluate(normal(a!(row)), normal(b!(row)));
      return (row) => evaluate(...reads.map((read) => normal(read(row))));
    }
    case 'and':
    case 'or': {
      const reads = numbers(expression.operands);
      // the value that decides, whatever the others are
      const last = expression.kind === 'and' ? 0 : 2;
      return (row) => {
        let result = 2 - last;
        for (const read of reads) {
          const value = read(row);
          if (value === last) return last;
          if (value === 1) result = 1;
        }
        return result;
      };
    }
    case 'not': {
      const [a] = numbers([expression.operand]);
      return (row) => 2 - a!(row);
    }
    case 'isNull': {
      const { type } = expression.operand;
      const read = bind(expression.operand, batch);
      return (row) => (isNull(type, read(row)) ? 2 : 0);
    }
    case 'compare':
      return compare(expression.operator, expression.left, expression.right, batch);
  }
}

/** As an answer is written: what is no number is NULL. */
export function toJson(type: ValueType, value: Cell): number | string | boolean | null {
  if (type === 'boolean') return value === 1 ? null : value === 2;
  if (value === null || (typeof value === 'number' && !Number.isFinite(value))) return null;
  return typeof value === 'bigint' ? value.toString() : value;
}

function constantCell({ type, value }: Extract<TypedExpression, { kind: 'constant' }>): Cell {
  if (type === 'boolean') return value === null ? 1 : value ? 2 : 0;
  return type === 'number' && value === null ? NaN : (value as Cell);
}

function isNull(type: ValueType, value: Cell): boolean {
  if (type === 'number') return Number.isNaN(value as number);
  if (type === 'boolean') return value === 1;
  return value === null;
}

const ARITHMETIC: Record<ArithmeticOperator, (a: ReadNumber, b: ReadNumber) => ReadNumber> = {
  '+': (a, b) => (row) => normal(normal(a(row)) + normal(b(row))),
  '-': (a, b) => (row) => normal(normal(a(row)) - normal(b(row))),
  '*': (a, b) => (row) => normal(normal(a(row)) * normal(b(row))),
  '/': (a, b) => (row) => {
    const divisor = normal(b(row));
    return divisor === 0 ? NaN : normal(normal(a(row)) / divisor);
  },
  '%': (a, b) => (row) => {
    const [value, divisor] = [normal(a(row)), normal(b(row))];
    return divisor === 0 ? NaN : normal(value - divisor * Math.trunc(value / divisor));
  },
};

const verdict = (yes: boolean): number => (yes ? 2 : 0);
const COMPARE: Record<ComparisonOperator, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

function compare(
  operator: ComparisonOperator,
  left: TypedExpression,
  right: TypedExpression,
  batch: FilterBatch,
): ReadCell {
  const test = COMPARE[operator];
  const [a, b] = [bind(left, batch), bind(right, batch)];
  if (left.type === 'number')
    return (row) => {
      const x = a(row) as number;
      const y = b(row) as number;
      return Number.isNaN(x) || Number.isNaN(y) ? 1 : verdict(test(x, y));
    };
  const { type } = left;
  return (row) => {
    const x = a(row);
    const y = b(row);
    if (isNull(type, x) || isNull(type, y)) return 1;
    return verdict(type === 'string' ? test(compareText(x as string, y as string), 0) : test(x as number, y as number));
  };
}

/** By code points, as UTF-8 bytes sort. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length;) {
    const [x, y] = [a.codePointAt(i)!, b.codePointAt(i)!];
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}
