import {
  FlowProducer,
  type Job,
  type JobsOptions,
  type Processor,
  Queue,
  QueueEvents,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { createLogger, type EventLoopMonitor, type Logger } from '#libs/observability';
import { checkPayload, type JobPayload } from './payload.js';
import { QueueError } from './queue-error.js';
import { type QueueName, queueRegistry } from './queue-registry.js';
import { type QueueRoot, resolveQueueRoot } from './queue-root.js';

export interface QueuesOptions {
  readonly queueUrl: string;
  /** What the concurrency `cores` of the registry means: AppConfig.concurrentJobs. */
  readonly concurrentJobs?: number;
  readonly logger?: Logger;
  /** Names the job when one blocks the event loop. */
  readonly monitor?: EventLoopMonitor;
}

export interface JobRequest {
  /** Made by `jobId(...)`: the same work, the same id. */
  readonly jobId: string;
  readonly payload: JobPayload;
  /** Kind of job within its queue. Default: the queue's name. */
  readonly name?: string;
  readonly delayMs?: number;
  /** 1 runs before 2; without one, before all that have one. */
  readonly priority?: number;
}

/** `added`: will run. `alive`: the same work waits or runs already. */
export type EnqueueResult = 'added' | 'alive';

export type JobProcessor<P extends JobPayload = JobPayload, R = unknown> = (
  job: Job<P, R>,
  signal?: AbortSignal,
) => Promise<R>;

/** Everything but what the class decides itself. For tests that cannot wait a minute. */
export type WorkerOverrides = Partial<
  Pick<
    WorkerOptions,
    | 'concurrency'
    | 'lockDuration'
    | 'stalledInterval'
    | 'maxStalledCount'
    | 'autorun'
    | 'drainDelay'
    | 'useWorkerThreads'
  >
>;

/** The queues of one process, over whichever backend the URL names. Use directly, or inject it through QueueModule. */
export class Queues {
  readonly backend: QueueRoot['backend'];
  readonly #root: QueueRoot;
  readonly #logger: Logger;
  readonly #queues = new Map<QueueName, Queue>();
  readonly #workers = new Map<QueueName, Worker>();
  readonly #others: { close(): Promise<unknown> }[] = [];
  #flow: FlowProducer | undefined;
  #closing: Promise<void> | undefined;

  constructor(private readonly options: QueuesOptions) {
    this.#root = resolveQueueRoot(options.queueUrl);
    this.backend = this.#root.backend;
    this.#logger = options.logger ?? createLogger({ level: 'warn', component: 'queue' });
  }

  /** The producer side of a queue; one per process. */
  createQueue(name: QueueName): Queue {
    this.#assertOpen(name);
    let queue = this.#queues.get(name);
    if (!queue) {
      queue = new Queue(name, { ...this.#base(), defaultJobOptions: jobOptions(name) }, this.#root.factory);
      queue.on('error', (error) => this.#report(name, error));
      this.#queues.set(name, queue);
    }
    return queue;
  }

  /**
   * A queue that can be used. BullMQ remembers a first connection that failed for ever: such a queue is given up, and the
   * next call makes another.
   */
  async #readyQueue(name: QueueName): Promise<Queue> {
    const queue = this.createQueue(name);
    try {
      await queue.waitUntilReady();
      return queue;
    } catch (error) {
      if (this.#queues.get(name) === queue) this.#queues.delete(name);
      void queue.close().catch(() => {});
      throw error;
    }
  }

  /** Resolves when every worker of this process takes jobs; rejects when one cannot (BullMQ does not try again). */
  async workersReady(): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => worker.waitUntilReady()));
  }

  /** Names of queues whose worker has stopped although nobody closed it. */
  get stoppedWorkers(): readonly QueueName[] {
    if (this.#closing) return [];
    return [...this.#workers].filter(([, worker]) => !worker.isRunning()).map(([name]) => name);
  }

  /** Starts working on a queue with the registry's settings. A processor orchestrates: pixels belong in worker threads. */
  createWorker<P extends JobPayload, R>(
    name: QueueName,
    processor: JobProcessor<P, R> | URL,
    overrides: WorkerOverrides = {},
  ): Worker<P, R> {
    this.#assertOpen(name);
    if (this.#workers.has(name))
      throw new QueueError('duplicate_processor', `this process has a worker on ${name} already`, name);
    const config = queueRegistry[name];
    const { monitor } = this.options;
    const run: Processor<P, R> = (job, _token, signal) => {
      const work = processor as JobProcessor<P, R>;
      return monitor ? monitor.during(`${name}/${job.id}`, () => work(job, signal)) : work(job, signal);
    };
    const worker = new Worker<P, R>(
      name,
      processor instanceof URL ? processor : run,
      {
        ...this.#base(),
        concurrency: config.concurrency === 'cores' ? (this.options.concurrentJobs ?? 1) : config.concurrency,
        lockDuration: config.lockDurationMs,
        stalledInterval: config.stalledIntervalMs,
        maxStalledCount: config.maxStalledCount,
        ...overrides,
      },
      this.#root.factory,
    );
    worker.on('error', (error) => this.#report(name, error));
    worker.on('failed', (job, error) =>
      this.#logger.warn({ queue: name, jobId: job?.id, attempt: job?.attemptsMade, err: error }, 'job failed'),
    );
    worker.on('stalled', (id) =>
      this.#logger.warn({ queue: name, jobId: id }, 'job was abandoned by its worker and will run again'),
    );
    this.#workers.set(name, worker as Worker);
    return worker;
  }

  /** What happens to the jobs of a queue, in any process. */
  createQueueEvents(name: QueueName): QueueEvents {
    this.#assertOpen(name);
    const events = new QueueEvents(name, this.#base(), this.#root.factory);
    events.on('error', (error) => this.#report(name, error));
    this.#others.push(events);
    return events;
  }

  /** Parents that wait for their children; pass `flowJob(...)` trees to its `add`. */
  flow(): FlowProducer {
    this.#assertOpen('flow');
    if (!this.#flow) {
      this.#flow = new FlowProducer(this.#base(), this.#root.factory);
      this.#flow.on('error', (error) => this.#report('flow', error));
      this.#others.push(this.#flow);
    }
    return this.#flow;
  }

  /**
   * Adds a job unless the same work is waiting or running. One that has ended (done or failed) makes room: whether work
   * must be done again is decided by the database row, not by what the queue remembers.
   */
  async enqueue(name: QueueName, request: JobRequest): Promise<EnqueueResult> {
    checkPayload(request.payload);
    const queue = await this.#readyQueue(name);
    const existing = await queue.getJob(request.jobId);
    if (existing) {
      const state = await existing.getState();
      if (state !== 'completed' && state !== 'failed' && state !== 'unknown') return 'alive';
      await existing.remove().catch(() => {}); // somebody else removed it first
    }
    await queue.add(request.name ?? name, request.payload, requestOptions(request));
    return 'added';
  }

  /** Adds many jobs in one round trip; those already known (in any state) stay as they are. */
  async enqueueAll(name: QueueName, requests: readonly JobRequest[]): Promise<void> {
    for (const { payload } of requests) checkPayload(payload);
    await (
      await this.#readyQueue(name)
    ).addBulk(
      requests.map((request) => ({ name: request.name ?? name, data: request.payload, opts: requestOptions(request) })),
    );
  }

  /** Whether the work is waiting, delayed or running: what a sweeper asks before it enqueues a row again. */
  async isAlive(name: QueueName, id: string): Promise<boolean> {
    const job = await (await this.#readyQueue(name)).getJob(id);
    if (!job) return false;
    const state = await job.getState();
    return state !== 'completed' && state !== 'failed' && state !== 'unknown';
  }

  /** Takes no more jobs, waits for the running ones up to `graceMs`, then lets go: another worker will run what is left. */
  close(graceMs = 20_000): Promise<void> {
    return (this.#closing ??= this.#close(graceMs));
  }

  async #close(graceMs: number): Promise<void> {
    await Promise.all([...this.#workers.values()].map((worker) => closeWorker(worker, graceMs)));
    await Promise.all([...this.#others, ...this.#queues.values()].map((item) => item.close()));
  }

  #assertOpen(name: string): void {
    if (this.#closing)
      throw new QueueError('closed', `the queues of this process are closed: ${name} cannot be used`, name);
  }

  #base() {
    return {
      connection: this.#root.connection,
      ...(this.#root.prefix === undefined ? {} : { prefix: this.#root.prefix }),
    };
  }

  /** Connections are re-established by BullMQ; an unhandled 'error' event would end the process. */
  #report(queue: string, error: Error): void {
    // the drivers hang whole connections on their errors
    const { code } = error as { code?: unknown };
    if (!this.#closing) this.#logger.warn({ queue, error: error.message, code }, 'queue connection trouble');
  }
}

async function closeWorker(worker: Worker, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const graceful = worker.close();
  const expired = new Promise<'expired'>((resolve) => (timer = setTimeout(() => resolve('expired'), graceMs)));
  if ((await Promise.race([graceful, expired])) === 'expired') await worker.disconnect();
  clearTimeout(timer);
}

/** Options every job of a queue gets. */
export function jobOptions(name: QueueName): JobsOptions {
  const { attempts, backoffMs, keepCompleted, keepFailed } = queueRegistry[name];
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoffMs },
    removeOnComplete: { count: keepCompleted },
    removeOnFail: { count: keepFailed },
  };
}

function requestOptions({ jobId, delayMs, priority }: JobRequest): JobsOptions {
  return {
    jobId,
    ...(delayMs === undefined ? {} : { delay: delayMs }),
    ...(priority === undefined ? {} : { priority }),
  };
}

export interface FlowNode {
  readonly queueName: QueueName;
  readonly name: string;
  readonly data: JobPayload;
  readonly opts: JobsOptions;
  readonly children?: FlowNode[];
}

/**
 * A node for `flow().add`. A child that fails for good does not block its parent: the parent runs when every child has
 * ended, and reads the failures with `job.getIgnoredChildrenFailures()`.
 */
export function flowJob(queue: QueueName, request: JobRequest, children: FlowNode[] = []): FlowNode {
  checkPayload(request.payload);
  return {
    queueName: queue,
    name: request.name ?? queue,
    data: request.payload,
    opts: { ...jobOptions(queue), ...requestOptions(request) },
    ...(children.length === 0
      ? {}
      : {
          children: children.map((child) => ({ ...child, opts: { ...child.opts, ignoreDependencyOnFailure: true } })),
        }),
  };
}
