// Executes a graph: clusters in the order of their needs, as many at once as the dispatcher takes, resumable by what is stored already.

import type { Allocator } from '#libs/image';
import { type ClusterEnvironment, runCluster } from './cluster.js';
import type {
  ClusterRequest,
  ClusterResult,
  ClusterTask,
  CollectedDataset,
  GivenDataset,
  QuantumReport,
  QuantumStatus,
} from './cluster-request.js';
import type { FailureKind } from './failure.js';
import type { Cluster, Graph, PrunedQuantum, Quantum } from './graph.js';
import { type DatasetRef, type DatasetStore, type ProvenanceSink, type Registry, datasetKey } from './ports.js';
import type { Runtimes } from './quantum-run.js';
import { describeFailure } from './quantum-run.js';
import type { TaskLog } from './task.js';
import { TaskRegistry } from './task-registry.js';

/** Where clusters run: here, in threads, on other hosts. */
export interface Dispatcher {
  /** clusters worth handing over at the same time */
  readonly concurrency: number;
  runCluster(request: ClusterRequest, signal?: AbortSignal): Promise<ClusterResult>;
}

export interface ExecuteOptions {
  /** collection that receives the outputs */
  readonly run: string;
  readonly softwareVersion: string;
  readonly store?: DatasetStore;
  readonly provenance?: ProvenanceSink;
  /** dataset types to store; the pipeline's own list unless given; 'all' for everything */
  readonly persist?: readonly string[] | 'all';
  /** dataset types to hand back in the report */
  readonly collect?: readonly string[];
  readonly given?: readonly GivenDataset[];
  /** leaves out quanta whose stored outputs are in the run already (needs `registry`) */
  readonly skipExisting?: boolean;
  readonly registry?: Registry;
  readonly dispatcher?: Dispatcher;
  readonly allocator?: Allocator;
  readonly log?: TaskLog;
  readonly signal?: AbortSignal;
  readonly isCancelled?: () => boolean;
  readonly runtimes?: Runtimes;
  readonly onQuantum?: (report: QuantumReport) => void;
}

export interface ExecutionReport {
  readonly run: string;
  readonly quanta: readonly QuantumReport[];
  readonly pruned: readonly PrunedQuantum[];
  readonly stored: readonly DatasetRef[];
  readonly collected: readonly CollectedDataset[];
  readonly counts: Readonly<Record<QuantumStatus, number>>;
  /** worst that happened: done, partial (something died, something lives), failed (nothing lives), cancelled */
  readonly outcome: 'done' | 'partial' | 'failed' | 'cancelled';
}

/** The Tasks of a graph, as its pipeline resolved them. */
function tasksOf(graph: Graph): TaskRegistry {
  const tasks = new TaskRegistry();
  for (const { registered } of graph.pipeline.tasks)
    tasks.register(registered.task, { name: registered.packageName, version: registered.packageVersion });
  return tasks;
}

/** Clusters run one at a time, in this thread. */
export function inProcessDispatcher(environment: ClusterEnvironment): Dispatcher {
  return { concurrency: 1, runCluster: (request) => runCluster(request, environment) };
}

export async function executeGraph(graph: Graph, options: ExecuteOptions): Promise<ExecutionReport> {
  const { store, provenance, allocator, log, signal, runtimes, onQuantum } = options;
  const isCancelled = (): boolean => signal?.aborted === true || options.isCancelled?.() === true;
  const dispatcher =
    options.dispatcher ??
    inProcessDispatcher({
      tasks: tasksOf(graph),
      store,
      provenance,
      allocator,
      log,
      isCancelled,
      signal,
      runtimes,
      onQuantum,
    });
  const persist = persistedTypes(graph, options.persist);
  const existing =
    options.skipExisting === true ? await existingOutputs(graph, persist, options) : new Map<string, DatasetRef>();
  const skip = skippable(graph.quanta, persist, existing);
  const state = new Execution(graph, options, dispatcher, persist, existing, skip);
  for (const quantum of graph.quanta)
    if (skip.has(quantum.id))
      state.report({
        id: quantum.id,
        label: quantum.label,
        dataId: quantum.dataId,
        status: 'skipped',
        seconds: 0,
        metrics: [],
        missing: [],
      });
  await state.run(isCancelled);
  return state.summary();
}

