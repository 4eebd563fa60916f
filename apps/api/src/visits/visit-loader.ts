import { Inject, Injectable } from '@nestjs/common';
import { AccessService, type Caller } from '#libs/accounts';
import { Batch } from '../graphql/batch.js';
import { ApiError } from '../http/problem.js';
import { type VisitProgress, VisitProgressReader } from './visit-progress.js';
import type { VisitType } from './visit.type.js';

export const toVisit = (visit: VisitProgress): VisitType => ({ ...visit, visit: visit.visit.toString() });

/** Visits as somebody may see them; single ones many at a time. */
@Injectable()
export class VisitLoader {
  readonly #batch: Batch<string, VisitProgress>;

  constructor(
    @Inject(VisitProgressReader) private readonly progress: VisitProgressReader,
    @Inject(AccessService) private readonly access: AccessService,
  ) {
    this.#batch = new Batch(async (visits) => {
      const rows = await this.progress.read({ limit: visits.length, visits: visits.map(BigInt) });
      return new Map(rows.map((row) => [row.visit.toString(), row]));
    });
  }

  /** Visits of this time or later are hidden from them [MJD TAI]. Throws NO_SUCH_TABLE where all are. */
  async #end({ principal }: Caller): Promise<number | undefined> {
    const visible = await this.access.visibility('Visit', principal);
    if (!visible) throw new ApiError('NO_SUCH_TABLE', 'there is no table Visit for you', 'Visit');
    return visible.beforeMjdTai;
  }

  async page(caller: Caller, limit: number, before?: bigint): Promise<VisitType[]> {
    const endMjdTai = await this.#end(caller);
    const rows = await this.progress.read({
      limit,
      ...(before !== undefined && { before }),
      ...(endMjdTai !== undefined && { endMjdTai }),
    });
    this.access.spend(caller, { rows: rows.length });
    return rows.map(toVisit);
  }

  async one(caller: Caller, visit: string): Promise<VisitType | null> {
    const [end, row] = await Promise.all([this.#end(caller), this.#batch.get(visit)]);
    return row && (end === undefined || row.midpointMjdTai < end) ? toVisit(row) : null;
  }
}
