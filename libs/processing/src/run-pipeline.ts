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

/** What to say of a run that went wrong: a failure worth another try before any other. Undefined when there was none but "no work". */
export function worstFailure(report: Pick<ExecutionReport, 'quanta'>): TaskFailure | undefined {
  const failed = report.quanta.filter(
    ({ status, failure }) => failure && (status === 'failed' || status === 'cancelled'),
  );
  const worst = failed.find(({ failure }) => failure!.kind === 'transient') ?? failed[0];
  if (!worst?.failure) return undefined;
  const { kind, code, message, details } = worst.failure;
  return new TaskFailure(kind, code, `${worst.label}: ${message}`, details);
}

/** Throws when something failed that may succeed next time: what was made is kept, and a repeated run makes the rest. */
export function throwIfTransient(report: Pick<ExecutionReport, 'quanta'>): void {
  const failure = worstFailure(report);
  if (failure?.kind === 'transient') throw failure;
}
