import type { Span } from './error.js';
import type { Scope } from './scope.js';
import { columnShape } from './shape.js';
import { isGeometry, type ScopeColumn, type Value } from './value.js';

/** A column as an expression. */
export function columnValue(column: ScopeColumn, span: Span, scope: Scope): Value {
  const { kind, sql, name, metadata } = column;
  const loose = [{ column, span, scope }];
  const value: Value = { kind, sql, atom: true, span, column, name, metadata, loose, aggregate: false };
  return isGeometry(kind) ? { ...value, shape: columnShape(scope.context, value) } : value;
}
