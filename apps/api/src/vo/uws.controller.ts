import { Delete, Get, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type DaliParameters,
  errorVotable,
  jobListXml,
  jobXml,
  parametersXml,
  resultsXml,
  UWS_PHASES,
  type UwsJob,
  type UwsJobs,
  type UwsPhase,
  type UwsRecord,
  uwsTime,
  VoError,
  VOTABLE_TYPE,
} from '#libs/vo';
import { createReadStream } from 'node:fs';
import { callerOf, ownerOf, readDaliRequest, seeOther, sendText, sendXml } from './dali-request.js';
import type { VoQueries } from './vo-queries.js';
import type { VoJobs } from './vo.providers.js';

/** No request is held open longer: proxies in between give up after about a minute. */
const LONGEST_WAIT_S = 55;

function phaseOf(value: string): UwsPhase {
  const phase = value.toUpperCase() as UwsPhase;
  if (!UWS_PHASES.includes(phase))
    throw new VoError('BAD_PARAMETER', `a phase is one of ${UWS_PHASES.join(', ')}, not '${value}'`, value);
  return phase;
}

const cased = (query: unknown, name: string): string | undefined => {
  const entry = Object.entries(query as Record<string, string | string[]>).find(([key]) => key.toUpperCase() === name);
  return Array.isArray(entry?.[1]) ? entry[1].at(-1) : entry?.[1];
};

/** The tree of resources of UWS 1.1, section 2.2, below one list of jobs. */
export abstract class UwsController {
  protected abstract readonly jobs: UwsJobs;
  protected abstract readonly voJobs: VoJobs;
  protected abstract readonly queries: VoQueries;
  /** address of the list of jobs */
  protected abstract readonly base: string;

