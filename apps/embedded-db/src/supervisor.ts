import { type ChildProcess, spawn } from 'node:child_process';
import type { EmbeddedDatabaseOptions } from './options.js';
import { EXIT_CANNOT_START, EXIT_ENGINE_LOST, EXIT_USAGE, type ReadyLine } from './serve.js';

/** So many losses within the window mean that starting again does not help. */
const MAXIMUM_RESTARTS = 5;
const WINDOW_MS = 60_000;
const FIRST_PAUSE_MS = 100;
const HEARTBEAT_MS = 2_000;

/** Marks the child; the channel to its parent is what keeps it alive. */
export const CHILD_FLAG = 'ALMAGEST_EMBEDDED_DB_CHILD';

export type ChildMessage = { readonly ready: ReadyLine } | { readonly pong: number };
export type ParentMessage = { readonly ping: number };

const log = (fields: object) =>
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), component: 'embedded-db', ...fields })}\n`);

/**
 * Keeps one engine process alive: starts it anew when it is lost (a crash inside WebAssembly, kill -9) or hangs in a
 * statement, on the same port, with growing pauses. Resolves with the exit code of the whole.
 */
export function supervise(script: string, options: EmbeddedDatabaseOptions): Promise<number> {
  return new Promise((resolve) => {
    let port = options.port;
    let child: ChildProcess | undefined;
    let stopping = false;
    let announced = false;
    const losses: number[] = [];

    const start = () => {
      let lastPong = performance.now();
      let ready = false;
      const args = [
        script,
        '--data-dir',
        options.dataDir,
        '--host',
        options.host,
        '--port',
        String(port),
        '--idle-in-transaction-ms',
        String(options.idleInTransactionMs),
      ];
      const engine = spawn(process.execPath, [...process.execArgv, ...args], {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...process.env, [CHILD_FLAG]: '1' },
      });
      child = engine;
      const heartbeat = setInterval(() => {
        if (engine.connected) engine.send({ ping: performance.now() } satisfies ParentMessage, () => {});
        const silence = performance.now() - lastPong;
        if (!ready || options.hangTimeoutMs === 0 || silence < options.hangTimeoutMs + HEARTBEAT_MS) return;
        log({ level: 'error', message: 'a statement holds the engine; killing it', silenceMs: Math.round(silence) });
        lastPong = performance.now();
        engine.kill('SIGKILL');
      }, HEARTBEAT_MS);
      engine.on('message', (message: ChildMessage) => {
        lastPong = performance.now();
        if (!('ready' in message)) return;
        ready = true;
        port = message.ready.port;
        const line = { ...message.ready, supervisorPid: process.pid };
        if (announced) log({ level: 'warn', message: 'the engine is back', ...line });
        else process.stdout.write(`${JSON.stringify(line)}\n`);
        announced = true;
      });
      engine.on('exit', (code, signal) => {
        clearInterval(heartbeat);
        child = undefined;
        if (stopping) return resolve(code ?? 0);
        if (!announced && code !== EXIT_ENGINE_LOST && signal === null) return resolve(code ?? EXIT_CANNOT_START);
        if (code === EXIT_USAGE) return resolve(code);
        const now = performance.now();
        losses.push(now);
        const recent = losses.filter((time) => now - time < WINDOW_MS).length;
        log({ level: 'error', message: 'the engine was lost', code, signal, recent });
        if (recent > MAXIMUM_RESTARTS) return resolve(EXIT_ENGINE_LOST);
        setTimeout(() => (stopping ? resolve(0) : start()), FIRST_PAUSE_MS * 2 ** (recent - 1));
      });
    };

    const stop = () => {
      if (stopping) return;
      stopping = true;
      if (child) child.kill('SIGTERM');
      else resolve(0);
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    start();
  });
}
