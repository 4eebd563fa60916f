import { Inject, Injectable } from '@nestjs/common';
import { AccessService, ALERTS, type Caller } from '#libs/accounts';
import { AlertArchive, type AlertSearch, type AlertSummary } from '#libs/alerts';
import { ApiError } from '../http/problem.js';
import { AlertStream } from './alert-stream.js';

/** The archive and the stream as somebody may see them: alerts under an embargo do not exist. */
@Injectable()
export class VisibleAlerts {
  constructor(
    @Inject(AlertArchive) private readonly archive: AlertArchive,
    @Inject(AlertStream) private readonly stream: AlertStream,
    @Inject(AccessService) private readonly access: AccessService,
  ) {}

  async #end({ principal }: Caller): Promise<number> {
    const visible = await this.access.visibility(ALERTS, principal);
    if (!visible) throw new ApiError('NO_SUCH_TABLE', 'there are no alerts for you', ALERTS);
    return visible.beforeMjdTai ?? Infinity;
  }

  async search(caller: Caller, search: AlertSearch): Promise<AlertSummary[]> {
    const end = Math.min(await this.#end(caller), search.endMjdTai ?? Infinity);
    const found = await this.archive.search({ ...search, ...(end < Infinity && { endMjdTai: end }) });
    this.access.spend(caller, { rows: found.length });
    return [...found];
  }

  /** Throws NO_SUCH_ALERT for what is hidden as for what is not there. */
  async find(caller: Caller, diaSourceId: bigint): Promise<AlertSummary> {
    const end = await this.#end(caller);
    const alert = await this.archive.find(diaSourceId);
    if (alert.midpointMjdTai >= end)
      throw new ApiError('NO_SUCH_ALERT', `there is no alert ${diaSourceId}`, diaSourceId);
    return alert;
  }

  async packet(caller: Caller, diaSourceId: bigint): ReturnType<AlertArchive['packet']> {
    await this.find(caller, diaSourceId);
    return this.archive.packet(diaSourceId);
  }

  async frame(caller: Caller, diaSourceId: bigint): ReturnType<AlertArchive['frame']> {
    await this.find(caller, diaSourceId);
    return this.archive.frame(diaSourceId);
  }

  /** As they come, from a cursor on. What somebody may see is asked again for each: rights that end, end the stream's alerts. */
  async *follow(
    caller: Caller,
    after: bigint | undefined,
    minReliability: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<AlertSummary> {
    for await (const alert of this.stream.alerts(after, minReliability, signal))
      if (alert.midpointMjdTai < (await this.#end(caller))) yield alert;
  }
}
