// The one place that says who may see what, and how much of it. Used by every door: GraphQL, REST, TAP.

import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PUBLIC_TABLES, type TableDescription } from '#libs/schema';
import { mjdTaiNow } from './clock.js';
import { QuotaExceeded } from './account-error.js';
import { type AccessRules, readRules, RULES_FRESH_MS } from './access-rules.js';
import { type Visibility, visibilityOf } from './data-rights.js';
import { type AskedQuery, type PastQuery, QueryHistory } from './query-history.js';
import {
  DESCRIPTIONS,
  type Quota,
  quotaFrom,
  QUOTA_KINDS,
  type QuotaKind,
  type QuotaStatus,
  secondsUntil,
  windowOf,
} from './quota.js';
import { QuotaLedger } from './quota-ledger.js';
import { type Caller, type Principal, quotaSubject } from './scopes.js';

export interface VisibleTable extends Visibility {
  readonly description: TableDescription;
}

const OPEN_PHASES = "('PENDING', 'QUEUED', 'EXECUTING', 'HELD', 'SUSPENDED')";

@Injectable()
export class AccessService implements OnApplicationShutdown {
  readonly #ledger: QuotaLedger;
  readonly #history: QueryHistory;
  #rules: { readonly read: Promise<AccessRules>; readonly at: number } | undefined;

  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {
    this.#ledger = new QuotaLedger(dataSource);
    this.#history = new QueryHistory(dataSource);
  }

