// Runs jobs: a delivery of the queue only names a row; who claims the row runs it, under a lease that heartbeats renew. A worker that was
// thought dead can no longer change the row, and effects are committed by operations that a second run finds done.

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FailureKind, TaskFailure, describeFailure, isOutageCode, outageCode } from '#libs/pipeline';
import type { JobPayload, Json, QueueName, Queues } from '#libs/queue';
import { JobError } from './job-error.js';
import type { JobService } from './job-service.js';
import { type SqlClient } from '#libs/database';
import { JobStore } from './job-store.js';
import type { Job, JobFailure } from './job.js';

export interface JobContext {
  readonly job: Job;
  /** aborted when the job is, or when its lease was lost */
  readonly signal: AbortSignal;
  readonly progress: (fraction: number, message?: string) => Promise<void>;
  /** the jobs this one waited for */
  readonly children: () => Promise<readonly Job[]>;
}
export type JobHandler = (context: JobContext) => Promise<Json | void>;

export interface JobRunnerOptions {
  readonly service: JobService;
  readonly client: SqlClient;
  readonly queues: Pick<Queues, 'createWorker'>;
  /** silence after which a worker counts as dead; longer than any pause of the database */
  readonly leaseMs?: number;
  /** how often leases are renewed and cancellations seen */
  readonly heartbeatMs?: number;
  readonly onError?: (error: unknown, job: Job) => void;
}

interface Running {
  readonly job: Job;
  readonly abort: AbortController;
}