function persistedTypes(graph: Graph, asked: readonly string[] | 'all' | undefined): readonly string[] {
  const made = graph.pipeline.tasks.flatMap(({ outputs }) =>
    Object.values(outputs).map(({ datasetType }) => datasetType),
  );
  return asked === 'all' ? made : (asked ?? graph.pipeline.persist);
}

async function existingOutputs(
  graph: Graph,
  persist: readonly string[],
  { registry, run }: ExecuteOptions,
): Promise<Map<string, DatasetRef>> {
  const crossing = graph.quanta.flatMap(({ outputs }) => Object.values(outputs).flat());
  const types = new Set([...persist, ...crossing.map(({ datasetType }) => datasetType)]);
  const found = new Map<string, DatasetRef>();
  for (const datasetType of types)
    for (const ref of (await registry?.datasets({ datasetType, query: {}, collections: [run] })) ?? [])
      found.set(datasetKey(datasetType, ref.dataId), ref);
  return found;
}

/** Backwards from the ends: a quantum runs when an output to keep is missing, or when one that runs needs what is not stored. */
function skippable(
  quanta: readonly Quantum[],
  persist: readonly string[],
  existing: ReadonlyMap<string, DatasetRef>,
): ReadonlySet<string> {
  if (existing.size === 0) return new Set();
  const wanted = new Set<string>();
  const skip = new Set<string>();
  for (const quantum of quanta.toReversed()) {
    const outputs = Object.values(quantum.outputs).flat();
    const kept = outputs.filter(({ datasetType }) => persist.includes(datasetType));
    const isThere = ({ key, open }: { key: string; open?: boolean }): boolean => open !== true && existing.has(key);
    const satisfied = kept.length > 0 ? kept.every(isThere) : outputs.some(({ key }) => wanted.has(`uses|${key}`));
    const needed = outputs.some((output) => wanted.has(output.key) && !isThere(output));
    if (satisfied && !needed) {
      skip.add(quantum.id);
      for (const input of Object.values(quantum.inputs).flat()) wanted.add(`uses|${input.key}`);
    } else for (const input of Object.values(quantum.inputs).flat()) wanted.add(input.key).add(`uses|${input.key}`);
  }
  return skip;
}

class Execution {
  readonly #reports: QuantumReport[] = [];
  readonly #stored: DatasetRef[] = [];
  readonly #collected: CollectedDataset[] = [];
  readonly #available = new Map<string, DatasetRef>();
  readonly #lost: Record<string, FailureKind> = {};
  readonly #consumers = new Map<string, Set<string>>();

  constructor(
    readonly graph: Graph,
    readonly options: ExecuteOptions,
    readonly dispatcher: Dispatcher,
    readonly persist: readonly string[],
    existing: ReadonlyMap<string, DatasetRef>,
    readonly skip: ReadonlySet<string>,
  ) {
    for (const [key, ref] of existing) this.#available.set(key, ref);
    for (const cluster of graph.clusters)
      for (const quantum of cluster.quanta)
        for (const { key } of Object.values(quantum.inputs).flat()) {
          const users = this.#consumers.get(key) ?? new Set<string>();
          this.#consumers.set(key, users.add(cluster.id));
        }
  }

  report(report: QuantumReport): void {
    this.#reports.push(report);
  }

  /** Starts each cluster when those it needs have ended, at most `concurrency` at a time. */
  async run(isCancelled: () => boolean): Promise<void> {
    const waiting = new Map(this.graph.clusters.map((cluster) => [cluster.id, new Set(cluster.dependsOn)]));
    const running = new Map<string, Promise<string>>();
    const byId = new Map(this.graph.clusters.map((cluster) => [cluster.id, cluster]));
    while (waiting.size > 0 || running.size > 0) {
      for (const [id, needs] of waiting) {
        if (running.size >= Math.max(1, this.dispatcher.concurrency)) break;
        if (needs.size > 0) continue;
        waiting.delete(id);
        running.set(
          id,
          this.#runOne(byId.get(id)!, isCancelled).then(() => id),
        );
      }
      const ended = await Promise.race(running.values());
      running.delete(ended);
      for (const needs of waiting.values()) needs.delete(ended);
    }
  }

