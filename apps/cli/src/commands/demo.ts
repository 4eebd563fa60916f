import { Command } from 'commander';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AccountService } from '#libs/accounts';
import { FilterService } from '#libs/filters';
import { JobService } from '#libs/jobs';
import { JOB_KINDS } from '#libs/processing';
import { Queues } from '#libs/queue';
import { countCatalog, failedJobs, goalsOf, scoreSurvey, stageTimes } from '../demo/summary.js';
import { driveSurvey } from '../demo/survey-driver.js';
import { CommandError, ExitCode } from '../exit-codes.js';
import { createReporter, type Reporter } from '../reporter.js';
import { simulateSurvey } from '../simulate.js';
import { connect, type Stack, startStack } from '../stack.js';
import { wholeNumber } from './simulate.js';
import { untilInterrupted } from './up.js';

const FILTER_NAME = 'bright-changes';
const FILTER_TEXT = `SELECT diaSourceId, ra, dec, band, mag(psfFlux) AS magnitude, snr, reliability, nDiaSources
WHERE reliability > 0.5 AND snr > 10 AND NOT isNegative AND ssObjectId IS NULL
ORDER BY snr DESC
LIMIT 20 PER VISIT`;
const MARKER = 'this folder was made by almagest demo';

interface DemoOptions {
  readonly seed: number;
  readonly once?: boolean;
  readonly dataDir: string;
  readonly port: number;
  readonly size?: number;
  readonly nights?: number;
  readonly visitsPerNight?: number;
  readonly json?: boolean;
}

/** `almagest demo`: a simulated survey from raw frames to a user's filter, scored against the truth; then API and portal stay up. */
export function demoCommand(): Command {
  return new Command('demo')
    .description(
      'simulate a survey, process it from raw frames to alerts that a filter catches, score it; leave API and portal running',
    )
    .option('--seed <number>', 'everything random follows from it', wholeNumber(0), 1)
    .option('--once', 'stop when done instead of leaving API and portal running')
    .option('--data-dir <folder>', 'where to work (emptied first)', '.almagest/demo')
    .option('--port <number>', 'port of API and portal (0: any free one)', wholeNumber(0), 0)
    .option('--size <pixels>', 'side of a detector', wholeNumber(256))
    .option('--nights <number>', 'nights of science visits', wholeNumber(1))
    .option('--visits-per-night <number>', 'per night and band', wholeNumber(1))
    .option('--json', 'print one summary object on stdout')
    .action(async (options: DemoOptions) => {
      const reporter = createReporter(options.json ?? false);
      const dataDir = prepareFolder(resolve(options.dataDir));
      const started = performance.now();
      const survey = join(dataDir, 'survey');
      const { seed, size, nights, visitsPerNight } = options;
      const simulated = await simulateSurvey(
        {
          seed,
          ...(size && { detectorSize: size }),
          ...(nights && { nights }),
          ...(visitsPerNight && { visitsPerNight }),
        },
        survey,
        (done, total) => reporter.progress('simulating raw frames', done, total),
      );
      const stack = await startStack({
        dataDir,
        ...(options.port > 0 && { port: options.port }),
        processes: ['api', 'alert-production', 'alert-filters', 'level3'],
        onStep: (text) => reporter.line(`${text} ...`),
      });
      // an interruption before the end must leave no process behind
      const interrupt = (): void => void stack.stop().then(() => process.exit(ExitCode.interrupted));
      process.once('SIGINT', interrupt);
      process.once('SIGTERM', interrupt);
      try {
        const ok = await run(stack, survey, options, reporter, started, simulated.seconds);
        process.exitCode = ok ? ExitCode.ok : ExitCode.failed;
        if (!options.once) {
          reporter.line('Ctrl-C stops everything.');
          process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
          await untilInterrupted();
        }
      } finally {
        process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
        await stack.stop();
      }
    });
}

