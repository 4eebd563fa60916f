import type { DataId } from './dimensions.js';
import type { FailureKind } from './failure.js';
import type { DatasetRef } from './ports.js';

export interface QuantumFailure {
  readonly kind: FailureKind;
  readonly code: string;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
  /** for the operator's log, never for users */
  readonly stack?: string;
}

export interface Metric {
  readonly name: string;
  readonly value: number;
  readonly unit?: string;
}

/** Everything about one execution that is needed to do it again. */
export interface ProvenanceRecord {
  readonly quantumId: string;
  readonly run: string;
  readonly label: string;
  readonly task: {
    readonly name: string;
    readonly version: string;
    readonly package: string;
    readonly packageVersion: string;
  };
  readonly dataId: DataId;
  readonly config: unknown;
  readonly configHash: string;
  /** by connection, in the order given to the Task */
  readonly inputs: Readonly<Record<string, readonly DatasetRef[]>>;
  readonly outputs: Readonly<Record<string, readonly DatasetRef[]>>;
  readonly softwareVersion: string;
  readonly runtime: { readonly node: string; readonly platform: string };
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly status: 'done' | 'partial' | 'noWork' | 'failed';
  readonly failure?: QuantumFailure;
  readonly metrics: readonly Metric[];
}
