import { describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { type Job, JobRunner, JobService, jobKind } from './index.js';

const refused = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
const kinds = { work: jobKind('detectors', { backoffMs: 1 }) };

/** A job table of one row, which the first `failures` writes of each end do not reach. */
function world(failures: number) {
  const row = {
    job_id: 'work.1',
    kind: 'work',
    owner: null,
    parent_id: null,
    priority: 0,
    payload: {},
    phase: 'QUEUED',
    attempts: 0,
    maximum_attempts: 3,
    losses: 0,
  };
  let refusals = failures;
  const query = (sql: string): Promise<unknown> => {
    const to = /SET phase = '(\w+)'/.exec(sql)?.[1] ?? (sql.includes('SET phase = $3') ? 'ERROR' : undefined);
    if (to === undefined) return Promise.resolve([row]);
    if (to !== 'EXECUTING' && refusals-- > 0) return Promise.reject(refused());
    if (to === 'EXECUTING') row.attempts++;
    row.phase = to;
    return Promise.resolve([row]);
  };
  return { row, client: { query } };
}

describe('an outage of the database', () => {
  it('does not cost the work that was done: the end of the run is written when it is back', async () => {
    const { row, client } = world(3);
    const service = new JobService(client as unknown as DataSource, { enqueue: () => Promise.resolve('added') }, kinds);
    let runs = 0;
    const runner = new JobRunner({ service, client, queues: { createWorker: () => undefined as never } });
    runner.register('work', () => Promise.resolve(void runs++));
    await runner.run('work.1');
    expect([row.phase, runs]).toEqual(['COMPLETED', 1]);
  });

  it('is no fault of a job: it may meet more of them than it has attempts, but not without end', async () => {
    const { row, client } = world(0);
    const service = new JobService(client as unknown as DataSource, { enqueue: () => Promise.resolve('added') }, kinds);
    const runner = new JobRunner({ service, client, queues: { createWorker: () => undefined as never } });
    runner.register('work', () => Promise.reject(refused()));
    const phases: string[] = [];
    while (row.phase === 'QUEUED') {
      await runner.run('work.1');
      phases.push(row.phase);
    }
    expect(phases).toEqual([...Array<string>(9).fill('QUEUED'), 'ERROR']);
  });
});

describe('an outage of the queue', () => {
  it('fails nobody who submits work: the row waits for the sweeper', async () => {
    const { client } = world(0);
    const troubles: [unknown, string][] = [];
    const service = new JobService(
      client as unknown as DataSource,
      { enqueue: () => Promise.reject(refused()) },
      kinds,
      undefined,
      (error: unknown, job: Job) => void troubles.push([(error as { code?: string }).code, job.id]),
    );
    expect((await service.submit({ kind: 'work', id: 'work.1', payload: {} })).job.id).toBe('work.1');
    expect(troubles).toEqual([['ECONNREFUSED', 'work.1']]);
  });

  it('does not keep them waiting when it is silent', async () => {
    const { client } = world(0);
    const troubles: unknown[] = [];
    const service = new JobService(
      client as unknown as DataSource,
      { enqueue: () => new Promise<never>(() => undefined) },
      kinds,
      undefined,
      (error) => void troubles.push((error as { code?: string }).code),
    );
    await service.submit({ kind: 'work', id: 'work.1', payload: {} });
    expect(troubles).toEqual(['QUEUE_SILENT']);
  });
});
