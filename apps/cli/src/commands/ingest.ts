import { Command, Option } from 'commander';
import { relative, resolve } from 'node:path';
import {
  type FileOutcome,
  importOrbitFile,
  importReferenceCatalog,
  ingestFile,
  ReferenceDataError,
  type Stage,
} from '#libs/processing';
import { CommandError, ExitCode } from '../exit-codes.js';
import { findFrameFiles } from '../ingest-files.js';
import { createReporter, type Reporter } from '../reporter.js';
import { type Services, withServices } from '../services.js';

interface IngestOptions {
  readonly stage: Stage;
  readonly dataDir: string;
  readonly refcat?: string;
  readonly orbits?: string;
  readonly json?: boolean;
}

/** `almagest ingest <files or folders...>`: frames of a telescope, a reference catalog, orbits. */
export function ingestCommand(): Command {
  return new Command('ingest')
    .description(
      'take frames in (FITS, also .gz and .fz); what cannot be used is reported per file and the rest goes on',
    )
    .argument('[paths...]', 'files, or folders that are searched for FITS files')
    .addOption(new Option('--stage <stage>', 'what the frames are').choices(['raw', 'calibrated']).default('raw'))
    .option(
      '--data-dir <folder>',
      'where files and database live',
      process.env['ALMAGEST_DATA_DIR'] ?? '.almagest/data',
    )
    .option('--refcat <file>', 'FITS table of reference stars: ra, dec, mag_<band>, pmRa, pmDec, epoch')
    .option('--orbits <file>', 'JSON list of orbits with the column names of the Minor Planet Center')
    .option('--json', 'print one summary object on stdout')
    .addHelpText(
      'after',
      `
A frame is acknowledged when its bytes and its registration are durable; the same file again changes nothing.
Exit code: 0 all were taken in, 1 some were refused, 65 none could be used.`,
    )
    .action(async (paths: string[], options: IngestOptions) => {
      if (paths.length === 0 && !options.refcat && !options.orbits)
        throw new CommandError('NOTHING_GIVEN', 'name files or folders, or --refcat or --orbits', ExitCode.usage);
      const reporter = createReporter(options.json ?? false);
      const aside = [options.refcat, options.orbits].filter((path) => path !== undefined);
      const { files, passedOver, missing } = await findFrameFiles(paths, aside);
      const outcomes: FileOutcome[] = missing.map((file) => ({
        status: 'refused',
        file,
        code: 'NO_SUCH_FILE',
        reason: 'there is no such file or folder',
      }));
      for (const outcome of outcomes) reporter.line(lineOf(outcome));
      const reference = await withServices(resolve(options.dataDir), reporter, async (services) => {
        const imported = await importReferences(services, options, reporter);
        for (const file of files) {
          if (services.signal.aborted) break;
          const outcome = await ingestFile(services.environment, file, options.stage);
          outcomes.push(outcome);
          reporter.line(lineOf(outcome));
        }
        return imported;
      });
      report(reporter, outcomes, reference, passedOver);
    });
}

interface ImportedReferences {
  readonly referenceStars?: number;
  readonly orbits?: number;
  readonly failed: readonly { readonly code: string; readonly reason: string }[];
}

async function importReferences(
  { environment }: Services,
  { refcat, orbits }: IngestOptions,
  reporter: Reporter,
): Promise<ImportedReferences> {
  const failed: { code: string; reason: string }[] = [];
  const attempt = async <T>(file: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      const code = (error as { code?: unknown }).code;
      if (!(error instanceof ReferenceDataError) && typeof code !== 'string') throw error;
      failed.push({ code: String(code), reason: (error as Error).message });
      reporter.line(`refused   ${file}: ${(error as Error).message} [${String(code)}]`);
      return undefined;
    }
  };
  const catalog = refcat && (await attempt(refcat, () => importReferenceCatalog(environment, refcat)));
  if (catalog)
    reporter.line(
      `${catalog.known ? 'known    ' : 'ingested '} ${refcat}: ${catalog.rows} reference stars with magnitudes in ${catalog.bands.join(', ')}`,
    );
  const count = orbits && (await attempt(orbits, () => importOrbitFile(environment.dataSource, orbits)));
  if (count) reporter.line(`ingested  ${orbits}: ${count} orbits`);
  return { ...(catalog && { referenceStars: catalog.rows }), ...(count && { orbits: count }), failed };
}

const shown = (file: string): string => {
  const near = relative(process.cwd(), resolve(file));
  return near.startsWith('..') ? file : near;
};

function lineOf(outcome: FileOutcome): string {
  if (outcome.status === 'refused') return `refused   ${shown(outcome.file)}: ${outcome.reason} [${outcome.code}]`;
  const { status, file, instrument, visit, snap, detector, kind, band, exposureTime } = outcome;
  return `${status.padEnd(9)} ${shown(file)}: ${kind} of ${instrument}, visit ${visit}, snap ${snap}, detector ${detector}${band && `, ${band}`}, ${exposureTime} s`;
}

function report(
  reporter: Reporter,
  outcomes: readonly FileOutcome[],
  reference: ImportedReferences,
  passedOver: number,
): void {
  const count = (status: FileOutcome['status']): number => outcomes.filter((one) => one.status === status).length;
  const [ingested, known] = [count('ingested'), count('known')];
  const refused = outcomes.length - ingested - known + reference.failed.length;
  const { failed, ...imported } = reference;
  const worked = ingested + known + Object.keys(imported).length;
  reporter.summary(
    { command: 'ingest', ingested, known, refused, passedOver, ...imported, files: outcomes, failed },
    () =>
      `${ingested} taken in, ${known} known already, ${refused} refused${passedOver > 0 ? `, ${passedOver} other files passed over` : ''}`,
  );
  process.exitCode = refused === 0 && worked > 0 ? ExitCode.ok : worked > 0 ? ExitCode.failed : ExitCode.badInput;
}
