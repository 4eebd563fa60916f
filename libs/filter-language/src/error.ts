/** Where in the text something is: zero-based offset and length, one-based line and column. */
export interface SourceRange {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

export type FilterErrorCode =
  | 'BAD_CHARACTER'
  | 'UNTERMINATED_STRING'
  | 'UNEXPECTED_TOKEN'
  | 'UNKNOWN_COLUMN'
  | 'AMBIGUOUS_COLUMN'
  | 'UNKNOWN_FUNCTION'
  | 'WRONG_ARGUMENTS'
  | 'WRONG_TYPE'
  | 'DUPLICATE_NAME'
  | 'LIMIT_OUT_OF_RANGE'
  | 'NUMBER_OUT_OF_RANGE'
  | 'TOO_LONG'
  | 'TOO_DEEP';

/** What is wrong with a filter, where, and what may have been meant. */
export class FilterError extends Error {
  override readonly name = 'FilterError';
  constructor(
    readonly code: FilterErrorCode,
    message: string,
    readonly range: SourceRange,
    readonly suggestion?: string,
  ) {
    super(
      `line ${range.line}, column ${range.column}: ${message}${suggestion ? ` (did you mean ${suggestion}?)` : ''}`,
    );
  }
}
