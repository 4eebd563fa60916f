// `almagest run` for the pipelines that build on each other: master calibrations, templates, alert production.

import { TaskFailure } from '#libs/pipeline';
import {
  buildCalibrations,
  buildTemplates,
  type DetectorOutcome,
  failuresOf,
  type KnownFrame,
  knownFrames,
  oneInstrument,
  processDetector,
  visitsOf,
} from '#libs/processing';
import { CommandError, ExitCode } from './exit-codes.js';
import type { Reporter } from './reporter.js';
import { failureLine, type RunOptions, selectionOf } from './run-options.js';
import type { Services } from './services.js';

export const SURVEY_PIPELINES = ['calibration', 'templates', 'alert-production'] as const;
export type SurveyPipeline = (typeof SURVEY_PIPELINES)[number];

export async function runSurveyPipeline(
  services: Services,
  pipeline: SurveyPipeline,
  options: RunOptions,
  reporter: Reporter,
): Promise<void> {
  if (options.config || options.out)
    throw new CommandError(
      'NOT_FOR_THIS_PIPELINE',
      `--config and --out are for assemble, single-frame, stack and difference: the catalog that ${pipeline} feeds has one set of settings`,
      ExitCode.usage,
    );
  const frames = await knownFrames(services.environment.dataSource, 'raw', selectionOf(options));
  const instrument = options.instrument ?? oneInstrument(frames, 'raw');
  const label = options.run ?? 'v1';
  if (pipeline === 'alert-production') return alertProduction(services, instrument, frames, reporter);
  const started = performance.now();
  const { run, report } =
    pipeline === 'calibration'
      ? await buildCalibrations(services.environment, instrument, label, services.signal)
      : await buildTemplates(services.environment, instrument, visitsOf(frames), label, services.signal);
  const failures = failuresOf(report);
  for (const failure of failures) reporter.line(failureLine(failure));
  const seconds = (performance.now() - started) / 1000;
  const made = report.stored.length;
  reporter.summary(
    { command: 'run', pipeline, run, instrument, stored: made, counts: report.counts, failures, seconds },
    () =>
      `${pipeline} of ${instrument}: ${made} datasets stored in ${run}, ${failures.length} failures, ${seconds.toFixed(1)} s`,
  );
  const there = made > 0 || report.counts.skipped > 0;
  process.exitCode = failures.length === 0 ? ExitCode.ok : there ? ExitCode.failed : ExitCode.badInput;
}

interface DetectorResult {
  readonly visit: string;
  readonly detector: number;
  readonly outcome?: Pick<DetectorOutcome, 'sources' | 'diaSources' | 'alerts' | 'newDiaObjects' | 'withoutDifference'>;
  readonly failure?: { readonly kind: string; readonly code: string; readonly reason: string };
}

async function alertProduction(
  { environment, signal }: Services,
  instrument: string,
  frames: readonly KnownFrame[],
  reporter: Reporter,
): Promise<void> {
  const started = performance.now();
  const results: DetectorResult[] = [];
  // in the order of observation: each visit is associated with what the earlier ones left
  for (const { visit, detector } of frames) {
    if (signal.aborted) break;
    const where = `visit ${visit}, detector ${detector}`;
    try {
      const { sources, diaSources, alerts, newDiaObjects, withoutDifference } = await processDetector(
        environment,
        { instrument, visit, detector },
        signal,
        (_fraction, task) => reporter.progress('alert-production', results.length, frames.length, `${where} ${task}`),
      );
      results.push({
        visit,
        detector,
        outcome: { sources, diaSources, alerts, newDiaObjects, ...(withoutDifference && { withoutDifference }) },
      });
      reporter.line(
        `done      ${where}: ${sources} sources, ${withoutDifference ? `no difference (${withoutDifference})` : `${diaSources} DIASources, ${alerts} alerts, ${newDiaObjects} new DIAObjects`}`,
      );
    } catch (error) {
      if (!(error instanceof TaskFailure)) throw error;
      const failure = { kind: error.kind, code: error.code, reason: error.message };
      results.push({ visit, detector, failure });
      reporter.line(`failed    ${where}: ${failure.reason} [${failure.kind}, ${failure.code}]`);
    }
  }
  const done = results.filter(({ outcome }) => outcome);
  const sum = (field: 'sources' | 'diaSources' | 'alerts'): number =>
    done.reduce((total, { outcome }) => total + outcome![field], 0);
  const seconds = (performance.now() - started) / 1000;
  const failed = results.length - done.length;
  const undiffered = done.filter(({ outcome }) => outcome!.withoutDifference).length;
  if (undiffered > 0)
    reporter.line(
      `${undiffered} detectors were calibrated but not differenced; 'almagest run templates' makes templates of calibrated visits`,
    );
  reporter.summary(
    {
      command: 'run',
      pipeline: 'alert-production',
      instrument,
      detectors: results,
      done: done.length,
      failed,
      sources: sum('sources'),
      diaSources: sum('diaSources'),
      alerts: sum('alerts'),
      seconds,
    },
    () =>
      `alert-production of ${instrument}: ${done.length} detectors done, ${failed} failed; ${sum('sources')} sources, ${sum('diaSources')} DIASources, ${sum('alerts')} alerts, ${seconds.toFixed(1)} s`,
  );
  process.exitCode =
    failed === 0 && done.length > 0 ? ExitCode.ok : done.length > 0 ? ExitCode.failed : ExitCode.badInput;
}
