import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { AccessService, AccountService, type Principal, readAudit, RulesService } from './index.js';
import { QuotaLedger } from './quota-ledger.js';

let database: TestDatabase;
let accounts: AccountService;
let access: AccessService;
let rules: RulesService;
const ledgers: QuotaLedger[] = [];
const ledger = (now?: () => number): QuotaLedger => {
  const made = new QuotaLedger(database.dataSource, now);
  ledgers.push(made);
  return made;
};
const someone = async (name: string): Promise<Principal> => {
  const user = await accounts.createUser(name);
  return accounts.authenticate((await accounts.issueToken(user.id, 'x', ['read'])).token);
};

beforeAll(async () => {
  database = await openTestDatabase();
  accounts = new AccountService(database.dataSource);
  access = new AccessService(database.dataSource);
  rules = new RulesService(database.dataSource, access);
});
afterEach(async () => {
  for (const one of ledgers.splice(0)) await one.close();
});
afterAll(async () => {
  await access?.onApplicationShutdown();
  await database?.close();
});

describe('counts shared by several processes', () => {
  it('never grant more than the limit, whoever asks, and all of it to one', async () => {
    const [one, two] = [ledger(), ledger()];
    let granted = 0;
    await Promise.all(
      Array.from({ length: 400 }, async (_, i) => {
        if ((await (i % 2 ? one : two).take('user:a', 'requestsPerMinute', 150)).granted) granted++;
      }),
    );
    expect(granted).toBe(150);
    const after = await one.take('user:a', 'requestsPerMinute', 150);
    expect(after.granted).toBe(false);
    expect(after.resetsAt).toBeGreaterThan(Date.now());
    expect((await two.take('user:b', 'requestsPerMinute', 150)).granted).toBe(true);
    expect((await one.taken('user:b', 'requestsPerMinute')).used).toBeGreaterThan(0);
  });

  it('start again with the next window', async () => {
    let now = Date.UTC(2026, 0, 1, 12, 0, 30);
    const one = ledger(() => now);
    expect((await one.take('user:w', 'requestsPerMinute', 1)).granted).toBe(true);
    expect((await one.take('user:w', 'requestsPerMinute', 1)).granted).toBe(false);
    now += 60_000;
    expect((await one.take('user:w', 'requestsPerMinute', 1)).granted).toBe(true);
  });

  it('places for queries are shared, given back, and lost by processes that die', async () => {
    const [one, two] = [ledger(), ledger()];
    const leave = [await one.enter('user:c', 3), await one.enter('user:c', 3), await two.enter('user:c', 3)];
    expect(leave.every(Boolean)).toBe(true);
    expect([await one.enter('user:c', 3), await two.enter('user:c', 3)]).toEqual([undefined, undefined]);
    expect(await two.running('user:c')).toBe(3);
    leave[0]!();
    expect(await one.enter('user:c', 3)).toBeDefined();
    // two looks: what was in use since the last one is kept for one more
    leave[1]!();
    await one.tick();
    await one.tick();
    expect(await two.enter('user:c', 3)).toBeDefined();
    await database.dataSource.query(
      `UPDATE query_slot SET expires_at = now() - interval '1 second' WHERE subject = 'user:c'`,
    );
    expect(await ledger().enter('user:c', 3)).toBeDefined();
  });

  it('what was spent is seen by others once it is written', async () => {
    const [one, two] = [ledger(), ledger()];
    one.spend('user:d', 'rowsPerDay', 1000);
    expect((await one.spent('user:d', 'rowsPerDay')).used).toBe(1000);
    await one.tick();
    two.spend('user:d', 'rowsPerDay', 5);
    expect((await two.spent('user:d', 'rowsPerDay')).used).toBe(1005);
  });
});

