import { describe, expect, it } from '@jest/globals';
import { ROW_TIMES, rowCondition, visibilityOf } from './data-rights.js';
import { DEFAULT_QUOTAS, invalidGrant, leaseSize, quotaFrom, rateLimitHeaders, windowOf } from './quota.js';
import { type Principal, rolesFor, scopesOf } from './scopes.js';
import { looksLikeToken, makeToken, sameHash, tokenIn } from './tokens.js';

const person = (changes: Partial<Principal> = {}): Principal => ({
  userId: 'u',
  name: 'ptolemy',
  role: 'user',
  roles: ['astronomer'],
  groups: [],
  dataRights: false,
  scopes: ['read'],
  tokenId: 't',
  rootTokenId: 't',
  kind: 'personal',
  ...changes,
});

describe('quotas', () => {
  const base = DEFAULT_QUOTAS.user;

  it('are the base plus what groups add; a lifted limit stays lifted', () => {
    const quota = quotaFrom({
      base,
      grants: [{ openJobs: 5 }, { openJobs: 7, rowsPerQuery: null }, { rowsPerQuery: 3 }],
      bypass: false,
    });
    expect(quota.openJobs).toBe(base.openJobs! + 12);
    expect(quota.rowsPerQuery).toBeNull();
    expect(quota.requestsPerMinute).toBe(base.requestsPerMinute);
  });

  it('of 0 are a refusal that no group lifts, but an exception does', () => {
    const closed = { ...base, openJobs: 0 };
    expect(quotaFrom({ base: closed, grants: [{ openJobs: 5 }], bypass: false }).openJobs).toBe(0);
    expect(quotaFrom({ base: closed, grants: [], exception: { openJobs: 2 }, bypass: false }).openJobs).toBe(2);
    expect(quotaFrom({ base: closed, grants: [], exception: { openJobs: 2 }, bypass: true }).openJobs).toBeNull();
  });

  it('count whole minutes and whole days, and tell when they start again', () => {
    const now = Date.UTC(2026, 10, 29, 3, 5, 59, 500);
    expect(windowOf('requestsPerMinute', now)).toEqual({
      start: Date.UTC(2026, 10, 29, 3, 5),
      end: Date.UTC(2026, 10, 29, 3, 6),
    });
    expect(windowOf('rowsPerDay', now)!.end).toBe(Date.UTC(2026, 10, 30));
    expect(windowOf('openJobs', now)).toBeUndefined();
    expect(rateLimitHeaders({ kind: 'requestsPerMinute', limit: 10, used: 12, resetsAt: now + 500 }, now)).toEqual({
      'ratelimit-limit': '10',
      'ratelimit-remaining': '0',
      'ratelimit-reset': '1',
    });
    expect(rateLimitHeaders({ kind: 'requestsPerMinute', limit: null }, now)).toEqual({});
  });

  it('are leased in fiftieths, one at least', () => {
    expect([leaseSize(1), leaseSize(49), leaseSize(6000)]).toEqual([1, 1, 120]);
  });

  it('from outside are checked, the first mistake named', () => {
    expect(invalidGrant({ openJobs: 3, rowsPerDay: null })).toBeUndefined();
    expect(invalidGrant({ jobs: 3 })).toMatch(/no quota jobs/);
    for (const amount of [-1, 1.5, '3', NaN]) expect(invalidGrant({ openJobs: amount })).toMatch(/whole number/);
  });
});

