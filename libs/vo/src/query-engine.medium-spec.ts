import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { VotableDatatype } from '#libs/table';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { publishRole, publishSchema } from './publish-schema.js';
import { QueryEngine } from './query-engine.js';
import { rowBatches } from './row-batches.js';
import { PUBLISHED, visibleTables } from './tableset.js';

const LIMITS = { timeoutMs: 20_000, maximumCost: 1e9 };
let database: TestDatabase;
let engine: QueryEngine;
/** a server that can be interrupted and has roles; the embedded one cannot and serves one */
let isServer: boolean;

const newEngine = (role?: string, connections = 2, patienceMs = 5000): QueryEngine => {
  const made = new QueryEngine({
    databaseUrl: database.config.databaseUrl,
    connections,
    patienceMs,
    settings: { 'almagest.public_url': 'https://example.org/a b' },
    cancel: (processId) => database.dataSource.query('SELECT pg_cancel_backend($1)', [processId]),
  });
  made.start(role);
  return made;
};

beforeAll(async () => {
  database = await openTestDatabase();
  isServer = process.env['DATABASE_URL'] !== undefined && process.env['DATABASE_URL'] !== '';
  engine = newEngine();
});
afterAll(async () => {
  await engine?.close();
  await database?.close();
});

async function rowsOf(
  sql: string,
  datatypes: readonly VotableDatatype[],
  parameters: unknown[] = [],
  limit = Infinity,
) {
  const statement = await engine.run(sql, parameters, LIMITS);
  const outcome = { rows: 0, overflow: false };
  const columns = datatypes.map((datatype, i) => ({ name: `c${i + 1}`, datatype }));
  const rows: unknown[][] = [];
  try {
    for await (const table of rowBatches(statement.chunks, statement.fields, columns, limit, outcome))
      for (let row = 0; row < table.rowCount; row++)
        rows.push(
          columns.map(({ name }) =>
            table.hasArray(name)
              ? table.cell(name, row) && Array.from(table.cell(name, row) as ArrayLike<unknown>)
              : table.value(name, row),
          ),
        );
  } finally {
    await statement.close();
  }
  return { rows, outcome };
}

describe('rows of a binary result', () => {
  it.each<[string, VotableDatatype, unknown]>([
    ['true', 'boolean', true],
    ['(-32768)::int2', 'short', -32768],
    ['(-2147483648)::int4', 'int', -2147483648],
    ['9223372036854775807::int8', 'long', 9223372036854775807n],
    ["'-Infinity'::float4", 'float', -Infinity],
    ['1.1::float8', 'double', 1.1],
    ['(-12345.678)::numeric', 'double', -12345.678],
    ['0.00001234::numeric', 'double', 0.00001234],
    ['100000000::numeric', 'double', 100000000],
    ['100000000.5::numeric', 'char', '100000000.5'],
    ['9223372036854775807::int8', 'char', '9223372036854775807'],
    ["'ä😀'::text", 'char', 'ä😀'],
    ["'2026-11-20T10:00:00.123456Z'::timestamptz", 'char', '2026-11-20T10:00:00.123456'],
    ["'1969-12-31T23:59:59.999999Z'::timestamptz", 'char', '1969-12-31T23:59:59.999999'],
    ["'2026-11-20T10:00:00Z'::timestamptz", 'char', '2026-11-20T10:00:00.000'],
    ["'1858-11-17'::date", 'char', '1858-11-17'],
    ["'6f9619ff-8b86-d011-b42d-00cf4fc964ff'::uuid", 'char', '6f9619ff-8b86-d011-b42d-00cf4fc964ff'],
    ['ARRAY[1.5, NULL, 3]::float8[]', 'double', [1.5, NaN, 3]],
    ["'{}'::float8[]", 'double', []],
    ['ARRAY[1, 2]::int8[]', 'long', [1n, 2n]],
    ['ARRAY[1, 2]::int4[]', 'double', [1, 2]],
    ['3::int4', 'double', 3],
    ['3::int4', 'long', 3n],
  ])('has %s as %s', async (sql, datatype, expected) => {
    const { rows } = await rowsOf(`SELECT ${sql}`, [datatype]);
    expect(rows).toEqual([[expected]]);
    expect((await rowsOf(`SELECT CASE WHEN false THEN ${sql} END`, [datatype])).rows).toEqual([[null]]);
  });

  it('comes in batches, stops at the limit and knows that there was more', async () => {
    const all = await rowsOf('SELECT i, i::text FROM generate_series(1, $1::int) i', ['int', 'char'], [5000]);
    expect(all.rows).toHaveLength(5000);
    expect(all.rows.every(([n, text], i) => n === i + 1 && text === String(i + 1))).toBe(true);
    const some = await rowsOf('SELECT i FROM generate_series(1, 11) i', ['int'], [], 10);
    expect([some.rows.length, some.outcome]).toEqual([10, { rows: 10, overflow: true }]);
    const exact = await rowsOf('SELECT i FROM generate_series(1, 10) i', ['int'], [], 10);
    expect(exact.outcome).toEqual({ rows: 10, overflow: false });
    expect((await rowsOf('SELECT 1 WHERE false', ['int'])).outcome).toEqual({ rows: 0, overflow: false });
  });
});

