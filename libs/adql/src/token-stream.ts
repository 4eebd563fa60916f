import { suggest } from '#libs/filter-language';
import type { Identifier } from './ast.js';
import { type AdqlError, type AdqlErrorCode, Source, type Span } from './error.js';
import { isReserved } from './reserved-words.js';
import { type Token, tokenize } from './tokens.js';

/** Deepest nesting of parentheses, subqueries and prefix operators. */
export const MAX_DEPTH = 100;
/** Most operands of one chain of + - * / ||, and most SELECTs joined by UNION and its kin, or tables joined in one FROM. */
export const MAX_CHAIN = 1000;
export const MAX_SET_OPERANDS = 100;
/** Most arguments of a function, vertices of a polygon among them. */
export const MAX_ARGUMENTS = 10_000;

/** A cursor over the tokens of a query with the checks every rule needs. */
export class TokenStream {
  readonly source: Source;
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.source = new Source(text);
    this.#tokens = tokenize(this.source);
  }

  get token(): Token {
    return this.#tokens[this.#at]!;
  }
  peek(ahead = 1): Token {
    return this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
  }
  next(): Token {
    const token = this.token;
    if (token.kind !== 'end') this.#at++;
    return token;
  }
  /** from a start to the end of the last token read */
  spanFrom(start: number): Span {
    return { start, end: this.#tokens[this.#at - 1]?.end ?? start };
  }

  /** whether the cursor stands before this keyword or symbol */
  is(word: string): boolean {
    return this.token.word === word;
  }
  accept(word: string): boolean {
    if (this.token.word !== word) return false;
    this.#at++;
    return true;
  }
  expect(...words: readonly string[]): void {
    for (const word of words) if (!this.accept(word)) throw this.unexpected([word]);
  }

  identifier(what: string): Identifier {
    const { kind, text, start, end } = this.token;
    if (kind === 'quoted' || (kind === 'name' && !isReserved(text))) {
      this.#at++;
      return { text, delimited: kind === 'quoted', start, end };
    }
    if (kind === 'name')
      throw this.error(
        'RESERVED_WORD',
        `${what} expected, but ${text} is a reserved word: as a name it must be in double quotes`,
        this.token,
        `"${text}"`,
      );
    throw this.unexpected([what]);
  }

  /** digits alone, as in TOP 10 */
  wholeNumber(what: string): bigint {
    const { kind, text } = this.token;
    if (kind !== 'number' || !/^\d+$/.test(text)) throw this.unexpected([`${what}: a whole number`]);
    const value = BigInt(text.slice(0, 32));
    if (value > 9223372036854775807n)
      throw this.error('OUT_OF_RANGE', `${what} of ${text} is out of range`, this.token);
    this.#at++;
    return value;
  }

  /** Runs a rule one level deeper. */
  nested<T>(rule: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw this.error('TOO_DEEP', `the query is nested more than ${MAX_DEPTH} levels deep`, this.token);
    const result = rule();
    this.#depth--;
    return result;
  }

  /** Whether the parenthesis `ahead` tokens on opens a query rather than an expression or a joined table. */
  opensQuery(ahead = 0): boolean {
    let at = this.#at + ahead;
    const opened: number[] = [];
    while (this.#tokens[at]?.word === '(' && opened.length <= MAX_DEPTH) opened.push(at++);
    const word = this.#tokens[at]?.word;
    if (word !== 'SELECT' && word !== 'WITH') return false;
    // ((SELECT ...) UNION ...) is a query, ((SELECT ...) + 1) and ((SELECT ...) AS a JOIN ...) are not
    for (let level = opened.length - 1; level > 0; level--) {
      const after = this.#tokens[this.#closing(opened[level]!) + 1]?.word;
      if (after !== ')' && !QUERY_TAIL.has(after ?? '')) return false;
    }
    return opened.length > 0;
  }

  #closings: Int32Array | undefined;
  #closing(opening: number): number {
    if (!this.#closings) {
      this.#closings = new Int32Array(this.#tokens.length).fill(this.#tokens.length);
      const open: number[] = [];
      this.#tokens.forEach(({ word }, at) => {
        if (word === '(') open.push(at);
        else if (word === ')' && open.length > 0) this.#closings![open.pop()!] = at;
      });
    }
    return this.#closings[opening]!;
  }

  error(code: AdqlErrorCode, reason: string, span: Span, suggestion?: string): AdqlError {
    return this.source.error(code, reason, span, suggestion);
  }

  unexpected(expected: readonly string[]): AdqlError {
    const { token } = this;
    const slip = this.#keywordMistakenForName();
    if (slip) return slip;
    const found = token.kind === 'end' ? 'the end of the query' : `'${this.source.excerpt(token)}'`;
    const wantsName = token.kind === 'name' && isReserved(token.text) && !CLAUSE_WORDS.has(token.word);
    const hint =
      token.word === 'LIMIT'
        ? ': ADQL has no LIMIT, write SELECT TOP n'
        : wantsName && !expected.some((word) => word === word.toUpperCase())
          ? `: ${token.text} is a reserved word, as a name it must be in double quotes`
          : '';
    const keywords = expected.filter((word) => /^[A-Z]{3,}$/.test(word));
    return this.error(
      'UNEXPECTED_TOKEN',
      `${listOf(expected)} expected, found ${found}${hint}`,
      token,
      token.kind === 'name' && !isReserved(token.text) ? suggest(token.text.slice(0, 32), keywords) : undefined,
    );
  }

  /** In `FROM Obj WERE k > 1`, WERE was read as another name for Obj, and the mistake shows one word later. */
  #keywordMistakenForName(): AdqlError | undefined {
    const before = this.#tokens[this.#at - 1];
    const first = this.#tokens[this.#at - 2]?.word;
    if (before?.kind !== 'name' || isReserved(before.text) || first === 'AS' || first === '.') return undefined;
    const meant = before.text.length < 4 ? undefined : suggest(before.text.slice(0, 32), CLAUSES);
    return meant === undefined
      ? undefined
      : this.error('UNEXPECTED_TOKEN', `'${before.text}' is no keyword`, before, meant);
  }
}

/** Words that begin or join clauses: where one of them stands for a value, the value is missing. */
export const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  `SELECT FROM WHERE GROUP HAVING ORDER BY ON USING AND OR NOT IN IS LIKE ILIKE BETWEEN AS UNION EXCEPT INTERSECT JOIN INNER LEFT RIGHT FULL NATURAL
  WHEN THEN ELSE END OFFSET TOP DISTINCT`.split(/\s+/),
);
const CLAUSES = [
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'UNION',
  'EXCEPT',
  'INTERSECT',
  'JOIN',
  'LEFT',
  'INNER',
  'NATURAL',
  'OFFSET',
];

const QUERY_TAIL = new Set(['UNION', 'EXCEPT', 'INTERSECT', 'ORDER', 'OFFSET']);

const listOf = (words: readonly string[]): string =>
  words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
