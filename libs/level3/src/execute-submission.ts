// Runs a checked submission: library Tasks in worker threads, users' Tasks in the sandbox, results in the user's own run.

import {
  buildGraph,
  type ClusterRequest,
  dataIdKey,
  type DatasetStore,
  type Dispatcher,
  executeGraph,
  type ProvenanceSink,
  type QuantumReport,
  type Registry,
  runCluster,
  TaskFailure,
  type TaskLog,
} from '#libs/pipeline';
import { SOFTWARE_VERSION } from '#libs/processing';
import type { CheckedSubmission } from './check-submission.js';
import { type Level3Report, reportOf } from './level3-report.js';
import { LEVEL3_QUOTA, MAXIMUM_REPORT_LINES } from './quotas.js';
import { segmentByRuntime } from './runtime-segments.js';
import { SandboxRuntime } from './sandbox-runtime.js';

export interface Level3Environment {
  readonly registry: Registry;
  readonly store: DatasetStore;
  readonly provenance?: ProvenanceSink;
  readonly log?: TaskLog;
  /** runs clusters of library Tasks */
  readonly threads: (onQuantum: (report: QuantumReport) => void) => Dispatcher;
  readonly quanta?: number;
}

export interface ExecuteSubmissionOptions {
  readonly run: string;
  readonly signal?: AbortSignal;
  readonly progress?: (fraction: number, message: string) => void;
}

/** The report of what happened, also when nothing succeeded; throws when the job cannot begin. */
export async function executeSubmission(
  checked: CheckedSubmission,
  environment: Level3Environment,
  { run, signal, progress }: ExecuteSubmissionOptions,
): Promise<Level3Report> {
  const started = performance.now();
  const { pipeline, query, collections, persist, tasks, code, limits } = checked;
  const { registry, store, provenance, log, quanta: mostQuanta = LEVEL3_QUOTA.quanta } = environment;
  const graph = segmentByRuntime(
    await buildGraph(pipeline, query, registry, { inputCollections: [run, ...collections] }),
  );
  const total = graph.quanta.length;
  if (total > mostQuanta)
    throw new TaskFailure(
      'unprocessable',
      'TOO_MUCH_WORK',
      `the pipeline would run ${total} times over these data; a job may run ${mostQuanta} times: choose fewer data`,
      { total },
    );
  if (total === 0)
    throw new TaskFailure(
      'noWork',
      'NO_DATA',
      `there is nothing to do: ${graph.pruned[0] ? `${graph.pruned[0].label}: ${graph.pruned[0].reason}` : 'no data fit the selection'}`,
      { pruned: graph.pruned.length },
    );
  let done = 0;
  const onQuantum = ({ label, dataId, status }: QuantumReport): void => {
    done++;
    progress?.(Math.min(1, done / total), `${done} of ${total}: ${label} (${dataIdKey(dataId)}) ${status}`);
  };
  const lines: string[] = [];
  const sandbox = new SandboxRuntime({
    code,
    limits,
    onLog: (line, task, dataId) => {
      if (lines.length < MAXIMUM_REPORT_LINES) lines.push(`${task} (${dataIdKey(dataId)}): ${line}`);
    },
  });
  const threads = environment.threads(onQuantum);
  const inSandbox = ({ tasks: labelled }: ClusterRequest): boolean =>
    Object.values(labelled).every(({ runtime }) => runtime === 'sandbox');
  const dispatcher: Dispatcher = {
    concurrency: threads.concurrency,
    runCluster: (request, stop) =>
      inSandbox(request)
        ? runCluster(request, {
            tasks,
            store,
            onQuantum,
            runtimes: { sandbox },
            ...(provenance && { provenance }),
            ...(log && { log }),
            ...(stop && { signal: stop, isCancelled: () => stop.aborted }),
          })
        : threads.runCluster(request, stop),
  };
  const execution = await executeGraph(graph, {
    run,
    softwareVersion: SOFTWARE_VERSION,
    store,
    registry,
    persist,
    dispatcher,
    skipExisting: true,
    ...(provenance && { provenance }),
    ...(log && { log }),
    ...(signal && { signal }),
  });
  const kept = execution.stored.filter(({ datasetType }) => persist.includes(datasetType));
  return reportOf(graph, execution, {
    seconds: (performance.now() - started) / 1000,
    log: lines,
    results: kept.length,
  });
}
