// A synthetic catalog into the database, table by table: COPY in text form, each table in one transaction. Where a table is empty its
// secondary indexes are made after its rows, which is several times faster than keeping them up.

import { once } from 'node:events';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type AppConfig } from '#libs/config';
import { quoteIdentifier, splitSessionOptions, sqlState } from '#libs/database';
import {
  planSyntheticCatalog,
  SYNTHETIC_TABLES,
  type SyntheticRow,
  type SyntheticSet,
  type SyntheticTable,
} from '#libs/simulation';
import { hpx29 } from '#libs/sky';
import { CatalogError } from './catalog-error.js';

export interface SynthesizeOptions {
  readonly rows: number;
  readonly seed: number;
  readonly set?: SyntheticSet;
  /** rows so far, of all tables */
  readonly onProgress?: (rows: number, table: string) => void;
}

export interface SynthesizedTable {
  readonly table: string;
  readonly rows: number;
  readonly seconds: number;
}

const CHUNK_CHARACTERS = 1 << 19;
/** The embedded database holds a COPY in memory until its end. */
const ROWS_PER_COPY = 50_000;
const UNIQUE_VIOLATION = '23505';

export async function synthesizeCatalog(
  config: Pick<AppConfig, 'databaseUrl'>,
  options: SynthesizeOptions,
): Promise<SynthesizedTable[]> {
  const plan = planSyntheticCatalog(options.rows, options.seed, options.set);
  const { url, session } = splitSessionOptions(config.databaseUrl);
  const client = new pg.Client({
    connectionString: url,
    options: [...session, '-c statement_timeout=0'].join(' '),
    application_name: 'almagest-synthesize',
  });
  await client.connect();
  const done: SynthesizedTable[] = [];
  let total = 0;
  try {
    for (const synthetic of SYNTHETIC_TABLES) {
      const started = performance.now();
      const rows = await loadTable(client, synthetic, synthetic.rows(plan), options.seed, (here) =>
        options.onProgress?.(total + here, synthetic.table.name),
      );
      total += rows;
      if (rows > 0) done.push({ table: synthetic.table.name, rows, seconds: (performance.now() - started) / 1000 });
    }
  } finally {
    await client.end();
  }
  return done;
}

async function loadTable(
  client: pg.Client,
  { table, columns }: SyntheticTable,
  rows: Iterable<SyntheticRow>,
  seed: number,
  onProgress: (rows: number) => void,
): Promise<number> {
  const iterator = rows[Symbol.iterator]();
  let next = iterator.next();
  if (next.done) return 0;
  const name = quoteIdentifier(table.name);
  const at = (column: string | undefined): number => (column === undefined ? -1 : columns.indexOf(column));
  const [ra, dec] = [at(table.position?.ra), at(table.position?.dec)];
  const sql = `COPY ${name} (${[...columns, ...(ra < 0 ? [] : ['hpx29'])].map(quoteIdentifier).join(', ')}) FROM STDIN`;
  let count = 0;
  await client.query('BEGIN');
  try {
    const indexes = await dropIndexesOfEmpty(client, name);
    while (!next.done) {
      const copy = client.query(copyFrom(sql));
      const finished = once(copy, 'finish');
      let text = '';
      for (let n = 0; n < ROWS_PER_COPY && !next.done; n++, next = iterator.next()) {
        const row = next.value;
        text += `${copyLine(row)}${ra < 0 ? '' : `\t${hpx29(row[ra] as number, row[dec] as number)}`}\n`;
        count++;
        if (text.length < CHUNK_CHARACTERS) continue;
        if (!copy.write(text)) await Promise.race([once(copy, 'drain'), finished]);
        text = '';
      }
      copy.end(text);
      await finished;
      onProgress(count);
    }
    for (const index of indexes) await client.query(index);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    if (sqlState(error) === UNIQUE_VIOLATION)
      throw new CatalogError(
        'ALREADY_THERE',
        `${table.name} holds rows of seed ${seed} already; take another seed`,
        seed,
      );
    throw error;
  }
  await client.query(`ANALYZE ${name}`);
  return count;
}

/** Drops the secondary indexes of a table without rows and returns the statements that make them again. */
async function dropIndexesOfEmpty(client: pg.Client, name: string): Promise<string[]> {
  const some = await client.query(`SELECT 1 FROM ${name} LIMIT 1`);
  if (some.rowCount !== 0) return [];
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
     WHERE i.indrelid = $1::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.indexrelid)`,
    [name],
  );
  for (const index of rows) await client.query(`DROP INDEX ${index.name}`);
  return rows.map(({ definition }) => definition);
}

/** One line of COPY's text format. Synthetic text needs no escapes. */
function copyLine(row: SyntheticRow): string {
  let line = '';
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    line += `${i === 0 ? '' : '\t'}${value === null ? '\\N' : value === true ? 't' : value === false ? 'f' : String(value)}`;
  }
  return line;
}
