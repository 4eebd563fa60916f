// One visit job over one detector job per CCD. The visit job runs when every detector has ended: a dead one makes the visit partial, never stuck.

import { jobId } from '#libs/queue';
import type { JobContext } from './job-runner.js';
import type { JobService } from './job-service.js';
import { type Job, hasEnded } from './job.js';

export interface VisitWork {
  readonly instrument: string;
  readonly visit: bigint;
  readonly detectors: readonly number[];
  readonly priority?: number;
  readonly owner?: string;
  /** kinds of the two jobs */
  readonly visitKind: string;
  readonly detectorKind: string;
  /** collection that receives the outputs; part of the work's identity */
  readonly run: string;
}

const word = (text: string): string => text.replaceAll(/[^A-Za-z0-9_-]/g, '_');

export const visitJobId = ({
  visitKind,
  instrument,
  visit,
  run,
}: Pick<VisitWork, 'visitKind' | 'instrument' | 'visit' | 'run'>): string =>
  jobId(visitKind, word(run), word(instrument), visit);

/** Submits a visit; again with further detectors when they come late. The same work is submitted once, however often this is called. */
export function submitVisit(
  service: JobService,
  work: VisitWork,
): Promise<{ readonly parent: Job; readonly children: readonly Job[] }> {
  const { instrument, run, owner, priority } = work;
  const payload = { instrument, visit: work.visit.toString(), run };
  const more = { ...(owner !== undefined && { owner }), ...(priority !== undefined && { priority }) };
  return service.submitFamily(
    { kind: work.visitKind, id: visitJobId(work), payload, ...more },
    work.detectors.map((detector) => ({
      kind: work.detectorKind,
      id: jobId(work.detectorKind, word(run), word(instrument), work.visit, detector),
      payload: { ...payload, detector },
      ...more,
    })),
  );
}

export interface VisitOutcome {
  readonly status: 'complete' | 'partial' | 'failed';
  readonly detectors: {
    readonly done: number;
    readonly noWork: number;
    readonly failed: number;
    readonly aborted: number;
  };
  readonly failures: readonly { readonly detector: number; readonly code: string; readonly message: string }[];
}

const isNoWork = ({ result }: Job): boolean =>
  typeof result === 'object' && result !== null && 'outcome' in result && result.outcome === 'noWork';

/** What became of the detectors, for the handler of the visit job. */
export async function visitOutcome(context: Pick<JobContext, 'children'>): Promise<VisitOutcome> {
  const children = (await context.children()).filter(({ phase }) => hasEnded(phase));
  const failed = children.filter(({ phase }) => phase === 'ERROR');
  const aborted = children.filter(({ phase }) => phase === 'ABORTED').length;
  const noWork = children.filter((child) => child.phase === 'COMPLETED' && isNoWork(child)).length;
  const done = children.length - failed.length - aborted - noWork;
  const bad = failed.length + aborted;
  return {
    status: bad === 0 ? 'complete' : done + noWork > 0 ? 'partial' : 'failed',
    detectors: { done, noWork, failed: failed.length, aborted },
    failures: failed
      .map(({ payload, error }) => ({
        detector: Number(payload['detector']),
        code: error?.code ?? 'UNKNOWN',
        message: error?.message ?? '',
      }))
      .sort((a, b) => a.detector - b.detector),
  };
}
