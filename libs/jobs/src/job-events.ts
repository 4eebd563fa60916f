// Changes of jobs as PostgreSQL notifications. They may be missed while a connection is down: listeners that must know ask the row.

import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHANNEL } from './job-store.js';
import type { JobEvent } from './job.js';

interface Subscriber {
  readonly wants: (event: JobEvent) => boolean;
  readonly push: (event: JobEvent) => void;
}

const LONGEST_PAUSE_MS = 10_000;
/** a subscriber that does not read loses the oldest */
const MAXIMUM_WAITING = 1000;

export class JobEvents {
  readonly #subscribers = new Set<Subscriber>();
  #client: pg.Client | undefined;
  #closed = false;

  constructor(private readonly databaseUrl: string) {}

  async start(): Promise<void> {
    const client = new pg.Client({ connectionString: this.databaseUrl, keepAlive: true });
    client.on('notification', ({ payload }) => {
      const event = JSON.parse(payload ?? '') as JobEvent;
      for (const { wants, push } of this.#subscribers) if (wants(event)) push(event);
    });
    client.on('error', () => undefined); // 'end' follows
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    // from here on only: a connection that was never made ends as well, and each one must be followed by one other
    client.on('end', () => void this.#reconnect());
    this.#client = client;
    if (this.#closed) await client.end();
  }

  async #reconnect(): Promise<void> {
    for (let pause = 100; !this.#closed; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      await sleep(pause, undefined, { ref: false });
      try {
        if (!this.#closed) await this.start();
        return;
      } catch {
        // still down
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client?.end();
  }

  /** Collects from the moment of the call on. */
  subscribe(wants: (event: JobEvent) => boolean, signal?: AbortSignal): AsyncIterable<JobEvent> {
    const waiting: JobEvent[] = [];
    let wake: (() => void) | undefined;
    const subscriber: Subscriber = {
      wants,
      push: (event) => {
        waiting.push(event);
        if (waiting.length > MAXIMUM_WAITING) waiting.shift();
        wake?.();
      },
    };
    const subscribers = this.#subscribers;
    subscribers.add(subscriber);
    const stop = (): void => {
      subscribers.delete(subscriber);
      wake?.();
    };
    signal?.addEventListener('abort', stop, { once: true });
    return {
      async *[Symbol.asyncIterator]() {
        try {
          for (;;) {
            const event = waiting.shift();
            if (event !== undefined) yield event;
            else if (signal?.aborted === true) return;
            else {
              await new Promise<void>((resolve) => (wake = resolve));
              wake = undefined;
            }
          }
        } finally {
          stop();
          signal?.removeEventListener('abort', stop);
        }
      },
    };
  }
}
