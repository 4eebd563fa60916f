// Conditions on columns as data, and their SQL. Names come from table descriptions only, values are parameters only.

import { columnOf, type ColumnDescription, quoted, sqlType, type TableDescription } from '#libs/schema';
import { CatalogError } from './catalog-error.js';

export interface ColumnTest {
  readonly eq?: unknown;
  readonly ne?: unknown;
  readonly lt?: unknown;
  readonly lte?: unknown;
  readonly gt?: unknown;
  readonly gte?: unknown;
  readonly in?: readonly unknown[];
  readonly notIn?: readonly unknown[];
  /** both ends included */
  readonly between?: readonly unknown[];
  readonly startsWith?: string;
  readonly isNull?: boolean;
}

/** Tests by column, all of which must hold; `and`, `or`, `not` nest. */
export interface RowFilter {
  readonly [column: string]: ColumnTest | RowFilter | readonly RowFilter[] | null | undefined;
}

const COMPARISONS = { eq: '=', ne: '<>', lt: '<', lte: '<=', gt: '>', gte: '>=' } as const;
const MAX_LIST = 10_000;
const MAX_TESTS = 200;

/** What a parameter is cast to, so that an index on the column can be used and a bad value is an error of the asker. */
export const parameterType = (column: ColumnDescription): string => {
  const type = sqlType(column);
  return type.startsWith('character') ? 'text' : type;
};

const INTEGER_RANGES: Readonly<Partial<Record<ColumnDescription['datatype'], bigint>>> = {
  short: 1n << 15n,
  int: 1n << 31n,
  long: 1n << 63n,
};

/** Checks a value against its column; numbers and identifiers become text, exact. */
export function parameterValue(column: ColumnDescription, value: unknown): unknown {
  const bad = (why: string): CatalogError =>
    new CatalogError('BAD_FILTER', `${column.name}: ${why}, not ${JSON.stringify(value)}`, value);
  switch (column.datatype) {
    case 'boolean':
      if (typeof value !== 'boolean') throw bad('expected true or false');
      return value;
    case 'short':
    case 'int':
    case 'long': {
      const text = String(value);
      const range = INTEGER_RANGES[column.datatype]!;
      if (!/^-?\d{1,19}$/.test(text) || BigInt(text) >= range || BigInt(text) < -range)
        throw bad(`expected a whole number within ${range}`);
      return text;
    }
    case 'float':
    case 'double':
      if (typeof value !== 'number' || !Number.isFinite(value)) throw bad('expected a number');
      if (column.datatype === 'float' && Math.abs(value) > 3.4e38) throw bad('expected a 32-bit number');
      return value;
    case 'timestamp': {
      const time = value instanceof Date ? value : new Date(String(value));
      if (Number.isNaN(time.getTime())) throw bad('expected a time');
      return time.toISOString();
    }
    default:
      if (typeof value !== 'string' || value.includes('\0')) throw bad('expected text');
      return value;
  }
}

/** The SQL of a filter on rows aliased `alias`; values are pushed on `parameters`. undefined: no condition. */
export function filterSql(
  table: TableDescription,
  filter: RowFilter,
  alias: string,
  parameters: unknown[],
): string | undefined {
  let tests = 0;
  const testSql = (column: ColumnDescription, test: ColumnTest): string[] => {
    const name = `${alias}.${quoted(column.name)}`;
    const type = parameterType(column);
    const one = (value: unknown): string => `$${parameters.push(parameterValue(column, value))}::${type}`;
    const list = (values: readonly unknown[]): string => {
      if (values.length > MAX_LIST)
        throw new CatalogError(
          'BAD_FILTER',
          `${column.name}: a list has at most ${MAX_LIST} values, not ${values.length}`,
          values.length,
        );
      return `$${parameters.push(values.map((value) => parameterValue(column, value)))}::${type}[]`;
    };
    return Object.entries(test).flatMap(([operator, value]: [string, unknown]): string[] => {
      if (value === undefined || value === null) return [];
      if (++tests > MAX_TESTS) throw new CatalogError('BAD_FILTER', `a filter has at most ${MAX_TESTS} tests`, tests);
      switch (operator) {
        case 'in':
          return [`${name} = ANY(${list(value as unknown[])})`];
        case 'notIn':
          return [`${name} <> ALL(${list(value as unknown[])})`];
        case 'between': {
          const ends = value as unknown[];
          if (ends.length !== 2)
            throw new CatalogError(
              'BAD_FILTER',
              `${column.name}: between has two ends, not ${ends.length}`,
              ends.length,
            );
          return [`${name} BETWEEN ${one(ends[0])} AND ${one(ends[1])}`];
        }
        case 'startsWith':
          return [`starts_with(${name}, ${one(value)})`];
        case 'isNull':
          return [`${name} IS ${value ? '' : 'NOT '}NULL`];
        default:
          return [`${name} ${COMPARISONS[operator as keyof typeof COMPARISONS]} ${one(value)}`];
      }
    });
  };
  const all = (inner: RowFilter): string | undefined => {
    const parts = Object.entries(inner).flatMap(([name, value]): string[] => {
      if (value === undefined || value === null) return [];
      if (name === 'and' || name === 'or') {
        const several = (value as readonly RowFilter[]).flatMap((part) => all(part) ?? []);
        return several.length > 0 ? [`(${several.join(name === 'and' ? ' AND ' : ' OR ')})`] : [];
      }
      if (name === 'not') {
        const inside = all(value as RowFilter);
        return inside === undefined ? [] : [`(${inside}) IS NOT TRUE`];
      }
      return testSql(columnOf(table, name), value as ColumnTest);
    });
    return parts.length > 0 ? `(${parts.join(' AND ')})` : undefined;
  };
  return all(filter);
}