  async #runOne(cluster: Cluster, isCancelled: () => boolean): Promise<void> {
    const quanta = cluster.quanta.filter(({ id }) => !this.skip.has(id));
    if (quanta.length === 0) return;
    const request = this.#request(cluster.id, quanta);
    try {
      if (isCancelled()) {
        this.#abandon(quanta, 'cancelled');
        return;
      }
      const result = await this.dispatcher.runCluster(request, this.options.signal);
      this.#reports.push(...result.reports);
      this.#stored.push(...result.stored);
      this.#collected.push(...result.collected);
      for (const ref of result.stored) this.#available.set(datasetKey(ref.datasetType, ref.dataId), ref);
      Object.assign(this.#lost, result.lost);
    } catch (error) {
      // the place where it ran went down, with everything in it
      const failure = describeFailure(error);
      this.#abandon(quanta, failure.code === 'CANCELLED' ? 'cancelled' : 'failed', failure);
    }
  }

  #abandon(
    quanta: readonly Quantum[],
    status: 'cancelled' | 'failed',
    failure?: ReturnType<typeof describeFailure>,
  ): void {
    for (const { id, label, dataId, outputs } of quanta) {
      const report: QuantumReport = {
        id,
        label,
        dataId,
        status,
        seconds: 0,
        metrics: [],
        missing: [],
        ...(failure !== undefined && { failure }),
      };
      this.#reports.push(report);
      this.options.onQuantum?.(report);
      for (const { key } of Object.values(outputs).flat()) this.#lost[key] = failure?.kind ?? 'noWork';
    }
  }

  #request(clusterId: string, quanta: readonly Quantum[]): ClusterRequest {
    const { run, softwareVersion, collect = [], given = [] } = this.options;
    const labels = new Set(quanta.map(({ label }) => label));
    const tasks: Record<string, ClusterTask> = {};
    for (const { label, registered, runtime } of this.graph.pipeline.tasks)
      if (labels.has(label)) tasks[label] = { name: registered.task.name, version: registered.task.version, runtime };
    const inputs = new Set(
      quanta.flatMap(({ inputs: all }) =>
        Object.values(all)
          .flat()
          .map(({ key }) => key),
      ),
    );
    const uses = (key: string): boolean => inputs.has(key) || inputs.has(key.replace(/,element=[^,]*$/, ''));
    return {
      id: clusterId,
      run,
      softwareVersion,
      tasks,
      quanta,
      persist: this.persist,
      needed: quanta.flatMap(({ outputs }) =>
        Object.values(outputs)
          .flat()
          .map(({ key }) => key)
          .filter((key) => [...(this.#consumers.get(key) ?? [])].some((id) => id !== clusterId)),
      ),
      collect,
      given: given.filter(({ datasetType, dataId }) => inputs.has(datasetKey(datasetType, dataId))),
      available: [...this.#available].filter(([key]) => uses(key)).map(([, ref]) => ref),
      lost: Object.fromEntries(Object.entries(this.#lost).filter(([key]) => uses(key))),
    };
  }

  summary(): ExecutionReport {
    const counts: Record<QuantumStatus, number> = {
      done: 0,
      partial: 0,
      noWork: 0,
      failed: 0,
      upstream: 0,
      skipped: 0,
      cancelled: 0,
    };
    for (const { status } of this.#reports) counts[status]++;
    const lives = counts.done + counts.skipped + counts.partial + counts.noWork;
    const died = counts.failed + counts.partial + counts.upstream;
    const outcome = counts.cancelled > 0 ? 'cancelled' : died === 0 ? 'done' : lives > 0 ? 'partial' : 'failed';
    return {
      run: this.options.run,
      quanta: this.#reports,
      pruned: this.graph.pruned,
      stored: this.#stored,
      collected: this.#collected,
      counts,
      outcome,
    };
  }
}
