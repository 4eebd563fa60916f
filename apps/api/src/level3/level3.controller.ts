import { Body, Controller, Get, HttpCode, Inject, Param, Post, StreamableFile } from '@nestjs/common';
import {
  ApiBearerAuth,
  ApiBody,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProduces,
  ApiTags,
} from '@nestjs/swagger';
import type { Principal } from '#libs/accounts';
import { Level3Service } from '#libs/level3';
import { CurrentPrincipal, RequireScope } from '../accounts/auth.guard.js';
import { Level3JobType, Level3ResultType, toLevel3Job, toLevel3Result } from './level3.type.js';

@ApiTags('level 3')
@ApiBearerAuth()
@Controller('api/level3')
export class Level3Controller {
  constructor(@Inject(Level3Service) private readonly level3: Level3Service) {}

  @RequireScope('jobs')
  @Post()
  @HttpCode(201)
  @ApiOperation({
    summary: 'Submit a pipeline of library Tasks and Tasks of your own; all mistakes are answered at once',
  })
  @ApiBody({ schema: { type: 'object', description: '{ name, pipeline, tasks, data, inputs, limits }' } })
  @ApiCreatedResponse({ type: Level3JobType })
  async submit(@CurrentPrincipal() principal: Principal, @Body() submission: unknown): Promise<Level3JobType> {
    return toLevel3Job(await this.level3.submit(principal, submission));
  }

  @RequireScope('read')
  @Get()
  @ApiOperation({ summary: 'Your Level 3 jobs, newest first' })
  @ApiOkResponse({ type: [Level3JobType] })
  async list(@CurrentPrincipal() principal: Principal): Promise<Level3JobType[]> {
    return (await this.level3.list(principal)).map(toLevel3Job);
  }

  @RequireScope('read')
  @Get(':job')
  @ApiOperation({ summary: 'A Level 3 job of yours with its report' })
  @ApiOkResponse({ type: Level3JobType })
  async get(@CurrentPrincipal() principal: Principal, @Param('job') job: string): Promise<Level3JobType> {
    return toLevel3Job(await this.level3.get(principal, job));
  }

  @RequireScope('jobs')
  @Post(':job/abort')
  @HttpCode(200)
  @ApiOperation({ summary: 'Ends a job that waits, stops one that runs; what it made stays' })
  @ApiOkResponse({ type: Level3JobType })
  async abort(@CurrentPrincipal() principal: Principal, @Param('job') job: string): Promise<Level3JobType> {
    return toLevel3Job(await this.level3.abort(principal, job));
  }

  @RequireScope('read')
  @Get(':job/results')
  @ApiOperation({ summary: 'What a job of yours has made so far' })
  @ApiOkResponse({ type: [Level3ResultType] })
  async results(@CurrentPrincipal() principal: Principal, @Param('job') job: string): Promise<Level3ResultType[]> {
    return (await this.level3.results(principal, job)).map(toLevel3Result(job));
  }

  @RequireScope('read')
  @Get(':job/results/:dataset')
  @ApiOperation({ summary: 'The bytes of one result: FITS for tables and exposures, JSON otherwise' })
  @ApiProduces('application/fits', 'application/json')
  async result(
    @CurrentPrincipal() principal: Principal,
    @Param('job') job: string,
    @Param('dataset') dataset: string,
  ): Promise<StreamableFile> {
    const { result, bytes } = await this.level3.result(principal, job, dataset);
    const disposition = `attachment; filename="${result.fileName}"`;
    return new StreamableFile(bytes, { type: result.mediaType, disposition, length: bytes.length });
  }
}
