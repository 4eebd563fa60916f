// Header cards: 80 characters of text each (FITS Standard 4.0, section 4). Read leniently, written strictly.

import { FitsError } from './errors.js';

export type FitsValue = string | number | bigint | boolean | undefined;

/** One logical header line; CONTINUE cards are already joined. */
export interface Card {
  /** upper case, HIERARCH prefix removed; empty for a blank card */
  readonly keyword: string;
  /** for commentary the text; `undefined` for a keyword without a value */
  readonly value: FitsValue;
  readonly comment: string;
  readonly kind: 'value' | 'commentary';
}

export const CARD_LENGTH = 80;
export const BLOCK = 2880;

const INTEGER = /^[+-]?\d+$/;
const REAL = /^[+-]?(\d+\.?\d*|\.\d+)([EDed][+-]?\d+)?$/;

/** Value and comment out of the text that follows the value indicator `=`. */
function parseValue(text: string): { value: FitsValue; comment: string } {
  let start = 0;
  while (start < text.length && text[start] === ' ') start++;
  if (text[start] === "'") {
    let value = '';
    let i = start + 1;
    for (;;) {
      const quote = text.indexOf("'", i);
      if (quote < 0) {
        value += text.slice(i); // no closing quote: everything that is there
        return { value: value.trimEnd(), comment: '' };
      }
      value += text.slice(i, quote);
      i = quote + 1;
      if (text[i] !== "'") break;
      value += "'";
      i++;
    }
    return { value: trimSpaces(value), comment: commentOf(text, i) };
  }
  const slash = text.indexOf('/', start);
  const token = (slash < 0 ? text.slice(start) : text.slice(start, slash)).trim();
  return { value: parseToken(token), comment: commentOf(text, slash < 0 ? text.length : slash) };
}

/** Unquoted text that is no FITS value (a complex number too) stays the text it is. */
function parseToken(token: string): FitsValue {
  if (token === '') return undefined;
  if (token === 'T') return true;
  if (token === 'F') return false;
  if (INTEGER.test(token)) {
    const value = Number(token);
    return Number.isSafeInteger(value) ? value : BigInt(token.replace(/^\+/, ''));
  }
  if (REAL.test(token)) return Number(token.replace(/[Dd]/, 'E'));
  return token;
}

const trimSpaces = (text: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === ' ') end--;
  return text.slice(0, end);
};

function commentOf(text: string, from: number): string {
  const slash = text.indexOf('/', from);
  return slash < 0 ? '' : text.slice(slash + 1).trim();
}

/** Parses header text (a multiple of 80 characters, up to but without END) into cards. */
export function parseCards(text: string): Card[] {
  const cards: Card[] = [];
  let open: { keyword: string; value: string; comment: string } | undefined;
  const close = (): void => {
    if (open) cards.push({ ...open, kind: 'value' });
    open = undefined;
  };
  for (let at = 0; at < text.length; at += CARD_LENGTH) {
    const line = text.slice(at, at + CARD_LENGTH);
    const keyword = line.slice(0, 8).trimEnd().toUpperCase();
    if (open && keyword === 'CONTINUE') {
      const { value, comment } = parseValue(line.slice(8));
      if (typeof value === 'string') {
        open.value = open.value.slice(0, -1) + value;
        open.comment = [open.comment, comment].filter(Boolean).join(' ');
        if (!value.endsWith('&')) close();
        continue;
      }
    }
    close(); // a final '&' without CONTINUE is part of the string
    const hierarch = keyword === 'HIERARCH' ? line.indexOf('=', 8) : -1;
    if (hierarch > 0) {
      const name = line.slice(8, hierarch).trim().toUpperCase();
      const { value, comment } = parseValue(line.slice(hierarch + 1));
      if (typeof value === 'string' && value.endsWith('&')) open = { keyword: name, value, comment };
      else cards.push({ keyword: name, value, comment, kind: 'value' });
    } else if (line[8] === '=' && keyword !== '' && keyword !== 'COMMENT' && keyword !== 'HISTORY') {
      const { value, comment } = parseValue(line.slice(9));
      if (typeof value === 'string' && value.endsWith('&')) open = { keyword, value, comment };
      else cards.push({ keyword, value, comment, kind: 'value' });
    } else cards.push({ keyword, value: trimSpaces(line.slice(8)), comment: '', kind: 'commentary' });
  }
  close();
  return cards;
}

