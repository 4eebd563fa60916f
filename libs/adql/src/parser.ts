// Recursive-descent parser of ADQL 2.1, after the grammar in the standard's appendix A. Beyond it, because PostgreSQL can
// serve them: CASE, scalar subqueries, quantified comparisons, CROSS JOIN, TRUE and FALSE, ordinals in GROUP BY.

import type {
  CommonTable,
  Expression,
  Identifier,
  JoinedTable,
  OrderTerm,
  Query,
  QueryBody,
  SelectItem,
  SelectQuery,
  TableReference,
} from './ast.js';
import type { Source } from './error.js';
import { ExpressionParser } from './expression-parser.js';
import { isReserved } from './reserved-words.js';
import { MAX_CHAIN, MAX_SET_OPERANDS, TokenStream } from './token-stream.js';

/** The syntax tree of a query. @throws AdqlError with the position of the first mistake */
export function parseAdql(text: string): { readonly query: Query; readonly source: Source } {
  const stream = new TokenStream(text);
  return { query: new Parser(stream).statement(), source: stream.source };
}

class Parser extends ExpressionParser {
  #setOperands = 0;

  statement(): Query {
    const { stream } = this;
    if (!stream.is('SELECT') && !stream.is('WITH') && !stream.is('(')) throw stream.unexpected(['SELECT', 'WITH']);
    const query = this.#query();
    if (stream.token.kind !== 'end') throw stream.unexpected(['the end of the query']);
    return query;
  }

  protected subquery(): Query {
    const { stream } = this;
    stream.expect('(');
    const query = stream.nested(() => this.#query());
    stream.expect(')');
    return query;
  }

  #query(): Query {
    const { stream } = this;
    const { start } = stream.token;
    const commonTables = stream.accept('WITH') ? this.#list(() => this.#commonTable()) : [];
    const body = this.#setExpression();
    const orderBy = stream.accept('ORDER') ? (stream.expect('BY'), this.#list(() => this.#orderTerm())) : [];
    const offset = stream.accept('OFFSET') ? stream.wholeNumber('OFFSET') : undefined;
    return {
      commonTables,
      body,
      orderBy,
      ...(offset === undefined ? {} : { offset }),
      ...stream.spanFrom(start),
    };
  }

  #list<T>(rule: () => T): T[] {
    const items = [rule()];
    while (this.stream.accept(',')) items.push(rule());
    return items;
  }

