import { Controller, Get, Header, Headers, Inject, Param, Query, Req, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '#libs/accounts';
import { alertToJson } from '#libs/alerts';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { idOf } from '../graphql/arguments.js';
import { fitsFile, pngFile } from '../http/files.js';
import { ApiError } from '../http/problem.js';
import { readPixels } from '../images/exposures.js';
import { renderPng } from '../images/render-png.js';
import { sendEvents } from '../live/server-sent-events.js';
import { toAlert } from './alert.type.js';
import { VisibleAlerts } from './visible-alerts.js';

const STAMPS = { science: 'cutoutScience', template: 'cutoutTemplate', difference: 'cutoutDifference' } as const;
const STAMP_FILE = /^(science|template|difference)\.(png|fits)$/;
/** a packet never changes, but who may see it does: not for shared caches */
const FOREVER = 'private, max-age=31536000, immutable';
const STAMP_PX = 240;

@ApiTags('alerts')
@Controller('api/alerts')
export class AlertsController {
  constructor(@Inject(VisibleAlerts) private readonly alerts: VisibleAlerts) {}

  @Get('stream')
  @ApiOperation({ summary: 'Alerts as they are published, as server-sent events; resumes after Last-Event-ID' })
  @ApiQuery({ name: 'after', required: false, description: 'sequence after which to begin; from now on unless given' })
  @ApiQuery({ name: 'minReliability', required: false, type: Number })
  @ApiProduces('text/event-stream')
  async events(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Headers('last-event-id') lastEventId?: string,
    @Query('after') after?: string,
    @Query('minReliability') minReliability?: string,
  ): Promise<void> {
    const cursor = lastEventId || after;
    const from = cursor ? idOf(cursor, 'after') : undefined;
    const least = minReliability ? Number(minReliability) : undefined;
    if (Number.isNaN(least)) throw new ApiError('BAD_ARGUMENTS', 'minReliability must be a number', minReliability);
    await sendEvents(
      request,
      reply,
      (signal) => this.alerts.follow(request.caller, from, least, signal),
      (alert) => ({
        id: alert.sequence.toString(),
        event: 'alert',
        data: toAlert(alert),
      }),
    );
  }

  @Get(':diaSourceId')
  @Header('cache-control', FOREVER)
  @ApiOperation({ summary: 'The packet of an alert as JSON, without its cut-outs' })
  @ApiOkResponse({ schema: { type: 'object' } })
  async packet(
    @CurrentCaller() caller: Caller,
    @Param('diaSourceId') diaSourceId: string,
  ): Promise<Record<string, unknown>> {
    return alertToJson(await this.alerts.packet(caller, idOf(diaSourceId, 'diaSourceId')));
  }

  @Get(':diaSourceId/packet')
  @Header('cache-control', FOREVER)
  @ApiOperation({ summary: 'The packet in its wire form: a zero byte, the schema id, Avro' })
  @ApiProduces('application/avro')
  async frame(@CurrentCaller() caller: Caller, @Param('diaSourceId') diaSourceId: string): Promise<StreamableFile> {
    const bytes = await this.alerts.frame(caller, idOf(diaSourceId, 'diaSourceId'));
    return new StreamableFile(bytes, {
      type: 'application/avro',
      disposition: `attachment; filename="${diaSourceId}.avro"`,
    });
  }

  @Get(':diaSourceId/stamps/:stamp')
  @Header('cache-control', FOREVER)
  @ApiOperation({ summary: 'A cut-out around the detection' })
  @ApiParam({ name: 'stamp', enum: Object.keys(STAMPS).flatMap((name) => [`${name}.png`, `${name}.fits`]) })
  @ApiProduces('image/png', 'application/fits')
  async stamp(
    @CurrentCaller() caller: Caller,
    @Param('diaSourceId') diaSourceId: string,
    @Param('stamp') stamp: string,
  ): Promise<StreamableFile> {
    const [, name, format] = STAMP_FILE.exec(stamp) ?? [];
    if (!name) throw new ApiError('NOT_FOUND', 'a stamp is science, template or difference, as .png or .fits', stamp);
    const packet = await this.alerts.packet(caller, idOf(diaSourceId, 'diaSourceId'));
    const fits = packet[STAMPS[name as keyof typeof STAMPS]] as Uint8Array | null;
    if (!fits) throw new ApiError('STAMPS_MISSING', `alert ${diaSourceId} has no ${name} cut-out`, diaSourceId);
    if (format === 'fits') return fitsFile(fits, `${diaSourceId}-${name}.fits`);
    return pngFile(await renderPng(await readPixels(fits), { minimum: STAMP_PX }));
  }
}
