import { Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { Principal } from '#libs/accounts';
import { CurrentPrincipal, RequireScope } from '../accounts/auth.guard.js';
import { JobType, toJob } from './job.type.js';
import { OwnJobs } from './own-jobs.js';

@ApiTags('jobs')
@ApiBearerAuth()
@Controller('api/jobs')
export class JobsController {
  constructor(@Inject(OwnJobs) private readonly own: OwnJobs) {}

  @RequireScope('read')
  @Get()
  @ApiOperation({ summary: 'Your jobs, newest first' })
  @ApiQuery({ name: 'first', required: false, type: Number })
  @ApiQuery({ name: 'after', required: false, type: String, description: 'id of the last job of the page before' })
  @ApiQuery({ name: 'phase', required: false, type: String })
  @ApiOkResponse({ type: [JobType] })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query('first') first?: string,
    @Query('after') after?: string,
    @Query('phase') phase?: string,
  ): Promise<JobType[]> {
    return (await this.own.list(principal, { first: Number(first ?? 100), after, phase })).map(toJob);
  }

  @RequireScope('read')
  @Get(':id')
  @ApiOperation({ summary: 'A job of yours' })
  @ApiOkResponse({ type: JobType })
  async get(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<JobType> {
    return toJob(await this.own.get(principal, id));
  }

  @RequireScope('jobs')
  @Post(':id/abort')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a job that waits, stops one that runs' })
  @ApiOkResponse({ type: JobType })
  async abort(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<JobType> {
    return toJob(await this.own.abort(principal, id));
  }
}
