import { type DataSource, MigrationExecutor, type QueryRunner } from 'typeorm';
import { DatabaseError } from './database-error.js';

/** Serialises deploys that start together; any constant would do. */
const MIGRATION_LOCK = 0x416c6d61;

/**
 * Applies what is pending, in order, all in one transaction: a deploy is migrated or it is as before. Concurrent callers
 * wait for each other (on the embedded database, whose session locks exclude nobody, the transaction itself does that).
 * Returns the names applied.
 */
export async function runMigrations(dataSource: DataSource): Promise<string[]> {
  return inOneTransaction(dataSource, async (executor) =>
    (await executor.executePendingMigrations()).map((migration) => migration.name),
  );
}

/** Undoes the newest `count` migrations, newest first, in one transaction. */
export async function revertMigrations(dataSource: DataSource, count = 1): Promise<void> {
  await inOneTransaction(dataSource, async (executor) => {
    for (let i = 0; i < count; i++) await executor.undoLastMigration();
  });
}

async function inOneTransaction<T>(
  dataSource: DataSource,
  work: (executor: MigrationExecutor) => Promise<T>,
): Promise<T> {
  const runner: QueryRunner = dataSource.createQueryRunner();
  try {
    await runner.startTransaction();
    await runner.query('SET LOCAL statement_timeout = 0');
    await runner.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    const executor = new MigrationExecutor(dataSource, runner);
    executor.transaction = 'none';
    const result = await work(executor);
    await runner.commitTransaction();
    return result;
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw new DatabaseError(
      'migration_failed',
      `a migration failed: ${(error as Error).message}`,
      (error as { query?: string }).query,
      { cause: error },
    );
  } finally {
    await runner.release();
  }
}
