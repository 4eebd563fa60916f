// The built command as a user runs it: its summary object, its lines, its exit code.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../support/processes.js';

export interface Ran<T> {
  readonly exitCode: number;
  /** the object of --json */
  readonly summary: T;
  /** what was said on the way */
  readonly lines: string;
}

/** `almagest <args> --json`. Without a summary the test fails with what the command said. */
export function almagest<T = Record<string, unknown>>(args: readonly string[], dataDir: string): Promise<Ran<T>> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--no-warnings', join(ROOT, 'dist/apps/cli/src/main.js'), ...args, '--data-dir', dataDir, '--json'],
      { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    let lines = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (lines += text));
    child.once('error', reject);
    child.once('close', (code) => {
      const last = out.trim().split('\n').at(-1) ?? '';
      try {
        resolve({ exitCode: code ?? -1, summary: (last === '' ? {} : JSON.parse(last)) as T, lines });
      } catch (error) {
        reject(new Error(`no summary: ${out}\n${lines}`, { cause: error }));
      }
    });
  });
}
