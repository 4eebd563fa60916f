export type JobErrorCode =
  | 'DUPLICATE_HANDLER'
  | 'INVALID_ID'
  | 'INVALID_KIND'
  | 'MISSING_HANDLER'
  | 'NOT_FOUND'
  | 'QUEUE_SILENT'
  | 'UNKNOWN_KIND'
  | 'WRONG_PHASE';

export class JobError extends Error {
  override readonly name = 'JobError';
  constructor(
    readonly code: JobErrorCode,
    message: string,
    readonly value: unknown,
  ) {
    super(message);
  }
}
