import { Controller, Inject, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Caller } from '#libs/accounts';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import type { JobContext } from '#libs/jobs';
import type { Json } from '#libs/queue';
import { DaliParameters, type StoredResult, type TapAnswer, TapService, type UwsJobs } from '#libs/vo';
import { UwsController } from '../vo/uws.controller.js';
import { asTaskFailure, VoErrorFilter } from '../vo/vo-error.filter.js';
import { type QueryScope, VoQueries } from '../vo/vo-queries.js';
import { VoJobs } from '../vo/vo.providers.js';

/** Queries as jobs. */
@ApiExcludeController()
@Controller('tap/async')
@UseFilters(VoErrorFilter)
export class TapAsyncController extends UwsController {
  protected readonly base: string;
  protected readonly jobs: UwsJobs;

  constructor(
    @Inject(VoJobs) protected readonly voJobs: VoJobs,
    @Inject(VoQueries) protected readonly queries: VoQueries,
    @Inject(TapService) private readonly tap: TapService,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    super();
    this.base = `${config.publicUrl}/tap/async`;
    this.jobs = voJobs.tap;
    voJobs.handle('tap', (context) => this.#run(context).catch(asTaskFailure));
  }

  async #run({ job, signal }: JobContext): Promise<Json> {
    const record = await this.jobs.toRun(job.id);
    const parameters = new DaliParameters(record.parameters);
    const start = (scope: QueryScope): Promise<TapAnswer> =>
      this.tap.answer(parameters, {
        ...scope,
        part: (name) => this.jobs.file(job.id, name).catch(() => undefined),
        timeoutMs: 1000 * record.executionDurationS,
        mode: 'async',
        signal,
      });
    const asked = { door: 'tap job', query: parameters.get('QUERY') ?? '' };
    return this.queries.run(record.caller as unknown as Caller, asked, start, (answer) => this.#keep(job.id, answer));
  }

  async #keep(id: string, { body, format, outcome }: TapAnswer): Promise<Json> {
    const key = this.jobs.resultKey(id, 'result');
    const { size } = await this.voJobs.storage.put(key, body);
    if (outcome.error !== undefined) throw outcome.error;
    const result: StoredResult = { id: 'result', key, size, mime: format.mime, fileName: `result.${format.extension}` };
    return { results: [{ ...result }], rows: outcome.rows, overflow: outcome.overflow };
  }
}
