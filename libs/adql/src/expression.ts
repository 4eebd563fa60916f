// From expressions to SQL with types. Equal expressions give equal SQL, which is how GROUP BY is checked.

import type { ArithmeticChain, CaseExpression, ColumnReference, Expression } from './ast.js';
import { compileCast } from './cast.js';
import {
  booleanConstant,
  cast,
  doubleConstant,
  integerConstant,
  requireCondition,
  requireNumber,
  requireText,
  textConstant,
  unify,
} from './coercion.js';
import { columnValue } from './column-value.js';
import { compileCondition, equality, oneColumn } from './conditions.js';
import { type Environment, inherit } from './environment.js';
import { compileCall } from './functions.js';
import { columnShape } from './shape.js';
import { isGeometry, isInteger, type Metadata, type Value, widest } from './value.js';

/** The SQL, type and metadata of an expression. @throws AdqlError */
export function compileExpression(node: Expression, environment: Environment): Value {
  const value = compileNode(node, environment);
  environment.context.bounded(value.sql, node);
  return environment.groupKeys?.has(value.sql) && value.loose.length > 0 ? { ...value, loose: [] } : value;
}

function compileNode(node: Expression, environment: Environment): Value {
  const { context } = environment;
  switch (node.kind) {
    case 'number':
      return /^\d+$/.test(node.text) && node.text.length <= 40
        ? integerConstant(context, BigInt(node.text), node)
        : finite(Number(node.text), node, environment);
    case 'string':
      return textConstant(context, node.value, node);
    case 'boolean':
      return booleanConstant(node.value, node);
    case 'null':
      return { kind: 'null', sql: 'NULL', atom: true, span: node, ...inherit() };
    case 'column':
      return compileColumn(node, environment);
    case 'call':
      return compileCall(node, environment, compileExpression);
    case 'cast':
      return compileCast(node, compileExpression(node.operand, environment), context);
    case 'case':
      return compileCase(node, environment);
    case 'sign':
      return compileSign(node.negative, compileExpression(node.operand, environment), node, environment);
    case 'arithmetic':
      return compileArithmetic(node, environment);
    case 'concatenation': {
      const operands = node.operands.map((operand) =>
        requireText(context, compileExpression(operand, environment), '||'),
      );
      const unicode = operands.some((operand) => operand.metadata?.datatype === 'unicodeChar');
      return {
        kind: 'text',
        sql: `(${operands.map((operand) => cast(context, operand, 'text')).join(' || ')})`,
        span: node,
        ...inherit(operands),
        ...(unicode ? { metadata: { datatype: 'unicodeChar' as const, arraysize: '*' } } : {}),
      };
    }
    case 'subquery': {
      const query = oneColumn(environment, node.query, 'a value');
      const { kind, metadata } = query.columns[0]!;
      const value: Value = { kind, sql: `(${query.sql})`, span: node, loose: query.loose, aggregate: false, metadata };
      return isGeometry(kind) && kind !== 'region' ? { ...value, shape: columnShape(context, value) } : value;
    }
    default:
      return compileCondition(node, environment, compileExpression);
  }
}

function finite(constant: number, span: Expression, { context }: Environment): Value {
  if (!Number.isFinite(constant))
    throw context.error('OUT_OF_RANGE', `${context.source.excerpt(span)} is too large for a double`, span);
  return doubleConstant(context, constant, span);
}

function compileColumn(node: ColumnReference, { scope, outputs }: Environment): Value {
  if (outputs && node.path.length === 1 && !scope.hasColumn(node.path[0]!)) {
    const output = scope.output(node.path[0]!, node);
    if (output) return { ...output, span: node };
  }
  const { column, scope: owner } = scope.column(node.path, node);
  return columnValue(column, node, owner);
}

