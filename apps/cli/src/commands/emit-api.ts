import { Command } from 'commander';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError, ExitCode } from '../exit-codes.js';
import { createReporter } from '../reporter.js';
import { ROOT } from '../root.js';

const FILES = ['openapi.json', 'schema.graphql'] as const;

/** `almagest emit-api`: writes openapi/openapi.json and openapi/schema.graphql, or checks that they are those of the code. */
export function emitApiCommand(): Command {
  return new Command('emit-api')
    .description('write openapi/openapi.json and openapi/schema.graphql from the code')
    .option('--check', 'write nothing; fail when a committed file differs')
    .option('--json', 'print one summary object on stdout')
    .action((options: { check?: boolean; json?: boolean }) => {
      const target = options.check ? mkdtempSync(join(tmpdir(), 'almagest-api-')) : join(ROOT, 'openapi');
      try {
        const result = spawnSync(
          process.execPath,
          ['--no-warnings', join(ROOT, 'dist/apps/api/src/emit-api.js'), target],
          { cwd: ROOT, encoding: 'utf8' },
        );
        if (result.status !== 0)
          throw new CommandError(
            'EMIT_FAILED',
            `the API could not describe itself: ${result.stderr}`,
            ExitCode.internal,
          );
        const stale = options.check
          ? FILES.filter(
              (name) =>
                !existsSync(join(ROOT, 'openapi', name)) ||
                readFileSync(join(ROOT, 'openapi', name), 'utf8') !== readFileSync(join(target, name), 'utf8'),
            )
          : [];
        if (stale.length)
          throw new CommandError(
            'STALE',
            `openapi/${stale.join(' and openapi/')} not of this code; run ./almagest emit-api and commit`,
          );
        createReporter(options.json ?? false).summary({ command: 'emit-api', fresh: true, files: FILES }, () =>
          options.check ? 'openapi/: fresh' : `wrote openapi/${FILES.join(', openapi/')}`,
        );
      } finally {
        if (options.check) rmSync(target, { recursive: true, force: true });
      }
    });
}
