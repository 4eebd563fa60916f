import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What every later migration stands on: PostGIS, in `public`, so that any schema of ours sees the one copy. */
export class Platform1700000000100 implements MigrationInterface {
  readonly name = 'Platform1700000000100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public');
  }

  /** The extension stays: it may serve other schemas of the same database. */
  async down(): Promise<void> {}
}
