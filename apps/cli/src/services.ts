// What a command needs to work on an installation's data: the database of DATABASE_URL, that of a running instance on the same
// folder, or the embedded one started for the time of the command; connection, file store and worker threads.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { type AppConfig, loadConfig } from '#libs/config';
import { type ProcessingEnvironment, processingEnvironment } from '#libs/processing';
import { CommandError, ExitCode } from './exit-codes.js';
import type { Reporter } from './reporter.js';
import { connect, migrate, startStack } from './stack.js';

export interface Services {
  readonly environment: ProcessingEnvironment;
  readonly dataDir: string;
  /** aborted by Ctrl-C and SIGTERM */
  readonly signal: AbortSignal;
}

/** Does some work with the services and puts everything away again, also after a failure or Ctrl-C. */
export async function withServices<T>(
  dataDir: string,
  reporter: Reporter,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  mkdirSync(dataDir, { recursive: true });
  const interrupted = new AbortController();
  const interrupt = (): void => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const { config, dataSource } = await openDatabase(dataDir, reporter, closers);
    const environment = processingEnvironment(dataSource, {
      dataDir,
      cores: config.cores,
      log: { debug: () => {}, info: () => {}, warn: (message) => reporter.line(`  note: ${message}`) },
    });
    closers.push(() => environment.close());
    const result = await work({ environment, dataDir, signal: interrupted.signal });
    if (interrupted.signal.aborted) throw new CommandError('INTERRUPTED', 'interrupted', ExitCode.interrupted);
    return result;
  } finally {
    for (const close of closers.reverse()) await close();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** Does some work with the database alone. */
export async function withDatabase<T>(
  dataDir: string,
  reporter: Reporter,
  work: (dataSource: DataSource, config: AppConfig) => Promise<T>,
): Promise<T> {
  mkdirSync(dataDir, { recursive: true });
  const closers: (() => Promise<unknown>)[] = [];
  try {
    const { dataSource, config } = await openDatabase(dataDir, reporter, closers);
    return await work(dataSource, config);
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

async function openDatabase(
  dataDir: string,
  reporter: Reporter,
  closers: (() => Promise<unknown>)[],
): Promise<{ config: AppConfig; dataSource: DataSource }> {
  try {
    const env = await databaseEnvironment(dataDir, reporter, closers);
    const config = loadConfig({ ...env, ALMAGEST_DATA_DIR: dataDir });
    const dataSource = await connect(config);
    closers.push(() => dataSource.destroy());
    return { config, dataSource };
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== 'ECONNREFUSED' && code !== 'ENOTFOUND' && code !== 'ETIMEDOUT') throw error;
    throw new CommandError(
      'NO_DATABASE',
      `the database does not answer: ${(error as Error).message}`,
      ExitCode.unavailable,
    );
  }
}

async function databaseEnvironment(
  dataDir: string,
  reporter: Reporter,
  closers: (() => Promise<unknown>)[],
): Promise<NodeJS.ProcessEnv> {
  if (process.env['DATABASE_URL']) {
    await migrate(loadConfig());
    return process.env;
  }
  const port = process.env['ALMAGEST_DATABASE_PORT'] ?? runningInstance(join(dataDir, 'database'));
  if (port !== undefined && (await listens(Number(port)))) {
    const env = { ...process.env, ALMAGEST_DATABASE_PORT: port };
    await migrate(loadConfig(env));
    return env;
  }
  const stack = await startStack({ dataDir, processes: [], onStep: (text) => reporter.line(`${text} ...`) });
  closers.push(() => stack.stop());
  return stack.env;
}

/** The port of the embedded database that holds the lock on this folder, where the system shows command lines (Linux). */
function runningInstance(folder: string): string | undefined {
  try {
    const { pid } = JSON.parse(readFileSync(`${folder}.lock`, 'utf8')) as { pid: number };
    const commandLine = `/proc/${pid}/cmdline`;
    if (!existsSync(commandLine)) return undefined;
    const words = readFileSync(commandLine, 'utf8').split('\0');
    const at = words.indexOf('--port');
    return at >= 0 && words.includes(folder) ? words[at + 1] : undefined;
  } catch {
    return undefined;
  }
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connectTcp({ host: '127.0.0.1', port, timeout: 2000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
