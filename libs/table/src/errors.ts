export type TableErrorCode =
  | 'NO_SUCH_COLUMN'
  | 'WRONG_TYPE'
  | 'LENGTH_MISMATCH'
  | 'DUPLICATE_COLUMN'
  /** the file is not of the format it was read as, or is damaged; `line`, `column` or `offset` say where */
  | 'BAD_FORMAT'
  /** a cell, parameter or null marker that its declared type cannot express */
  | 'BAD_VALUE'
  /** legal, but not read or written by this library */
  | 'UNSUPPORTED'
  /** beyond the limits that keep memory bounded */
  | 'TOO_LARGE'
  /** the stream ends before what it began is complete */
  | 'TRUNCATED';

export interface TablePlace {
  /** 1-based line of a text file */
  readonly line?: number;
  /** name of the column or field */
  readonly column?: string;
  /** 0-based row within its table */
  readonly row?: number;
  /** name of the XML element */
  readonly element?: string;
  readonly value?: unknown;
}

/** Everything this library refuses; `message` is a sentence for people, `code` is for programs. */
export class TableError extends Error {
  override readonly name = 'TableError';
  readonly line?: number;
  readonly column?: string;
  readonly row?: number;
  readonly element?: string;
  readonly value?: unknown;

  constructor(
    readonly code: TableErrorCode,
    message: string,
    place: TablePlace = {},
  ) {
    super(message);
    Object.assign(this, place);
  }
}
