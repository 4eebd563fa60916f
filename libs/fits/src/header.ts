import { BLOCK, type Card, CARD_LENGTH, type FitsValue, formatCard, parseCards } from './cards.js';
import { FitsError } from './errors.js';

export type { Card, FitsValue } from './cards.js';

/** An ordered FITS header. Keywords are upper case; HIERARCH keywords are given without the prefix. */
export interface FitsHeader {
  get(keyword: string): FitsValue;
  has(keyword: string): boolean;
  set(keyword: string, value: FitsValue, comment?: string): void;
  delete(keyword: string): void;
}

const COMMENTARY = new Set(['COMMENT', 'HISTORY', '']);
const normalise = (keyword: string): string => keyword.trim().toUpperCase();

export type HeaderEntries = Readonly<Record<string, FitsValue>> | readonly (readonly [string, FitsValue, string?])[];

/**
 * The header of one HDU: cards in order, keywords looked up without regard to case (the first card wins when one
 * occurs twice). Complex values and text that is no FITS value are kept as strings. NaN is written as "no value".
 */
export class Header implements FitsHeader {
  readonly #cards: Card[];
  #index: Map<string, number> | undefined;

  constructor(
    cards: readonly Card[] = [],
    readonly hdu?: number,
  ) {
    this.#cards = [...cards];
  }

  static of(entries: HeaderEntries): Header {
    const header = new Header();
    const list: readonly (readonly [string, FitsValue, string?])[] = Array.isArray(entries)
      ? (entries as readonly (readonly [string, FitsValue, string?])[])
      : Object.entries(entries as Record<string, FitsValue>);
    for (const [keyword, value, comment] of list) {
      if (COMMENTARY.has(normalise(keyword))) header.#comment(normalise(keyword), String(value ?? ''));
      else header.set(keyword, value, comment);
    }
    return header;
  }

  /** Header text as in a .hdr file: 80-column cards with or without line ends, END optional. */
  static parse(text: string): Header {
    const lines = /\r?\n/.test(text)
      ? text.split(/\r?\n/)
      : Array.from({ length: Math.ceil(text.length / CARD_LENGTH) }, (_, i) =>
          text.slice(i * CARD_LENGTH, (i + 1) * CARD_LENGTH),
        );
    const end = lines.findIndex((line) => line.trimEnd() === 'END');
    const used = end < 0 ? lines : lines.slice(0, end);
    return new Header(parseCards(used.map((line) => line.slice(0, CARD_LENGTH).padEnd(CARD_LENGTH)).join('')));
  }

  #find(keyword: string): number {
    if (!this.#index) {
      this.#index = new Map();
      for (let i = 0; i < this.#cards.length; i++) {
        const name = this.#cards[i]!.keyword;
        if (!this.#index.has(name)) this.#index.set(name, i);
      }
    }
    return this.#index.get(normalise(keyword)) ?? -1;
  }

