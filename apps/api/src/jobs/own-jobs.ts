import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#libs/accounts';
import { type Job, type JobEvent, type JobPhase, JobService } from '#libs/jobs';
import { checkFirst } from '../graphql/page.js';
import { ApiError } from '../http/problem.js';

const PHASES: readonly JobPhase[] = [
  'PENDING',
  'QUEUED',
  'EXECUTING',
  'COMPLETED',
  'ERROR',
  'ABORTED',
  'HELD',
  'SUSPENDED',
  'ARCHIVED',
];

/** Jobs as their owner sees them; operators see all. A job of somebody else does not exist. */
@Injectable()
export class OwnJobs {
  constructor(@Inject(JobService) private readonly jobs: JobService) {}

  list(
    principal: Principal,
    options: { first: number; after?: string | null; phase?: string | null; kind?: string | null },
  ): Promise<readonly Job[]> {
    const { first, after, phase, kind } = options;
    if (phase != null && !PHASES.includes(phase as JobPhase))
      throw new ApiError('BAD_PHASE', `a phase is one of ${PHASES.join(', ')}`, phase);
    return this.jobs.list({
      limit: checkFirst(first),
      ...(principal.role !== 'operator' && { owner: principal.userId }),
      ...(after != null && { after }),
      ...(phase != null && { phases: [phase as JobPhase] }),
      ...(kind != null && { kind }),
    });
  }

  async get(principal: Principal, id: string): Promise<Job> {
    const job = await this.jobs.get(id);
    if (principal.role !== 'operator' && job.owner !== principal.userId)
      throw new ApiError('NO_SUCH_JOB', `there is no job '${id}'`, id);
    return job;
  }

  async abort(principal: Principal, id: string): Promise<Job> {
    await this.get(principal, id);
    return this.jobs.abort(id);
  }

  async *events(principal: Principal, id: string, signal: AbortSignal): AsyncGenerator<JobEvent> {
    await this.get(principal, id);
    yield* this.jobs.events(id, signal);
  }
}
