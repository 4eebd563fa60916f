import { Controller, Inject, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import type { JobContext } from '#libs/jobs';
import type { Json } from '#libs/queue';
import { DaliParameters, PUBLISHED, type StoredResult, TapService, UwsJobs } from '#libs/vo';
import { UwsController } from '../vo/uws.controller.js';
import { asTaskFailure, VoErrorFilter } from '../vo/vo-error.filter.js';
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
    @Inject(TapService) private readonly tap: TapService,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    super();
    this.base = `${config.publicUrl}/tap/async`;
    this.jobs = voJobs.tap;
    voJobs.handle('tap', (context) => this.#run(context).catch(asTaskFailure));
  }

  async #run({ job, signal }: JobContext): Promise<Json> {
    const { parameters, executionDurationS } = await this.jobs.get(job.id, { userId: '', isOperator: true });
    const { format, body, outcome } = await this.tap.answer(new DaliParameters(parameters), {
      tableset: PUBLISHED,
      part: (name) => this.jobs.file(job.id, name).catch(() => undefined),
      timeoutMs: 1000 * executionDurationS,
      mode: 'async',
      signal,
    });
    const key = this.jobs.resultKey(job.id, 'result');
    const { size } = await this.voJobs.storage.put(key, body);
    if (outcome.error !== undefined) throw outcome.error;
    const result: StoredResult = { id: 'result', key, size, mime: format.mime, fileName: `result.${format.extension}` };
    return { results: [{ ...result }], rows: outcome.rows, overflow: outcome.overflow };
  }
}
