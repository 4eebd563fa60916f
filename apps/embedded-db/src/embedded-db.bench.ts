import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { BUILT_COMMAND, launchEmbeddedDatabase } from './launch.js';

export interface KillRecovery {
  readonly rounds: number;
  /** Rows whose INSERT was answered before the engine was killed. */
  readonly acknowledged: number;
  /** Acknowledged rows found afterwards; anything less is data loss. */
  readonly recovered: number;
  /** Rows found whose answer never arrived: allowed, at most one per writer and round. */
  readonly unacknowledged: number;
  readonly worstRecoveryMs: number;
}

export interface KillRecoveryOptions {
  readonly dataDir: string;
  readonly rounds?: number;
  readonly writers?: number;
  readonly loadMs?: number;
  readonly command?: readonly string[];
}

/** Inserts from several clients, kills the engine (kill -9) under load, waits until it serves again, and counts. */
export async function runKillRecovery({
  dataDir,
  rounds = 3,
  writers = 4,
  loadMs = 1_500,
  command = BUILT_COMMAND,
}: KillRecoveryOptions): Promise<KillRecovery> {
  const database = await launchEmbeddedDatabase(dataDir, [], command);
  const { url } = database.ready;
  const acknowledged = new Set<string>();
  let worstRecoveryMs = 0;
  try {
    await withClient(url, (client) =>
      client.query('CREATE TABLE kill_recovery (writer int, n int, PRIMARY KEY (writer, n))'),
    );
    for (let round = 0; round < rounds; round++) {
      const load = Array.from({ length: writers }, (_, writer) =>
        writeUntilKilled(url, round * writers + writer, acknowledged),
      );
      await sleep(loadMs);
      const killedAt = performance.now();
      process.kill(database.enginePid(), 'SIGKILL');
      await Promise.all(load);
      await waitUntilServing(url);
      worstRecoveryMs = Math.max(worstRecoveryMs, performance.now() - killedAt);
    }
    const found = await withClient(
      url,
      async (client) =>
        (await client.query<{ key: string }>("SELECT writer || ':' || n AS key FROM kill_recovery")).rows,
    );
    const recovered = found.filter(({ key }) => acknowledged.has(key)).length;
    return {
      rounds,
      acknowledged: acknowledged.size,
      recovered,
      unacknowledged: found.length - recovered,
      worstRecoveryMs: Math.round(worstRecoveryMs),
    };
  } finally {
    await database.stop();
  }
}

async function writeUntilKilled(url: string, writer: number, acknowledged: Set<string>): Promise<void> {
  const client = await connect(url);
  try {
    for (let n = 0; ; n++) {
      await client.query('INSERT INTO kill_recovery VALUES ($1, $2)', [writer, n]);
      acknowledged.add(`${writer}:${n}`);
    }
  } catch {
    await client.end().catch(() => {});
  }
}

async function waitUntilServing(url: string): Promise<void> {
  for (;;) {
    try {
      return await withClient(url, async (client) => void (await client.query('SELECT 1')));
    } catch {
      await sleep(50);
    }
  }
}

export interface ColdStart {
  /** An empty folder: initdb, then CREATE EXTENSION postgis. */
  readonly firstOpenMs: number;
  readonly createPostgisMs: number;
  /** The same folder again, from spawn to ready line. */
  readonly warmStartMs: number;
  readonly residentMegabytes: number;
}

/** Cold start of a process: first ever, and warm. */
export async function runColdStartBench(
  dataDir: string,
  command: readonly string[] = BUILT_COMMAND,
): Promise<ColdStart> {
  const first = await launchEmbeddedDatabase(dataDir, ['--unsupervised'], command);
  const start = performance.now();
  await withClient(first.ready.url, (client) => client.query('CREATE EXTENSION IF NOT EXISTS postgis'));
  const createPostgisMs = Math.round(performance.now() - start);
  await first.stop();
  const restart = performance.now();
  const warm = await launchEmbeddedDatabase(dataDir, ['--unsupervised'], command);
  const warmStartMs = Math.round(performance.now() - restart);
  await withClient(warm.ready.url, (client) => client.query('SELECT postgis_version()'));
  const residentMegabytes = await residentOf(warm.ready.pid);
  await warm.stop();
  return { firstOpenMs: first.ready.openMs, createPostgisMs, warmStartMs, residentMegabytes };
}

async function residentOf(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const kilobytes = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1];
  return Math.round(Number(kilobytes ?? 0) / 1024);
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client(url);
  client.on('error', () => {});
  await client.connect();
  return client;
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connect(url);
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}
