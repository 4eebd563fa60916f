// A streaming XML 1.0 tokenizer for untrusted documents: no entities beyond the five and numeric references, no DTD
// subsets, bounded tags and depth. It checks what well-formedness costs little: names, nesting, attributes, characters.

import { TableError } from '../errors.js';

export interface XmlHandler {
  /** names come without their prefix */
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  close(name: string): void;
  /** character data, in as many pieces as it pleases */
  text(text: string): void;
}

const LONGEST_TAG = 1 << 20;
const DEEPEST = 100;
const NAME = /[A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*/y;
const ATTRIBUTE = /\s+([A-Za-z_:\u0080-\uffff][\w:.\-\u0080-\uffff]*)\s*=\s*("[^"<]*"|'[^'<]*')/y;
const END = /^\s*(\/?)>$/;
const REFERENCE = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|([A-Za-z]\w{0,31}));|&/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
/** What may be inside `<!` and `<?`: kept state between pushes. */
const SKIPPED = { comment: '-->', instruction: '?>', cdata: ']]>' } as const;

export class XmlTokenizer {
  readonly #handler: XmlHandler;
  #buffer = '';
  #at = 0;
  #inside: keyof typeof SKIPPED | undefined;
  #open: string[] = [];
  #rootSeen = false;
  #line = 1;
  #counted = 0;

  constructor(handler: XmlHandler) {
    this.#handler = handler;
  }

  /** 1-based line of what is being read. */
  get line(): number {
    for (let at = this.#buffer.indexOf('\n', this.#counted); at >= 0 && at < this.#at;) {
      this.#line++;
      this.#counted = at + 1;
      at = this.#buffer.indexOf('\n', this.#counted);
    }
    return this.#line;
  }

  error(message: string, code: 'BAD_FORMAT' | 'TOO_LARGE' | 'UNSUPPORTED' | 'TRUNCATED' = 'BAD_FORMAT'): TableError {
    const element = this.#open.at(-1);
    return new TableError(code, `line ${this.line}: ${message}`, { line: this.line, ...(element && { element }) });
  }

  /** A `TableError` from inside a cell or field gets the line; anything else stays as it is. */
  located(error: unknown): unknown {
    if (!(error instanceof TableError) || error.line !== undefined) return error;
    const { code, message, column, row, value } = error;
    const element = this.#open.at(-1);
    return new TableError(code, `line ${this.line}: ${message}`, {
      line: this.line,
      ...(element && { element }),
      ...(column !== undefined && { column }),
      ...(row !== undefined && { row }),
      value,
    });
  }

