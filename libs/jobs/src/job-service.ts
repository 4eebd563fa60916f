import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { SqlClient } from '#libs/database';
import { withTransaction } from '#libs/database';
import { didYouMean } from '#libs/pipeline';
import { type JobPayload, type JobRequest, type QueueName, checkPayload } from '#libs/queue';
import { JobError } from './job-error.js';
import type { JobEvents } from './job-events.js';
import { type Job, type JobEvent, type JobKind, type JobKinds, hasEnded } from './job.js';
import { type JobFilter, JobStore } from './job-store.js';

/** The part of `Queues` that work needs. */
export interface WorkQueue {
  enqueue(queue: QueueName, request: JobRequest): Promise<'added' | 'alive'>;
}

export interface SubmitRequest {
  readonly kind: string;
  readonly payload: JobPayload;
  /** The same work, the same id: a second submission finds the first. A random one unless given. */
  readonly id?: string;
  readonly owner?: string;
  /** 1 runs before 2; without one, before all that have one */
  readonly priority?: number;
  /** PENDING: waits for `start`, as UWS has it */
  readonly phase?: 'QUEUED' | 'PENDING' | 'HELD';
  readonly maximumAttempts?: number;
}

export interface Submitted {
  readonly job: Job;
  readonly created: boolean;
}

/** how long whoever submits work waits for a queue */
const QUEUE_PATIENCE_MS = 3000;
const ID = /^[A-Za-z][A-Za-z0-9_.-]{0,179}$/;

/** Work as rows. The row is written first; the queue is told afterwards, and again by the sweeper if that was lost. */
export class JobService {
  readonly #store: JobStore;

  constructor(
    private readonly dataSource: DataSource,
    private readonly queue: WorkQueue,
    readonly kinds: JobKinds,
    private readonly jobEvents?: JobEvents,
    private readonly onQueueTrouble: (error: unknown, job: Job) => void = () => {},
  ) {
    this.#store = new JobStore(dataSource);
  }

  kindOf(kind: string): JobKind {
    const known = Object.hasOwn(this.kinds, kind) ? this.kinds[kind] : undefined;
    if (known === undefined)
      throw new JobError(
        'UNKNOWN_KIND',
        `there is no job kind '${kind}'${didYouMean(kind, Object.keys(this.kinds))}`,
        kind,
      );
    return known;
  }

  async submit(request: SubmitRequest): Promise<Submitted> {
    const submitted = await this.#insert(this.#store, request, null);
    await this.announce(submitted.job);
    return submitted;
  }

  /** Writes the row within the caller's transaction; call `dispatch` after the commit (or leave it to the sweeper). */
  submitWithin(client: SqlClient, request: SubmitRequest): Promise<Submitted> {
    return this.#insert(new JobStore(client), request, null);
  }

  /**
   * A parent that runs when all its children have ended, however they ended. Children given later to a parent that exists
   * are added, and the parent runs again after them.
   */
  async submitFamily(
    parent: SubmitRequest & { readonly id: string },
    children: readonly SubmitRequest[],
  ): Promise<{ readonly parent: Job; readonly children: readonly Job[] }> {
    const family = await withTransaction(this.dataSource, async (manager) => {
      const store = new JobStore(manager);
      const first = await this.#insert(store, parent, null, children.length > 0);
      const added: Submitted[] = [];
      for (const child of children) added.push(await this.#insert(store, child, parent.id));
      if (first.created || !added.some(({ created }) => created))
        return { parent: first.job, children: added.map(({ job }) => job) };
      return { parent: (await store.reopen(parent.id)) ?? first.job, children: added.map(({ job }) => job) };
    });
    for (const job of [family.parent, ...family.children]) await this.announce(job);
    return family;
  }

  async #insert(store: JobStore, request: SubmitRequest, parentId: string | null, waits = false): Promise<Submitted> {
    const kind = this.kindOf(request.kind);
    const id = request.id ?? `${request.kind}.${randomUUID()}`;
    if (!ID.test(id))
      throw new JobError(
        'INVALID_ID',
        `a job id is a letter and up to 179 letters, digits, '_', '-' and '.': ${JSON.stringify(id)}`,
        id,
      );
    const job = await store.insert({
      id,
      kind: request.kind,
      owner: request.owner ?? null,
      parentId,
      priority: request.priority ?? 0,
      payload: request.payload,
      phase: waits ? 'SUSPENDED' : (request.phase ?? 'QUEUED'),
      maximumAttempts: request.maximumAttempts ?? kind.maximumAttempts,
    });
    if (job !== undefined) return { job, created: true };
    return { job: (await store.get(id))!, created: false };
  }

