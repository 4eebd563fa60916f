import {
  buildGraph,
  type DataQuery,
  type DatasetStore,
  executeGraph,
  type ExecutionReport,
  type Pipeline,
  type QuantumReport,
  type Registry,
  TaskFailure,
} from '#libs/pipeline';
import { type ProcessingEnvironment, SOFTWARE_VERSION } from './environment.js';

export interface RunPipelineOptions {
  readonly run: string;
  readonly inputs: readonly string[];
  readonly query: DataQuery;
  readonly collect?: readonly string[];
  readonly skipExisting?: boolean;
  readonly signal?: AbortSignal;
  readonly registry?: Registry;
  readonly store?: DatasetStore;
  readonly onQuantum?: (report: QuantumReport) => void;
  /** called with the number of quanta before they run */
  readonly onPlan?: (quanta: number) => void;
}

/** Builds the graph of a pipeline over a selection of data and runs it in the worker threads. */
export async function runPipeline(
  environment: ProcessingEnvironment,
  pipeline: Pipeline,
  options: RunPipelineOptions,
): Promise<ExecutionReport> {
  const registry = options.registry ?? environment.registry;
  const store = options.store ?? environment.store;
  const { provenance, pool, log } = environment;
  const { signal, onQuantum } = options;
  const graph = await buildGraph(pipeline, options.query, registry, {
    inputCollections: [options.run, ...options.inputs],
  });
  options.onPlan?.(graph.quanta.length);
  return executeGraph(graph, {
    run: options.run,
    softwareVersion: SOFTWARE_VERSION,
    store,
    registry,
    provenance,
    dispatcher: pool.dispatcher({ store, provenance, log, ...(onQuantum && { onQuantum }) }),
    ...(options.collect && { collect: options.collect }),
    skipExisting: options.skipExisting ?? true,
    ...(signal && { signal }),
    log,
  });
}

/** The first failure that is not merely "no work"; undefined when there is none. */
export function worstFailure(report: ExecutionReport): TaskFailure | undefined {
  const failed = report.quanta.find(({ status }) => status === 'failed' || status === 'cancelled');
  if (!failed?.failure) return undefined;
  const { kind, code, message, details } = failed.failure;
  return new TaskFailure(kind, code, `${failed.label}: ${message}`, details);
}