/** Empties the working folder, if it is one of ours. */
function prepareFolder(folder: string): string {
  if (existsSync(folder)) {
    if (!existsSync(join(folder, 'DEMO')))
      throw new CommandError(
        'FOLDER_NOT_OURS',
        `${folder} exists and was not made by almagest demo; give another --data-dir`,
        ExitCode.usage,
      );
    rmSync(folder, { recursive: true });
  }
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'DEMO'), `${MARKER}\n`);
  return folder;
}

async function run(
  stack: Stack,
  survey: string,
  options: DemoOptions,
  reporter: Reporter,
  started: number,
  simulation: number,
): Promise<boolean> {
  const dataSource = await connect(stack.config);
  const queues = new Queues({ queueUrl: stack.config.queueUrl });
  try {
    const accounts = new AccountService(dataSource);
    const user = await accounts.createUser('demo', 'operator');
    const { token } = await accounts.issueToken(user.id, 'demo', ['read', 'filters', 'jobs', 'ingest', 'operate']);
    await new FilterService(dataSource).register(
      user.id,
      FILTER_NAME,
      FILTER_TEXT,
      'Brightened, trustworthy, not a known Solar System object.',
    );
    const jobs = new JobService(dataSource, queues, JOB_KINDS);
    const result = await driveSurvey({ folder: survey, dataDir: stack.config.dataDir, dataSource, jobs, reporter });
    const counts = await countCatalog(dataSource);
    const times = await stageTimes(dataSource);
    const score = await scoreSurvey(dataSource, survey, result.survey);
    const goals = goalsOf(score);
    const failed = failedJobs(result);
    const ok =
      goals.every(({ met }) => met) &&
      failed.length === 0 &&
      counts.completeVisits === counts.visits &&
      counts.filterMatches > 0;
    const seconds = (performance.now() - started) / 1000;
    const rounded = (values: Readonly<Record<string, number>>): Record<string, number> =>
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value.toFixed(2))]));
    const urls = { portal: `${stack.url}/`, graphql: `${stack.url}/graphql`, rest: `${stack.url}/api/docs` };
    reporter.summary(
      {
        command: 'demo',
        ok,
        seed: options.seed,
        ...counts,
        score,
        goals,
        secondsPerVisit: times.perVisit,
        secondsPerStage: rounded(times.perDetector),
        seconds: rounded({ simulation, ...result.seconds, total: seconds }),
        ...(!options.once && { urls, token }),
      },
      () =>
        [
          '',
          `${counts.frames} frames, ${counts.visits} visits (${counts.completeVisits} complete), ${counts.sources} sources`,
          `${counts.diaSources} diaSources, ${counts.diaObjects} diaObjects, ${counts.ssObjectDetections} detections of known Solar System objects`,
          `${counts.alerts} alerts, ${counts.filterMatches} filterMatches of '${FILTER_NAME}'`,
          `${times.perVisit.toFixed(1)} s per visit; per detector: ${Object.entries(times.perDetector)
            .map(([stage, value]) => `${stage} ${value.toFixed(2)}`)
            .join(', ')}`,
          ...goals.map(({ name, text, met }) => `${met ? 'ok    ' : 'MISSED'} ${name}: ${text}`),
          `       ${score.expected} changes expected; all of them, masks and edges included: ${(100 * score.completeness).toFixed(1)} %; measured over true flux ${score.fluxRatio.toFixed(3)}`,
          `${seconds.toFixed(0)} s in all (simulation ${simulation.toFixed(0)}, ${Object.entries(result.seconds)
            .map(([name, value]) => `${name} ${value.toFixed(0)}`)
            .join(', ')})`,
          ...(options.once
            ? []
            : [
                '',
                `portal   ${urls.portal}`,
                `GraphQL  ${urls.graphql}`,
                `REST     ${urls.rest}`,
                `token    ${token}`,
              ]),
        ].join('\n'),
    );
    return ok;
  } finally {
    await queues.close();
    await dataSource.destroy();
  }
}
