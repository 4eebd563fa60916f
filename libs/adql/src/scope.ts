import { suggest } from '#libs/filter-language';
import type { Identifier } from './ast.js';
import type { AdqlTable } from './catalog.js';
import type { Context, Relation } from './context.js';
import type { Span } from './error.js';
import { isReserved } from './reserved-words.js';
import type { FromItem, ScopeColumn, Value } from './value.js';

/** Whether a written name means a declared one: regular identifiers ignore case, delimited ones do not. */
export const matches = (identifier: Identifier, name: string): boolean =>
  identifier.delimited ? identifier.text === name : identifier.text.toLowerCase() === name.toLowerCase();

export interface CommonTableEntry {
  readonly name: Identifier;
  readonly sqlName: string;
  readonly relation: Relation;
}

/** What the names of one query mean: its FROM clause, its common tables, and the query around it. */
export class Scope {
  /** in the order of SELECT *: columns merged by USING appear once */
  visible: readonly ScopeColumn[] = [];
  items: readonly FromItem[] = [];
  readonly commonTables: CommonTableEntry[] = [];
  /** names of the select list, for GROUP BY and ORDER BY */
  readonly outputs = new Map<string, Value[]>();
  readonly #byName = new Map<string, ScopeColumn[]>();
  #indexed: readonly ScopeColumn[] | undefined;

  constructor(
    readonly context: Context,
    readonly parent?: Scope,
  ) {}

  /** A scope beside this one: it sees the same common tables and the queries around, but not the tables here. */
  sibling(): Scope {
    const scope = new Scope(this.context, this.parent);
    scope.commonTables.push(...this.commonTables);
    return scope;
  }

  /** this scope and those around it, from the inside out */
  #outwards(): Scope[] {
    return this.parent ? [this, ...this.parent.#outwards()] : [this];
  }

  /** The scope of a subquery here. */
  inner(): Scope {
    return new Scope(this.context, this);
  }

  /** @throws AdqlError when no column, or more than one, has the name */
  column(path: readonly Identifier[], span: Span): { column: ScopeColumn; scope: Scope } {
    for (const scope of this.#outwards()) {
      const column = path.length === 1 ? scope.#unqualified(path[0]!, span) : scope.#qualified(path, span);
      if (column) return { column, scope };
    }
    throw this.#unknownColumn(path, span);
  }

  /** a name of the select list, when it is no column of the FROM clause */
  output(name: Identifier, span: Span): Value | undefined {
    const found = this.outputs.get(name.text.toLowerCase())?.filter((value) => matches(name, value.name!)) ?? [];
    if (found.length > 1 && found.some((value) => value.sql !== found[0]!.sql))
      throw this.context.error('AMBIGUOUS_COLUMN', `more than one selected column is called ${name.text}`, span);
    return found[0];
  }

  hasColumn(name: Identifier): boolean {
    return this.#named(name).length > 0;
  }

  #named(name: Identifier): ScopeColumn[] {
    if (this.#indexed !== this.visible) {
      this.#byName.clear();
      for (const column of this.visible) {
        const key = column.name.toLowerCase();
        const list = this.#byName.get(key);
        if (list) list.push(column);
        else this.#byName.set(key, [column]);
      }
      this.#indexed = this.visible;
    }
    return pick(name, this.#byName.get(name.text.toLowerCase()) ?? []);
  }

