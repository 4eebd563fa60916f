// Is an error the network's or the database's going away rather than a fault of the work? The same work may succeed when it is back.

/** Codes of Node's sockets and files that pass, and SQLSTATE classes: 08 connection, 53 resources, 57P server going down, 25P03 and 57P05 idle sessions ended, 40/55 conflicts. */
const CODES =
  /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENOSPC|EMFILE|57P0[1-5]|25P03|08[0-9A-Z]{3}|53\d{3}|40001|40P01|55P03)$/;
/** What drivers say without any code: `pg` and `pg-pool` when a connection breaks, TypeORM when one breaks inside a transaction. */
const MESSAGES =
  /^(Connection terminated|Client has encountered a connection error|timeout (exceeded|expired) when trying to connect|Client was closed and is not queryable|Cannot use a pool after calling end on the pool|Connection is closed)/;
const NAMES = new Set(['QueryRunnerAlreadyReleasedError', 'TransactionNotStartedError']);

const CONNECTION_LOST = 'CONNECTION_LOST';
const MAXIMUM_DEPTH = 10;

/** Whether a failure's code is one that `outageCode` gives. */
export const isOutageCode = (code: string): boolean => code === CONNECTION_LOST || CODES.test(code);

/** The code of the outage behind an error (as far as it has one), through `driverError`, `cause` and `errors`; undefined for any other error. */
export function outageCode(error: unknown, depth = 0): string | undefined {
  if (!(error instanceof Error) || depth > MAXIMUM_DEPTH) return undefined;
  const { code, driverError, errors } = error as { code?: unknown; driverError?: unknown; errors?: unknown };
  if (typeof code === 'string' && CODES.test(code)) return code;
  if (MESSAGES.test(error.message) || NAMES.has(error.name)) return CONNECTION_LOST;
  for (const inner of [driverError, error.cause, ...(Array.isArray(errors) ? (errors as unknown[]) : [])]) {
    const found = outageCode(inner, depth + 1);
    if (found !== undefined) return found;
  }
  return undefined;
}
