// Documents of UWS 1.1: a job, a list of jobs, parameters, results.

import { document, element, leaf, text } from './xml.js';

export type UwsPhase =
  | 'PENDING'
  | 'QUEUED'
  | 'EXECUTING'
  | 'COMPLETED'
  | 'ERROR'
  | 'ABORTED'
  | 'HELD'
  | 'SUSPENDED'
  | 'ARCHIVED'
  | 'UNKNOWN';

export const UWS_PHASES: readonly UwsPhase[] = [
  'PENDING',
  'QUEUED',
  'EXECUTING',
  'COMPLETED',
  'ERROR',
  'ABORTED',
  'HELD',
  'SUSPENDED',
  'ARCHIVED',
  'UNKNOWN',
];

/** In these a job stays as it is until somebody acts. */
export const isActive = (phase: UwsPhase): boolean =>
  ['PENDING', 'QUEUED', 'EXECUTING', 'SUSPENDED', 'HELD'].includes(phase);

export interface UwsResult {
  readonly id: string;
  readonly href: string;
  readonly mime: string;
  readonly size?: number;
}

export interface UwsJob {
  readonly id: string;
  readonly runId: string | null;
  readonly owner: string | null;
  readonly phase: UwsPhase;
  readonly quote: Date | null;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
  /** s; 0: no limit */
  readonly executionDurationS: number;
  readonly destruction: Date;
  readonly parameters: Readonly<Record<string, readonly string[]>>;
  readonly results: readonly UwsResult[];
  readonly error: { readonly kind: 'transient' | 'fatal'; readonly message: string } | null;
  /** 0 to 1 */
  readonly progress: number;
}

const NAMESPACES = {
  'xmlns:uws': 'http://www.ivoa.net/xml/UWS/v1.0',
  'xmlns:xlink': 'http://www.w3.org/1999/xlink',
  'xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance',
  'xsi:schemaLocation': 'http://www.ivoa.net/xml/UWS/v1.0 http://www.ivoa.net/xml/UWS/v1.0',
};

/** Seconds with a zone, as DALI has UWS times: 2026-11-20T10:00:00.000Z. */
export const uwsTime = (time: Date): string => time.toISOString();

const nillable = (name: string, value: string | null): string =>
  value === null ? element(name, { 'xsi:nil': 'true' }) : element(name, {}, text(value));

function parametersOf(parameters: UwsJob['parameters'], attributes: Record<string, string> = {}): string {
  const items = Object.entries(parameters).flatMap(([name, values]) =>
    values.map((value) => element('uws:parameter', { id: name.toLowerCase() }, text(value))),
  );
  return element('uws:parameters', attributes, ...items);
}

function resultsOf(results: readonly UwsResult[], attributes: Record<string, string> = {}): string {
  const items = results.map(({ id, href, mime, size }) =>
    element('uws:result', { id, 'xlink:type': 'simple', 'xlink:href': href, 'mime-type': mime, size }),
  );
  return element('uws:results', attributes, ...items);
}

export function jobXml(job: UwsJob): string {
  const time = (value: Date | null): string | null => (value === null ? null : uwsTime(value));
  const failed = job.phase === 'ERROR' && job.error !== null;
  return document(
    element(
      'uws:job',
      { ...NAMESPACES, version: '1.1' },
      leaf('uws:jobId', job.id),
      leaf('uws:runId', job.runId),
      nillable('uws:ownerId', job.owner),
      leaf('uws:phase', job.phase),
      nillable('uws:quote', time(job.quote)),
      leaf('uws:creationTime', uwsTime(job.createdAt)),
      nillable('uws:startTime', time(job.startedAt)),
      nillable('uws:endTime', time(job.endedAt)),
      leaf('uws:executionDuration', job.executionDurationS),
      nillable('uws:destruction', uwsTime(job.destruction)),
      parametersOf(job.parameters),
      resultsOf(job.results),
      failed
        ? element(
            'uws:errorSummary',
            { type: job.error!.kind, hasDetail: 'true' },
            element('uws:message', {}, text(job.error!.message)),
          )
        : '',
      job.phase === 'EXECUTING'
        ? element('uws:jobInfo', {}, element('progress', { xmlns: '' }, text(Math.round(100 * job.progress))))
        : '',
    ),
  );
}

export const parametersXml = (job: UwsJob): string => document(parametersOf(job.parameters, NAMESPACES));
export const resultsXml = (job: UwsJob): string => document(resultsOf(job.results, NAMESPACES));

export type UwsJobReference = Pick<UwsJob, 'id' | 'runId' | 'owner' | 'phase' | 'createdAt'> & {
  readonly href: string;
};

export const jobListXml = (jobs: readonly UwsJobReference[]): string =>
  document(
    element(
      'uws:jobs',
      { ...NAMESPACES, version: '1.1' },
      ...jobs.map((job) =>
        element(
          'uws:jobref',
          { id: job.id, 'xlink:type': 'simple', 'xlink:href': job.href },
          leaf('uws:phase', job.phase),
          leaf('uws:runId', job.runId),
          nillable('uws:ownerId', job.owner),
          leaf('uws:creationTime', uwsTime(job.createdAt)),
        ),
      ),
    ),
  );
