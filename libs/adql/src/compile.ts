// From the text of a query to PostgreSQL: every name resolved against what the user may see, every literal a bind parameter,
// every identifier from the catalog or made here.

import type { CommonTable, Query, QueryBody, SetQuery } from './ast.js';
import type { AdqlCatalog, CompiledQuery, ResultColumn } from './catalog.js';
import { Context, itemOf, type OutputColumn, type Relation } from './context.js';
import { parseAdql } from './parser.js';
import { Scope } from './scope.js';
import { compileSelect, limitSql, orderTerms, type SelectResult, type Tail } from './select.js';
import { isNumeric, type Kind, metadataOf, SQL_TYPES, widest } from './value.js';

export interface CompileOptions {
  /** Rows wanted at most: the query is made to return one more, so that it can be told that there are more. */
  readonly maxRows?: number;
}

/** Most bind parameters of a statement: the protocol of PostgreSQL counts them in 16 bits. */
const MAX_PARAMETERS = 65_535;

/** @throws AdqlError with code, sentence, position and suggestion */
export function compileAdql(text: string, catalog: AdqlCatalog, options: CompileOptions = {}): CompiledQuery {
  const { query, source } = parseAdql(text);
  const context = new Context(source, catalog, (node, scope, searchable) => compileQuery(node, { searchable }, scope));
  const limit = options.maxRows === undefined ? {} : { limit: BigInt(Math.floor(options.maxRows)) + 1n };
  const result = compileQuery(query, limit, new Scope(context));
  const finished = context.parameters.finish(result.sql);
  if (finished.parameters.length > MAX_PARAMETERS)
    throw context.error(
      'TOO_COMPLEX',
      `the query has ${finished.parameters.length} different values, more than ${MAX_PARAMETERS}: write IN (...) or upload a table`,
      query,
    );
  return {
    ...finished,
    columns: resultColumns(result.columns),
    ...(result.limit === undefined ? {} : { limit: Number(result.limit) }),
    tables: [...context.tables],
  };
}

/** A whole query in its scope. */
function compileQuery(node: Query, given: Pick<Tail, 'limit' | 'searchable'>, scope: Scope): SelectResult {
  const common = node.commonTables.map((table) => compileCommonTable(table, scope));
  const { orderBy, offset } = node;
  const tail: Tail = { orderBy, ...(offset === undefined ? {} : { offset }), ...given };
  const result =
    node.body.kind === 'select' ? compileSelect(node.body, tail, scope) : compileCombined(node.body, tail, scope);
  if (common.length === 0) return result;
  const loose = [...result.loose, ...common.flatMap((table) => table.loose)];
  return { ...result, loose, sql: `WITH ${common.map((table) => table.sql).join(', ')} ${result.sql}` };
}

function compileCommonTable({ name, columnNames, query }: CommonTable, scope: Scope): Pick<Relation, 'sql' | 'loose'> {
  const { context } = scope;
  if (scope.commonTables.some((other) => other.name.text.toLowerCase() === name.text.toLowerCase()))
    throw context.error('DUPLICATE_NAME', `there are two common tables called ${name.text}`, name);
  const relation = compileQuery(query, { searchable: true }, scope.inner());
  if (columnNames.length > 0 && columnNames.length !== relation.columns.length)
    throw context.error(
      'COLUMN_COUNT',
      `${name.text} has columns: ${relation.columns.length}, names for them: ${columnNames.length}`,
      name,
    );
  const columns = relation.columns.map((column, at) => {
    const given = columnNames[at];
    return given ? { ...column, name: given.text, delimited: given.delimited } : column;
  });
  const sqlName = context.alias();
  scope.commonTables.push({ name, sqlName, relation: { ...relation, columns } });
  return { sql: `${sqlName} AS (${relation.sql})`, loose: relation.loose };
}

/** UNION and its kin, or a query in parentheses, with ORDER BY, OFFSET and a limit around it. */
function compileCombined(body: QueryBody, tail: Tail, scope: Scope): SelectResult {
  const { context } = scope;
  const relation = compileBody(body, scope);
  const { orderBy, offset, limit } = tail;
  if (orderBy.length === 0 && offset === undefined && limit === undefined) return relation;
  const alias = context.alias();
  const item = itemOf(alias, 'the result', true, relation);
  scope.items = [item];
  scope.visible = item.columns;
  const order = orderTerms(orderBy, item.columns, scope);
  const sql = [
    `SELECT ${relation.columns.map((_, at) => `${alias}.c${at + 1}`).join(', ')} FROM (${relation.sql}) AS ${alias}`,
    ...(order.length > 0 ? [`ORDER BY ${order.join(', ')}`] : []),
    ...limitSql(context, limit, offset),
  ].join(' ');
  const { columns, loose } = relation;
  return { sql, columns, loose, ...(limit === undefined ? {} : { limit }) };
}

