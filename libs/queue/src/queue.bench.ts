import { Queue, Worker } from 'bullmq';
import { jobId } from './job-id.js';
import { migrateQueues, resolveQueueRoot } from './queue-root.js';
import { Queues } from './queues.js';

export interface QueueBench {
  readonly backend: 'postgres' | 'redis';
  readonly jobs: number;
  /** Jobs per second through this library: deterministic ids, checked payloads, 50 adds in flight, 10 at once. */
  readonly addPerSecond: number;
  readonly addBulkPerSecond: number;
  readonly processPerSecond: number;
  /** The same on bare BullMQ classes with its own defaults. */
  readonly bareAddPerSecond: number;
  readonly bareAddBulkPerSecond: number;
  readonly bareProcessPerSecond: number;
}

export interface QueueBenchOptions {
  readonly queueUrl: string;
  readonly jobs?: number;
}

const CONCURRENCY = 10;
const ADDS_IN_FLIGHT = 50;
const BULK = 500;

/** No-op jobs, producer and worker in one process. Leaves nothing in the queues. */
export async function runQueueBench({ queueUrl, jobs = 2_000 }: QueueBenchOptions): Promise<QueueBench> {
  const url = new URL(queueUrl);
  url.searchParams.set('namespace', 'bench');
  await migrateQueues(url.href);
  const { backend } = resolveQueueRoot(url.href);
  const bare = await benchBare(url.href, jobs);
  const ours = await benchOurs(url.href, jobs);
  return {
    backend,
    jobs,
    addPerSecond: ours.add,
    addBulkPerSecond: ours.addBulk,
    processPerSecond: ours.process,
    bareAddPerSecond: bare.add,
    bareAddBulkPerSecond: bare.addBulk,
    bareProcessPerSecond: bare.process,
  };
}

interface Rates {
  readonly add: number;
  readonly addBulk: number;
  readonly process: number;
}

async function benchOurs(queueUrl: string, jobs: number): Promise<Rates> {
  const queues = new Queues({ queueUrl });
  const queue = queues.createQueue('maintenance');
  await queue.obliterate({ force: true });
  const ids = Array.from({ length: jobs }, (_, i) => i);
  const add = await rate(jobs, () =>
    inFlight(ids, (i) => queue.add('maintenance', { i }, { jobId: jobId('bench', 'add', i) })),
  );
  const addBulk = await rate(jobs, async () => {
    for (let from = 0; from < jobs; from += BULK)
      await queues.enqueueAll(
        'maintenance',
        ids.slice(from, from + BULK).map((i) => ({ jobId: jobId('bench', 'bulk', i), payload: { i } })),
      );
  });
  const process = await rate(2 * jobs, () =>
    drained(2 * jobs, (done) =>
      queues.createWorker('maintenance', () => Promise.resolve(done()), { concurrency: CONCURRENCY }),
    ),
  );
  await queue.obliterate({ force: true });
  await queues.close();
  return { add, addBulk, process };
}

async function benchBare(queueUrl: string, jobs: number): Promise<Rates> {
  const { connection, factory, prefix } = resolveQueueRoot(queueUrl);
  const options = { connection, ...(prefix === undefined ? {} : { prefix }) };
  const queue = new Queue('bare', options, factory);
  await queue.obliterate({ force: true });
  const ids = Array.from({ length: jobs }, (_, i) => i);
  const add = await rate(jobs, () => inFlight(ids, (i) => queue.add('bare', { i })));
  const addBulk = await rate(jobs, async () => {
    for (let from = 0; from < jobs; from += BULK)
      await queue.addBulk(ids.slice(from, from + BULK).map((i) => ({ name: 'bare', data: { i } })));
  });
  let worker: Worker | undefined;
  const process = await rate(2 * jobs, () =>
    drained(2 * jobs, (done) => {
      worker = new Worker('bare', () => Promise.resolve(done()), { ...options, concurrency: CONCURRENCY }, factory);
      return worker;
    }),
  );
  await worker?.close();
  await queue.obliterate({ force: true });
  await queue.close();
  return { add, addBulk, process };
}

async function rate(count: number, work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return Math.round((count / (performance.now() - start)) * 1000);
}

async function inFlight<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: ADDS_IN_FLIGHT }, async () => {
      while (next < items.length) await work(items[next++]!);
    }),
  );
}

/** Resolves when a worker made with the given callback has run `count` jobs. */
function drained(count: number, start: (done: () => void) => unknown): Promise<void> {
  return new Promise((resolve) => {
    let ran = 0;
    start(() => {
      if (++ran === count) resolve();
    });
  });
}
