// Threads for clusters, under one budget of cores. Threads live on from job to job; a thread that does not stop when told to,
// or that dies, is replaced, and its arena goes with it.

import { Worker } from 'node:worker_threads';
import { type ClusterRequest, type ClusterResult, type QuantumReport } from './cluster-request.js';
import { entryPoint } from './entry-point.js';
import { PipelineError } from './errors.js';
import { outageCode } from './outage.js';
import type { Dispatcher } from './execute.js';
import { TaskFailure } from './failure.js';
import type { DatasetStore, ProvenanceSink } from './ports.js';
import { CANCELLED } from './quantum-run.js';
import type { TaskLog } from './task.js';
import type { FromThread, PortCall, ThreadData, ToThread } from './thread-messages.js';

export interface ThreadPoolOptions {
  /** core budget of this process; jobs wait when it is spent */
  readonly cores: number;
  /** cores one cluster takes: 1 unless its kernels fork */
  readonly coresPerJob?: number;
  /** modules that export a `taskPackage`, as URLs or absolute paths */
  readonly modules: readonly string[];
  /** most bytes of planes one job may hold */
  readonly arenaBytes?: number;
  /** from the cancel flag to the end of the thread */
  readonly graceMs?: number;
}

export interface ThreadJob {
  readonly store?: DatasetStore;
  readonly provenance?: ProvenanceSink;
  readonly log?: TaskLog;
  readonly signal?: AbortSignal;
  readonly onQuantum?: (report: QuantumReport) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly flag: Int32Array;
  readonly ready: Promise<void>;
}

const GIB = 1024 ** 3;

export class ThreadPool {
  readonly #options: Required<ThreadPoolOptions>;
  readonly #idle: Thread[] = [];
  readonly #all = new Set<Thread>();
  readonly #queue: (() => void)[] = [];
  #free: number;
  #closed = false;
  #peakBytes = 0;

  constructor(options: ThreadPoolOptions) {
    this.#options = { coresPerJob: 1, arenaBytes: GIB, graceMs: 2000, ...options };
    const { cores, coresPerJob } = this.#options;
    if (!(coresPerJob >= 1 && cores >= coresPerJob))
      throw new PipelineError('INVALID_PIPELINE', `a job of ${coresPerJob} cores does not fit a budget of ${cores}`, {
        cores,
        coresPerJob,
      });
    this.#free = Math.floor(cores / coresPerJob);
  }

