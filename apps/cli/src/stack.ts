// A running Almagest: database, API and workers, started in order, started again when they die, and stopped in reverse.

import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { type AppConfig, loadConfig } from '#libs/config';
import { createDataSource, runMigrations } from '#libs/database';
import { migrateQueues } from '#libs/queue';
import { migrations } from '#migrations';
import { freePort, type ProcessSpec, type RunningProcess, startProcess } from './processes.js';
import { supervise, type Supervised } from './supervision.js';

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
  /** as they run at this moment: one that died is started again under the same name */
  readonly processes: ReadonlyMap<string, RunningProcess>;
  /** ends a process and starts it again */
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
  const supervised = new Map<string, Supervised>();
  const start = async (spec: ProcessSpec): Promise<void> => {
    supervised.set(
      spec.name,
      await supervise(() => startProcess(spec, logs), {
        onRunning: (child) => running.set(spec.name, child),
        onLost: (why) => onStep(`${spec.name} ${why}`),
      }),
    );
  };
  const stop = async (): Promise<void> => {
    const all = [...supervised.values()].reverse();
    for (const one of all) one.release();
    for (const one of all) await one.stop();
    supervised.clear();
    running.clear();
  };
  try {
    // Without DATABASE_URL the embedded database serves, and every process finds it by its port.
    const embedded: NodeJS.ProcessEnv = {};
    if (!process.env['DATABASE_URL']) {
      onStep('starting the embedded database');
      const databasePort = process.env['ALMAGEST_DATABASE_PORT'] ?? String(await freePort());
      const args = ['--data-dir', join(dataDir, 'database'), '--port', databasePort];
      await start({ name: 'embedded-db', entry: 'apps/embedded-db/src/main.js', args, env: process.env });
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
    for (const name of options.processes) {
      onStep(`starting ${name}`);
      await start({ name, env, ...ENTRIES[name] });
    }
    return {
      config,
      env,
      url: options.processes.includes('api') ? config.publicUrl : undefined,
      processes: running,
      restart: async (name) => supervised.get(name)?.restart(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Applies pending migrations, those of the queue too. Returns the names of ours. */
export async function migrate(config: AppConfig): Promise<string[]> {
  const dataSource = await connect(config);
  try {
    const applied = await runMigrations(dataSource);
    await migrateQueues(config.queueUrl);
    return applied;
  } finally {
    await dataSource.destroy();
  }
}

/** A connection of the command line's own. */
export const connect = (config: AppConfig): Promise<DataSource> =>
  createDataSource(config, { migrations, applicationName: 'almagest-cli' }).initialize();