function compileCase(node: CaseExpression, environment: Environment): Value {
  const { context } = environment;
  const operand = node.operand && compileExpression(node.operand, environment);
  const conditions = node.branches.map(({ when }) => {
    const value = compileExpression(when, environment);
    return operand ? equality(environment, operand, value) : value;
  });
  const outcomes = node.branches.map(({ outcome }) => compileExpression(outcome, environment));
  if (node.otherwise) outcomes.push(compileExpression(node.otherwise, environment));
  const { kind, sql } = unify(context, outcomes, 'CASE');
  const branches = conditions.map(
    (condition, at) => `WHEN ${requireCondition(context, condition, 'WHEN')} THEN ${sql[at]!}`,
  );
  const otherwise = node.otherwise ? ` ELSE ${sql.at(-1)!}` : '';
  const value: Value = {
    kind,
    sql: `(CASE ${branches.join(' ')}${otherwise} END)`,
    span: node,
    ...inherit([...conditions, ...outcomes]),
    ...commonUnit(outcomes),
  };
  return isGeometry(kind) ? { ...value, shape: columnShape(context, value) } : value;
}

function compileSign(negative: boolean, operand: Value, node: Expression, { context }: Environment): Value {
  requireNumber(context, operand, negative ? 'the sign -' : 'the sign +');
  if (!negative || operand.kind === 'null') return { ...operand, span: node };
  if (operand.integer !== undefined) return integerConstant(context, -operand.integer, node);
  if (operand.constant !== undefined) return doubleConstant(context, -operand.constant, node);
  const kind = operand.kind === 'short' ? 'int' : operand.kind;
  return {
    kind,
    sql: `(- ${cast(context, operand, kind)})`,
    span: node,
    ...inherit([operand]),
    ...commonUnit([operand]),
  };
}

/** Left to right. Integers divide to integers; division by zero gives NULL; literals are computed now. */
function compileArithmetic(node: ArithmeticChain, environment: Environment): Value {
  const { context } = environment;
  const operands = node.operands.map((operand) => compileExpression(operand, environment));
  let left = operands[0]!;
  for (let at = 0; at < node.operators.length; at++) {
    const operator = node.operators[at]!;
    const right = operands[at + 1]!;
    requireNumber(context, left, `'${operator}'`);
    requireNumber(context, right, `'${operator}'`);
    const span = { start: node.start, end: right.span.end };
    left = foldConstants(left, operator, right, span, environment) ?? combine(left, operator, right, span, environment);
  }
  return { ...left, span: node };
}

function combine(left: Value, operator: string, right: Value, span: Value['span'], environment: Environment): Value {
  const { context } = environment;
  if (left.kind === 'null' || right.kind === 'null')
    return { kind: 'double', sql: 'NULL::float8', span, ...inherit([left, right]) };
  let kind = widest(left.kind, right.kind);
  if (kind === 'short') kind = 'int';
  const divisor = operator === '/' && !(right.constant !== undefined && right.constant !== 0);
  const second = cast(context, right, kind);
  const sql = `(${cast(context, left, kind)} ${operator} ${divisor ? `NULLIF(${second}, 0)` : second})`;
  return {
    kind,
    sql: context.bounded(sql, span),
    span,
    ...inherit([left, right]),
    ...(operator === '+' || operator === '-' ? commonUnit([left, right]) : {}),
  };
}

/** Two literals make one: POINT(180 + 5, ...) and a radius of 2 / 3600. stay known to the spatial search. */
function foldConstants(
  left: Value,
  operator: string,
  right: Value,
  span: Value['span'],
  { context }: Environment,
): Value | undefined {
  if (left.constant === undefined || right.constant === undefined) return undefined;
  if (isInteger(left.kind) && isInteger(right.kind)) {
    const a = left.integer!;
    const b = right.integer!;
    if (operator === '/' && b === 0n) return undefined;
    const integer = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
    return integerConstant(context, integer, span);
  }
  const a = left.constant;
  const b = right.constant;
  const constant = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : a / b;
  return Number.isFinite(constant) ? doubleConstant(context, constant, span) : undefined;
}

/** The unit all values share, if they do. */
function commonUnit(values: readonly Value[]): { metadata?: Partial<Metadata> } {
  const unit = values[0]!.metadata?.unit;
  return unit !== undefined && values.every((value) => value.metadata?.unit === unit) ? { metadata: { unit } } : {};
}
