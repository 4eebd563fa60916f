import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ReadyLine } from './serve.js';

export interface LaunchedDatabase {
  readonly ready: ReadyLine & { readonly supervisorPid?: number };
  readonly process: ChildProcess;
  /** Exit code of the whole, once it has ended. */
  readonly exited: Promise<number | null>;
  /** The engine behind the gateway at this moment: it changes with every restart. */
  enginePid(): number;
  stop(): Promise<number | null>;
}

/** How to run main: the built file beside this one. Tests run the source through a loader instead. */
export const BUILT_COMMAND: readonly string[] = [fileURLToPath(new URL('./main.js', import.meta.url))];

/** Starts an embedded database as a process of its own and waits for its ready line. */
export async function launchEmbeddedDatabase(
  dataDir: string,
  args: readonly string[] = [],
  command: readonly string[] = BUILT_COMMAND,
): Promise<LaunchedDatabase> {
  const child = spawn(process.execPath, ['--no-warnings', ...command, '--data-dir', dataDir, '--port', '0', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaints = '';
  let enginePid = 0;
  child.stderr.setEncoding('utf8').on('data', (data: string) => {
    complaints = (complaints + data).slice(-10_000);
    for (const match of data.matchAll(/"message":"the engine is back".*?"pid":(\d+)/g)) enginePid = Number(match[1]);
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const ready = await new Promise<LaunchedDatabase['ready']>((resolve, reject) => {
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (data: string) => {
      output += data;
      if (output.includes('\n'))
        resolve(JSON.parse(output.slice(0, output.indexOf('\n'))) as LaunchedDatabase['ready']);
    });
    void exited.then((code) => reject(new Error(`the embedded database ended with code ${code}: ${complaints}`)));
  });
  enginePid ||= ready.pid;
  return {
    ready,
    process: child,
    exited,
    enginePid: () => enginePid,
    stop() {
      child.kill('SIGTERM');
      return exited;
    },
  };
}
