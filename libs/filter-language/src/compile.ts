// A filter ready to run over the columns of a visit. The clauses of WHERE are taken in an order of their own: numeric columns beside
// constants are answered by the column's sorted index, the rarest first, and only the rows that are left are asked anything else. So ten
// thousand filters with thresholds of their own cost little more than the rows they let through.

import type { ComparisonOperator, FilterQuery } from './ast.js';
import { columnData, countBelow, type FilterBatch, sortedColumn } from './batch.js';
import { columnKey, type FilterColumn, type FilterColumns } from './columns.js';
import { bind, toJson } from './evaluate.js';
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

/** A numeric column between two values, both included. NULL (NaN) lies in no range. */
interface RangeClause {
  readonly column: FilterColumn;
  readonly key: string;
  readonly low: number;
  readonly high: number;
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
      if (orderBy.length === 0) rows.sort();
      else sortRows(rows, orderBy, batch);
      const count = Math.max(0, Math.min(rows.length, query.limitPerVisit ?? Infinity, limit));
      if (count === 0) return [];
      const readers = select.map(({ name, expression }) => ({
        name,
        type: expression.type,
        read: bind(expression, batch),
      }));
      return Array.from(rows.subarray(0, count), (row) => ({
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
  const low = operator === '>' ? nextUp(bound) : operator === '>=' || operator === '=' ? bound : -Infinity;
  const high = operator === '<' ? -nextUp(-bound) : operator === '<=' || operator === '=' ? bound : Infinity;
  return { column: column.column, key: columnKey(column.column), low, high };
}

const asDouble = new Float64Array(1);
const asBits = new BigInt64Array(asDouble.buffer);

/** The smallest double above a finite one. */
function nextUp(value: number): number {
  if (value === 0) return Number.MIN_VALUE;
  asDouble[0] = value;
  asBits[0] = asBits[0]! + (value > 0 ? 1n : -1n);
  return asDouble[0];
}

/** The rows that match, in no particular order. */
function matchingRows(
  batch: FilterBatch,
  ranges: readonly RangeClause[],
  others: readonly TypedExpression[],
): Uint32Array {
  const slices = ranges
    .map(({ column, key, low, high }) => {
      const data = columnData(batch, key, column) as Float64Array;
      const index = sortedColumn(data);
      const begin = countBelow(index, low, false);
      const end = Math.max(begin, countBelow(index, high, true));
      return { data, low, high, index, begin, end };
    })
    .sort((a, b) => a.end - a.begin - (b.end - b.begin));
  const [rarest, ...rest] = slices;
  const rows = rarest
    ? rarest.index.rows.slice(rarest.begin, rarest.end)
    : Uint32Array.from({ length: batch.rowCount }, (_, row) => row);
  let count = rows.length;
  for (const { data, low, high } of rest) count = keepWithin(rows, count, data, low, high);
  for (const condition of others) {
    if (count === 0) break;
    const read = bind(condition, batch);
    let kept = 0;
    for (let k = 0; k < count; k++) if (read(rows[k]!) === 2) rows[kept++] = rows[k]!;
    count = kept;
  }
  return rows.subarray(0, count);
}

/** Moves the rows whose value lies in the range to the front; returns how many there are. */
function keepWithin(rows: Uint32Array, count: number, data: Float64Array, low: number, high: number): number {
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const row = rows[k]!;
    const value = data[row]!;
    if (value >= low && value <= high) rows[kept++] = row;
  }
  return kept;
}

/** NULL sorts last in either direction, ties by row. */
function sortRows(rows: Uint32Array, orderBy: CheckedFilter['orderBy'], batch: FilterBatch): void {
  rows.sort();
  const keys = orderBy.map(({ expression, descending }) => {
    const read = bind(expression, batch) as (row: number) => number;
    return { values: Float64Array.from(rows, read), descending };
  });
  const places = Uint32Array.from(rows.keys()).sort((a, b) => {
    for (const { values, descending } of keys) {
      const x = values[a]!;
      const y = values[b]!;
      if (Number.isNaN(x) !== Number.isNaN(y)) return Number.isNaN(x) ? 1 : -1;
      if (x !== y && !Number.isNaN(x)) return descending ? y - x : x - y;
    }
    return a - b;
  });
  rows.set(places.map((place) => rows[place]!));
}
