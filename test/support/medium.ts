import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { DataSource, EntitySchema } from 'typeorm';
import { type AppConfig, loadConfig } from '#libs/config';
import { createDataSource, type MigrationClass, quoteIdentifier, runMigrations } from '#libs/database';
import { migrations as everyMigration } from '#migrations';

export interface TestDatabase {
  /** Its databaseUrl carries the schema, so child processes and Nest modules given it see the same tables. */
  readonly config: AppConfig;
  readonly dataSource: DataSource;
  readonly schema: string;
  /** Disconnects and drops the schema. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  readonly entities?: readonly EntitySchema[];
  /** Default: all of them. `[]` gives an empty schema. */
  readonly migrations?: readonly MigrationClass[];
}

let opened = 0;

/** A schema of its own in the run's database, migrated. Call in beforeAll, and `close()` in afterAll. */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const baseUrl = testDatabaseUrl();
  const schema = `t_${process.pid}_${Date.now().toString(36)}_${++opened}`;
  await withClient(baseUrl, async (client) => {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock(1097624941)');
    await client.query('CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public');
    await client.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
    await client.query('COMMIT');
  });
  const config = testConfig(schema);
  const dataSource = createDataSource(config, {
    entities: options.entities,
    migrations: options.migrations ?? everyMigration,
    applicationName: schema,
  });
  const close = async () => {
    if (dataSource.isInitialized) await dataSource.destroy();
    await withClient(baseUrl, (client) => client.query(`DROP SCHEMA ${quoteIdentifier(schema)} CASCADE`));
  };
  try {
    await dataSource.initialize();
    await runMigrations(dataSource);
  } catch (error) {
    await close();
    throw error;
  }
  return { config, dataSource, schema, close };
}

/** The run's database: DATABASE_URL, or the embedded one started for this run. */
export function testDatabaseUrl(): string {
  const url = process.env['DATABASE_URL'] || process.env['ALMAGEST_MEDIUM_DATABASE_URL'];
  if (!url) throw new Error('no database: run medium tests with test/jest.medium.config.mjs');
  return url;
}

/** QUEUE_URL, or the run's database with a BullMQ schema of its own. */
export function testQueueUrl(): string {
  return process.env['QUEUE_URL'] || testDatabaseUrl();
}

/** A folder that vanishes with the run. */
export function testFolder(name: string): string {
  const folder = join(process.env['ALMAGEST_MEDIUM_FOLDER'] ?? '', `${name}-${++opened}`);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A data folder for an embedded database of the test's own, with PostGIS installed already (0.1 s instead of 8). */
export function preparedDataDir(name: string): string {
  const folder = join(testFolder(name), 'database');
  cpSync(process.env['ALMAGEST_MEDIUM_TEMPLATE']!, folder, { recursive: true });
  return folder;
}

function testConfig(schema: string): AppConfig {
  const url = new URL(testDatabaseUrl());
  url.searchParams.set('options', `-c search_path=${schema},public`);
  return loadConfig({
    DATABASE_URL: url.href,
    QUEUE_URL: testQueueUrl(),
    ALMAGEST_DATABASE_POOL: '4',
    ALMAGEST_DATA_DIR: testFolder('data'),
    ALMAGEST_LOG_LEVEL: 'warn',
  });
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
