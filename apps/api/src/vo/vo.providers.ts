import { Inject, Injectable, Logger, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { FolderStorage } from '#libs/datastore';
import { JobEvents, type JobHandler, jobKind, JobRunner, JobService, JobSweeper, LocalQueue } from '#libs/jobs';
import { TaskFailure } from '#libs/pipeline';
import { PUBLISHED, publishRole, publishSchema, QueryEngine, type TapLimits, TapService, UwsJobs } from '#libs/vo';
import { MAX_UPLOAD_BYTES } from './dali-request.js';

const HOUR_S = 3600;
const DAY_S = 86_400;

export const TAP_LIMITS: TapLimits = {
  defaultRows: 100_000,
  maximumRows: 10_000_000,
  uploadRows: 200_000,
  uploadBytes: MAX_UPLOAD_BYTES,
  executionS: { default: HOUR_S, hard: 4 * HOUR_S },
  retentionS: { default: 7 * DAY_S, hard: 90 * DAY_S },
};
/** A query that somebody waits for. */
export const SYNC_TIMEOUT_MS = 60_000;

const QUERY_ROLE = 'almagest_query';
/** Units of the planner: a scan of a million rows with a test on the sphere costs some 1e7. */
const MAXIMUM_COST = { sync: 1e10, async: 1e12 };
const SWEEP_MS = 5000;
const DESTROY_MS = 60_000;
/** after so much silence a process of the API counts as gone, and another one takes its jobs over */
const LEASE_MS = 20_000;

const JOBS = { tap: jobKind('queries'), soda: jobKind('queries') };

/** Jobs of the Virtual Observatory's services: run by the API itself, under claims that a sweeper gives back when it dies. */
@Injectable()
export class VoJobs implements OnApplicationShutdown {
  readonly tap: UwsJobs;
  readonly soda: UwsJobs;
  readonly storage: FolderStorage;
  readonly #runner: JobRunner;
  readonly #sweeper: JobSweeper;
  readonly #log = new Logger('vo-jobs');
  #timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(DataSource) dataSource: DataSource,
    @Inject(JobEvents) events: JobEvents,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    const queue = new LocalQueue((error) => this.#log.error(error));
    const service = new JobService(dataSource, queue, JOBS, events);
    this.storage = new FolderStorage(`${config.dataDir}/store`);
    this.#runner = new JobRunner({
      service,
      client: dataSource,
      queues: queue,
      leaseMs: LEASE_MS,
      onError: (error, job) => {
        // mistakes of callers are in the job, for them to read
        if (!(error instanceof TaskFailure))
          this.#log.error(`${job.id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      },
    });
    this.#sweeper = new JobSweeper(dataSource, service, (error) => this.#log.warn(error));
    this.tap = new UwsJobs(dataSource, service, this.storage, 'tap', TAP_LIMITS);
    this.soda = new UwsJobs(dataSource, service, this.storage, 'soda', TAP_LIMITS);
  }

  handle(kind: keyof typeof JOBS, handler: JobHandler): void {
    this.#runner.register(kind, handler);
  }

  start(): void {
    this.#runner.start(['queries']);
    this.#sweeper.start(SWEEP_MS);
    this.#timer = setInterval(() => {
      for (const jobs of [this.tap, this.soda]) jobs.sweep().catch((error: unknown) => this.#log.warn(error));
    }, DESTROY_MS);
    this.#timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.#timer);
    this.#sweeper.stop();
    this.#runner.stop();
  }
}

/** Makes the database ready for queries of users, then lets them in. */
@Injectable()
export class VoStart implements OnApplicationShutdown {
  readonly since = new Date();
  readonly #log = new Logger('vo');

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(QueryEngine) private readonly engine: QueryEngine,
    @Inject(VoJobs) private readonly jobs: VoJobs,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  async start(): Promise<void> {
    await publishSchema(this.dataSource, PUBLISHED);
    this.engine.start(this.config.profile === 'embedded' ? undefined : await this.#role());
    this.jobs.start();
  }

  async #role(): Promise<string | undefined> {
    const role = await publishRole(this.dataSource, QUERY_ROLE, PUBLISHED).catch((error: unknown) => {
      this.#log.warn(error);
      return undefined;
    });
    if (role === undefined)
      this.#log.warn(`the role ${QUERY_ROLE} cannot be made: queries run read-only under the account of the service`);
    return role;
  }

  onApplicationShutdown(): Promise<void> {
    return this.engine.close();
  }
}

export const voProviders: Provider[] = [
  {
    provide: QueryEngine,
    useFactory: (config: AppConfig, dataSource: DataSource) =>
      new QueryEngine({
        databaseUrl: config.databaseUrl,
        connections: config.profile === 'embedded' ? 3 : config.databasePool,
        patienceMs: 30_000,
        settings: { 'almagest.public_url': config.publicUrl },
        cancel: (processId) => dataSource.query('SELECT pg_cancel_backend($1)', [processId]),
      }),
    inject: [APP_CONFIG, DataSource],
  },
  {
    provide: TapService,
    useFactory: (engine: QueryEngine, { publicUrl }: AppConfig) =>
      new TapService({
        engine,
        limits: TAP_LIMITS,
        maximumCost: MAXIMUM_COST,
        ownOrigin: publicUrl,
        fetchTimeoutMs: 60_000,
      }),
    inject: [QueryEngine, APP_CONFIG],
  },
  VoJobs,
  VoStart,
];
