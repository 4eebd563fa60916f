import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { serviceCapabilitiesXml, sodaRequestOf, VoError } from '#libs/vo';
import { VoAvailability } from '../vo/availability.js';
import { callerOf, readDaliRequest, sendXml } from '../vo/dali-request.js';
import { VoErrorFilter } from '../vo/vo-error.filter.js';
import { Cutouts } from './cutouts.js';

/** SODA 1.0 while the caller waits. */
@ApiExcludeController()
@Controller('soda')
@UseFilters(VoErrorFilter)
export class SodaController {
  readonly #base: string;

  constructor(
    @Inject(Cutouts) private readonly cutouts: Cutouts,
    @Inject(VoAvailability) private readonly available: VoAvailability,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    this.#base = `${config.publicUrl}/soda`;
  }

  @Get('sync')
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#cut(request, reply);
  }

  @Post('sync')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#cut(request, reply);
  }

  async #cut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const asked = sodaRequestOf((await readDaliRequest(request)).parameters);
    if (asked.format === 'png' && asked.ids.length * Math.max(1, asked.shapes.length) > 1)
      throw new VoError(
        'BAD_PARAMETER',
        'one picture at a time; ask for several as a job (soda/async) or as FITS',
        asked.ids.length,
      );
    if (asked.shapes.length === 0 && asked.ids.length > 1)
      throw new VoError(
        'BAD_PARAMETER',
        'one whole image at a time; ask for several as a job (soda/async)',
        asked.ids.length,
      );
    const file = await this.cutouts.together(asked, callerOf(request));
    if (file === undefined) return void reply.status(204).send();
    void reply
      .type(file.mime)
      .header('content-disposition', `inline; filename="${file.fileName}"`)
      .send(Buffer.from(file.bytes));
  }

  @Get('capabilities')
  capabilities(@Res() reply: FastifyReply): void {
    const one = (kind: string) => ({
      standardId: `ivo://ivoa.net/std/SODA#${kind}-1.0`,
      url: `${this.#base}/${kind}`,
      version: '1.0',
    });
    sendXml(reply, serviceCapabilitiesXml(this.#base, [one('sync'), one('async')]));
  }

  @Get('availability')
  async availability(@Res() reply: FastifyReply): Promise<void> {
    sendXml(reply, await this.available.xml());
  }
}
