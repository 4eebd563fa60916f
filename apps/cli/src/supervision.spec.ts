import { describe, expect, it } from '@jest/globals';
import { type Child, supervise } from './supervision.js';

class FakeChild implements Child {
  end!: (code: number | null) => void;
  readonly ended = new Promise<number | null>((resolve) => (this.end = resolve));
  constructor(readonly pid: number) {}
  stop(): Promise<void> {
    this.end(0);
    return Promise.resolve();
  }
}

/** Children in the order of their starts; starts fail where `broken` says so. */
function nursery(broken: readonly number[] = []) {
  const children: FakeChild[] = [];
  let starts = 0;
  const told: string[] = [];
  return {
    children,
    told,
    start: () => {
      starts++;
      if (broken.includes(starts)) return Promise.reject(new Error(`start ${starts} failed`));
      children.push(new FakeChild(starts));
      return Promise.resolve(children.at(-1)!);
    },
    until: async (count: number) => {
      while (children.length < count) await new Promise((resolve) => setTimeout(resolve, 1));
    },
  };
}

describe('supervise', () => {
  it('starts a child that was killed again, and says so', async () => {
    const { children, told, start, until } = nursery();
    const running: number[] = [];
    const supervised = await supervise(start, {
      onRunning: ({ pid }) => void running.push(pid),
      onLost: (why) => void told.push(why),
      firstPauseMs: 2,
    });
    children[0]!.end(null);
    await until(2);
    children[1]!.end(75);
    await until(3);
    await supervised.stop();
    expect(running).toEqual([1, 2, 3]);
    expect(told).toEqual([
      'was killed; starting it again in 0.002 s',
      'ended with code 75; starting it again in 0.004 s',
    ]);
    await expect(children[2]!.ended).resolves.toBe(0);
  });

  it('goes on when a restart fails, but not when the first start does', async () => {
    const { children, told, start, until } = nursery([2, 3]);
    const supervised = await supervise(start, {
      onRunning: () => undefined,
      onLost: (why) => void told.push(why.replace(/;.*/, '')),
      firstPauseMs: 1,
    });
    children[0]!.end(null);
    await until(2);
    expect(children[1]!.pid).toBe(4);
    expect(told).toEqual(['was killed', 'start 2 failed', 'start 3 failed']);
    await supervised.stop();
    const hopeless = nursery([1]);
    await expect(supervise(hopeless.start, { onRunning: () => undefined, onLost: () => undefined })).rejects.toThrow(
      'start 1 failed',
    );
  });

  it('starts nothing after it was told to stop, in the middle of a pause too', async () => {
    const { children, start } = nursery();
    const supervised = await supervise(start, {
      onRunning: () => undefined,
      onLost: () => undefined,
      firstPauseMs: 60_000,
    });
    children[0]!.end(null);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await supervised.stop();
    expect(children).toHaveLength(1);
  });

  it('restarts on demand', async () => {
    const { children, start } = nursery();
    const supervised = await supervise(start, {
      onRunning: () => undefined,
      onLost: () => undefined,
      firstPauseMs: 1,
    });
    await supervised.restart();
    expect(children).toHaveLength(2);
    await supervised.stop();
  });
});
