import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { Command } from 'commander';
import { ExitCode } from '../exit-codes.js';
import { ROOT } from '../root.js';

/** `almagest accuracy`: what we compute beside published values and other programs; a table, and JSON in .almagest/accuracy/. */
export function accuracyCommand(): Command {
  return new Command('accuracy')
    .description(
      'hold results against truth that is not ours (ERFA, healpy, astropy, fitsverify, stored data of ALMAGEST_TEST_DATA); exits 1 when a case fails',
    )
    .argument('<suites...>', 'which: foundations')
    .option('--only <text>', 'only the cases whose line contains this text')
    .option('--json', 'print one summary object on stdout')
    .action(async (suites: string[], options: { json?: boolean; only?: string }) => {
      const args = [
        ...suites,
        '--out',
        join(ROOT, '.almagest/accuracy'),
        ...(options.json ? ['--json'] : []),
        ...(options.only ? ['--only', options.only] : []),
      ];
      const main = join(ROOT, 'dist/test/accuracy/main.js');
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
