// One execution of one Task on values: the context it sees, and what it threw as a failure with a kind and a code.

import { type Allocator, heapAllocator } from '#libs/image';
import { PipelineError } from './errors.js';
import type { DataId } from './dimensions.js';
import { type FailureKind, TaskFailure } from './failure.js';
import { outageCode } from './outage.js';
import type { Runtime } from './pipeline.js';
import type { Metric, QuantumFailure } from './provenance.js';
import { seedOf } from './random-seed.js';
import type { TaskContext, TaskLog } from './task.js';
import type { RegisteredTask } from './task-registry.js';

export const silentLog: TaskLog = { debug: () => {}, info: () => {}, warn: () => {} };

/** Some outputs are usable: those given are kept, the rest is lost. */
export class PartialResult extends TaskFailure {
  constructor(
    code: string,
    message: string,
    readonly outputs: Readonly<Record<string, unknown>>,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super('partial', code, message, details);
  }
}

export interface TaskCall {
  readonly registered: RegisteredTask;
  readonly config: unknown;
  readonly dataId: DataId;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface TaskCallResult {
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly metrics: readonly Metric[];
  readonly failure?: QuantumFailure;
}

/** Where a Task's function runs: here, in a child process, in a sandbox. */
export interface TaskRuntime {
  run(call: TaskCall, surroundings: TaskSurroundings): Promise<TaskCallResult>;
}

export interface TaskSurroundings {
  readonly allocator?: Allocator;
  readonly log?: TaskLog;
  readonly isCancelled?: () => boolean;
  /** aborts waits for children */
  readonly signal?: AbortSignal;
}

export type Runtimes = Readonly<Partial<Record<Exclude<Runtime, 'thread'>, TaskRuntime>>>;

export function describeFailure(error: unknown): QuantumFailure {
  if (error instanceof TaskFailure)
    return {
      kind: error.kind,
      code: error.code,
      message: error.message,
      details: error.details,
      ...(error.stack !== undefined && { stack: error.stack }),
    };
  const cause = error instanceof Error ? error : new Error(String(error));
  const outage = outageCode(error);
  return {
    kind: outage === undefined ? 'bug' : 'transient',
    code: outage ?? (error instanceof PipelineError ? error.code : 'UNEXPECTED_ERROR'),
    message: cause.message,
    ...(cause.stack !== undefined && { stack: cause.stack }),
  };
}

export const CANCELLED = 'CANCELLED';
export const isCancellation = (failure: { readonly kind: FailureKind; readonly code: string }): boolean =>
  failure.code === CANCELLED;

/** Runs the Task's own function in this thread. */
export const inThread: TaskRuntime = {
  async run(
    { registered, config, dataId, inputs },
    { allocator = heapAllocator, log = silentLog, isCancelled = () => false },
  ) {
    const metrics: Metric[] = [];
    const context: TaskContext<unknown> = {
      config,
      dataId,
      allocator,
      log,
      metric: (name, value, unit) => metrics.push({ name, value, ...(unit !== undefined && { unit }) }),
      cancelled: () => {
        if (isCancelled()) throw new TaskFailure('noWork', CANCELLED, 'the job was cancelled');
      },
      seed: (purpose) => seedOf(dataId, purpose),
    };
    try {
      context.cancelled();
      return { outputs: (await registered.task.run(inputs, context)) as Readonly<Record<string, unknown>>, metrics };
    } catch (error) {
      return { outputs: error instanceof PartialResult ? error.outputs : {}, metrics, failure: describeFailure(error) };
    }
  },
};
