// A running Almagest: database, API and workers, started in order and stopped in reverse.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { type AppConfig, loadConfig } from '#libs/config';
import { createDataSource, runMigrations } from '#libs/database';
import { migrations } from '#migrations';
import { freePort, type ProcessSpec, type RunningProcess, startProcess } from './processes.js';

export interface StackOptions {
  /** everything lives below this folder: files, the embedded database, logs */
  readonly dataDir: string;
  readonly port?: number;
  /** which processes besides the database */
  readonly processes: readonly StackProcess[];
  readonly onStep?: (text: string) => void;
}
export type StackProcess = 'api' | 'alert-production' | 'alert-filters' | 'level3';

export interface Stack {
  readonly config: AppConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly url: string | undefined;
  readonly processes: ReadonlyMap<string, RunningProcess>;
  /** starts a process again after it died (kill tests, supervision) */
  restart(name: StackProcess): Promise<void>;
  stop(): Promise<void>;
}

const ENTRIES: Record<StackProcess, Omit<ProcessSpec, 'name' | 'env'>> = {
  api: { entry: 'apps/api/src/main.js' },
  'alert-production': { entry: 'workers/alert-production/src/main.js' },
  'alert-filters': { entry: 'workers/alert-filters/src/main.js' },
  level3: { entry: 'workers/level3/src/main.js' },
};

/** The installation's signing secret: from the environment, or made once and kept beside the data. */
function secretOf(dataDir: string): string {
  if (process.env['ALMAGEST_SECRET']) return process.env['ALMAGEST_SECRET'];
  const file = join(dataDir, 'secret');
  if (!existsSync(file)) {
    writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600 });
    chmodSync(file, 0o600);
  }
  return readFileSync(file, 'utf8').trim();
}

export async function startStack(options: StackOptions): Promise<Stack> {
  const { dataDir, onStep = () => undefined } = options;
  mkdirSync(dataDir, { recursive: true });
  const logs = join(dataDir, 'logs');
  const running = new Map<string, RunningProcess>();
  const stop = async (): Promise<void> => {
    for (const child of [...running.values()].reverse()) await child.stop();
    running.clear();
  };
  try {
    // Without DATABASE_URL the embedded database serves, and every process finds it by its port.
    const embedded: NodeJS.ProcessEnv = {};
    if (!process.env['DATABASE_URL']) {
      onStep('starting the embedded database');
      const databasePort = process.env['ALMAGEST_DATABASE_PORT'] ?? String(await freePort());
      const args = ['--data-dir', join(dataDir, 'database'), '--port', databasePort];
      running.set(
        'embedded-db',
        await startProcess(
          { name: 'embedded-db', entry: 'apps/embedded-db/src/main.js', args, env: process.env },
          logs,
        ),
      );
      embedded['ALMAGEST_DATABASE_PORT'] = databasePort;
    }
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      ...embedded,
      ALMAGEST_DATA_DIR: dataDir,
      ALMAGEST_PORT: String(options.port ?? (await freePort())),
      ALMAGEST_SECRET: secretOf(dataDir),
    };
    const config = loadConfig(env);
    onStep('bringing the database up to date');
    await migrate(config);
    const start = async (name: StackProcess): Promise<void> => {
      running.set(name, await startProcess({ name, env, ...ENTRIES[name] }, logs));
    };
    for (const name of options.processes) {
      onStep(`starting ${name}`);
      await start(name);
    }
    return {
      config,
      env,
      url: options.processes.includes('api') ? config.publicUrl : undefined,
      processes: running,
      restart: start,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Applies pending migrations. Returns their names. */
export async function migrate(config: AppConfig): Promise<string[]> {
  const dataSource = await connect(config);
  try {
    return await runMigrations(dataSource);
  } finally {
    await dataSource.destroy();
  }
}

/** A connection of the command line's own. */
export const connect = (config: AppConfig): Promise<DataSource> =>
  createDataSource(config, { migrations, applicationName: 'almagest-cli' }).initialize();
