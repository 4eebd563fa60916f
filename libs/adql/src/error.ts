/** A stretch of the query's text: offsets in UTF-16 units, `end` exclusive. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type AdqlErrorCode =
  | 'BAD_CHARACTER'
  | 'UNTERMINATED_STRING'
  | 'BAD_NUMBER'
  | 'UNEXPECTED_TOKEN'
  | 'RESERVED_WORD'
  | 'NOT_SUPPORTED'
  | 'UNKNOWN_TABLE'
  | 'AMBIGUOUS_TABLE'
  | 'UNKNOWN_COLUMN'
  | 'AMBIGUOUS_COLUMN'
  | 'UNKNOWN_FUNCTION'
  | 'UNKNOWN_UNIT'
  | 'WRONG_ARGUMENTS'
  | 'WRONG_TYPE'
  | 'DUPLICATE_NAME'
  | 'NOT_GROUPED'
  | 'MISPLACED_AGGREGATE'
  | 'COLUMN_COUNT'
  | 'BAD_REGION'
  | 'OUT_OF_RANGE'
  | 'TOO_LONG'
  | 'TOO_DEEP'
  | 'TOO_COMPLEX';

/**
 * What is wrong with a query, where, and what may have been meant. `message` is the whole sentence with its position;
 * `reason` is the same without it. Lines and columns count from one; `endColumn` is exclusive and on `endLine`.
 */
export class AdqlError extends Error {
  override readonly name = 'AdqlError';
  constructor(
    readonly code: AdqlErrorCode,
    readonly reason: string,
    readonly line: number,
    readonly column: number,
    readonly endLine: number,
    readonly endColumn: number,
    readonly suggestion?: string,
  ) {
    super(`line ${line}, column ${column}: ${reason}${suggestion ? ` (did you mean ${suggestion}?)` : ''}`);
  }
}

/** The text of a query, which knows where its offsets are. */
export class Source {
  constructor(readonly text: string) {}

  error(code: AdqlErrorCode, reason: string, span: Span, suggestion?: string): AdqlError {
    const [line, column] = this.#place(span.start);
    const [endLine, endColumn] = this.#place(Math.max(span.start, span.end));
    return new AdqlError(code, reason, line, column, endLine, endColumn, suggestion);
  }

  /** the text of a span, shortened for a message */
  excerpt(span: Span, length = 40): string {
    const text = this.text.slice(span.start, Math.min(span.end, span.start + length + 1));
    return text.length > length ? `${text.slice(0, length)}...` : text;
  }

  #place(offset: number): [line: number, column: number] {
    let line = 1;
    let start = 0;
    for (let at = this.text.indexOf('\n'); at !== -1 && at < offset; at = this.text.indexOf('\n', at + 1)) {
      line++;
      start = at + 1;
    }
    return [line, offset - start + 1];
  }
}
