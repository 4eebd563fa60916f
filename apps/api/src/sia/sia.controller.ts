import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { formatOf, maxRowsOf, serviceCapabilitiesXml, siaAdql, siaDescriptor, TapService } from '#libs/vo';
import { VoAvailability } from '../vo/availability.js';
import { callerOf, clientSignal, readDaliRequest, sendXml } from '../vo/dali-request.js';
import { VoQueries } from '../vo/vo-queries.js';
import { VoErrorFilter } from '../vo/vo-error.filter.js';
import { SYNC_TIMEOUT_MS, TAP_LIMITS } from '../vo/vo.providers.js';

/** Simple Image Access 2.0. */
@ApiExcludeController()
@Controller('sia')
@UseFilters(VoErrorFilter)
export class SiaController {
  readonly #base: string;

  constructor(
    @Inject(TapService) private readonly tap: TapService,
    @Inject(VoQueries) private readonly queries: VoQueries,
    @Inject(VoAvailability) private readonly available: VoAvailability,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    this.#base = `${config.publicUrl}/sia`;
  }

  @Get('query')
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#query(request, reply);
  }

  @Post('query')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#query(request, reply);
  }

  async #query(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { parameters } = await readDaliRequest(request);
    const format = formatOf(parameters);
    const adql = siaAdql(parameters);
    const asked = { adql, format, maxRows: maxRowsOf(parameters, TAP_LIMITS), uploads: [] };
    const signal = clientSignal(reply);
    await this.queries.stream(reply, callerOf(request), { door: 'sia', query: adql }, (scope) =>
      this.tap.answerRequest(asked, { ...scope, timeoutMs: SYNC_TIMEOUT_MS, mode: 'sync', signal }, [], {
        resources: [siaDescriptor(`${this.#base}/query`)],
      }),
    );
  }

  @Get('capabilities')
  capabilities(@Res() reply: FastifyReply): void {
    sendXml(
      reply,
      serviceCapabilitiesXml(this.#base, [
        { standardId: 'ivo://ivoa.net/std/SIA#query-2.0', url: `${this.#base}/query`, version: '2.0' },
      ]),
    );
  }

  @Get('availability')
  async availability(@Res() reply: FastifyReply): Promise<void> {
    sendXml(reply, await this.available.xml());
  }
}
