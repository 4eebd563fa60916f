import { type JobHandler, JobError } from '#libs/jobs';
import { TaskFailure, type TaskLog } from '#libs/pipeline';
import type { Json } from '#libs/queue';
import { executeSubmission, type Level3Environment } from './execute-submission.js';
import { Level3Error } from './level3-error.js';
import type { Level3Report } from './level3-report.js';
import type { Level3Service } from './level3-service.js';

const PROGRESS_MS = 300;

/** Runs `level3` jobs. What succeeded stays in the user's run whatever else failed; the report is kept with the submission. */
export const level3Handler =
  (service: Level3Service, environment: Level3Environment, log?: TaskLog): JobHandler =>
  async ({ job, signal, progress }) => {
    let told = 0;
    const tell = (fraction: number, message: string): void => {
      const now = Date.now();
      if (fraction < 1 && now - told < PROGRESS_MS) return;
      told = now;
      void progress(fraction, message.slice(0, 500)).catch(() => undefined);
    };
    const { checked, run } = await service.toExecute(job.id).catch((error: unknown) => {
      if (error instanceof Level3Error) throw new TaskFailure('unprocessable', error.code, error.message);
      throw error;
    });
    const report = await executeSubmission(checked, environment, { run, signal, progress: tell });
    await service.keepReport(job.id, report);
    log?.info('level 3 job ended', { job: job.id, outcome: report.outcome, results: report.results });
    if (report.outcome === 'failed') throw failureOf(report);
    return JSON.parse(JSON.stringify(report)) as Json;
  };

/** Nothing came of it: the first failure stands for all of them. */
function failureOf({ failures, run }: Level3Report): Error {
  const first = failures.find(({ status }) => status === 'failed') ?? failures[0];
  if (!first) return new JobError('NOT_FOUND', `nothing was made in '${run}'`, run);
  return new TaskFailure('unprocessable', first.code, `${first.label}: ${first.message}`, {
    failures: failures.length,
  });
}
