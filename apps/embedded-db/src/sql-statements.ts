/**
 * Cuts SQL into statements and their words, far enough to recognise COPY ... FROM STDIN, LISTEN, UNLISTEN and SET.
 * Comments, string constants, dollar quotes and quoted identifiers are understood; grammar is not.
 */
export interface Word {
  /** Lower-cased unless quoted; one punctuation character; or the inside of a string constant. */
  readonly text: string;
  readonly kind: 'word' | 'identifier' | 'string' | 'symbol';
  /** Where the word stands in the statement's source. */
  readonly start: number;
  readonly end: number;
}

export interface Statement {
  readonly source: string;
  readonly words: readonly Word[];
}

const TOKEN =
  /--[^\n]*|\/\*|\s+|"((?:[^"]|"")*)"|[eE]'((?:[^'\\]|\\[\s\S]|'')*)'|'((?:[^']|'')*)'|\$([A-Za-z_]\w*)?\$|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|[\s\S]/gy;

export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let words: Word[] = [];
  let from = 0;
  const finish = (end: number) => {
    if (words.length > 0) statements.push({ source: sql.slice(from, end), words });
    words = [];
    from = end + 1;
  };
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(sql); match; match = TOKEN.exec(sql)) {
    const [token, quoted, escaped, plain, tag] = match;
    const start = match.index - from;
    const push = (text: string, kind: Word['kind'], length = token.length) =>
      words.push({ text, kind, start, end: start + length });
    if (token === '/*') TOKEN.lastIndex = endOfComment(sql, match.index);
    else if (token.startsWith('--') || /^\s/.test(token)) continue;
    else if (quoted !== undefined) push(quoted.replaceAll('""', '"'), 'identifier');
    else if (escaped !== undefined || plain !== undefined) push((escaped ?? plain)!.replaceAll("''", "'"), 'string');
    else if (token.startsWith('$') && token.endsWith('$') && token.length > 1) {
      const delimiter = `$${tag ?? ''}$`;
      const close = sql.indexOf(delimiter, match.index + delimiter.length);
      const end = close < 0 ? sql.length : close + delimiter.length;
      push(sql.slice(match.index + delimiter.length, close < 0 ? sql.length : close), 'string', end - match.index);
      TOKEN.lastIndex = end;
    } else if (token === ';') finish(match.index);
    else if (/^[A-Za-z_\u0080-\uffff]/.test(token)) push(token.toLowerCase(), 'word');
    else push(token, 'symbol');
  }
  finish(sql.length);
  return statements;
}

/** Block comments nest in PostgreSQL. */
function endOfComment(sql: string, start: number): number {
  let depth = 0;
  for (let i = start; i < sql.length - 1; i++) {
    const pair = sql.slice(i, i + 2);
    if (pair === '/*') {
      depth++;
      i++;
    } else if (pair === '*/') {
      i++;
      if (--depth === 0) return i + 1;
    }
  }
  return sql.length;
}

const isWord = (word: Word | undefined, text: string) => word?.kind === 'word' && word.text === text;

export type SessionEffect =
  | { readonly kind: 'listen'; readonly channel: string }
  /** Without a channel: every channel. */
  | { readonly kind: 'unlisten'; readonly channel?: string }
  /** `value` is SQL, ready for `SET name TO value`; undefined resets. Without a name: RESET ALL. */
  | { readonly kind: 'set'; readonly name?: string; readonly value?: string };

export interface SqlTraits {
  readonly copyFromStdin: 'none' | 'only' | 'mixed';
  readonly copyBinary: boolean;
  readonly effects: readonly SessionEffect[];
}

const PLAIN: SqlTraits = { copyFromStdin: 'none', copyBinary: false, effects: [] };
/** Scanning a megabyte of INSERT for words that cannot be there would be a waste. */
const INTERESTING = /\b(?:copy|listen|unlisten|set|reset|discard)\b/i;

export function traitsOf(sql: string): SqlTraits {
  if (!INTERESTING.test(sql)) return PLAIN;
  const statements = splitStatements(sql);
  const copies = statements.filter(isCopyFromStdin);
  return {
    copyFromStdin: copies.length === 0 ? 'none' : statements.length === 1 ? 'only' : 'mixed',
    copyBinary: copies.some(({ words }) => words.some((word) => isWord(word, 'binary'))),
    effects: statements.flatMap(({ source, words }) => sessionEffect(source, words) ?? []),
  };
}

const isCopyFromStdin = ({ words }: Statement): boolean =>
  isWord(words[0], 'copy') && words.some((word, i) => isWord(word, 'from') && isWord(words[i + 1], 'stdin'));

function sessionEffect(source: string, words: readonly Word[]): SessionEffect | undefined {
  const [verb, second, third, fourth] = words;
  if (isWord(verb, 'listen') && second) return { kind: 'listen', channel: second.text };
  if (isWord(verb, 'unlisten') && second)
    return second.text === '*' ? { kind: 'unlisten' } : { kind: 'unlisten', channel: second.text };
  if (isWord(verb, 'discard') && isWord(second, 'all')) return { kind: 'set' };
  if (isWord(verb, 'reset') && second)
    return isWord(second, 'all') ? { kind: 'set' } : { kind: 'set', name: settingName(words.slice(1)) };
  if (!isWord(verb, 'set') || isWord(second, 'local') || isWord(second, 'transaction')) return undefined;
  const rest = isWord(second, 'session') ? words.slice(2) : words.slice(1);
  if (isWord(rest[0], 'time') && isWord(rest[1], 'zone') && rest[2])
    return { kind: 'set', name: 'timezone', value: source.slice(rest[2].start).trim() };
  const name = settingName(rest);
  const after = rest[name.split('.').length * 2 - 1];
  const value = rest[name.split('.').length * 2];
  if (
    !after ||
    !value ||
    !(after.text === '=' || isWord(after, 'to')) ||
    isWord(third, 'authorization') ||
    isWord(fourth, 'authorization')
  )
    return undefined;
  return isWord(value, 'default')
    ? { kind: 'set', name }
    : { kind: 'set', name, value: source.slice(value.start).trim() };
}

/** `search_path` or `almagest.user`: the words up to the first that is not part of a dotted name. */
function settingName(words: readonly Word[]): string {
  let name = words[0]?.text ?? '';
  for (let i = 1; words[i]?.text === '.' && words[i + 1]; i += 2) name += `.${words[i + 1]!.text}`;
  return name;
}