  #unqualified(name: Identifier, span: Span): ScopeColumn | undefined {
    const found = this.#named(name);
    if (found.length > 1)
      throw this.context.error(
        'AMBIGUOUS_COLUMN',
        `${name.text} is a column of ${found.map(({ item }) => item.name).join(' and of ')}: write which one, as in ${found[0]!.item.name}.${name.text}`,
        span,
        `${found[0]!.item.name}.${name.text}`,
      );
    return found[0];
  }

  #qualified(path: readonly Identifier[], span: Span): ScopeColumn | undefined {
    const items = this.itemsCalled(path.slice(0, -1));
    if (items.length > 1)
      throw this.context.error(
        'AMBIGUOUS_TABLE',
        `more than one table is called ${textOf(path.slice(0, -1))} here: give them different names with AS`,
        span,
      );
    const item = items[0];
    if (!item) return undefined;
    const name = path.at(-1)!;
    const found = pick(
      name,
      item.columns.filter((column) => column.name.toLowerCase() === name.text.toLowerCase()),
    );
    if (found.length > 1)
      throw this.context.error('AMBIGUOUS_COLUMN', `more than one column of ${item.name} is called ${name.text}`, span);
    if (!found[0])
      throw this.context.error(
        'UNKNOWN_COLUMN',
        `there is no column ${name.text} in ${item.name}`,
        name,
        near(
          name,
          item.columns.map((column) => column.name),
        ),
      );
    return found[0];
  }

  /** the things in FROM that a qualifier means */
  itemsCalled(path: readonly Identifier[]): FromItem[] {
    return this.items.filter((item) => {
      const name = path.at(-1)!;
      if (!(item.delimited ? name.text === item.name : matches(name, item.name))) return false;
      if (path.length === 1) return true;
      return item.table !== undefined && matches(path.at(-2)!, item.table.schema) && path.length === 2;
    });
  }

  #unknownColumn(path: readonly Identifier[], span: Span) {
    const { context } = this;
    const name = path.at(-1)!;
    const items: FromItem[] = [];
    for (const scope of this.#outwards()) items.push(...scope.items);
    if (path.length > 1) {
      const qualifier = textOf(path.slice(0, -1));
      return context.error(
        'UNKNOWN_TABLE',
        `no table in FROM is called ${qualifier}`,
        { start: path[0]!.start, end: path.at(-2)!.end },
        items.find((item) => item.columns[0]?.source && matches(path.at(-2)!, item.columns[0].source.table.name))
          ?.name ??
          suggest(
            qualifier.slice(0, 64),
            items.map((item) => item.name),
          ),
      );
    }
    const tables = [...new Set(items.map((item) => item.name))].slice(0, 3).join(', ');
    const otherCase = name.delimited
      ? items.flatMap((item) => item.columns).find((column) => column.name.toLowerCase() === name.text.toLowerCase())
      : undefined;
    return context.error(
      'UNKNOWN_COLUMN',
      otherCase
        ? `there is no column "${name.text}" in ${tables}: names in double quotes keep their case`
        : `there is no column ${name.text} in ${tables}`,
      span,
      otherCase
        ? `"${otherCase.name}"`
        : near(
            name,
            items.flatMap((item) => item.columns.map((column) => column.name)),
          ),
    );
  }

  /** The table or common table that a name in FROM means. @throws AdqlError */
  table(path: readonly Identifier[], span: Span): AdqlTable | CommonTableEntry {
    if (path.length === 1)
      for (const scope of this.#outwards()) {
        const common = scope.commonTables.find(({ name }) =>
          name.delimited ? name.text === path[0]!.text : matches(path[0]!, name.text),
        );
        if (common) return common;
      }
    const { catalog } = this.context;
    const name = path.at(-1)!;
    const schema = path.at(-2);
    let found = catalog.tables.filter(
      (table) => matches(name, table.name) && (!schema || matches(schema, table.schema)) && path.length <= 2,
    );
    if (found.length > 1 && !schema && catalog.defaultSchema !== undefined) {
      const wanted = catalog.defaultSchema.toLowerCase();
      const inDefault = found.filter((table) => table.schema.toLowerCase() === wanted);
      if (inDefault.length > 0) found = inDefault;
    }
    if (found.length > 1)
      throw this.context.error(
        'AMBIGUOUS_TABLE',
        `${textOf(path)} may be ${found.map((table) => `${table.schema}.${table.name}`).join(' or ')}`,
        span,
        `${found[0]!.schema}.${found[0]!.name}`,
      );
    if (!found[0]) {
      const names = catalog.tables.map((table) => (schema ? `${table.schema}.${table.name}` : table.name));
      throw this.context.error(
        'UNKNOWN_TABLE',
        `there is no table ${textOf(path)}, or it is not open to you`,
        span,
        suggest(textOf(path).slice(0, 64), names),
      );
    }
    return found[0];
  }
}

/** Columns that a name means: of those that differ in case alone, the one spelt so. */
function pick(name: Identifier, candidates: readonly ScopeColumn[]): ScopeColumn[] {
  const exact = candidates.filter((column) => column.name === name.text);
  if (name.delimited) return exact;
  return exact.length > 0 && candidates.every((column) => column.item === candidates[0]!.item)
    ? exact
    : [...candidates];
}

export const textOf = (path: readonly Identifier[]): string => path.map(({ text }) => text).join('.');

const near = (name: Identifier, names: readonly string[]): string | undefined => {
  const found = name.text.length < 2 ? undefined : suggest(name.text.slice(0, 64), names);
  return found !== undefined && (isReserved(found) || !/^[A-Za-z][A-Za-z0-9_]*$/.test(found)) ? `"${found}"` : found;
};
