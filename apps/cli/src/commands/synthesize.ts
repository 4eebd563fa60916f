import { Command, InvalidArgumentError, Option } from 'commander';
import { resolve } from 'node:path';
import { synthesizeCatalog } from '#libs/catalog';
import { SYNTHETIC_SETS, type SyntheticSet } from '#libs/simulation';
import { createReporter } from '../reporter.js';
import { withDatabase } from '../services.js';
import { wholeNumber } from './simulate.js';

/** `1e6`, `250000`: a whole number however it is written. */
function rowCount(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 100)
    throw new InvalidArgumentError('expected a number of rows of at least 100, such as 1e6.');
  return value;
}

/** `almagest synthesize`: a catalog without images, of any size, for trying out queries and measuring them. */
export function synthesizeCommand(): Command {
  return new Command('synthesize')
    .description(
      'fill the catalog with synthetic rows: visits, objects, sources, light curves, asteroids over the whole sky (uses DATABASE_URL or the embedded database)',
    )
    .requiredOption('--rows <number>', 'rows in all tables together, about; such as 1e6', rowCount)
    .option('--seed <number>', 'everything follows from it; another seed adds other rows', wholeNumber(0), 1)
    .addOption(
      new Option('--only <table>', 'give all rows to one table and what it hangs on').choices(
        SYNTHETIC_SETS.filter((set) => set !== 'all'),
      ),
    )
    .option('--data-dir <folder>', 'where everything lives', '.almagest/data')
    .option('--json', 'one summary object on stdout')
    .action(async (options: { rows: number; seed: number; only?: SyntheticSet; dataDir: string; json?: boolean }) => {
      const reporter = createReporter(options.json ?? false);
      const started = performance.now();
      await withDatabase(resolve(options.dataDir), reporter, async (_dataSource, config) => {
        const tables = await synthesizeCatalog(config, {
          rows: options.rows,
          seed: options.seed,
          ...(options.only && { set: options.only }),
          onProgress: (rows, table) => reporter.progress('rows', rows, options.rows, table),
        });
        const seconds = (performance.now() - started) / 1000;
        const rows = tables.reduce((sum, table) => sum + table.rows, 0);
        for (const table of tables)
          reporter.line(
            `${table.table.padEnd(30)} ${String(table.rows).padStart(10)} rows ${Math.round(table.rows / table.seconds)
              .toString()
              .padStart(8)} rows/s`,
          );
        reporter.summary(
          {
            command: 'synthesize',
            seed: options.seed,
            profile: config.profile,
            rows,
            seconds,
            rowsPerSecond: rows / seconds,
            tables,
          },
          () => `${rows} rows in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} rows/s (${config.profile})`,
        );
      });
    });
}
