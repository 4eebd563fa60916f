// One SELECT: the select list with types, grouping rules, and ORDER BY where it belongs to it.

import type { Expression, OrderTerm, SelectItem, SelectQuery } from './ast.js';
import { requireCondition, requireValue } from './coercion.js';
import { type Context, type OutputColumn, type Relation } from './context.js';
import type { Environment } from './environment.js';
import { compileExpression } from './expression.js';
import { compileFrom } from './from.js';
import { columnValue } from './column-value.js';
import { matches, type Scope, textOf } from './scope.js';
import { isGeometry, type LooseColumn, metadataOf, type ScopeColumn, SQL_TYPES, type Value } from './value.js';

/** What surrounds a SELECT and is written at its end. */
export interface Tail {
  readonly orderBy: readonly OrderTerm[];
  readonly offset?: bigint;
  /** rows at most, besides TOP */
  readonly limit?: bigint;
  /** whether to hand on search columns */
  readonly searchable?: boolean;
}

export interface SelectResult extends Relation {
  /** the LIMIT in force */
  readonly limit?: bigint;
}

export function compileSelect(node: SelectQuery, tail: Tail, scope: Scope): SelectResult {
  const { context } = scope;
  const from = compileFrom(node.from, scope);
  const loose: LooseColumn[] = [...from.loose];
  const plain: Environment = { context, scope, clause: 'WHERE', aggregates: false, outputs: false };
  const where = node.where ? compileExpression(node.where, plain) : undefined;
  const whereSql = where && requireCondition(context, where, 'WHERE');

  // the keys may be items of the select list, and the select list is judged by the keys; everything is compiled once
  const listing: Environment = { ...plain, clause: 'the select list', aggregates: true };
  const slots = node.items.flatMap((item) => slotsOf(item, scope));
  const keys = node.groupBy.map((key) => groupKey(key, slots, listing));
  const groupKeys = new Set(keys.map((key) => key.sql));
  const grouped: Environment = { ...listing, groupKeys };
  const values = slots.map((slot) => itemOf(slot, grouped));
  if (tail.orderBy.length > 0) for (const item of values) addOutput(scope, item);
  const having = node.having
    ? compileExpression(node.having, { ...grouped, clause: 'HAVING', outputs: false })
    : undefined;
  const havingSql = having && requireCondition(context, having, 'HAVING');
  const order = tail.orderBy.map((term) =>
    orderTerm(term, values, node.distinct, { ...grouped, clause: 'ORDER BY', outputs: true }),
  );

  const judged = [...values.map(({ value }) => value), ...(having ? [having] : []), ...order.map(({ value }) => value)];
  if (keys.length > 0 || having || judged.some((value) => value.aggregate)) checkGrouped(judged, scope, groupKeys);
  for (const value of [...judged, ...keys, ...(where ? [where] : [])])
    for (const entry of value.loose) if (entry.scope !== scope) loose.push(entry);

  const limit = smallest(node.top, tail.limit);
  const columns = values.map(({ value, name, delimited }) => outputColumn(value, name, delimited));
  const collected = node.distinct || keys.length > 0 || judged.some((value) => value.aggregate);
  const hidden = tail.searchable && !collected ? hiddenPosition(values) : undefined;
  const list = values.map(({ value }, at) => `${outputSql(value)} AS c${at + 1}`).concat(hidden?.sql ?? []);
  const sql = [
    `SELECT ${node.distinct ? 'DISTINCT ' : ''}${list.join(', ')}`,
    `FROM ${from.sql}`,
    ...(whereSql ? [`WHERE ${whereSql}`] : []),
    ...(keys.length > 0 ? [`GROUP BY ${keys.map((key) => key.sql).join(', ')}`] : []),
    ...(havingSql ? [`HAVING ${havingSql}`] : []),
    ...(order.length > 0 ? [`ORDER BY ${order.map(({ sql }) => sql).join(', ')}`] : []),
    ...limitSql(context, limit, tail.offset),
  ].join(' ');
  return {
    sql: context.bounded(sql, node),
    columns,
    loose,
    ...(limit === undefined ? {} : { limit }),
    ...(hidden ? { position: hidden.position } : {}),
  };
}

