import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DatabaseDatasetStore,
  DatabaseProvenance,
  DatabaseRegistry,
  FolderStorage,
  ingestRawFrame,
} from '#libs/datastore';
import { hasEnded, JobRunner, JobService, jobKind } from '#libs/jobs';
import { createLogger } from '#libs/observability';
import { type QuantumReport, runCluster, TaskRegistry } from '#libs/pipeline';
import { TableStorage, taskPackage } from '#libs/productions';
import { migrateQueues, Queues } from '#libs/queue';
import { openTestDatabase, type TestDatabase, testFolder, testQueueUrl } from '../../../test/support/medium.js';
import { starField } from '../testing/star-field.js';
import { type Level3Environment, level3Handler, type Level3Job, Level3Service, type SubmissionInput } from './index.js';

const ada = { userId: '00000000-0000-4000-8000-000000000001', name: 'ada' };
const bob = { userId: '00000000-0000-4000-8000-000000000002', name: 'bob' };
const kinds = { level3: jobKind('level3', { maximumAttempts: 1, maximumLosses: 0 }) };
const field = starField(2);
let database: TestDatabase;
let queues: Queues;
let queueUrl: string;
let jobs: JobService;
let runner: JobRunner;
let service: Level3Service;

beforeAll(async () => {
  database = await openTestDatabase();
  const { dataSource } = database;
  const url = new URL(testQueueUrl());
  url.searchParams.set('namespace', `l${process.pid}_${Date.now().toString(36)}`);
  queueUrl = url.href;
  await migrateQueues(queueUrl);
  queues = new Queues({ queueUrl, concurrentJobs: 2, logger: createLogger({ level: 'silent', component: 'test' }) });
  jobs = new JobService(dataSource, queues, kinds);
  const storage = new FolderStorage(testFolder('level3'));
  const store = new DatabaseDatasetStore(dataSource, storage);
  const provenance = new DatabaseProvenance(dataSource);
  for (const { dataId, band, sources } of field) {
    const visit = BigInt(dataId.visit);
    await ingestRawFrame(dataSource, storage, new TextEncoder().encode(`frame ${dataId.visit}`), {
      instrument: 'ToyCam',
      visit,
      snap: 0,
      detector: 0,
      stage: 'raw',
      purpose: 'science',
      band,
      physicalFilter: band,
      day: 20261120,
      beginNs: visit,
      endNs: visit + 10n,
      raDeg: 0,
      decDeg: -60,
      expectedSnaps: 1,
      expectedDetectors: [0],
    });
    await store.put(
      {
        datasetType: 'source',
        dataId,
        run: 'ap/ToyCam',
        storageClass: 'Table',
        extension: '.fits',
        mediaType: 'application/fits',
      },
      await TableStorage.encode(sources),
    );
  }
  const library = new TaskRegistry().registerPackage(taskPackage);
  const environment: Level3Environment = {
    registry: new DatabaseRegistry(dataSource),
    store,
    provenance,
    threads: (onQuantum: (report: QuantumReport) => void) => ({
      concurrency: 2,
      runCluster: (request) => runCluster(request, { tasks: library, store, provenance, onQuantum }),
    }),
  };
  service = new Level3Service(dataSource, jobs, store, { running: 2, open: 3, quanta: 100 });
  runner = new JobRunner({ service: jobs, client: dataSource, queues, leaseMs: 4000, heartbeatMs: 100 });
  runner.register('level3', level3Handler(service, environment));
  runner.start(['level3']);
});
afterAll(async () => {
  await queues.close(1000);
  runner.stop();
  if (queues.backend === 'postgres')
    await database.dataSource.query(
      `DROP SCHEMA IF EXISTS bullmq_${new URL(queueUrl).searchParams.get('namespace')} CASCADE`,
    );
  await database.close();
});

