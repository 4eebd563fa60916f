// Search conditions. SQL's three-valued logic is PostgreSQL's own; what is decided here are the types of both sides and the
// forms that an index can serve: a bare spatial predicate instead of 1 = CASE ..., = ANY(array) instead of a long list.

import type { ComparisonOperator, Condition, Expression, Query } from './ast.js';
import { cast, literalAs, requireCondition, requireText, requireValue } from './coercion.js';
import type { Relation } from './context.js';
import { type Compile, type Environment, inherit } from './environment.js';
import type { AdqlError, Span } from './error.js';
import { describe, isGeometry, isInteger, isNumeric, type Value } from './value.js';

export function compileCondition(node: Condition, environment: Environment, compile: Compile): Value {
  const { context } = environment;
  const value = (expression: Expression): Value => compile(expression, environment);
  const result = (sql: string, parts: readonly Value[] = []): Value => ({
    kind: 'boolean',
    condition: true,
    sql: context.bounded(sql, node),
    span: node,
    ...inherit(parts),
  });
  const negation = (negated: boolean, sql: string): string => (negated ? `(NOT ${sql})` : sql);
  switch (node.kind) {
    case 'and':
    case 'or': {
      const word = node.kind.toUpperCase();
      const operands = node.operands.map(value);
      return result(
        `(${operands.map((operand) => requireCondition(context, operand, word)).join(` ${word} `)})`,
        operands,
      );
    }
    case 'not': {
      const operand = value(node.operand);
      return result(`(NOT ${requireCondition(context, operand, 'NOT')})`, [operand]);
    }
    case 'compare': {
      const left = value(node.left);
      const right = value(node.right);
      return result(comparison(environment, node.operator, left, right, node), [left, right]);
    }
    case 'between': {
      const operand = value(node.operand);
      const low = value(node.low);
      const high = value(node.high);
      const [a, b] = pair(environment, operand, low, node.low);
      const [, c] = pair(environment, operand, high, node.high);
      const plain = `(${a} BETWEEN ${b} AND ${c})`;
      const near = operand.within?.(high);
      return result(negation(node.negated, near ? `(${near} AND ${plain})` : plain), [operand, low, high]);
    }
    case 'inList': {
      const operand = value(node.operand);
      const options = node.options.map(value);
      const list = constantList(environment, operand, options);
      if (list) return result(negation(node.negated, `(${operand.sql} = ANY(${list}))`), [operand]);
      const equal = options.map((option) => comparison(environment, '=', operand, option, option.span));
      return result(negation(node.negated, `(${equal.join(' OR ')})`), [operand, ...options]);
    }
    case 'inQuery': {
      const operand = value(node.operand);
      const query = oneColumn(environment, node.query, 'IN');
      const sql = againstQuery(environment, operand, query, node.query, '=', 'ANY');
      return { ...result(negation(node.negated, sql), [operand]), ...withQuery(operand, query) };
    }
    case 'quantified': {
      const operand = value(node.operand);
      const query = oneColumn(environment, node.query, node.quantifier);
      const sql = againstQuery(environment, operand, query, node.query, node.operator, node.quantifier);
      return { ...result(sql, [operand]), ...withQuery(operand, query) };
    }
    case 'like': {
      const operand = requireText(context, value(node.operand), node.ignoreCase ? 'ILIKE' : 'LIKE');
      const pattern = requireText(context, value(node.pattern), node.ignoreCase ? 'ILIKE' : 'LIKE');
      // ADQL knows no escape character; PostgreSQL's would be the backslash
      const word = node.ignoreCase ? 'ILIKE' : 'LIKE';
      return result(
        negation(
          node.negated,
          `(${cast(context, operand, 'text')} ${word} ${cast(context, pattern, 'text')} ESCAPE '')`,
        ),
        [operand, pattern],
      );
    }
    case 'isNull': {
      const operand = requireValue(context, value(node.operand), 'IS NULL');
      const sql = operand.kind === 'null' ? 'NULL::text' : (operand.truth ?? operand.sql);
      return result(`(${sql} IS ${node.negated ? 'NOT ' : ''}NULL)`, [operand]);
    }
    case 'exists': {
      const query = context.compileQuery(node.query, environment.scope.inner());
      return { ...result(`EXISTS (${query.sql})`), loose: query.loose };
    }
  }
}

const withQuery = (operand: Value, query: Relation): Pick<Value, 'loose' | 'aggregate'> => ({
  loose: [...operand.loose, ...query.loose],
  aggregate: operand.aggregate,
});

/** A subquery that gives one column. */
export function oneColumn(environment: Environment, node: Query, what: string): Relation {
  const { context, scope } = environment;
  const query = context.compileQuery(node, scope.inner());
  if (query.columns.length !== 1)
    throw context.error(
      'COLUMN_COUNT',
      `${what} needs a subquery of one column, and this has ${query.columns.length}`,
      node,
    );
  return query;
}

