import type { SourceRange } from './error.js';

/** What a column or expression holds. `long` is a 64-bit identifier: compared and selected, never computed with. */
export type ValueType = 'number' | 'long' | 'boolean' | 'string' | 'null';

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%';

/** Expressions as parsed: names are not looked up yet. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number; readonly text: string; readonly range: SourceRange }
  | { readonly kind: 'string'; readonly value: string; readonly range: SourceRange }
  | { readonly kind: 'boolean'; readonly value: boolean; readonly range: SourceRange }
  | { readonly kind: 'null'; readonly range: SourceRange }
  | { readonly kind: 'column'; readonly path: readonly string[]; readonly range: SourceRange }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly range: SourceRange;
    }
  | { readonly kind: 'negate'; readonly operand: Expression; readonly range: SourceRange }
  | {
      readonly kind: 'arithmetic';
      readonly operator: ArithmeticOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly range: SourceRange;
    }
  | {
      readonly kind: 'compare';
      readonly operator: ComparisonOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly range: SourceRange;
    }
  | { readonly kind: 'and' | 'or'; readonly left: Expression; readonly right: Expression; readonly range: SourceRange }
  | { readonly kind: 'not'; readonly operand: Expression; readonly range: SourceRange }
  | { readonly kind: 'isNull'; readonly operand: Expression; readonly negated: boolean; readonly range: SourceRange }
  | {
      readonly kind: 'in';
      readonly operand: Expression;
      readonly options: readonly Expression[];
      readonly negated: boolean;
      readonly range: SourceRange;
    }
  | {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
      readonly range: SourceRange;
    };

export interface SelectItem {
  readonly expression: Expression;
  readonly name: string;
}
export interface OrderItem {
  readonly expression: Expression;
  readonly descending: boolean;
}

/** SELECT items WHERE condition ORDER BY score LIMIT k PER VISIT. */
export interface FilterQuery {
  readonly select: readonly SelectItem[];
  readonly where: Expression;
  readonly orderBy: readonly OrderItem[];
  readonly limitPerVisit?: number;
}
