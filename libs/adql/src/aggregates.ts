import type { FunctionCall } from './ast.js';
import { cast, doubleSql, requireNumber, requireText, requireValue } from './coercion.js';
import { type Compile, type Environment, inherit } from './environment.js';
import { describe, isGeometry, isInteger, type Kind, type Metadata, type Value } from './value.js';

/** Aggregates by name, with the number of their arguments. */
export const AGGREGATES: ReadonlyMap<string, number> = new Map([
  ['COUNT', 1],
  ['SUM', 1],
  ['AVG', 1],
  ['MIN', 1],
  ['MAX', 1],
  ['IVO_STRING_AGG', 2],
]);

/**
 * COUNT gives a long, SUM of integers a long, SUM and AVG of anything else a double (summed in double precision), MIN and MAX
 * the type of their argument. NULLs do not count; nothing but NULLs gives NULL.
 */
export function compileAggregate(name: string, call: FunctionCall, environment: Environment, compile: Compile): Value {
  const { context, scope, clause } = environment;
  if (!environment.aggregates)
    throw context.error(
      'MISPLACED_AGGREGATE',
      clause === 'WHERE'
        ? `${name} cannot stand in WHERE, which chooses rows before they are grouped: use HAVING`
        : `${name} cannot stand in ${clause}`,
      call,
    );
  if (call.star && name !== 'COUNT') throw context.error('WRONG_ARGUMENTS', `only COUNT takes *`, call);
  if (call.star) return aggregate('long', 'count(*)', call, [], { ucd: 'meta.number' });
  const wanted = AGGREGATES.get(name)!;
  if (call.arguments.length !== wanted)
    throw context.error(
      'WRONG_ARGUMENTS',
      `${name} takes ${wanted} argument${wanted > 1 ? 's' : ''}, not ${call.arguments.length}`,
      call,
    );
  const { groupKeys: _, ...inside } = environment;
  const values = call.arguments.map((argument) =>
    requireValue(
      context,
      compile(argument, { ...inside, aggregates: false, outputs: false, clause: 'another aggregate' }),
      name,
    ),
  );
  const loose = values.flatMap((value) => value.loose);
  if (loose.length > 0 && !loose.some((entry) => entry.scope === scope))
    throw context.error('MISPLACED_AGGREGATE', `${name} of columns of an outer query cannot stand in a subquery`, call);
  const [value] = values as [Value];
  const outer = [{ ...value, loose: loose.filter((entry) => entry.scope !== scope) }];
  const distinct = call.quantifier === 'DISTINCT' ? 'DISTINCT ' : '';
  const unit = value.metadata?.unit;
  const metadata: Partial<Metadata> = unit === undefined ? {} : { unit };
  switch (name) {
    case 'COUNT': {
      if (distinct && value.kind === 'array')
        throw context.error('WRONG_TYPE', 'arrays cannot be told apart', value.span);
      return aggregate('long', `count(${distinct}${value.kind === 'null' ? 'NULL::int' : value.sql})`, call, outer, {
        ucd: 'meta.number',
      });
    }
    case 'IVO_STRING_AGG': {
      const [text, delimiter] = values.map((part) =>
        cast(context, requireText(context, part, 'ivo_string_agg'), 'text'),
      );
      return aggregate('text', `string_agg(${distinct}${text}, ${delimiter})`, call, outer, {});
    }
    case 'SUM':
    case 'AVG': {
      requireNumber(context, value, name);
      const integer = name === 'SUM' && isInteger(value.kind);
      const operand = integer ? value.sql : doubleSql(context, value);
      const sql = `${name.toLowerCase()}(${distinct}${operand})`;
      // the sum of bigints is numeric
      return aggregate(integer ? 'long' : 'double', integer ? `(${sql}::bigint)` : sql, call, outer, {
        ...metadata,
        ...(name === 'AVG' ? statistic('mean', value) : {}),
      });
    }
    default: {
      if (value.kind === 'boolean' || value.kind === 'array' || isGeometry(value.kind))
        throw context.error(
          'WRONG_TYPE',
          `${name} needs a number, a text or a timestamp, and this is ${describe(value)}`,
          value.span,
        );
      const kind: Kind = value.kind === 'null' ? 'text' : value.kind;
      const operand = value.kind === 'null' ? 'NULL::text' : value.sql;
      const { datatype, arraysize, xtype } = value.metadata ?? {};
      return aggregate(kind, `${name.toLowerCase()}(${distinct}${operand})`, call, outer, {
        ...(datatype ? { datatype } : {}),
        ...(arraysize ? { arraysize } : {}),
        ...(xtype ? { xtype } : {}),
        ...metadata,
        ...statistic(name.toLowerCase(), value),
      });
    }
  }
}

const aggregate = (
  kind: Kind,
  sql: string,
  call: FunctionCall,
  parts: readonly Value[],
  metadata: Partial<Metadata>,
): Value => ({
  kind,
  sql,
  span: call,
  ...inherit(parts),
  aggregate: true,
  metadata,
});

/** The UCD of a statistic of a column, `;meta.main` left out. */
function statistic(word: string, value: Value): { ucd?: string } {
  const ucd = value.metadata?.ucd;
  return ucd ? { ucd: `stat.${word};${ucd.replace(/;meta\.main$/, '')}` } : {};
}
