// Runs the quanta of one cluster one after the other with their datasets in memory; only what is asked for is stored.
// A dead quantum kills those that cannot do without its outputs, and nothing else. A request is plain data, so that it can go to a thread.

import type { Allocator } from '#libs/image';
import type { Connection, DeferredHandle } from './connection.js';
import { type DataId, DIMENSIONS, dataIdKey, projectDataId } from './dimensions.js';
import { type FailureKind, TaskFailure } from './failure.js';
import { PipelineError } from './errors.js';
import type { PlannedDataset, Quantum } from './graph.js';
import type {
  ClusterRequest,
  ClusterResult,
  CollectedDataset,
  QuantumReport,
  QuantumStatus,
} from './cluster-request.js';
import { type DatasetRef, type DatasetStore, type ProvenanceSink, datasetKey, datasetRef } from './ports.js';
import { configHash } from './config.js';
import type { Metric, ProvenanceRecord, QuantumFailure } from './provenance.js';
import { type Runtimes, describeFailure, inThread, isCancellation } from './quantum-run.js';
import type { StorageClass } from './storage-class.js';
import type { TaskLog } from './task.js';
import type { RegisteredTask, TaskRegistry } from './task-registry.js';

export interface ClusterEnvironment {
  readonly tasks: TaskRegistry;
  readonly store?: DatasetStore;
  readonly provenance?: ProvenanceSink;
  readonly allocator?: Allocator;
  readonly log?: TaskLog;
  readonly isCancelled?: () => boolean;
  readonly signal?: AbortSignal;
  readonly runtimes?: Runtimes;
  readonly onQuantum?: (report: QuantumReport) => void;
}

const WITHOUT_ELEMENT = DIMENSIONS.filter((dimension) => dimension !== 'element');
const openKey = (datasetType: string, dataId: DataId): string =>
  datasetKey(datasetType, projectDataId(dataId, WITHOUT_ELEMENT));

interface Held {
  readonly dataId: DataId;
  readonly ref: DatasetRef;
  readonly inMemory: boolean;
  readonly value?: unknown;
  readonly bytes?: Uint8Array;
}

interface FoundInput {
  readonly ref: DatasetRef;
  readonly held: Held | undefined;
}

export const runCluster = (request: ClusterRequest, environment: ClusterEnvironment): Promise<ClusterResult> =>
  new ClusterRun(request, environment).run();

class ClusterRun {
  readonly #reports: QuantumReport[] = [];
  readonly #stored: DatasetRef[] = [];
  readonly #collected: CollectedDataset[] = [];
  readonly #lost: Record<string, FailureKind>;
  readonly #held = new Map<string, Held>();
  /** datasets by their key without element, in the order they were made */
  readonly #families = new Map<string, string[]>();
  readonly #uses = new Map<string, number>();

  constructor(
    readonly request: ClusterRequest,
    readonly environment: ClusterEnvironment,
  ) {
    this.#lost = { ...request.lost };
    for (const ref of request.available) this.#hold({ dataId: ref.dataId, ref, inMemory: false });
    for (const { datasetType, dataId, value, bytes } of request.given)
      this.#hold({ dataId, ref: datasetRef(request.run, datasetType, dataId), inMemory: true, value, bytes });
    for (const quantum of request.quanta)
      for (const planned of Object.values(quantum.inputs).flat())
        this.#uses.set(planned.key, (this.#uses.get(planned.key) ?? 0) + 1);
  }

  async run(): Promise<ClusterResult> {
    for (const quantum of this.request.quanta) {
      if (quantum.perElement) for (const element of this.#elementsOf(quantum)) await this.#execute(quantum, element);
      else await this.#execute(quantum, undefined);
      this.#release(quantum);
    }
    return {
      id: this.request.id,
      reports: this.#reports,
      stored: this.#stored,
      collected: this.#collected,
      lost: this.#lost,
    };
  }

  #hold(held: Held): void {
    const { datasetType } = held.ref;
    const key = datasetKey(datasetType, held.dataId);
    this.#held.set(key, held);
    const family = openKey(datasetType, held.dataId);
    const members = this.#families.get(family);
    if (members === undefined) this.#families.set(family, [key]);
    else if (!members.includes(key)) members.push(key);
  }

