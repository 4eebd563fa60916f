import { describe, expect, it } from '@jest/globals';
import { PartialResult, TaskFailure } from '#libs/pipeline';
import { failureOf } from './job-runner.js';
import { type Job, hasEnded } from './job.js';
import { visitJobId, visitOutcome } from './visit-jobs.js';

const job = (detector: number, phase: Job['phase'], more: Partial<Job> = {}): Job => ({
  id: `detector.${detector}`,
  kind: 'detector',
  owner: null,
  parentId: 'visit.1',
  priority: 0,
  payload: { detector },
  phase,
  progress: 0,
  progressMessage: '',
  result: null,
  error: null,
  attempts: 1,
  maximumAttempts: 3,
  createdAt: new Date(0),
  startedAt: null,
  endedAt: null,
  ...more,
});
const outcome = (...children: Job[]) => visitOutcome({ children: () => Promise.resolve(children) });
const dead = { error: { code: 'SATURATED', kind: 'unprocessable' as const, message: 'no pixel left' } };

describe('the outcome of a visit', () => {
  it('is complete, partial or failed by what its detectors came to', async () => {
    expect((await outcome(job(0, 'COMPLETED'), job(1, 'COMPLETED'))).status).toBe('complete');
    expect((await outcome(job(0, 'COMPLETED'), job(1, 'ERROR', dead))).status).toBe('partial');
    expect((await outcome(job(1, 'ERROR', dead), job(0, 'ABORTED'))).status).toBe('failed');
    expect((await outcome()).status).toBe('complete');
  });
  it('counts an empty field as work done, and lists the dead in order', async () => {
    const empty = job(3, 'COMPLETED', { result: { outcome: 'noWork', code: 'NO_STARS', message: '' } });
    expect(await outcome(job(2, 'ERROR', dead), empty, job(1, 'ERROR', dead), job(0, 'EXECUTING'))).toEqual({
      status: 'partial',
      detectors: { done: 0, noWork: 1, failed: 2, aborted: 0 },
      failures: [1, 2].map((detector) => ({ detector, code: 'SATURATED', message: 'no pixel left' })),
    });
  });
  it('belongs to an id that says run, instrument and visit, 64 bits of it', () => {
    const work = { visitKind: 'visit', instrument: 'LSSTCam/sim', run: 'u/ada/1' };
    expect(visitJobId({ ...work, visit: 2n ** 63n - 1n })).toBe('visit.u_ada_1.LSSTCam_sim.9223372036854775807');
  });
});

describe('what a handler threw', () => {
  it('keeps the kind and code a Task gave', () => {
    expect(failureOf(new TaskFailure('algorithm', 'NO_FIT', 'x'))).toEqual({
      kind: 'algorithm',
      code: 'NO_FIT',
      message: 'x',
    });
    expect(failureOf(new PartialResult('SOME', 'x', {}))).toMatchObject({ kind: 'partial' });
  });
  it('is transient when the network, the database or the disk went away, however it is wrapped', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(failureOf(refused).kind).toBe('transient');
    expect(failureOf(new Error('outer', { cause: refused }))).toMatchObject({
      kind: 'transient',
      code: 'ECONNREFUSED',
    });
    expect(
      failureOf(Object.assign(new Error('query'), { driverError: Object.assign(new Error('x'), { code: '57P01' }) }))
        .kind,
    ).toBe('transient');
  });
  it('is a bug otherwise: a constraint that was violated is not the weather', () => {
    expect(failureOf(Object.assign(new Error('duplicate key'), { code: '23505' })).kind).toBe('bug');
    expect(failureOf('a text')).toMatchObject({ kind: 'bug', message: 'a text' });
  });
});

describe('phases', () => {
  it('end for good in four of nine', () => {
    const phases = [
      'PENDING',
      'QUEUED',
      'EXECUTING',
      'COMPLETED',
      'ERROR',
      'ABORTED',
      'HELD',
      'SUSPENDED',
      'ARCHIVED',
    ] as const;
    expect(phases.filter(hasEnded)).toEqual(['COMPLETED', 'ERROR', 'ABORTED', 'ARCHIVED']);
  });
});