export const smallest = (a: bigint | undefined, b: bigint | undefined): bigint | undefined =>
  a === undefined ? b : b === undefined || a < b ? a : b;

export function limitSql(context: Context, limit: bigint | undefined, offset: bigint | undefined): string[] {
  return [
    ...(limit === undefined ? [] : [`LIMIT ${context.parameters.bind(limit, 'bigint')}`]),
    ...(offset === undefined ? [] : [`OFFSET ${context.parameters.bind(offset, 'bigint')}`]),
  ];
}

interface Item {
  readonly value: Value;
  readonly name: string;
  readonly delimited: boolean;
}

/** A place in the select list: a column of a table, or an expression and, once compiled, its value. */
interface Slot {
  readonly item: Extract<SelectItem, { kind: 'item' }> | undefined;
  value?: Value;
}

/** The columns that one item of the select list stands for. */
function slotsOf(item: SelectItem, scope: Scope): Slot[] {
  if (item.kind === 'item') return [{ item }];
  let columns: readonly ScopeColumn[] = scope.visible;
  if (item.kind === 'allOf') {
    const found = scope.itemsCalled(item.path);
    if (found.length !== 1)
      throw scope.context.error(
        found.length === 0 ? 'UNKNOWN_TABLE' : 'AMBIGUOUS_TABLE',
        found.length === 0
          ? `no table in FROM is called ${textOf(item.path)}`
          : `more than one table is called ${textOf(item.path)}`,
        item,
      );
    columns = found[0]!.columns;
  }
  return columns.map((column) => ({ item: undefined, value: columnValue(column, item, scope) }));
}

function compileSlot(slot: Slot, environment: Environment): Value {
  slot.value ??= requireValue(
    environment.context,
    compileExpression(slot.item!.expression, environment),
    'the select list',
  );
  return slot.value;
}

function itemOf(slot: Slot, environment: Environment): Item {
  const value = compileSlot(slot, environment);
  const alias = slot.item?.alias;
  return { value, name: alias?.text ?? value.name ?? 'column', delimited: alias?.delimited ?? false };
}

function addOutput(scope: Scope, { value, name }: Item): void {
  const key = name.toLowerCase();
  const list = scope.outputs.get(key);
  const output = { ...value, name };
  if (list) list.push(output);
  else scope.outputs.set(key, [output]);
}

/** An expression, the alias of an item of the select list, or the number of one. */
function groupKey(node: Expression, slots: readonly Slot[], listing: Environment): Value {
  const { context, scope } = listing;
  const slot = ordinal(node, slots, context, 'GROUP BY') ?? aliasedSlot(node, slots, scope);
  const value = slot
    ? compileSlot(slot, listing)
    : compileExpression(node, { ...listing, clause: 'GROUP BY', aggregates: false });
  if (value.aggregate) throw context.error('MISPLACED_AGGREGATE', 'an aggregate cannot stand in GROUP BY', node);
  requireValue(context, value, 'GROUP BY');
  if (value.kind === 'null') throw context.error('WRONG_TYPE', 'rows cannot be grouped by NULL', node);
  return { ...value, span: node };
}

/** The item whose alias a bare name is, unless a column has the name. */
function aliasedSlot(node: Expression, slots: readonly Slot[], scope: Scope): Slot | undefined {
  if (node.kind !== 'column' || node.path.length > 1) return undefined;
  const name = node.path[0]!;
  const found = slots.filter(({ item }) => item?.alias && matches(name, item.alias.text));
  if (found.length === 0 || scope.hasColumn(name)) return undefined;
  if (found.length > 1)
    throw scope.context.error('AMBIGUOUS_COLUMN', `more than one selected column is called ${name.text}`, node);
  return found[0];
}

function ordinal<T>(node: Expression, items: readonly T[], context: Context, clause: string): T | undefined {
  if (node.kind !== 'number' || !/^\d+$/.test(node.text)) return undefined;
  const item = items[Number(node.text) - 1];
  if (item === undefined)
    throw context.error(
      'OUT_OF_RANGE',
      `${clause} ${node.text.slice(0, 20)}: the columns selected are ${items.length}`,
      node,
    );
  return item;
}

