// A Task out of process: inputs, config and outputs are files named in a manifest. The child gets no environment.

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Connection } from './connection.js';
import type { DataId } from './dimensions.js';
import { entryPoint } from './entry-point.js';
import { TaskFailure } from './failure.js';
import type { Metric, QuantumFailure } from './provenance.js';
import {
  CANCELLED,
  type TaskCall,
  type TaskCallResult,
  type TaskRuntime,
  type TaskSurroundings,
} from './quantum-run.js';

export interface ManifestFile {
  readonly dataId: DataId;
  readonly path: string;
}
/** Everything a child needs, in paths. */
export interface TaskManifest {
  readonly modules: readonly string[];
  readonly task: { readonly name: string; readonly version: string };
  readonly config: unknown;
  readonly dataId: DataId;
  readonly inputs: Readonly<Record<string, readonly ManifestFile[]>>;
  /** folder for outputs and result.json */
  readonly outputFolder: string;
}
export interface ManifestResult {
  readonly outputs: Readonly<Record<string, readonly ManifestFile[]>>;
  readonly metrics: readonly Metric[];
  readonly failure?: QuantumFailure;
}

export interface ProcessRuntimeOptions {
  readonly modules: readonly string[];
  /** temporary files; the system's folder unless given */
  readonly folder?: string;
  readonly timeoutMs?: number;
  readonly maximumHeapMb?: number;
}

export const connectionsOf = (connections: unknown) => connections as Readonly<Record<string, Connection<unknown>>>;
const POLL_MS = 50;

async function writeInputs(call: TaskCall, folder: string): Promise<TaskManifest['inputs']> {
  const inputs: Record<string, readonly ManifestFile[]> = {};
  for (const [name, { multiplicity, storageClass }] of Object.entries(connectionsOf(call.registered.task.inputs))) {
    const value = call.inputs[name];
    const list: { dataId: DataId; value: unknown }[] = [];
    if (multiplicity === 'many') list.push(...(value as { dataId: DataId; value: unknown }[]));
    else if (multiplicity === 'deferredMany')
      for (const handle of value as { dataId: DataId; get(): Promise<unknown> }[])
        list.push({ dataId: handle.dataId, value: await handle.get() });
    else if (value !== undefined) list.push({ dataId: call.dataId, value });
    const files: ManifestFile[] = [];
    for (const [i, item] of list.entries()) {
      const path = join(folder, `${name}-${i}${storageClass.extension}`);
      await writeFile(path, await storageClass.encode(item.value));
      files.push({ dataId: item.dataId, path });
    }
    inputs[name] = files;
  }
  return inputs;
}

async function readOutputs(call: TaskCall, result: ManifestResult): Promise<Readonly<Record<string, unknown>>> {
  const outputs: Record<string, unknown> = {};
  for (const [name, { multiplicity, storageClass }] of Object.entries(connectionsOf(call.registered.task.outputs))) {
    const values: { dataId: DataId; value: unknown }[] = [];
    for (const { dataId, path } of result.outputs[name] ?? [])
      values.push({ dataId, value: await storageClass.decode(await readFile(path)) });
    outputs[name] = multiplicity === 'many' ? values : values[0]?.value;
  }
  return outputs;
}

/** Runs Tasks in child processes, one process per call. */
export function processRuntime(options: ProcessRuntimeOptions): TaskRuntime {
  return {
    async run(call, surroundings): Promise<TaskCallResult> {
      const folder = await mkdtemp(join(options.folder ?? tmpdir(), 'almagest-task-'));
      try {
        const outputFolder = join(folder, 'outputs');
        await mkdir(outputFolder);
        const { name, version } = call.registered.task;
        const manifest: TaskManifest = {
          modules: options.modules,
          task: { name, version },
          config: call.config,
          dataId: call.dataId,
          inputs: await writeInputs(call, folder),
          outputFolder,
        };
        const path = join(folder, 'manifest.json');
        await writeFile(path, JSON.stringify(manifest));
        await runChild(path, options, surroundings);
        const result = JSON.parse(await readFile(join(outputFolder, 'result.json'), 'utf8')) as ManifestResult;
        const { metrics, failure } = result;
        return { outputs: await readOutputs(call, result), metrics, ...(failure !== undefined && { failure }) };
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

async function runChild(
  manifest: string,
  { timeoutMs = 3_600_000, maximumHeapMb }: ProcessRuntimeOptions,
  { isCancelled, signal }: TaskSurroundings,
): Promise<void> {
  const { url, execArgv } = entryPoint('process-entry');
  const heap = maximumHeapMb === undefined ? [] : [`--max-old-space-size=${maximumHeapMb}`];
  const child = spawn(process.execPath, [...heap, ...execArgv, fileURLToPath(url), manifest], {
    env: {},
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  let stopped: 'cancelled' | 'timeout' | undefined;
  const stop = (why: 'cancelled' | 'timeout'): void => {
    stopped ??= why;
    child.kill('SIGKILL');
  };
  const poll = setInterval(() => {
    if (signal?.aborted === true || isCancelled?.() === true) stop('cancelled');
  }, POLL_MS);
  const limit = setTimeout(() => stop('timeout'), timeoutMs);
  try {
    const code = await new Promise<number | string>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, killedBy) => resolve(exit ?? killedBy ?? 'unknown'));
    });
    if (stopped === 'cancelled')
      throw new TaskFailure('noWork', CANCELLED, 'the job was cancelled and its process ended');
    if (stopped === 'timeout')
      throw new TaskFailure('unprocessable', 'TIMEOUT', `the Task ran longer than ${timeoutMs} ms`, { timeoutMs });
    if (code !== 0)
      throw new TaskFailure('bug', 'PROCESS_DIED', `the Task's process ended with ${code}: ${complaint.trim()}`, {
        code,
      });
  } finally {
    clearInterval(poll);
    clearTimeout(limit);
  }
}
