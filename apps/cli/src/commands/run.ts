import { Argument, Command, InvalidArgumentError } from 'commander';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { TaskFailure } from '#libs/pipeline';
import { exportRun, FRAME_PIPELINES, type FramePipeline, type FrameSelection, processFrames } from '#libs/processing';
import { CommandError, ExitCode } from '../exit-codes.js';
import { createReporter, type Reporter } from '../reporter.js';
import { failureLine, type RunOptions, selectionOf } from '../run-options.js';
import { figureLines, figuresOf, leftOut } from '../run-figures.js';
import { runSurveyPipeline, SURVEY_PIPELINES, type SurveyPipeline } from '../run-survey.js';
import { type Services, withServices } from '../services.js';

const numbers = (text: string, before: number[] = []): number[] => {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('expected a whole number.');
  return [...before, value];
};
const visits = (text: string, before: string[] = []): string[] => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('a visit is a whole number.');
  return [...before, text];
};
const words = (text: string, before: string[] = []): string[] => [...before, text];
/** `label.config.field=value`; the value is read as YAML, so numbers, booleans and lists are what they look like. */
const setting = (text: string, before: Record<string, unknown> = {}): Record<string, unknown> => {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('expected <task>.config.<field>=<value>.');
  return { ...before, [text.slice(0, at)]: parseYaml(text.slice(at + 1)) as unknown };
};

/** `almagest run <pipeline>`: one of our pipelines over frames that were taken in. */
export function runCommand(): Command {
  return new Command('run')
    .description(
      'run a pipeline over ingested frames in worker threads; what fails is reported per frame and the rest goes on',
    )
    .addArgument(new Argument('<pipeline>', 'which pipeline').choices([...FRAME_PIPELINES, ...SURVEY_PIPELINES]))
    .option('--instrument <name>', 'only frames of this instrument (needed when there are several)')
    .option('--visit <number>', 'only this visit (may be repeated)', visits)
    .option('--day <yyyymmdd>', 'only this observing day (may be repeated)', numbers)
    .option('--detector <number>', 'only this detector (may be repeated)', numbers)
    .option('--band <name>', 'only this band (may be repeated)', words)
    .option('--template-visit <number>', 'difference: a visit of the template set (may be repeated)', visits)
    .option('--template-day <yyyymmdd>', 'difference: an observing day of the template set', numbers)
    .option('--science-visit <number>', 'difference: a visit of the science set (may be repeated)', visits)
    .option('--science-day <yyyymmdd>', 'difference: an observing day of the science set', numbers)
    .option('--config <label.config.field=value>', 'override a setting of a Task (may be repeated)', setting)
    .option('--run <name>', 'collection of the outputs; what it holds already is not made again')
    .option('--out <folder>', 'copy the outputs there as FITS and JSON files')
    .option(
      '--data-dir <folder>',
      'where files and database live',
      process.env['ALMAGEST_DATA_DIR'] ?? '.almagest/data',
    )
    .option('--json', 'print one summary object on stdout')
    .addHelpText(
      'after',
      `
Pipelines:
  assemble          raw amplifiers to one image per detector; sky per amplifier and steps across the seams
  single-frame      raw frames to background-subtracted exposures with PSF and sources (no calibrations or catalogs needed)
  stack             dithered raw frames aligned by their stars and stacked; noise and seeing of frames and stack
  difference        two sets of calibrated exposures, stacked, subtracted, searched; the two sets are given by visits or days,
                    else those before and after the longest pause between two visits
  calibration       master bias, dark and flat
  templates         templates of the sky from calibrated visits
  alert-production  raw visits to calibrated exposures, differences, association, catalog and alerts

Exit code: 0 everything was made, 1 something failed, 65 nothing could be made.`,
    )
    .action(async (pipeline: FramePipeline | SurveyPipeline, options: RunOptions) => {
      const reporter = createReporter(options.json ?? false);
      await withServices(resolve(options.dataDir), reporter, (services) =>
        (isFramePipeline(pipeline)
          ? runFrames(services, pipeline, options, reporter)
          : runSurveyPipeline(services, pipeline, options, reporter)
        ).catch((error: unknown) => {
          // a request that makes no sense is the user's to mend, not an error of ours
          const { name, code } = error as { name?: string; code?: string };
          if (error instanceof TaskFailure || (name === 'PipelineError' && code))
            throw new CommandError(String(code), (error as Error).message, ExitCode.badInput);
          throw error;
        }),
      );
    });
}

const isFramePipeline = (name: string): name is FramePipeline => (FRAME_PIPELINES as readonly string[]).includes(name);

const setOf = (visitList?: readonly string[], days?: readonly number[]): FrameSelection | undefined =>
  visitList || days ? { ...(visitList && { visits: visitList }), ...(days && { days }) } : undefined;

/** A name of its own for every run: the time it began. */
const freshRun = (pipeline: string): string =>
  `runs/${pipeline}/${new Date().toISOString().replace(/[-:]/g, '').replace(/\.\d+/, '')}-${process.pid}`;

async function runFrames(
  { environment, signal }: Services,
  pipeline: FramePipeline,
  options: RunOptions,
  reporter: Reporter,
): Promise<void> {
  const started = performance.now();
  const run = options.run ?? freshRun(pipeline);
  const template = setOf(options.templateVisit, options.templateDay);
  const science = setOf(options.scienceVisit, options.scienceDay);
  let total = 0;
  let done = 0;
  const result = await processFrames(environment, {
    pipeline,
    run,
    selection: selectionOf(options),
    ...(template && { template }),
    ...(science && { science }),
    ...(options.config && { overrides: options.config }),
    signal,
    onPlan: (quanta) => (total = quanta),
    onQuantum: ({ label, dataId, status, seconds }) =>
      reporter.progress(
        pipeline,
        ++done,
        total,
        `${label}${dataId.visit === undefined ? '' : ` visit ${dataId.visit}`} ${status} ${seconds.toFixed(1)} s`,
      ),
  });
  const figures = await figuresOf(environment, run);
  const { report, failures, instrument, sets } = result;
  for (const failure of failures) reporter.line(failureLine(failure));
  const rejected = leftOut(figures);
  for (const { visit, reason } of rejected) reporter.line(`left out  visit ${visit}: ${reason}`);
  for (const line of figureLines(figures, report.quanta)) reporter.line(line);
  const files = options.out ? await exportTo(environment, run, resolve(options.out)) : [];
  const made = report.stored.length;
  const existing = report.counts.skipped > 0;
  const seconds = (performance.now() - started) / 1000;
  reporter.summary(
    {
      command: 'run',
      pipeline,
      run,
      instrument,
      visits: result.visits,
      ...(sets && { sets }),
      outcome: report.outcome,
      counts: report.counts,
      stored: made,
      failures,
      leftOut: rejected,
      figures,
      files,
      seconds,
    },
    () =>
      `${pipeline} of ${result.visits.length} visits of ${instrument}: ${made} datasets stored in ${run}, ${failures.length + rejected.length} failures, ${seconds.toFixed(1)} s${files.length > 0 ? `; ${files.length} files in ${resolve(options.out!)}` : ''}`,
  );
  process.exitCode =
    failures.length + rejected.length === 0 ? ExitCode.ok : made > 0 || existing ? ExitCode.failed : ExitCode.badInput;
}

function exportTo(environment: Services['environment'], run: string, folder: string): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true });
  return exportRun(environment, run, folder);
}