/** The text of a value as FITS writes it, or undefined for a value left blank (NaN has no other form in a header). */
export function formatValue(value: FitsValue, keyword: string): string {
  switch (typeof value) {
    case 'boolean':
      return value ? 'T' : 'F';
    case 'bigint':
      return value.toString();
    case 'number': {
      if (Number.isNaN(value)) return '';
      if (!Number.isFinite(value))
        throw new FitsError('BAD_VALUE', `keyword ${keyword}: infinity cannot be written in a header`, {
          card: keyword,
          value,
        });
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return String(value);
      const text = Object.is(value, -0) ? '-0.0' : String(value).toUpperCase();
      const [mantissa, exponent] = text.split('E');
      const real = mantissa!.includes('.') ? mantissa! : `${mantissa}.0`;
      return exponent === undefined ? real : `${real}E${exponent}`;
    }
    case 'string':
      return `'${value.replaceAll("'", "''").padEnd(8)}'`;
    default:
      return '';
  }
}

function requirePrintable(text: string, keyword: string): void {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e)
      throw new FitsError('BAD_VALUE', `keyword ${keyword}: "${text}" holds a character outside printable ASCII`, {
        card: keyword,
        value: text,
      });
  }
}

/** The 80-character lines of one card. */
export function formatCard(card: Card): string[] {
  const { keyword, value, comment } = card;
  requirePrintable(keyword, keyword);
  if (card.kind === 'commentary') {
    const text = String(value ?? '');
    requirePrintable(text, keyword);
    const lines: string[] = [];
    for (let at = 0; at === 0 || at < text.length; at += 72)
      lines.push((keyword.padEnd(8) + text.slice(at, at + 72)).padEnd(CARD_LENGTH));
    return lines;
  }
  requirePrintable(comment, keyword);
  if (typeof value === 'string') requirePrintable(value, keyword);
  const standard = /^[A-Z0-9_-]{1,8}$/.test(keyword);
  const prefix = standard ? `${keyword.padEnd(8)}= ` : `HIERARCH ${keyword} = `;
  const text = formatValue(value, keyword);
  const field = !standard || typeof value === 'string' ? text.padEnd(standard ? 20 : 0) : text.padStart(20);
  const line = prefix + field;
  if (line.length > CARD_LENGTH) {
    if (typeof value === 'string' && prefix.length < 60) return longString(prefix, value, comment);
    throw new FitsError('BAD_VALUE', `keyword ${keyword} and its value do not fit a card`, { card: keyword, value });
  }
  const full = comment ? `${line} / ${comment}` : line;
  if (full.length > CARD_LENGTH && typeof value === 'string' && prefix.length + text.length < CARD_LENGTH)
    return longString(prefix, value, comment);
  return [full.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH)];
}

/** A string (and its comment) over several cards by the CONTINUE convention. */
function longString(prefix: string, value: string, comment: string): string[] {
  const pieces: string[] = [];
  let rest = value.replaceAll("'", "''");
  let room = CARD_LENGTH - prefix.length - 3; // quotes and '&'
  while (rest.length > room) {
    let cut = room;
    let quotes = 0;
    while (quotes < cut && rest[cut - 1 - quotes] === "'") quotes++;
    if (quotes % 2 === 1) cut--; // never between the two halves of a doubled quote
    pieces.push(rest.slice(0, cut));
    rest = rest.slice(cut);
    room = CARD_LENGTH - 10 - 3;
  }
  pieces.push(rest);
  const words = comment;
  const lines: string[] = [];
  let from = 0;
  pieces.forEach((piece, i) => {
    const head = i === 0 ? prefix : 'CONTINUE  ';
    const last = i === pieces.length - 1;
    const line = `${head}'${piece}${last ? '' : '&'}'`;
    if (!last || words === '') lines.push(line.padEnd(CARD_LENGTH));
    else if (line.length + 3 + words.length <= CARD_LENGTH) {
      lines.push(`${line} / ${words}`.padEnd(CARD_LENGTH));
      from = words.length;
    } else lines.push(`${head}'${piece}&'`.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH));
  });
  while (from < words.length) {
    const piece = words.slice(from, from + 64);
    from += 64;
    lines.push(`CONTINUE  '${from < words.length ? '&' : ''}' / ${piece}`.padEnd(CARD_LENGTH));
  }
  return lines;
}
