import type { Query } from './ast.js';
import type { AdqlCatalog, AdqlTable } from './catalog.js';
import type { AdqlError, AdqlErrorCode, Source, Span } from './error.js';
import { Parameters } from './parameters.js';
import type { Scope } from './scope.js';
import type { FromItem, Kind, LooseColumn, Metadata, ScopeColumn } from './value.js';

/** Longest SQL made of one query [characters]: a bound on what small queries could otherwise grow to. */
export const MAX_SQL_LENGTH = 8_000_000;

/** A column that a query gives out. */
export interface OutputColumn {
  readonly name: string;
  readonly delimited: boolean;
  readonly kind: Kind;
  readonly metadata: Metadata;
  readonly nullable: boolean;
  readonly source?: ScopeColumn['source'];
}

/** A query as SQL whose columns are called c1, c2, ... */
export interface Relation {
  readonly sql: string;
  readonly columns: readonly OutputColumn[];
  /** columns of outer queries it uses */
  readonly loose: readonly LooseColumn[];
  /** search columns that pass through, by the numbers of the position columns they belong to */
  readonly position?: HiddenPosition;
}
export interface HiddenPosition {
  readonly ra: number;
  readonly dec: number;
  /** SQL names of columns beyond those that are given out */
  readonly geography?: string;
  readonly hpx29?: string;
}

/** One compilation: what is shared by all its parts. */
export class Context {
  readonly parameters = new Parameters();
  readonly tables = new Set<AdqlTable>();
  #aliases = 0;

  constructor(
    readonly source: Source,
    readonly catalog: AdqlCatalog,
    readonly compileSubquery: (query: Query, scope: Scope, searchable: boolean) => Relation,
  ) {}

  /** `(SELECT ...)` in a scope of its own; searchable ones also hand on the search columns of positions they pass through */
  compileQuery(query: Query, scope: Scope, searchable = false): Relation {
    return this.compileSubquery(query, scope, searchable);
  }

  /** a new name for a table in the SQL */
  alias(): string {
    return `t${++this.#aliases}`;
  }

  error(code: AdqlErrorCode, reason: string, span: Span, suggestion?: string): AdqlError {
    return this.source.error(code, reason, span, suggestion);
  }

  /** @throws AdqlError when the SQL has grown beyond all measure */
  bounded(sql: string, span: Span): string {
    if (sql.length > MAX_SQL_LENGTH)
      throw this.error('TOO_COMPLEX', 'the query is too complex: split it or upload a table', span);
    return sql;
  }
}

export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The columns of a subquery or common table as something in a FROM clause, under a new SQL alias. */
export function itemOf(
  alias: string,
  name: string,
  delimited: boolean,
  relation: Pick<Relation, 'columns' | 'position'>,
): FromItem {
  const item: FromItem = { name, delimited, columns: [] };
  relation.columns.forEach((column, at) => {
    const { name: columnName, kind, metadata, nullable, source } = column;
    item.columns.push({ name: columnName, kind, metadata, sql: `${alias}.c${at + 1}`, item, nullable, source });
  });
  const { position } = relation;
  if (position)
    item.position = {
      ra: item.columns[position.ra]!,
      dec: item.columns[position.dec]!,
      ...(position.geography ? { geography: `${alias}.${position.geography}` } : {}),
      ...(position.hpx29 ? { hpx29: `${alias}.${position.hpx29}` } : {}),
    };
  return item;
}