  /** Memory goes as soon as nobody in the cluster will ask again. */
  #release(quantum: Quantum): void {
    for (const planned of Object.values(quantum.inputs).flat()) {
      const left = this.#uses.get(planned.key)! - 1;
      this.#uses.set(planned.key, left);
      if (left > 0) continue;
      for (const key of planned.open === true ? (this.#families.get(planned.key) ?? []) : [planned.key])
        this.#held.delete(key);
    }
  }

  /** The elements a per-element quantum runs for: those of its single inputs, in the order the expansion node gave them. */
  #elementsOf(quantum: Quantum): readonly (string | number)[] {
    const registered = this.#taskOf(quantum);
    const elements = new Set<string | number>();
    for (const [name, planned] of Object.entries(quantum.inputs)) {
      const { multiplicity } = connectionOf(registered.task.inputs, name);
      if (multiplicity === 'many' || multiplicity === 'deferredMany') continue;
      for (const { open, key } of planned)
        if (open === true)
          for (const member of this.#families.get(key) ?? []) {
            const element = this.#held.get(member)?.dataId.element;
            if (element !== undefined) elements.add(element);
          }
    }
    return [...elements];
  }

  #taskOf(quantum: Quantum): RegisteredTask {
    const { name, version } = this.request.tasks[quantum.label]!;
    return this.environment.tasks.get(name, version);
  }

  async #execute(quantum: Quantum, element: string | number | undefined): Promise<void> {
    const dataId = element === undefined ? quantum.dataId : { ...quantum.dataId, element };
    const id = element === undefined ? quantum.id : `${quantum.id}[${element}]`;
    const started = new Date();
    const clock = performance.now();
    const registered = this.#taskOf(quantum);
    const missing: string[] = [];
    const base = { id, label: quantum.label, dataId };
    const finish = (status: QuantumStatus, metrics: readonly Metric[], failure?: QuantumFailure): void => {
      const seconds = (performance.now() - clock) / 1000;
      const report: QuantumReport = {
        ...base,
        status,
        seconds,
        metrics,
        missing,
        ...(failure !== undefined && { failure }),
      };
      this.#reports.push(report);
      this.environment.onQuantum?.(report);
    };

    if (this.environment.isCancelled?.() === true) {
      this.#lose(quantum, element, 'noWork', []);
      finish('cancelled', []);
      return;
    }
    const found = this.#find(quantum, registered, element, missing);
    if ('stop' in found) {
      this.#lose(quantum, element, found.stop === 'noWork' ? 'noWork' : 'algorithm', []);
      finish(found.stop, []);
      return;
    }
    let failure: QuantumFailure | undefined;
    let metrics: readonly Metric[] = [];
    let outputs: Readonly<Record<string, unknown>> = {};
    const made: Record<string, DatasetRef[]> = {};
    const kept = new Set<string>();
    try {
      const inputs = await this.#load(found.inputs, registered);
      const runtime = this.#runtimeOf(quantum);
      const { allocator, log, isCancelled, signal } = this.environment;
      const result = await runtime.run(
        { registered, config: quantum.config, dataId, inputs },
        { allocator, log, isCancelled, signal },
      );
      ({ outputs, metrics, failure } = result);
      if (failure === undefined || failure.kind === 'partial')
        await this.#keep(quantum, registered, element, outputs, made, kept, failure !== undefined);
    } catch (error) {
      failure = describeFailure(error);
    }
    const status: QuantumStatus =
      failure === undefined
        ? 'done'
        : isCancellation(failure)
          ? 'cancelled'
          : failure.kind === 'noWork'
            ? 'noWork'
            : failure.kind === 'partial'
              ? 'partial'
              : 'failed';
    if (failure !== undefined) this.#lose(quantum, element, failure.kind, [...kept]);
    if (status !== 'cancelled')
      await this.#record({
        quantumId: id,
        run: this.request.run,
        label: quantum.label,
        task: {
          name: registered.task.name,
          version: registered.task.version,
          package: registered.packageName,
          packageVersion: registered.packageVersion,
        },
        dataId,
        config: quantum.config,
        configHash: configHash(quantum.config),
        inputs: Object.fromEntries(
          Object.entries(found.inputs).map(([name, list]) => [name, list.map(({ ref }) => ref)]),
        ),
        outputs: made,
        softwareVersion: this.request.softwareVersion,
        runtime: { node: process.version, platform: `${process.platform}-${process.arch}` },
        startedAt: started.toISOString(),
        finishedAt: new Date().toISOString(),
        status,
        ...(failure !== undefined && { failure }),
        metrics,
      });
    finish(status, metrics, failure);
  }

  async #record(record: ProvenanceRecord): Promise<void> {
    await this.environment.provenance?.record(record);
  }

  #runtimeOf(quantum: Quantum) {
    const { runtime } = this.request.tasks[quantum.label]!;
    if (runtime === 'thread') return inThread;
    const given = this.environment.runtimes?.[runtime];
    if (given === undefined)
      throw new PipelineError('NO_RUNTIME', `'${quantum.label}' should run in a ${runtime} but none is provided here`, {
        runtime,
      });
    return given;
  }

  /** What each connection gets, or why the quantum cannot run. */
  #find(
    quantum: Quantum,
    registered: RegisteredTask,
    element: string | number | undefined,
    missing: string[],
  ): { readonly inputs: Readonly<Record<string, readonly FoundInput[]>> } | { readonly stop: 'upstream' | 'noWork' } {
    const inputs: Record<string, readonly FoundInput[]> = {};
    for (const [name, planned] of Object.entries(quantum.inputs)) {
      const { multiplicity, minimum = 1 } = connectionOf(registered.task.inputs, name);
      const single = multiplicity === 'one' || multiplicity === 'optional';
      const found: FoundInput[] = [];
      const absent: string[] = [];
      let openEnded = false;
      for (const dataset of planned) {
        if (dataset.open === true && !single) openEnded = true;
        const keys = this.#keysOf(dataset, single, element);
        for (const key of keys) {
          const held = this.#held.get(key);
          const ref = held?.ref ?? dataset.ref;
          if (ref !== undefined) found.push({ ref, held });
          else absent.push(key);
        }
      }
      missing.push(...absent);
      inputs[name] = found;
      const least =
        multiplicity === 'one'
          ? 1
          : multiplicity === 'optional'
            ? 0
            : openEnded && absent.length === 0
              ? minimum > 1
                ? minimum
                : 0
              : minimum;
      if (planned.length > 0 && found.length < least)
        return {
          stop: absent.every((key) => this.#lost[key] === 'noWork') && absent.length > 0 ? 'noWork' : 'upstream',
        };
    }
    return { inputs };
  }

  #keysOf(dataset: PlannedDataset, single: boolean, element: string | number | undefined): readonly string[] {
    if (dataset.open !== true) return [dataset.key];
    if (single && element !== undefined) return [datasetKey(dataset.datasetType, { ...dataset.dataId, element })];
    const members = this.#families.get(dataset.key) ?? [];
    const lost = Object.keys(this.#lost).filter(
      (key) => key === dataset.key || (key.startsWith(`${dataset.key},element=`) && !members.includes(key)),
    );
    return [...members, ...lost];
  }

  async #load(
    found: Readonly<Record<string, readonly FoundInput[]>>,
    registered: RegisteredTask,
  ): Promise<Readonly<Record<string, unknown>>> {
    const values: Record<string, unknown> = {};
    for (const name of Object.keys(registered.task.inputs as Readonly<Record<string, unknown>>)) {
      const connection = connectionOf(registered.task.inputs, name);
      const handles = (found[name] ?? []).map(({ ref, held }): DeferredHandle<unknown> => ({
        dataId: ref.dataId,
        get: () => this.#value(ref, held, connection.storageClass),
      }));
      if (connection.multiplicity === 'deferredMany') values[name] = handles;
      else if (connection.multiplicity === 'many') {
        const list: { dataId: DataId; value: unknown }[] = [];
        for (const handle of handles) list.push({ dataId: handle.dataId, value: await handle.get() });
        values[name] = list;
      } else values[name] = await handles[0]?.get();
    }
    return values;
  }

  async #value(ref: DatasetRef, held: Held | undefined, storageClass: StorageClass<unknown>): Promise<unknown> {
    if (held?.inMemory === true && held.bytes === undefined) return held.value;
    const bytes = held?.bytes ?? (await this.#read(ref));
    try {
      return await storageClass.decode(bytes);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      const details = { id: ref.id, datasetType: ref.datasetType };
      const message = `'${ref.datasetType}' cannot be decoded: ${text}`;
      throw new TaskFailure('unprocessable', 'INPUT_DAMAGED', message, details, { cause: error });
    }
  }

  #read(ref: DatasetRef): Promise<Uint8Array> {
    return this.#store()
      .get(ref)
      .catch((error: unknown) => {
        throw asTransient(error, 'INPUT_UNREADABLE');
      });
  }

  #store(): DatasetStore {
    const { store } = this.environment;
    if (store === undefined)
      throw new PipelineError('NO_STORE', 'datasets must be read or written but no store is given');
    return store;
  }

  async #keep(
    quantum: Quantum,
    registered: RegisteredTask,
    element: string | number | undefined,
    outputs: Readonly<Record<string, unknown>>,
    made: Record<string, DatasetRef[]>,
    kept: Set<string>,
    partial: boolean,
  ): Promise<void> {
    for (const [name, planned] of Object.entries(quantum.outputs)) {
      const connection = connectionOf(registered.task.outputs, name);
      const value = outputs[name];
      const datasetType = planned[0]?.datasetType;
      if (datasetType === undefined) continue;
      const listed = (made[name] = [] as DatasetRef[]);
      const save = async (dataId: DataId, one: unknown, plannedKey: string): Promise<void> => {
        const ref = await this.#save(connection, datasetType, dataId, one, plannedKey);
        listed.push(ref);
        kept.add(datasetKey(datasetType, dataId)).add(plannedKey);
      };
      if (connection.multiplicity === 'many') {
        if (!Array.isArray(value)) {
          if (partial) continue;
          throw new TaskFailure(
            'bug',
            'MISSING_OUTPUT',
            `Task '${registered.task.name}' did not return a list for '${name}'`,
          );
        }
        for (const { dataId, value: one } of value as readonly { dataId: DataId; value: unknown }[]) {
          const full = { ...quantum.dataId, ...(element !== undefined && { element }), ...dataId };
          const target = planned.find(
            ({ dataId: at }) => dataIdKey(at) === dataIdKey(projectDataId(full, dimensionsOf(at))),
          );
          if (target === undefined || (target.open === true && full.element === undefined))
            throw new TaskFailure(
              'bug',
              'UNEXPECTED_OUTPUT',
              `Task '${registered.task.name}' returned '${name}' for ${dataIdKey(full)}, which was not planned`,
            );
          await save(
            target.open === true ? { ...target.dataId, element: full.element! } : target.dataId,
            one,
            target.key,
          );
        }
        for (const { key } of planned)
          if (!kept.has(key) && planned.every(({ open }) => open !== true)) this.#lost[key] = 'noWork';
        continue;
      }
      const target = planned[0]!;
      if (value === undefined || value === null) {
        const key = datasetKey(
          datasetType,
          target.open === true && element !== undefined ? { ...target.dataId, element } : target.dataId,
        );
        if (connection.multiplicity === 'optional') this.#lost[key] = 'noWork';
        else if (!partial)
          throw new TaskFailure('bug', 'MISSING_OUTPUT', `Task '${registered.task.name}' did not return '${name}'`);
        continue;
      }
      await save(
        target.open === true && element !== undefined ? { ...target.dataId, element } : target.dataId,
        value,
        target.key,
      );
    }
  }

  async #save(
    connection: Connection<unknown>,
    datasetType: string,
    dataId: DataId,
    value: unknown,
    plannedKey: string,
  ): Promise<DatasetRef> {
    const { run, persist, needed, collect } = this.request;
    const { storageClass } = connection;
    let ref = datasetRef(run, datasetType, dataId);
    if (persist.includes(datasetType) || needed.includes(plannedKey)) {
      const bytes = await storageClass.encode(value);
      const { name, extension, mediaType } = storageClass;
      try {
        ref = await this.#store().put({ datasetType, dataId, run, storageClass: name, extension, mediaType }, bytes);
      } catch (error) {
        throw asTransient(error, 'NOT_STORED');
      }
      this.#stored.push(ref);
    }
    if (collect.includes(datasetType))
      this.#collected.push({ datasetType, dataId, storageClass: storageClass.name, value });
    this.#hold({ dataId, ref, inMemory: true, value });
    return ref;
  }

  /** Marks what this quantum will not make. */
  #lose(quantum: Quantum, element: string | number | undefined, kind: FailureKind, kept: readonly string[]): void {
    for (const planned of Object.values(quantum.outputs).flat()) {
      const key =
        planned.open === true && element !== undefined
          ? datasetKey(planned.datasetType, { ...planned.dataId, element })
          : planned.key;
      if (!kept.includes(key)) this.#lost[key] = kind;
    }
  }
}

const connectionOf = (connections: unknown, name: string): Connection<unknown> =>
  (connections as Readonly<Record<string, Connection<unknown>>>)[name]!;

const dimensionsOf = (dataId: DataId) => DIMENSIONS.filter((dimension) => dataId[dimension] !== undefined);

/** Storage that fails is worth another try; a mistake in the program is not. */
function asTransient(error: unknown, code: string): Error {
  if (error instanceof TaskFailure || error instanceof PipelineError) return error;
  const cause = error instanceof Error ? error : new Error(String(error));
  return new TaskFailure('transient', code, cause.message, {}, { cause });
}