describe('the access service', () => {
  it('counts, refuses with a time to come back, and shows all of it', async () => {
    const principal = await someone('callippus');
    const caller = { principal, address: '::1' };
    await rules.setQuota(
      { userId: principal.userId },
      { requestsPerMinute: 2, concurrentQueries: 1, rowsPerQuery: 10, rowsPerDay: 100, openJobs: 0 },
    );
    const first = await access.countRequest(caller);
    expect(first).toMatchObject({ limit: 2, used: 1 });
    await access.countRequest(caller);
    await expect(access.countRequest(caller)).rejects.toMatchObject({
      code: 'QUOTA_EXCEEDED',
      value: { quota: 'requestsPerMinute', limit: 2 },
      retryAfterSeconds: expect.any(Number),
    });
    await access.withQuery(caller, async () => {
      await expect(access.withQuery(caller, () => Promise.resolve(1))).rejects.toMatchObject({
        value: { quota: 'concurrentQueries' },
      });
    });
    await access.checkQuota(caller, 'rowsPerQuery', 10);
    await expect(access.checkQuota(caller, 'rowsPerQuery', 11)).rejects.toThrow('at most 10 rows in one answer');
    await expect(access.checkQuota(caller, 'openJobs')).rejects.toThrow('none are allowed to you');
    access.spend(caller, { rows: 100, bytes: 5 });
    await expect(access.withQuery(caller, () => Promise.resolve(1))).rejects.toMatchObject({
      value: { quota: 'rowsPerDay' },
    });
    const status = new Map((await access.quotaStatus(caller)).map((one) => [one.kind, one]));
    expect(status.get('requestsPerMinute')).toMatchObject({ limit: 2, used: 2 });
    expect(status.get('rowsPerDay')).toMatchObject({ limit: 100, used: 100 });
    expect(status.get('bytesPerDay')).toMatchObject({ used: 5 });
  });

  it('groups add to quotas and give data rights; operators have no quotas', async () => {
    const user = await accounts.createUser('eudoxus');
    await rules.setGroup('alliance', { dataRights: true, quota: { openJobs: 11 } });
    await rules.addMember('alliance', user.id);
    const principal = await accounts.authenticate((await accounts.issueToken(user.id, 'x', ['read'])).token);
    expect(principal).toMatchObject({ groups: ['alliance'], dataRights: true });
    expect((await access.quotaOf({ principal })).openJobs).toBe(111);
    await rules.removeMember('alliance', user.id);
    await rules.setGroup('alliance', { description: 'kept' });
    const operator = await accounts.createUser('timocharis', 'operator');
    const theirs = await accounts.authenticate((await accounts.issueToken(operator.id, 'x', ['operate'])).token);
    expect((await access.quotaOf({ principal: theirs })).requestsPerMinute).toBeNull();
    await expect(rules.addMember('nobodies', user.id)).rejects.toMatchObject({ code: 'NO_SUCH_GROUP' });
    await expect(rules.setQuota('user', { jobs: 1 } as never)).rejects.toMatchObject({ code: 'INVALID_QUOTA' });
  });

  it('a proprietary table is not among the visible ones; an embargoed one tells its limit', async () => {
    await rules.setPolicy('DiaSource', 'rights');
    await rules.setPolicy('Visit', 'public', 30);
    const names = async (principal?: Principal) => (await access.visibleTables(principal)).map(({ table }) => table);
    expect(await names()).not.toContain('DiaSource');
    const visit = (await access.visibleTables(undefined)).find(({ table }) => table === 'Visit')!;
    // MJD 40587 is 1970-01-01; TAI runs 37 s ahead of UTC
    expect(visit.beforeMjdTai).toBeCloseTo(40_587 + Date.now() / 86_400_000 - 30, 2);
    await accounts.changeUser('eudoxus', { dataRights: true });
    const user = (await accounts.findUser('eudoxus'))!;
    const principal = await accounts.authenticate((await accounts.issueToken(user.id, 'y', ['read'])).token);
    expect(await names(principal)).toContain('DiaSource');
    expect((await access.visibility('Visit', principal))!.beforeMjdTai).toBeUndefined();
    await rules.setPolicy('DiaSource', 'public');
    expect(await names()).toContain('DiaSource');
    await expect(rules.setPolicy('pg_class', 'public')).rejects.toMatchObject({ code: 'NO_SUCH_TABLE' });
    await expect(rules.setPolicy('Visit', 'public', -1)).rejects.toMatchObject({ code: 'INVALID_POLICY' });
  });

  it('keeps what was asked, failures too, for the one who asked', async () => {
    const [principal, other] = [await someone('meton'), await someone('euctemon')];
    const asked = { door: 'tap', language: 'ADQL', startedAt: new Date(), seconds: 0.1 };
    access.recordQuery({ principal }, { ...asked, query: 'SELECT 1', rows: 1, bytes: 10 });
    access.recordQuery({ principal }, { ...asked, query: 'SELEC\0T', error: { code: 'SYNTAX', message: 'no' } });
    access.recordQuery({}, { ...asked, query: 'of nobody' });
    const past = await access.pastQueries(principal, 10);
    expect(past.map(({ query, outcome, errorCode, rows }) => [query, outcome, errorCode, rows])).toEqual([
      ['SELEC\ufffdT', 'failed', 'SYNTAX', null],
      ['SELECT 1', 'ok', null, 1n],
    ]);
    expect(await access.pastQueries(principal, 1, past[0]!.id)).toHaveLength(1);
    expect(await access.pastQueries(other, 10)).toEqual([]);
  });
});