  /** Tells the queue about a job that waits. The queue may forget; the row does not. */
  async dispatch(job: Job, delayMs = 0): Promise<'added' | 'alive' | 'not queued'> {
    if (job.phase !== 'QUEUED') return 'not queued';
    const payload = { jobId: job.id };
    checkPayload(payload);
    return this.queue.enqueue(this.kindOf(job.kind).queue, {
      // a run that ended in the queue's memory must not hide the next one
      jobId: `${job.id}.${job.attempts}`,
      name: job.kind,
      payload,
      ...(delayMs > 0 && { delayMs }),
      ...(job.priority > 0 && { priority: job.priority }),
    });
  }

  /**
   * `dispatch` for a row that is committed: a queue that is away, or silent for a while, is no failure of whoever
   * submitted the work. The sweeper tells it when it is back.
   */
  async announce(job: Job, delayMs = 0): Promise<void> {
    const patience = new AbortController();
    try {
      await Promise.race([
        this.dispatch(job, delayMs),
        sleep(QUEUE_PATIENCE_MS, undefined, { signal: patience.signal }).then(
          () => Promise.reject(new JobError('QUEUE_SILENT', `the queue did not answer about job '${job.id}'`, job.id)),
          () => undefined,
        ),
      ]);
    } catch (error) {
      this.onQueueTrouble(error, job);
    } finally {
      patience.abort();
    }
  }

  async get(id: string): Promise<Job> {
    const job = await this.#store.get(id);
    if (job === undefined) throw new JobError('NOT_FOUND', `there is no job '${id}'`, id);
    return job;
  }

  list(filter: JobFilter = {}): Promise<readonly Job[]> {
    return this.#store.list(filter);
  }

  children(parentId: string): Promise<readonly Job[]> {
    return this.#store.list({ parentId, limit: 100_000 });
  }

  async start(id: string): Promise<Job> {
    const job = await this.#move(id, ['PENDING', 'HELD'], 'QUEUED');
    await this.announce(job);
    return job;
  }

  hold(id: string): Promise<Job> {
    return this.#move(id, ['PENDING', 'QUEUED'], 'HELD');
  }

  /** Gives up the result; the row stays. */
  archive(id: string): Promise<Job> {
    return this.#move(id, ['COMPLETED', 'ERROR', 'ABORTED'], 'ARCHIVED');
  }

  /** Takes the row away for good. A run that goes on finds its claim lost; whoever shows results must not show them any more. */
  async remove(id: string): Promise<void> {
    if (!(await this.#store.remove(id))) throw new JobError('NOT_FOUND', `there is no job '${id}'`, id);
  }

  /** Ends a job that waits, asks one that runs to stop, and does the same to its children. A job that has ended stays as it is. */
  async abort(id: string): Promise<Job> {
    await this.get(id);
    const aborted = await this.#store.move(id, ['PENDING', 'QUEUED', 'HELD', 'SUSPENDED'], 'ABORTED');
    if (aborted === undefined) await this.#store.requestCancel(id);
    for (const child of await this.children(id)) if (!hasEnded(child.phase)) await this.abort(child.id);
    if (aborted !== undefined && aborted.parentId !== null) await this.wakeParent(aborted.parentId);
    return this.get(id);
  }

  async #move(id: string, from: readonly Job['phase'][], to: Job['phase']): Promise<Job> {
    const moved = await this.#store.move(id, from, to);
    if (moved !== undefined) return moved;
    const { phase } = await this.get(id);
    if (phase === to) return this.get(id);
    throw new JobError('WRONG_PHASE', `job '${id}' is ${phase}; only ${from.join(' or ')} can become ${to}`, phase);
  }

  async wakeParent(parentId: string): Promise<void> {
    const woken = await withTransaction(this.dataSource, (manager) => new JobStore(manager).wakeParent(parentId));
    if (woken !== undefined) await this.announce(woken);
  }

  /** The job as it is, then every change, until it has ended or the signal comes. */
  async *events(id: string, signal?: AbortSignal): AsyncIterable<JobEvent> {
    if (this.jobEvents === undefined) throw new JobError('NOT_FOUND', 'this process does not listen to job events', id);
    const changes = this.jobEvents.subscribe((event) => event.id === id, signal);
    const now = await this.get(id);
    let last: JobEvent = { id, phase: now.phase, progress: now.progress, message: now.progressMessage };
    yield last;
    if (hasEnded(now.phase)) return;
    for await (const event of changes) {
      // what led to the first answer may be told after it
      if (event.phase === last.phase && event.progress === last.progress && event.message === last.message) continue;
      last = event;
      yield event;
      if (hasEnded(event.phase)) return;
    }
  }
}
