import { Inject, Injectable } from '@nestjs/common';
import { ALERT_CHANNEL, AlertArchive, type AlertSummary } from '#libs/alerts';
import { FILTER_MATCH_CHANNEL, FilterService, type StoredMatch } from '#libs/filters';
import { Notifications } from '../live/notifications.js';

/** Alerts and matches as they come, from any cursor on. */
@Injectable()
export class AlertStream {
  constructor(
    @Inject(AlertArchive) private readonly archive: AlertArchive,
    @Inject(FilterService) private readonly filters: FilterService,
    @Inject(Notifications) private readonly notifications: Notifications,
  ) {}

  /** Without a cursor: what comes from now on. */
  async *alerts(
    after: bigint | undefined,
    minReliability: number | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<AlertSummary> {
    const start = after ?? (await this.archive.search({ newestFirst: true, limit: 1 }))[0]?.sequence ?? 0n;
    yield* this.notifications.follow(
      ALERT_CHANNEL,
      start,
      (from, limit) => this.archive.search({ after: from, limit, ...(minReliability != null && { minReliability }) }),
      ({ sequence }) => sequence,
      signal,
    );
  }

  matches(filterId: string, after: bigint, signal: AbortSignal): AsyncGenerator<StoredMatch> {
    return this.notifications.follow(
      FILTER_MATCH_CHANNEL,
      after,
      (from, limit) => this.filters.matches(filterId, from, limit),
      ({ matchId }) => matchId,
      signal,
    );
  }
}
