export type InstrumentErrorCode =
  | 'UNKNOWN_INSTRUMENT'
  | 'UNKNOWN_DETECTOR'
  | 'UNKNOWN_FILTER'
  | 'BAD_SECTION'
  | 'BAD_TIME'
  | 'MISSING_KEYWORD'
  | 'BAD_GEOMETRY';

/** A frame that cannot be understood: says which keyword or section, and its value. */
export class InstrumentError extends Error {
  override readonly name = 'InstrumentError';
  constructor(
    readonly code: InstrumentErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}
