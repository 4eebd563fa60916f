// Every role at every door for every table under every policy; and what a token that should not count can do: nothing. In one process, through the
// whole of the API: hooks, guards, resolvers, database.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AccessService, AccountService, RulesService, type TableAccess } from '#libs/accounts';
import { synthesizeCatalog } from '#libs/catalog';
import { openTestDatabase, type TestDatabase } from '../../../../test/support/medium.js';
import { send } from '../../../../test/support/http.js';
import { createApi } from '../bootstrap.js';

let database: TestDatabase;
let app: NestFastifyApplication;
let accounts: AccountService;
let rules: RulesService;
const tokens = new Map<string, string>();

const ROLES = ['anonymous', 'astronomer', 'filter-owner', 'level3', 'data-rights', 'operator'] as const;
type RoleName = (typeof ROLES)[number];
const TABLES = {
  DiaObject: 'diaObjects',
  DiaSource: 'diaSources',
  DiaForcedSource: 'diaForcedSources',
  SSObject: 'ssObjects',
  SSSource: 'ssSources',
  mpc_orbits: 'orbits',
  Source: 'sources',
  Object: 'objects',
  ForcedSource: 'forcedSources',
  DetectorVisitProcessingSummary: 'visitDetectors',
  Visit: 'visits',
} as const;
type TableName = keyof typeof TABLES;

type Found = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into by name

interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly text: string;
  readonly json: {
    data?: Found | null;
    errors?: { message: string; extensions: Record<string, unknown> }[];
  };
}

async function ask(query: string, headers: Record<string, string> = {}, variables: object = {}): Promise<Answer> {
  const response = await send(app, { method: 'POST', url: '/graphql', headers, payload: { query, variables } });
  return {
    status: response.statusCode,
    headers: response.headers,
    text: response.body,
    json: JSON.parse(response.body) as Answer['json'],
  };
}
const bearer = (token: string | undefined): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {};
const as = (role: RoleName): Record<string, string> => bearer(tokens.get(role));
const rowsOf = async (table: TableName, role: RoleName): Promise<number | string> => {
  const { json } = await ask(`{ ${TABLES[table]}(first: 1000) { nodes { __typename } } }`, as(role));
  return json.errors
    ? String(json.errors[0]!.extensions['code'])
    : (json.data![TABLES[table]].nodes as unknown[]).length;
};

beforeAll(async () => {
  database = await openTestDatabase();
  await synthesizeCatalog(database.config, { rows: 1500, seed: 1 });
  accounts = new AccountService(database.dataSource);
  app = await createApi(database.config, { logger: false });
  await app.listen(0, '127.0.0.1');
  rules = new RulesService(database.dataSource, app.get(AccessService));
  const give = async (
    name: RoleName,
    role: 'user' | 'operator',
    scopes: Parameters<AccountService['issueToken']>[2],
  ): Promise<void> => {
    const user = await accounts.createUser(name, role);
    tokens.set(name, (await accounts.issueToken(user.id, 'x', scopes)).token);
  };
  await give('astronomer', 'user', ['read']);
  await give('filter-owner', 'user', ['read', 'filters']);
  await give('level3', 'user', ['read', 'jobs']);
  await give('data-rights', 'user', ['read']);
  await give('operator', 'operator', ['read', 'operate']);
  await accounts.changeUser('data-rights', { dataRights: true });
});
afterAll(async () => {
  await app?.close();
  await database?.close();
});