describe('administrative acts', () => {
  it('are written down with who did them, and cannot be changed afterwards', async () => {
    await accounts.createUser('thales', 'user', { actor: 'anaximander' });
    await accounts.changeUser('thales', { disabled: true }, { actor: 'anaximander' });
    const entries = await readAudit(database.dataSource, { limit: 10, subject: 'thales' });
    expect(entries.map(({ actor, act, detail }) => [actor, act, detail])).toEqual([
      ['anaximander', 'change user', { disabled: true }],
      ['anaximander', 'create user', { role: 'user', roles: ['astronomer', 'filter-owner', 'level3'] }],
    ]);
    await expect(database.dataSource.query('DELETE FROM audit_log')).rejects.toThrow('only added to');
    await expect(database.dataSource.query(`UPDATE audit_log SET actor = 'nobody'`)).rejects.toThrow('only added to');
    const before = await readAudit(database.dataSource, { limit: 1 });
    await expect(accounts.createUser('thales')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    expect(await readAudit(database.dataSource, { limit: 1 })).toEqual(before);
  });

  it('an account’s tokens follow it: fewer roles, fewer scopes; closed, none', async () => {
    const user = await accounts.createUser('pytheas');
    const { token } = await accounts.issueToken(user.id, 'x', ['read', 'filters']);
    await accounts.changeUser('pytheas', { roles: ['astronomer'] });
    expect((await accounts.authenticate(token)).scopes).toEqual(['read']);
    await expect(accounts.issueToken(user.id, 'y', ['filters'])).rejects.toMatchObject({ code: 'MISSING_SCOPE' });
    await expect(accounts.issueToken(user.id, 'y', ['operate'])).rejects.toMatchObject({ code: 'MISSING_SCOPE' });
    await accounts.changeUser('pytheas', { disabled: true });
    await expect(accounts.authenticate(token)).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
  });

  it('a login from outside makes one astronomer, and never becomes somebody who was there before', async () => {
    await accounts.createUser('ada', 'operator');
    const identity = { issuer: 'https://id.example', subject: '1', name: 'Ada@example.org' };
    const users = await Promise.all(Array.from({ length: 4 }, () => accounts.userOfIdentity(identity)));
    expect(new Set(users.map(({ id }) => id)).size).toBe(1);
    expect(users[0]).toMatchObject({ name: 'ada-2', role: 'user', roles: ['astronomer'] });
    await accounts.changeUser('ada-2', { disabled: true });
    await expect(accounts.userOfIdentity(identity)).rejects.toMatchObject({ code: 'LOGIN_FAILED' });
  });
});