describe('the engine', () => {
  it('cannot write, not even after asking for it', async () => {
    await expect(engine.run('CREATE TABLE mine (a int)', [], LIMITS)).rejects.toThrow();
    await expect(
      engine.run(
        "SELECT set_config('transaction_read_only', 'off', true), nextval('visit_commit_commit_id_seq')",
        [],
        LIMITS,
      ),
    ).rejects.toThrow();
    const { rows } = await rowsOf('SELECT 1', ['int']);
    expect(rows).toEqual([[1]]);
  });

  it('hands settings on, blanks and all', async () => {
    expect((await rowsOf("SELECT current_setting('almagest.public_url')", ['char'])).rows).toEqual([
      ['https://example.org/a b'],
    ]);
  });

  it('refuses what the planner expects to cost too much, in words', async () => {
    const sql =
      'SELECT count(*) FROM generate_series(1, 1000) a, generate_series(1, 1000) b, generate_series(1, 1000) c';
    await expect(engine.run(sql, [], { ...LIMITS, maximumCost: 1000 })).rejects.toMatchObject({
      code: 'TOO_EXPENSIVE',
      message: expect.stringMatching(/at most 1\.0e\+3 are allowed; restrict it/),
    });
  });

  it('says nothing of ours in errors, and goes on after them', async () => {
    await expect(engine.run('SELECT 1 / (i - 1) FROM generate_series(1, 3) i', [], LIMITS)).rejects.toMatchObject({
      code: 'QUERY_FAILED',
      message: 'the query failed: division by zero',
    });
    expect((await rowsOf('SELECT 2', ['int'])).rows).toEqual([[2]]);
  });

  it('stops statements at their time and when nobody wants them any more', async () => {
    if (!isServer)
      return void process.stdout.write(
        'not run: interrupted statements (1 test): the embedded database cannot interrupt\n',
      );
    const endless = 'SELECT pg_sleep(0.01) FROM generate_series(1, 100000)';
    const read = async (limits: typeof LIMITS, signal?: AbortSignal): Promise<void> => {
      const statement = await engine.run(endless, [], limits, signal);
      try {
        for await (const _ of statement.chunks);
      } finally {
        await statement.close();
      }
    };
    await expect(read({ ...LIMITS, timeoutMs: 200 })).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
    await expect(read(LIMITS, AbortSignal.timeout(100))).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
  });

  it('lets queries wait for a place as long as it may, then says so', async () => {
    const narrow = newEngine(undefined, 1, 300);
    const first = await narrow.run('SELECT 1', [], LIMITS);
    await expect(narrow.run('SELECT 2', [], LIMITS)).rejects.toMatchObject({ code: 'BUSY' });
    await first.close();
    const second = await narrow.run('SELECT 2', [], LIMITS);
    await second.close();
    await narrow.close();
  });
});

describe('publishing', () => {
  it('fills TAP_SCHEMA once, and again when the tables are others', async () => {
    const { dataSource } = database;
    expect(await publishSchema(dataSource, PUBLISHED)).toBe(true);
    expect(await publishSchema(dataSource, PUBLISHED)).toBe(false);
    const count = async (): Promise<number> =>
      Number((await dataSource.query('SELECT count(*) AS n FROM tap_schema_columns'))[0].n);
    expect(await count()).toBe(PUBLISHED.tables.reduce((sum, { columns }) => sum + columns.length, 0));
    expect(
      await publishSchema(
        dataSource,
        visibleTables(PUBLISHED, ({ name }) => name === 'Visit'),
      ),
    ).toBe(true);
    expect(await count()).toBe(PUBLISHED.tables.find(({ name }) => name === 'Visit')!.columns.length);
  });

  it('gives queries a role that can read what is published and nothing else', async () => {
    if (!isServer)
      return void process.stdout.write(
        'not run: role of queries (1 test): the embedded database is read under one role\n',
      );
    const role = await publishRole(database.dataSource, 'almagest_query', PUBLISHED);
    expect(role).toBe('almagest_query');
    const restricted = newEngine(role);
    for (const { sqlName } of PUBLISHED.tables) {
      const statement = await restricted.run(`SELECT * FROM "${sqlName}" LIMIT 0`, [], LIMITS);
      await statement.close();
    }
    for (const table of ['access_token', 'user_account', 'job', 'dataset'])
      await expect(restricted.run(`SELECT * FROM ${table}`, [], LIMITS)).rejects.toMatchObject({ code: '42501' });
    await restricted.close();
  });
});
