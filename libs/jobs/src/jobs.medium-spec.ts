import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createLogger } from '#libs/observability';
import { TaskFailure, buildGraph, executeGraph, parsePipeline, runCluster } from '#libs/pipeline';
import { Queues, migrateQueues } from '#libs/queue';
import { toyWorld } from '../../pipeline/testing/toy-world.js';
import { type TestDatabase, openTestDatabase, testQueueUrl } from '../../../test/support/medium.js';
import {
  type Job,
  type JobContext,
  JobEvents,
  JobRunner,
  JobService,
  JobSweeper,
  hasEnded,
  clusterHandler,
  jobDispatcher,
  jobKind,
  submitVisit,
  visitOutcome,
} from './index.js';

const world = await toyWorld();
const kinds = {
  cluster: jobKind('templates'),
  visit: jobKind('visits', { backoffMs: 50 }),
  detector: jobKind('detectors', { backoffMs: 50 }),
  work: jobKind('maintenance', { backoffMs: 20, maximumLosses: 1 }),
};
let database: TestDatabase;
let queueUrl: string;
let queues: Queues;
let events: JobEvents;
let service: JobService;
let runner: JobRunner;
let sweeper: JobSweeper;
const runs = new Map<string, number>();
let behave: (context: JobContext) => Promise<string | void> = () => Promise.resolve();

beforeAll(async () => {
  database = await openTestDatabase();
  const url = new URL(testQueueUrl());
  url.searchParams.set('namespace', `j${process.pid}_${Date.now().toString(36)}`);
  queueUrl = url.href;
  await migrateQueues(queueUrl);
  queues = new Queues({ queueUrl, concurrentJobs: 2, logger: createLogger({ level: 'silent', component: 'test' }) });
  events = new JobEvents(database.config.databaseUrl);
  await events.start();
  service = new JobService(database.dataSource, queues, kinds, events);
  runner = new JobRunner({ service, client: database.dataSource, queues, leaseMs: 4000, heartbeatMs: 100 });
  runner.register('visit', async (context) => ({ ...(await visitOutcome(context)) }) as never);
  runner.register('detector', async ({ job }) => {
    runs.set(job.id, (runs.get(job.id) ?? 0) + 1);
    if (job.payload['detector'] === 1) throw new TaskFailure('unprocessable', 'SATURATED', 'every pixel is saturated');
    if (job.payload['detector'] === 2) throw new TaskFailure('noWork', 'NO_STARS', 'an empty field');
  });
  runner.register(
    'cluster',
    clusterHandler((request) => runCluster(request, { tasks: world.tasks, store: world.store })),
  );
  runner.register('work', async (context) => {
    runs.set(context.job.id, (runs.get(context.job.id) ?? 0) + 1);
    return (await behave(context)) ?? undefined;
  });
  sweeper = new JobSweeper(database.dataSource, service);
  runner.start(['visits', 'detectors', 'templates', 'maintenance']);
});
afterAll(async () => {
  runner.stop();
  await queues.close(1000);
  await events.close();
  if (queues.backend === 'postgres')
    await database.dataSource.query(
      `DROP SCHEMA IF EXISTS bullmq_${new URL(queueUrl).searchParams.get('namespace')} CASCADE`,
    );
  await database.close();
});

async function ended(id: string, timeoutMs = 20_000): Promise<Job> {
  for (const until = Date.now() + timeoutMs; ; await sleep(30)) {
    const job = await service.get(id);
    if (hasEnded(job.phase) || Date.now() > until) return job;
  }
}

