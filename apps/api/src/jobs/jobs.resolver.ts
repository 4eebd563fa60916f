import { Inject } from '@nestjs/common';
import { Args, ID, Int, Mutation, Query, Resolver, Subscription } from '@nestjs/graphql';
import type { Principal } from '#libs/accounts';
import type { JobEvent } from '#libs/jobs';
import { CurrentPrincipal, RequireScope } from '../accounts/auth.guard.js';
import { leavable } from '../live/notifications.js';
import { JobProgress, JobType, toJob } from './job.type.js';
import { OwnJobs } from './own-jobs.js';

@Resolver(() => JobType)
export class JobsResolver {
  constructor(@Inject(OwnJobs) private readonly own: OwnJobs) {}

  @RequireScope('read')
  @Query(() => [JobType], { description: 'Your jobs, newest first; operators see all.' })
  async jobs(
    @CurrentPrincipal() principal: Principal,
    @Args('first', { type: () => Int, defaultValue: 100 }) first: number,
    @Args('after', { type: () => ID, nullable: true, description: 'id of the last job of the page before' })
    after?: string,
    @Args('phase', { type: () => String, nullable: true }) phase?: string,
    @Args('kind', { type: () => String, nullable: true }) kind?: string,
  ): Promise<JobType[]> {
    return (await this.own.list(principal, { first, after, phase, kind })).map(toJob);
  }

  @RequireScope('read')
  @Query(() => JobType)
  async job(@CurrentPrincipal() principal: Principal, @Args('id', { type: () => ID }) id: string): Promise<JobType> {
    return toJob(await this.own.get(principal, id));
  }

  @RequireScope('jobs')
  @Mutation(() => JobType, {
    description: 'Ends a job that waits, stops one that runs; one that has ended stays as it is.',
  })
  async abortJob(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<JobType> {
    return toJob(await this.own.abort(principal, id));
  }

  @RequireScope('read')
  @Subscription(() => JobProgress, {
    description: 'A job of yours as it is, then every change until it has ended.',
    resolve: (event: JobEvent): JobProgress => event,
  })
  jobProgress(@CurrentPrincipal() principal: Principal, @Args('id', { type: () => ID }) id: string) {
    return leavable((signal) => this.own.events(principal, id, signal));
  }
}
