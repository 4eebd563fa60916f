// Starts the product's processes as children: each prints one JSON line when it is ready and logs to a file of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CommandError, ExitCode } from './exit-codes.js';
import { ROOT } from './root.js';

export interface ProcessSpec {
  readonly name: string;
  /** entry module, relative to dist/ */
  readonly entry: string;
  readonly args?: readonly string[];
  readonly nodeArgs?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** the ready line */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly logFile: string;
  /** resolves when it has ended, with its exit code or null when a signal ended it */
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 15_000;

export async function startProcess(spec: ProcessSpec, logFolder: string): Promise<RunningProcess> {
  mkdirSync(logFolder, { recursive: true });
  const logFile = join(logFolder, `${spec.name}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      '--no-warnings',
      ...(spec.nodeArgs ?? []),
      join(ROOT, 'dist', spec.entry),
      ...(spec.args ?? []),
    ],
    { cwd: ROOT, env: spec.env, stdio: ['ignore', 'pipe', log], detached: true },
  );
  closeSync(log);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = await readyLine(child, spec.name, logFile);
  return { name: spec.name, pid: child.pid!, ready, logFile, ended, stop: () => stopChild(child, ended) };
}

function readyLine(child: ChildProcess, name: string, logFile: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      clearTimeout(timer);
      child.kill('SIGKILL');
      reject(
        new CommandError('START_FAILED', `${name} did not start: ${why}; its log is ${logFile}`, ExitCode.unavailable),
      );
    };
    const timer = setTimeout(() => fail(`not ready after ${READY_TIMEOUT_MS / 1000} s`), READY_TIMEOUT_MS);
    child.once('error', (error) => fail(error.message));
    const ended = (code: number | null, signal: NodeJS.Signals | null): void =>
      fail(`it ended with ${signal ?? `code ${code}`}`);
    child.once('close', ended);
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      let message: Record<string, unknown>;
      try {
        message = JSON.parse(line) as Record<string, unknown>;
      } catch {
        return;
      }
      if (message['event'] !== 'ready' && message['ready'] !== true) return;
      clearTimeout(timer);
      child.off('close', ended);
      resolve(message);
    });
  });
}

async function stopChild(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(timer);
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
