// A filter ready to run over the columns of a visit. The clauses of WHERE are taken in an order of their own: numeric columns beside
// constants are answered by the column's sorted index, the rarest first, and only the rows that are left are asked anything else. So ten
// thousand filters with thresholds of their own cost little more than the rows they let through.

import type { ComparisonOperator, FilterQuery } from './ast.js';
import { columnData, countBelow, type FilterBatch, sortedColumn } from './batch.js';
import { columnKey, type FilterColumn, type FilterColumns } from './columns.js';
import { bind, type ReadCell, toJson } from './evaluate.js';
import { type CheckedFilter, checkFilter, type Clause, type TypedExpression } from './typed.js';

export interface FilterMatch {
  /** row in the batch */
  readonly row: number;
  readonly values: Readonly<Record<string, number | string | boolean | null>>;
}

export interface EvaluateOptions {
  /** at most so many matches, besides the filter's own LIMIT */
  readonly limit?: number;
  /** rows that are passed over */
  readonly without?: ReadonlySet<number>;
}

/** How many rows of a batch one clause of WHERE lets through alone, and how many it is the only one to keep out. */
export interface ClauseSelectivity {
  readonly clause: Clause;
  readonly passes: number;
  readonly aloneRejects: number;
}

export interface CompiledFilter {
  readonly query: FilterQuery;
  readonly checked: CheckedFilter;
  /** every column the filter reads */
  readonly columns: readonly FilterColumn[];
  /** the rows that match, in the order of ORDER BY (ties by row), at most `limit` of them */
  evaluate(batch: FilterBatch, options?: EvaluateOptions): FilterMatch[];
  /** what each clause does on its own: why a filter passes nothing, or everything */
  selectivity(batch: FilterBatch): ClauseSelectivity[];
}

/** `low <= column <= high`, with open ends where said. */
interface RangeClause {
  readonly column: FilterColumn;
  readonly key: string;
  readonly operator: Exclude<ComparisonOperator, '<>'>;
  readonly bound: number;
}

/** Parses and type-checks a filter against the columns on offer. */
export function compileFilter(text: string, columns: FilterColumns): CompiledFilter {
  const checked = checkFilter(text, columns);
  const { query, clauses, select, orderBy } = checked;
  const ranges: RangeClause[] = [];
  const others: TypedExpression[] = [];
  for (const { condition } of clauses)
    for (const part of parts(condition)) {
      const range = rangeOf(part);
      if (range) ranges.push(range);
      else others.push(part);
    }
  return {
    query,
    checked,
    columns: checked.columns,
    evaluate(batch, { limit = Infinity, without } = {}) {
      let rows = matchingRows(batch, ranges, others);
      if (without && without.size > 0) rows = rows.filter((row) => !without.has(row));
      if (orderBy.length > 0)
        rows = sortRows(
          rows,
          orderBy.map(({ expression, descending }) => ({ read: bind(expression, batch), descending })),
        );
      const count = Math.max(0, Math.min(rows.length, query.limitPerVisit ?? Infinity, limit));
      if (count === 0) return [];
      const readers = select.map(({ name, expression }) => ({
        name,
        type: expression.type,
        read: bind(expression, batch),
      }));
      return rows.slice(0, count).map((row) => ({
        row,
        values: Object.fromEntries(readers.map(({ name, type, read }) => [name, toJson(type, read(row))])),
      }));
    },
    selectivity(batch) {
      const reads = clauses.map(({ condition }) => bind(condition, batch));
      const [passes, aloneRejects] = [clauses.map(() => 0), clauses.map(() => 0)];
      for (let row = 0; row < batch.rowCount; row++) {
        let failed = -1;
        let failures = 0;
        for (const [k, read] of reads.entries())
          if (read(row) === 2) passes[k]!++;
          else {
            failures++;
            failed = k;
          }
        if (failures === 1) aloneRejects[failed]!++;
      }
      return clauses.map((clause, k) => ({ clause, passes: passes[k]!, aloneRejects: aloneRejects[k]! }));
    },
  };
}

