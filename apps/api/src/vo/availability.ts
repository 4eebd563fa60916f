import { Inject, Injectable } from '@nestjs/common';
import { availabilityXml, QueryEngine } from '#libs/vo';
import { VoStart } from './vo.providers.js';

const PATIENCE_MS = 3000;

/** VOSI availability: what the database answers now. */
@Injectable()
export class VoAvailability {
  constructor(
    @Inject(QueryEngine) private readonly engine: QueryEngine,
    @Inject(VoStart) private readonly start: VoStart,
  ) {}

  async xml(): Promise<string> {
    const note = await Promise.race([
      this.engine.ping().then(
        () => undefined,
        () => 'the database does not answer',
      ),
      new Promise<string>((resolve) => setTimeout(resolve, PATIENCE_MS, 'the database is slow to answer').unref()),
    ]);
    return availabilityXml({
      available: note === undefined,
      upSince: this.start.since,
      notes: note === undefined ? [] : [note],
    });
  }
}
