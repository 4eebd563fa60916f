import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFits } from '#libs/fits';
import {
  buildCalibrations,
  buildTemplates,
  ingestFrame,
  processDetector,
  processingEnvironment,
  REFERENCE_CATALOGS,
} from '#libs/processing';
import { TableStorage } from '#libs/productions';
import { runQueueBench } from '#libs/queue';
import { readSurvey } from '../demo/survey-driver.js';
import { createReporter, type Reporter } from '../reporter.js';
import { ROOT } from '../root.js';
import { simulateSurvey } from '../simulate.js';
import { connect, startStack } from '../stack.js';

interface BenchRow {
  readonly bench: string;
  readonly value: number;
  readonly unit: string;
  /** against what, in the same run */
  readonly ratio?: number;
  readonly against?: string;
  /** what the ratio should be, and whether it was */
  readonly goal?: string;
}

const SECTIONS = ['queue', 'stages', 'foundations', 'filters'] as const;
const DEFAULT_SECTIONS = ['queue', 'stages'];

/** `almagest bench`: ratios taken in one run on this machine; a table, and JSON in .almagest/bench/. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(
      'measure: jobs per second against bare BullMQ, seconds per stage and megapixel; figures of one run only compare with each other',
    )
    .argument('[sections...]', `which: ${SECTIONS.join(', ')}`, DEFAULT_SECTIONS)
    .option('--only <text>', 'foundations, filters: only the lines that contain this text')
    .option('--json', 'print one summary object on stdout')
    .action(async (sections: string[], options: { json?: boolean; only?: string }, command: Command) => {
      const unknown = sections.find((name) => !(SECTIONS as readonly string[]).includes(name));
      if (unknown) command.error(`error: there is no bench '${unknown}'; there are ${SECTIONS.join(', ')}`);
      const reporter = createReporter(options.json ?? false);
      const folder = mkdtempSync(join(tmpdir(), 'almagest-bench-'));
      const rows: BenchRow[] = [];
      try {
        for (const section of sections.filter((name) => !DEFAULT_SECTIONS.includes(name)))
          rows.push(...(await comparisons(section, options.only, reporter)));
        const withServices = sections.some((name) => DEFAULT_SECTIONS.includes(name));
        const stack =
          withServices &&
          (await startStack({
            dataDir: folder,
            processes: [],
            onStep: (text) => reporter.line(`${text} ...`),
          }));
        if (stack)
          try {
            if (sections.includes('queue'))
              rows.push(...(await queueBench(stack.config.queueUrl, stack.config.profile)));
            if (sections.includes('stages')) rows.push(...(await stageBench(folder, stack, reporter)));
          } finally {
            await stack.stop();
          }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      const facts = { command: 'bench', node: process.version, rows };
      const out = join(ROOT, '.almagest/bench');
      mkdirSync(out, { recursive: true });
      writeFileSync(join(out, 'bench.json'), `${JSON.stringify(facts, undefined, 1)}\n`);
      reporter.summary(facts, () =>
        rows
          .map(
            ({ bench, value, unit, ratio, against, goal }) =>
              `${bench.padEnd(34)} ${value.toFixed(3).padStart(12)} ${unit.padEnd(10)}${ratio === undefined ? '' : ` ${ratio.toFixed(2)} x ${against}${goal ? `  (goal ${goal})` : ''}`}`,
          )
          .join('\n'),
      );
    });
}

/** Libraries beside other programs, in a process of its own: nothing else may disturb the figures. */
async function comparisons(section: string, only: string | undefined, reporter: Reporter): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  const args = ['--no-warnings', join(ROOT, 'dist/test/bench/main.js'), section, ...(only ? [only] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    const row = JSON.parse(line) as ComparisonRow;
    reporter.line(
      `${row.verdict.padEnd(8)}${row.room}: ${row.bench}: ${row.ratio === null ? row.note : `${row.ratio.toFixed(2)} (goal ${row.goal} ${row.against})`}`,
    );
    rows.push({
      bench: `${row.room}: ${row.bench}`,
      value: row.oursMs ?? NaN,
      unit: 'ms',
      ...(row.ratio !== null && { ratio: row.ratio }),
      against: row.against,
      goal: `${row.goal}: ${row.verdict}${row.note && `; ${row.note}`}`,
    });
  }
  const [code] = (await ended) as [number | null];
  if (code !== 0) throw new Error(`the bench ended with code ${code}`);
  return rows;
}

