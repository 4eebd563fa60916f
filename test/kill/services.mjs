// PostgreSQL and Redis of the kill test's own: free ports, a folder of their own, a user without rights, killed and started again at will.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POSTGRES_BIN = process.env.POSTGRES_BIN ?? '/usr/lib/postgresql/15/bin';
const USER = 'almagest-ci';
const START_TIMEOUT_MS = 60_000;

export const freePort = () =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });

/** Neither server should run as root, and one of them refuses to. */
function identity() {
  if (process.getuid() !== 0) return {};
  const id = (flag) => Number(execFileSync('id', [flag, USER], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    execFileSync('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', USER]);
    return { uid: id('-u'), gid: id('-g') };
  }
}

const answers = (port) =>
  new Promise((resolve) => {
    const socket = new Socket()
      .once('connect', () => resolve(socket.destroy() && true))
      .once('error', () => resolve(false));
    socket.connect(port, '127.0.0.1');
  });

export const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
};
export const childrenOf = (pid) =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );

/** A server process that is started until it answers. */
class Server {
  #child;
  constructor(command, args, { port, folder, signal, log }) {
    Object.assign(this, { command, args, port, folder, signal, log });
  }
  get pid() {
    return this.#child?.pid;
  }
  async start() {
    const until = Date.now() + START_TIMEOUT_MS;
    while (Date.now() < until) {
      const out = openSync(this.log, 'a');
      const child = spawn(this.command, this.args, {
        cwd: this.folder,
        stdio: ['ignore', out, out],
        ...identity(),
        env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: this.folder },
      });
      let ended = false;
      child.once('exit', () => (ended = true)).once('error', () => (ended = true));
      this.#child = child;
      while (!ended && Date.now() < until) {
        if (await this.ready()) return this;
        await sleep(100);
      }
      await sleep(500); // e.g. what the killed one left behind has not gone yet
    }
    throw new Error(`${this.command} did not start; its log is ${this.log}`);
  }
  ready() {
    return answers(this.port);
  }
  async kill() {
    const { pid } = this.#child;
    process.kill(pid, 'SIGKILL');
    while (isAlive(pid)) await sleep(20);
    return pid;
  }
  async stop() {
    const { pid } = this.#child;
    if (!isAlive(pid)) return;
    process.kill(pid, this.signal);
    for (const until = Date.now() + 15_000; isAlive(pid) && Date.now() < until;) await sleep(50);
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  }
}

function ownFolder(parent, name) {
  const folder = join(parent, name);
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o700);
  const { uid, gid } = identity();
  if (uid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** A fresh cluster with one database. */
export async function startPostgres(parent) {
  if (!existsSync(join(POSTGRES_BIN, 'postgres')))
    throw new Error(`there is no PostgreSQL in ${POSTGRES_BIN} (Debian: postgresql-15-postgis-3; or set POSTGRES_BIN)`);
  const folder = ownFolder(parent, 'postgres');
  const port = await freePort();
  const data = join(folder, 'data');
  const run = { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], ...identity() };
  execFileSync(
    join(POSTGRES_BIN, 'initdb'),
    ['-D', data, '-U', 'almagest', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8'],
    run,
  );
  const args = ['-D', data, '-p', String(port), '-k', folder, '-c', 'listen_addresses=127.0.0.1'];
  args.push('-c', 'max_connections=150', '-c', 'shared_buffers=128MB');
  const server = new Server(join(POSTGRES_BIN, 'postgres'), args, {
    port,
    folder,
    signal: 'SIGINT',
    log: join(parent, 'postgres.log'),
  });
  const client = (...more) => [...more, '-h', '127.0.0.1', '-p', String(port), '-U', 'almagest', '-q'];
  server.ready = async () => {
    try {
      execFileSync(join(POSTGRES_BIN, 'pg_isready'), client().slice(0, -1), { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  };
  await server.start();
  execFileSync(join(POSTGRES_BIN, 'createdb'), [...client().slice(0, -1), 'almagest'], run);
  return { server, url: `postgres://almagest@127.0.0.1:${port}/almagest` };
}

/** Redis with the persistence it has by default. */
export async function startRedis(parent) {
  const folder = ownFolder(parent, 'redis');
  const port = await freePort();
  const server = new Server('redis-server', ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder], {
    port,
    folder,
    signal: 'SIGTERM',
    log: join(parent, 'redis.log'),
  });
  await server.start();
  return { server, url: `redis://127.0.0.1:${port}` };
}