  push(text: string): void {
    this.#drop();
    this.#buffer += text;
    while (this.#step());
    if (this.#buffer.length - this.#at > LONGEST_TAG) throw this.error('a tag is longer than a megabyte', 'TOO_LARGE');
  }

  end(): void {
    if (this.#inside !== undefined) throw this.error(`the document ends inside a ${this.#inside}`, 'TRUNCATED');
    const rest = this.#buffer.slice(this.#at);
    if (this.#open.length > 0) throw this.error(`the document ends before </${this.#open.at(-1)}>`, 'TRUNCATED');
    if (rest.trim() !== '') throw this.error('there is text after the document');
    if (!this.#rootSeen) throw this.error('there is no element: this is not an XML document');
  }

  /** Forgets what has been read. */
  #drop(): void {
    void this.line;
    this.#buffer = this.#buffer.slice(this.#at);
    this.#counted = Math.max(0, this.#counted - this.#at);
    this.#at = 0;
  }

  /** Reads one token; false when more text is needed. */
  #step(): boolean {
    if (this.#inside !== undefined) return this.#skip(this.#inside);
    const buffer = this.#buffer;
    const tag = buffer.indexOf('<', this.#at);
    if (tag !== this.#at) {
      const end = tag >= 0 ? tag : this.#safeEnd();
      if (end > this.#at) this.#text(buffer.slice(this.#at, end));
      this.#at = end;
      if (tag < 0) return false;
    }
    const next = buffer.charCodeAt(tag + 1);
    if (Number.isNaN(next)) return false;
    if (next === 0x21) return this.#declaration(tag);
    if (next === 0x3f) {
      this.#inside = 'instruction';
      this.#at = tag + 2;
      return true;
    }
    const end = this.#tagEnd(tag + 1);
    if (end < 0) return false;
    if (next === 0x2f) this.#closeTag(buffer.slice(tag + 2, end));
    else this.#openTag(buffer.slice(tag + 1, end + 1));
    this.#at = end + 1;
    return true;
  }

  /** How far text may be delivered: an unfinished reference or line end at the end of the buffer waits. */
  #safeEnd(): number {
    const { length } = this.#buffer;
    if (this.#buffer.charCodeAt(length - 1) === 0x0d) return length - 1;
    const reference = this.#buffer.lastIndexOf('&');
    return reference >= this.#at && length - reference < 40 && !this.#buffer.includes(';', reference)
      ? reference
      : length;
  }

  #tagEnd(from: number): number {
    const buffer = this.#buffer;
    for (let at = from; at < buffer.length; at++) {
      const code = buffer.charCodeAt(at);
      if (code === 0x3e) return at;
      if (code === 0x3c) throw this.error('there is a "<" inside a tag');
      if (code === 0x22 || code === 0x27) {
        at = buffer.indexOf(buffer[at]!, at + 1);
        if (at < 0) return -1;
      }
    }
    return -1;
  }

  #skip(kind: keyof typeof SKIPPED): boolean {
    const end = this.#buffer.indexOf(SKIPPED[kind], this.#at);
    const stop = end >= 0 ? end : Math.max(this.#at, this.#buffer.length - SKIPPED[kind].length + 1);
    if (kind === 'cdata' && stop > this.#at) this.#characters(this.#buffer.slice(this.#at, stop));
    this.#at = stop;
    if (end < 0) return false;
    this.#at += SKIPPED[kind].length;
    this.#inside = undefined;
    return true;
  }

  #declaration(tag: number): boolean {
    const start = this.#buffer.slice(tag, tag + 9);
    if (start.startsWith('<!--')) {
      this.#inside = 'comment';
      this.#at = tag + 4;
    } else if (start === '<![CDATA[') {
      this.#inside = 'cdata';
      this.#at = tag + 9;
    } else if (start === '<!DOCTYPE') {
      const [subset, close] = [this.#buffer.indexOf('[', tag), this.#buffer.indexOf('>', tag)];
      if (subset >= 0 && (close < 0 || subset < close))
        throw this.error('a DOCTYPE with declarations of its own is not read', 'UNSUPPORTED');
      const end = this.#tagEnd(tag + 1);
      if (end < 0) return false;
      if (this.#rootSeen) throw this.error('a DOCTYPE belongs before the first element');
      this.#at = end + 1;
    } else if (start.length < 9 && ['<!--', '<![CDATA[', '<!DOCTYPE'].some((one) => one.startsWith(start)))
      return false;
    else throw this.error(`"${start}" is not XML`);
    return true;
  }

  #openTag(tag: string): void {
    NAME.lastIndex = 0;
    const name = NAME.exec(tag)?.[0];
    if (name === undefined) throw this.error(`"<${tag.slice(0, 40)}" is not a tag`);
    const open = this.#open;
    if (open.length === 0 && this.#rootSeen) throw this.error(`<${name}> comes after the document's end`);
    if (open.length >= DEEPEST) throw this.error(`elements are nested more than ${DEEPEST} deep`, 'TOO_LARGE');
    let at = name.length;
    let attributes = NO_ATTRIBUTES;
    if (tag.length > at + 1) {
      const found = new Map<string, string>();
      for (;;) {
        ATTRIBUTE.lastIndex = at;
        const match = ATTRIBUTE.exec(tag);
        if (!match) break;
        at = ATTRIBUTE.lastIndex;
        const key = unprefixed(match[1]!);
        if (found.has(key) && !match[1]!.includes(':')) throw this.error(`<${name}> has the attribute ${key} twice`);
        if (!match[1]!.includes(':')) found.set(key, this.#attribute(match[2]!.slice(1, -1)));
      }
      attributes = found;
    }
    const end = END.exec(tag.slice(at));
    if (!end) throw this.error(`the tag <${tag.slice(0, 40)} is not well formed`);
    this.#rootSeen = true;
    const local = unprefixed(name);
    open.push(name);
    this.#handler.open(local, attributes);
    if (end[1] === '/') {
      open.pop();
      this.#handler.close(local);
    }
  }

  #closeTag(text: string): void {
    const name = text.trimEnd();
    const open = this.#open.at(-1);
    if (name !== open) throw this.error(open ? `</${name}> where </${open}> is due` : `</${name}> closes nothing`);
    this.#open.pop();
    this.#handler.close(unprefixed(name));
  }

  #attribute(text: string): string {
    const flat = /[\t\r\n]/.test(text) ? text.replace(/\r\n|[\t\r\n]/g, ' ') : text;
    return flat.includes('&') ? this.#references(flat) : flat;
  }

  #text(text: string): void {
    const lines = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
    this.#characters(lines.includes('&') ? this.#references(lines) : lines);
  }

  #characters(text: string): void {
    if (this.#open.length > 0) this.#handler.text(text);
    else if (text.trim() !== '') throw this.error('there is text outside the document: this is not an XML document');
  }

  #references(text: string): string {
    return text.replace(REFERENCE, (whole, hexadecimal?: string, decimal?: string, name?: string) => {
      if (name !== undefined) {
        const known = Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
        if (known === undefined) throw this.error(`the entity &${name}; is not defined`);
        return known;
      }
      const code = hexadecimal === undefined ? Number(decimal ?? NaN) : parseInt(hexadecimal, 16);
      if (!isCharacter(code)) throw this.error(`"${whole}" is not a character`);
      return String.fromCodePoint(code);
    });
  }
}

const unprefixed = (name: string): string => (name.includes(':') ? name.slice(name.indexOf(':') + 1) : name);

const isCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff);
