// Jobs of users with the face of UWS 1.1 over libs/jobs: the job row has the phase, `uws_job` what else UWS knows of it, the object
// store what was sent with it and what it made. Everything is found again after a restart.

import type { DataSource } from 'typeorm';
import type { ObjectStorage } from '#libs/datastore';
import { withTransaction } from '#libs/database';
import type { Json } from '#libs/queue';
import { hasEnded, type Job, JobError, type JobService } from '#libs/jobs';
import type { DaliParameters } from './dali.js';
import type { UwsJob, UwsPhase } from './uws.js';
import { VoError } from './vo-error.js';

export type UwsParameters = Readonly<Record<string, readonly string[]>>;

/** A file that a job made; the job's result lists them. */
export interface StoredResult {
  readonly id: string;
  readonly key: string;
  readonly mime: string;
  readonly size: number;
  readonly fileName: string;
}

export interface UwsRecord extends Omit<UwsJob, 'results'> {
  readonly results: readonly StoredResult[];
  readonly errorCode: string | null;
  /** who started it */
  readonly caller: Json;
}

/** Who asks. Jobs of somebody without an account are known by their unguessable identifier alone. */
export interface JobOwner {
  /** what the job row is owned by */
  readonly id: string;
  readonly hasAccount: boolean;
  readonly isOperator: boolean;
  /** kept with the job when it is started, and given to whoever runs it */
  readonly caller: Json;
}

/** The service itself. */
const OURSELVES: JobOwner = { id: '', hasAccount: true, isOperator: true, caller: null };

export interface UwsLimits {
  readonly executionS: { readonly default: number; readonly hard: number };
  readonly retentionS: { readonly default: number; readonly hard: number };
}

interface UwsRow {
  readonly job_id: string;
  readonly run_id: string | null;
  readonly execution_duration_s: number;
  readonly destruction: Date;
  readonly parameters: UwsParameters;
  readonly caller: Json;
}

/** Control words of UWS and files that came with the request: no parameters of the query. */
const NOT_PARAMETERS = new Set(['PHASE', 'WAIT', 'ACTION', 'RUNID', 'EXECUTIONDURATION', 'DESTRUCTION']);

const parametersOf = (given: DaliParameters): UwsParameters =>
  Object.fromEntries(Object.entries(given.toRecord()).filter(([name]) => !NOT_PARAMETERS.has(name)));

export class UwsJobs {
  constructor(
    private readonly dataSource: DataSource,
    private readonly jobs: JobService,
    private readonly storage: ObjectStorage,
    readonly kind: string,
    readonly limits: UwsLimits,
  ) {}

  /** A job that waits to be started. `files` are kept for it under their names. */
  async create(
    given: DaliParameters,
    owner: JobOwner,
    files: ReadonlyMap<string, Uint8Array> = new Map(),
  ): Promise<string> {
    const duration = this.#duration(given.get('EXECUTIONDURATION'));
    const destruction = this.#destruction(given.get('DESTRUCTION'));
    const id = await withTransaction(this.dataSource, async (manager) => {
      const { job } = await this.jobs.submitWithin(manager, {
        kind: this.kind,
        payload: {},
        phase: 'PENDING',
        owner: owner.id,
      });
      await manager.query(
        'INSERT INTO uws_job (job_id, run_id, execution_duration_s, destruction, parameters, caller) VALUES ($1, $2, $3, $4, $5, $6)',
        [
          job.id,
          given.get('RUNID') ?? null,
          duration,
          destruction,
          JSON.stringify(parametersOf(given)),
          JSON.stringify(owner.caller),
        ],
      );
      return job.id;
    });
    await this.#keep(id, files);
    return id;
  }