function compileBody(body: QueryBody, scope: Scope): Relation {
  switch (body.kind) {
    case 'select':
      return compileSelect(body, { orderBy: [] }, scope.sibling());
    case 'nested':
      return compileQuery(body.query, {}, scope.sibling());
    case 'set':
      return compileSet(body, scope);
  }
}

function compileSet(node: SetQuery, scope: Scope): Relation {
  const { context } = scope;
  const left = compileBody(node.left, scope);
  const right = compileBody(node.right, scope);
  if (left.columns.length !== right.columns.length)
    throw context.error(
      'COLUMN_COUNT',
      `${node.operator} joins queries of as many columns: here are ${left.columns.length} and ${right.columns.length}`,
      node.right,
    );
  const columns = left.columns.map((a, at): OutputColumn => {
    const b = right.columns[at]!;
    const kind = commonKind(a.kind, b.kind);
    if (!kind)
      throw context.error(
        'WRONG_TYPE',
        `column ${at + 1} (${a.name}) is of different types in the two queries`,
        node.right,
      );
    const { source: _, ...rest } = a;
    const nullable = a.nullable || b.nullable;
    if (a.kind === kind && sameMeaning(a, b)) return { ...rest, nullable };
    const unit = a.metadata.unit !== undefined && a.metadata.unit === b.metadata.unit ? { unit: a.metadata.unit } : {};
    return { ...rest, kind, nullable, metadata: metadataOf({ kind, metadata: unit }) };
  });
  const sql = `(${inKinds(left, columns, context)}) ${node.operator}${node.all ? ' ALL' : ''} (${inKinds(right, columns, context)})`;
  return { sql: context.bounded(sql, node), columns, loose: [...left.loose, ...right.loose] };
}

function commonKind(a: Kind, b: Kind): Kind | undefined {
  if (a === b || b === 'null') return a;
  if (a === 'null') return b;
  if (isNumeric(a) && isNumeric(b)) return widest(a, b);
  return (a === 'region' && b === 'text') || (a === 'text' && b === 'region') ? 'text' : undefined;
}

const sameMeaning = (a: OutputColumn, b: OutputColumn): boolean =>
  b.kind === a.kind &&
  a.metadata.datatype === b.metadata.datatype &&
  a.metadata.arraysize === b.metadata.arraysize &&
  a.metadata.unit === b.metadata.unit &&
  a.metadata.ucd === b.metadata.ucd;

/** The relation with its columns cast where they are of other types. */
function inKinds(relation: Relation, wanted: readonly OutputColumn[], context: Context): string {
  if (relation.columns.every(({ kind }, at) => kind === wanted[at]!.kind)) return relation.sql;
  const alias = context.alias();
  const list = relation.columns.map(({ kind }, at) => {
    const target = wanted[at]!.kind;
    const cast = kind === target || target === 'array' || target === 'null' ? '' : `::${SQL_TYPES[target]}`;
    return `${alias}.c${at + 1}${cast} AS c${at + 1}`;
  });
  return `SELECT ${list.join(', ')} FROM (${relation.sql}) AS ${alias}`;
}

/** The columns as they leave, with names that are unique: a second ra is ra_2. */
function resultColumns(columns: readonly OutputColumn[]): ResultColumn[] {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  const used = new Set<string>();
  return columns.map(({ name: wanted, metadata, source }, at) => {
    let name = wanted;
    if (used.has(name.toLowerCase())) for (let n = 2; taken.has(name.toLowerCase()); n++) name = `${wanted}_${n}`;
    taken.add(name.toLowerCase());
    used.add(name.toLowerCase());
    const { datatype, arraysize, xtype, unit, ucd, utype, description } = metadata;
    return { name, sqlName: `c${at + 1}`, datatype, arraysize, xtype, unit, ucd, utype, description, source };
  });
}
