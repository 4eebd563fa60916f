import { describe, expect, it } from '@jest/globals';
import type { ExecutionReport, FailureKind } from '#libs/pipeline';
import { throwIfTransient, worstFailure } from './run-pipeline.js';

type Quantum = ExecutionReport['quanta'][number];

const quantum = (label: string, status: Quantum['status'], kind?: FailureKind): Quantum =>
  ({
    label,
    dataId: {},
    status,
    seconds: 0,
    metrics: [],
    ...(kind && { failure: { kind, code: kind.toUpperCase(), message: `${label} went wrong`, details: undefined } }),
  }) as unknown as Quantum;

describe('what a run of a pipeline comes to', () => {
  it('says nothing of a run in which there was merely nothing to do', () => {
    const report = {
      quanta: [quantum('isr', 'done'), quantum('getTemplate', 'noWork' as Quantum['status'], 'noWork')],
    };
    expect(worstFailure(report)).toBeUndefined();
    expect(() => throwIfTransient(report)).not.toThrow();
  });

  it('puts an outage before what failed for good, so that the run is tried again', () => {
    const report = {
      quanta: [quantum('characterize', 'failed', 'algorithm'), quantum('makeWarp', 'failed', 'transient')],
    };
    expect(worstFailure(report)).toMatchObject({ kind: 'transient', message: 'makeWarp: makeWarp went wrong' });
    expect(() => throwIfTransient(report)).toThrow('makeWarp');
  });

  it('lets what failed for good stand', () => {
    const report = { quanta: [quantum('makeWarp', 'failed', 'algorithm'), quantum('makeWarp', 'done')] };
    expect(worstFailure(report)).toMatchObject({ kind: 'algorithm' });
    expect(() => throwIfTransient(report)).not.toThrow();
  });
});
