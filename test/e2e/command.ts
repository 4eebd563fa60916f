// The built command as a user runs it: its summary object, its lines, its exit code.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { ROOT } from '../support/processes.js';

export interface Ran<T> {
  readonly exitCode: number;
  /** the object of --json */
  readonly summary: T;
  /** what was said on the way */
  readonly lines: string;
}

/** On a given server every data folder has a database of its own, so that suites do not see each other's frames. */
function databaseOf(
  dataDir: string,
): { readonly name: string; readonly server: string; readonly url: string } | undefined {
  const server = process.env['DATABASE_URL'];
  if (!server) return undefined;
  const name = `almagest_e2e_${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  return { name, server, url: url.href };
}

async function onServer(server: string, sql: string): Promise<void> {
  const client = new pg.Client(server);
  await client.connect();
  try {
    await client.query(sql);
  } catch (error) {
    if ((error as { code?: string }).code !== '42P04') throw error; // it is there already
  } finally {
    await client.end();
  }
}

/** Removes what `almagest` made on a given server for this data folder. */
export async function dropDatabase(dataDir: string): Promise<void> {
  const database = databaseOf(dataDir);
  if (database) await onServer(database.server, `DROP DATABASE IF EXISTS ${database.name} WITH (FORCE)`);
}

/** `almagest <args> --json`. Without a summary the test fails with what the command said. */
export async function almagest<T = Record<string, unknown>>(args: readonly string[], dataDir: string): Promise<Ran<T>> {
  const database = databaseOf(dataDir);
  if (database) await onServer(database.server, `CREATE DATABASE ${database.name}`);
  const env = { ...process.env, ...(database && { DATABASE_URL: database.url }) };
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', join(ROOT, 'dist/apps/cli/src/main.js'), ...args, '--data-dir', dataDir, '--json'],
      { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    let lines = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lines += text));
    child.once('error', reject);
    child.once('close', (code) => {
      const last = out.trim().split('\n').at(-1) ?? '';
      try {
        resolve({ exitCode: code ?? -1, summary: (last === '' ? {} : JSON.parse(last)) as T, lines });
      } catch (error) {
        reject(new Error(`no summary: ${out}\n${lines}`, { cause: error }));
      }
    });
  });
}
