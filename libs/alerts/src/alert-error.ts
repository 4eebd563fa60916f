export type AlertErrorCode =
  'MISSING_FIELD' | 'BAD_VALUE' | 'BAD_FRAME' | 'UNKNOWN_SCHEMA' | 'NO_SUCH_ALERT' | 'STAMPS_MISSING';

export class AlertError extends Error {
  override readonly name = 'AlertError';
  constructor(
    readonly code: AlertErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}