  get concurrency(): number {
    return Math.floor(this.#options.cores / this.#options.coresPerJob);
  }
  /** threads alive, busy or idle */
  get size(): number {
    return this.#all.size;
  }
  /** most arena bytes any job held */
  get peakBytes(): number {
    return this.#peakBytes;
  }

  /** Runs a cluster in a thread. Rejects with TaskFailure CANCELLED when the signal came and the thread had to be ended. */
  async run(request: ClusterRequest, job: ThreadJob = {}): Promise<ClusterResult> {
    await this.#acquire(job.signal);
    try {
      const thread = this.#idle.pop() ?? this.#start();
      return await this.#runIn(thread, request, job);
    } finally {
      this.#free++;
      this.#queue.shift()?.();
    }
  }

  /** This pool as the place where a graph's clusters run. */
  dispatcher(job: Omit<ThreadJob, 'signal'> = {}): Dispatcher {
    return {
      concurrency: this.concurrency,
      runCluster: (request, signal) => this.run(request, { ...job, ...(signal !== undefined && { signal }) }),
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map(({ worker }) => worker.terminate()));
    this.#all.clear();
    this.#idle.length = 0;
  }

  async #acquire(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      if (this.#closed) throw new PipelineError('POOL_CLOSED', 'the thread pool is closed');
      if (signal?.aborted === true) throw new TaskFailure('noWork', CANCELLED, 'the job was cancelled before it began');
      if (this.#free > 0) {
        this.#free--;
        return;
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          signal?.removeEventListener('abort', giveUp);
          resolve();
        };
        const giveUp = (): void => {
          const at = this.#queue.indexOf(wake);
          if (at >= 0) this.#queue.splice(at, 1);
          resolve();
        };
        signal?.addEventListener('abort', giveUp, { once: true });
        this.#queue.push(wake);
      });
    }
  }

  #start(): Thread {
    const buffer = new SharedArrayBuffer(4);
    const { modules, arenaBytes } = this.#options;
    const { url, execArgv } = entryPoint('thread-entry');
    const data: ThreadData = { modules, arenaBytes, flag: buffer };
    const worker = new Worker(url, { workerData: data, execArgv: [...execArgv], name: 'cluster' });
    const ready = new Promise<void>((resolve, reject) => {
      const first = (message: FromThread): void => {
        if (message.kind === 'unusable')
          reject(new PipelineError('MODULE_INVALID', message.failure.message, { modules }));
        else resolve();
      };
      worker.once('message', first);
      worker.once('error', reject);
      worker.once('exit', () => reject(new TaskFailure('bug', 'THREAD_DIED', 'the thread ended before it was ready')));
    });
    ready.catch(() => undefined); // awaited where the thread is used
    const thread: Thread = { worker, flag: new Int32Array(buffer), ready };
    this.#all.add(thread);
    worker.on('error', () => undefined); // told to the job that runs in it
    worker.once('exit', () => this.#drop(thread));
    worker.unref();
    return thread;
  }

  #drop(thread: Thread): void {
    this.#all.delete(thread);
    const at = this.#idle.indexOf(thread);
    if (at >= 0) this.#idle.splice(at, 1);
  }

  async #runIn(thread: Thread, request: ClusterRequest, job: ThreadJob): Promise<ClusterResult> {
    const { worker, flag } = thread;
    worker.ref();
    let ending: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      Atomics.store(flag, 0, 1);
      ending ??= setTimeout(() => void worker.terminate(), this.#options.graceMs);
    };
    let detach = (): void => {};
    job.signal?.addEventListener('abort', cancel, { once: true });
    if (job.signal?.aborted === true) cancel();
    try {
      await thread.ready;
      const result = await new Promise<ClusterResult>((resolve, reject) => {
        const onMessage = (message: FromThread): void => {
          if (message.kind === 'call') void this.#answer(worker, message.call, message.request, job);
          else if (message.kind === 'quantum') job.onQuantum?.(message.report);
          else if (message.kind === 'log') job.log?.[message.level](message.message, message.facts);
          else if (message.kind === 'done') {
            this.#peakBytes = Math.max(this.#peakBytes, message.peakBytes);
            resolve(message.result);
          } else if (message.kind === 'failed')
            reject(new TaskFailure(message.failure.kind, message.failure.code, message.failure.message));
        };
        const onError = (error: Error): void => reject(threadFailure(error));
        const onExit = (): void =>
          reject(new TaskFailure('bug', 'THREAD_DIED', 'the thread ended in the middle of the job'));
        detach = () => {
          worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        };
        worker.on('message', onMessage).on('error', onError).on('exit', onExit);
        const run: ToThread = { kind: 'run', request };
        worker.postMessage(run);
      });
      job.signal?.removeEventListener('abort', cancel); // a late abort must not reach the next job
      Atomics.store(flag, 0, 0);
      clearTimeout(ending);
      if (this.#closed) await worker.terminate();
      else {
        worker.unref();
        this.#idle.push(thread);
      }
      return result;
    } catch (error) {
      // its state is unknown: a fresh thread next time
      this.#drop(thread);
      await worker.terminate();
      throw ending === undefined
        ? error
        : new TaskFailure('noWork', CANCELLED, 'the job was cancelled and its thread ended');
    } finally {
      clearTimeout(ending);
      job.signal?.removeEventListener('abort', cancel);
      detach();
    }
  }

  async #answer(worker: Worker, call: number, request: PortCall, { store, provenance }: ThreadJob): Promise<void> {
    let answer: ToThread;
    try {
      answer = { kind: 'answer', call, value: await perform(request, store, provenance) };
    } catch (error) {
      const outage = outageCode(error);
      answer = {
        kind: 'answer',
        call,
        error: error instanceof Error ? error.message : String(error),
        ...(outage !== undefined && { code: outage }),
      };
    }
    worker.postMessage(answer);
  }
}

async function perform(
  request: PortCall,
  store: DatasetStore | undefined,
  provenance: ProvenanceSink | undefined,
): Promise<unknown> {
  if (request.port === 'record') return provenance?.record(request.record);
  if (store === undefined)
    throw new PipelineError('NO_STORE', 'datasets must be read or written but no store is given');
  return request.port === 'put' ? store.put(request.dataset, request.bytes) : store.get(request.ref);
}

function threadFailure(error: Error): TaskFailure {
  const { code } = error as { code?: string };
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new TaskFailure('unprocessable', 'OUT_OF_MEMORY', 'the thread ran out of heap', {}, { cause: error })
    : new TaskFailure('bug', 'THREAD_DIED', error.message, {}, { cause: error });
}

/** One cluster in a thread of the pool. */
export const runClusterInThread = (
  pool: ThreadPool,
  request: ClusterRequest,
  job: ThreadJob = {},
): Promise<ClusterResult> => pool.run(request, job);
