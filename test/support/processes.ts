// The built product as real processes, for end-to-end tests: a database, migrated; the API; commands.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import pg from 'pg';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;

export interface Stack {
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** environment of every process of this stack */
  readonly env: NodeJS.ProcessEnv;
  /** address of the API */
  readonly url: string;
  cli(...args: string[]): Promise<Record<string, unknown>>;
  token(user: string, scopes?: string): Promise<string>;
  /** kill -9 and a new start on the same address */
  restartApi(): Promise<void>;
  stop(): Promise<void>;
}

interface Started {
  readonly child: ChildProcess;
  readonly ready: Readonly<Record<string, unknown>>;
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts `node dist/<entry>` and waits for its ready line. */
export async function startProcess(entry: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<Started> {
  const child = spawn(process.execPath, ['--no-warnings', '--enable-source-maps', join(ROOT, 'dist', entry), ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-20_000)));
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
    const fail = (why: string): void => {
      child.kill('SIGKILL');
      reject(new Error(`${entry} ${why}\n${log}`));
    };
    const timer = setTimeout(() => fail('was not ready in time'), READY_TIMEOUT_MS);
    child.once('close', (code) => {
      clearTimeout(timer);
      fail(`ended with code ${code} before it was ready`);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return;
      const message = JSON.parse(line) as Record<string, unknown>;
      if (message['ready'] !== true && message['event'] !== 'ready') return;
      clearTimeout(timer);
      resolve(message);
    });
  });
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };
  return { child, ready, stop };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** A schema of its own where DATABASE_URL points, or an embedded database of its own. */
async function openDatabase(folder: string): Promise<{ env: NodeJS.ProcessEnv; url: string; close(): Promise<void> }> {
  const given = process.env['DATABASE_URL'];
  if (given) {
    const schema = `e2e_${process.pid}_${Date.now().toString(36)}`;
    const run = async (sql: string): Promise<void> => {
      const client = new pg.Client(given);
      await client.connect();
      try {
        await client.query(sql);
      } finally {
        await client.end();
      }
    };
    await run('CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public');
    await run(`CREATE SCHEMA ${schema}`);
    const url = new URL(given);
    url.searchParams.set('options', `-c search_path=${schema},public`);
    const env = { DATABASE_URL: url.href, QUEUE_URL: process.env['QUEUE_URL'] ?? given };
    return { env, url: url.href, close: () => run(`DROP SCHEMA ${schema} CASCADE`) };
  }
  const port = await freePort();
  const dataDir = join(folder, 'data', 'database');
  const prepared = join(ROOT, '.almagest/cache');
  const template = existsSync(prepared) && readdirSync(prepared).find((name) => /^database-[\d.]+-[\d.]+$/.test(name));
  if (template) cpSync(join(prepared, template), dataDir, { recursive: true });
  const database = await startProcess(
    'apps/embedded-db/src/main.js',
    ['--data-dir', dataDir, '--port', String(port)],
    process.env,
  );
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return { env: { ALMAGEST_DATABASE_PORT: String(port) }, url, close: () => database.stop() };
}

/** A migrated database and the API on it, on free ports, in a folder that vanishes. */
export async function startStack(): Promise<Stack> {
  const folder = mkdtempSync(join(tmpdir(), 'almagest-e2e-'));
  const database = await openDatabase(folder);
  const dataDir = join(folder, 'data');
  const port = await freePort();
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: process.env['HOME'],
    ...database.env,
    ALMAGEST_DATA_DIR: dataDir,
    ALMAGEST_PORT: String(port),
    ALMAGEST_LOG_LEVEL: 'warn',
  };
  const run = async (args: readonly string[], environment: NodeJS.ProcessEnv): Promise<Record<string, unknown>> => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', join(ROOT, 'dist/apps/cli/src/main.js'), ...args, '--json'],
      { cwd: ROOT, env: environment },
    );
    return JSON.parse(stdout.trim().split('\n').at(-1)!) as Record<string, unknown>;
  };
  const cli = (...args: string[]): Promise<Record<string, unknown>> => run(args, env);
  await run(['admin', 'migrate'], { ...env, DATABASE_URL: database.url });
  const startApi = (): Promise<Started> => startProcess('apps/api/src/main.js', [], env);
  let api = await startApi();
  return {
    databaseUrl: database.url,
    dataDir,
    env,
    url: `http://127.0.0.1:${port}`,
    cli,
    token: async (user, scopes = 'read,filters,jobs') =>
      String((await cli('admin', 'token', user, '--scopes', scopes))['token']),
    restartApi: async () => {
      await api.stop('SIGKILL');
      api = await startApi();
    },
    stop: async () => {
      await api.stop();
      await database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
