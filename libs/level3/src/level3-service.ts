import { Inject, Injectable, Optional } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { DataSource, type EntityManager } from 'typeorm';
import { withTransaction } from '#libs/database';
import { DatabaseDatasetStore } from '#libs/datastore';
import { type Job, JobService } from '#libs/jobs';
import type { DataId } from '#libs/pipeline';
import { checkSubmission, type CheckedSubmission, type KnownType } from './check-submission.js';
import { Level3Error } from './level3-error.js';
import type { Level3Report } from './level3-report.js';
import { LEVEL3_QUOTA, type Level3Quota } from './quotas.js';

/** Who submits: the id owns the job, the name stands in the run's name. */
export interface Level3User {
  readonly userId: string;
  readonly name: string;
}

export interface Level3Job {
  readonly job: Job;
  readonly run: string;
  readonly name: string;
  /** once the work has ended, however it ended */
  readonly report: Level3Report | null;
}

/** A dataset of a job's run. */
export interface Level3Result {
  readonly id: string;
  readonly datasetType: string;
  readonly dataId: DataId;
  readonly size: number;
  readonly mediaType: string;
  /** name for a file of it */
  readonly fileName: string;
}

export const LEVEL3_QUOTAS = Symbol('Level3Quota');

const rowsOf = <R>(result: unknown): readonly R[] => result as R[];

const MEDIA_TYPES: Readonly<Record<string, string>> = { '.fits': 'application/fits', '.json': 'application/json' };
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const ACTIVE = ['QUEUED', 'EXECUTING'];