  /** The value; all the lines of COMMENT and HISTORY joined by line ends. */
  get(keyword: string): FitsValue {
    const i = this.#find(keyword);
    if (i < 0) return undefined;
    const card = this.#cards[i]!;
    if (card.kind === 'value') return card.value;
    return this.#cards
      .filter((other) => other.keyword === card.keyword)
      .map((other) => other.value)
      .join('\n');
  }
  has(keyword: string): boolean {
    return this.#find(keyword) >= 0;
  }
  comment(keyword: string): string | undefined {
    const i = this.#find(keyword);
    return i < 0 ? undefined : this.#cards[i]!.comment;
  }
  /** Replaces the value where the keyword stands (its comment stays unless given), or appends a card. */
  set(keyword: string, value: FitsValue, comment?: string): void {
    const name = normalise(keyword);
    if (COMMENTARY.has(name) || name === 'END' || name === 'CONTINUE')
      throw new FitsError('BAD_VALUE', `${name || 'a blank keyword'} cannot carry a value`, { card: name, value });
    const i = this.#find(name);
    const card: Card = {
      keyword: name,
      value,
      comment: comment ?? (i < 0 ? '' : this.#cards[i]!.comment),
      kind: 'value',
    };
    if (i < 0) this.#index!.set(name, this.#cards.push(card) - 1);
    else this.#cards[i] = card;
  }
  delete(keyword: string): void {
    const name = normalise(keyword);
    if (this.#find(name) < 0) return;
    for (let i = this.#cards.length - 1; i >= 0; i--) if (this.#cards[i]!.keyword === name) this.#cards.splice(i, 1);
    this.#index = undefined;
  }

  /** undefined when absent or not numeric; a 64-bit integer beyond 2^53 loses its last digits here (use `get`) */
  getNumber(keyword: string): number | undefined {
    const value = this.get(keyword);
    return typeof value === 'number' ? value : typeof value === 'bigint' ? Number(value) : undefined;
  }
  getString(keyword: string): string | undefined {
    const value = this.get(keyword);
    return typeof value === 'string' ? value : undefined;
  }
  getBoolean(keyword: string): boolean | undefined {
    const value = this.get(keyword);
    return typeof value === 'boolean' ? value : undefined;
  }
  requireNumber(keyword: string): number {
    const value = this.getNumber(keyword);
    if (value === undefined) throw this.#wrong(keyword, 'a number');
    return value;
  }
  requireString(keyword: string): string {
    const value = this.getString(keyword);
    if (value === undefined) throw this.#wrong(keyword, 'a string');
    return value;
  }
  requireInteger(keyword: string, min = -Number.MAX_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER): number {
    const value = this.getNumber(keyword);
    if (value === undefined || !Number.isSafeInteger(value) || value < min || value > max)
      throw this.#wrong(keyword, `an integer from ${min} to ${max}`);
    return value;
  }
  /** The integer, `fallback` when the keyword is absent; anything else is an error. */
  integerOr(keyword: string, fallback: number, min?: number, max?: number): number {
    return this.has(keyword) ? this.requireInteger(keyword, min, max) : fallback;
  }
  /** The number, `fallback` when the keyword is absent; anything else is an error. */
  numberOr(keyword: string, fallback: number): number {
    return this.has(keyword) ? this.requireNumber(keyword) : fallback;
  }
  #wrong(keyword: string, expected: string): FitsError {
    const value = this.get(keyword);
    const found = this.has(keyword) ? `is ${JSON.stringify(String(value))}` : 'is missing';
    const where = this.hdu === undefined ? '' : ` in HDU ${this.hdu}`;
    return new FitsError('BAD_KEYWORD', `keyword ${keyword}${where} ${found}; it should be ${expected}`, {
      ...(this.hdu !== undefined && { hdu: this.hdu }),
      card: keyword,
      value,
    });
  }

  cards(): readonly Card[] {
    return this.#cards;
  }
  addComment(text: string): void {
    this.#comment('COMMENT', text);
  }
  addHistory(text: string): void {
    this.#comment('HISTORY', text);
  }
  #comment(keyword: string, value: string): void {
    this.#cards.push({ keyword, value, comment: '', kind: 'commentary' });
    this.#index = undefined;
  }
  /** Appends cards as they are (several of one keyword allowed). */
  append(cards: Iterable<Card>): void {
    for (const card of cards) this.#cards.push(card);
    this.#index = undefined;
  }
  clone(): Header {
    return new Header(this.#cards, this.hdu);
  }

  /** Whether a string is so long that it needs CONTINUE cards. */
  continues(): boolean {
    return this.#cards.some((card) => card.kind === 'value' && formatCard(card).length > 1);
  }

  /** The bytes of the header: cards, END, spaces up to a multiple of 2880. */
  encode(): Uint8Array {
    const lines = this.#cards.flatMap(formatCard);
    lines.push('END'.padEnd(CARD_LENGTH));
    const bytes = new Uint8Array(Math.ceil((lines.length * CARD_LENGTH) / BLOCK) * BLOCK).fill(0x20);
    lines.forEach((line, i) => {
      for (let k = 0; k < CARD_LENGTH; k++) bytes[i * CARD_LENGTH + k] = line.charCodeAt(k);
    });
    return bytes;
  }
}
