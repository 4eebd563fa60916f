import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EntitySchema } from 'typeorm';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import {
  bulkInsert,
  bulkInsertColumns,
  createDataSource,
  DatabaseError,
  revertMigrations,
  runMigrations,
  sqlState,
  withTransaction,
} from './index.js';

interface Star {
  id: bigint;
  name: string | null;
  flux: number;
}

const StarEntity = new EntitySchema<Star>({
  name: 'Star',
  tableName: 'star',
  columns: {
    id: { type: 'bigint', primary: true },
    name: { type: 'text', nullable: true },
    flux: { type: 'double precision' },
  },
});

let database: TestDatabase;

beforeAll(async () => {
  database = await openTestDatabase({ entities: [StarEntity], migrations: [] });
  await database.dataSource.query(
    'CREATE TABLE star (id bigint CONSTRAINT star_pk PRIMARY KEY, name text, flux double precision NOT NULL)',
  );
  await database.dataSource.query(
    'CREATE TABLE place (id bigint PRIMARY KEY, position geography(Point, 4326), tags jsonb, raw bytea, seen timestamptz)',
  );
});
afterAll(() => database.close());

/** 2^53 + 1, the first integer a double cannot hold. */
const BIG = 9007199254740993n;

describe('a data source', () => {
  it('reads and writes 64-bit ids as bigint, through entities and through SQL', async () => {
    const stars = database.dataSource.getRepository(StarEntity);
    await stars.insert({ id: BIG, name: 'Deneb', flux: 1.25 });
    const star = await stars.findOneByOrFail({ id: BIG });
    expect(star).toEqual({ id: BIG, name: 'Deneb', flux: 1.25 });
    star.flux = Number.NaN;
    await stars.save(star);
    expect(await database.dataSource.query('SELECT id, flux, ARRAY[id, NULL] AS ids FROM star')).toEqual([
      { id: BIG, flux: Number.NaN, ids: [BIG, null] },
    ]);
    expect(await stars.count()).toBe(1);
    await stars.remove(star);
    expect(await stars.count()).toBe(0);
  });

  it('lives in its own schema and still finds PostGIS', async () => {
    const [row] = await database.dataSource.query<{ schema: string; metres: number }[]>(
      'SELECT current_schema() AS schema, ST_Distance(ST_Point(0, 0)::geography, ST_Point(1, 0)::geography, false) AS metres',
    );
    expect(row!.schema).toBe(database.schema);
    // One degree on the sphere of radius 6371008.7714 m: pi/180 x R = 111195.08 m.
    expect(row!.metres).toBeCloseTo((Math.PI / 180) * 6371008.7714, 2);
  });

  it('opens a second time from the configuration alone', async () => {
    const second = await createDataSource(database.config).initialize();
    try {
      expect(await second.query('SELECT current_schema() AS schema')).toEqual([{ schema: database.schema }]);
    } finally {
      await second.destroy();
    }
  });
});

describe('migrations', () => {
  class Nebula1700000099100 {
    readonly name = 'Nebula1700000099100';
    up = (runner: { query(sql: string): Promise<unknown> }) =>
      runner.query('CREATE TABLE nebula (id bigint)').then(() => {});
    down = (runner: { query(sql: string): Promise<unknown> }) => runner.query('DROP TABLE nebula').then(() => {});
  }
  class Broken1700000099200 {
    readonly name = 'Broken1700000099200';
    up = (runner: { query(sql: string): Promise<unknown> }) =>
      runner.query('CREATE TABLE broken (id nonsense)').then(() => {});
    down = () => Promise.resolve();
  }

  it('are applied once, in order, and undone', async () => {
    const source = await createDataSource(database.config, { migrations: [Nebula1700000099100] }).initialize();
    try {
      expect(await runMigrations(source)).toEqual(['Nebula1700000099100']);
      expect(await runMigrations(source)).toEqual([]);
      await revertMigrations(source);
      expect(await source.query("SELECT to_regclass('nebula') AS table")).toEqual([{ table: null }]);
    } finally {
      await source.destroy();
    }
  });

  it('leave nothing behind when one of them fails', async () => {
    const source = await createDataSource(database.config, {
      migrations: [Nebula1700000099100, Broken1700000099200],
    }).initialize();
    try {
      await expect(runMigrations(source)).rejects.toMatchObject({ code: 'migration_failed' });
      expect(await source.query("SELECT to_regclass('nebula') AS table")).toEqual([{ table: null }]);
    } finally {
      await source.destroy();
    }
  });
});