  async onApplicationShutdown(): Promise<void> {
    if (!this.dataSource.isInitialized) return;
    // what cannot be written at the very end is lost, and the process ends all the same
    await Promise.allSettled([this.#ledger.close(), this.#history.close()]);
  }

  /** The operators' rules, at most a few seconds old. */
  rules(): Promise<AccessRules> {
    const now = Date.now();
    if (this.#rules === undefined || now - this.#rules.at > RULES_FRESH_MS) {
      const read = readRules(this.dataSource);
      this.#rules = { read, at: now };
      read.catch(() => (this.#rules = undefined));
    }
    return this.#rules.read;
  }

  /** Hears of rules just changed. */
  forgetRules(): void {
    this.#rules = undefined;
  }

  /** The tables that exist for somebody, each with the time from which on its rows are hidden. */
  async visibleTables(principal: Principal | undefined): Promise<VisibleTable[]> {
    const { policies } = await this.rules();
    const now = mjdTaiNow();
    return PUBLIC_TABLES.flatMap((description) => {
      const visible = visibilityOf(description.name, policies.get(description.name), principal, now);
      return visible ? [{ ...visible, description }] : [];
    });
  }

  /** What somebody may see of a table, of alert packets (ALERTS) or of images (IMAGES); undefined: it does not exist for them. */
  async visibility(table: string, principal: Principal | undefined): Promise<Visibility | undefined> {
    return visibilityOf(table, (await this.rules()).policies.get(table), principal, mjdTaiNow());
  }

  async quotaOf({ principal }: Pick<Caller, 'principal'>): Promise<Quota> {
    const { defaults, exceptions, groups } = await this.rules();
    if (!principal) return quotaFrom({ base: defaults.anonymous, grants: [], bypass: false });
    const memberships = principal.groups.flatMap((name) => groups.get(name) ?? []);
    const exception = exceptions.get(principal.userId);
    return quotaFrom({
      base: defaults.user,
      grants: memberships.map(({ grant }) => grant),
      ...(exception && { exception }),
      bypass: principal.role === 'operator' || memberships.some(({ bypass }) => bypass),
    });
  }

  /** Counts one request. Throws QuotaExceeded; otherwise tells where the caller stands, for RateLimit headers. */
  async countRequest(caller: Caller): Promise<QuotaStatus> {
    const kind = 'requestsPerMinute';
    const limit = (await this.quotaOf(caller))[kind];
    if (limit === null) return { kind, limit };
    const { granted, used, resetsAt } = await this.#ledger.take(quotaSubject(caller), kind, limit);
    if (!granted) throw exceeded(kind, limit, resetsAt);
    return { kind, limit, used, resetsAt };
  }

  /** Runs a query as one of the caller's `concurrentQueries`. Throws QuotaExceeded when all places are taken, or rows or bytes of the day are used up. */
  async withQuery<T>(caller: Caller, work: () => Promise<T>): Promise<T> {
    const quota = await this.quotaOf(caller);
    for (const kind of ['rowsPerDay', 'bytesPerDay'] as const) await this.#checkSpent(caller, kind, quota[kind]);
    const limit = quota.concurrentQueries;
    if (limit === null) return work();
    const leave = await this.#ledger.enter(quotaSubject(caller), limit);
    if (!leave) throw exceeded('concurrentQueries', limit, limit === 0 ? undefined : Date.now() + 1000);
    try {
      return await work();
    } finally {
      leave();
    }
  }

  async #checkSpent(caller: Caller, kind: 'rowsPerDay' | 'bytesPerDay', limit: number | null): Promise<void> {
    if (limit === null) return;
    const { used, resetsAt } = await this.#ledger.spent(quotaSubject(caller), kind);
    if (used >= limit) throw exceeded(kind, limit, resetsAt);
  }

  /** Adds what an answer held to the day's counts. */
  spend(caller: Caller, { rows = 0, bytes = 0 }: { readonly rows?: number; readonly bytes?: number }): void {
    const subject = quotaSubject(caller);
    this.#ledger.spend(subject, 'rowsPerDay', rows);
    this.#ledger.spend(subject, 'bytesPerDay', bytes);
  }

  /** Throws QuotaExceeded when `amount` more is too much: of rows in one answer, bytes of one upload, or open jobs. */
  async checkQuota(caller: Caller, kind: 'rowsPerQuery' | 'uploadBytes' | 'openJobs', amount = 1): Promise<void> {
    const limit = (await this.quotaOf(caller))[kind];
    if (limit === null) return;
    const before = kind === 'openJobs' ? await this.#openJobs(caller) : 0;
    if (before + amount > limit) throw exceeded(kind, limit, undefined);
  }

  async #openJobs(caller: Caller): Promise<number> {
    const owner = caller.principal?.userId ?? quotaSubject(caller);
    const rows = await this.dataSource.query<{ n: bigint }[]>(
      `SELECT count(*) AS n FROM job WHERE owner = $1 AND parent_id IS NULL AND phase IN ${OPEN_PHASES}`,
      [owner],
    );
    return Number(rows[0]!.n);
  }

  /** Every quota of a caller: limit, what is used, when it starts again. */
  async quotaStatus(caller: Caller): Promise<QuotaStatus[]> {
    const quota = await this.quotaOf(caller);
    return Promise.all(QUOTA_KINDS.map((kind) => this.#status(caller, kind, quota[kind])));
  }

  async #status(caller: Caller, kind: QuotaKind, limit: number | null): Promise<QuotaStatus> {
    const subject = quotaSubject(caller);
    if (kind === 'requestsPerMinute') return { kind, limit, ...(await this.#ledger.taken(subject, kind)) };
    if (windowOf(kind, Date.now())) return { kind, limit, ...(await this.#ledger.spent(subject, kind)) };
    if (kind === 'openJobs') return { kind, limit, used: await this.#openJobs(caller) };
    if (kind === 'concurrentQueries') return { kind, limit, used: await this.#ledger.running(subject) };
    return { kind, limit };
  }

  /** Keeps a query of a user, failed ones too; nothing is kept of those without an account. */
  recordQuery({ principal }: Pick<Caller, 'principal'>, query: Omit<AskedQuery, 'userId'>): void {
    if (principal) this.#history.record({ ...query, userId: principal.userId });
  }

  pastQueries(principal: Principal, limit: number, before?: string): Promise<PastQuery[]> {
    return this.#history.read(principal.userId, limit, before);
  }
}

function exceeded(kind: QuotaKind, limit: number, resetsAt: number | undefined): QuotaExceeded {
  const retryAfter = resetsAt === undefined || limit === 0 ? undefined : secondsUntil(resetsAt, Date.now());
  const sentence =
    limit === 0
      ? `${DESCRIPTIONS[kind]}: none are allowed to you`
      : `at most ${limit} ${DESCRIPTIONS[kind]}${retryAfter === undefined ? '' : `; try again in ${retryAfter} s`}`;
  return new QuotaExceeded(sentence, { quota: kind, limit }, retryAfter);
}
