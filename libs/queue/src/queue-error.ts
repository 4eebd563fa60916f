export type QueueErrorCode =
  'invalid_job_id' | 'payload_not_json' | 'payload_too_large' | 'unsupported_url' | 'duplicate_processor' | 'closed';

export class QueueError extends Error {
  constructor(
    readonly code: QueueErrorCode,
    message: string,
    /** The offending value. */
    readonly value: unknown,
  ) {
    super(message);
    this.name = 'QueueError';
  }
}
