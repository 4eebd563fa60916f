// What goes to the place where a cluster runs, and what comes back: plain data.

import type { DataId } from './dimensions.js';
import type { FailureKind } from './failure.js';
import type { Quantum } from './graph.js';
import type { Runtime } from './pipeline.js';
import type { DatasetRef } from './ports.js';
import type { Metric, QuantumFailure } from './provenance.js';
import type { StorageClass } from './storage-class.js';

/** A dataset handed over in memory instead of through the store. */
export interface GivenDataset {
  readonly datasetType: string;
  readonly dataId: DataId;
  /** the value itself; to a thread it goes by structured clone, so classes must come in their file form instead */
  readonly value?: unknown;
  readonly bytes?: Uint8Array;
}

export interface ClusterTask {
  readonly name: string;
  readonly version: string;
  readonly runtime: Runtime;
}

export interface ClusterRequest {
  readonly id: string;
  readonly run: string;
  readonly softwareVersion: string;
  readonly tasks: Readonly<Record<string, ClusterTask>>;
  readonly quanta: readonly Quantum[];
  /** dataset types to store */
  readonly persist: readonly string[];
  /** keys of planned datasets that other clusters need: stored too */
  readonly needed: readonly string[];
  /** dataset types to hand back */
  readonly collect: readonly string[];
  readonly given: readonly GivenDataset[];
  /** datasets of this run made elsewhere */
  readonly available: readonly DatasetRef[];
  /** why datasets of this run, made elsewhere, are not there */
  readonly lost: Readonly<Record<string, FailureKind>>;
}

export type QuantumStatus = 'done' | 'partial' | 'noWork' | 'failed' | 'upstream' | 'skipped' | 'cancelled';

export interface QuantumReport {
  readonly id: string;
  readonly label: string;
  readonly dataId: DataId;
  readonly status: QuantumStatus;
  readonly seconds: number;
  readonly failure?: QuantumFailure;
  readonly metrics: readonly Metric[];
  /** keys of wanted inputs of a `many` connection that did not come */
  readonly missing: readonly string[];
}

export interface CollectedDataset {
  readonly datasetType: string;
  readonly dataId: DataId;
  readonly storageClass: string;
  /** the value itself, or its file form where it came from another thread */
  readonly value?: unknown;
  readonly bytes?: Uint8Array;
}

export interface ClusterResult {
  readonly id: string;
  readonly reports: readonly QuantumReport[];
  readonly stored: readonly DatasetRef[];
  readonly collected: readonly CollectedDataset[];
  readonly lost: Readonly<Record<string, FailureKind>>;
}

/** The value of a collected dataset, decoded where need be. */
export async function collectedValue<T>(collected: CollectedDataset, storageClass: StorageClass<T>): Promise<T> {
  return collected.bytes === undefined ? (collected.value as T) : storageClass.decode(collected.bytes);
}
