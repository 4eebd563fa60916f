import type { CastExpression } from './ast.js';
import { literalAs, requireValue } from './coercion.js';
import type { Context } from './context.js';
import { inherit } from './environment.js';
import { parseRegion } from './region-text.js';
import { columnShape, constantShape } from './shape.js';
import { describe, isGeometry, isInteger, isNumeric, type Kind, SQL_TYPES, type Value } from './value.js';

const KINDS: Record<CastExpression['target'], Kind> = {
  CHAR: 'text',
  VARCHAR: 'text',
  SMALLINT: 'short',
  INTEGER: 'int',
  BIGINT: 'long',
  REAL: 'float',
  'DOUBLE PRECISION': 'double',
  TIMESTAMP: 'timestamp',
  POINT: 'point',
  CIRCLE: 'circle',
  POLYGON: 'polygon',
};

/**
 * CAST(value AS type). Numbers to integers are rounded as PostgreSQL rounds; timestamps print as DALI does; texts become
 * regions by the DALI form (numbers in degrees) or STC-S.
 */
export function compileCast(node: CastExpression, operand: Value, context: Context): Value {
  requireValue(context, operand, 'CAST');
  const kind = KINDS[node.target];
  const unit = operand.metadata?.unit;
  const base = {
    kind,
    span: node,
    ...inherit([operand]),
    ...(isNumeric(kind) && unit !== undefined ? { metadata: { unit } } : {}),
  };
  if (isGeometry(kind)) return castToRegion(node, operand, kind, context);
  if (operand.kind === 'null') return { ...base, sql: `NULL::${SQL_TYPES[kind as 'text']}` };
  if (kind === 'text') return { ...base, sql: textOf(node, operand, context) };
  const possible =
    operand.kind === 'text' ||
    operand.kind === kind ||
    (isNumeric(kind) && (isNumeric(operand.kind) || (operand.kind === 'boolean' && kind === 'int')));
  if (!possible)
    throw context.error('WRONG_TYPE', `${describe(operand)} cannot be cast to ${node.target}`, operand.span);
  if (operand.text !== undefined) checkLiteral(context, operand.text, kind, operand);
  const { sql } = kind === 'timestamp' ? literalAs(context, operand, kind) : operand;
  return { ...base, sql: `(${sql}::${SQL_TYPES[kind as 'text']})` };
}

/** A text that is no number is refused here rather than by the database. */
function checkLiteral(context: Context, text: string, kind: Kind, { span }: Value): void {
  if (kind === 'timestamp') return;
  const form = isInteger(kind)
    ? /^\s*[+-]?\d{1,19}\s*$/
    : /^\s*[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)\s*$/i;
  if (!form.test(text))
    throw context.error(
      'WRONG_TYPE',
      `'${text.slice(0, 40)}' is not ${isInteger(kind) ? 'an integer' : 'a number'}`,
      span,
    );
}

function textOf(node: CastExpression, operand: Value, context: Context): string {
  if (operand.kind === 'array') throw context.error('WRONG_TYPE', 'an array cannot be cast to a text', operand.span);
  const text =
    operand.kind === 'timestamp'
      ? `to_char(${operand.sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')`
      : isGeometry(operand.kind) && operand.kind !== 'region'
        ? `array_to_string(${operand.sql}, ' ')`
        : `${operand.sql}::text`;
  const length = node.length ?? (node.target === 'CHAR' ? 1 : undefined);
  if (length === undefined) return `(${text})`;
  return node.target === 'CHAR'
    ? `rpad(${text}, ${context.parameters.bind(length, 'int')})`
    : `"left"(${text}, ${context.parameters.bind(length, 'int')})`;
}

function castToRegion(node: CastExpression, operand: Value, kind: Kind, context: Context): Value {
  if (operand.kind === kind) return { ...operand, span: node };
  if (operand.text !== undefined) {
    const region = parseRegion(context, operand.text, operand.span, kind as 'point' | 'circle' | 'polygon');
    const shape = constantShape(context, region, node);
    return { kind, sql: shape.array, shape, span: node, ...inherit() };
  }
  if (operand.kind !== 'text' && operand.kind !== 'null')
    throw context.error('WRONG_TYPE', `${describe(operand)} cannot be cast to ${node.target}`, operand.span);
  const value: Value = {
    kind,
    sql:
      operand.kind === 'null'
        ? 'NULL::float8[]'
        : `(regexp_split_to_array(btrim(${operand.sql}), '[[:space:]]+')::float8[])`,
    span: node,
    ...inherit([operand]),
  };
  return { ...value, shape: columnShape(context, value) };
}
