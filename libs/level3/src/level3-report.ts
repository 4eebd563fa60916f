// What a job tells its owner when it has ended: counts, every failure with its Task, and the lines users' Tasks logged.

import { type DataId, type ExecutionReport, type Graph, type QuantumReport, type QuantumStatus } from '#libs/pipeline';
import { MAXIMUM_REPORT_LINES } from './quotas.js';

export interface Level3Failure {
  readonly label: string;
  readonly dataId: DataId;
  readonly status: QuantumStatus;
  readonly kind: string;
  readonly code: string;
  readonly message: string;
}

export interface Level3Report {
  readonly run: string;
  readonly outcome: ExecutionReport['outcome'];
  readonly counts: Readonly<Record<QuantumStatus, number>>;
  readonly seconds: number;
  /** datasets kept in the run */
  readonly results: number;
  readonly failures: readonly Level3Failure[];
  /** failures beyond those listed */
  readonly moreFailures: number;
  /** work that was not planned because of missing inputs */
  readonly notPlanned: readonly { readonly label: string; readonly dataId: DataId; readonly reason: string }[];
  readonly notPlannedCount: number;
  readonly log: readonly string[];
  readonly metrics: readonly {
    readonly label: string;
    readonly dataId: DataId;
    readonly name: string;
    readonly value: number;
    readonly unit?: string;
  }[];
}

const failureOf = ({ label, dataId, status, failure, missing }: QuantumReport): Level3Failure => ({
  label,
  dataId,
  status,
  kind: failure?.kind ?? status,
  code: failure?.code ?? status.toUpperCase(),
  message: failure?.message ?? (missing.length > 0 ? `missing: ${missing.slice(0, 5).join('; ')}` : status),
});

export function reportOf(
  graph: Graph,
  execution: ExecutionReport,
  facts: { readonly seconds: number; readonly log: readonly string[]; readonly results: number },
): Level3Report {
  const failed = execution.quanta.filter(({ status }) => !['done', 'skipped'].includes(status));
  return {
    run: execution.run,
    outcome: execution.outcome,
    counts: execution.counts,
    seconds: Math.round(facts.seconds * 1000) / 1000,
    results: facts.results,
    failures: failed.slice(0, MAXIMUM_REPORT_LINES).map(failureOf),
    moreFailures: Math.max(0, failed.length - MAXIMUM_REPORT_LINES),
    notPlanned: graph.pruned.slice(0, MAXIMUM_REPORT_LINES),
    notPlannedCount: graph.pruned.length,
    log: facts.log,
    metrics: execution.quanta
      .flatMap(({ label, dataId, metrics }) => metrics.map((metric) => ({ label, dataId, ...metric })))
      .filter(({ value }) => Number.isFinite(value))
      .slice(0, 5 * MAXIMUM_REPORT_LINES),
  };
}
