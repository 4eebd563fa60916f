export const QUEUE_NAMES = [
  'visits',
  'detectors',
  'alerts',
  'filters',
  'level3',
  'queries',
  'templates',
  'calibration',
  'maintenance',
] as const;
export type QueueName = (typeof QUEUE_NAMES)[number];

export interface QueueConfig {
  readonly purpose: string;
  /** Jobs at once per process; `cores`: AppConfig.concurrentJobs, for jobs that keep a core busy. */
  readonly concurrency: number | 'cores';
  /**
   * How long a worker may fall silent before its job counts as abandoned. Locks are renewed at half this time, so half
   * of it must outlast whatever keeps a renewal waiting: on the embedded database, any transaction of ours (10 s).
   */
  readonly lockDurationMs: number;
  /** How often abandoned jobs are looked for: a killed worker's job runs again after lockDuration + stalledInterval at the latest. */
  readonly stalledIntervalMs: number;
  /** How often a job may be abandoned before it fails: a job that kills its worker must not kill them for ever. */
  readonly maxStalledCount: number;
  /** Runs in all, for transient failures only: a processor throws UnrecoverableError for the others. */
  readonly attempts: number;
  readonly backoffMs: number;
  readonly keepCompleted: number;
  readonly keepFailed: number;
}

/** A transaction on the embedded database never outlasts this. */
export const LONGEST_TRANSACTION_MS = 10_000;

/** Short orchestration between database and worker threads. */
const orchestration = {
  concurrency: 'cores',
  lockDurationMs: 40_000,
  stalledIntervalMs: 10_000,
  maxStalledCount: 2,
  attempts: 3,
  backoffMs: 1_000,
  keepCompleted: 1_000,
  keepFailed: 5_000,
} as const;

/** Every queue with all of its settings: a queue without them does not compile. */
export const queueRegistry: Readonly<Record<QueueName, Required<QueueConfig>>> = {
  visits: {
    ...orchestration,
    purpose: 'One job per visit, parent of its detectors; runs when all of them ended',
    concurrency: 4,
  },
  detectors: { ...orchestration, purpose: 'One job per CCD of a visit: pixels to committed sources' },
  alerts: { ...orchestration, purpose: 'Outbox to alert packets, archive and streams', concurrency: 1, attempts: 10 },
  filters: {
    ...orchestration,
    purpose: "Registered filters over a visit's alerts, and delivery",
    concurrency: 2,
    attempts: 5,
  },
  level3: {
    ...orchestration,
    purpose: "Users' own pipelines; a job that kills its worker is not tried again",
    maxStalledCount: 0,
    attempts: 1,
    keepFailed: 20_000,
  },
  queries: {
    ...orchestration,
    purpose: "Users' queries and cut-outs as jobs; the API runs them itself",
    concurrency: 4,
  },
  templates: { ...orchestration, purpose: 'Coadds and templates by tract and patch', attempts: 2 },
  calibration: { ...orchestration, purpose: 'Master biases, darks, flats, defects, crosstalk', attempts: 2 },
  maintenance: {
    ...orchestration,
    purpose: 'Sweepers, retention, daily rounds',
    concurrency: 1,
    attempts: 1,
    keepCompleted: 100,
    keepFailed: 500,
  },
};
