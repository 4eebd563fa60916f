// Threads that sleep until there is a pass to run. Dispatch and join cost some 50 microseconds; a thread starts in 25-50 ms.

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { KernelError } from './errors.js';
import type { BandPass } from './job.js';
import { BAND_ROWS } from './job.js';
import { kernelModule } from './module.js';
import { MAX_ARGUMENTS, PoolControl, QUIT, Word } from './pool-control.js';
import type { PoolWorkerData } from './pool-worker.js';
import type { SharedMemory } from './webassembly.js';

/** how often a blocked caller looks at its cancel flag */
const POLL_MS = 5;

export class KernelPool {
  readonly #control = new PoolControl();
  readonly #workers: Worker[] = [];
  #dead: KernelError | undefined;
  /** settles the pass an asynchronous caller waits for */
  #finish: ((error?: KernelError) => void) | undefined;

  private constructor(private readonly names: ReadonlyMap<string, number>) {}

  static async start(threads: number, memory: SharedMemory, names: readonly string[]): Promise<KernelPool> {
    const pool = new KernelPool(new Map(names.map((name, index) => [name, index])));
    const module = kernelModule();
    try {
      await Promise.all(
        Array.from({ length: threads }, (_, index) =>
          pool.#add({ module, memory, control: pool.#control.buffer, thread: index + 1 }),
        ),
      );
    } catch (cause) {
      await Promise.all(pool.#workers.map((worker) => worker.terminate()));
      throw new KernelError('THREAD_DIED', 'a thread of the pool did not start', threads, { cause });
    }
    return pool;
  }

  get threads(): number {
    return this.#workers.length;
  }

  /** Runs a pass while the calling thread sleeps. */
  runBlocking(pass: BandPass, isCancelled?: () => boolean): void {
    this.#begin(pass, false);
    const { words } = this.#control;
    for (;;) {
      const pending = Atomics.load(words, Word.pending);
      if (pending === 0) return this.#end();
      Atomics.wait(words, Word.pending, pending, POLL_MS);
      if (isCancelled?.() === true) Atomics.store(words, Word.stop, 1);
    }
  }

  /** Runs a pass while the caller's event loop turns. */
  async run(pass: BandPass, isCancelled?: () => boolean): Promise<void> {
    const poll = setInterval(() => {
      if (isCancelled?.() === true) Atomics.store(this.#control.words, Word.stop, 1);
    }, POLL_MS); // also what keeps the process alive until the pass ends
    try {
      await new Promise<void>((resolve, reject) => {
        this.#finish = (error) => (error === undefined ? resolve() : reject(error));
        this.#begin(pass, true);
      });
    } finally {
      clearInterval(poll);
      this.#finish = undefined;
    }
    this.#end();
  }

  async close(): Promise<void> {
    this.#dead ??= new KernelError('CLOSED', 'the kernel pool is closed');
    const { words } = this.#control;
    Atomics.store(words, Word.stop, 1);
    Atomics.store(words, Word.kernel, QUIT);
    Atomics.add(words, Word.generation, 1);
    Atomics.notify(words, Word.generation);
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
    this.#workers.length = 0;
  }

  #begin({ kernel, args, rows, bandRows = BAND_ROWS }: BandPass, report: boolean): void {
    if (this.#dead !== undefined) throw this.#dead;
    if (args.length > MAX_ARGUMENTS)
      throw new KernelError('BAD_ARGUMENT', `${args.length} arguments are more than ${MAX_ARGUMENTS}`, args.length);
    const control = this.#control;
    const { words } = control;
    control.args.set(args);
    words[Word.argumentCount] = args.length;
    words[Word.kernel] = this.names.get(kernel) ?? this.names.size;
    words[Word.rows] = rows;
    words[Word.bandRows] = bandRows;
    words[Word.nextBand] = words[Word.stop] = words[Word.errorBytes] = 0;
    words[Word.report] = report ? 1 : 0;
    Atomics.store(words, Word.pending, this.#workers.length);
    Atomics.add(words, Word.generation, 1);
    Atomics.notify(words, Word.generation);
  }

  #end(): void {
    const { failure, words } = this.#control;
    if (failure !== undefined) throw new KernelError('TRAP', `a kernel ended in a trap: ${failure}`, failure);
    if (Atomics.load(words, Word.stop) !== 0) throw cancelled();
  }

  async #add(workerData: PoolWorkerData): Promise<void> {
    const { url, execArgv } = entryPoint();
    const worker = new Worker(url, { workerData, execArgv: [...execArgv], name: 'kernels' });
    this.#workers.push(worker);
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the thread ended before it was ready')));
    });
    worker.on('message', () => this.#finish?.());
    worker.once('error', () => undefined);
    worker.once('exit', () => {
      this.#dead ??= new KernelError('THREAD_DIED', 'a thread of the pool ended', workerData.thread);
      this.#finish?.(this.#dead);
    });
    worker.unref();
  }
}

export const cancelled = (): KernelError => new KernelError('CANCELLED', 'the job was cancelled between two bands');

/** The thread's main file; its source, through a loader, where there is no build (tests). */
function entryPoint(): { readonly url: URL; readonly execArgv: readonly string[] } {
  const built = new URL('./pool-worker.js', import.meta.url);
  if (existsSync(built)) return { url: built, execArgv: [] };
  const loader = fileURLToPath(new URL('../../../test/support/typescript.mjs', import.meta.url));
  return { url: new URL('./pool-worker.ts', import.meta.url), execArgv: ['--no-warnings', '--import', loader] };
}