function againstQuery(
  environment: Environment,
  operand: Value,
  query: Relation,
  span: Span,
  operator: ComparisonOperator,
  quantifier: 'ANY' | 'ALL',
): string {
  const column: Value = { kind: query.columns[0]!.kind, sql: 'c1', span, ...inherit() };
  const [left] = pair(environment, operand, column, span);
  return `(${left} ${operator} ${quantifier} (${query.sql}))`;
}

/** `left = right`, for the simple form of CASE. */
export const equality = (environment: Environment, left: Value, right: Value): Value => ({
  kind: 'boolean',
  condition: true,
  sql: environment.context.bounded(comparison(environment, '=', left, right, right.span), right.span),
  span: right.span,
  ...inherit([left, right]),
});

/** `left operator right`, in the form that can use an index. */
function comparison(
  environment: Environment,
  operator: ComparisonOperator,
  left: Value,
  right: Value,
  span: Span,
): string {
  const truth = truthComparison(left, operator, right) ?? truthComparison(right, MIRRORED[operator], left);
  if (truth) return truth;
  const [a, b] = pair(environment, left, right, span);
  const plain = `(${a} ${operator} ${b})`;
  const near =
    operator === '<' || operator === '<=' || operator === '='
      ? (left.within?.(right) ?? (operator === '=' ? right.within?.(left) : undefined))
      : operator === '>' || operator === '>='
        ? right.within?.(left)
        : undefined;
  return near ? `(${near} AND ${plain})` : plain;
}

const MIRRORED: Record<ComparisonOperator, ComparisonOperator> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};
const HOLDS: Record<ComparisonOperator, (a: number, b: number) => boolean> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** CONTAINS(...) = 1, <> 0, > 0, ...: the bare condition or its negation. */
function truthComparison(value: Value, operator: ComparisonOperator, other: Value): string | undefined {
  if (value.truth === undefined || other.constant === undefined) return undefined;
  const ifFalse = HOLDS[operator](0, other.constant);
  const ifTrue = HOLDS[operator](1, other.constant);
  if (ifTrue === ifFalse) return undefined;
  return ifTrue ? value.truth : `(NOT ${value.truth})`;
}

/** Both sides in types that can be compared. @throws AdqlError when they cannot */
function pair(environment: Environment, first: Value, second: Value, span: Span): [string, string] {
  const { context } = environment;
  requireValue(context, first, 'a comparison');
  requireValue(context, second, 'a comparison');
  const left = literalAs(context, first, second.kind);
  const right = literalAs(context, second, first.kind);
  const sql = (value: Value): string => (value.kind === 'null' ? 'NULL' : value.sql);
  for (const value of [left, right]) {
    if (isGeometry(value.kind) && value.kind !== 'region')
      throw context.error(
        'WRONG_TYPE',
        `${describe(value)} is compared with CONTAINS, INTERSECTS or DISTANCE`,
        value.span,
      );
    if (value.kind === 'array') throw context.error('WRONG_TYPE', 'arrays cannot be compared', value.span);
  }
  const textual = (value: Value): boolean => value.kind === 'text' || value.kind === 'region';
  if (
    left.kind === 'null' ||
    right.kind === 'null' ||
    left.kind === right.kind ||
    (isNumeric(left.kind) && isNumeric(right.kind)) ||
    (textual(left) && textual(right))
  )
    return [sql(left), sql(right)];
  throw mismatch(environment, left, right, span);
}

function mismatch(environment: Environment, left: Value, right: Value, span: Span): AdqlError {
  const text = left.text ?? right.text;
  const numeric = isNumeric(left.kind) || isNumeric(right.kind);
  return environment.context.error(
    'WRONG_TYPE',
    `${describe(left)} cannot be compared with ${describe(right)}`,
    span,
    numeric && text !== undefined && /^-?\d+(\.\d+)?$/.test(text) && text.length < 30 ? text : undefined,
  );
}

/** The SQL of an array with the literals of an IN list, when all are of the operand's type. */
function constantList(environment: Environment, operand: Value, options: readonly Value[]): string | undefined {
  const { parameters } = environment.context;
  if (operand.condition || options.length < 2) return undefined;
  if (operand.kind === 'text' && options.every((option) => option.text !== undefined))
    return parameters.bindArray(
      options.map((option) => option.text!),
      'text',
    );
  if (isInteger(operand.kind) && options.every((option) => option.integer !== undefined))
    return parameters.bindArray(
      options.map((option) => option.integer!),
      'bigint',
    );
  if (isNumeric(operand.kind) && options.every((option) => option.constant !== undefined))
    return parameters.bindArray(
      options.map((option) => option.constant!),
      'float8',
    );
  return undefined;
}
