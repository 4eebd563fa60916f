import { createHash } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { bulkInsert, quoteIdentifier, withTransaction } from '#libs/database';
import { grantReadSql } from './query-engine.js';
import { tapSchemaRows } from './tap-schema-tables.js';
import type { VoTableset } from './vo-table.js';

/** Any constant would do: processes that start together take turns. */
const LOCK = 0x54415053;

/** Makes the rows of TAP_SCHEMA those of this tableset, if they are not already. Safe in many processes at once. */
export async function publishSchema(dataSource: DataSource, tableset: VoTableset): Promise<boolean> {
  const wanted = tapSchemaRows(tableset);
  return withTransaction(dataSource, async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const [state]: { hash: string | null }[] = await manager.query(
      `SELECT obj_description('tap_schema_tables'::regclass, 'pg_class') AS hash`,
    );
    const hash = createHash('sha256').update(JSON.stringify(wanted)).digest('hex');
    if (state?.hash === hash) return false;
    for (const { table, columns, rows } of wanted) {
      await manager.query(`DELETE FROM ${quoteIdentifier(table)}`);
      await bulkInsert(manager, table, columns, rows);
    }
    await manager.query(`COMMENT ON TABLE tap_schema_tables IS '${hash}'`);
    return true;
  });
}

/**
 * A role that can read the published relations and nothing else, made or brought up to date; undefined where the account
 * of the service may not make roles.
 */
export async function publishRole(
  dataSource: DataSource,
  role: string,
  tableset: VoTableset,
): Promise<string | undefined> {
  const [{ schema, may }] = (await dataSource.query(
    `SELECT current_schema() AS schema, (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) AS may`,
  )) as [{ schema: string; may: boolean }];
  if (!may) return undefined;
  await withTransaction(dataSource, async (manager) => {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const known: unknown[] = await manager.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
    if (known.length === 0) await manager.query(`CREATE ROLE ${quoteIdentifier(role)} NOLOGIN NOINHERIT`);
    for (const sql of grantReadSql(role, schema, [...new Set(tableset.tables.map(({ sqlName }) => sqlName))]))
      await manager.query(sql);
  });
  return role;
}
