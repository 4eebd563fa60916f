import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createLogger } from '#libs/observability';
import { openTestDatabase, type TestDatabase, testQueueUrl } from '../../../test/support/medium.js';
import {
  flowJob,
  jobId,
  LONGEST_TRANSACTION_MS,
  migrateQueues,
  type QueueEvents,
  QueueModule,
  Queues,
  UnrecoverableError,
} from './index.js';

/** What every backend must do; run it on another one with QUEUE_URL. */
let database: TestDatabase;
let url: string;
let queues: Queues;
const events = {} as Record<'visits' | 'detectors' | 'maintenance', QueueEvents>;
const order: string[] = [];
let runs: Record<string, number> = {};

beforeAll(async () => {
  database = await openTestDatabase({ migrations: [] });
  const withNamespace = new URL(testQueueUrl());
  withNamespace.searchParams.set('namespace', `t${process.pid}_${Date.now().toString(36)}`);
  url = withNamespace.href;
  await migrateQueues(url);
  queues = new Queues({
    queueUrl: url,
    concurrentJobs: 2,
    logger: createLogger({ level: 'silent', component: 'test' }),
  });
  for (const name of ['visits', 'detectors', 'maintenance'] as const) {
    events[name] = queues.createQueueEvents(name);
    await events[name].waitUntilReady();
  }
  await queues
    .createWorker<{ value?: number; sleepMs?: number }, { value: number }>('detectors', async (job) => {
      runs[job.id!] = (runs[job.id!] ?? 0) + 1;
      if (job.data.sleepMs) await sleep(job.data.sleepMs);
      if (job.name === 'fails-twice' && job.attemptsMade < 2) throw new Error('transient');
      if (job.name === 'broken') throw new UnrecoverableError('broken for good');
      return { value: job.data.value ?? 0 };
    })
    .waitUntilReady();
  await queues
    .createWorker('visits', async (job) => {
      const done = Object.values(await job.getChildrenValues<{ value: number }>());
      return {
        sum: done.reduce((sum, { value }) => sum + value, 0),
        failed: Object.keys(await job.getIgnoredChildrenFailures()).length,
      };
    })
    .waitUntilReady();
});

afterAll(async () => {
  await queues.close();
  if (queues.backend === 'postgres') {
    const client = new pg.Client(testQueueUrl());
    await client.connect();
    await client.query(`DROP SCHEMA IF EXISTS bullmq_${new URL(url).searchParams.get('namespace')} CASCADE`);
    await client.end();
  }
  await database.close();
});

const finished = async (name: 'visits' | 'detectors' | 'maintenance', id: string): Promise<unknown> =>
  (await queues.createQueue(name).getJob(id))!.waitUntilFinished(events[name], 30_000);

