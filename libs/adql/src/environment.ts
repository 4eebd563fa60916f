import type { Expression } from './ast.js';
import type { Context } from './context.js';
import type { AdqlError, Span } from './error.js';
import type { Scope } from './scope.js';
import type { LooseColumn, Value } from './value.js';

/** Where an expression stands. */
export interface Environment {
  readonly context: Context;
  readonly scope: Scope;
  /** for messages: WHERE, ON, GROUP BY, ... */
  readonly clause: string;
  readonly aggregates: boolean;
  /** whether names may mean those of the select list */
  readonly outputs: boolean;
  /** the SQL of the grouped expressions, once known */
  readonly groupKeys?: ReadonlySet<string>;
}

export type Compile = (expression: Expression, environment: Environment) => Value;

const NOTHING: readonly LooseColumn[] = [];

/** What a value inherits from those it is made of. */
export function inherit(values: readonly Value[] = []): Pick<Value, 'loose' | 'aggregate'> {
  const loose = values.some((value) => value.loose.length > 0) ? values.flatMap((value) => value.loose) : NOTHING;
  // an expression of thousands of terms needs no more than a few witnesses
  return { loose: loose.length > 64 ? distinct(loose) : loose, aggregate: values.some((value) => value.aggregate) };
}

function distinct(loose: readonly LooseColumn[]): LooseColumn[] {
  const seen = new Map<object, LooseColumn>();
  for (const entry of loose) if (!seen.has(entry.column)) seen.set(entry.column, entry);
  return [...seen.values()];
}

export const wrongType = (context: Context, reason: string, span: Span): AdqlError =>
  context.error('WRONG_TYPE', reason, span);
