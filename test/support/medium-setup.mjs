// One embedded database for the whole run of the medium tests, unless DATABASE_URL names another. Loopback, free port.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import pg from 'pg';

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'apps/embedded-db/src/main.ts');
const loader = pathToFileURL(join(root, 'test/support/typescript.mjs')).href;
const versionOf = (name) => JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')).version;
const template = join(
  root,
  '.almagest/cache',
  `database-${versionOf('@electric-sql/pglite')}-${versionOf('@electric-sql/pglite-postgis')}`,
);
const runs = join(root, '.almagest/run');

/** The engine ends with its IPC channel: nothing survives a killed test run. */
function start(dataDir) {
  const child = spawn(
    process.execPath,
    ['--no-warnings', '--import', loader, main, '--data-dir', dataDir, '--port', '0'],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ALMAGEST_EMBEDDED_DB_CHILD: '1' },
    },
  );
  return new Promise((resolve, reject) => {
    child.once('exit', (code) =>
      reject(new Error(`the embedded database ended with code ${code} before it was ready`)),
    );
    child.once('message', ({ ready }) => resolve({ child, url: ready.url }));
  });
}

function stop(child) {
  return new Promise((resolve) => {
    child.ref(); // else the run would end here, before its results are written
    child.once('exit', resolve);
    child.kill('SIGTERM');
  });
}

async function prepareTemplate() {
  if (existsSync(template)) return;
  const draft = `${template}.${process.pid}`;
  const { child, url } = await start(draft);
  const client = new pg.Client(url);
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS postgis WITH SCHEMA public');
  await client.end();
  await stop(child);
  try {
    renameSync(draft, template);
  } catch (error) {
    if (!existsSync(template)) throw error; // another run was faster
    rmSync(draft, { recursive: true, force: true });
  }
}

function removeAbandonedRuns() {
  for (const name of existsSync(runs) ? readdirSync(runs) : []) {
    const pid = Number(/^medium-(\d+)/.exec(name)?.[1]);
    if (!pid) continue;
    try {
      process.kill(pid, 0);
    } catch {
      rmSync(join(runs, name), { recursive: true, force: true });
    }
  }
}

export default async function setUp() {
  removeAbandonedRuns();
  const folder = join(runs, `medium-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  process.env.ALMAGEST_MEDIUM_FOLDER = folder;
  globalThis.almagestMedium = { folder };
  await prepareTemplate();
  process.env.ALMAGEST_MEDIUM_TEMPLATE = template;
  if (process.env.DATABASE_URL) return;
  const dataDir = join(folder, 'database');
  cpSync(template, dataDir, { recursive: true });
  const { child, url } = await start(dataDir);
  child.unref();
  child.channel.unref();
  process.env.ALMAGEST_MEDIUM_DATABASE_URL = url;
  globalThis.almagestMedium.stop = () => stop(child);
}
