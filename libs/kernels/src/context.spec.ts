import { convolveSeparable, KernelArena, KernelContext, KernelError, type KernelJob, reservedBytes } from './index.js';

const TAPS = [0.4, 0.2, 0.1];

function noise(length: number, seed = 1): Float32Array {
  let state = seed;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return (state >>> 0) / 2 ** 32 - 0.5;
  });
}

/** A job that asks the module for something it does not have. */
const unknownKernel: KernelJob<void> = function* () {
  yield { kernel: 'noSuchKernel', args: [], rows: 1 };
};
/** A job that reads far outside the memory. */
const wildPointer: KernelJob<void> = function* () {
  yield { kernel: 'convolveSeparable', args: [0xfff00000, 0xfff00000, 64, 64, 0, 0, 0, 0, 0], rows: 64 };
};

describe('a kernel context', () => {
  const contexts: KernelContext[] = [];
  afterAll(() => Promise.all(contexts.map((context) => context.close())));
  const threaded = async (threads: number, options = {}): Promise<KernelContext> => {
    const context = await KernelContext.withThreads(threads, { maximumBytes: 2 ** 25, ...options });
    contexts.push(context);
    return context;
  };

  it('gives the same bits on the caller’s thread, on one, two and three threads, blocking or not', async () => {
    const [width, height] = [203, 201];
    const data = noise(width * height);
    const results: Float32Array[] = [];
    const run = async (context: KernelContext, asynchronous: boolean): Promise<void> => {
      const source = context.plane(width, height);
      source.data.set(data);
      const target = context.plane(width, height);
      const job = convolveSeparable({ source, target, taps: TAPS });
      if (asynchronous) await context.runAsync(job);
      else context.run(job);
      results.push(target.data.slice());
    };
    await run(new KernelContext({ maximumBytes: 2 ** 24 }), false);
    for (const threads of [1, 2, 3]) {
      const context = await threaded(threads);
      expect(context.threads).toBe(threads);
      await run(context, false);
      await run(context, true);
    }
    expect(results).toHaveLength(7);
    const bits = results.map((result) => Buffer.from(result.buffer).toString('base64'));
    expect(new Set(bits).size).toBe(1);
    expect(results[0]!.some((value) => value !== 0)).toBe(true);
  });

  it('leaves the event loop free while threads work, and runs its jobs one after the other', async () => {
    const context = await threaded(2);
    const source = context.plane(1024, 1024);
    source.data.fill(1);
    const targets = [0, 1, 2].map(() => context.plane(1024, 1024));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const taps = new Float64Array(129).fill(1 / 257);
    const jobs = targets.map((target) => context.runAsync(convolveSeparable({ source, target, taps })));
    await Promise.resolve();
    expect(() => context.run(convolveSeparable({ source, target: targets[0]!, taps }))).toThrow(
      expect.objectContaining({ code: 'BUSY' }),
    );
    await Promise.all(jobs);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
    for (const target of targets) expect(target.data[512 * 1024 + 512]).toBeCloseTo(1, 5);
  });

  it('copies planes from elsewhere in and out, and takes the copies back', () => {
    const context = new KernelContext({ maximumBytes: 2 ** 22 });
    const arena = context.allocator as KernelArena;
    const source = { width: 32, height: 3, data: noise(96) };
    const target = { width: 32, height: 3, data: new Float32Array(96) };
    context.run(convolveSeparable({ source, target, taps: [1] }));
    expect(target.data).toEqual(source.data);
    expect(arena.usedBytes).toBe(0);
  });

  it('knows planes of its memory again after the memory has grown, and shared memory that is not its own', () => {
    const context = new KernelContext({ maximumBytes: 2 ** 24 });
    const before = context.plane(32, 32);
    before.data.set(noise(1024));
    context.plane(1024, 1024); // grows
    const after = context.plane(32, 32);
    expect(before.data.buffer).not.toBe(after.data.buffer);
    const used = (context.allocator as KernelArena).usedBytes;
    context.run(convolveSeparable({ source: before, target: after, taps: [1] }));
    expect(after.data).toEqual(before.data);
    expect((context.allocator as KernelArena).usedBytes).toBe(used);
    const foreign = new KernelContext({ maximumBytes: 2 ** 20 }).plane(32, 32);
    foreign.data.fill(7);
    context.run(convolveSeparable({ source: foreign, target: after, taps: [1] }));
    expect(after.data.every((value) => value === 7)).toBe(true);
  });

  it('works in the memory of another arena, above the bytes it was promised', () => {
    const arena = new KernelArena({ maximumBytes: 2 ** 20 });
    const context = new KernelContext({ arena });
    const plane = arena.float32(256);
    expect(plane.byteOffset).toBe(reservedBytes());
    plane.fill(2);
    context.run(
      convolveSeparable({ source: { width: 64, height: 4, data: plane }, target: context.plane(64, 4), taps: TAPS }),
    );
    expect(plane.every((value) => value === 2)).toBe(true);
  });

  it('answers too little memory with OUT_OF_MEMORY and the bytes asked for', () => {
    const context = new KernelContext({ maximumBytes: 2 ** 20 });
    expect(() => context.plane(1024, 1024)).toThrow(
      expect.objectContaining({ name: 'KernelError', code: 'OUT_OF_MEMORY', value: 4 * 2 ** 20 }),
    );
    expect(() => context.plane(NaN, 1)).toThrow(KernelError);
    const foreign = { width: 1024, height: 1024, data: new Float32Array(1024 * 1024) };
    expect(() =>
      context.run(
        convolveSeparable({ source: foreign, target: { ...foreign, data: foreign.data.slice() }, taps: [1] }),
      ),
    ).toThrow(expect.objectContaining({ code: 'OUT_OF_MEMORY' }));
    expect(context.plane(64, 64).data).toHaveLength(4096); // and goes on
  });

  it('clears planes that were used before', () => {
    const arena = new KernelArena({ maximumBytes: 2 ** 20 });
    const mark = arena.mark();
    arena.float32(1000).fill(5);
    arena.release(mark);
    arena.release(mark);
    arena.bytes(4000).fill(9);
    arena.release(mark);
    expect(arena.float32(1000).every((value) => value === 0)).toBe(true);
    expect(() => arena.release(1)).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  });

  it('stops between bands when it is cancelled, and runs the next job', async () => {
    for (const threads of [0, 2]) {
      let cancelled = true;
      const options = { maximumBytes: 2 ** 25, isCancelled: () => cancelled };
      const context = threads === 0 ? new KernelContext(options) : await threaded(threads, options);
      const source = context.plane(1500, 1500);
      const target = context.plane(1500, 1500);
      const job = convolveSeparable({ source, target, taps: new Float64Array(257).fill(1) });
      expect(() => context.run(job)).toThrow(expect.objectContaining({ code: 'CANCELLED' }));
      if (threads > 0) await expect(context.runAsync(job)).rejects.toMatchObject({ code: 'CANCELLED' });
      cancelled = false;
      context.run(convolveSeparable({ source, target, taps: [1] }));
    }
  });

  it('reports what goes wrong inside a thread as TRAP and goes on', async () => {
    for (const context of [new KernelContext(), await threaded(2)]) {
      for (const job of [unknownKernel, wildPointer]) {
        expect(() => context.run(job)).toThrow(expect.objectContaining({ code: 'TRAP' }));
        if (context.threads > 0) await expect(context.runAsync(job)).rejects.toMatchObject({ code: 'TRAP' });
      }
      const source = context.plane(64, 2);
      source.data.fill(1);
      const target = context.plane(64, 2);
      context.run(convolveSeparable({ source, target, taps: [3], verticalTaps: [1] }));
      expect(target.data.every((value) => value === 3)).toBe(true);
    }
  });

  it('refuses work after it is closed, fails work under way, and refuses senseless numbers of threads', async () => {
    const context = await threaded(1);
    const source = context.plane(1500, 1500);
    const target = context.plane(1500, 1500);
    const underWay = context.runAsync(convolveSeparable({ source, target, taps: new Float64Array(257).fill(1) }));
    const failure = expect(underWay).rejects.toBeInstanceOf(KernelError);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await context.close();
    await failure;
    await expect(context.runAsync(convolveSeparable({ source, target, taps: [1] }))).rejects.toMatchObject({
      code: 'CLOSED',
    });
    expect(() => context.run(convolveSeparable({ source, target, taps: [1] }))).toThrow(
      expect.objectContaining({ code: 'CLOSED' }),
    );
    for (const threads of [0, 1.5, NaN, 1000])
      await expect(KernelContext.withThreads(threads)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(new KernelContext().runAsync(unknownKernel)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
