// What a comparison may lean on: the folder of real data, other programs, Python's libraries. Whatever is absent is reported, never guessed.
import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `data`: the folder named by ALMAGEST_TEST_DATA; `python:erfa`: an importable module; `command:stilts`: a program on the
 * PATH; `header:fitsio.h`: a C library's header, and a compiler.
 */
export type Need = 'data' | `python:${string}` | `command:${string}` | `header:${string}`;

export class Surroundings {
  readonly #known = new Map<Need, boolean>();
  readonly #scratch = mkdtempSync(join(tmpdir(), 'almagest-accuracy-'));

  has(need: Need): boolean {
    let known = this.#known.get(need);
    if (known === undefined) this.#known.set(need, (known = isHere(need)));
    return known;
  }

  /** A path below the folder of real data; only for what declares the need `data`. */
  data(...parts: string[]): string {
    const folder = process.env['ALMAGEST_TEST_DATA'];
    if (!folder) throw new Error('ALMAGEST_TEST_DATA is not set');
    return join(folder, ...parts);
  }

  /** A path in a folder of this run, removed at its end. */
  scratch(...parts: string[]): string {
    return join(this.#scratch, ...parts);
  }

  /** What a program prints on stdout; a failing one throws with the end of what it said on stderr. */
  run(command: string, args: readonly string[], input?: string | Uint8Array): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const options = { encoding: 'buffer', maxBuffer: 2 ** 30, env: { ...process.env, TZ: 'UTC' } } as const;
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        if (error) reject(new Error(`${command}: ${stderr.toString().slice(-2000) || error.message}`));
        else resolve(stdout);
      });
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }

  /** The interpreter for a conversation with a Python of one's own. */
  get pythonCommand(): string {
    return pythonOf();
  }

  /** A Python script given as text; `input` becomes its standard input, `args` its arguments. */
  python(script: string, input?: string | Uint8Array, args: readonly string[] = []): Promise<Buffer> {
    return this.run(pythonOf(), ['-c', script, ...args], input);
  }

  /** A Python script in a file with its arguments. */
  pythonFile(path: string, args: readonly string[]): Promise<Buffer> {
    return this.run(pythonOf(), [path, ...args]);
  }

  dispose(): void {
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

function isHere(need: Need): boolean {
  if (need === 'data') {
    const folder = process.env['ALMAGEST_TEST_DATA'];
    return folder !== undefined && folder !== '' && existsSync(folder);
  }
  const [kind, name] = need.split(':') as [string, string];
  const probe =
    kind === 'header'
      ? spawnSync('cc', ['-E', '-'], { input: `#include <${name}>\n` })
      : kind === 'python'
        ? spawnSync(pythonOf(), ['-c', `import ${name}`])
        : spawnSync('sh', ['-c', 'command -v "$0"', name]);
  return probe.status === 0;
}

let python: string | undefined;

/** The first Python that has what astronomers use: the system's, with Debian's packages, may stand behind another on the PATH. */
function pythonOf(): string {
  const isRight = (command: string): boolean => spawnSync(command, ['-c', 'import numpy, astropy, erfa']).status === 0;
  return (python ??= ['python3', '/usr/bin/python3'].find(isRight) ?? 'python3');
}
