import type { FailureKind } from '#libs/pipeline';
import type { JobPayload, Json, QueueName } from '#libs/queue';

/** Execution phases of UWS 1.1. SUSPENDED: waits for its children. */
export type JobPhase =
  'PENDING' | 'QUEUED' | 'EXECUTING' | 'COMPLETED' | 'ERROR' | 'ABORTED' | 'HELD' | 'SUSPENDED' | 'ARCHIVED';
export const ENDED: readonly JobPhase[] = ['COMPLETED', 'ERROR', 'ABORTED', 'ARCHIVED'];
export const hasEnded = (phase: JobPhase): boolean => ENDED.includes(phase);

export interface JobFailure {
  readonly code: string;
  readonly kind: FailureKind;
  readonly message: string;
}

export interface Job {
  readonly id: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly parentId: string | null;
  readonly priority: number;
  readonly payload: JobPayload;
  readonly phase: JobPhase;
  /** 0 to 1 */
  readonly progress: number;
  readonly progressMessage: string;
  readonly result: Json | null;
  readonly error: JobFailure | null;
  readonly attempts: number;
  readonly maximumAttempts: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly endedAt: Date | null;
}

export interface JobEvent {
  readonly id: string;
  readonly phase: JobPhase;
  readonly progress: number;
  readonly message: string;
}

/** How jobs of one kind are treated. */
export interface JobKind {
  readonly queue: QueueName;
  /** runs in all, counting transient failures; anything else ends the job at once */
  readonly maximumAttempts: number;
  /** pause before the second run, doubled before each further one */
  readonly backoffMs: number;
  /** how many workers may die over it */
  readonly maximumLosses: number;
}
export type JobKinds = Readonly<Record<string, JobKind>>;

export const jobKind = (queue: QueueName, options: Partial<Omit<JobKind, 'queue'>> = {}): JobKind => ({
  queue,
  maximumAttempts: 3,
  backoffMs: 1000,
  maximumLosses: 2,
  ...options,
});

export interface JobRow {
  readonly job_id: string;
  readonly kind: string;
  readonly owner: string | null;
  readonly parent_id: string | null;
  readonly priority: number;
  readonly payload: JobPayload;
  readonly phase: JobPhase;
  readonly progress: number;
  readonly progress_message: string;
  readonly result: Json | null;
  readonly error: JobFailure | null;
  readonly attempts: number;
  readonly maximum_attempts: number;
  readonly losses: number;
  readonly cancel_requested: boolean;
  readonly run_after: Date | null;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

export const jobOf = (row: JobRow): Job => ({
  id: row.job_id,
  kind: row.kind,
  owner: row.owner,
  parentId: row.parent_id,
  priority: row.priority,
  payload: row.payload,
  phase: row.phase,
  progress: row.progress,
  progressMessage: row.progress_message,
  result: row.result,
  error: row.error,
  attempts: row.attempts,
  maximumAttempts: row.maximum_attempts,
  createdAt: row.created_at,
  startedAt: row.started_at,
  endedAt: row.ended_at,
});