  #url(id: string, ...more: string[]): string {
    return [this.base, id, ...more].join('/');
  }

  #document(record: UwsRecord): UwsJob {
    return {
      ...record,
      results: record.results.map(({ id, mime, size }) => ({
        id,
        mime,
        size,
        href: this.#url(record.id, 'results', id),
      })),
    };
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { parameters } = await readDaliRequest(request);
    const after = parameters.get('AFTER');
    const time = after === undefined ? undefined : new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(after) ? after : `${after}Z`);
    if (time !== undefined && Number.isNaN(time.getTime()))
      throw new VoError('BAD_PARAMETER', `AFTER is a time in ISO 8601, not '${after}'`, after);
    const last = parameters.integer('LAST', 1);
    const jobs = await this.jobs.list(ownerOf(request), {
      phases: parameters.all('PHASE').map(phaseOf),
      ...(time && { after: time }),
      ...(last !== undefined && { last }),
    });
    sendXml(reply, jobListXml(jobs.map((job) => ({ ...job, href: this.#url(job.id) }))));
  }

  @Post()
  async create(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { parameters, files } = await readDaliRequest(request);
    const owner = ownerOf(request);
    await this.#admit(request, files);
    const id = await this.jobs.create(parameters, owner, files);
    if (parameters.get('PHASE')?.toUpperCase() === 'RUN') await this.jobs.run(id, owner);
    seeOther(reply, this.#url(id));
  }

  async #admit(request: FastifyRequest, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const caller = callerOf(request);
    await this.queries.checkJobs(caller);
    for (const file of files.values()) await this.queries.checkUpload(caller, file.length);
  }

  @Get(':id')
  async job(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const wait = cased(request.query, 'WAIT');
    const record = wait === undefined ? await this.jobs.get(id, ownerOf(request)) : await this.#wait(request, id, wait);
    sendXml(reply, jobXml(this.#document(record)));
  }

  #wait(request: FastifyRequest, id: string, given: string): Promise<UwsRecord> {
    const asked = Number(given);
    if (!Number.isInteger(asked))
      throw new VoError('BAD_PARAMETER', `WAIT is a whole number of seconds, not '${given}'`, given);
    const phase = cased(request.query, 'PHASE');
    const seconds = asked < 0 ? LONGEST_WAIT_S : Math.min(asked, LONGEST_WAIT_S);
    return this.jobs.wait(id, ownerOf(request), seconds, phase === undefined ? undefined : phaseOf(phase));
  }

  @Post(':id')
  async act(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { parameters, files } = await readDaliRequest(request);
    if (parameters.get('ACTION')?.toUpperCase() === 'DELETE') return this.remove(request, reply, id);
    await this.jobs.setParameters(id, ownerOf(request), parameters, files);
    await this.#change(request, id, parameters);
    seeOther(reply, this.#url(id));
  }

  async #change(request: FastifyRequest, id: string, parameters: DaliParameters): Promise<void> {
    const owner = ownerOf(request);
    const duration = parameters.get('EXECUTIONDURATION');
    const destruction = parameters.get('DESTRUCTION');
    const phase = parameters.get('PHASE')?.toUpperCase();
    if (duration !== undefined) await this.jobs.setExecutionDuration(id, owner, duration);
    if (destruction !== undefined) await this.jobs.setDestruction(id, owner, destruction);
    if (phase === 'RUN') await this.jobs.run(id, owner);
    else if (phase === 'ABORT') await this.jobs.abort(id, owner);
    else if (phase !== undefined)
      throw new VoError('BAD_PARAMETER', `PHASE is set to RUN or ABORT, not '${phase}'`, phase);
  }

  @Delete(':id')
  async remove(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    await this.jobs.remove(id, ownerOf(request));
    seeOther(reply, this.base);
  }

  @Get(':id/phase')
  async phase(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    sendText(reply, (await this.jobs.get(id, ownerOf(request))).phase);
  }

  @Get(':id/executionduration')
  async executionDuration(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    sendText(reply, String((await this.jobs.get(id, ownerOf(request))).executionDurationS));
  }

  @Get(':id/destruction')
  async destruction(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    sendText(reply, uwsTime((await this.jobs.get(id, ownerOf(request))).destruction));
  }

  @Get(':id/quote')
  async quote(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { quote } = await this.jobs.get(id, ownerOf(request));
    sendText(reply, quote === null ? '' : uwsTime(quote));
  }

  @Get(':id/owner')
  async owner(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    sendText(reply, (await this.jobs.get(id, ownerOf(request))).owner ?? '');
  }

  @Post([':id/phase', ':id/executionduration', ':id/destruction'])
  async change(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    await this.#change(request, id, (await readDaliRequest(request)).parameters);
    seeOther(reply, this.#url(id));
  }

  @Get(':id/parameters')
  async parameters(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    sendXml(reply, parametersXml(this.#document(await this.jobs.get(id, ownerOf(request)))));
  }

  @Post(':id/parameters')
  async setParameters(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    const { parameters, files } = await readDaliRequest(request);
    await this.jobs.setParameters(id, ownerOf(request), parameters, files);
    seeOther(reply, this.#url(id));
  }

  @Get(':id/results')
  async results(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    sendXml(reply, resultsXml(this.#document(await this.jobs.get(id, ownerOf(request)))));
  }

  @Get(':id/results/:result')
  async result(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Param('result') name: string,
  ): Promise<void> {
    const { results } = await this.jobs.get(id, ownerOf(request));
    const found = results.find((result) => result.id === name);
    if (found === undefined) throw new VoError('NO_SUCH_JOB', `job '${id}' has no result '${name}'`, name);
    void reply
      .type(found.mime)
      .header('content-length', found.size)
      .header('content-disposition', `inline; filename="${found.fileName}"`)
      .send(createReadStream(this.voJobs.storage.pathOf(found.key)));
  }

  @Get(':id/error')
  async error(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { phase, error } = await this.jobs.get(id, ownerOf(request));
    if (phase !== 'ERROR' || error === null) throw new VoError('NO_SUCH_JOB', `job '${id}' has no error`, id);
    sendXml(reply, errorVotable(error.message), VOTABLE_TYPE);
  }
}