interface ComparisonRow {
  readonly room: string;
  readonly bench: string;
  readonly against: string;
  readonly oursMs: number | null;
  readonly ratio: number | null;
  readonly goal: string;
  readonly verdict: string;
  readonly note: string;
}

async function queueBench(queueUrl: string, profile: string): Promise<BenchRow[]> {
  const figures = await runQueueBench({ queueUrl });
  const row = (what: string, value: number, bare: number): BenchRow => ({
    bench: `queue (${profile}): ${what}`,
    value,
    unit: 'jobs/s',
    ratio: value / bare,
    against: 'bare BullMQ',
  });
  return [
    row('add', figures.addPerSecond, figures.bareAddPerSecond),
    row('add in bulk', figures.addBulkPerSecond, figures.bareAddBulkPerSecond),
    row('process', figures.processPerSecond, figures.bareProcessPerSecond),
  ];
}

/** One visit of one 1024 x 1024 detector through alert production; each stage beside decoding the same raw frames. */
async function stageBench(
  folder: string,
  stack: Awaited<ReturnType<typeof startStack>>,
  reporter: Reporter,
): Promise<BenchRow[]> {
  const surveyFolder = join(folder, 'survey');
  await simulateSurvey(
    { seed: 1, bands: ['r'], detectors: 1, nights: 1, visitsPerNight: 2 },
    surveyFolder,
    (done, total) => reporter.progress('simulating', done, total),
  );
  const survey = await readSurvey(surveyFolder);
  const dataSource = await connect(stack.config);
  const environment = processingEnvironment(dataSource, {
    dataDir: folder,
    cores: 1,
    log: { debug: () => {}, info: () => {}, warn: () => {} },
  });
  try {
    const catalog = await (await openFits(join(surveyFolder, survey.referenceCatalog))).hdu(1).readTable();
    const { name: storageClass, extension, mediaType } = TableStorage;
    await environment.store.put(
      { datasetType: 'refcat', dataId: {}, run: REFERENCE_CATALOGS, storageClass, extension, mediaType },
      await TableStorage.encode(catalog),
    );
    const ingest = async (files: readonly string[]): Promise<void> => {
      for (const file of files)
        await ingestFrame(dataSource, environment.storage, await readFile(join(surveyFolder, file)), 'raw');
    };
    for (const { files } of survey.calibrations) await ingest(files);
    await buildCalibrations(environment, survey.instrument, 'bench');
    const work = (visit: string) =>
      processDetector(environment, { instrument: survey.instrument, visit, detector: survey.detectors[0]! });
    const template = survey.visits.filter(({ purpose }) => purpose === 'template');
    for (const { visit, files } of template) {
      await ingest(files);
      await work(visit);
    }
    await buildTemplates(
      environment,
      survey.instrument,
      template.map(({ visit }) => visit),
      'bench',
    );
    const science = survey.visits.filter(({ purpose }) => purpose === 'science');
    const megapixels = (survey.detectorSize * survey.detectorSize) / 1e6;
    let decoding = 0;
    const sums = new Map<string, number>();
    for (const [k, { visit, files }] of science.entries()) {
      await ingest(files);
      const started = performance.now();
      for (const file of files) {
        const fits = await openFits(join(surveyFolder, file));
        for (const hdu of fits.hdus) if (hdu.kind === 'image' && hdu.header.get('NAXIS') === 2) await hdu.readImage();
        await fits.close();
      }
      decoding += (performance.now() - started) / 1000;
      const outcome = await work(visit);
      // the first visit warms the thread up
      if (k > 0 || science.length === 1)
        for (const [stage, seconds] of Object.entries(outcome.seconds))
          sums.set(stage, (sums.get(stage) ?? 0) + seconds);
      reporter.progress('processing', k + 1, science.length);
    }
    const measured = Math.max(1, science.length - 1);
    const reading = decoding / science.length / megapixels;
    return [
      { bench: 'decode raw frames of the visit', value: reading, unit: 's/Mpx' },
      ...[...sums].map(([stage, total]): BenchRow => {
        const value = total / measured / megapixels;
        return {
          bench: `stage: ${stage}`,
          value,
          unit: 's/Mpx',
          ratio: value / reading,
          against: 'decoding the raw frames',
        };
      }),
    ];
  } finally {
    await environment.close();
    await dataSource.destroy();
  }
}
