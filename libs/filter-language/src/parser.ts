// Recursive-descent parser of the filter language:
//   SELECT expression [AS name], ... WHERE condition [ORDER BY expression [ASC|DESC], ...] [LIMIT count [PER VISIT]]
// Precedence, loosest first: OR, AND, NOT, comparison, + -, * / %, unary minus.

import type { ArithmeticOperator, ComparisonOperator, Expression, FilterQuery, OrderItem, SelectItem } from './ast.js';
import { FilterError, type SourceRange } from './error.js';
import { suggest } from './suggest.js';
import { type Token, tokenize } from './tokens.js';

const KEYWORDS = [
  'SELECT',
  'FROM',
  'WHERE',
  'ORDER',
  'BY',
  'LIMIT',
  'PER',
  'VISIT',
  'AND',
  'OR',
  'NOT',
  'IS',
  'NULL',
  'IN',
  'BETWEEN',
  'AS',
  'ASC',
  'DESC',
  'TRUE',
  'FALSE',
];
const MAX_DEPTH = 100;

/** Parses a filter's text. Throws FilterError with the place of the first mistake. */
export function parseFilter(text: string): FilterQuery {
  return new Parser(tokenize(text)).query();
}

class Parser {
  #position = 0;
  #depth = 0;
  constructor(readonly tokens: readonly Token[]) {}