  async #keep(id: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    for (const [name, bytes] of files) await this.storage.put(fileKey(id, name), bytes);
  }

  /** A file that was sent with the job. */
  file(id: string, name: string): Promise<Uint8Array> {
    return this.storage.get(fileKey(id, name));
  }

  resultKey = (id: string, result: string): string => `uws/${id}/results/${result}`;

  async get(id: string, owner: JobOwner): Promise<UwsRecord> {
    const job = await this.jobs.get(id).catch((error: unknown) => {
      if (error instanceof JobError && error.code === 'NOT_FOUND') return undefined;
      throw error;
    });
    const [row]: UwsRow[] = job ? await this.dataSource.query('SELECT * FROM uws_job WHERE job_id = $1', [id]) : [];
    if (job === undefined || row === undefined || job.kind !== this.kind || !maySee(job, owner))
      throw new VoError('NO_SUCH_JOB', `there is no job '${id}'`, id);
    return recordOf(job, row);
  }

  /** A job as whoever runs it sees it. */
  toRun(id: string): Promise<UwsRecord> {
    return this.get(id, OURSELVES);
  }

  /** The caller's own jobs, newest first. Without an account there is no list. */
  async list(
    owner: JobOwner,
    filter: { phases?: readonly UwsPhase[]; after?: Date; last?: number } = {},
  ): Promise<readonly UwsRecord[]> {
    if (!owner.hasAccount) return [];
    const phases = filter.phases?.length ? filter.phases : undefined;
    const jobs = await this.jobs.list({
      kind: this.kind,
      owner: owner.id,
      limit: Math.min(filter.last ?? 1000, 10_000),
      ...(phases && { phases: phases.filter((phase) => phase !== 'UNKNOWN') }),
      ...(filter.after && { createdAfter: filter.after }),
    });
    const rows: UwsRow[] = await this.dataSource.query('SELECT * FROM uws_job WHERE job_id = ANY ($1::text[])', [
      jobs.map(({ id }) => id),
    ]);
    const byId = new Map(rows.map((row) => [row.job_id, row]));
    return jobs.flatMap((job) => {
      const row = byId.get(job.id);
      return row === undefined || (job.phase === 'ARCHIVED' && !phases) ? [] : [recordOf(job, row)];
    });
  }

  /** Adds or replaces parameters of a job that has not started; files are added. */
  async setParameters(
    id: string,
    owner: JobOwner,
    given: DaliParameters,
    files: ReadonlyMap<string, Uint8Array> = new Map(),
  ): Promise<void> {
    const job = await this.get(id, owner);
    const runId = given.get('RUNID');
    const parameters = parametersOf(given);
    if (job.phase !== 'PENDING' && Object.keys(parameters).length > 0)
      throw new VoError(
        'WRONG_PHASE',
        `parameters can be changed while a job is PENDING; this one is ${job.phase}`,
        job.phase,
      );
    await this.#keep(id, files);
    await this.dataSource.query(
      'UPDATE uws_job SET parameters = parameters || $2::jsonb, run_id = coalesce($3, run_id) WHERE job_id = $1',
      [id, JSON.stringify(parameters), runId ?? null],
    );
  }

  async setExecutionDuration(id: string, owner: JobOwner, value: string): Promise<void> {
    await this.get(id, owner);
    await this.dataSource.query('UPDATE uws_job SET execution_duration_s = $2 WHERE job_id = $1', [
      id,
      this.#duration(value),
    ]);
  }

  async setDestruction(id: string, owner: JobOwner, value: string): Promise<void> {
    await this.get(id, owner);
    await this.dataSource.query('UPDATE uws_job SET destruction = $2 WHERE job_id = $1', [
      id,
      this.#destruction(value),
    ]);
  }

  #duration(value: string | undefined): number {
    const { default: usual, hard } = this.limits.executionS;
    if (value === undefined) return usual;
    const seconds = Number(value);
    if (!Number.isInteger(seconds) || seconds < 0)
      throw new VoError('BAD_PARAMETER', `executionDuration is a whole number of seconds, not '${value}'`, value);
    return seconds === 0 ? hard : Math.min(seconds, hard);
  }

  #destruction(value: string | undefined): Date {
    const { default: usual, hard } = this.limits.retentionS;
    if (value === undefined) return new Date(Date.now() + usual * 1000);
    const time = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(value.trim()) ? value.trim() : `${value.trim()}Z`);
    if (Number.isNaN(time.getTime()))
      throw new VoError('BAD_PARAMETER', `destruction is a time in ISO 8601, not '${value}'`, value);
    return new Date(Math.min(time.getTime(), Date.now() + hard * 1000));
  }

  /** Starts it, and waits a moment: a short job has ended when the caller hears of it. */
  async run(id: string, owner: JobOwner, patienceMs = 250): Promise<void> {
    const { phase } = await this.get(id, owner);
    if (phase !== 'PENDING' && phase !== 'HELD')
      throw new VoError('WRONG_PHASE', `a job that is ${phase} cannot be started`, phase);
    await this.dataSource.query('UPDATE uws_job SET caller = $2 WHERE job_id = $1', [id, JSON.stringify(owner.caller)]);
    await this.#settle(id, patienceMs, () => this.jobs.start(id));
  }

  async abort(id: string, owner: JobOwner): Promise<void> {
    const { phase } = await this.get(id, owner);
    if (!hasEnded(phase as Job['phase'])) await this.#settle(id, 3000, () => this.jobs.abort(id));
  }

  async #settle(id: string, patienceMs: number, act: () => Promise<unknown>): Promise<void> {
    const signal = AbortSignal.timeout(patienceMs);
    await act();
    for await (const { phase } of this.jobs.events(id, signal)) if (hasEnded(phase)) return;
  }

  /** Blocks until the phase is not `phase` (the one it has now unless given) any more, or time is up (UWS 1.1, section 2.2.1.1). */
  async wait(id: string, owner: JobOwner, seconds: number, phase?: UwsPhase): Promise<UwsRecord> {
    const before = await this.get(id, owner);
    const asked = phase ?? before.phase;
    if (before.phase !== asked || hasEnded(before.phase as Job['phase'])) return before;
    const signal = AbortSignal.timeout(Math.max(1, Math.round(1000 * seconds)));
    for await (const event of this.jobs.events(id, signal)) if (event.phase !== asked) break;
    return this.get(id, owner);
  }

  async remove(id: string, owner: JobOwner): Promise<void> {
    const { phase } = await this.get(id, owner);
    if (!hasEnded(phase as Job['phase'])) await this.jobs.abort(id);
    await this.#erase(id);
  }

  async #erase(id: string): Promise<void> {
    await this.jobs.remove(id);
    for await (const { key } of this.storage.list(`uws/${id}`)) await this.storage.remove(key);
  }

  /** Removes jobs whose time of destruction has come. */
  async sweep(now = new Date()): Promise<number> {
    const rows: { job_id: string }[] = await this.dataSource.query(
      'SELECT u.job_id FROM uws_job u JOIN job j USING (job_id) WHERE j.kind = $1 AND u.destruction < $2 ORDER BY u.destruction LIMIT 1000',
      [this.kind, now],
    );
    for (const { job_id } of rows) {
      await this.jobs.abort(job_id);
      await this.#erase(job_id);
    }
    return rows.length;
  }
}

const ofAnAccount = (job: Job): boolean => job.owner !== null && !job.owner.includes(':');
const maySee = (job: Job, owner: JobOwner): boolean => !ofAnAccount(job) || owner.isOperator || job.owner === owner.id;

/** Names of files come from outside and are no paths. */
const fileKey = (id: string, name: string): string =>
  `uws/${id}/files/f-${Buffer.from(name).toString('hex').slice(0, 150)}`;

function recordOf(job: Job, row: UwsRow): UwsRecord {
  const result = job.result as { results?: readonly StoredResult[] } | null;
  return {
    id: job.id,
    runId: row.run_id,
    owner: ofAnAccount(job) ? job.owner : null,
    phase: job.phase,
    quote: null,
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    executionDurationS: row.execution_duration_s,
    destruction: row.destruction,
    parameters: row.parameters,
    results: job.phase === 'COMPLETED' ? (result?.results ?? []) : [],
    error:
      job.error === null
        ? null
        : { kind: job.error.kind === 'transient' ? 'transient' : 'fatal', message: job.error.message },
    errorCode: job.error?.code ?? null,
    caller: row.caller,
    progress: job.progress,
  };
}
