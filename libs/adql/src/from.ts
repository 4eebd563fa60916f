// FROM clauses: tables, subqueries, common tables and joins as SQL with aliases of our own (t1, t2, ...).

import type { Identifier, JoinedTable, TableReference } from './ast.js';
import type { AdqlTable } from './catalog.js';
import { requireCondition } from './coercion.js';
import { itemOf, quoteName } from './context.js';
import { compileExpression } from './expression.js';
import { matches, type Scope } from './scope.js';
import { type FromItem, isNumeric, kindOf, type LooseColumn, type ScopeColumn } from './value.js';

/** Part of a FROM clause. */
interface Source {
  readonly sql: string;
  readonly items: readonly FromItem[];
  /** in the order of SELECT * */
  readonly visible: readonly ScopeColumn[];
  readonly loose: readonly LooseColumn[];
}

/** Fills the scope with what the references offer; gives the SQL after FROM and columns of outer queries that it uses. */
export function compileFrom(
  references: readonly TableReference[],
  scope: Scope,
): { sql: string; loose: readonly LooseColumn[] } {
  const sources = references.map((reference) => compileReference(reference, scope));
  scope.items = sources.flatMap((source) => source.items);
  scope.visible = sources.flatMap((source) => source.visible);
  const names = new Map<string, FromItem>();
  for (const item of scope.items) {
    const schema = item.table ? `${item.table.schema.toLowerCase()}.` : '';
    const key = schema + (item.delimited ? `"${item.name}"` : item.name.toLowerCase());
    if (names.has(key))
      throw scope.context.error(
        'DUPLICATE_NAME',
        `${item.name} stands twice in FROM: give each a name of its own with AS`,
        references[0]!,
      );
    names.set(key, item);
  }
  return { sql: sources.map((source) => source.sql).join(', '), loose: sources.flatMap((source) => source.loose) };
}

function compileReference(node: TableReference, scope: Scope): Source {
  const { context } = scope;
  if (node.kind === 'join') return compileJoin(node, scope);
  if (node.kind === 'derived') {
    const relation = context.compileQuery(node.query, scope.sibling(), true);
    const alias = context.alias();
    const item = itemOf(alias, node.alias.text, node.alias.delimited, relation);
    return { sql: `(${relation.sql}) AS ${alias}`, items: [item], visible: item.columns, loose: relation.loose };
  }
  const found = scope.table(node.path, node);
  const alias = context.alias();
  const name = node.alias?.text ?? node.path.at(-1)!.text;
  if ('relation' in found) {
    const item = itemOf(alias, name, (node.alias ?? node.path[0]!).delimited, found.relation);
    return { sql: `${found.sqlName} AS ${alias}`, items: [item], visible: item.columns, loose: [] };
  }
  context.tables.add(found);
  const item = tableItem(found, alias, node.alias);
  const schema = found.sqlSchema === undefined ? '' : `${quoteName(found.sqlSchema)}.`;
  return { sql: `${schema}${quoteName(found.sqlName)} AS ${alias}`, items: [item], visible: item.columns, loose: [] };
}

function tableItem(table: AdqlTable, alias: string, name: Identifier | undefined): FromItem {
  const item: FromItem = {
    name: name?.text ?? table.name,
    delimited: name?.delimited ?? false,
    ...(name ? {} : { table }),
    columns: [],
  };
  for (const column of table.columns)
    item.columns.push({
      name: column.name,
      kind: kindOf(column),
      metadata: column,
      sql: column.sqlExpression
        ? `(${column.sqlExpression.replaceAll('{table}', alias)})`
        : `${alias}.${quoteName(column.sqlName)}`,
      item,
      nullable: column.nullable !== false,
      source: { table, column },
      geography: column.geography ? `${alias}.${quoteName(column.geography)}` : undefined,
    });
  const { position } = table;
  if (position) {
    const ra = item.columns.find((column) => column.name === position.ra);
    const dec = item.columns.find((column) => column.name === position.dec);
    if (ra && dec)
      item.position = {
        ra,
        dec,
        ...(position.geography ? { geography: `${alias}.${quoteName(position.geography)}` } : {}),
        ...(position.hpx29 ? { hpx29: `${alias}.${quoteName(position.hpx29)}` } : {}),
      };
  }
  return item;
}

