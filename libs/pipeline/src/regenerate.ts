// Re-makes a dataset that was not kept, from provenance alone: the Task that made it runs again on the same inputs with the same config,
// and those inputs, if they were not kept either, are re-made first.

import type { Allocator } from '#libs/image';
import { configHash } from './config.js';
import type { Connection } from './connection.js';
import { dataIdKey } from './dimensions.js';
import { PipelineError } from './errors.js';
import { TaskFailure } from './failure.js';
import type { DatasetRef, DatasetStore, ProvenanceSource } from './ports.js';
import type { ProvenanceRecord } from './provenance.js';
import { inThread } from './quantum-run.js';
import type { TaskRegistry } from './task-registry.js';

export interface RegenerateSources {
  readonly tasks: TaskRegistry;
  readonly store: DatasetStore;
  readonly provenance: ProvenanceSource;
  readonly allocator?: Allocator;
  /** refuse when the software of the record is another one; leave out to accept any */
  readonly softwareVersion?: string;
  readonly isCancelled?: () => boolean;
}

const connectionsOf = (connections: unknown) => connections as Readonly<Record<string, Connection<unknown>>>;

/** The value of a dataset, from the store or made again. */
export async function regenerate(ref: DatasetRef, sources: RegenerateSources): Promise<unknown> {
  return new Regeneration(sources).make(ref);
}

class Regeneration {
  readonly #made = new Map<string, Promise<Readonly<Record<string, unknown>>>>();
  constructor(readonly sources: RegenerateSources) {}

  async make(ref: DatasetRef): Promise<unknown> {
    const { provenance, tasks } = this.sources;
    const record = await provenance.producerOf(ref.id);
    if (record === undefined)
      throw new PipelineError(
        'NO_PROVENANCE',
        `nothing is known of how '${ref.datasetType}' (${dataIdKey(ref.dataId)}) was made`,
        { id: ref.id },
      );
    const [name, refs] = Object.entries(record.outputs).find(([, list]) => list.some(({ id }) => id === ref.id))!;
    const connection = connectionsOf(tasks.get(record.task.name, record.task.version).task.outputs)[name]!;
    const key = `${record.run}/${record.quantumId}`;
    const running = this.#made.get(key) ?? this.#execute(record);
    this.#made.set(key, running);
    const value = (await running)[name];
    return connection.multiplicity === 'many'
      ? (value as readonly { value: unknown }[])[refs.findIndex(({ id }) => id === ref.id)]?.value
      : value;
  }

  async #value(ref: DatasetRef, connection: Connection<unknown>): Promise<unknown> {
    return (await this.sources.store.exists(ref))
      ? connection.storageClass.decode(await this.sources.store.get(ref))
      : this.make(ref);
  }

  async #execute(record: ProvenanceRecord): Promise<Readonly<Record<string, unknown>>> {
    const { softwareVersion, tasks, allocator, isCancelled } = this.sources;
    if (softwareVersion !== undefined && softwareVersion !== record.softwareVersion)
      throw new PipelineError(
        'SOFTWARE_MISMATCH',
        `made by software ${record.softwareVersion}, this is ${softwareVersion}`,
        { made: record.softwareVersion },
      );
    if (configHash(record.config) !== record.configHash)
      throw new PipelineError('CONFIG_INVALID', `the config of ${record.quantumId} is not the one that was used`, {
        quantumId: record.quantumId,
      });
    const registered = tasks.get(record.task.name, record.task.version);
    const inputs: Record<string, unknown> = {};
    for (const [name, connection] of Object.entries(connectionsOf(registered.task.inputs))) {
      const refs = record.inputs[name] ?? [];
      const handles = refs.map((ref) => ({ dataId: ref.dataId, get: () => this.#value(ref, connection) }));
      if (connection.multiplicity === 'deferredMany') inputs[name] = handles;
      else if (connection.multiplicity === 'many') {
        const list = [];
        for (const { dataId, get } of handles) list.push({ dataId, value: await get() });
        inputs[name] = list;
      } else inputs[name] = await handles[0]?.get();
    }
    const { outputs, failure } = await inThread.run(
      { registered, config: record.config, dataId: record.dataId, inputs },
      { allocator, isCancelled },
    );
    if (failure !== undefined && failure.kind !== 'partial')
      throw new TaskFailure(failure.kind, failure.code, failure.message, failure.details);
    return outputs;
  }
}
