export type AccountErrorCode =
  | 'INVALID_NAME'
  | 'NAME_TAKEN'
  | 'NO_SUCH_USER'
  | 'NO_SUCH_GROUP'
  | 'NO_SUCH_TABLE'
  | 'UNKNOWN_ROLE'
  | 'INVALID_TOKEN'
  | 'EXPIRED_TOKEN'
  | 'MISSING_SCOPE'
  | 'NO_SUCH_TOKEN'
  | 'UNKNOWN_SCOPE'
  | 'INVALID_QUOTA'
  | 'INVALID_POLICY'
  | 'QUOTA_EXCEEDED'
  | 'LOGIN_FAILED';

export class AccountError extends Error {
  override readonly name: string = 'AccountError';
  constructor(
    readonly code: AccountErrorCode,
    message: string,
    readonly value?: unknown,
  ) {
    super(message);
  }
}

/** A quota is used up. `retryAfterSeconds` is absent where waiting does not help. */
export class QuotaExceeded extends AccountError {
  override readonly name = 'QuotaExceeded';
  constructor(
    message: string,
    value: unknown,
    readonly retryAfterSeconds?: number,
  ) {
    super('QUOTA_EXCEEDED', message, value);
  }
}
