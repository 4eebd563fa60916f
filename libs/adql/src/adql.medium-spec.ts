import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Case } from '../../../test/adql/case.js';
import { GEOMETRY_CASES, PGSPHERE_CASES } from '../../../test/adql/geometry-cases.js';
import { LANGUAGE_CASES } from '../../../test/adql/language-cases.js';
import { CATALOG, DDL, rows } from '../../../test/adql/tables.js';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { compileAdql, standaloneSql } from './index.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await openTestDatabase({ migrations: [] });
  for (const statement of DDL) await database.dataSource.query(statement);
  for (const [table, records] of Object.entries(rows())) {
    const columns = Object.keys(records[0]!).join(', ');
    await database.dataSource.query(
      `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM json_populate_recordset(NULL::${table}, $1)`,
      [JSON.stringify(records)],
    );
  }
  for (const statement of ['ANALYZE p_obj', 'ANALYZE p_src']) await database.dataSource.query(statement);
});
afterAll(() => database.close());

type Cell = unknown;
/** Rows as arrays, in the order of the columns. */
async function run(sql: string, parameters: readonly unknown[] = []): Promise<Cell[][]> {
  const runner = database.dataSource.createQueryRunner();
  try {
    const client = (await runner.connect()) as { query: (query: object) => Promise<{ rows: Cell[][] }> };
    return (await client.query({ text: sql, values: [...parameters], rowMode: 'array' })).rows;
  } finally {
    await runner.release();
  }
}

const plain = (cell: Cell): Cell =>
  typeof cell === 'bigint'
    ? Number(cell)
    : cell instanceof Date
      ? cell.getTime()
      : Array.isArray(cell)
        ? cell.map(plain)
        : cell;
const isNumber = (cell: Cell): cell is number => typeof cell === 'number' && Number.isFinite(cell);
/** Equal up to the rounding of double precision: references take other ways to the same number. */
function same(a: Cell, b: Cell): boolean {
  if (isNumber(a) && isNumber(b)) return Math.abs(a - b) <= 1e-11 * Math.max(1e-2, Math.abs(a), Math.abs(b));
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((cell, i) => same(cell, b[i]));
  return Object.is(a, b) || (a === 0 && b === 0);
}
const rowKey = (row: Cell[]): string =>
  JSON.stringify(row, (_, cell: unknown) =>
    isNumber(cell) ? Number(cell.toPrecision(9)) : typeof cell === 'number' ? String(cell) : cell,
  );

async function expectSame(adql: string, sql: string): Promise<void> {
  const query = compileAdql(adql, CATALOG);
  const found = (await run(query.sql, query.parameters)).map((row) => row.map(plain));
  const wanted = (await run(sql)).map((row) => row.map(plain));
  if (!/ORDER BY [^)]*$/i.test(sql))
    for (const list of [found, wanted]) list.sort((a, b) => (rowKey(a) < rowKey(b) ? -1 : 1));
  expect({ adql, rows: found.length }).toEqual({ adql, rows: wanted.length });
  const wrong = found.findIndex((row, i) => !same(row, wanted[i]));
  if (wrong >= 0) expect({ adql, row: found[wrong] }).toEqual({ adql, row: wanted[wrong] });
}

const suite = (cases: Readonly<Record<string, readonly Case[]>>): void => {
  for (const [topic, list] of Object.entries(cases))
    describe(topic, () => {
      it.each(list.map(([adql, sql]) => [adql.length > 160 ? `${adql.slice(0, 157)}...` : adql, adql, sql] as const))(
        '%s',
        async (_, adql, sql) => expectSame(adql, sql),
      );
    });
};

describe('compiled ADQL gives what SQL written by hand gives:', () => suite(LANGUAGE_CASES));
describe('ADQL geometry gives what unit vectors give:', () => suite(GEOMETRY_CASES));

it('ADQL geometry gives what pgsphere gives, where the database has it', async () => {
  await run('CREATE EXTENSION IF NOT EXISTS pg_sphere WITH SCHEMA public').catch(() => undefined);
  const [[there]] = (await run(`SELECT to_regtype('spoint') IS NOT NULL`)) as [[boolean]];
  if (!there) {
    process.stdout.write(`not run: ${PGSPHERE_CASES.length} comparisons with pgsphere need a PostgreSQL that has it\n`);
    return;
  }
  for (const [adql, sql] of PGSPHERE_CASES) await expectSame(adql, sql);
});

describe('spatial conditions', () => {
  const plan = async (adql: string): Promise<string> => {
    const query = compileAdql(adql, CATALOG);
    await run('SET enable_seqscan = off');
    const rows = await run(`EXPLAIN ${query.sql}`, query.parameters);
    return rows.map(([line]) => line).join('\n');
  };
  it.each([
    [
      'a small cone',
      'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 0.1))',
      /Index Cond: \(p_geog &&/,
    ],
    [
      'DISTANCE below a limit',
      'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) < 0.1',
      /Index Cond: \(p_geog &&/,
    ],
    [
      'a large cone',
      'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), CIRCLE(10, -60, 5))',
      /Index Cond: \(\(p_hpx >=/,
    ],
    [
      'a small polygon',
      'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(0, 0, 1, 0, 1, 1))',
      /Index Cond: \(p_geog &&/,
    ],
    [
      'a large polygon',
      'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(0, 0, 20, 0, 9, 20))',
      /Index Cond: \(\(p_hpx >=/,
    ],
    [
      'a polygon that is not convex',
      'SELECT objId FROM Obj WHERE 1 = CONTAINS(POINT(ra, "dec"), POLYGON(0, 0, 1, 0, 0.1, 0.1, 0, 1))',
      /Index Cond: \(p_geog &&/,
    ],
    [
      'either of two cones',
      'SELECT objId FROM Obj WHERE DISTANCE(ra, "dec", 10, -60) < 0.1 OR DISTANCE(ra, "dec", 10, 60) < 0.1',
      /BitmapOr/,
    ],
    [
      'a cone in a subquery',
      'SELECT * FROM (SELECT objId, ra, "dec" FROM Obj) q WHERE DISTANCE(q.ra, q."dec", 10, -60) < 0.1',
      /Index Cond: \(p_geog &&/,
    ],
    [
      'an upload against a table',
      'SELECT objId FROM t1 u JOIN Obj o ON DISTANCE(u.ra, u."dec", o.ra, o."dec") < 0.001',
      /Index Cond: \(p_geog &&/,
    ],
    [
      'a table against a table',
      'SELECT o.objId FROM Src s JOIN Obj o ON 1 = CONTAINS(POINT(o.ra, o."dec"), CIRCLE(s.ra, s."dec", 0.001))',
      /Index Cond: \(p_geog &&/,
    ],
  ])('use an index: %s', async (_, adql, index) => expect(await plan(adql)).toMatch(index));
});

it('the SQL of a query runs without its parameters too, as COPY needs it', async () => {
  const adql =
    "SELECT objId, 'it''s \\ 星 $1 🌌' FROM Obj WHERE name <> 'O''Brien\\' AND objId IN (1, 2, 3) AND t > '2026-01-01' AND DISTANCE(ra, \"dec\", 0, 0) < 1";
  const query = compileAdql(adql, CATALOG);
  const expected = await run(query.sql, query.parameters);
  expect(expected.length).toBeGreaterThan(0);
  expect(await run(standaloneSql(query))).toEqual(expected);
});
