import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { PUBLIC_TABLES } from '#libs/schema';
import { hpx29 } from '#libs/sky';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { synthesizeCatalog } from './index.js';

let database: TestDatabase;
const count = async (table: string): Promise<number> => {
  const rows = await database.dataSource.query<{ n: bigint }[]>(`SELECT count(*) AS n FROM "${table}"`);
  return Number(rows[0]!.n);
};
const indexes = (): Promise<unknown> =>
  database.dataSource.query('SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = $1 ORDER BY 1', [
    database.schema,
  ]);

beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database?.close());

it('fills every table, keeps its indexes, and adds to what is there with another seed', async () => {
  const before = await indexes();
  const seen: number[] = [];
  const tables = await synthesizeCatalog(database.config, {
    rows: 2000,
    seed: 3,
    onProgress: (rows) => seen.push(rows),
  });
  expect(new Set(tables.map(({ table }) => table))).toEqual(new Set(PUBLIC_TABLES.map(({ name }) => name)));
  for (const { table, rows } of tables) expect(await count(table)).toBe(rows);
  expect(seen.at(-1)).toBe(tables.reduce((sum, { rows }) => sum + rows, 0));
  expect(await indexes()).toEqual(before);
  const more = await synthesizeCatalog(database.config, { rows: 2000, seed: 4, set: 'Object' });
  expect(await count('Object')).toBe(tables.find(({ table }) => table === 'Object')!.rows + 2000);
  expect(more.map(({ table }) => table)).toContain('Visit');
  expect(await indexes()).toEqual(before);
});

it('positions can be searched: the cell of each is that of its place', async () => {
  const rows = await database.dataSource.query<{ ra: number; dec: number; cell: bigint; longitude: number }[]>(
    'SELECT coord_ra AS ra, coord_dec AS dec, hpx29 AS cell, ST_X(geog::geometry) AS longitude FROM "Object" ORDER BY "objectId" LIMIT 500',
  );
  for (const { ra, dec, cell, longitude } of rows) {
    expect(cell).toBe(hpx29(ra, dec));
    expect((longitude + 360) % 360).toBeCloseTo(ra, 9);
  }
});

it('the same seed twice is refused and leaves nothing behind', async () => {
  const before = await count('Visit');
  await expect(synthesizeCatalog(database.config, { rows: 2000, seed: 3 })).rejects.toMatchObject({
    code: 'ALREADY_THERE',
    value: 3,
  });
  expect(await count('Visit')).toBe(before);
});
