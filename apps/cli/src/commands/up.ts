import { Command } from 'commander';
import { resolve } from 'node:path';
import { createReporter } from '../reporter.js';
import { startStack } from '../stack.js';

/** `almagest up`: database, API and workers until Ctrl-C. */
export function upCommand(): Command {
  return new Command('up')
    .description('start the database, the API with the portal, and the workers; stop them with Ctrl-C')
    .option(
      '--data-dir <folder>',
      'where files, database and logs live',
      process.env['ALMAGEST_DATA_DIR'] ?? '.almagest/data',
    )
    .option('--port <number>', 'port of the API and portal', '3000')
    .option('--json', 'print one object with the addresses on stdout when everything runs')
    .action(async (options: { dataDir: string; port: string; json?: boolean }) => {
      const reporter = createReporter(options.json ?? false);
      const stack = await startStack({
        dataDir: resolve(options.dataDir),
        port: Number(options.port),
        processes: ['api', 'alert-production', 'alert-filters', 'level3'],
        onStep: (text) => reporter.line(`${text} ...`),
      });
      const urls = { portal: `${stack.url}/`, graphql: `${stack.url}/graphql`, rest: `${stack.url}/api/docs` };
      reporter.summary({ command: 'up', ...urls }, () =>
        [`portal   ${urls.portal}`, `GraphQL  ${urls.graphql}`, `REST     ${urls.rest}`].join('\n'),
      );
      reporter.line('Ctrl-C stops everything.');
      await untilInterrupted();
      await stack.stop();
    });
}

export const untilInterrupted = (): Promise<void> =>
  new Promise((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
