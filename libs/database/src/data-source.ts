import { DataSource, type EntitySchema, type MigrationInterface } from 'typeorm';
import type { AppConfig } from '#libs/config';
import { assertPlainSchema } from './identifier.js';
import { valueTypes } from './value-types.js';

export type MigrationClass = new () => MigrationInterface;

export interface DataSourceOptions {
  readonly entities?: readonly EntitySchema[];
  readonly migrations?: readonly MigrationClass[];
  /** Every unqualified name lives here; PostGIS and whatever else is shared stays in `public`. */
  readonly schema?: string;
  readonly applicationName?: string;
}

type DatabaseSettings = Pick<AppConfig, 'databaseUrl' | 'databasePool' | 'statementTimeoutMs'>;

/** A DataSource that is not connected yet. Schemas are changed by migrations only. */
export function createDataSource(config: DatabaseSettings, options: DataSourceOptions = {}): DataSource {
  const session = [`-c statement_timeout=${config.statementTimeoutMs}`];
  if (options.schema !== undefined) session.push(`-c search_path=${assertPlainSchema(options.schema)},public`);
  return new DataSource({
    type: 'postgres',
    url: config.databaseUrl,
    entities: [...(options.entities ?? [])],
    migrations: [...(options.migrations ?? [])],
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    synchronize: false,
    migrationsRun: false,
    logging: false,
    applicationName: options.applicationName ?? 'almagest',
    parseInt8: false,
    extra: { max: config.databasePool, types: valueTypes, options: session.join(' '), keepAlive: true },
  });
}