export class JobRunner {
  readonly owner = `${process.pid}-${randomUUID()}`;
  readonly #handlers = new Map<string, JobHandler>();
  readonly #running = new Map<string, Running>();
  readonly #store: JobStore;
  readonly #leaseMs: number;
  readonly #heartbeatMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: JobRunnerOptions) {
    this.#store = new JobStore(options.client);
    this.#leaseMs = options.leaseMs ?? 60_000;
    this.#heartbeatMs = options.heartbeatMs ?? Math.min(1000, this.#leaseMs / 4);
  }

  register(kind: string, handler: JobHandler): this {
    this.options.service.kindOf(kind);
    if (this.#handlers.has(kind)) throw new JobError('DUPLICATE_HANDLER', `job kind '${kind}' has two handlers`, kind);
    this.#handlers.set(kind, handler);
    return this;
  }

  /** Starts working on these queues. Refuses to start when a kind of theirs has no handler. */
  start(queues: readonly QueueName[]): void {
    const { kinds } = this.options.service;
    const missing = Object.entries(kinds).filter(
      ([kind, { queue }]) => queues.includes(queue) && !this.#handlers.has(kind),
    );
    if (missing.length > 0)
      throw new JobError(
        'MISSING_HANDLER',
        `no handler for job kind ${missing.map(([kind]) => `'${kind}'`).join(', ')}`,
        missing.map(([kind]) => kind),
      );
    const idle = [...this.#handlers.keys()].filter((kind) => !queues.includes(kinds[kind]!.queue));
    if (idle.length > 0)
      throw new JobError('INVALID_KIND', `handlers of queues that are not worked on: ${idle.join(', ')}`, idle);
    for (const queue of queues)
      this.options.queues.createWorker<JobPayload & { jobId: string }, void>(queue, ({ data }) => this.run(data.jobId));
    this.#timer = setInterval(() => void this.#beat(), this.#heartbeatMs);
    this.#timer.unref();
  }

  /** Stops the heartbeats; close the queues first, so that running jobs end. */
  stop(): void {
    clearInterval(this.#timer);
  }

  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Claims and runs one job; nothing happens when it is not to be had. */
  async run(id: string): Promise<void> {
    // a claim whose answer was lost is given back when its lease ends
    const job = await this.#throughOutage(() => this.#store.claim(id, this.owner, this.#leaseMs));
    if (job === undefined) return;
    const handler = this.#handlers.get(job.kind);
    const abort = new AbortController();
    this.#running.set(id, { job, abort });
    try {
      if (handler === undefined)
        throw new JobError('MISSING_HANDLER', `no handler for job kind '${job.kind}'`, job.kind);
      const result = await handler({
        job,
        signal: abort.signal,
        progress: (fraction, message = '') => this.#store.progress(id, this.owner, fraction, message),
        children: () => this.options.service.children(id),
      });
      await this.#throughOutage(() =>
        abort.signal.aborted
          ? this.#store.end(id, this.owner, 'ABORTED', undefined)
          : this.#store.complete(id, this.owner, result ?? undefined),
      );
    } catch (error) {
      await this.#failed(job, error, abort.signal.aborted);
    } finally {
      this.#running.delete(id);
    }
    if (job.parentId !== null) await this.options.service.wakeParent(job.parentId);
  }

  async #failed(job: Job, error: unknown, aborted: boolean): Promise<void> {
    const failure = failureOf(error);
    if (aborted) {
      await this.#throughOutage(() => this.#store.end(job.id, this.owner, 'ABORTED', undefined));
      return;
    }
    if (failure.kind === 'noWork') {
      const { code, message } = failure;
      await this.#throughOutage(() => this.#store.complete(job.id, this.owner, { outcome: 'noWork', code, message }));
      return;
    }
    this.options.onError?.(error, job);
    const { backoffMs } = this.options.service.kindOf(job.kind);
    if (failure.kind === 'transient' && job.attempts < attemptsAllowed(job, failure)) {
      const delayMs = Math.min(LONGEST_BACKOFF_MS, backoffMs * 2 ** (job.attempts - 1));
      const waiting = await this.#throughOutage(() => this.#store.retryLater(job.id, this.owner, failure, delayMs));
      if (waiting !== undefined) await this.options.service.announce(waiting, delayMs);
      return;
    }
    await this.#throughOutage(() => this.#store.end(job.id, this.owner, 'ERROR', failure));
  }

  /**
   * A change of the row, made when the database is back if it is away now. At the end of a run the work was done, and
   * until it is written the heartbeats (which fail alike) decide whether the job is still ours. Every such change is
   * guarded by the phase and the lease, so one whose answer was lost does no harm a second time.
   */
  async #throughOutage<T>(write: () => Promise<T>): Promise<T> {
    const until = performance.now() + WRITE_PATIENCE_MS;
    for (let pause = FIRST_WRITE_PAUSE_MS; ; pause = Math.min(LONGEST_WRITE_PAUSE_MS, pause * 2)) {
      try {
        return await write();
      } catch (error) {
        if (outageCode(error) === undefined || performance.now() > until) throw error;
        await sleep(pause);
      }
    }
  }

  async #beat(): Promise<void> {
    if (this.#running.size === 0) return;
    const asked = [...this.#running.entries()];
    const alive = await this.#store
      .heartbeat(
        this.owner,
        asked.map(([id]) => id),
        this.#leaseMs,
      )
      .catch(() => undefined);
    if (alive === undefined) return; // the database is away: the lease decides
    for (const [id, { abort }] of asked) {
      if (!this.#running.has(id)) continue;
      const beat = alive.find((one) => one.id === id);
      if (beat === undefined) abort.abort(new TaskFailure('transient', 'LEASE_LOST', 'the job went to another worker'));
      else if (beat.cancelRequested) abort.abort(new TaskFailure('noWork', 'CANCELLED', 'the job was aborted'));
    }
  }
}

/** an outage of the database or the network is no fault of the job: it may meet several */
const ATTEMPTS_THROUGH_OUTAGES = 10;
const LONGEST_BACKOFF_MS = 60_000;
const WRITE_PATIENCE_MS = 120_000;
const FIRST_WRITE_PAUSE_MS = 200;
const LONGEST_WRITE_PAUSE_MS = 2000;

/** A job that may run once only is never run again. */
const attemptsAllowed = ({ maximumAttempts }: Job, { code }: JobFailure): number =>
  maximumAttempts > 1 && isOutageCode(code) ? Math.max(maximumAttempts, ATTEMPTS_THROUGH_OUTAGES) : maximumAttempts;

/** What a handler threw: Tasks say what kind of failure it is; the network and the database going away is worth another try. */
export function failureOf(error: unknown): JobFailure {
  const outage = outageCode(error);
  if (outage !== undefined) return { code: outage, kind: 'transient', message: (error as Error).message };
  const { kind, code, message } = describeFailure(error);
  return { code: error instanceof JobError ? error.code : code, kind: kind satisfies FailureKind, message };
}
