import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import { ExitCode } from '../exit-codes.js';
import { ROOT } from '../root.js';

/** `almagest fuzz`: readers on damaged inputs; a line per target, JSON and the inputs that were too much in .almagest/fuzz/. */
export function fuzzCommand(): Command {
  return new Command('fuzz')
    .description(
      'feed damaged inputs to the readers (seeded); exits 1 on a crash, a hang of over a second or more than 512 MiB of memory',
    )
    .argument('[targets...]', 'which readers; all unless given')
    .option('--count <n>', 'inputs for each target', '2000')
    .option('--seed <n>', 'of the damage: the same inputs for the same seed', '1')
    .option('--from <n>', 'number of the first input, to make one of a run again', '0')
    .option('--json', 'print one summary object on stdout')
    .action(async (targets: string[], options: { count: string; seed: string; from: string; json?: boolean }) => {
      const args = [
        ...targets,
        '--count',
        options.count,
        '--seed',
        options.seed,
        '--from',
        options.from,
        '--out',
        join(ROOT, '.almagest/fuzz'),
        ...(options.json ? ['--json'] : []),
      ];
      const main = join(ROOT, 'dist/test/fuzz/main.js');
      const child = spawn(process.execPath, ['--enable-source-maps', '--no-warnings', main, ...args], {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, TZ: 'UTC' },
      });
      process.exitCode = await new Promise<number>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code) => resolve(code ?? ExitCode.internal));
      });
    });
}
