export type VoErrorCode =
  | 'BAD_PARAMETER'
  | 'MISSING_PARAMETER'
  | 'UNSUPPORTED_LANGUAGE'
  | 'UNSUPPORTED_FORMAT'
  | 'BAD_UPLOAD'
  | 'TOO_LARGE'
  | 'TOO_EXPENSIVE'
  | 'QUERY_FAILED'
  | 'QUERY_TIMEOUT'
  | 'WRONG_PHASE'
  | 'NO_SUCH_TABLE'
  | 'BUSY'
  | 'NO_SUCH_IMAGE'
  | 'NO_SUCH_JOB';

/** What a VO service tells its caller: a code, a sentence, the offending value. */
export class VoError extends Error {
  override readonly name = 'VoError';
  constructor(
    readonly code: VoErrorCode,
    message: string,
    readonly value?: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The sentence that a caller may read; anything unforeseen stays in our log. */
export function messageForCaller(error: unknown): string {
  if (error instanceof VoError || (error instanceof Error && error.name === 'AdqlError')) return error.message;
  return 'an error of ours; the operators find it in the log';
}