describe('roles x tables', () => {
  const SEES: Readonly<Record<TableAccess, readonly RoleName[]>> = {
    public: ROLES,
    rights: ['data-rights', 'operator'],
    operator: ['operator'],
  };
  const cells = (Object.keys(TABLES) as TableName[]).flatMap((table) =>
    (['public', 'rights', 'operator'] as const).map((access) => [table, access] as const),
  );

  it.each(cells)('%s for %s: each role sees rows or no table', async (table, access) => {
    await rules.setPolicy(table, access);
    try {
      for (const role of ROLES) {
        const seen = await rowsOf(table, role);
        if (SEES[access].includes(role)) expect([role, seen]).toEqual([role, expect.any(Number)]);
        else expect([role, seen]).toEqual([role, 'NO_SUCH_TABLE']);
        if (SEES[access].includes(role)) expect(seen).toBeGreaterThan(0);
      }
    } finally {
      await rules.setPolicy(table, 'public');
    }
  });

  const RELATIONS = [
    ['DiaSource', '{ diaObjects(first: 1) { nodes { lightCurve { psfFlux } } } }'],
    ['DiaSource', '{ diaObjects(first: 1) { nodes { lightCurveColumns { psfFlux } } } }'],
    ['DiaForcedSource', '{ diaObjects(first: 1) { nodes { forcedSources { psfFlux } } } }'],
    ['DiaObject', '{ diaSources(first: 1) { nodes { diaObject { ra } } } }'],
    ['ForcedSource', '{ objects(first: 1) { nodes { forcedSources { psfFlux } } } }'],
    ['Visit', '{ sources(first: 1) { nodes { observedIn { band } } } }'],
    ['DetectorVisitProcessingSummary', '{ sources(first: 1) { nodes { visitDetector { seeing } } } }'],
    ['mpc_orbits', '{ ssObjects(first: 1) { nodes { orbit { a } } } }'],
    ['SSSource', '{ ssObjects(first: 1) { nodes { ssSources { elongation } } } }'],
  ] as const;
  it.each(RELATIONS)('a proprietary %s is not reached through another table: %s', async (table, query) => {
    expect((await ask(query, as('astronomer'))).json.errors).toBeUndefined();
    await rules.setPolicy(table, 'rights');
    try {
      const { json, text } = await ask(query, as('astronomer'));
      expect(json.errors![0]!.extensions).toMatchObject({ code: 'NO_SUCH_TABLE', status: 404 });
      expect(text).not.toMatch(/"(psfFlux|ra|band|seeing|a|elongation)":[\s"[]*-?\d/);
      expect((await ask(query, as('data-rights'))).json.errors).toBeUndefined();
    } finally {
      await rules.setPolicy(table, 'public');
    }
  });

  it('an embargo splits a table at its time, for filters and counts of rows alike', async () => {
    // 1970-01-01 is MJD 40587; TAI is 37 s ahead of UTC
    const middle = 40_587 + (Date.now() / 1000 + 37) / 86_400 - 100;
    await rules.setPolicy('DiaSource', 'public', 100);
    try {
      const newest = async (role: RoleName): Promise<number> => {
        const { json } = await ask(
          '{ diaSources(first: 1, orderBy: [{ column: midpointMjdTai, direction: DESC }]) { nodes { midpointMjdTai } } }',
          as(role),
        );
        return json.data!['diaSources'].nodes[0].midpointMjdTai as number;
      };
      expect(await newest('astronomer')).toBeLessThan(middle + 0.01);
      expect(await newest('data-rights')).toBeGreaterThan(middle + 1);
      const late = await ask(
        'query ($t: Float!) { diaSources(where: { midpointMjdTai: { gt: $t } }) { nodes { ra } } }',
        as('anonymous'),
        { t: middle + 0.01 },
      );
      expect(late.json.data!['diaSources'].nodes).toEqual([]);
    } finally {
      await rules.setPolicy('DiaSource', 'public');
    }
  });
});

describe('roles x doors that ask for a scope', () => {
  const DOORS = [
    ['GET', '/api/jobs', ['astronomer', 'filter-owner', 'level3', 'data-rights', 'operator']],
    ['GET', '/api/level3', ['astronomer', 'filter-owner', 'level3', 'data-rights', 'operator']],
    ['POST', '/api/level3', ['level3', 'operator']],
    ['POST', '/api/frames', ['operator']],
  ] as const;
  it.each(DOORS)('%s %s', async (method, url, open) => {
    for (const role of ROLES) {
      const response = await send(app, {
        method,
        url,
        headers: { ...as(role), ...(url.endsWith('frames') && { 'content-type': 'application/fits' }) },
        ...(method === 'POST' && { payload: url.endsWith('frames') ? Buffer.alloc(10) : {} }),
      });
      const refused = role === 'anonymous' ? 401 : (open as readonly string[]).includes(role) ? undefined : 403;
      if (refused === undefined) expect([role, [401, 403].includes(response.statusCode)]).toEqual([role, false]);
      else expect([role, response.statusCode]).toEqual([role, refused]);
    }
  });

  const FIELDS = [
    ['{ myTokens { id } }', ['astronomer', 'filter-owner', 'level3', 'data-rights', 'operator']],
    ['{ filters { id } }', ['astronomer', 'filter-owner', 'level3', 'data-rights', 'operator']],
    ['{ auditLog(first: 1) { act } }', ['operator']],
    ['mutation { registerFilter(name: "x", query: "SELECT nothing") { id } }', ['filter-owner', 'operator']],
  ] as const;
  it.each(FIELDS)('%s', async (query, open) => {
    for (const role of ROLES) {
      const code = (await ask(query, as(role))).json.errors?.[0]?.extensions['code'];
      if (role === 'anonymous') expect([role, code]).toEqual([role, 'UNAUTHENTICATED']);
      else if ((open as readonly string[]).includes(role))
        expect([role, ['UNAUTHENTICATED', 'MISSING_SCOPE'].includes(String(code))]).toEqual([role, false]);
      else expect([role, code]).toEqual([role, 'MISSING_SCOPE']);
    }
  });
});

describe('tokens that should not count', () => {
  const EVERYWHERE = [
    '/graphql?query={__typename}',
    '/api/jobs',
    '/api/me',
    '/api/alerts/5',
    '/tap/sync?QUERY=SELECT+1',
    '/api/visits/1/detectors/0/images/calexp',
  ];

  it('unknown, expired, revoked, malformed, of a closed account, made with one that ended: refused at every door, in one voice', async () => {
    const user = await accounts.createUser('careless');
    const expired = (await accounts.issueToken(user.id, 'a', ['read'], -1)).token;
    const revoked = await accounts.issueToken(user.id, 'b', ['read']);
    const derived = (await accounts.issueToken(user.id, 'c', ['read'], 1, { madeWith: revoked.id })).token;
    const closedUser = await accounts.createUser('closed');
    const closed = (await accounts.issueToken(closedUser.id, 'd', ['read'])).token;
    const session = (await accounts.issueToken(user.id, 'e', ['read'], 1, { kind: 'session' })).token;
    expect((await send(app, { url: '/api/me', headers: bearer(derived) })).statusCode).toBe(200);
    await accounts.revokeToken(user.id, revoked.id);
    await accounts.changeUser('closed', { disabled: true });
    const bad = [`alm_${'A'.repeat(43)}`, 'nonsense', expired, revoked.token, derived, closed, session];
    for (const url of EVERYWHERE)
      for (const token of bad) {
        const basic = { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` };
        for (const headers of [bearer(token), basic]) {
          const response = await send(app, { url, headers });
          expect([url, response.statusCode]).toEqual([url, 401]);
          expect(response.headers['www-authenticate']).toContain('Bearer');
          expect(response.body).toMatch(/not known|has expired/);
          expect(response.body).not.toMatch(/careless|closed account|SELECT |node_modules/);
        }
      }
  });

  it('a session works from its cookie, changes something from our own pages only, and ends', async () => {
    const login = await send(app, { method: 'POST', url: '/api/login', headers: as('astronomer') });
    expect(login.statusCode).toBe(204);
    const set = String(login.headers['set-cookie']);
    expect(set).toMatch(/HttpOnly; SameSite=Lax/);
    const cookie = set.split(';')[0]!;
    const me = await send(app, { url: '/api/me', headers: { cookie } });
    expect(JSON.parse(me.body)).toMatchObject({ user: 'astronomer', scopes: ['read'] });
    const logout = (headers: Record<string, string>) =>
      send(app, { method: 'POST', url: '/api/logout', headers: { cookie, host: 'a.example', ...headers } });
    for (const headers of [
      {},
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: 'https://a.example', 'sec-fetch-site': 'cross-site' },
    ])
      expect((await logout(headers as never)).statusCode).toBe(403);
    expect((await logout({ origin: 'http://a.example', 'sec-fetch-site': 'same-origin' })).statusCode).toBe(204);
    expect((await send(app, { url: '/api/me', headers: { cookie } })).statusCode).toBe(401);
  });

  it('somebody else’s tokens and queries stay theirs', async () => {
    const mine = (await ask('{ myTokens { id } }', as('data-rights'))).json.data!['myTokens'][0].id as string;
    const { json } = await ask('mutation ($id: ID!) { revokeToken(id: $id) }', as('astronomer'), { id: mine });
    expect(json.errors![0]!.extensions['code']).toBe('NO_SUCH_TOKEN');
    await ask('{ diaObject(id: "x") { ra } }', as('level3'));
    const past = async (role: RoleName) =>
      (await ask('{ myQueries { query outcome errorCode } }', as(role))).json.data!['myQueries'] as { query: string }[];
    expect(await past('level3')).toContainEqual({
      query: '{ diaObject(id: "x") { ra } }',
      outcome: 'failed',
      errorCode: 'BAD_ID',
    });
    expect((await past('filter-owner')).some(({ query }) => query.includes('diaObject(id'))).toBe(false);
    const more = await ask('mutation { createToken(label: "x", scopes: [jobs], days: 1) { token } }', as('astronomer'));
    expect(more.json.errors![0]!.extensions['code']).toBe('MISSING_SCOPE');
  });
});

describe('quotas and headers', () => {
  it('a used-up quota is 429 with a time to come back, for its owner alone', async () => {
    const user = await accounts.createUser('greedy');
    const { token } = await accounts.issueToken(user.id, 'x', ['read']);
    await rules.setQuota({ userId: user.id }, { requestsPerMinute: 3 });
    const statuses: number[] = [];
    let last!: Awaited<ReturnType<typeof ask>>;
    for (let i = 0; i < 5; i++) statuses.push((last = await ask('{ __typename }', bearer(token))).status);
    // a minute may end between two of the five
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(1);
    if (last.status === 429) {
      expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
      expect(last.json.errors![0]!.extensions).toMatchObject({
        code: 'QUOTA_EXCEEDED',
        value: { quota: 'requestsPerMinute', limit: 3 },
      });
    }
    const other = await ask('{ myQuota { kind limit used } }', as('astronomer'));
    expect(other.status).toBe(200);
    expect(other.headers).toMatchObject({
      'ratelimit-limit': '6000',
      'x-content-type-options': 'nosniff',
      'x-vo-authenticated': 'astronomer',
    });
  });

  it('errors tell nothing of the inside', async () => {
    for (const query of [
      '{ diaObjects(where: { ra: { eq: 1e999 } }) { nodes { ra } } }',
      '{ nothing }',
      '{',
      '{ diaObjects(after: "e30") { nodes { ra } } }',
      `{ objects(where: { refBand: { startsWith: "\\u0000'" } }) { nodes { tract } } }`,
    ]) {
      const { json, text } = await ask(query, as('astronomer'));
      expect(json.errors![0]!.extensions['code']).toMatch(/^[A-Z_]+$/);
      expect(json.errors![0]!.extensions['code']).not.toBe('INTERNAL');
      expect(text).not.toMatch(/SELECT |node_modules|\.ts:|\.js:|stacktrace/);
    }
  });
});