describe('a job', () => {
  it('is a row first, runs once however often it is submitted and delivered, and tells its changes', async () => {
    behave = async ({ progress }) => {
      await progress(0.5, 'half');
      return 'result';
    };
    const held = await service.submit({
      kind: 'work',
      id: 'work.once',
      payload: { visit: '9007199254740993' },
      phase: 'PENDING',
      owner: 'ada',
    });
    expect(held).toMatchObject({ created: true, job: { phase: 'PENDING', attempts: 0 } });
    const seen: string[] = [];
    const listening = (async () => {
      for await (const { phase, progress } of service.events('work.once')) seen.push(`${phase} ${progress}`);
    })();
    await sleep(100);
    await service.start('work.once');
    expect((await service.submit({ kind: 'work', id: 'work.once', payload: {} })).created).toBe(false);
    await Promise.all([1, 2, 3].map(() => runner.run('work.once')));
    expect(await ended('work.once')).toMatchObject({
      phase: 'COMPLETED',
      result: 'result',
      progress: 1,
      attempts: 1,
      payload: { visit: '9007199254740993' },
    });
    await listening;
    expect(seen).toEqual(['PENDING 0', 'QUEUED 0', 'EXECUTING 0', 'EXECUTING 0.5', 'COMPLETED 1']);
    expect(runs.get('work.once')).toBe(1);
    expect((await service.list({ owner: 'ada' })).map(({ id }) => id)).toEqual(['work.once']);
    expect((await service.archive('work.once')).phase).toBe('ARCHIVED');
    await expect(service.hold('work.once')).rejects.toMatchObject({ code: 'WRONG_PHASE' });
  });

  it('is tried again after a transient failure only, with a pause, and not for ever', async () => {
    behave = async ({ job }) => {
      if (job.attempts < 3) throw new TaskFailure('transient', 'STORE_AWAY', 'try later');
      return 'third time';
    };
    await service.submit({ kind: 'work', id: 'work.transient', payload: {} });
    expect(await ended('work.transient')).toMatchObject({ phase: 'COMPLETED', attempts: 3 });
    behave = () => Promise.reject(new TaskFailure('transient', 'STORE_AWAY', 'try later'));
    await service.submit({ kind: 'work', id: 'work.hopeless', payload: {}, maximumAttempts: 2 });
    expect(await ended('work.hopeless')).toMatchObject({
      phase: 'ERROR',
      attempts: 2,
      error: { kind: 'transient', code: 'STORE_AWAY' },
    });
    behave = () => Promise.reject(new RangeError('a bug'));
    await service.submit({ kind: 'work', id: 'work.bug', payload: {} });
    expect(await ended('work.bug')).toMatchObject({
      phase: 'ERROR',
      attempts: 1,
      error: { kind: 'bug', message: 'a bug' },
    });
  });

  it('can be aborted while it runs and while it waits', async () => {
    behave = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    await service.submit({ kind: 'work', id: 'work.aborted', payload: {} });
    while ((await service.get('work.aborted')).phase !== 'EXECUTING') await sleep(20);
    await service.abort('work.aborted');
    expect(await ended('work.aborted')).toMatchObject({ phase: 'ABORTED', error: null });
    await service.submit({ kind: 'work', id: 'work.waiting', payload: {}, phase: 'HELD' });
    expect((await service.abort('work.waiting')).phase).toBe('ABORTED');
    expect(runs.has('work.waiting')).toBe(false);
  });

  it('refuses what it does not know', async () => {
    await expect(service.submit({ kind: 'wrok', payload: {} })).rejects.toThrow("did you mean 'work'?");
    await expect(service.submit({ kind: 'work', id: '../x', payload: {} })).rejects.toMatchObject({
      code: 'INVALID_ID',
    });
    await expect(service.get('nothing')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(() => runner.register('work', () => Promise.resolve())).toThrow('two handlers');
    const idle = new JobRunner({ service, client: database.dataSource, queues });
    expect(() => idle.start(['visits'])).toThrow("no handler for job kind 'visit'");
  });
});

describe('a visit', () => {
  const work = { visitKind: 'visit', detectorKind: 'detector', instrument: 'ToyCam', run: 'ap/1' };
  it('ends as partial when a detector dies, and again when a late one has come', async () => {
    const { parent } = await submitVisit(service, { ...work, visit: 7n, detectors: [0, 1, 2, 3] });
    expect(parent.id).toBe('visit.ap_1.ToyCam.7');
    expect(await ended(parent.id)).toMatchObject({
      phase: 'COMPLETED',
      result: {
        status: 'partial',
        detectors: { done: 2, noWork: 1, failed: 1, aborted: 0 },
        failures: [{ detector: 1, code: 'SATURATED' }],
      },
    });
    await submitVisit(service, { ...work, visit: 7n, detectors: [0, 1, 2, 3] });
    expect(runs.get('detector.ap_1.ToyCam.7.0')).toBe(1);
    await submitVisit(service, { ...work, visit: 7n, detectors: [4] });
    await ended(parent.id);
    expect(await ended(parent.id)).toMatchObject({ result: { detectors: { done: 3 } } });
  });
  it('ends with its detectors when it is aborted', async () => {
    const quiet = new JobService(database.dataSource, { enqueue: () => Promise.resolve('added') }, kinds);
    const { parent, children } = await submitVisit(quiet, { ...work, visit: 8n, detectors: [0, 3] });
    await quiet.abort(parent.id);
    expect((await Promise.all([parent, ...children].map(({ id }) => quiet.get(id)))).map(({ phase }) => phase)).toEqual(
      ['ABORTED', 'ABORTED', 'ABORTED'],
    );
  });
});

describe('a graph whose clusters are jobs', () => {
  it('comes to what it comes to in one process, dead quanta and all', async () => {
    const pipeline = parsePipeline(
      'name: p\ntasks: { clean: { config: { dead: [1] } }, stack: {} }\npersist: [coadd]',
      world.tasks,
    );
    const graph = await buildGraph(pipeline, {}, world.registry, { inputCollections: ['raw', 'calib'] });
    const dispatcher = jobDispatcher({ service, kind: 'cluster', concurrency: 4, pollMs: 30 });
    const report = await executeGraph(graph, { run: 'as jobs', softwareVersion: 'test', dispatcher });
    expect(report.counts).toMatchObject({ done: 6, failed: 3 });
    expect(report.outcome).toBe('partial');
    const patch = report.stored.find(({ datasetType, dataId }) => datasetType === 'coadd' && dataId.patch === 1)!;
    expect(new TextDecoder().decode(await world.store.get(patch))).toBe('[10,20]');
  });
});

describe('the sweeper', () => {
  it('gives the queue what it forgot', async () => {
    behave = () => Promise.resolve('done');
    const forgetful = new JobService(database.dataSource, { enqueue: () => Promise.resolve('added') }, kinds);
    await forgetful.submit({ kind: 'work', id: 'work.forgotten', payload: {} });
    await submitVisit(forgetful, {
      visitKind: 'visit',
      detectorKind: 'detector',
      instrument: 'ToyCam',
      run: 'ap/1',
      visit: 9n,
      detectors: [0, 3],
    });
    expect(await sweeper.sweep()).toMatchObject({ enqueued: 3 });
    expect(await ended('work.forgotten')).toMatchObject({ phase: 'COMPLETED', attempts: 1 });
    expect(await ended('visit.ap_1.ToyCam.9')).toMatchObject({ phase: 'COMPLETED', result: { status: 'complete' } });
    expect(await sweeper.sweep()).toEqual({ released: 0, woken: 0, enqueued: 0 });
  });

  it('brings back everything after the queue was emptied under waiting jobs', async () => {
    const gate = { open: () => {} };
    const closed = new Promise<void>((resolve) => (gate.open = resolve));
    behave = () => closed;
    await service.submit({ kind: 'work', id: 'work.gate', payload: {} });
    while ((await service.get('work.gate')).phase !== 'EXECUTING') await sleep(20);
    for (const i of [1, 2, 3]) await service.submit({ kind: 'work', id: `work.flushed.${i}`, payload: {} });
    await queues.createQueue('maintenance').drain();
    gate.open();
    await ended('work.gate');
    await sleep(200);
    expect((await service.get('work.flushed.1')).phase).toBe('QUEUED');
    await sweeper.sweep();
    for (const i of [1, 2, 3])
      expect(await ended(`work.flushed.${i}`)).toMatchObject({ phase: 'COMPLETED', attempts: 1 });
  });

  it('gives the job of a killed worker to another one, and ends a job that kills its workers', async () => {
    behave = () => Promise.resolve('second worker');
    const quiet = new JobService(database.dataSource, { enqueue: () => Promise.resolve('added') }, kinds);
    const killWorkerOf = async (id: string): Promise<void> => {
      const loader = fileURLToPath(new URL('../../../test/support/typescript.mjs', import.meta.url));
      const script = fileURLToPath(new URL('../testing/hanging-worker.ts', import.meta.url));
      const child = spawn(
        process.execPath,
        ['--no-warnings', '--import', loader, script, database.config.databaseUrl, id, '700'],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      );
      await once(child.stdout, 'data');
      expect((await service.get(id)).phase).toBe('EXECUTING');
      expect(await sweeper.sweep()).toMatchObject({ released: 0 });
      child.kill('SIGKILL');
      await once(child, 'exit');
      await sleep(900);
    };
    await quiet.submit({ kind: 'work', id: 'work.orphaned', payload: {} });
    await killWorkerOf('work.orphaned');
    expect(await sweeper.sweep()).toMatchObject({ released: 1, enqueued: 1 });
    expect(await ended('work.orphaned')).toMatchObject({ phase: 'COMPLETED', result: 'second worker', attempts: 2 });

    await quiet.submit({ kind: 'work', id: 'work.deadly', payload: {} });
    const noQueue = new JobSweeper(database.dataSource, quiet);
    for (const _ of [1, 2]) {
      const dead = new JobRunner({ service: quiet, client: database.dataSource, queues, leaseMs: 20 });
      dead.register('work', () => new Promise(() => {}));
      void dead.run('work.deadly');
      while ((await service.get('work.deadly')).phase !== 'EXECUTING') await sleep(20);
      await sleep(100);
      expect(await noQueue.sweep()).toMatchObject({ released: 1 });
    }
    expect(await service.get('work.deadly')).toMatchObject({ phase: 'ERROR', error: { code: 'WORKER_LOST' } });
  }, 60_000);

  it('lets nobody finish a job whose lease went to another', async () => {
    const stale = new JobRunner({ service, client: database.dataSource, queues, leaseMs: 50 });
    let release = (): void => {};
    stale.register('work', () => new Promise((resolve) => (release = () => resolve('stale'))));
    const quiet = new JobService(database.dataSource, { enqueue: () => Promise.resolve('added') }, kinds);
    await quiet.submit({ kind: 'work', id: 'work.fenced', payload: {} });
    const running = stale.run('work.fenced');
    await sleep(200);
    behave = () => Promise.resolve('fresh');
    await sweeper.sweep();
    expect(await ended('work.fenced')).toMatchObject({ result: 'fresh' });
    release();
    await running;
    expect(await service.get('work.fenced')).toMatchObject({ phase: 'COMPLETED', result: 'fresh' });
  });
});
