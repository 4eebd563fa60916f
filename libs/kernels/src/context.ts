// Where kernels run: a memory, an allocator for planes, and threads or none.
// Without threads a job runs on the caller's thread (in a pipeline that is a worker thread, on planes of its arena). With threads its
// bands are shared out: `run` sleeps meanwhile, `runAsync` leaves the event loop free. Results are the same bits in every case.

import type { FloatPlane } from '#libs/image';
import { runBands } from './bands.js';
import { KernelError } from './errors.js';
import { BAND_ROWS, type BandPass, type KernelJob } from './job.js';
import { type KernelAllocator, KernelArena, reservedBytes, scratchStart } from './memory.js';
import { instantiate, kernelModule } from './module.js';
import { cancelled, KernelPool } from './pool.js';
import { MAX_ARGUMENTS, PoolControl, Word } from './pool-control.js';
import type { SharedMemory, WasmExports } from './webassembly.js';
import { KernelWorkspace } from './workspace.js';

export interface KernelContextOptions {
  /**
   * A memory to work in, with the allocator of its planes; the bytes below `reservedBytes(threads + 1)` must be nobody's. Without it
   * the context makes its own.
   */
  readonly arena?: KernelAllocator & { readonly memory: SharedMemory };
  /** most bytes of planes in a memory of the context's own */
  readonly maximumBytes?: number;
  /** polled between bands; true ends the job with CANCELLED */
  readonly isCancelled?: () => boolean;
}

export class KernelContext {
  readonly memory: SharedMemory;
  readonly allocator: KernelAllocator;
  readonly #exports: WasmExports;
  readonly #isCancelled: (() => boolean) | undefined;
  readonly #own = new PoolControl();
  readonly #known = new WeakMap<object, boolean>();
  #pool: KernelPool | undefined;
  #busy = false;
  #queue: Promise<unknown> = Promise.resolve();

  /** A context without threads. @throws KernelError NOT_BUILT, OUT_OF_MEMORY */
  constructor(options: KernelContextOptions = {}, threads = 0) {
    const { arena = new KernelArena({ maximumBytes: options.maximumBytes ?? 1024 ** 3, threads: threads + 1 }) } =
      options;
    this.memory = arena.memory;
    this.allocator = arena;
    this.#isCancelled = options.isCancelled;
    const missing = reservedBytes(threads + 1) - this.memory.buffer.byteLength;
    if (missing > 0)
      try {
        this.memory.grow(Math.ceil(missing / 65_536));
      } catch (cause) {
        throw new KernelError(
          'OUT_OF_MEMORY',
          `the memory has no room for the kernels' own ${missing} bytes`,
          missing,
          {
            cause,
          },
        );
      }
    this.#exports = instantiate(kernelModule(), this.memory);
  }

  /** A context whose jobs run on `threads` threads of their own. Close it when done. */
  static async withThreads(threads: number, options: KernelContextOptions = {}): Promise<KernelContext> {
    if (!(Number.isSafeInteger(threads) && threads >= 1 && threads <= 64))
      throw new KernelError('BAD_ARGUMENT', `a pool cannot have ${threads} threads`, threads);
    const context = new KernelContext(options, threads);
    context.#pool = await KernelPool.start(threads, context.memory, Object.keys(context.#exports));
    return context;
  }

  /** Threads of the pool, 0 when jobs run on the caller's thread. */
  get threads(): number {
    return this.#pool?.threads ?? 0;
  }

  /** A plane of zeros in the memory. */
  plane(width: number, height: number): FloatPlane {
    return { width, height, data: this.allocator.float32(width * height) };
  }

  /**
   * Runs a job to its end; the calling thread works or sleeps meanwhile.
   * @throws KernelError BUSY while an asynchronous job is under way; CANCELLED, TRAP and what the job throws
   */
  run<T>(job: KernelJob<T>): T {
    if (this.#busy) throw new KernelError('BUSY', 'another job of this context is under way');
    const workspace = new KernelWorkspace(this.memory, this.allocator, this.#known);
    let completed = false;
    try {
      const passes = job(workspace);
      for (;;) {
        const step = passes.next();
        if (step.done === true) {
          completed = true;
          return step.value;
        }
        if (step.value.rows <= 0) continue;
        if (this.#pool !== undefined) this.#pool.runBlocking(step.value, this.#isCancelled);
        else this.#runHere(step.value);
      }
    } finally {
      workspace.end(completed);
    }
  }

  /** Runs a job on the threads while this thread's event loop turns. Jobs of one context run one after the other. */
  runAsync<T>(job: KernelJob<T>): Promise<T> {
    const pool = this.#pool;
    if (pool === undefined)
      return Promise.reject(
        new KernelError('BAD_ARGUMENT', 'a context without threads runs jobs at once, by run()', 0),
      );
    const result = this.#queue.then(() => this.#runOn(pool, job));
    this.#queue = result.catch(() => undefined);
    return result;
  }

  /** Ends the threads; a job under way fails with CLOSED. */
  async close(): Promise<void> {
    await this.#pool?.close();
  }

  async #runOn<T>(pool: KernelPool, job: KernelJob<T>): Promise<T> {
    this.#busy = true;
    const workspace = new KernelWorkspace(this.memory, this.allocator, this.#known);
    let completed = false;
    try {
      const passes = job(workspace);
      for (;;) {
        const step = passes.next();
        if (step.done === true) {
          completed = true;
          return step.value;
        }
        if (step.value.rows > 0) await pool.run(step.value, this.#isCancelled);
      }
    } finally {
      workspace.end(completed);
      this.#busy = false;
    }
  }

  #runHere({ kernel, args, rows, bandRows = BAND_ROWS }: BandPass): void {
    if (args.length > MAX_ARGUMENTS)
      throw new KernelError('BAD_ARGUMENT', `${args.length} arguments are more than ${MAX_ARGUMENTS}`, args.length);
    const control = this.#own;
    const { words } = control;
    control.args.set(args);
    words[Word.argumentCount] = args.length;
    words[Word.rows] = rows;
    words[Word.bandRows] = bandRows;
    words[Word.nextBand] = words[Word.stop] = words[Word.errorBytes] = 0;
    runBands(control, this.#exports[kernel], scratchStart(0), this.#isCancelled);
    const { failure } = control;
    if (failure !== undefined) throw new KernelError('TRAP', `a kernel ended in a trap: ${failure}`, failure);
    if (words[Word.stop] !== 0) throw cancelled();
  }
}
