// The statements on the job table. Each change of phase is one UPDATE guarded by the phase it leaves, and tells listeners in the same transaction.

import type { SqlClient } from '#libs/database';
import type { Json } from '#libs/queue';
import type { Job, JobFailure, JobPhase, JobRow } from './job.js';
import { jobOf } from './job.js';

export const CHANNEL = 'almagest_job';

const rowsOf = <R>(result: unknown): readonly R[] =>
  Array.isArray(result) ? (result as R[]) : ((result as { rows?: R[] }).rows ?? []);

/** An UPDATE or INSERT with its rows, announced. The outer SELECT also makes every driver answer with plain rows. */
const announced = (change: string): string =>
  `WITH changed AS (${change} RETURNING *)
   SELECT changed.*, pg_notify('${CHANNEL}', json_build_object('id', job_id, 'phase', phase, 'progress', progress, 'message', progress_message)::text) AS told FROM changed`;

const RELEASED = 'lease_owner = NULL, lease_until = NULL';

const CHILDREN_ENDED = `(phase = 'SUSPENDED' OR phase IN ('COMPLETED', 'ERROR')
    AND EXISTS (SELECT 1 FROM job child WHERE child.parent_id = job.job_id AND child.ended_at > job.started_at))
  AND NOT EXISTS (SELECT 1 FROM job child WHERE child.parent_id = job.job_id AND child.phase NOT IN ('COMPLETED', 'ERROR', 'ABORTED', 'ARCHIVED'))`;

export interface NewJob {
  readonly id: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly parentId: string | null;
  readonly priority: number;
  readonly payload: unknown;
  readonly phase: JobPhase;
  readonly maximumAttempts: number;
}

export interface JobFilter {
  readonly owner?: string;
  readonly kind?: string;
  readonly phases?: readonly JobPhase[];
  readonly createdAfter?: Date;
  readonly parentId?: string;
  /** id of the last job of the page before */
  readonly after?: string;
  readonly limit?: number;
}

export interface Heartbeat {
  readonly id: string;
  readonly cancelRequested: boolean;
}

export class JobStore {
  constructor(private readonly client: SqlClient) {}