function orderTerm(
  term: OrderTerm,
  items: readonly Item[],
  distinct: boolean,
  environment: Environment,
  byAlias = true,
): { sql: string; value: Value } {
  const { context, scope } = environment;
  const { expression: node } = term;
  // names of the select list come before those of the tables
  const named = node.kind === 'column' && node.path.length === 1 ? scope.output(node.path[0]!, node) : undefined;
  const first = ordinal(node, items, context, 'ORDER BY')?.value ?? named ?? compileExpression(node, environment);
  const at = items.findIndex((item) => item.value.sql === first.sql);
  const value = at < 0 ? first : { ...items[at]!.value, span: node };
  requireValue(context, value, 'ORDER BY');
  if (isGeometry(value.kind) && value.kind !== 'region')
    throw context.error('WRONG_TYPE', 'regions have no order: write COORD1, COORD2 or AREA of it', node);
  if (distinct && at < 0)
    throw context.error('NOT_GROUPED', 'after SELECT DISTINCT, ORDER BY takes only what is selected', node);
  return {
    sql: orderSql(at < 0 || !byAlias ? value.sql : `c${at + 1}`, term, value.column?.nullable !== false),
    value,
  };
}

/** ORDER BY of a UNION or a query in parentheses: over its own columns alone. */
export function orderTerms(terms: readonly OrderTerm[], columns: readonly ScopeColumn[], scope: Scope): string[] {
  const { context } = scope;
  const environment: Environment = { context, scope, clause: 'ORDER BY', aggregates: false, outputs: false };
  const nowhere = { start: 0, end: 0 };
  const items = columns.map((column): Item => ({
    value: columnValue(column, nowhere, scope),
    name: column.name,
    delimited: false,
  }));
  for (const item of items) addOutput(scope, item);
  return terms.map((term) => orderTerm(term, items, false, environment, false).sql);
}

/** NULL comes last in both directions. */
const orderSql = (sql: string, term: OrderTerm, nullable: boolean): string =>
  `${sql === 'NULL' ? 'NULL::text' : sql}${term.descending ? (nullable ? ' DESC NULLS LAST' : ' DESC') : ''}`;

/** Outside aggregates a grouped query may use what it is grouped by, nothing else. */
function checkGrouped(values: readonly Value[], scope: Scope, keys: ReadonlySet<string>): void {
  for (const value of values) {
    if (keys.has(value.sql)) continue;
    const entry = value.loose.find((candidate) => candidate.scope === scope && !keys.has(candidate.column.sql));
    if (entry)
      throw scope.context.error(
        'NOT_GROUPED',
        keys.size > 0
          ? `${entry.column.name} is neither grouped by nor inside an aggregate`
          : `${entry.column.name} stands beside an aggregate: group by it, or put it inside an aggregate too`,
        entry.span,
      );
  }
}

function outputColumn(value: Value, name: string, delimited: boolean): OutputColumn {
  const source = value.column?.source;
  return {
    name,
    delimited,
    kind: value.kind,
    metadata: metadataOf(value),
    nullable: value.column?.nullable !== false,
    ...(source ? { source } : {}),
  };
}

/** What is computed leaves in the type it is declared to have. */
function outputSql(value: Value): string {
  if (value.column || value.kind === 'array') return value.sql;
  return value.kind === 'null' ? 'NULL::text' : `${value.sql}::${SQL_TYPES[value.kind]}`;
}

/** Search columns of a position that passes through unchanged, so that a subquery can be searched like its table. */
function hiddenPosition(
  items: readonly Item[],
): { sql: string[]; position: NonNullable<Relation['position']> } | undefined {
  for (const { value } of items) {
    const position = value.column?.item.position;
    if (!position || position.ra !== value.column || !(position.geography ?? position.hpx29)) continue;
    const ra = items.findIndex((item) => item.value.column === position.ra);
    const dec = items.findIndex((item) => item.value.column === position.dec);
    if (dec < 0) continue;
    const { geography, hpx29 } = position;
    return {
      sql: [...(geography ? [`${geography} AS cg`] : []), ...(hpx29 ? [`${hpx29} AS ch`] : [])],
      position: { ra, dec, ...(geography ? { geography: 'cg' } : {}), ...(hpx29 ? { hpx29: 'ch' } : {}) },
    };
  }
  return undefined;
}
