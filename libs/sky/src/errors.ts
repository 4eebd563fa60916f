export type SkyErrorCode =
  | 'MISSING_WCS'
  | 'UNSUPPORTED_WCS'
  | 'INVALID_WCS'
  | 'SINGULAR_FIT'
  | 'OUT_OF_RANGE'
  | 'NO_LEAP_SECONDS'
  | 'NO_DUT1'
  | 'BAD_TABLE'
  | 'BAD_REGION'
  | 'BAD_MOC'
  | 'TOO_MANY_CELLS'
  | 'NO_SUCH_TRACT'
  | 'NO_SUCH_PATCH';

/** A question about the sky that has no answer: a stable code, a human sentence and the offending value. */
export class SkyError extends Error {
  override readonly name = 'SkyError';
  constructor(
    readonly code: SkyErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}