function compileJoin(node: JoinedTable, scope: Scope): Source {
  const { context } = scope;
  const left = compileReference(node.left, scope);
  const right = compileReference(node.right, scope);
  const items = [...left.items, ...right.items];
  const loose = [...left.loose, ...right.loose];
  if (node.type === 'CROSS')
    return { sql: `(${left.sql} CROSS JOIN ${right.sql})`, items, visible: [...left.visible, ...right.visible], loose };
  const word = node.type === 'INNER' ? 'JOIN' : `${node.type} JOIN`;
  const joined = (condition: string, visible: readonly ScopeColumn[], more: readonly LooseColumn[] = []): Source => {
    context.bounded(condition, node);
    if (node.type === 'LEFT' || node.type === 'FULL') makeNullable(right.items);
    if (node.type === 'RIGHT' || node.type === 'FULL') makeNullable(left.items);
    return { sql: `(${left.sql} ${word} ${right.sql} ON ${condition})`, items, visible, loose: [...loose, ...more] };
  };
  if (node.on) {
    const inner = scope.sibling();
    inner.items = items;
    inner.visible = [...left.visible, ...right.visible];
    const value = compileExpression(node.on, {
      context,
      scope: inner,
      clause: 'ON',
      aggregates: false,
      outputs: false,
    });
    const outer = value.loose.filter((entry) => entry.scope !== inner);
    return joined(requireCondition(context, value, 'ON'), inner.visible, outer);
  }
  const names = node.using ?? commonNames(left, right);
  const merged: ScopeColumn[] = [];
  const used = new Set<ScopeColumn>();
  const conditions = names.map((name) => {
    const a = theColumn(left, name, node, scope);
    const b = theColumn(right, name, node, scope);
    if (used.has(a)) throw context.error('DUPLICATE_NAME', `${name.text} stands twice in USING`, name);
    used.add(a).add(b);
    if (a.kind !== b.kind && !(isNumeric(a.kind) && isNumeric(b.kind)))
      throw context.error(
        'WRONG_TYPE',
        `${a.item.name}.${a.name} and ${b.item.name}.${b.name} are of different types`,
        name.end > 0 ? name : node,
      );
    merged.push(mergedColumn(node.type, a, b));
    return `${a.sql} = ${b.sql}`;
  });
  const rest = [...left.visible, ...right.visible].filter((column) => !used.has(column));
  return joined(conditions.length > 0 ? `(${conditions.join(' AND ')})` : 'TRUE', [...merged, ...rest]);
}

function makeNullable(items: readonly FromItem[]): void {
  for (const item of items) for (const column of item.columns) column.nullable = true;
}

/** The one column that stands for both: of the side that is always there, or whichever is. */
function mergedColumn(type: JoinedTable['type'], a: ScopeColumn, b: ScopeColumn): ScopeColumn {
  if (type === 'RIGHT') return b;
  return type === 'FULL' ? { ...a, sql: `COALESCE(${a.sql}, ${b.sql})` } : a;
}

function commonNames(left: Source, right: Source): Identifier[] {
  const names = new Set(right.visible.map((column) => column.name.toLowerCase()));
  return left.visible
    .filter((column) => names.has(column.name.toLowerCase()))
    .map((column) => ({ text: column.name, delimited: false, start: 0, end: 0 }));
}

function theColumn(source: Source, name: Identifier, node: JoinedTable, { context }: Scope): ScopeColumn {
  const found = source.visible.filter((column) => matches(name, column.name));
  const span = name.end > 0 ? name : node;
  const names = source.items.map((item) => item.name).join(', ');
  if (found.length === 0) throw context.error('UNKNOWN_COLUMN', `there is no column ${name.text} in ${names}`, span);
  if (found.length > 1)
    throw context.error('AMBIGUOUS_COLUMN', `more than one column of ${names} is called ${name.text}`, span);
  return found[0]!;
}
