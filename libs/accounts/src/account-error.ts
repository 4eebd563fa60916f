export type AccountErrorCode =
  | 'INVALID_NAME'
  | 'NAME_TAKEN'
  | 'NO_SUCH_USER'
  | 'INVALID_TOKEN'
  | 'EXPIRED_TOKEN'
  | 'MISSING_SCOPE'
  | 'NO_SUCH_TOKEN'
  | 'UNKNOWN_SCOPE';

export class AccountError extends Error {
  override readonly name = 'AccountError';
  constructor(
    readonly code: AccountErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}