describe('data rights', () => {
  const now = 61_000;
  const seen = (
    access: 'public' | 'rights' | 'operator',
    embargoDays: number,
    principal?: Principal,
    table = 'DiaSource',
  ) => visibilityOf(table, { access, embargoDays }, principal, now);
  const holder = person({ dataRights: true });
  const operator = person({ role: 'operator', dataRights: true, scopes: ['operate', 'read'] });

  it('tables without a policy are everybody’s', () => {
    expect(visibilityOf('DiaSource', undefined, undefined, now)).toEqual({ table: 'DiaSource' });
  });

  it('an embargo hides new rows from everybody without rights', () => {
    expect(seen('public', 30)).toEqual({ table: 'DiaSource', beforeMjdTai: 60_970 });
    expect(seen('public', 30, person())).toEqual({ table: 'DiaSource', beforeMjdTai: 60_970 });
    expect(seen('public', 30, holder)).toEqual({ table: 'DiaSource' });
    expect(seen('public', 30, operator)).toEqual({ table: 'DiaSource' });
  });

  it('a table whose rows have no time is closed by an embargo', () => {
    expect(ROW_TIMES['SSObject']).toBeUndefined();
    expect(seen('public', 30, undefined, 'SSObject')).toBeUndefined();
    expect(seen('public', 30, holder, 'SSObject')).toEqual({ table: 'SSObject' });
  });

  it('a proprietary table does not exist without rights, one of the operators for nobody else', () => {
    expect([undefined, person()].map((who) => seen('rights', 0, who))).toEqual([undefined, undefined]);
    expect(seen('rights', 0, holder)).toEqual({ table: 'DiaSource' });
    expect([undefined, person(), holder].map((who) => seen('operator', 0, who))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(seen('operator', 0, operator)).toEqual({ table: 'DiaSource' });
  });

  it('rights need a token that may read, and an operator’s token without `operate` is an ordinary one', () => {
    expect(seen('rights', 0, person({ dataRights: true, scopes: ['jobs'] }))).toBeUndefined();
    expect(seen('operator', 0, person({ role: 'operator', scopes: ['read'] }))).toBeUndefined();
  });

  it('become a condition on the row’s own time or on that of its visit', () => {
    expect(rowCondition({ table: 'DiaSource' }, 't')).toBeUndefined();
    expect(rowCondition({ table: 'DiaSource', beforeMjdTai: 60_970.5 }, 't')).toBe(
      '"t"."midpointMjdTai" < 60970.500000',
    );
    expect(rowCondition({ table: 'Source', beforeMjdTai: 60_970 }, 'x"y')).toBe(
      'EXISTS (SELECT 1 FROM "Visit" embargo WHERE embargo."visit" = "x""y"."visit" AND embargo."expMidptMJD" < 60970.000000)',
    );
  });
});

describe('roles and tokens', () => {
  it('roles stand for scopes; operators have all', () => {
    expect(scopesOf('user', ['astronomer', 'level3'])).toEqual(['read', 'jobs']);
    expect(scopesOf('operator', [])).toContain('operate');
    expect(rolesFor(['ingest', 'filters', 'operate'])).toEqual(['filter-owner', 'telescope']);
  });

  it('a token is 256 random bits behind a prefix', () => {
    const token = makeToken('personal');
    expect(token).toMatch(/^alm_[A-Za-z0-9_-]{43}$/);
    expect(makeToken('personal')).not.toBe(token);
    expect(looksLikeToken(makeToken('session'))).toBe(true);
    expect(looksLikeToken(`${token}x`)).toBe(false);
    expect([sameHash('ab', 'ab'), sameHash('ab', 'ac'), sameHash('ab', 'abc')]).toEqual([true, false, false]);
  });

  it('is read from Bearer, and from Basic as user name or as password', () => {
    const token = makeToken('personal');
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    expect(tokenIn(`Bearer ${token}`)).toBe(token);
    expect(tokenIn(`bearer   ${token} `)).toBe(token);
    expect(tokenIn(basic(`${token}:`))).toBe(token);
    expect(tokenIn(basic(`${token}:x-oauth-basic`))).toBe(token);
    expect(tokenIn(basic(`ptolemy:${token}`))).toBe(token);
    expect(tokenIn(basic('ptolemy:secret'))).toBeNull();
    expect(tokenIn('Digest abc')).toBeNull();
    expect(tokenIn(undefined)).toBeUndefined();
    expect(tokenIn('')).toBeUndefined();
  });
});
