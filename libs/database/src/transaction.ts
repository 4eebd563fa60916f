import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { DatabaseError, sqlState } from './database-error.js';

export interface TransactionOptions {
  readonly isolation?: 'READ COMMITTED' | 'REPEATABLE READ' | 'SERIALIZABLE';
  /** How often the whole function may run. */
  readonly attempts?: number;
  readonly statementTimeoutMs?: number;
  /** Called before each repetition with the SQLSTATE that caused it. */
  readonly onRetry?: (code: string, attempt: number) => void;
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const LOCK_NOT_AVAILABLE = '55P03';
const FIRST_PAUSE_MS = 10;

/**
 * Runs `work` in one transaction, again from the start when the server asks for it (serialization failure, deadlock,
 * lock not available): `work` must have no effect outside the database. The pause doubles from 10 ms.
 */
export async function withTransaction<T>(
  dataSource: DataSource,
  work: (manager: EntityManager) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  const attempts = options.attempts ?? 5;
  for (let attempt = 1; ; attempt++) {
    try {
      return await dataSource.transaction(options.isolation ?? 'READ COMMITTED', async (manager) => {
        if (options.statementTimeoutMs !== undefined)
          await manager.query(`SET LOCAL statement_timeout = ${Math.round(options.statementTimeoutMs)}`);
        return work(manager);
      });
    } catch (error) {
      const code = sqlState(error);
      if (code !== SERIALIZATION_FAILURE && code !== DEADLOCK_DETECTED && code !== LOCK_NOT_AVAILABLE) throw error;
      if (attempt >= attempts)
        throw new DatabaseError(
          'retries_exhausted',
          `the transaction failed ${attempts} times, the last time with SQLSTATE ${code}`,
          code,
          { cause: error },
        );
      options.onRetry?.(code, attempt);
      await sleep(FIRST_PAUSE_MS * 2 ** (attempt - 1));
    }
  }
}
