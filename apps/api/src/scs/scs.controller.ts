import {
  type ArgumentsHost,
  Catch,
  Controller,
  type ExceptionFilter,
  Get,
  Inject,
  Param,
  Post,
  Req,
  Res,
  UseFilters,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import {
  coneQuery,
  coneSearchErrorVotable,
  coneTables,
  messageForCaller,
  PUBLISHED,
  responseFormatOf,
  serviceCapabilitiesXml,
  type TapAnswer,
  TapService,
  VoError,
  VOTABLE_TYPE,
} from '#libs/vo';
import { VoAvailability } from '../vo/availability.js';
import { callerOf, clientSignal, readDaliRequest, sendXml } from '../vo/dali-request.js';
import { type QueryScope, VoQueries } from '../vo/vo-queries.js';
import { answerOf, VoErrorFilter } from '../vo/vo-error.filter.js';
import { SYNC_TIMEOUT_MS, TAP_LIMITS } from '../vo/vo.providers.js';

const TABLES = coneTables(PUBLISHED);

/** Mistakes of the caller are answered with status 200 and an INFO named Error (Simple Cone Search 1.03, section 2.3). */
@Catch()
class ConeErrorFilter implements ExceptionFilter {
  readonly #others = new VoErrorFilter();

  catch(error: unknown, host: ArgumentsHost): void {
    // another filter, no promise
    // oxlint-disable-next-line promise/valid-params
    if (answerOf(error).status !== 400) return this.#others.catch(error, host);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (!reply.sent) sendXml(reply, coneSearchErrorVotable(messageForCaller(error)));
  }
}

/** Simple Cone Search 1.03 on every table with positions. */
@ApiExcludeController()
@Controller('scs')
export class ScsController {
  constructor(
    @Inject(TapService) private readonly tap: TapService,
    @Inject(VoQueries) private readonly queries: VoQueries,
    @Inject(VoAvailability) private readonly available: VoAvailability,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
  ) {}

  @UseFilters(ConeErrorFilter)
  @Get(':table')
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('table') table: string): Promise<void> {
    return this.#search(request, reply, table);
  }

  @UseFilters(ConeErrorFilter)
  @Post(':table')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('table') table: string): Promise<void> {
    return this.#search(request, reply, table);
  }

  async #search(request: FastifyRequest, reply: FastifyReply, name: string): Promise<void> {
    const table = this.#table(name);
    const { parameters } = await readDaliRequest(request);
    const { adql, maxRows, asField } = coneQuery(table, parameters, TAP_LIMITS);
    const format = responseFormatOf(parameters.get('RESPONSEFORMAT') ?? 'votable/td');
    const signal = clientSignal(reply);
    const mime = format.name === 'votable/td' ? VOTABLE_TYPE : format.mime;
    const start = (scope: QueryScope): Promise<TapAnswer> =>
      this.tap.answerRequest(
        { adql, format, maxRows, uploads: [] },
        { ...scope, timeoutMs: SYNC_TIMEOUT_MS, mode: 'sync', signal },
        [],
        { asField },
      );
    await this.queries.stream(reply, callerOf(request), { door: 'scs', query: adql }, start, mime);
  }

  #table(name: string) {
    const table = TABLES.get(name.toLowerCase());
    if (table === undefined)
      throw new VoError(
        'NO_SUCH_TABLE',
        `there is no cone search of '${name}'; there are ${[...TABLES.values()].map((one) => one.name).join(', ')}`,
        name,
      );
    return table;
  }

  @UseFilters(VoErrorFilter)
  @Get(':table/capabilities')
  capabilities(@Res() reply: FastifyReply, @Param('table') name: string): void {
    const base = `${this.config.publicUrl}/scs/${this.#table(name).name}`;
    sendXml(
      reply,
      serviceCapabilitiesXml(base, [{ standardId: 'ivo://ivoa.net/std/ConeSearch', url: base, version: '1.03' }]),
    );
  }

  @UseFilters(VoErrorFilter)
  @Get(':table/availability')
  async availability(@Res() reply: FastifyReply, @Param('table') name: string): Promise<void> {
    this.#table(name);
    sendXml(reply, await this.available.xml());
  }
}
