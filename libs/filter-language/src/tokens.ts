import { FilterError, type SourceRange } from './error.js';

export type TokenKind = 'number' | 'string' | 'name' | 'symbol' | 'end';
export interface Token {
  readonly kind: TokenKind;
  /** as written; names keep their case */
  readonly text: string;
  readonly range: SourceRange;
}

const TOKEN =
  /(?<space>\s+|--[^\n]*)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<string>'(?:[^']|'')*')|(?<symbol><=|>=|<>|!=|[-+*/%(),.<>=])/y;

/** Longest filter text accepted [characters]. */
export const MAX_FILTER_LENGTH = 20_000;

/** Splits a filter into tokens; every token knows its place. */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let line = 1;
  let lineStart = 0;
  const range = (length: number): SourceRange => ({ offset, length, line, column: offset - lineStart + 1 });
  if (text.length > MAX_FILTER_LENGTH)
    throw new FilterError(
      'TOO_LONG',
      `the filter has ${text.length} characters, more than ${MAX_FILTER_LENGTH}`,
      range(0),
    );
  while (offset < text.length) {
    TOKEN.lastIndex = offset;
    const groups = TOKEN.exec(text)?.groups;
    if (!groups) {
      if (text[offset] === "'")
        throw new FilterError('UNTERMINATED_STRING', 'this string has no closing quote', range(1));
      throw new FilterError('BAD_CHARACTER', `'${text[offset]}' means nothing here`, range(1));
    }
    const kind = (['space', 'number', 'name', 'string', 'symbol'] as const).find((name) => groups[name] !== undefined)!;
    const matched = groups[kind]!;
    if (kind !== 'space') tokens.push({ kind, text: matched, range: range(matched.length) });
    for (let k = 0; k < matched.length; k++)
      if (matched[k] === '\n') {
        line++;
        lineStart = offset + k + 1;
      }
    offset += matched.length;
  }
  tokens.push({ kind: 'end', text: '', range: range(0) });
  return tokens;
}
