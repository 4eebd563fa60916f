// The pipeline's runtime for users' Tasks: values go into the sandbox as plain data, what comes back is checked against the
// Task's connections before anybody sees it. The text itself never runs in this process.

import type { Exposure } from '#libs/image';
import {
  type Connection,
  type DataId,
  DIMENSIONS,
  type Metric,
  type QuantumFailure,
  type TaskCall,
  type TaskCallResult,
  type TaskRuntime,
  type TaskSurroundings,
} from '#libs/pipeline';
import type { Table } from '#libs/table';
import { runInSandbox, SandboxError, type SandboxErrorCode, type SandboxLimits } from './sandbox/sandbox.js';
import {
  describe,
  exposureFromPlain,
  isRecord,
  jsonFromPlain,
  plainExposure,
  plainTable,
  tableFromPlain,
  ValueError,
} from './values/index.js';

export interface SandboxRuntimeOptions {
  /** texts by name of the Task */
  readonly code: ReadonlyMap<string, string>;
  readonly limits: SandboxLimits;
  /** lines of `context.log` */
  readonly onLog?: (line: string, task: string, dataId: DataId) => void;
}

const KINDS: Readonly<Record<SandboxErrorCode, QuantumFailure['kind']>> = {
  USER_CODE_FAILED: 'algorithm',
  TIME_LIMIT: 'unprocessable',
  MEMORY_LIMIT: 'unprocessable',
  OUTPUT_LIMIT: 'unprocessable',
  SANDBOX_DIED: 'unprocessable',
  SANDBOX_UNAVAILABLE: 'bug',
  CANCELLED: 'noWork',
};
const POLL_MS = 50;
type Connections = Readonly<Record<string, Connection<unknown>>>;
type Listed = readonly { readonly dataId: DataId; readonly value: unknown }[];

export class SandboxRuntime implements TaskRuntime {
  constructor(private readonly options: SandboxRuntimeOptions) {}

  async run(call: TaskCall, surroundings: TaskSurroundings): Promise<TaskCallResult> {
    let metrics: readonly Metric[] = [];
    try {
      const answer = await this.#runCode(call, surroundings);
      metrics = answer.metrics;
      const { name } = call.registered.task;
      for (const line of answer.log) this.options.onLog?.(line, name, call.dataId);
      return { outputs: checkedOutputs(call, answer.outputs), metrics };
    } catch (error) {
      return { outputs: {}, metrics, failure: failureOf(error) };
    }
  }

  async #runCode(call: TaskCall, { signal, isCancelled }: TaskSurroundings) {
    const { limits, code } = this.options;
    const { name } = call.registered.task;
    const text = code.get(name);
    if (text === undefined) throw new SandboxError('SANDBOX_UNAVAILABLE', `there is no text of the Task '${name}'`);
    const inputs = plainInputs(call);
    const allowed = limits.memoryMiB / 4;
    const size = bytesIn(inputs) / 1048576;
    if (size > allowed)
      throw new SandboxError(
        'MEMORY_LIMIT',
        `the inputs take ${size.toFixed(0)} MiB; a Task with ${limits.memoryMiB} MiB of memory may get ${allowed.toFixed(0)}`,
      );
    const stop = new AbortController();
    const abort = (): void => stop.abort();
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted === true) abort();
    const poll = setInterval(() => {
      if (isCancelled?.() === true) abort();
    }, POLL_MS);
    try {
      return await runInSandbox(
        { code: text, inputs, parameters: call.config as Readonly<Record<string, unknown>>, dataId: call.dataId },
        limits,
        stop.signal,
      );
    } finally {
      clearInterval(poll);
      signal?.removeEventListener('abort', abort);
    }
  }
}

function failureOf(error: unknown): QuantumFailure {
  if (error instanceof SandboxError) {
    const { code, message, place } = error;
    return {
      kind: KINDS[code],
      code,
      message: place === undefined ? message : `${message} (${place})`,
      ...(place !== undefined && { details: { place } }),
    };
  }
  if (error instanceof ValueError) return { kind: 'algorithm', code: 'BAD_OUTPUT', message: error.message };
  throw error;
}

function bytesIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  if (typeof value !== 'object' || value === null) return 8;
  let sum = 0;
  for (const one of Array.isArray(value) ? (value as unknown[]) : Object.values(value)) sum += bytesIn(one);
  return sum;
}

const toPlain = (storageClass: string, value: unknown): unknown =>
  storageClass === 'Exposure'
    ? plainExposure(value as Exposure)
    : storageClass === 'Table'
      ? plainTable(value as Table)
      : value;

function plainInputs({ registered, inputs }: TaskCall): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(registered.task.inputs as Connections).map(([name, { storageClass, multiplicity }]) => {
      const value = inputs[name];
      if (multiplicity === 'many')
        return [
          name,
          (value as Listed).map((one) => ({ dataId: one.dataId, value: toPlain(storageClass.name, one.value) })),
        ];
      return [name, value === undefined ? undefined : toPlain(storageClass.name, value)];
    }),
  );
}

function checkedOutputs(call: TaskCall, given: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const connections = call.registered.task.outputs as Connections;
  if (!isRecord(given)) throw new ValueError(`run must return an object of outputs, not ${describe(given)}`);
  const names = Object.keys(connections).join(', ');
  for (const name of Object.keys(given))
    if (!Object.hasOwn(connections, name))
      throw new ValueError(`run returned '${name}', which is no output of the Task (there are: ${names})`);
  const exposures = Object.fromEntries(
    Object.entries(call.registered.task.inputs as Connections).flatMap(([name, { storageClass, multiplicity }]) =>
      storageClass.name === 'Exposure' && multiplicity !== 'many' && call.inputs[name] !== undefined
        ? [[name, call.inputs[name] as Exposure]]
        : [],
    ),
  );
  const fromPlain = (where: string, storageClass: string, value: unknown): unknown => {
    try {
      if (storageClass === 'Table') return tableFromPlain(value);
      if (storageClass === 'Exposure') return exposureFromPlain(value, exposures);
      return jsonFromPlain(value);
    } catch (error) {
      if (error instanceof ValueError) throw new ValueError(`output '${where}': ${error.message}`);
      throw error;
    }
  };
  return Object.fromEntries(
    Object.entries(connections).map(([name, { storageClass, multiplicity }]) => {
      const value = given[name];
      if (multiplicity === 'many')
        return [
          name,
          listed(name, value).map(({ dataId, value: one }) => ({
            dataId,
            value: fromPlain(name, storageClass.name, one),
          })),
        ];
      if (value === undefined || value === null) {
        if (multiplicity === 'optional') return [name, undefined];
        throw new ValueError(`run returned no '${name}'`);
      }
      return [name, fromPlain(name, storageClass.name, value)];
    }),
  );
}

function listed(name: string, value: unknown): Listed {
  if (!Array.isArray(value))
    throw new ValueError(`output '${name}' must be a list of { dataId, value }, not ${describe(value)}`);
  return value.map((one: unknown, i) => {
    if (!isRecord(one) || !isRecord(one['dataId']) || one['value'] === undefined)
      throw new ValueError(`output '${name}'[${i}] must be { dataId, value }, not ${describe(one)}`);
    for (const [dimension, at] of Object.entries(one['dataId']))
      if (!(DIMENSIONS as readonly string[]).includes(dimension) || (typeof at !== 'string' && typeof at !== 'number'))
        throw new ValueError(`output '${name}'[${i}].dataId.${dimension} is no coordinate: ${describe(at)}`);
    return { dataId: one['dataId'], value: one['value'] };
  });
}
