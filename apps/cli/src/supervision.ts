// Keeps a child process alive: one that ends although nobody asked is started again, with growing pauses while it keeps ending.

import { setTimeout as sleep } from 'node:timers/promises';

export interface Child {
  readonly pid: number;
  readonly ended: Promise<number | null>;
  stop(): Promise<void>;
}

export interface Supervised {
  /** ends the present child and starts the next at once */
  restart(): Promise<void>;
  /** no more starts; the child goes on */
  release(): void;
  /** no more starts, and the end of the child */
  stop(): Promise<void>;
}

export interface SupervisionOptions<C extends Child> {
  /** the first child and every later one */
  readonly onRunning: (child: C) => void;
  /** a sentence without its subject: 'ended with code 75; starting it again in 0.5 s' */
  readonly onLost: (why: string) => void;
  readonly firstPauseMs?: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** losses further apart than this have nothing to do with each other */
const WINDOW_MS = 60_000;

/** Starts a child and keeps it running. Rejects when the first start fails: that is for whoever asked to deal with. */
export async function supervise<C extends Child>(
  start: () => Promise<C>,
  { onRunning, onLost, firstPauseMs = FIRST_PAUSE_MS }: SupervisionOptions<C>,
): Promise<Supervised> {
  let child = await start();
  let released = false;
  const wake = new AbortController();
  const losses: number[] = [];
  onRunning(child);

  const pauseAfterLoss = (): number => {
    const now = performance.now();
    losses.push(now);
    const recent = losses.filter((time) => now - time < WINDOW_MS).length;
    return Math.min(LONGEST_PAUSE_MS, firstPauseMs * 2 ** (recent - 1));
  };
  const watching = (async () => {
    for (let lost = await endOf(child); !released;) {
      const pause = pauseAfterLoss();
      onLost(`${lost}; starting it again in ${pause / 1000} s`);
      await sleep(pause, undefined, { signal: wake.signal }).catch(() => undefined);
      if (released) return;
      try {
        child = await start();
      } catch (error) {
        lost = error instanceof Error ? error.message : String(error);
        continue;
      }
      if (released) return;
      onRunning(child);
      lost = await endOf(child);
    }
  })();

  const release = (): void => {
    released = true;
    wake.abort();
  };
  return {
    async restart() {
      const old = child;
      await old.stop();
      while (child === old && !released) await sleep(50);
    },
    release,
    async stop() {
      release();
      await child.stop();
      await watching;
      await child.stop(); // one that was just being started
    },
  };
}

const endOf = async (child: Child): Promise<string> => {
  const code = await child.ended;
  return code === null ? 'was killed' : `ended with code ${code}`;
};
