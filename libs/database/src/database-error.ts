export type DatabaseErrorCode =
  'invalid_identifier' | 'invalid_rows' | 'retries_exhausted' | 'migration_failed' | 'unreachable';

/** A failure of the database layer itself; server errors pass through with their own SQLSTATE. */
export class DatabaseError extends Error {
  constructor(
    readonly code: DatabaseErrorCode,
    message: string,
    /** The offending value. */
    readonly value: unknown,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'DatabaseError';
  }
}

/** SQLSTATE of a server error, also when TypeORM has wrapped it; undefined for anything else. */
export function sqlState(error: unknown): string | undefined {
  for (
    let current = error;
    current instanceof Object;
    current =
      (current as { driverError?: unknown; cause?: unknown }).driverError ?? (current as { cause?: unknown }).cause
  ) {
    const { code } = current as { code?: unknown };
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code)) return code;
  }
  return undefined;
}
