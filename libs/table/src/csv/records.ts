// Records of delimited text: RFC 4180 with any delimiter, LF or CRLF, in a stream.

import { TableError } from '../errors.js';

export interface CsvRecord {
  /** line of the file on which the record begins, from 1 */
  readonly line: number;
  readonly cells: readonly string[];
  /** 1 where the cell stood in quotes; absent when none did */
  readonly quoted?: Uint8Array;
}

const LONGEST_RECORD = 1 << 22;

/**
 * Takes text in pieces. A cell that begins with a quote ends with one, two inside stand for one, and line ends belong to
 * it; a quote elsewhere is a character like any other. Lines with nothing on them are skipped in files of several columns.
 */
export class RecordReader {
  readonly #delimiter: string;
  #buffer = '';
  #line = 1;
  #width = 0;

  constructor(delimiter: string) {
    this.#delimiter = delimiter;
  }

  get line(): number {
    return this.#line;
  }

  *push(text: string): Generator<CsvRecord, void> {
    const searched = this.#buffer.length;
    this.#buffer += text;
    yield* this.#records(searched, false);
    if (this.#buffer.length > LONGEST_RECORD)
      throw new TableError('TOO_LARGE', `line ${this.#line}: a record is longer than 4 MiB`, { line: this.#line });
  }

  *end(): Generator<CsvRecord, void> {
    if (this.#buffer !== '') yield* this.#records(0, true);
  }

  *#records(searched: number, last: boolean): Generator<CsvRecord, void> {
    const buffer = this.#buffer;
    let at = 0;
    let newline = buffer.indexOf('\n', searched);
    while (at < buffer.length) {
      if (newline < 0 && !last) break;
      const end = newline < 0 ? buffer.length : newline;
      const text = buffer.slice(at, buffer.charCodeAt(end - 1) === 0x0d && end > at ? end - 1 : end);
      let cells: readonly string[] | undefined;
      let quoted: Uint8Array | undefined;
      let next = end + 1;
      let lines = 1;
      if (!text.includes('"')) cells = text.split(this.#delimiter);
      else {
        const found = this.#quotedRecord(buffer, at, last);
        if (!found) break;
        ({ cells, quoted, next, lines } = found);
      }
      const blank = cells.length === 1 && cells[0] === '' && !quoted;
      if (!blank || this.#width === 1) yield { line: this.#line, cells, ...(quoted && { quoted }) };
      if (this.#width === 0 && !blank) this.#width = cells.length;
      this.#line += lines;
      at = next;
      newline = buffer.indexOf('\n', at);
    }
    this.#buffer = buffer.slice(at);
  }

  /** A record with quotes; undefined when its end has not arrived. */
  #quotedRecord(
    buffer: string,
    start: number,
    last: boolean,
  ): { cells: string[]; quoted: Uint8Array; next: number; lines: number } | undefined {
    const cells: string[] = [];
    const marks: number[] = [];
    let lines = 1;
    let at = start;
    for (;;) {
      if (buffer[at] === '"') {
        const cell = this.#quotedCell(buffer, at + 1, last);
        if (!cell) return undefined;
        for (let line = cell.text.indexOf('\n'); line >= 0; line = cell.text.indexOf('\n', line + 1)) lines++;
        cells.push(cell.text);
        marks.push(1);
        at = cell.next;
      } else {
        let end = at;
        while (end < buffer.length && buffer[end] !== this.#delimiter && buffer[end] !== '\n') end++;
        if (end === buffer.length && !last) return undefined;
        const carriage = buffer[end] !== this.#delimiter && end > at && buffer[end - 1] === '\r';
        cells.push(buffer.slice(at, carriage ? end - 1 : end));
        marks.push(0);
        at = end;
      }
      const after = buffer[at];
      if (after === this.#delimiter) at++;
      else if (after === '\n' || (after === undefined && last))
        return { cells, quoted: Uint8Array.from(marks), next: at + 1, lines };
      else if (after === '\r' && (buffer[at + 1] === '\n' || (last && at + 1 === buffer.length)))
        return { cells, quoted: Uint8Array.from(marks), next: at + 2, lines };
      else if (after === undefined || (after === '\r' && at + 1 === buffer.length)) return undefined;
      else
        throw new TableError(
          'BAD_FORMAT',
          `line ${this.#line}: there is text after the closing quote of cell ${cells.length}`,
          {
            line: this.#line,
          },
        );
    }
  }

  #quotedCell(buffer: string, start: number, last: boolean): { text: string; next: number } | undefined {
    for (let at = start; ; at += 2) {
      at = buffer.indexOf('"', at);
      if (at < 0) {
        if (!last) return undefined;
        throw new TableError('TRUNCATED', `line ${this.#line}: a quote is not closed`, { line: this.#line });
      }
      if (buffer[at + 1] === '"') continue;
      if (at + 1 === buffer.length && !last) return undefined;
      return { text: buffer.slice(start, at).replaceAll('""', '"'), next: at + 1 };
    }
  }
}