  get #token(): Token {
    return this.tokens[this.#position]!;
  }
  #isKeyword(word: string): boolean {
    return this.#token.kind === 'name' && this.#token.text.toUpperCase() === word;
  }
  #takeKeyword(word: string): boolean {
    if (!this.#isKeyword(word)) return false;
    this.#position++;
    return true;
  }
  #isSymbol(text: string): boolean {
    return this.#token.kind === 'symbol' && this.#token.text === text;
  }
  #takeSymbol(text: string): boolean {
    if (!this.#isSymbol(text)) return false;
    this.#position++;
    return true;
  }
  #unexpected(expected: string): never {
    const { kind, text, range } = this.#token;
    const found = kind === 'end' ? 'the end of the filter' : `'${text}'`;
    const near = kind === 'name' && !KEYWORDS.includes(text.toUpperCase()) ? suggest(text, KEYWORDS) : undefined;
    throw new FilterError('UNEXPECTED_TOKEN', `expected ${expected}, found ${found}`, range, near);
  }
  #requireKeyword(word: string): void {
    if (!this.#takeKeyword(word)) this.#unexpected(word);
  }
  #requireSymbol(text: string): void {
    if (!this.#takeSymbol(text)) this.#unexpected(`'${text}'`);
  }
  #span(from: SourceRange): SourceRange {
    const last = this.tokens[this.#position - 1]!.range;
    return { ...from, length: last.offset + last.length - from.offset };
  }
  #nested<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw new FilterError('TOO_DEEP', `expressions may be nested ${MAX_DEPTH} deep`, this.#token.range);
    const result = parse();
    this.#depth--;
    return result;
  }

  query(): FilterQuery {
    const select = this.#takeKeyword('SELECT') ? this.#selectList() : [];
    if (this.#takeKeyword('FROM')) {
      if (!this.#isKeyword('ALERTS')) this.#unexpected("'alerts' (the only thing a filter reads)");
      this.#position++;
    }
    this.#requireKeyword('WHERE');
    const where = this.#expression();
    const orderBy: OrderItem[] = [];
    if (this.#takeKeyword('ORDER')) {
      this.#requireKeyword('BY');
      do {
        const expression = this.#expression();
        const descending = this.#takeKeyword('DESC');
        if (!descending) this.#takeKeyword('ASC');
        orderBy.push({ expression, descending });
      } while (this.#takeSymbol(','));
    }
    const limitPerVisit = this.#takeKeyword('LIMIT') ? this.#limit() : undefined;
    if (this.#token.kind !== 'end') this.#unexpected('AND, OR, ORDER BY, LIMIT or the end of the filter');
    return { select, where, orderBy, ...(limitPerVisit !== undefined && { limitPerVisit }) };
  }

  #limit(): number {
    const { kind, text, range } = this.#token;
    if (kind !== 'number') this.#unexpected('a number of alerts');
    this.#position++;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > 100_000)
      throw new FilterError('LIMIT_OUT_OF_RANGE', `LIMIT takes a whole number from 1 to 100000, not ${text}`, range);
    if (this.#takeKeyword('PER')) this.#requireKeyword('VISIT');
    return value;
  }

  #selectList(): SelectItem[] {
    const items: SelectItem[] = [];
    do {
      const expression = this.#expression();
      let name: string | undefined;
      if (this.#takeKeyword('AS')) {
        if (this.#token.kind !== 'name') this.#unexpected('a name');
        name = this.#token.text;
        this.#position++;
      } else if (expression.kind === 'column') name = expression.path.at(-1);
      items.push({ expression, name: name ?? `column${items.length + 1}` });
    } while (this.#takeSymbol(','));
    const seen = new Set<string>();
    for (const item of items) {
      if (seen.has(item.name))
        throw new FilterError(
          'DUPLICATE_NAME',
          `two selected columns are called ${item.name}; use AS`,
          item.expression.range,
        );
      seen.add(item.name);
    }
    return items;
  }

  #expression(): Expression {
    return this.#nested(() => this.#logical('or', () => this.#logical('and', () => this.#not())));
  }

  #logical(kind: 'and' | 'or', operand: () => Expression): Expression {
    let left = operand();
    while (this.#takeKeyword(kind.toUpperCase())) {
      const right = operand();
      left = { kind, left, right, range: this.#span(left.range) };
    }
    return left;
  }

  #not(): Expression {
    const start = this.#token.range;
    if (!this.#takeKeyword('NOT')) return this.#comparison();
    const operand = this.#nested(() => this.#not());
    return { kind: 'not', operand, range: this.#span(start) };
  }

  #comparison(): Expression {
    const left = this.#sum();
    const symbol = this.#token.kind === 'symbol' ? this.#token.text : '';
    if (['=', '<>', '!=', '<', '<=', '>', '>='].includes(symbol)) {
      this.#position++;
      const right = this.#sum();
      const operator = (symbol === '!=' ? '<>' : symbol) as ComparisonOperator;
      return { kind: 'compare', operator, left, right, range: this.#span(left.range) };
    }
    if (this.#takeKeyword('IS')) {
      const negated = this.#takeKeyword('NOT');
      this.#requireKeyword('NULL');
      return { kind: 'isNull', operand: left, negated, range: this.#span(left.range) };
    }
    const negated = this.#takeKeyword('NOT');
    if (this.#takeKeyword('IN')) {
      this.#requireSymbol('(');
      const options = [this.#sum()];
      while (this.#takeSymbol(',')) options.push(this.#sum());
      this.#requireSymbol(')');
      return { kind: 'in', operand: left, options, negated, range: this.#span(left.range) };
    }
    if (this.#takeKeyword('BETWEEN')) {
      const low = this.#sum();
      this.#requireKeyword('AND');
      const high = this.#sum();
      return { kind: 'between', operand: left, low, high, negated, range: this.#span(left.range) };
    }
    if (negated) this.#unexpected('IN or BETWEEN');
    return left;
  }

  #sum(): Expression {
    return this.#arithmetic(['+', '-'], () => this.#arithmetic(['*', '/', '%'], () => this.#unary()));
  }
  #arithmetic(operators: readonly ArithmeticOperator[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const operator = operators.find((symbol) => this.#isSymbol(symbol));
      if (!operator) return left;
      this.#position++;
      const right = operand();
      left = { kind: 'arithmetic', operator, left, right, range: this.#span(left.range) };
    }
  }
  #unary(): Expression {
    const start = this.#token.range;
    if (this.#takeSymbol('+')) return this.#nested(() => this.#unary());
    if (!this.#takeSymbol('-')) return this.#primary();
    const operand = this.#nested(() => this.#unary());
    return { kind: 'negate', operand, range: this.#span(start) };
  }

  #primary(): Expression {
    const { kind, text, range } = this.#token;
    if (kind === 'number') {
      this.#position++;
      return { kind: 'number', value: Number(text), text, range };
    }
    if (kind === 'string') {
      this.#position++;
      return { kind: 'string', value: text.slice(1, -1).replaceAll("''", "'"), range };
    }
    if (this.#takeSymbol('(')) {
      const inner = this.#expression();
      this.#requireSymbol(')');
      return inner;
    }
    if (this.#takeKeyword('TRUE')) return { kind: 'boolean', value: true, range };
    if (this.#takeKeyword('FALSE')) return { kind: 'boolean', value: false, range };
    if (this.#takeKeyword('NULL')) return { kind: 'null', range };
    if (kind !== 'name' || KEYWORDS.includes(text.toUpperCase())) this.#unexpected('a column, a number or a function');
    this.#position++;
    if (this.#takeSymbol('(')) {
      const list: Expression[] = [];
      if (!this.#isSymbol(')'))
        do list.push(this.#expression());
        while (this.#takeSymbol(','));
      this.#requireSymbol(')');
      return { kind: 'call', name: text, arguments: list, range: this.#span(range) };
    }
    const path = [text];
    while (this.#takeSymbol('.')) {
      if (this.#token.kind !== 'name') this.#unexpected('a column name');
      path.push(this.#token.text);
      this.#position++;
    }
    return { kind: 'column', path, range: this.#span(range) };
  }
}