/** Jobs of Level 3 users. A job of somebody else does not exist. */
@Injectable()
export class Level3Service {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(JobService) private readonly jobs: JobService,
    @Inject(DatabaseDatasetStore) private readonly store: DatabaseDatasetStore,
    @Optional() @Inject(LEVEL3_QUOTAS) private readonly quota: Level3Quota = LEVEL3_QUOTA,
  ) {}

  /** Checks all of it and says everything that is wrong (INVALID_SUBMISSION); nothing is kept. */
  async check(user: Level3User, submission: unknown): Promise<CheckedSubmission> {
    return checkSubmission(submission, { user: user.name, storedTypes: await this.#storedTypes() });
  }

  /** Checks and keeps a submission and makes its job. Beyond the user's running jobs it waits (PENDING); beyond the open ones it is refused. */
  async submit(user: Level3User, submission: unknown): Promise<Level3Job> {
    const checked = await this.check(user, submission);
    const id = `level3.${randomUUID()}`;
    const run = `u/${user.name}/${id}`;
    const { name } = checked.submission;
    const job = await withTransaction(this.dataSource, async (manager) => {
      const { active, open } = await this.#openJobs(manager, user.userId);
      if (open >= this.quota.open)
        throw new Level3Error(
          'QUOTA_EXCEEDED',
          `you have ${open} jobs that wait or run; ${this.quota.open} are allowed at a time`,
          open,
        );
      const made = await this.jobs.submitWithin(manager, {
        kind: 'level3',
        id,
        owner: user.userId,
        payload: { run, name },
        phase: active < this.quota.running ? 'QUEUED' : 'PENDING',
      });
      await manager.query(
        'INSERT INTO level3_submission (job_id, owner, run, name, submission) VALUES ($1, $2, $3, $4, $5)',
        [id, user.userId, run, name, JSON.stringify({ user: user.name, submission: checked.submission })],
      );
      return made.job;
    });
    await this.jobs.dispatch(job);
    return { job, run, name, report: null };
  }

  /** Serialises the submissions of one user, so that two at once do not both take the last place. */
  async #openJobs(manager: EntityManager, userId: string): Promise<{ readonly active: number; readonly open: number }> {
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('level3 ' || $1, 0))`, [userId]);
    const [row] = rowsOf<{ active: number; open: number }>(
      await manager.query(
        `SELECT count(*) FILTER (WHERE phase = ANY ($2::text[]))::int AS active, count(*)::int AS open
         FROM job WHERE kind = 'level3' AND owner = $1 AND phase IN ('PENDING', 'QUEUED', 'EXECUTING', 'HELD', 'SUSPENDED')`,
        [userId, ACTIVE],
      ),
    );
    return row!;
  }

  /** Lets waiting jobs into the queue where their owners' running ones have ended; returns how many. */
  async startWaiting(): Promise<number> {
    const rows = rowsOf<{ job_id: string }>(
      await this.dataSource.query(
        `SELECT job_id FROM (
           SELECT w.job_id, row_number() OVER (PARTITION BY w.owner ORDER BY w.created_at, w.job_id)
             + (SELECT count(*) FROM job a WHERE a.kind = 'level3' AND a.owner = w.owner AND a.phase = ANY ($1::text[])) AS place
           FROM job w WHERE w.kind = 'level3' AND w.phase = 'PENDING'
         ) waiting WHERE place <= $2`,
        [ACTIVE, this.quota.running],
      ),
    );
    let started = 0;
    for (const { job_id } of rows) {
      // aborted or started by somebody else in between: not ours to start
      const { phase } = await this.jobs.start(job_id).catch(() => ({ phase: undefined }));
      if (phase === 'QUEUED') started++;
    }
    return started;
  }

  async list(user: Level3User, limit = 100): Promise<readonly Level3Job[]> {
    const jobs = await this.jobs.list({ owner: user.userId, kind: 'level3', limit });
    const rows = await this.#submissions(jobs.map(({ id }) => id));
    return jobs.flatMap((job) => {
      const row = rows.get(job.id);
      return row ? [{ job, run: row.run, name: row.name, report: row.report }] : [];
    });
  }

  async get(user: Level3User, jobId: string): Promise<Level3Job> {
    const row = (await this.#submissions([jobId])).get(jobId);
    if (!row || row.owner !== user.userId)
      throw new Level3Error('NO_SUCH_JOB', `you have no Level 3 job '${jobId}'`, jobId);
    return { job: await this.jobs.get(jobId), run: row.run, name: row.name, report: row.report };
  }

  async abort(user: Level3User, jobId: string): Promise<Level3Job> {
    const found = await this.get(user, jobId);
    return { ...found, job: await this.jobs.abort(jobId) };
  }

  /** What the job has made so far: the kept results first of all, also those of a job that failed in part. */
  async results(user: Level3User, jobId: string): Promise<readonly Level3Result[]> {
    const { run } = await this.get(user, jobId);
    const rows = rowsOf<ResultRow>(
      await this.dataSource.query(
        `SELECT dataset_id, dataset_type, data_id, data_id_key, run, storage_key, size::text FROM dataset WHERE run = $1
         ORDER BY dataset_type, visit, detector, tract, patch, data_id_key`,
        [run],
      ),
    );
    return rows.map(resultOf);
  }

  /** The bytes of one result, in the file form of its kind. */
  async result(
    user: Level3User,
    jobId: string,
    datasetId: string,
  ): Promise<{ readonly result: Level3Result; readonly bytes: Uint8Array }> {
    const { run } = await this.get(user, jobId);
    const [row] = UUID.test(datasetId)
      ? rowsOf<ResultRow>(
          await this.dataSource.query(
            `SELECT dataset_id, dataset_type, data_id, data_id_key, run, storage_key, size::text FROM dataset WHERE run = $1 AND dataset_id = $2`,
            [run, datasetId],
          ),
        )
      : [];
    if (!row) throw new Level3Error('NO_SUCH_DATASET', `job '${jobId}' has no dataset '${datasetId}'`, datasetId);
    const result = resultOf(row);
    const { id, datasetType, dataId } = result;
    return { result, bytes: await this.store.get({ id, datasetType, dataId, run }) };
  }

  /** For the worker: the submission of a job, checked again, for the library may have changed since. */
  async toExecute(jobId: string): Promise<{ readonly checked: CheckedSubmission; readonly run: string }> {
    const row = (await this.#submissions([jobId])).get(jobId);
    if (!row) throw new Level3Error('NO_SUCH_JOB', `there is no submission of job '${jobId}'`, jobId);
    const { user, submission } = row.submission;
    return { run: row.run, checked: checkSubmission(submission, { user, storedTypes: await this.#storedTypes() }) };
  }

  async keepReport(jobId: string, report: Level3Report): Promise<void> {
    await this.dataSource.query('UPDATE level3_submission SET report = $2 WHERE job_id = $1', [
      jobId,
      JSON.stringify(report),
    ]);
  }

  async #storedTypes(): Promise<readonly KnownType[]> {
    return rowsOf<KnownType>(
      await this.dataSource.query('SELECT name, storage_class AS "storageClass" FROM dataset_type'),
    );
  }

  async #submissions(ids: readonly string[]): Promise<ReadonlyMap<string, SubmissionRow>> {
    const rows = rowsOf<SubmissionRow>(
      await this.dataSource.query(
        'SELECT job_id, owner, run, name, submission, report FROM level3_submission WHERE job_id = ANY ($1::text[])',
        [[...ids]],
      ),
    );
    return new Map(rows.map((row) => [row.job_id, row]));
  }
}

interface SubmissionRow {
  readonly job_id: string;
  readonly owner: string;
  readonly run: string;
  readonly name: string;
  readonly submission: { readonly user: string; readonly submission: unknown };
  readonly report: Level3Report | null;
}

interface ResultRow {
  readonly dataset_id: string;
  readonly dataset_type: string;
  readonly data_id: DataId;
  readonly data_id_key: string;
  readonly storage_key: string;
  readonly size: string;
}

function resultOf({ dataset_id, dataset_type, data_id, data_id_key, storage_key, size }: ResultRow): Level3Result {
  const extension = /\.[a-z0-9]+$/i.exec(storage_key)?.[0] ?? '';
  const where = data_id_key === '' ? 'all' : data_id_key.replaceAll(/[^A-Za-z0-9=.+-]+/g, '_');
  return {
    id: dataset_id,
    datasetType: dataset_type,
    dataId: data_id,
    size: Number(size),
    mediaType: MEDIA_TYPES[extension] ?? 'application/octet-stream',
    fileName: `${dataset_type}-${where}${extension}`,
  };
}
