// Runs jobs: a delivery of the queue only names a row; who claims the row runs it, under a lease that heartbeats renew. A worker that was
// thought dead can no longer change the row, and effects are committed by operations that a second run finds done.

import { randomUUID } from 'node:crypto';
import { type FailureKind, TaskFailure, describeFailure } from '#libs/pipeline';
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
    const job = await this.#store.claim(id, this.owner, this.#leaseMs);
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
      await (abort.signal.aborted
        ? this.#store.end(id, this.owner, 'ABORTED', undefined)
        : this.#store.complete(id, this.owner, result ?? undefined));
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
      await this.#store.end(job.id, this.owner, 'ABORTED', undefined);
      return;
    }
    if (failure.kind === 'noWork') {
      await this.#store.complete(job.id, this.owner, {
        outcome: 'noWork',
        code: failure.code,
        message: failure.message,
      });
      return;
    }
    this.options.onError?.(error, job);
    const { backoffMs } = this.options.service.kindOf(job.kind);
    if (failure.kind === 'transient' && job.attempts < job.maximumAttempts) {
      const delayMs = backoffMs * 2 ** (job.attempts - 1);
      const waiting = await this.#store.retryLater(job.id, this.owner, failure, delayMs);
      if (waiting !== undefined) await this.options.service.dispatch(waiting, delayMs);
      return;
    }
    await this.#store.end(job.id, this.owner, 'ERROR', failure);
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

const CONNECTION_TROUBLE =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOSPC|EMFILE|57P0[1-3]|08\d{3}|53\d{3}|40001|40P01|55P03)$/;

/** What a handler threw: Tasks say what kind of failure it is; the network and the database going away is worth another try. */
export function failureOf(error: unknown): JobFailure {
  for (let at = error; at instanceof Error; at = (at as { driverError?: unknown }).driverError ?? at.cause) {
    const { code } = at as { code?: unknown };
    if (!(at instanceof TaskFailure) && typeof code === 'string' && CONNECTION_TROUBLE.test(code))
      return { code, kind: 'transient', message: at.message };
  }
  const { kind, code, message } = describeFailure(error);
  return { code: error instanceof JobError ? error.code : code, kind: kind satisfies FailureKind, message };
}
