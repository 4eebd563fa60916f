import { Controller, Get, Inject, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { Caller } from '#libs/accounts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import { DATALINK_TYPE, type Link, serviceCapabilitiesXml, sodaDescriptor, writeLinks } from '#libs/vo';
import { ObservedImages, type ObservedImage } from '../soda/observed-images.js';
import { VoAvailability } from '../vo/availability.js';
import { callerOf, readDaliRequest, sendXml } from '../vo/dali-request.js';
import { VoErrorFilter } from '../vo/vo-error.filter.js';

const OBJECT = /^ivo:\/\/almagest\/diaobject\?(\d{1,19})$/i;

/** DataLink 1.1: files and services of an image, light curves of an object. */
@ApiExcludeController()
@Controller('datalink')
@UseFilters(VoErrorFilter)
export class DatalinkController {
  readonly #url: string;

  constructor(
    @Inject(ObservedImages) private readonly images: ObservedImages,
    @Inject(VoAvailability) private readonly available: VoAvailability,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    this.#url = config.publicUrl;
  }

  @Get('links')
  get(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#links(request, reply);
  }

  @Post('links')
  post(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#links(request, reply);
  }

  async #links(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { parameters } = await readDaliRequest(request);
    const ids = parameters.all('ID');
    const links: Link[] = [];
    for (const id of ids) links.push(...(await this.#linksOf(id, callerOf(request))));
    const only = ids.length === 1 ? ids[0] : undefined;
    const descriptors = links.some(({ serviceDef }) => serviceDef !== undefined)
      ? (['sync', 'async'] as const).map((kind) => sodaDescriptor(kind, `${this.#url}/soda/${kind}`, only))
      : [];
    void reply.type(DATALINK_TYPE).send(Readable.from(writeLinks(links, descriptors), { objectMode: false }));
  }

  async #linksOf(id: string, caller: Caller): Promise<Link[]> {
    const object = OBJECT.exec(id)?.[1];
    if (object !== undefined) return this.#objectLinks(id, object);
    const image = await this.images.find(id, caller);
    return image === undefined
      ? [{ id, semantics: '#this', error: `NotFoundFault: there is nothing called ${id}` }]
      : this.#imageLinks(id, image);
  }

  #imageLinks(id: string, { datasetId, visit, detector, datasetType, sizeKb }: ObservedImage): Link[] {
    const image = (type: string): string => `${this.#url}/api/visits/${visit}/detectors/${detector}/images/${type}`;
    const fits = (type: string, semantics: string, description: string): Link => ({
      id,
      accessUrl: image(type),
      semantics,
      description,
      contentType: 'application/fits',
    });
    return [
      {
        id,
        accessUrl: `${this.#url}/api/datasets/${datasetId}`,
        semantics: '#this',
        description: 'The image with its mask and variance',
        contentType: 'application/fits',
        contentLength: 1024n * sizeKb,
      },
      {
        id,
        accessUrl: `${image(datasetType)}?format=png`,
        semantics: '#preview',
        description: 'A picture of it',
        contentType: 'image/png',
      },
      { id, serviceDef: 'soda-sync', semantics: '#cutout', description: 'Parts of the image' },
      { id, serviceDef: 'soda-async', semantics: '#cutout', description: 'Parts of the image, as a job' },
      ...(datasetType === 'differenceExp'
        ? [
            fits('calexp', '#progenitor', 'The calibrated exposure that the template was subtracted from'),
            fits('template', '#progenitor', 'The template that was subtracted'),
          ]
        : []),
      ...(datasetType === 'calexp' ? [fits('differenceExp', '#derivation', 'The exposure less its template')] : []),
    ];
  }

  #objectLinks(id: string, object: string): Link[] {
    const query = (table: string, semantics: string, description: string): Link => ({
      id,
      accessUrl: `${this.#url}/tap/sync?LANG=ADQL&QUERY=${encodeURIComponent(
        `SELECT * FROM almagest.${table} WHERE diaObjectId = ${object} ORDER BY midpointMjdTai`,
      )}`,
      semantics,
      description,
      contentType: 'application/x-votable+xml',
    });
    return [
      query('DiaSource', '#this', 'Light curve: detections on difference images'),
      query('DiaForcedSource', '#auxiliary', 'Forced photometry at the position of the object'),
    ];
  }

  @Get('capabilities')
  capabilities(@Res() reply: FastifyReply): void {
    const url = `${this.#url}/datalink/links`;
    sendXml(
      reply,
      serviceCapabilitiesXml(`${this.#url}/datalink`, [
        { standardId: 'ivo://ivoa.net/std/DataLink#links-1.1', url, version: '1.1' },
      ]),
    );
  }

  @Get('availability')
  async availability(@Res() reply: FastifyReply): Promise<void> {
    sendXml(reply, await this.available.xml());
  }
}
