import { performance } from 'node:perf_hooks';

export interface Stall {
  readonly durationMs: number;
  /** What was being worked on; the blocking code is (usually) in one of them. */
  readonly activities: readonly string[];
}

export interface EventLoopMonitorOptions {
  /** Stalls shorter than this are not reported. Job locks last tens of seconds, and renewals need the event loop. */
  readonly thresholdMs?: number;
  readonly intervalMs?: number;
  readonly onStall: (stall: Stall) => void;
}

/**
 * Notices code that keeps the event loop busy and names the jobs at work. Such code belongs in a worker thread: it
 * delays lock renewals, so that another worker takes the job for dead.
 */
export class EventLoopMonitor {
  readonly #active = new Map<symbol, string>();
  /** Ended since the last tick: the culprit of a stall has usually returned by the time the timer fires. */
  #ended: string[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: EventLoopMonitorOptions) {}

  start(): void {
    if (this.#timer) return;
    const { intervalMs = 100, thresholdMs = 500, onStall } = this.options;
    let expected = performance.now() + intervalMs;
    this.#timer = setInterval(() => {
      const durationMs = performance.now() - expected;
      expected = performance.now() + intervalMs;
      if (durationMs >= thresholdMs)
        onStall({ durationMs, activities: [...new Set([...this.#active.values(), ...this.#ended])] });
      this.#ended = [];
    }, intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Runs `work` under a name. */
  async during<T>(activity: string, work: () => Promise<T>): Promise<T> {
    const key = Symbol(activity);
    this.#active.set(key, activity);
    try {
      return await work();
    } finally {
      this.#active.delete(key);
      if (this.#timer) this.#ended.push(activity);
    }
  }
}