const counting = (code: string): SubmissionInput => ({
  name: 'counting',
  pipeline: { tasks: { count: null } },
  data: { instrument: 'ToyCam' },
  tasks: [
    {
      name: 'count',
      code,
      dimensions: ['visit', 'detector'],
      inputs: [{ name: 'sources', datasetType: 'source', storageClass: 'Table' }],
      outputs: [{ name: 'rows', datasetType: 'rowCount', storageClass: 'JSON' }],
    },
  ],
  limits: { timeMs: 20_000, memoryMiB: 512 },
});
const COUNT =
  'function run({ sources }, { log }) { log("rows " + sources.rowCount); return { rows: sources.rowCount }; }';
const LOOP = 'function run() { for (;;); }';

async function ended(id: string, user = ada): Promise<Level3Job> {
  for (const until = Date.now() + 30_000; ; await sleep(50)) {
    const found = await service.get(user, id);
    if (hasEnded(found.job.phase) || Date.now() > until) return found;
  }
}
async function executing(id: string): Promise<void> {
  for (const until = Date.now() + 20_000; Date.now() < until; await sleep(30))
    if ((await jobs.get(id)).phase === 'EXECUTING') return;
}

describe('a Level 3 job', () => {
  it('is a small row with its submission beside it; its results lie in the user’s own run', async () => {
    const { job, run } = await service.submit(ada, counting(COUNT));
    expect(job).toMatchObject({
      kind: 'level3',
      owner: ada.userId,
      phase: 'QUEUED',
      payload: { run, name: 'counting' },
    });
    expect(run).toBe(`u/ada/${job.id}`);
    const done = await ended(job.id);
    expect(done.job).toMatchObject({ phase: 'COMPLETED', progress: 1, result: { outcome: 'done', results: 4 } });
    expect(done.report!.log).toHaveLength(4);
    const results = await service.results(ada, job.id);
    expect(results.map(({ datasetType, dataId, mediaType }) => [datasetType, dataId, mediaType])).toEqual(
      field.map(({ dataId }) => ['rowCount', dataId, 'application/json']),
    );
    expect(results[0]!.fileName).toBe('rowCount-visit=9007199254740993_detector=0.json');
    const { bytes, result } = await service.result(ada, job.id, results[0]!.id);
    expect(new TextDecoder().decode(bytes)).toBe('4');
    expect(result.size).toBe(1);
    expect((await service.list(ada)).map((one) => one.job.id)).toEqual([job.id]);
  });

  it('does not exist for anybody else', async () => {
    const [mine] = await service.list(ada);
    const id = mine!.job.id;
    const [result] = await service.results(ada, id);
    const noSuchJob = { code: 'NO_SUCH_JOB' };
    await expect(service.get(bob, id)).rejects.toMatchObject(noSuchJob);
    await expect(service.results(bob, id)).rejects.toMatchObject(noSuchJob);
    await expect(service.result(bob, id, result!.id)).rejects.toMatchObject(noSuchJob);
    await expect(service.abort(bob, id)).rejects.toMatchObject(noSuchJob);
    expect(await service.list(bob)).toEqual([]);
    // nor do datasets of other runs come out through a job of one's own
    const { id: foreign } = (
      await database.dataSource.query(`SELECT dataset_id AS id FROM dataset WHERE run = 'ap/ToyCam' LIMIT 1`)
    )[0] as { id: string };
    await expect(service.result(ada, id, foreign)).rejects.toMatchObject({ code: 'NO_SUCH_DATASET' });
    await expect(service.result(ada, id, "x' OR true --")).rejects.toMatchObject({ code: 'NO_SUCH_DATASET' });
  });

  it('works on the results of an earlier job', async () => {
    const [earlier] = await service.list(ada);
    const { job } = await service.submit(ada, {
      ...counting('function run({ counts }) { return { total: counts.reduce((sum, { value }) => sum + value, 0) }; }'),
      inputs: [earlier!.run],
      tasks: [
        {
          name: 'count',
          code: 'function run({ counts }) { return { total: counts.reduce((sum, { value }) => sum + value, 0) }; }',
          inputs: [
            {
              name: 'counts',
              datasetType: 'rowCount',
              storageClass: 'JSON',
              multiplicity: 'many',
              dimensions: ['visit', 'detector'],
            },
          ],
          outputs: [{ name: 'total', storageClass: 'JSON' }],
        },
      ],
    });
    expect((await ended(job.id)).job).toMatchObject({ phase: 'COMPLETED' });
    const [total] = await service.results(ada, job.id);
    expect(total).toMatchObject({ datasetType: 'total', dataId: {}, fileName: 'total-all.json' });
    expect(new TextDecoder().decode((await service.result(ada, job.id, total!.id)).bytes)).toBe('16');
  });

  it('keeps partial successes, and says of a failed one what failed', async () => {
    const partial = await service.submit(
      ada,
      counting(
        `function run({ sources }, { dataId }) { if (dataId.visit.endsWith('4')) throw new Error('no'); return { rows: 1 }; }`,
      ),
    );
    expect((await ended(partial.job.id)).job).toMatchObject({
      phase: 'COMPLETED',
      result: { outcome: 'partial', failures: [{ label: 'count', code: 'USER_CODE_FAILED' }] },
    });
    expect(await service.results(ada, partial.job.id)).toHaveLength(3);
    const failed = await service.submit(ada, counting('function run() { return missing; }'));
    const end = await ended(failed.job.id);
    expect(end.job).toMatchObject({
      phase: 'ERROR',
      error: { code: 'USER_CODE_FAILED', message: 'count: missing is not defined (task.js:1)' },
    });
    expect(end.report).toMatchObject({ outcome: 'failed', counts: { failed: 4 } });
  });

  it('with mistakes is refused, and leaves nothing behind', async () => {
    const before = (await service.list(ada)).length;
    await expect(service.submit(ada, counting('function run( {'))).rejects.toMatchObject({
      code: 'INVALID_SUBMISSION',
      value: [{ code: 'SYNTAX_ERROR', place: 'tasks.0.code:1' }],
    });
    expect(await service.list(ada)).toHaveLength(before);
  });

  it('beyond what may run at once waits, beyond what may be open is refused, and each can be aborted', async () => {
    const submitted = [];
    for (let i = 0; i < 3; i++) submitted.push((await service.submit(ada, counting(LOOP))).job);
    expect(submitted.map(({ phase }) => phase)).toEqual(['QUEUED', 'QUEUED', 'PENDING']);
    await expect(service.submit(ada, counting(LOOP))).rejects.toMatchObject({ code: 'QUOTA_EXCEEDED', value: 3 });
    // another user is not in the way
    const { job: other } = await service.submit(bob, counting(COUNT));
    expect(other.phase).toBe('QUEUED');
    expect(await service.startWaiting()).toBe(0);

    await executing(submitted[0]!.id);
    await service.abort(ada, submitted[0]!.id);
    expect((await ended(submitted[0]!.id)).job.phase).toBe('ABORTED');
    expect(await service.results(ada, submitted[0]!.id)).toEqual([]);
    expect(await service.startWaiting()).toBe(1);
    expect(['QUEUED', 'EXECUTING']).toContain((await jobs.get(submitted[2]!.id)).phase);
    for (const { id } of submitted.slice(1)) await service.abort(ada, id);
    for (const { id } of submitted.slice(1)) expect((await ended(id)).job.phase).toBe('ABORTED');
    expect((await ended(other.id, bob)).job.phase).toBe('COMPLETED');
  });

  it('is counted once however many are submitted at the same time', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => service.submit(bob, counting(LOOP))));
    const made = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.job] : []));
    expect(made.map(({ phase }) => phase).toSorted((a, b) => a.localeCompare(b))).toEqual([
      'PENDING',
      'QUEUED',
      'QUEUED',
    ]);
    for (const { id } of made.toReversed()) await service.abort(bob, id);
    for (const { id } of made) expect((await ended(id, bob)).job.phase).toBe('ABORTED');
  });
});
