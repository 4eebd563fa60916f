import { Inject } from '@nestjs/common';
import { Args, ID, Mutation, Query, Resolver } from '@nestjs/graphql';
import type { Principal } from '#libs/accounts';
import { Level3Service } from '#libs/level3';
import { CurrentPrincipal, RequireScope } from '../accounts/auth.guard.js';
import { ApiError } from '../http/problem.js';
import { Level3JobType, Level3ResultType, toLevel3Job, toLevel3Result } from './level3.type.js';

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApiError('INVALID_SUBMISSION', `the submission is not JSON: ${(error as Error).message}`);
  }
}

@Resolver(() => Level3JobType)
export class Level3Resolver {
  constructor(@Inject(Level3Service) private readonly level3: Level3Service) {}

  @RequireScope('jobs')
  @Mutation(() => Level3JobType, {
    description:
      'Submits a pipeline of library Tasks and Tasks of your own. All mistakes are answered at once, each with its place, in `extensions.value`.',
  })
  async submitLevel3Job(
    @CurrentPrincipal() principal: Principal,
    @Args('submission', { description: 'JSON: { name, pipeline, tasks, data, inputs, limits }' }) submission: string,
  ): Promise<Level3JobType> {
    return toLevel3Job(await this.level3.submit(principal, fromJson(submission)));
  }

  @RequireScope('read')
  @Query(() => Level3JobType, { description: 'A Level 3 job of yours with its report.' })
  async level3Job(
    @CurrentPrincipal() principal: Principal,
    @Args('jobId', { type: () => ID }) jobId: string,
  ): Promise<Level3JobType> {
    return toLevel3Job(await this.level3.get(principal, jobId));
  }

  @RequireScope('read')
  @Query(() => [Level3ResultType], { description: 'What a Level 3 job of yours has made so far.' })
  async level3Results(
    @CurrentPrincipal() principal: Principal,
    @Args('jobId', { type: () => ID }) jobId: string,
  ): Promise<Level3ResultType[]> {
    return (await this.level3.results(principal, jobId)).map(toLevel3Result(jobId));
  }
}