/** What must hold together: a BETWEEN is two conditions. */
function parts(condition: TypedExpression): readonly TypedExpression[] {
  return condition.kind === 'and' ? condition.operands.flatMap(parts) : [condition];
}

const MIRRORED: Record<ComparisonOperator, ComparisonOperator> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function rangeOf(part: TypedExpression): RangeClause | undefined {
  if (part.kind !== 'compare') return undefined;
  const { left, right } = part;
  const straight = left.kind === 'column';
  const [column, constant] = straight ? [left, right] : [right, left];
  const operator = straight ? part.operator : MIRRORED[part.operator];
  if (column.kind !== 'column' || constant.kind !== 'constant' || column.type !== 'number' || operator === '<>')
    return undefined;
  const bound = constant.value as number | null;
  if (bound === null) return undefined;
  return { column: column.column, key: columnKey(column.column), operator, bound };
}

/** The place of a range's rows in the sorted column. */
function slice(batch: FilterBatch, { column, key, operator, bound }: RangeClause) {
  const index = sortedColumn(columnData(batch, key, column) as Float64Array);
  const below = (inclusive: boolean): number => countBelow(index, bound, inclusive);
  switch (operator) {
    case '<':
      return { index, begin: 0, end: below(false) };
    case '<=':
      return { index, begin: 0, end: below(true) };
    case '>':
      return { index, begin: below(true), end: index.rows.length };
    case '>=':
      return { index, begin: below(false), end: index.rows.length };
    case '=':
      return { index, begin: below(false), end: below(true) };
  }
}

function matchingRows(
  batch: FilterBatch,
  ranges: readonly RangeClause[],
  others: readonly TypedExpression[],
): number[] {
  const slices = ranges
    .map((range) => ({ range, ...slice(batch, range) }))
    .sort((a, b) => a.end - a.begin - (b.end - b.begin));
  let rows: number[];
  const [rarest, ...rest] = slices;
  if (rarest) {
    const taken = rarest.index.rows.subarray(rarest.begin, rarest.end);
    rows = Array.from(rest.length > 0 ? taken.filter(within(batch, rest)) : taken);
    rows.sort((a, b) => a - b);
  } else rows = Array.from({ length: batch.rowCount }, (_, row) => row);
  for (const condition of others) {
    if (rows.length === 0) break;
    const read = bind(condition, batch);
    rows = rows.filter((row) => read(row) === 2);
  }
  return rows;
}

/** Whether a row lies in every range, each as an interval of values (NULL lies in none). */
function within(batch: FilterBatch, slices: readonly { readonly range: RangeClause }[]): (row: number) => boolean {
  const tests = slices.map(({ range }) => {
    const data = columnData(batch, range.key, range.column) as Float64Array;
    return TEST[range.operator](data, range.bound);
  });
  return (row) => {
    for (const test of tests) if (!test(row)) return false;
    return true;
  };
}

const TEST: Record<RangeClause['operator'], (data: Float64Array, bound: number) => (row: number) => boolean> = {
  '=': (data, bound) => (row) => data[row]! === bound,
  '<': (data, bound) => (row) => data[row]! < bound,
  '<=': (data, bound) => (row) => data[row]! <= bound,
  '>': (data, bound) => (row) => data[row]! > bound,
  '>=': (data, bound) => (row) => data[row]! >= bound,
};

/** NULL sorts last in either direction. */
function sortRows(rows: number[], keys: readonly { read: ReadCell; descending: boolean }[]): number[] {
  const values = new Map(rows.map((row) => [row, keys.map((key) => key.read(row) as number)]));
  return rows.sort((a, b) => {
    const left = values.get(a)!;
    const right = values.get(b)!;
    for (let k = 0; k < keys.length; k++) {
      const x = left[k]!;
      const y = right[k]!;
      if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
      if (x !== y && !Number.isNaN(x)) return keys[k]!.descending ? y - x : x - y;
    }
    return a - b;
  });
}
