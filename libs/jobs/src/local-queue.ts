import { type JobPayload, type JobRequest, type QueueName, type Queues, queueRegistry } from '#libs/queue';
import type { WorkQueue } from './job-service.js';

type Run = (payload: JobPayload) => Promise<unknown>;
type CreateWorker = Pick<Queues, 'createWorker'>['createWorker'];

/**
 * A queue in the memory of one process, for jobs that are over sooner than a broker would have told of them. It may forget like any
 * other: rows are what counts, the sweeper tells it again, and a claim decides between processes.
 */
export class LocalQueue implements WorkQueue, Pick<Queues, 'createWorker'> {
  readonly #workers = new Map<QueueName, Run>();
  readonly #waiting: { readonly queue: QueueName; readonly request: JobRequest }[] = [];
  readonly #known = new Set<string>();
  readonly #running = new Map<QueueName, number>();

  constructor(
    private readonly onError: (error: unknown) => void,
    private readonly concurrencyOf: (queue: QueueName) => number = (queue) => Number(queueRegistry[queue].concurrency),
  ) {}

  readonly createWorker: CreateWorker = ((
    queue: QueueName,
    processor: (job: { data: JobPayload }) => Promise<unknown>,
  ) => {
    this.#workers.set(queue, (payload) => processor({ data: payload }));
    this.#pump();
  }) as unknown as CreateWorker;

  enqueue(queue: QueueName, request: JobRequest): Promise<'added' | 'alive'> {
    if (this.#known.has(request.jobId)) return Promise.resolve('alive');
    this.#known.add(request.jobId);
    const add = (): void => {
      this.#waiting.push({ queue, request });
      this.#pump();
    };
    if (request.delayMs === undefined) add();
    else setTimeout(add, request.delayMs).unref();
    return Promise.resolve('added');
  }

  #pump(): void {
    for (let i = 0; i < this.#waiting.length;) {
      const { queue, request } = this.#waiting[i]!;
      const worker = this.#workers.get(queue);
      const running = this.#running.get(queue) ?? 0;
      if (worker === undefined || running >= this.concurrencyOf(queue)) {
        i++;
        continue;
      }
      this.#waiting.splice(i, 1);
      this.#running.set(queue, running + 1);
      void worker(request.payload)
        .catch(this.onError)
        .finally(() => {
          this.#known.delete(request.jobId);
          this.#running.set(queue, this.#running.get(queue)! - 1);
          this.#pump();
        });
    }
  }
}
