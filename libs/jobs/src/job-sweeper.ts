import type { SqlClient } from '#libs/database';
import type { JobService } from './job-service.js';
import { JobStore } from './job-store.js';

export interface Swept {
  /** claims of dead workers given back (or ended, when too many died) */
  readonly released: number;
  readonly woken: number;
  /** rows the queue had forgotten */
  readonly enqueued: number;
}

/** Makes the queue agree with the rows: run it at intervals in at least one process. Any number may run at once. */
export class JobSweeper {
  readonly #store: JobStore;
  #timer: NodeJS.Timeout | undefined;
  #sweeping = false;

  constructor(
    client: SqlClient,
    private readonly service: JobService,
    private readonly onError: (error: unknown) => void = () => {},
  ) {
    this.#store = new JobStore(client);
  }

  start(intervalMs = 5000): void {
    this.#timer = setInterval(() => {
      if (this.#sweeping) return;
      this.#sweeping = true;
      this.sweep()
        .catch(this.onError)
        .finally(() => (this.#sweeping = false));
    }, intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async sweep(limit = 1000): Promise<Swept> {
    let released = 0;
    for (const [kind, { maximumLosses }] of Object.entries(this.service.kinds))
      released += (await this.#store.releaseExpired(kind, maximumLosses)).length;
    const parents = await this.#store.parentsToWake();
    for (const parent of parents) await this.service.wakeParent(parent);
    let enqueued = 0;
    for (const job of await this.#store.queued(limit))
      if (Object.hasOwn(this.service.kinds, job.kind) && (await this.service.dispatch(job)) === 'added') enqueued++;
    return { released, woken: parents.length, enqueued };
  }
}
