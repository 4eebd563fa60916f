// Conditions and value expressions. Precedence, loosest first: OR, AND, NOT, predicates, ||, + -, * /, sign.
// The grammar tells conditions from values by context; here both are expressions, and the compiler checks their types.

import type {
  ArithmeticOperator,
  CaseExpression,
  CastType,
  ComparisonOperator,
  Expression,
  FunctionCall,
  Identifier,
  Query,
} from './ast.js';
import type { Span } from './error.js';
import { isReserved } from './reserved-words.js';
import { CLAUSE_WORDS, MAX_ARGUMENTS, MAX_CHAIN, type TokenStream } from './token-stream.js';

const COMPARISONS: Readonly<Record<string, ComparisonOperator>> = {
  '=': '=',
  '<>': '<>',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

/** Reserved words that name a function when a parenthesis follows. */
const FUNCTION_WORDS = new Set(
  `ABS ACOS AREA ASIN ATAN ATAN2 AVG BOX CEILING CENTROID CIRCLE COALESCE CONTAINS COORD1 COORD2 COORDSYS COS COT COUNT DEGREES DISTANCE
  EXP FLOOR INTERSECTS IN_UNIT LOG LOG10 LOWER MAX MIN MOD NULLIF PI POINT POLYGON POWER RADIANS RAND REGION ROUND SIN SQRT SUM TAN TRUNCATE UPPER`.split(
    /\s+/,
  ),
);

export abstract class ExpressionParser {
  constructor(protected readonly stream: TokenStream) {}

  /** `(SELECT ...)`; the cursor stands before the parenthesis */
  protected abstract subquery(): Query;

  protected expression(): Expression {
    return this.stream.nested(() => this.#logical('or', 'OR', () => this.#conjunction()));
  }

  #conjunction(): Expression {
    return this.#logical('and', 'AND', () => this.#negation());
  }

  #logical(kind: 'or' | 'and', word: string, rule: () => Expression): Expression {
    const { start } = this.stream.token;
    const first = rule();
    if (!this.stream.is(word)) return first;
    const operands = [first];
    while (this.stream.accept(word)) operands.push(rule());
    return { kind, operands, ...this.stream.spanFrom(start) };
  }

  #negation(): Expression {
    const { start } = this.stream.token;
    if (!this.stream.accept('NOT')) return this.#predicate();
    const operand = this.stream.nested(() => this.#negation());
    return { kind: 'not', operand, ...this.stream.spanFrom(start) };
  }

  #predicate(): Expression {
    const { stream } = this;
    const { start } = stream.token;
    if (stream.is('EXISTS')) {
      stream.next();
      const query = this.subquery();
      return { kind: 'exists', query, ...stream.spanFrom(start) };
    }
    const operand = this.#concatenation();
    const operator = COMPARISONS[stream.token.word];
    if (operator) {
      stream.next();
      const quantifier = QUANTIFIERS[stream.token.word];
      if (quantifier && stream.peek().word === '(') {
        stream.next();
        const query = this.subquery();
        return { kind: 'quantified', operator, quantifier, operand, query, ...stream.spanFrom(start) };
      }
      const right = this.#concatenation();
      return { kind: 'compare', operator, left: operand, right, ...stream.spanFrom(start) };
    }
    if (stream.accept('IS')) {
      const negated = stream.accept('NOT');
      stream.expect('NULL');
      return { kind: 'isNull', operand, negated, ...stream.spanFrom(start) };
    }
    const negated = stream.is('NOT');
    if (negated) stream.next();
    if (stream.accept('BETWEEN')) {
      const low = this.#concatenation();
      stream.expect('AND');
      const high = this.#concatenation();
      return { kind: 'between', operand, low, high, negated, ...stream.spanFrom(start) };
    }
    if (stream.is('IN')) return this.#membership(operand, negated, start);
    if (stream.is('LIKE') || stream.is('ILIKE')) {
      const ignoreCase = stream.next().word === 'ILIKE';
      const pattern = this.#concatenation();
      return { kind: 'like', operand, pattern, ignoreCase, negated, ...stream.spanFrom(start) };
    }
    if (negated) throw stream.unexpected(['BETWEEN', 'IN', 'LIKE', 'ILIKE']);
    return operand;
  }

  #membership(operand: Expression, negated: boolean, start: number): Expression {
    const { stream } = this;
    stream.expect('IN');
    if (stream.opensQuery()) {
      const query = this.subquery();
      return { kind: 'inQuery', operand, query, negated, ...stream.spanFrom(start) };
    }
    stream.expect('(');
    const options = [this.#concatenation()];
    while (stream.accept(',')) options.push(this.#concatenation());
    stream.expect(')');
    return { kind: 'inList', operand, options, negated, ...stream.spanFrom(start) };
  }

  #concatenation(): Expression {
    const { stream } = this;
    const { start } = stream.token;
    const first = this.#arithmetic();
    if (!stream.is('||')) return first;
    const operands = [first];
    while (stream.accept('||')) operands.push(this.#arithmetic());
    this.#checkChain(operands.length, stream.spanFrom(start));
    return { kind: 'concatenation', operands, ...stream.spanFrom(start) };
  }

  #arithmetic(): Expression {
    return this.#chain(['+', '-'], () => this.#chain(['*', '/'], () => this.#signed()));
  }

  #chain(words: readonly ArithmeticOperator[], rule: () => Expression): Expression {
    const { stream } = this;
    const { start } = stream.token;
    const operands = [rule()];
    const operators: ArithmeticOperator[] = [];
    for (;;) {
      const operator = words.find((word) => stream.accept(word));
      if (!operator) break;
      operators.push(operator);
      operands.push(rule());
    }
    if (operators.length === 0) return operands[0]!;
    this.#checkChain(operands.length, stream.spanFrom(start));
    return { kind: 'arithmetic', operands, operators, ...stream.spanFrom(start) };
  }

  #checkChain(count: number, span: Span): void {
    if (count > MAX_CHAIN)
      throw this.stream.error('TOO_DEEP', `an expression of ${count} terms is too long: at most ${MAX_CHAIN}`, span);
  }

  #signed(): Expression {
    const { stream } = this;
    const { start } = stream.token;
    if (!stream.is('-') && !stream.is('+')) return this.#primary();
    const negative = stream.next().word === '-';
    const operand = stream.nested(() => this.#signed());
    return { kind: 'sign', negative, operand, ...stream.spanFrom(start) };
  }

  #primary(): Expression {
    const { stream } = this;
    const { token } = stream;
    const { start, end } = token;
    switch (token.kind) {
      case 'number':
        stream.next();
        return { kind: 'number', text: token.text, start, end };
      case 'string':
        stream.next();
        return { kind: 'string', value: token.text, start, end };
      case 'symbol':
        if (token.word === '(') {
          if (stream.opensQuery()) return { kind: 'subquery', query: this.subquery(), ...stream.spanFrom(start) };
          stream.next();
          const inner = this.expression();
          stream.expect(')');
          return { ...inner, ...stream.spanFrom(start) };
        }
        break;
      case 'name':
        if (stream.peek().word === '(' && (FUNCTION_WORDS.has(token.word) || !isReserved(token.word)))
          return this.#call();
        if (token.word === 'CAST') return this.#cast();
        if (token.word === 'CASE') return this.#case();
        if (token.word === 'NULL' || token.word === 'TRUE' || token.word === 'FALSE') {
          stream.next();
          return token.word === 'NULL'
            ? { kind: 'null', start, end }
            : { kind: 'boolean', value: token.word === 'TRUE', start, end };
        }
        if (isReserved(token.word) && CLAUSE_WORDS.has(token.word)) break;
        return this.#column();
      case 'quoted':
        return this.#column();
      case 'end':
        break;
    }
    throw stream.unexpected(['a value']);
  }

  #column(): Expression {
    const { start } = this.stream.token;
    const path = this.path('a column name');
    return { kind: 'column', path, ...this.stream.spanFrom(start) };
  }

  /** identifiers joined by periods, at most catalog.schema.table.column */
  protected path(what: string): Identifier[] {
    const path = [this.stream.identifier(what)];
    while (this.stream.is('.') && this.stream.peek().word !== '*') {
      this.stream.next();
      path.push(this.stream.identifier(what));
      if (path.length > 4)
        throw this.stream.error('UNEXPECTED_TOKEN', 'a name has at most four parts', {
          start: path[0]!.start,
          end: path.at(-1)!.end,
        });
    }
    return path;
  }

  #call(): FunctionCall {
    const { stream } = this;
    const { text, start, end } = stream.next();
    const name: Identifier = { text, delimited: false, start, end };
    stream.expect('(');
    if (stream.is('*') && stream.peek().word === ')') {
      stream.next();
      stream.next();
      return { kind: 'call', name, arguments: [], star: true, ...stream.spanFrom(start) };
    }
    const quantifier = stream.accept('DISTINCT') ? 'DISTINCT' : stream.accept('ALL') ? 'ALL' : undefined;
    const values: Expression[] = [];
    if (!stream.is(')') || quantifier) {
      do values.push(this.expression());
      while (stream.accept(','));
    }
    stream.expect(')');
    if (values.length > MAX_ARGUMENTS)
      throw stream.error('TOO_COMPLEX', `${text} has more than ${MAX_ARGUMENTS} arguments`, stream.spanFrom(start));
    return {
      kind: 'call',
      name,
      arguments: values,
      star: false,
      ...(quantifier ? { quantifier } : {}),
      ...stream.spanFrom(start),
    };
  }

  #cast(): Expression {
    const { stream } = this;
    const { start } = stream.next();
    stream.expect('(');
    const operand = this.expression();
    stream.expect('AS');
    const target = this.#castType();
    let length: number | undefined;
    if ((target === 'CHAR' || target === 'VARCHAR') && stream.accept('(')) {
      const { token } = stream;
      length = Number(stream.wholeNumber('a length'));
      if (length < 1 || length > 10_000)
        throw stream.error('OUT_OF_RANGE', `a text has a length of 1 to 10000, not ${token.text}`, token);
      stream.expect(')');
    }
    stream.expect(')');
    return { kind: 'cast', operand, target, ...(length ? { length } : {}), ...stream.spanFrom(start) };
  }

  #castType(): CastType {
    const { stream } = this;
    const word =
      stream.token.word === 'CHARACTER' ? 'CHAR' : stream.token.word === 'INT' ? 'INTEGER' : stream.token.word;
    if (word === 'DOUBLE') {
      stream.next();
      stream.expect('PRECISION');
      return 'DOUBLE PRECISION';
    }
    const type = CAST_TYPES.find((candidate) => candidate === word);
    if (!type) throw stream.unexpected(CAST_TYPES);
    stream.next();
    return type;
  }

  #case(): CaseExpression {
    const { stream } = this;
    const { start } = stream.next();
    const operand = stream.is('WHEN') ? undefined : this.expression();
    const branches: { when: Expression; outcome: Expression }[] = [];
    while (stream.accept('WHEN')) {
      const when = this.expression();
      stream.expect('THEN');
      branches.push({ when, outcome: this.expression() });
    }
    if (branches.length === 0) throw stream.unexpected(['WHEN']);
    const otherwise = stream.accept('ELSE') ? this.expression() : undefined;
    stream.expect('END');
    return {
      kind: 'case',
      ...(operand ? { operand } : {}),
      branches,
      ...(otherwise ? { otherwise } : {}),
      ...stream.spanFrom(start),
    };
  }
}

const QUANTIFIERS: Readonly<Record<string, 'ANY' | 'ALL'>> = { ANY: 'ANY', SOME: 'ANY', ALL: 'ALL' };

const CAST_TYPES = [
  'CHAR',
  'VARCHAR',
  'SMALLINT',
  'INTEGER',
  'BIGINT',
  'REAL',
  'DOUBLE PRECISION',
  'TIMESTAMP',
  'POINT',
  'CIRCLE',
  'POLYGON',
] as const;