  async #rows(sql: string, parameters: unknown[]): Promise<readonly JobRow[]> {
    return rowsOf<JobRow>(await this.client.query(sql, parameters));
  }
  async #one(sql: string, parameters: unknown[]): Promise<Job | undefined> {
    const [row] = await this.#rows(sql, parameters);
    return row === undefined ? undefined : jobOf(row);
  }

  /** Undefined when a job of this id exists. */
  insert(job: NewJob): Promise<Job | undefined> {
    return this.#one(
      announced(`INSERT INTO job (job_id, kind, owner, parent_id, priority, payload, phase, maximum_attempts)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (job_id) DO NOTHING`),
      [
        job.id,
        job.kind,
        job.owner,
        job.parentId,
        job.priority,
        JSON.stringify(job.payload),
        job.phase,
        job.maximumAttempts,
      ],
    );
  }

  get(id: string): Promise<Job | undefined> {
    return this.#one('SELECT * FROM job WHERE job_id = $1', [id]);
  }

  /** Newest first. */
  async list({ owner, kind, phases, createdAfter, parentId, after, limit = 100 }: JobFilter): Promise<readonly Job[]> {
    const rows = await this.#rows(
      `SELECT * FROM job WHERE ($1::text IS NULL OR owner = $1) AND ($2::text IS NULL OR kind = $2) AND ($3::text[] IS NULL OR phase = ANY ($3))
         AND ($4::text IS NULL OR parent_id = $4) AND ($7::timestamptz IS NULL OR created_at > $7)
         AND ($5::text IS NULL OR (created_at, job_id) < (SELECT created_at, job_id FROM job WHERE job_id = $5))
       ORDER BY created_at DESC, job_id DESC LIMIT $6`,
      [
        owner ?? null,
        kind ?? null,
        phases === undefined ? null : [...phases],
        parentId ?? null,
        after ?? null,
        limit,
        createdAfter ?? null,
      ],
    );
    return rows.map(jobOf);
  }

  move(id: string, from: readonly JobPhase[], to: JobPhase): Promise<Job | undefined> {
    const ended = to === 'ABORTED' ? ', ended_at = now()' : '';
    return this.#one(announced(`UPDATE job SET phase = $3${ended} WHERE job_id = $1 AND phase = ANY ($2::text[])`), [
      id,
      [...from],
      to,
    ]);
  }

  /** Takes a queued job that is due; undefined when somebody else has it, or it no longer waits. */
  claim(id: string, owner: string, leaseMs: number): Promise<Job | undefined> {
    return this.#one(
      announced(`UPDATE job SET phase = 'EXECUTING', attempts = attempts + 1, lease_owner = $2, lease_until = now() + $3 * interval '1 ms',
          started_at = now(), run_after = NULL, progress = 0, progress_message = ''
        WHERE job_id = $1 AND phase = 'QUEUED' AND (run_after IS NULL OR run_after <= now() + interval '250 ms')`),
      [id, owner, leaseMs],
    );
  }

  /** Renews the leases of everything this owner runs; a job not in the answer is not its own any more. */
  async heartbeat(owner: string, ids: readonly string[], leaseMs: number): Promise<readonly Heartbeat[]> {
    const rows = await this.#rows(
      `WITH renewed AS (UPDATE job SET lease_until = now() + $3 * interval '1 ms' WHERE lease_owner = $1 AND job_id = ANY ($2::text[]) AND phase = 'EXECUTING'
         RETURNING job_id, cancel_requested) SELECT * FROM renewed`,
      [owner, [...ids], leaseMs],
    );
    return rows.map((row) => ({ id: row.job_id, cancelRequested: row.cancel_requested }));
  }

  async progress(id: string, owner: string, fraction: number, message: string): Promise<void> {
    await this.#rows(
      announced(
        `UPDATE job SET progress = $3, progress_message = $4 WHERE job_id = $1 AND lease_owner = $2 AND phase = 'EXECUTING'`,
      ),
      [id, owner, Math.min(1, Math.max(0, fraction)), message.slice(0, 500)],
    );
  }

  complete(id: string, owner: string, result: Json | undefined): Promise<Job | undefined> {
    return this.#one(
      announced(`UPDATE job SET phase = 'COMPLETED', result = $3, error = NULL, progress = 1, ended_at = now(), ${RELEASED}
        WHERE job_id = $1 AND lease_owner = $2 AND phase = 'EXECUTING'`),
      [id, owner, result === undefined ? null : JSON.stringify(result)],
    );
  }

  end(id: string, owner: string, phase: 'ERROR' | 'ABORTED', error: JobFailure | undefined): Promise<Job | undefined> {
    return this.#one(
      announced(
        `UPDATE job SET phase = $3, error = $4, ended_at = now(), ${RELEASED} WHERE job_id = $1 AND lease_owner = $2 AND phase = 'EXECUTING'`,
      ),
      [id, owner, phase, error === undefined ? null : JSON.stringify(error)],
    );
  }

  retryLater(id: string, owner: string, error: JobFailure, delayMs: number): Promise<Job | undefined> {
    return this.#one(
      announced(`UPDATE job SET phase = 'QUEUED', error = $3, run_after = now() + $4 * interval '1 ms', ${RELEASED}
        WHERE job_id = $1 AND lease_owner = $2 AND phase = 'EXECUTING'`),
      [id, owner, JSON.stringify(error), delayMs],
    );
  }

  async requestCancel(id: string): Promise<boolean> {
    const rows = await this.#rows(
      `WITH asked AS (UPDATE job SET cancel_requested = true WHERE job_id = $1 AND phase = 'EXECUTING' RETURNING *) SELECT * FROM asked`,
      [id],
    );
    return rows.length > 0;
  }

  /** Jobs whose worker fell silent: back into the queue, or ended when too many workers died over them. */
  async releaseExpired(kind: string, maximumLosses: number): Promise<readonly Job[]> {
    const rows = await this.#rows(
      announced(`UPDATE job SET losses = losses + 1, ${RELEASED}, run_after = NULL,
          phase = CASE WHEN cancel_requested THEN 'ABORTED' WHEN losses >= $2 THEN 'ERROR' ELSE 'QUEUED' END,
          ended_at = CASE WHEN cancel_requested OR losses >= $2 THEN now() END,
          error = CASE WHEN cancel_requested OR losses < $2 THEN error
            ELSE jsonb_build_object('code', 'WORKER_LOST', 'kind', 'bug', 'message', format('%s workers ended in the middle of the job', losses + 1)) END
        WHERE kind = $1 AND phase = 'EXECUTING' AND lease_until < now()`),
      [kind, maximumLosses],
    );
    return rows.map(jobOf);
  }

  /**
   * A parent whose last child has ended goes into the queue, and so does one that had run before a late child ended.
   * Children that end together take turns on the parent's row.
   */
  async wakeParent(parentId: string): Promise<Job | undefined> {
    await this.#rows('SELECT * FROM job WHERE job_id = $1 FOR UPDATE', [parentId]);
    return this.#one(
      announced(
        `UPDATE job SET phase = 'QUEUED', run_after = NULL, ended_at = NULL, losses = 0 WHERE job_id = $1 AND ${CHILDREN_ENDED}`,
      ),
      [parentId],
    );
  }

  async remove(id: string): Promise<boolean> {
    const rows = await this.#rows('WITH gone AS (DELETE FROM job WHERE job_id = $1 RETURNING *) SELECT * FROM gone', [
      id,
    ]);
    return rows.length > 0;
  }

  async parentsToWake(): Promise<readonly string[]> {
    const rows = await this.#rows(`SELECT * FROM job WHERE ${CHILDREN_ENDED}`, []);
    return rows.map(({ job_id }) => job_id);
  }

  /** A job that has ended waits again, for children that came late. */
  reopen(id: string): Promise<Job | undefined> {
    return this.#one(
      announced(`UPDATE job SET phase = 'SUSPENDED', attempts = 0, losses = 0, ended_at = NULL, error = NULL, cancel_requested = false
        WHERE job_id = $1 AND phase IN ('COMPLETED', 'ERROR', 'QUEUED')`),
      [id],
    );
  }

  async queued(limit: number): Promise<readonly (Job & { readonly runAfter: Date | null })[]> {
    const rows = await this.#rows(
      `SELECT * FROM job WHERE phase = 'QUEUED' AND (run_after IS NULL OR run_after <= now()) ORDER BY priority, created_at LIMIT $1`,
      [limit],
    );
    return rows.map((row) => ({ ...jobOf(row), runAfter: row.run_after }));
  }
}
