// From the parsed filter to a typed one: names looked up, types checked, sugar taken apart. Both back-ends start from here.

import type { ArithmeticOperator, ComparisonOperator, Expression, FilterQuery, ValueType } from './ast.js';
import { columnKey, type FilterColumn, type FilterColumns } from './columns.js';
import { FilterError, type SourceRange } from './error.js';
import { FILTER_FUNCTIONS, type FilterFunction, LARGEST_NUMBER } from './functions.js';
import { parseFilter } from './parser.js';
import { suggest } from './suggest.js';

export type ConstantValue = number | bigint | string | boolean | null;

/** Every node knows its type; BETWEEN and IN have become comparisons. */
export type TypedExpression =
  | { readonly kind: 'constant'; readonly type: ValueType; readonly value: ConstantValue }
  | { readonly kind: 'column'; readonly type: FilterColumn['type']; readonly column: FilterColumn }
  | { readonly kind: 'negate'; readonly type: 'number'; readonly operand: TypedExpression }
  | {
      readonly kind: 'arithmetic';
      readonly type: 'number';
      readonly operator: ArithmeticOperator;
      readonly left: TypedExpression;
      readonly right: TypedExpression;
    }
  | {
      readonly kind: 'call';
      readonly type: 'number';
      readonly function: FilterFunction;
      readonly arguments: readonly TypedExpression[];
    }
  | {
      readonly kind: 'compare';
      readonly type: 'boolean';
      readonly operator: ComparisonOperator;
      readonly left: TypedExpression;
      readonly right: TypedExpression;
    }
  | { readonly kind: 'and' | 'or'; readonly type: 'boolean'; readonly operands: readonly TypedExpression[] }
  | { readonly kind: 'not'; readonly type: 'boolean'; readonly operand: TypedExpression }
  | { readonly kind: 'isNull'; readonly type: 'boolean'; readonly operand: TypedExpression };

/** One of the conditions that WHERE joins by AND. */
export interface Clause {
  readonly condition: TypedExpression;
  /** where it stands in the filter's text */
  readonly range: SourceRange;
}

export interface CheckedFilter {
  readonly query: FilterQuery;
  /** every column the filter reads */
  readonly columns: readonly FilterColumn[];
  readonly clauses: readonly Clause[];
  readonly select: readonly { readonly name: string; readonly expression: TypedExpression }[];
  readonly orderBy: readonly { readonly expression: TypedExpression; readonly descending: boolean }[];
}

/** Parses and type-checks a filter against the columns on offer. Throws FilterError with the place of a mistake. */
export function checkFilter(text: string, columns: FilterColumns): CheckedFilter {
  const query = parseFilter(text);
  const checker = new Checker(columns);
  const clauses: Clause[] = [];
  const collect = (expression: Expression): void => {
    if (expression.kind !== 'and')
      clauses.push({ condition: checker.condition(expression, 'the WHERE condition'), range: expression.range });
    else for (const side of [expression.left, expression.right]) collect(side);
  };
  collect(query.where);
  const select = query.select.map(({ name, expression }) => ({ name, expression: checker.typed(expression) }));
  const orderBy = query.orderBy.map(({ expression, descending }) => ({
    expression: checker.number(expression, 'ORDER BY'),
    descending,
  }));
  return { query, columns: [...checker.used.values()], clauses, select, orderBy };
}

const TYPE_NAMES: Record<ValueType, string> = {
  number: 'a number',
  long: 'an identifier',
  boolean: 'a condition',
  string: 'a text',
  null: 'NULL',
};
const [LEAST_LONG, GREATEST_LONG] = [-(2n ** 63n), 2n ** 63n - 1n];
const UNKNOWN: TypedExpression = { kind: 'constant', type: 'boolean', value: null };

class Checker {
  readonly used = new Map<string, FilterColumn>();
  constructor(readonly columns: FilterColumns) {}

  number(expression: Expression, what: string): TypedExpression {
    return this.#of('number', expression, what);
  }
  condition(expression: Expression, what: string): TypedExpression {
    return this.#of('boolean', expression, what);
  }

