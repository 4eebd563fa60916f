// The main file of a worker thread: loads Task packages once, then runs clusters one after the other, each in the arena, which is reset after it.

import { parentPort, workerData } from 'node:worker_threads';
import { Arena } from './arena.js';
import { runCluster } from './cluster.js';
import type { ClusterRequest, ClusterResult, CollectedDataset } from './cluster-request.js';
import type { Connection } from './connection.js';
import type { DatasetStore, ProvenanceSink } from './ports.js';
import { processRuntime } from './process-runtime.js';
import { describeFailure } from './quantum-run.js';
import { loadTaskModules } from './task-modules.js';
import type { TaskRegistry } from './task-registry.js';
import type { StorageClass } from './storage-class.js';
import type { FromThread, PortCall, ThreadData, ToThread } from './thread-messages.js';

const port = parentPort!;
const { modules, arenaBytes, flag: flagBuffer } = workerData as ThreadData;
const flag = new Int32Array(flagBuffer);
const arena = new Arena({ maximumBytes: arenaBytes });
const say = (message: FromThread, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(message, transfer);

let lastCall = 0;
const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
const call = (request: PortCall, transfer: readonly ArrayBuffer[] = []): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const id = ++lastCall;
    waiting.set(id, { resolve, reject });
    say({ kind: 'call', call: id, request }, transfer);
  });

/** Bytes that own their whole buffer can change hands without a copy. */
const owned = (bytes: Uint8Array): readonly ArrayBuffer[] =>
  bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength && !Buffer.isBuffer(bytes)
    ? [bytes.buffer]
    : [];

const store: DatasetStore = {
  put: async (dataset, bytes) =>
    (await call({ port: 'put', dataset, bytes }, owned(bytes))) as Awaited<ReturnType<DatasetStore['put']>>,
  get: async (ref) => (await call({ port: 'get', ref })) as Uint8Array,
  exists: () => Promise.resolve(false),
  remove: () => Promise.resolve(),
};
const provenance: ProvenanceSink = { record: async (record) => void (await call({ port: 'record', record })) };
const log = (level: 'debug' | 'info' | 'warn') => (message: string, facts?: Readonly<Record<string, unknown>>) =>
  say({ kind: 'log', level, message, ...(facts !== undefined && { facts }) });

function storageClassOf(
  tasks: TaskRegistry,
  request: ClusterRequest,
  datasetType: string,
): StorageClass<unknown> | undefined {
  for (const { label, outputs } of request.quanta)
    for (const [name, planned] of Object.entries(outputs))
      if (planned[0]?.datasetType === datasetType) {
        const { name: task, version } = request.tasks[label]!;
        return (tasks.get(task, version).task.outputs as Readonly<Record<string, Connection<unknown>>>)[name]!
          .storageClass;
      }
  return undefined;
}

/** Values may be classes and may lie in the arena: what leaves the thread leaves in its file form. */
async function encoded(tasks: TaskRegistry, request: ClusterRequest, result: ClusterResult): Promise<ClusterResult> {
  const collected: CollectedDataset[] = [];
  for (const { value, ...dataset } of result.collected)
    collected.push({ ...dataset, bytes: await storageClassOf(tasks, request, dataset.datasetType)!.encode(value) });
  return { ...result, collected };
}

async function main(): Promise<void> {
  const tasks = await loadTaskModules(modules);
  port.on('message', (message: ToThread) => {
    if (message.kind === 'answer') {
      const { resolve, reject } = waiting.get(message.call)!;
      waiting.delete(message.call);
      if (message.error === undefined) resolve(message.value);
      else reject(Object.assign(new Error(message.error), message.code !== undefined && { code: message.code }));
      return;
    }
    const { request } = message;
    void runCluster(request, {
      tasks,
      store,
      provenance,
      allocator: arena,
      log: { debug: log('debug'), info: log('info'), warn: log('warn') },
      isCancelled: () => Atomics.load(flag, 0) !== 0,
      runtimes: { process: processRuntime({ modules }) },
      onQuantum: (report) => say({ kind: 'quantum', report }),
    })
      .then((result) => encoded(tasks, request, result))
      .then(
        (result) => say({ kind: 'done', result, peakBytes: arena.peakBytes }),
        (error: unknown) => say({ kind: 'failed', failure: describeFailure(error) }),
      )
      .finally(() => arena.reset());
  });
  say({ kind: 'ready' });
}

main().catch((error: unknown) => say({ kind: 'unusable', failure: describeFailure(error) }));
