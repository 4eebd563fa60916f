import { visitOutcome } from '#libs/jobs';
import { TaskFailure } from '#libs/pipeline';
import {
  buildCalibrations,
  buildTemplates,
  processDetector,
  processingEnvironment,
  type WorkerServices,
} from '#libs/processing';
import type { Json } from '#libs/queue';

/** What a payload must hold; a job with another is a bug of whoever submitted it. */
function text(payload: Readonly<Record<string, unknown>>, name: string): string {
  const value = payload[name];
  if (typeof value !== 'string' || value === '')
    throw new TaskFailure('bug', 'BAD_PAYLOAD', `the job's payload has no ${name}`, { payload });
  return value;
}

const plain = (value: unknown): Json =>
  JSON.parse(
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)),
  ) as Json;

export function registerHandlers({ config, dataSource, runner, taskLog, onClose }: WorkerServices): void {
  const environment = processingEnvironment(dataSource, { dataDir: config.dataDir, cores: config.cores, log: taskLog });
  onClose(() => environment.close());

  runner
    .register('detector', async ({ job, signal, progress }) => {
      const work = {
        instrument: text(job.payload, 'instrument'),
        visit: text(job.payload, 'visit'),
        detector: Number(job.payload['detector']),
      };
      const outcome = await processDetector(
        environment,
        work,
        signal,
        (fraction, message) => void progress(fraction, message).catch(() => undefined),
      );
      return plain(outcome);
    })
    .register('visit', async ({ job, children }) => {
      const outcome = await visitOutcome({ children });
      await dataSource.query('UPDATE observed_visit SET status = $3 WHERE instrument = $1 AND visit = $2', [
        text(job.payload, 'instrument'),
        text(job.payload, 'visit'),
        outcome.status,
      ]);
      return plain(outcome);
    })
    .register('calibration', async ({ job, signal }) => {
      const { run, certified, report } = await buildCalibrations(
        environment,
        text(job.payload, 'instrument'),
        text(job.payload, 'label'),
        signal,
      );
      return plain({ run, certified, counts: report.counts });
    })
    .register('template', async ({ job, signal }) => {
      const { visits } = job.payload;
      if (!Array.isArray(visits))
        throw new TaskFailure('bug', 'BAD_PAYLOAD', "the job's payload has no visits", { payload: job.payload });
      const { run, report } = await buildTemplates(
        environment,
        text(job.payload, 'instrument'),
        visits.map(String),
        text(job.payload, 'label'),
        signal,
      );
      return plain({ run, stored: report.stored.length, counts: report.counts, outcome: report.outcome });
    });
}