  #of(type: 'number' | 'boolean', expression: Expression, what: string): TypedExpression {
    const typed = this.typed(expression);
    if (typed.type === type) return typed;
    if (typed.type === 'null') return { kind: 'constant', type, value: null };
    throw new FilterError(
      'WRONG_TYPE',
      `${what} needs ${TYPE_NAMES[type]}, and this is ${TYPE_NAMES[typed.type]}`,
      expression.range,
    );
  }

  typed(expression: Expression): TypedExpression {
    switch (expression.kind) {
      case 'number':
        if (Math.abs(expression.value) > LARGEST_NUMBER)
          throw new FilterError(
            'NUMBER_OUT_OF_RANGE',
            `${expression.text} is larger than ${LARGEST_NUMBER}`,
            expression.range,
          );
        return { kind: 'constant', type: 'number', value: expression.value };
      case 'string':
      case 'boolean':
        return { kind: 'constant', type: expression.kind, value: expression.value };
      case 'null':
        return { kind: 'constant', type: 'null', value: null };
      case 'column':
        return this.#column(expression);
      case 'negate':
        return { kind: 'negate', type: 'number', operand: this.number(expression.operand, 'minus') };
      case 'arithmetic': {
        const { operator } = expression;
        const [left, right] = [expression.left, expression.right].map((side) => this.number(side, `'${operator}'`));
        return { kind: 'arithmetic', type: 'number', operator, left: left!, right: right! };
      }
      case 'call':
        return this.#call(expression);
      case 'and':
      case 'or': {
        const { kind } = expression;
        const operands = [expression.left, expression.right].map((side) => this.condition(side, kind.toUpperCase()));
        return { kind, type: 'boolean', operands };
      }
      case 'not':
        return not(this.condition(expression.operand, 'NOT'));
      case 'isNull': {
        const isNull: TypedExpression = { kind: 'isNull', type: 'boolean', operand: this.typed(expression.operand) };
        return expression.negated ? not(isNull) : isNull;
      }
      case 'compare':
        return this.#compare(expression.operator, expression.left, expression.right);
      case 'between': {
        const { operand, low, high, negated } = expression;
        const operands = [this.#compare('>=', operand, low), this.#compare('<=', operand, high)];
        const inside: TypedExpression = { kind: 'and', type: 'boolean', operands };
        return negated ? not(inside) : inside;
      }
      case 'in': {
        const operands = expression.options.map((option) => this.#compare('=', expression.operand, option));
        const among: TypedExpression = { kind: 'or', type: 'boolean', operands };
        return expression.negated ? not(among) : among;
      }
    }
  }

  #column({ path, range }: Extract<Expression, { kind: 'column' }>): TypedExpression {
    const column = this.columns.find(path);
    const written = path.join('.');
    if (!column)
      throw new FilterError(
        'UNKNOWN_COLUMN',
        `there is no column ${written}`,
        range,
        suggest(written, this.columns.names(path.length > 1)),
      );
    this.used.set(columnKey(column), column);
    return { kind: 'column', type: column.type, column };
  }

  #call({ name, arguments: list, range }: Extract<Expression, { kind: 'call' }>): TypedExpression {
    const found = FILTER_FUNCTIONS.get(name.toLowerCase());
    if (!found)
      throw new FilterError(
        'UNKNOWN_FUNCTION',
        `there is no function ${name}`,
        range,
        suggest(
          name,
          [...FILTER_FUNCTIONS.values()].map((entry) => entry.name),
        ),
      );
    const { minArguments, maxArguments } = found;
    if (list.length < minArguments || list.length > maxArguments) {
      const wanted = minArguments === maxArguments ? `${minArguments}` : `${minArguments} to ${maxArguments}`;
      throw new FilterError('WRONG_ARGUMENTS', `${found.name} takes ${wanted} arguments, not ${list.length}`, range);
    }
    const typed = list.map((argument) => this.number(argument, found.name));
    return { kind: 'call', type: 'number', function: found, arguments: typed };
  }

  #compare(operator: ComparisonOperator, leftExpression: Expression, rightExpression: Expression): TypedExpression {
    let left = this.typed(leftExpression);
    let right = this.typed(rightExpression);
    // A whole number beside an identifier is an identifier, exactly.
    if (left.type === 'long') right = asLong(right, rightExpression);
    else if (right.type === 'long') left = asLong(left, leftExpression);
    if (left.type === 'null' || right.type === 'null') return UNKNOWN;
    if (left.type !== right.type)
      throw new FilterError(
        'WRONG_TYPE',
        `cannot compare ${TYPE_NAMES[left.type]} with ${TYPE_NAMES[right.type]}`,
        rightExpression.range,
      );
    return { kind: 'compare', type: 'boolean', operator, left, right };
  }
}

const not = (operand: TypedExpression): TypedExpression => ({ kind: 'not', type: 'boolean', operand });

function asLong(typed: TypedExpression, expression: Expression): TypedExpression {
  const text = expression.kind === 'number' ? expression.text : expression.kind === 'string' ? expression.value : '';
  if (!/^-?\d+$/.test(text)) return typed;
  const value = BigInt(text);
  if (value < LEAST_LONG || value > GREATEST_LONG)
    throw new FilterError('NUMBER_OUT_OF_RANGE', `${text} has more than 64 bits`, expression.range);
  return { kind: 'constant', type: 'long', value };
}
