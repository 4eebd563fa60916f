import type { Span } from './error.js';

/** A name as written: delimited ones are case-sensitive. */
export interface Identifier extends Span {
  readonly text: string;
  readonly delimited: boolean;
}

export type ComparisonOperator = '=' | '<>' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/';

export type CastType =
  | 'CHAR'
  | 'VARCHAR'
  | 'SMALLINT'
  | 'INTEGER'
  | 'BIGINT'
  | 'REAL'
  | 'DOUBLE PRECISION'
  | 'TIMESTAMP'
  | 'POINT'
  | 'CIRCLE'
  | 'POLYGON';

/** Expressions and conditions as parsed: names are not looked up and types not checked yet. */
export type Expression =
  | NumberLiteral
  | StringLiteral
  | (Span & { readonly kind: 'boolean'; readonly value: boolean })
  | (Span & { readonly kind: 'null' })
  | ColumnReference
  | FunctionCall
  | CastExpression
  | CaseExpression
  | (Span & { readonly kind: 'sign'; readonly negative: boolean; readonly operand: Expression })
  | ArithmeticChain
  | (Span & { readonly kind: 'concatenation'; readonly operands: readonly Expression[] })
  | ScalarSubquery
  | Condition;

export interface NumberLiteral extends Span {
  readonly kind: 'number';
  readonly text: string;
}
export interface StringLiteral extends Span {
  readonly kind: 'string';
  readonly value: string;
}
/** `ra`, `o.ra`, `schema.table.ra` or `catalog.schema.table.ra` */
export interface ColumnReference extends Span {
  readonly kind: 'column';
  readonly path: readonly Identifier[];
}
export interface FunctionCall extends Span {
  readonly kind: 'call';
  readonly name: Identifier;
  readonly arguments: readonly Expression[];
  /** COUNT(*) */
  readonly star: boolean;
  /** COUNT(DISTINCT x) */
  readonly quantifier?: 'ALL' | 'DISTINCT';
}
export interface CastExpression extends Span {
  readonly kind: 'cast';
  readonly operand: Expression;
  readonly target: CastType;
  readonly length?: number;
}
/** CASE [operand] WHEN condition or value THEN value ... [ELSE value] END */
export interface CaseExpression extends Span {
  readonly kind: 'case';
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly outcome: Expression }[];
  readonly otherwise?: Expression;
}
/** operands[0] operators[0] operands[1] operators[1] ..., of one precedence, from left to right */
export interface ArithmeticChain extends Span {
  readonly kind: 'arithmetic';
  readonly operands: readonly Expression[];
  readonly operators: readonly ArithmeticOperator[];
}
export interface ScalarSubquery extends Span {
  readonly kind: 'subquery';
  readonly query: Query;
}

export type Condition =
  | (Span & { readonly kind: 'and' | 'or'; readonly operands: readonly Expression[] })
  | (Span & { readonly kind: 'not'; readonly operand: Expression })
  | Comparison
  | (Span & {
      readonly kind: 'quantified';
      readonly operator: ComparisonOperator;
      readonly quantifier: 'ANY' | 'ALL';
      readonly operand: Expression;
      readonly query: Query;
    })
  | (Span & {
      readonly kind: 'between';
      readonly operand: Expression;
      readonly low: Expression;
      readonly high: Expression;
      readonly negated: boolean;
    })
  | (Span & {
      readonly kind: 'inList';
      readonly operand: Expression;
      readonly options: readonly Expression[];
      readonly negated: boolean;
    })
  | (Span & {
      readonly kind: 'inQuery';
      readonly operand: Expression;
      readonly query: Query;
      readonly negated: boolean;
    })
  | (Span & {
      readonly kind: 'like';
      readonly operand: Expression;
      readonly pattern: Expression;
      readonly ignoreCase: boolean;
      readonly negated: boolean;
    })
  | (Span & { readonly kind: 'isNull'; readonly operand: Expression; readonly negated: boolean })
  | (Span & { readonly kind: 'exists'; readonly query: Query });

export interface Comparison extends Span {
  readonly kind: 'compare';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** [WITH ...] body [ORDER BY ...] [OFFSET n] */
export interface Query extends Span {
  readonly commonTables: readonly CommonTable[];
  readonly body: QueryBody;
  readonly orderBy: readonly OrderTerm[];
  readonly offset?: bigint;
}
export interface CommonTable {
  readonly name: Identifier;
  readonly columnNames: readonly Identifier[];
  readonly query: Query;
}
export interface OrderTerm {
  readonly expression: Expression;
  readonly descending: boolean;
}

export type QueryBody = SelectQuery | SetQuery | (Span & { readonly kind: 'nested'; readonly query: Query });

export interface SetQuery extends Span {
  readonly kind: 'set';
  readonly operator: 'UNION' | 'EXCEPT' | 'INTERSECT';
  readonly all: boolean;
  readonly left: QueryBody;
  readonly right: QueryBody;
}
export interface SelectQuery extends Span {
  readonly kind: 'select';
  readonly distinct: boolean;
  readonly top?: bigint;
  readonly items: readonly SelectItem[];
  readonly from: readonly TableReference[];
  readonly where?: Expression;
  readonly groupBy: readonly Expression[];
  readonly having?: Expression;
}

export type SelectItem =
  | (Span & { readonly kind: 'all' })
  | (Span & { readonly kind: 'allOf'; readonly path: readonly Identifier[] })
  | (Span & { readonly kind: 'item'; readonly expression: Expression; readonly alias?: Identifier });

export type TableReference =
  | (Span & { readonly kind: 'table'; readonly path: readonly Identifier[]; readonly alias?: Identifier })
  | (Span & { readonly kind: 'derived'; readonly query: Query; readonly alias: Identifier })
  | JoinedTable;

export interface JoinedTable extends Span {
  readonly kind: 'join';
  readonly type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' | 'CROSS';
  readonly natural: boolean;
  readonly left: TableReference;
  readonly right: TableReference;
  readonly on?: Expression;
  readonly using?: readonly Identifier[];
}
