import type { ClusterRequest, ClusterResult, QuantumReport } from './cluster-request.js';
import type { DatasetRef, DatasetToStore } from './ports.js';
import type { ProvenanceRecord, QuantumFailure } from './provenance.js';

/** What a thread is started with. */
export interface ThreadData {
  readonly modules: readonly string[];
  readonly arenaBytes: number;
  /** [0]: not 0 once the job is cancelled */
  readonly flag: SharedArrayBuffer;
}

export type ToThread =
  | { readonly kind: 'run'; readonly request: ClusterRequest }
  | {
      readonly kind: 'answer';
      readonly call: number;
      readonly value?: unknown;
      readonly error?: string;
      /** of an outage, when the error is one */
      readonly code?: string;
    };

/** What a thread asks of the process: it has no database and no store of its own. */
export type PortCall =
  | { readonly port: 'put'; readonly dataset: DatasetToStore; readonly bytes: Uint8Array }
  | { readonly port: 'get'; readonly ref: DatasetRef }
  | { readonly port: 'record'; readonly record: ProvenanceRecord };

export type FromThread =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly failure: QuantumFailure }
  | { readonly kind: 'call'; readonly call: number; readonly request: PortCall }
  | { readonly kind: 'quantum'; readonly report: QuantumReport }
  | {
      readonly kind: 'log';
      readonly level: 'debug' | 'info' | 'warn';
      readonly message: string;
      readonly facts?: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: 'done'; readonly result: ClusterResult; readonly peakBytes: number }
  | { readonly kind: 'failed'; readonly failure: QuantumFailure };
