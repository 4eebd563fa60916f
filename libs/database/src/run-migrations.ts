import type { DataSource } from 'typeorm';
import { DatabaseError } from './database-error.js';

/** Serialises deploys that start together; any constant would do. */
const MIGRATION_LOCK = 0x416c6d61;

/** Applies what is pending, in order, each migration in a transaction of its own. Returns the names applied. */
export async function runMigrations(dataSource: DataSource): Promise<string[]> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    try {
      return (await dataSource.runMigrations({ transaction: 'each' })).map((migration) => migration.name);
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    }
  } catch (error) {
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

/** Undoes the newest `count` migrations, newest first. */
export async function revertMigrations(dataSource: DataSource, count = 1): Promise<void> {
  for (let i = 0; i < count; i++) await dataSource.undoLastMigration({ transaction: 'each' });
}
