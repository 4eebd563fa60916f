// The frame of a worker process: configuration, log, database, queues and jobs; ready line; orderly end on SIGTERM.

import type { DataSource } from 'typeorm';
import { type AppConfig, loadConfig } from '#libs/config';
import { createDataSource } from '#libs/database';
import { JobRunner, JobService, JobSweeper } from '#libs/jobs';
import { createLogger, type Logger } from '#libs/observability';
import { migrateQueues, type QueueName, Queues } from '#libs/queue';
import type { TaskLog } from '#libs/pipeline';
import { JOB_KINDS } from './job-kinds.js';

export interface WorkerServices {
  readonly config: AppConfig;
  readonly log: Logger;
  readonly dataSource: DataSource;
  readonly jobs: JobService;
  readonly runner: JobRunner;
  /** Tasks log through this */
  readonly taskLog: TaskLog;
  /** called in reverse order when the process ends */
  readonly onClose: (close: () => Promise<void> | void) => void;
}

export interface WorkerOptions {
  readonly name: string;
  readonly queues: readonly QueueName[];
  /** registers job handlers and starts loops */
  readonly start: (services: WorkerServices) => Promise<void> | void;
}

/** sysexits.h EX_TEMPFAIL */
const EXIT_START_AGAIN = 75;
/** A worker that is killed leaves its jobs this long; twice the longest transaction, which heartbeats may have to wait for. */
const LEASE_MS = 20_000;
const WATCH_MS = 5_000;

/** Runs a worker process until it is told to stop. */
export async function runWorkerProcess({ name, queues: queueNames, start }: WorkerOptions): Promise<void> {
  const config = loadConfig();
  const log = createLogger({ level: config.logLevel, component: name });
  const closers: (() => Promise<void> | void)[] = [];
  let stopping = false;
  const stop = async (code: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    for (const close of closers.reverse())
      await Promise.resolve(close()).catch((error: unknown) => log.warn({ error: String(error) }, 'while stopping'));
    process.exit(code);
  };
  process.once('SIGTERM', () => void stop(0));
  process.once('SIGINT', () => void stop(0));
  // A process in an unknown state is worth less than a fresh one: whoever supervises it starts another.
  const giveUp = (what: string) => (error: unknown) => {
    log.error({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }, what);
    void stop(EXIT_START_AGAIN);
  };
  process.on('unhandledRejection', giveUp('unhandled rejection'));
  process.on('uncaughtException', giveUp('uncaught exception'));

  const dataSource = await createDataSource(config, { applicationName: `almagest-${name}` }).initialize();
  closers.push(() => dataSource.destroy());
  await migrateQueues(config.queueUrl);
  const queues = new Queues({ queueUrl: config.queueUrl, concurrentJobs: config.concurrentJobs, logger: log });
  const jobs = new JobService(dataSource, queues, JOB_KINDS, undefined, (error, job) =>
    log.warn({ job: job.id, error: String(error) }, 'the queue was not told; the sweeper will do it'),
  );
  const runner = new JobRunner({
    service: jobs,
    client: dataSource,
    queues,
    leaseMs: LEASE_MS,
    onError: (error, job) =>
      log.warn(
        { job: job.id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) },
        'job failed',
      ),
  });
  closers.push(async () => {
    await queues.close();
    runner.stop();
  });
  const sweeper = new JobSweeper(dataSource, jobs, (error) => log.warn({ error: String(error) }, 'sweep failed'));
  closers.push(() => sweeper.stop());
  const taskLog: TaskLog = {
    debug: (message, facts) => log.debug({ ...facts }, message),
    info: (message, facts) => log.info({ ...facts }, message),
    warn: (message, facts) => log.warn({ ...facts }, message),
  };
  await start({ config, log, dataSource, jobs, runner, taskLog, onClose: (close) => closers.push(close) });
  runner.start(queueNames);
  await queues.workersReady();
  const watch = setInterval(() => {
    const stopped = queues.stoppedWorkers;
    if (stopped.length > 0) giveUp('a queue is no longer worked on')(stopped.join(', '));
  }, WATCH_MS);
  closers.push(() => clearInterval(watch));
  sweeper.start();
  process.stdout.write(`${JSON.stringify({ event: 'ready', process: name, pid: process.pid })}\n`);
}
