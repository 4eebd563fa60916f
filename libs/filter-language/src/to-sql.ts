// The back-end over tables: a checked filter as parameterised PostgreSQL, for dry runs and replays over more alerts than one would load.
// Only names of columns (as the caller spells them), operators and functions of ours get into the text; every value is a parameter.

import type { ValueType } from './ast.js';
import type { FilterColumn } from './columns.js';
import { LARGEST_NUMBER } from './functions.js';
import type { CheckedFilter, ConstantValue, TypedExpression } from './typed.js';

export interface SqlFilter {
  readonly where: string;
  /** conditions of the single clauses, whose conjunction is `where` */
  readonly clauses: readonly string[];
  readonly select: readonly { readonly name: string; readonly type: ValueType; readonly sql: string }[];
  /** NULL last in either direction; the caller adds what breaks ties */
  readonly orderBy: readonly string[];
  readonly limitPerVisit?: number;
  readonly parameters: readonly unknown[];
}

export interface SqlOptions {
  /** how a column is written, e.g. `s."psfFlux"` */
  readonly column: (column: FilterColumn) => string;
  /** parameters that the statement around has already */
  readonly parametersBefore?: number;
}

export function filterToSql(filter: CheckedFilter, options: SqlOptions): SqlFilter {
  const writer = new SqlWriter(options);
  const clauses = filter.clauses.map(({ condition }) => writer.write(condition));
  const { limitPerVisit } = filter.query;
  return {
    where: clauses.map((clause) => `(${clause})`).join(' AND '),
    clauses,
    select: filter.select.map(({ name, expression }) => ({
      name,
      type: expression.type,
      sql: writer.write(expression),
    })),
    orderBy: filter.orderBy.map(
      ({ expression, descending }) => `${writer.write(expression)}${descending ? ' DESC' : ''} NULLS LAST`,
    ),
    ...(limitPerVisit !== undefined && { limitPerVisit }),
    parameters: writer.parameters,
  };
}

const SQL_TYPES: Record<ValueType, string> = {
  number: 'float8',
  long: 'bigint',
  boolean: 'boolean',
  string: 'text',
  null: 'text',
};
const OPERATOR_FUNCTIONS = { '/': 'divide', '%': 'remainder' } as const;

class SqlWriter {
  readonly parameters: unknown[] = [];
  readonly #before: number;
  constructor(private readonly options: SqlOptions) {
    this.#before = options.parametersBefore ?? 0;
  }

  write(expression: TypedExpression): string {
    switch (expression.kind) {
      case 'constant':
        return this.#constant(expression.type, expression.value);
      case 'column': {
        const name = this.options.column(expression.column);
        // PostgreSQL's NaN equals itself and is greater than all: here it is the NULL it stands for
        return expression.type === 'number' ? `NULLIF(${name}::float8, 'NaN')` : name;
      }
      case 'negate':
        return `(- ${this.write(expression.operand)})`;
      case 'arithmetic': {
        const { operator } = expression;
        const [left, right] = [this.#normal(expression.left), this.#normal(expression.right)];
        if (operator === '/' || operator === '%') return `filter_${OPERATOR_FUNCTIONS[operator]}(${left}, ${right})`;
        return `filter_normal(${left} ${operator} ${right})`;
      }
      case 'call': {
        const values = expression.arguments.map((argument) => this.#normal(argument));
        const name = expression.function.name.toLowerCase();
        if (name === 'coalesce') return `coalesce(${values.join(', ')})`;
        if (name === 'least' || name === 'greatest') return `filter_${name}(ARRAY[${values.join(', ')}])`;
        return `filter_${name}(${values.join(', ')})`;
      }
      case 'and':
      case 'or':
        return `(${expression.operands.map((operand) => this.write(operand)).join(` ${expression.kind.toUpperCase()} `)})`;
      case 'not':
        return `(NOT ${this.write(expression.operand)})`;
      case 'isNull':
        return `(${this.write(expression.operand)} IS NULL)`;
      case 'compare': {
        const { operator, left, right } = expression;
        // by code points, whatever the database's locale
        const collation = left.type === 'string' ? ' COLLATE "C"' : '';
        return `(${this.write(left)} ${operator} ${this.write(right)}${collation})`;
      }
    }
  }

  #normal(expression: TypedExpression): string {
    const text = this.write(expression);
    const isNormal = expression.kind === 'call' || expression.kind === 'arithmetic';
    return isNormal ? text : `filter_normal(${text})`;
  }

  #constant(type: ValueType, value: ConstantValue): string {
    if (type === 'number' && typeof value === 'number' && Math.abs(value) > LARGEST_NUMBER)
      throw new RangeError(`${value} is no number of the filter language`);
    this.parameters.push(typeof value === 'bigint' ? value.toString() : value);
    return `$${this.#before + this.parameters.length}::${SQL_TYPES[type]}`;
  }
}
