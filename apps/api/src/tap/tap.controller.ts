import { Controller, Get, Inject, Param, Post, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { USER_FUNCTIONS } from '#libs/adql';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { tableNamed, tablesetXml, tableXml, tapCapabilitiesXml, TapService, VoError } from '#libs/vo';
import { VoAvailability } from '../vo/availability.js';
import { callerOf, clientSignal, readDaliRequest, sendXml } from '../vo/dali-request.js';
import { VoQueries } from '../vo/vo-queries.js';
import { VoErrorFilter } from '../vo/vo-error.filter.js';
import { SYNC_TIMEOUT_MS, TAP_LIMITS } from '../vo/vo.providers.js';
import { examplesPage } from './examples.js';

const FUNCTIONS = USER_FUNCTIONS.map(({ signature, description }) => ({ form: signature, description }));

/** TAP 1.1 but for jobs (tap-async.controller). */
@ApiExcludeController()
@Controller('tap')
@UseFilters(VoErrorFilter)
export class TapController {
  constructor(
    @Inject(TapService) private readonly tap: TapService,
    @Inject(VoQueries) private readonly queries: VoQueries,
    @Inject(VoAvailability) private readonly available: VoAvailability,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @Get('sync')
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#query(request, reply);
  }

  @Post('sync')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#query(request, reply);
  }

  async #query(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const signal = clientSignal(reply);
    const { parameters, files } = await readDaliRequest(request);
    const caller = callerOf(request);
    for (const file of files.values()) await this.queries.checkUpload(caller, file.length);
    await this.queries.stream(reply, caller, { door: 'tap', query: parameters.get('QUERY') ?? '' }, (scope) =>
      this.tap.answer(parameters, {
        ...scope,
        part: (name) => Promise.resolve(files.get(name)),
        timeoutMs: SYNC_TIMEOUT_MS,
        mode: 'sync',
        signal,
      }),
    );
  }

  @Get('capabilities')
  capabilities(@Res() reply: FastifyReply): void {
    sendXml(reply, tapCapabilitiesXml(`${this.config.publicUrl}/tap`, TAP_LIMITS, FUNCTIONS));
  }

  @Get('availability')
  async availability(@Res() reply: FastifyReply): Promise<void> {
    sendXml(reply, await this.available.xml());
  }

  @Get('tables')
  async tables(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Query('detail') detail?: string,
  ): Promise<void> {
    sendXml(
      reply,
      tablesetXml(await this.queries.tableset(callerOf(request)), detail?.toLowerCase() === 'min' ? 'min' : 'max'),
    );
  }

  @Get('tables/:name')
  async table(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('name') name: string): Promise<void> {
    const tableset = await this.queries.tableset(callerOf(request));
    const table = tableNamed(tableset, name);
    if (table === undefined) throw new VoError('NO_SUCH_TABLE', `there is no table '${name}'`, name);
    sendXml(reply, tableXml(table, tableset.keys));
  }

  @Get('examples')
  examples(@Res() reply: FastifyReply): void {
    void reply.type('text/html;charset=utf-8').send(examplesPage(`${this.config.publicUrl}/tap`));
  }
}