describe('a queue', () => {
  it('runs a job and hands back its result', async () => {
    const id = jobId('detector', 1, 1);
    expect(await queues.enqueue('detectors', { jobId: id, payload: { value: 7 } })).toBe('added');
    expect(await finished('detectors', id)).toEqual({ value: 7 });
  });

  it('adds the same work once while it is alive, and again when it has ended', async () => {
    runs = {};
    const id = jobId('detector', 1, 2);
    expect(await queues.enqueue('detectors', { jobId: id, payload: {}, delayMs: 300 })).toBe('added');
    expect(await queues.enqueue('detectors', { jobId: id, payload: {} })).toBe('alive');
    expect(await queues.isAlive('detectors', id)).toBe(true);
    await finished('detectors', id);
    expect(await queues.isAlive('detectors', id)).toBe(false);
    expect(await queues.enqueue('detectors', { jobId: id, payload: {} })).toBe('added');
    await finished('detectors', id);
    expect(runs).toEqual({ [id]: 2 });
    expect(await queues.isAlive('detectors', jobId('detector', 'unknown'))).toBe(false);
  });

  it('waits out a delay', async () => {
    const id = jobId('detector', 1, 3);
    const start = performance.now();
    await queues.enqueue('detectors', { jobId: id, payload: {}, delayMs: 400 });
    await finished('detectors', id);
    expect(performance.now() - start).toBeGreaterThanOrEqual(390);
  });

  it('repeats what failed for the time being, and not what failed for good', async () => {
    runs = {};
    const [transient, permanent] = [jobId('detector', 1, 4), jobId('detector', 1, 5)];
    await queues.enqueue('detectors', { jobId: transient, name: 'fails-twice', payload: { value: 3 } });
    await queues.enqueue('detectors', { jobId: permanent, name: 'broken', payload: {} });
    await expect(finished('detectors', permanent)).rejects.toThrow('broken for good');
    expect(await finished('detectors', transient)).toEqual({ value: 3 });
    expect(runs).toEqual({ [transient]: 3, [permanent]: 1 });
  });

  it('runs urgent work first', async () => {
    const queue = queues.createQueue('maintenance');
    await queue.pause();
    await queues.enqueueAll(
      'maintenance',
      [5, 1, 3].map((priority) => ({ jobId: jobId('round', priority), payload: {}, priority })),
    );
    await queue.resume();
    const worker = queues.createWorker('maintenance', async (job) => void order.push(job.id!));
    await finished('maintenance', jobId('round', 5));
    expect(order).toEqual(['round.1', 'round.3', 'round.5']);
    await worker.close();
  });

  it('runs the parent of a flow when all children have ended, dead ones too', async () => {
    const children = [1, 2, 3, 4].map((value) =>
      flowJob('detectors', { jobId: jobId('detector', 2, value), payload: { value } }),
    );
    const dead = flowJob('detectors', { jobId: jobId('detector', 2, 'dead'), name: 'broken', payload: {} });
    await queues.flow().add(flowJob('visits', { jobId: jobId('visit', 2), payload: {} }, [...children, dead]));
    expect(await finished('visits', jobId('visit', 2))).toEqual({ sum: 10, failed: 1 });
  });

  it('gives the same work back once, however often a flow is added', async () => {
    runs = {};
    const tree = () =>
      flowJob('visits', { jobId: jobId('visit', 3), payload: {} }, [
        flowJob('detectors', { jobId: jobId('detector', 3, 1), payload: { value: 1, sleepMs: 200 } }),
      ]);
    await queues.flow().add(tree());
    await queues.flow().add(tree());
    expect(await finished('visits', jobId('visit', 3))).toEqual({ sum: 1, failed: 0 });
    expect(runs).toEqual({ 'detector.3.1': 1 });
  });

  it('stores payloads as they were, with 64-bit ids as strings and text beyond the basic plane', async () => {
    const payload = {
      visitId: '9007199254740993',
      text: 'Hα \u{1f31f} "quoted" \\',
      list: [0.1, -0, 1e300, null, true],
      nested: { b: 1, a: 2 },
    };
    await queues.enqueue('detectors', { jobId: jobId('detector', 4), payload, delayMs: 60_000 });
    const job = await queues.createQueue('detectors').getJob(jobId('detector', 4));
    expect(job!.data).toEqual({ ...payload, list: [0.1, expect.closeTo(0, 15), 1e300, null, true] });
    await job!.remove();
  });

  it('keeps a running job through the longest transaction the database may see', async () => {
    runs = {};
    const id = jobId('detector', 5);
    // The lock's life is scaled to just above the rule the registry is tested for: half of it outlasts the transaction.
    const slow = new Queues({ queueUrl: url });
    const worker = slow.createWorker(
      'calibration',
      async (job) => {
        runs[job.id!] = (runs[job.id!] ?? 0) + 1;
        await sleep(LONGEST_TRANSACTION_MS + 2_000);
      },
      { lockDuration: 22_000, stalledInterval: 2_000 },
    );
    await worker.waitUntilReady();
    const completed = once(worker, 'completed');
    await slow.enqueue('calibration', { jobId: id, payload: {} });
    await once(worker, 'active');
    await database.dataSource.transaction(() => sleep(LONGEST_TRANSACTION_MS));
    await completed;
    expect(runs).toEqual({ [id]: 1 });
    await slow.close();
  }, 60_000);

  it('lets a running job end when it closes, and leaves waiting ones to others', async () => {
    const first = new Queues({ queueUrl: url });
    const done: string[] = [];
    const work = async (job: { id?: string }) => {
      await sleep(300);
      done.push(job.id!);
    };
    const worker = first.createWorker('level3', work, { concurrency: 1 });
    const active = once(worker, 'active');
    await first.enqueueAll(
      'level3',
      [1, 2].map((part) => ({ jobId: jobId('user', part), payload: {} })),
    );
    await active;
    await first.close();
    expect(done).toEqual(['user.1']);
    const second = new Queues({ queueUrl: url });
    const completed = once(second.createWorker('level3', work), 'completed');
    await completed;
    expect(done).toEqual(['user.1', 'user.2']);
    await second.close();
  });

  it('is injected by Nest and closed with the application', async () => {
    const module = await Test.createTestingModule({
      imports: [QueueModule.forRoot({ queueUrl: url, concurrentJobs: 1 })],
    }).compile();
    const injected = module.get(Queues);
    expect(await injected.isAlive('visits', jobId('visit', 'none'))).toBe(false);
    await module.close();
    await expect(injected.enqueue('visits', { jobId: jobId('visit', 'late'), payload: {} })).rejects.toMatchObject({
      code: 'closed',
    });
  });
});
