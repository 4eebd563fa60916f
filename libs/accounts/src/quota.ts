// Quotas as a pure model: kinds, defaults, how grants add up, what a window is, what a caller is told. No database, no clock of its own.

export const QUOTA_KINDS = [
  'requestsPerMinute',
  'concurrentQueries',
  'rowsPerQuery',
  'rowsPerDay',
  'bytesPerDay',
  'uploadBytes',
  'openJobs',
] as const;
export type QuotaKind = (typeof QUOTA_KINDS)[number];

/** How much of each a caller may have: 0 is nothing at all, null is no limit. */
export type Quota = Readonly<Record<QuotaKind, number | null>>;
export type QuotaGrant = Readonly<Partial<Record<QuotaKind, number | null>>>;

/** Counted over a span of time; the others are limits of a moment or of one request. */
const WINDOW_SECONDS: Readonly<Partial<Record<QuotaKind, number>>> = {
  requestsPerMinute: 60,
  rowsPerDay: 86_400,
  bytesPerDay: 86_400,
};

export const DESCRIPTIONS: Readonly<Record<QuotaKind, string>> = {
  requestsPerMinute: 'requests per minute',
  concurrentQueries: 'queries at once',
  rowsPerQuery: 'rows in one answer',
  rowsPerDay: 'rows per day',
  bytesPerDay: 'bytes per day',
  uploadBytes: 'bytes of one upload',
  openJobs: 'jobs that wait or run',
};

export const DEFAULT_QUOTAS: Readonly<Record<'anonymous' | 'user', Quota>> = {
  anonymous: {
    requestsPerMinute: 3_000,
    concurrentQueries: 20,
    rowsPerQuery: 1_000_000,
    rowsPerDay: 50_000_000,
    bytesPerDay: 20e9,
    uploadBytes: 32 * 2 ** 20,
    openJobs: 20,
  },
  user: {
    requestsPerMinute: 6_000,
    concurrentQueries: 50,
    rowsPerQuery: 5_000_000,
    rowsPerDay: 500_000_000,
    bytesPerDay: 200e9,
    uploadBytes: 256 * 2 ** 20,
    openJobs: 100,
  },
};

const UNLIMITED = Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, null])) as unknown as Quota;

export interface QuotaParts {
  /** the default of the caller's class, as the operators have set it */
  readonly base: Quota;
  /** of groups: added to the base; one of `null` lifts the limit */
  readonly grants: readonly QuotaGrant[];
  /** of the one caller, for a time: replaces what it names */
  readonly exception?: QuotaGrant;
  /** member of a group without quotas, or an operator */
  readonly bypass: boolean;
}

/** What a caller may have: base plus grants, unless an exception says otherwise. A base of 0 stays 0: it is a refusal, not a small number. */
export function quotaFrom({ base, grants, exception, bypass }: QuotaParts): Quota {
  if (bypass) return UNLIMITED;
  const limit = (kind: QuotaKind): number | null => {
    const special = exception?.[kind];
    if (special !== undefined) return special;
    let sum = base[kind];
    if (sum === 0) return 0;
    for (const grant of grants) {
      const extra = grant[kind];
      if (extra === undefined) continue;
      sum = sum === null || extra === null ? null : sum + extra;
    }
    return sum;
  };
  return Object.fromEntries(QUOTA_KINDS.map((kind) => [kind, limit(kind)])) as unknown as Quota;
}

export interface QuotaWindow {
  /** ms since 1970 */
  readonly start: number;
  readonly end: number;
}

/** The window a moment lies in: whole minutes, whole UTC days. */
export function windowOf(kind: QuotaKind, now: number): QuotaWindow | undefined {
  const seconds = WINDOW_SECONDS[kind];
  if (seconds === undefined) return undefined;
  const start = Math.floor(now / (seconds * 1000)) * seconds * 1000;
  return { start, end: start + seconds * 1000 };
}

export interface QuotaStatus {
  readonly kind: QuotaKind;
  readonly limit: number | null;
  /** absent where nothing is counted: a limit of one request */
  readonly used?: number;
  /** when the count starts again, ms since 1970 */
  readonly resetsAt?: number;
}

/** `RateLimit-Limit`, `-Remaining` and `-Reset` (seconds), as in draft-ietf-httpapi-ratelimit-headers-03. Nothing where there is no limit. */
export function rateLimitHeaders({ limit, used = 0, resetsAt }: QuotaStatus, now: number): Record<string, string> {
  if (limit === null) return {};
  return {
    'ratelimit-limit': String(limit),
    'ratelimit-remaining': String(Math.max(0, limit - used)),
    ...(resetsAt !== undefined && { 'ratelimit-reset': String(secondsUntil(resetsAt, now)) }),
  };
}

export const secondsUntil = (moment: number, now: number): number => Math.max(1, Math.ceil((moment - now) / 1000));

/**
 * How many of a window's units one process takes from the common count at once: a fiftieth of the limit, so that counting costs little and at
 * most a fiftieth per process is lost to a caller when the window ends.
 */
export const leaseSize = (limit: number): number => Math.max(1, Math.floor(limit / 50));

/** Checks amounts from outside (operators' input). Returns the first mistake. */
export function invalidGrant(grant: Readonly<Record<string, unknown>>): string | undefined {
  for (const [kind, amount] of Object.entries(grant)) {
    if (!(QUOTA_KINDS as readonly string[]).includes(kind))
      return `there is no quota ${kind}; there are ${QUOTA_KINDS.join(', ')}`;
    if (amount !== null && !(typeof amount === 'number' && Number.isSafeInteger(amount) && amount >= 0))
      return `${kind} is a whole number, 0 for nothing, or null for no limit: not ${JSON.stringify(amount)}`;
  }
  return undefined;
}
