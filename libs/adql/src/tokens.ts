import { type Source, type Span } from './error.js';

export type TokenKind = 'number' | 'string' | 'name' | 'quoted' | 'symbol' | 'end';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** a name or symbol as written, the digits of a number, the content of a string or delimited identifier */
  readonly text: string;
  /** a name in capitals, otherwise the text: what keywords and symbols are recognised by */
  readonly word: string;
}

/** Longest query accepted [characters]. */
export const MAX_QUERY_LENGTH = 1_000_000;

const TOKEN =
  /(\s+|--[^\n\r]*)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|([A-Za-z][A-Za-z0-9_]*)|'((?:[^']|'')*)'|"((?:[^"]|"")*)"|(<=|>=|<>|!=|\|\||[-+*/(),.<>=])/y;

/** Splits a query into tokens; the last one is the end. Linear in the length of the text. */
export function tokenize(source: Source): Token[] {
  const { text } = source;
  if (text.length > MAX_QUERY_LENGTH)
    throw source.error(
      'TOO_LONG',
      `the query has ${text.length} characters, more than ${MAX_QUERY_LENGTH}; upload long lists as a table`,
      { start: 0, end: 0 },
    );
  const tokens: Token[] = [];
  let start = 0;
  while (start < text.length) {
    TOKEN.lastIndex = start;
    const match = TOKEN.exec(text);
    if (!match) {
      if (text[start] === ';' && /^[\s;]*$/.test(text.slice(start))) break;
      throw badToken(source, start);
    }
    const [whole, space, number, name, string, quoted] = match;
    const end = start + whole.length;
    const span = { start, end };
    if (space === undefined) {
      if (number !== undefined) {
        if (/[A-Za-z_]/.test(text[end] ?? ''))
          throw source.error('BAD_NUMBER', `a number cannot be followed by '${text[end]}'`, { start, end: end + 1 });
        tokens.push({ kind: 'number', text: number, word: number, start, end });
      } else if (name !== undefined) tokens.push({ kind: 'name', text: name, word: name.toUpperCase(), start, end });
      else if (string !== undefined)
        tokens.push({ kind: 'string', text: content(source, string, "'", span), word: '', start, end });
      else if (quoted !== undefined) {
        if (quoted === '') throw source.error('BAD_CHARACTER', 'a name cannot be empty', span);
        tokens.push({ kind: 'quoted', text: content(source, quoted, '"', span), word: '', start, end });
      } else tokens.push({ kind: 'symbol', text: whole, word: whole, start, end });
    }
    start = end;
  }
  tokens.push({ kind: 'end', text: '', word: '', start: text.length, end: text.length });
  return tokens;
}

function content(source: Source, text: string, quote: string, span: Span): string {
  if (text.includes('\0')) throw source.error('BAD_CHARACTER', 'a text cannot hold the character U+0000', span);
  if (/\p{Surrogate}/u.test(text)) throw source.error('BAD_CHARACTER', 'this text holds half a character', span);
  return text.includes(quote) ? text.replaceAll(quote + quote, quote) : text;
}

const HINTS: Readonly<Record<string, string>> = {
  ';': 'one query at a time',
  '%': 'write MOD(x, y)',
  '&': 'write bitwise_and(a, b)',
  '|': 'write bitwise_or(a, b), or || to join texts',
  '^': 'write bitwise_xor(a, b), or POWER(x, y)',
  '~': 'write bitwise_not(a)',
  _: 'a name that does not start with a letter must be in double quotes',
  '`': 'names are quoted with double quotes',
  '[': 'arrays have no subscripts in ADQL',
  '!': 'write <> or NOT',
};

function badToken(source: Source, start: number) {
  const character = String.fromCodePoint(source.text.codePointAt(start)!);
  const span = { start, end: start + character.length };
  if (character === "'") return source.error('UNTERMINATED_STRING', 'this text has no closing quote', span);
  if (character === '"') return source.error('UNTERMINATED_STRING', 'this name has no closing double quote', span);
  const hint = /\p{L}/u.test(character)
    ? 'a name with other letters than A to Z must be in double quotes'
    : HINTS[character];
  return source.error('BAD_CHARACTER', `'${character}' means nothing here${hint ? `: ${hint}` : ''}`, span);
}
