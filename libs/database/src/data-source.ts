import { DataSource, type EntitySchema, type Logger, type MigrationInterface } from 'typeorm';
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
  const { url, session } = splitSessionOptions(config.databaseUrl);
  session.push(`-c statement_timeout=${config.statementTimeoutMs}`);
  if (options.schema !== undefined) session.push(`-c search_path=${assertPlainSchema(options.schema)},public`);
  return new DataSource({
    type: 'postgres',
    url,
    entities: [...(options.entities ?? [])],
    migrations: [...(options.migrations ?? [])],
    migrationsTableName: 'schema_migration',
    installExtensions: false,
    synchronize: false,
    migrationsRun: false,
    logger: silent,
    applicationName: options.applicationName ?? 'almagest',
    parseInt8: false,
    extra: { max: config.databasePool, types: valueTypes, options: session.join(' '), keepAlive: true },
  });
}

const nothing = () => {};
/** Errors are thrown, and reported by whoever catches them; TypeORM would print them on the console as well. */
const silent: Logger = {
  logQuery: nothing,
  logQueryError: nothing,
  logQuerySlow: nothing,
  logSchemaBuild: nothing,
  logMigration: nothing,
  log: nothing,
};

/** `?options=...` of a URL would replace the session options given beside it; here they add up. */
export function splitSessionOptions(databaseUrl: string): { url: string; session: string[] } {
  const url = new URL(databaseUrl);
  const given = url.searchParams.get('options');
  url.searchParams.delete('options');
  return { url: url.href, session: given === null ? [] : [given] };
}