describe('bulkInsert', () => {
  it('stores awkward values exactly, in batches', async () => {
    const awkward = ['{,}', '"', '\\', 'NULL', '', 'x\ny', "o'clock", 'αβ', null];
    const rows = awkward.map((name, i) => [
      BigInt(i) - 2n ** 63n,
      name,
      [Number.NaN, Infinity, -Infinity, -0, 5e-324, 1.7976931348623157e308, 0.1, 1, 2][i]!,
    ]);
    await bulkInsert(
      database.dataSource,
      'star',
      [
        { name: 'id', type: 'bigint' },
        { name: 'name', type: 'text' },
        { name: 'flux', type: 'double precision' },
      ],
      rows,
      { batchSize: 4 },
    );
    const stored = await database.dataSource.query<Star[]>('SELECT id, name, flux FROM star ORDER BY id');
    expect(stored.map(({ id, name, flux }) => [id, name, flux])).toEqual(rows);
    await database.dataSource.query('TRUNCATE star');
  });

  it('takes geography, JSON, bytes and times through expressions, and returns what RETURNING says', async () => {
    const seen = new Date('2026-03-01T02:03:04.567Z');
    const returned = await bulkInsert<{ id: bigint }>(
      database.dataSource,
      'place',
      [
        { name: 'id', type: 'bigint' },
        { name: 'position', type: 'text', expression: (wkt) => `ST_GeogFromText(${wkt})` },
        { name: 'tags', type: 'jsonb' },
        { name: 'raw', type: 'bytea' },
        { name: 'seen', type: 'timestamptz' },
      ],
      [[7n, 'POINT(-179.5 -60)', { a: ['"', '\\', 1] }, Uint8Array.of(0, 255, 92), seen]],
      { suffix: 'RETURNING id' },
    );
    expect(returned).toEqual([{ id: 7n }]);
    const [row] = await database.dataSource.query<Record<string, unknown>[]>(
      'SELECT ST_X(position::geometry) AS lon, ST_Y(position::geometry) AS lat, tags, raw, seen FROM place',
    );
    expect(row).toEqual({ lon: -179.5, lat: -60, tags: { a: ['"', '\\', 1] }, raw: Buffer.from([0, 255, 92]), seen });
  });

  it('takes typed arrays, and 20 000 rows in under a few seconds', async () => {
    const count = 20_000;
    const ids = BigInt64Array.from({ length: count }, (_, i) => BigInt(i));
    const flux = Float64Array.from({ length: count }, (_, i) => i / 7);
    await bulkInsertColumns(
      database.dataSource,
      'star',
      [
        { name: 'id', type: 'bigint' },
        { name: 'flux', type: 'double precision' },
      ],
      [ids, flux],
    );
    const [row] = await database.dataSource.query<{ count: bigint; sum: number }[]>(
      'SELECT count(*) AS count, max(flux) AS sum FROM star',
    );
    expect(row).toEqual({ count: BigInt(count), sum: (count - 1) / 7 });
    await database.dataSource.query('TRUNCATE star');
  });

  it('inserts nothing for no rows, and refuses ragged ones', async () => {
    const columns = [
      { name: 'id', type: 'bigint' },
      { name: 'flux', type: 'float8' },
    ];
    await expect(bulkInsert(database.dataSource, 'star', columns, [])).resolves.toEqual([]);
    await expect(bulkInsert(database.dataSource, 'star', columns, [[1n, 2], [1n]])).rejects.toMatchObject({
      code: 'invalid_rows',
      value: 1,
    });
  });
});

describe('withTransaction', () => {
  it('starts again after a serialization failure, and rolls back what the failed attempt wrote', async () => {
    let attempt = 0;
    const retried: string[] = [];
    await withTransaction(
      database.dataSource,
      async (manager) => {
        await manager.query('INSERT INTO star (id, flux) VALUES ($1, 1)', [++attempt]);
        if (attempt < 3) await manager.query("DO $$BEGIN RAISE EXCEPTION 'conflict' USING ERRCODE = '40001'; END$$");
      },
      { onRetry: (code) => retried.push(code) },
    );
    expect(retried).toEqual(['40001', '40001']);
    expect(await database.dataSource.query('SELECT id FROM star')).toEqual([{ id: 3n }]);
    await database.dataSource.query('TRUNCATE star');
  });

  it('gives up after the allowed attempts, and never repeats other errors', async () => {
    const conflict = withTransaction(
      database.dataSource,
      (manager) => manager.query("DO $$BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40P01'; END$$"),
      { attempts: 2 },
    );
    await expect(conflict).rejects.toMatchObject({ code: 'retries_exhausted', value: '40P01' });
    let runs = 0;
    const broken = withTransaction(database.dataSource, (manager) => (runs++, manager.query('SELECT 1 / 0')));
    const error: unknown = await broken.catch((reason: unknown) => reason);
    expect(error).not.toBeInstanceOf(DatabaseError);
    expect(sqlState(error)).toBe('22012');
    expect(runs).toBe(1);
  });
});
