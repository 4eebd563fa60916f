// One connection that listens. A notification carries nothing that matters: it wakes readers, who ask the database. So nothing is lost when the
// connection was down for a while, and any process may notify.

import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { ALERT_CHANNEL } from '#libs/alerts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { FILTER_MATCH_CHANNEL } from '#libs/filters';

export type Channel = typeof ALERT_CHANNEL | typeof FILTER_MATCH_CHANNEL;
const CHANNELS: readonly Channel[] = [ALERT_CHANNEL, FILTER_MATCH_CHANNEL];
const LONGEST_PAUSE_MS = 10_000;
/** readers look by themselves this often, whatever happens to notifications */
const PATIENCE_MS = 15_000;

@Injectable()
export class Notifications implements OnApplicationShutdown {
  readonly #log = new Logger('notifications');
  readonly #waiting = new Map<string, Set<() => void>>(CHANNELS.map((channel) => [channel, new Set()]));
  #client: pg.Client | undefined;
  #closed = false;

  constructor(@Inject(APP_CONFIG) private readonly config: AppConfig) {}

  start(): Promise<void> {
    return this.#connect();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    for (const channel of CHANNELS) this.#wake(channel);
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.config.databaseUrl,
      keepAlive: true,
      application_name: 'almagest-api-listen',
    });
    client.on('error', (error) => this.#log.warn(`the listening connection failed: ${error.message}`));
    client.on('notification', ({ channel }) => this.#wake(channel));
    try {
      await client.connect();
      for (const channel of CHANNELS) await client.query(`LISTEN ${channel}`);
    } catch (error) {
      void client.end().catch(() => undefined);
      throw error;
    }
    // from here on only: a connection that was never made ends as well, and each one must be followed by one other
    client.on('end', () => void this.#reconnect());
    this.#client = client;
    // what was told meanwhile is asked for now
    for (const channel of CHANNELS) this.#wake(channel);
  }

  async #reconnect(): Promise<void> {
    for (let pause = 100; !this.#closed; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
      await sleep(pause, undefined, { ref: false });
      try {
        if (!this.#closed) await this.#connect();
        return;
      } catch {
        // still down
      }
    }
  }

  #wake(channel: string): void {
    const waiting = this.#waiting.get(channel);
    const now = [...(waiting ?? [])];
    waiting?.clear();
    for (const wake of now) wake();
  }

  #next(channel: Channel, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#waiting.get(channel)?.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, PATIENCE_MS);
      this.#waiting.get(channel)?.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Everything after a cursor, then everything that comes, in order. Ends with the signal. */
  async *follow<T>(
    channel: Channel,
    after: bigint,
    read: (after: bigint, limit: number) => Promise<readonly T[]>,
    cursorOf: (item: T) => bigint,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    const limit = 500;
    while (!signal.aborted && !this.#closed) {
      // listen before looking: what is told between the two is not missed
      const waiting = new AbortController();
      const told = this.#next(channel, AbortSignal.any([signal, waiting.signal]));
      const items = await read(after, limit);
      for (const item of items) {
        if (signal.aborted) break;
        after = cursorOf(item);
        yield item;
      }
      if (items.length === limit) waiting.abort();
      await told;
    }
  }
}

/** A generator whose reader may leave while it waits. */
export function leavable<T>(start: (signal: AbortSignal) => AsyncGenerator<T>): AsyncIterableIterator<T> {
  const controller = new AbortController();
  const inner = start(controller.signal);
  const leave = <R>(end: () => Promise<R>): Promise<R> => {
    controller.abort();
    return end();
  };
  return {
    next: () => inner.next(),
    return: (value: unknown) => leave(() => inner.return(value)),
    throw: (error: unknown) => leave(() => inner.throw(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