  #commonTable(): CommonTable {
    const { stream } = this;
    const name = stream.identifier('the name of a common table');
    let columnNames: Identifier[] = [];
    if (stream.accept('(')) {
      columnNames = this.#list(() => stream.identifier('a column name'));
      stream.expect(')');
    }
    stream.expect('AS');
    return { name, columnNames, query: this.subquery() };
  }

  #setExpression(): QueryBody {
    return this.#setOperation(['UNION', 'EXCEPT'], () => this.#setOperation(['INTERSECT'], () => this.#setPrimary()));
  }

  #setOperation(words: readonly ('UNION' | 'EXCEPT' | 'INTERSECT')[], rule: () => QueryBody): QueryBody {
    const { stream } = this;
    const { start } = stream.token;
    let left = rule();
    for (;;) {
      const operator = words.find((word) => stream.accept(word));
      if (!operator) return left;
      if (++this.#setOperands > MAX_SET_OPERANDS)
        throw stream.error('TOO_COMPLEX', `more than ${MAX_SET_OPERANDS} UNION, EXCEPT and INTERSECT`, stream.token);
      const all = stream.accept('ALL');
      if (!all) stream.accept('DISTINCT');
      const right = rule();
      left = { kind: 'set', operator, all, left, right, ...stream.spanFrom(start) };
    }
  }

  #setPrimary(): QueryBody {
    const { stream } = this;
    const { start } = stream.token;
    if (stream.is('SELECT')) return this.#select();
    if (!stream.is('(')) throw stream.unexpected(['SELECT']);
    const query = this.subquery();
    return { kind: 'nested', query, ...stream.spanFrom(start) };
  }

  #select(): SelectQuery {
    const { stream } = this;
    const { start } = stream.token;
    stream.expect('SELECT');
    const distinct = stream.accept('DISTINCT');
    if (!distinct) stream.accept('ALL');
    const top = stream.accept('TOP') ? stream.wholeNumber('TOP') : undefined;
    const items = this.#list(() => this.#selectItem());
    if (!stream.accept('FROM')) throw stream.unexpected([',', 'FROM']);
    const from = this.#list(() => this.#tableReference());
    const where = stream.accept('WHERE') ? this.expression() : undefined;
    const groupBy = stream.accept('GROUP') ? (stream.expect('BY'), this.#list(() => this.expression())) : [];
    const having = stream.accept('HAVING') ? this.expression() : undefined;
    return {
      kind: 'select',
      distinct,
      ...(top === undefined ? {} : { top }),
      items,
      from,
      ...(where ? { where } : {}),
      groupBy,
      ...(having ? { having } : {}),
      ...stream.spanFrom(start),
    };
  }

  #selectItem(): SelectItem {
    const { stream } = this;
    const { start } = stream.token;
    if (stream.accept('*')) return { kind: 'all', ...stream.spanFrom(start) };
    if (this.#qualifiesAll()) {
      const path = this.path('a table name');
      stream.expect('.', '*');
      return { kind: 'allOf', path, ...stream.spanFrom(start) };
    }
    const expression = this.expression();
    const alias = this.#alias('a column name');
    return { kind: 'item', expression, ...(alias ? { alias } : {}), ...stream.spanFrom(start) };
  }

  /** whether `name.name.*` follows */
  #qualifiesAll(): boolean {
    for (let ahead = 0; ahead < 8; ahead += 2) {
      const { kind } = this.stream.peek(ahead);
      if ((kind !== 'name' && kind !== 'quoted') || this.stream.peek(ahead + 1).word !== '.') return false;
      if (this.stream.peek(ahead + 2).word === '*') return true;
    }
    return false;
  }

  #alias(what: string): Identifier | undefined {
    const { stream } = this;
    if (stream.accept('AS')) return stream.identifier(what);
    const { kind, text } = stream.token;
    return kind === 'quoted' || (kind === 'name' && !isReserved(text) && text.toUpperCase() !== 'LIMIT')
      ? stream.identifier(what)
      : undefined;
  }

  #orderTerm(): OrderTerm {
    const expression = this.expression();
    const descending = this.stream.accept('DESC');
    if (!descending) this.stream.accept('ASC');
    return { expression, descending };
  }

  #tableReference(): TableReference {
    return this.stream.nested(() => {
      const { stream } = this;
      const { start } = stream.token;
      let left = this.#tablePrimary();
      for (let count = 0; ; count++) {
        const join = this.#joinType();
        if (!join) return left;
        if (count >= MAX_CHAIN / 10)
          throw stream.error('TOO_COMPLEX', `more than ${MAX_CHAIN / 10} tables in one join`, stream.token);
        const right = this.#tablePrimary();
        const specification = this.#joinSpecification(join);
        left = { kind: 'join', ...join, left, right, ...specification, ...stream.spanFrom(start) };
      }
    });
  }

  #joinType(): Pick<JoinedTable, 'type' | 'natural'> | undefined {
    const { stream } = this;
    if (stream.accept('CROSS')) {
      stream.expect('JOIN');
      return { type: 'CROSS', natural: false };
    }
    const natural = stream.accept('NATURAL');
    const outer = (['LEFT', 'RIGHT', 'FULL'] as const).find((word) => stream.accept(word));
    if (outer) stream.accept('OUTER');
    const inner = !outer && stream.accept('INNER');
    if (stream.accept('JOIN')) return { type: outer ?? 'INNER', natural };
    if (natural || outer || inner) throw stream.unexpected(['JOIN']);
    return undefined;
  }

  #joinSpecification(join: Pick<JoinedTable, 'type' | 'natural'>): { on?: Expression; using?: Identifier[] } {
    const { stream } = this;
    if (join.type === 'CROSS' || join.natural) return {};
    if (stream.accept('ON')) return { on: this.expression() };
    if (!stream.accept('USING')) throw stream.unexpected(['ON', 'USING']);
    stream.expect('(');
    const using = this.#list(() => stream.identifier('a column name'));
    stream.expect(')');
    return { using };
  }

  #tablePrimary(): TableReference {
    const { stream } = this;
    const { start } = stream.token;
    if (stream.opensQuery()) {
      const query = this.subquery();
      const alias = this.#alias('a name for the subquery');
      if (!alias) throw stream.unexpected(['AS and a name for this subquery']);
      return { kind: 'derived', query, alias, ...stream.spanFrom(start) };
    }
    if (stream.accept('(')) {
      const inner = this.#tableReference();
      if (inner.kind !== 'join') throw stream.unexpected(['JOIN']);
      stream.expect(')');
      return inner;
    }
    const path = this.path('a table name');
    const alias = this.#alias('a name for the table');
    return { kind: 'table', path, ...(alias ? { alias } : {}), ...stream.spanFrom(start) };
  }
}
