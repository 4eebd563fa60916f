import { Controller, Inject, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Caller } from '#libs/accounts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import type { JobContext } from '#libs/jobs';
import type { Json } from '#libs/queue';
import { DaliParameters, sodaRequestOf, type StoredResult, type UwsJobs } from '#libs/vo';
import { UwsController } from '../vo/uws.controller.js';
import { asTaskFailure, VoErrorFilter } from '../vo/vo-error.filter.js';
import { VoQueries } from '../vo/vo-queries.js';
import { VoJobs } from '../vo/vo.providers.js';
import { Cutouts } from './cutouts.js';

/** SODA 1.0 as jobs: one result for each image and shape that overlap. */
@ApiExcludeController()
@Controller('soda/async')
@UseFilters(VoErrorFilter)
export class SodaAsyncController extends UwsController {
  protected readonly base: string;
  protected readonly jobs: UwsJobs;

  constructor(
    @Inject(VoJobs) protected readonly voJobs: VoJobs,
    @Inject(VoQueries) protected readonly queries: VoQueries,
    @Inject(Cutouts) private readonly cutouts: Cutouts,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    super();
    this.base = `${config.publicUrl}/soda/async`;
    this.jobs = voJobs.soda;
    voJobs.handle('soda', (context) => this.#run(context).catch(asTaskFailure));
  }

  async #run({ job, signal, progress }: JobContext): Promise<Json> {
    const { parameters, caller } = await this.jobs.toRun(job.id);
    const request = sodaRequestOf(new DaliParameters(parameters));
    const expected = request.ids.length * Math.max(1, request.shapes.length);
    const results: StoredResult[] = [];
    for await (const { bytes, mime, fileName } of this.cutouts.each(request, caller as unknown as Caller)) {
      signal.throwIfAborted();
      const id = `result${results.length + 1}`;
      const key = this.jobs.resultKey(job.id, id);
      const { size } = await this.voJobs.storage.put(key, bytes);
      results.push({ id, key, size, mime, fileName });
      await progress(results.length / expected);
    }
    return { results: results.map((result) => ({ ...result })) };
  }
}
