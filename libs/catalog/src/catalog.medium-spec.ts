import type { EventEmitter } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDataSource, revertMigrations, runMigrations } from '#libs/database';
import { DiaObject, DiaObjectLast, DiaSource, PUBLIC_TABLES, type SkyCircle, sqlType, tableOf } from '#libs/schema';
import { angularSeparationDeg, fromTangentOffsetDeg } from '#libs/sky';
import { Platform1700000000100 } from '../../../migrations/0100-platform.js';
import { Catalog1700000000400 } from '../../../migrations/0400-catalog.js';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import {
  AlertOutbox,
  CATALOG_ENTITIES,
  CatalogError,
  CatalogRepository,
  commitVisit,
  importOrbits,
  insertTable,
  loadSnapshot,
  skyCellOf,
  skyCellsOf,
} from './index.js';
import { planOf, type Spot } from './testing.js';

let database: TestDatabase;
let catalog: CatalogRepository;
let outbox: AlertOutbox;
beforeAll(async () => {
  database = await openTestDatabase({ entities: CATALOG_ENTITIES });
  catalog = new CatalogRepository(database.dataSource);
  outbox = new AlertOutbox(database.dataSource);
});
afterAll(() => database.close());

const count = async (table: string, where = 'true'): Promise<number> => {
  const [row] = await database.dataSource.query<{ n: bigint }[]>(`SELECT count(*) AS n FROM "${table}" WHERE ${where}`);
  return Number(row!.n);
};
const circle = (raDeg: number, decDeg: number, radiusDeg = 0.05): SkyCircle => ({ raDeg, decDeg, radiusDeg });

describe('the tables', () => {
  it.each(PUBLIC_TABLES.map((table) => [table.name, table] as const))(
    '%s in the database is as described',
    async (_, table) => {
      const columns = await database.dataSource.query<{ name: string; type: string; nullable: boolean }[]>(
        `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, NOT a.attnotnull AS nullable
       FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
        [database.schema, table.name],
      );
      const plain = (type: string): string => type.replaceAll('public.', '').replaceAll(' ', '').toLowerCase();
      expect(columns.map((c) => `${c.name} ${plain(c.type)} ${c.nullable}`).toSorted()).toEqual(
        table.columns.map((c) => `${c.name} ${plain(sqlType(c))} ${c.nullable}`).toSorted(),
      );
      const keys = await database.dataSource.query<{ name: string }[]>(
        `SELECT k.column_name AS name FROM information_schema.key_column_usage k
       WHERE k.table_schema = $1 AND k.table_name = $2 AND k.constraint_name = $3 ORDER BY k.ordinal_position`,
        [database.schema, table.name, `pk_${table.name}`],
      );
      expect(keys.map(({ name }) => name)).toEqual(table.primaryKey);
      const indexes = await database.dataSource.query<{ name: string }[]>(
        'SELECT indexname AS name FROM pg_indexes WHERE schemaname = $1 AND tablename = $2',
        [database.schema, table.name],
      );
      const names = indexes.map(({ name }) => name);
      for (const index of table.indexes) expect(names).toContain(index.name);
      if (table.position)
        expect(names).toEqual(expect.arrayContaining([`IDX_${table.name}_geog`, `IDX_${table.name}_hpx29`]));
    },
  );

  it('refuse a declination beyond the pole, which PostGIS alone would fold back', async () => {
    await expect(
      database.dataSource.query(
        `INSERT INTO "DiaObjectLast" ("diaObjectId", "validityStartMjdTai", "ra", "dec", "nDiaSources", "commitId", "hpx29") VALUES (1, 0, 10, 95, 1, 0, 0)`,
      ),
    ).rejects.toThrow(/ck_DiaObjectLast_dec/);
  });

  it('are readable through their entities', async () => {
    await expect(database.dataSource.getRepository('DiaObject').count()).resolves.toBe(0);
    await expect(database.dataSource.getRepository('Object').find({ take: 1 })).resolves.toEqual([]);
  });
});

describe('the migration', () => {
  it('can be undone and done again', async () => {
    const fresh = await openTestDatabase({ migrations: [Platform1700000000100, Catalog1700000000400] });
    const tables = async (): Promise<number> => {
      const rows = await fresh.dataSource.query<unknown[]>('SELECT 1 FROM pg_tables WHERE schemaname = $1', [
        fresh.schema,
      ]);
      return rows.length;
    };
    try {
      const before = await tables();
      await revertMigrations(fresh.dataSource);
      // what is left is the ledger of migrations itself
      expect(await tables()).toBe(1);
      await runMigrations(fresh.dataSource);
      expect(await tables()).toBe(before);
    } finally {
      await fresh.close();
    }
  });
});

describe('cone search', () => {
  const centres = [
    [180, 0],
    [0, 0],
    [359.99999, 10],
    [0, -60],
    [270, -60],
    [37, 90],
    [123, -90],
    [200, 89.999],
  ] as const;

  it.each(centres)('at RA %d, dec %d finds exactly what the formula of the great circle finds', async (ra, dec) => {
    const radius = 0.01;
    const spots = Array.from({ length: 200 }, (_, i) => {
      const angle = i * 2.399963; // golden angle: an even spread
      const distance = radius * 1.5 * Math.sqrt((i + 0.5) / 200);
      return fromTangentOffsetDeg(distance * Math.sin(angle), distance * Math.cos(angle), ra, dec);
    });
    const base = BigInt(Math.round(ra * 1000 + (dec + 90) * 1e6)) << 16n;
    const rows = spots.map((spot, i) => ({
      diaObjectId: base + BigInt(i),
      ra: spot.raDeg,
      dec: spot.decDeg,
      validityStartMjdTai: 1,
      nDiaSources: 1,
    }));
    await insertTable(database.dataSource, DiaObjectLast, tableOf(DiaObjectLast, rows, Object.keys(rows[0]!)), {
      commitId: 0n,
    });
    const found = await catalog.coneSearch(DiaObjectLast, circle(ra, dec, radius));
    const expected = rows.filter((row) => angularSeparationDeg(ra, dec, row.ra, row.dec) <= radius);
    expect(found.map((row) => String(row.diaObjectId)).toSorted()).toEqual(
      expected.map((row) => String(row.diaObjectId)).toSorted(),
    );
    expect(expected.length).toBeGreaterThan(70);
    for (let i = 1; i < found.length; i++)
      expect(found[i]!.distanceArcsec).toBeGreaterThanOrEqual(found[i - 1]!.distanceArcsec);
    // 1e-4 arcsec: PostGIS keeps geography distances to about a micrometre on a sphere of 6371 km, plus its own rounding
    for (const row of found)
      expect(Math.abs(row.distanceArcsec - 3600 * angularSeparationDeg(ra, dec, row.ra, row.dec))).toBeLessThan(1e-4);
    await database.dataSource.query('DELETE FROM "DiaObjectLast"');
  });

  it('refuses what is not a circle on the sky', async () => {
    for (const bad of [circle(360, 0), circle(0, 91), circle(0, 0, 0), circle(NaN, 0)])
      await expect(catalog.coneSearch(DiaSource, bad)).rejects.toThrow(CatalogError);
  });

  it('sky cells of a circle hold every position inside it', () => {
    for (const [ra, dec] of centres) {
      const cells = new Set(skyCellsOf(circle(ra, dec, 0.2)));
      for (let i = 0; i < 300; i++) {
        const d = 0.2 * Math.sqrt((i + 0.5) / 300);
        const p = fromTangentOffsetDeg(d * Math.sin(i * 2.4), d * Math.cos(i * 2.4), ra, dec);
        if (angularSeparationDeg(ra, dec, p.raDeg, p.decDeg) <= 0.2)
          expect(cells.has(skyCellOf(p.raDeg, p.decDeg))).toBe(true);
      }
      expect([...cells]).toEqual([...cells].sort((a, b) => a - b));
    }
  });
});

describe('commitVisit', () => {
  const spots = (ra: number, dec: number, n: number): Spot[] =>
    Array.from({ length: n }, (_, i) => {
      const p = fromTangentOffsetDeg(0.001 * i, 0.0005 * i, ra, dec);
      return { ra: p.raDeg, dec: p.decDeg };
    });
  const commitAt = async (ra: number, dec: number, visit: bigint, mjd: number, n = 3) => {
    const snapshot = await loadSnapshot(database.dataSource, circle(ra, dec));
    return commitVisit(database.dataSource, planOf(snapshot, visit, 1, spots(ra, dec, n), mjd));
  };

  it('writes detections, objects, ledger, visit and outbox; a retry changes nothing', async () => {
    const region = circle(10, -60);
    const snapshot = await loadSnapshot(database.dataSource, region);
    const plan = planOf(snapshot, 100n, 4, spots(10, -60, 3));
    const first = await commitVisit(database.dataSource, plan);
    expect(first).toMatchObject({ status: 'committed', newObjects: 3, updatedObjects: 0, late: false });
    const state = async () =>
      Promise.all(
        ['DiaSource', 'DiaObject', 'DiaObjectLast', 'visit_commit', 'alert_outbox', 'Visit'].map((t) => count(t)),
      );
    const before = await state();
    const again = await commitVisit(database.dataSource, plan);
    expect(again).toMatchObject({ status: 'alreadyCommitted', commitId: first.commitId, newObjects: 3 });
    // also from a fresh snapshot, which sees the objects of the first attempt
    const fresh = planOf(await loadSnapshot(database.dataSource, region), 100n, 4, spots(10, -60, 3));
    expect((await commitVisit(database.dataSource, fresh)).status).toBe('alreadyCommitted');
    expect(await state()).toEqual(before);
    expect(before).toEqual([3, 3, 3, 1, 3, 1]);
  });

  it('keeps versions of an object: half-open, one current, the narrow table in step', async () => {
    const region = circle(20, -60);
    const empty = await loadSnapshot(database.dataSource, region);
    const first = await commitVisit(database.dataSource, planOf(empty, 200n, 1, spots(20, -60, 2), 60000));
    const seen = await loadSnapshot(database.dataSource, region);
    const [object, other] = seen.diaObjects.data('diaObjectId', 'long');
    const now = () => 60000.5; // a clock that stands still, and behind the first commit
    const second = await commitVisit(
      database.dataSource,
      planOf(seen, 201n, 1, [{ ra: 20, dec: -60, object: object! }], 60001, [other!]),
      { now },
    );
    expect(second).toMatchObject({ updatedObjects: 1, newObjects: 0 });
    const history = await catalog.diaObjectHistory(object!);
    expect(history.map((row) => [row.validityStartMjdTai, row.validityEndMjdTai, row.nDiaSources])).toEqual([
      [first.timeProcessedMjdTai, second.timeProcessedMjdTai, 1],
      [second.timeProcessedMjdTai, null, 2],
    ]);
    expect(second.timeProcessedMjdTai).toBeGreaterThan(first.timeProcessedMjdTai);
    expect(await count('DiaObjectLast', `"diaObjectId" = ${object}`)).toBe(1);
    const reread = await loadSnapshot(database.dataSource, region);
    expect(reread.diaForcedSources.rowCount).toBe(1);
    expect(reread.diaSources.rowCount).toBe(3);
    expect(await catalog.diaSourcesOf(object!)).toHaveLength(2);
    // an alert of the first commit shows the history it knew
    expect(await catalog.diaSourcesOf(object!, first.commitId)).toHaveLength(1);
    expect((await catalog.diaObjectAsOf(object!, first.commitId))!.nDiaSources).toBe(1);
    const both = [object!, other!];
    const then = await catalog.diaSourcesOfMany(both, first.commitId);
    expect(both.map((id) => then.get(id)!.length)).toEqual([1, 1]);
    expect((await catalog.diaObjectsAsOf(both, first.commitId)).get(object!)!.nDiaSources).toBe(1);
    expect((await catalog.diaObjectsAsOf(both, second.commitId)).get(object!)!.nDiaSources).toBe(2);
    expect((await catalog.diaForcedSourcesOfMany(both)).get(other!)).toHaveLength(1);
    expect((await catalog.diaForcedSourcesOfMany(both, first.commitId)).get(other!)).toHaveLength(0);
  });

  it('a stale snapshot is refused, or planned anew', async () => {
    const region = circle(30, 0);
    const stale = await loadSnapshot(database.dataSource, region);
    await commitAt(30, 0, 300n, 60000, 1);
    const plan = planOf(stale, 301n, 1, spots(30, 0, 1), 60001);
    await expect(commitVisit(database.dataSource, plan)).rejects.toMatchObject({ code: 'SNAPSHOT_STALE' });
    expect(await count('visit_commit', 'visit = 301')).toBe(0);
    const result = await commitVisit(database.dataSource, plan, {
      replan: async () => {
        const snapshot = await loadSnapshot(database.dataSource, region);
        const object = snapshot.diaObjects.data('diaObjectId', 'long')[0]!;
        return planOf(snapshot, 301n, 1, [{ ra: 30, dec: 0, object }], 60001);
      },
    });
    expect(result).toMatchObject({ plans: 2, newObjects: 0, updatedObjects: 1 });
  });

  it('neighbouring detectors at once make one object of the source they share, at RA 0 and the pole', async () => {
    for (const [ra, dec, visit] of [
      [0, 0, 400n],
      [123, 90, 500n],
    ] as const) {
      const detectors = [1, 2, 3, 4, 5];
      const region = circle(ra, dec);
      const replanFor = (detector: number) => async () => {
        const snapshot = await loadSnapshot(database.dataSource, region);
        const known = snapshot.diaObjects.data('diaObjectId', 'long')[0];
        return planOf(snapshot, visit, detector, [{ ra, dec, ...(known !== undefined && { object: known }) }]);
      };
      const plans = await Promise.all(detectors.map((detector) => replanFor(detector)()));
      const results = await Promise.all(
        detectors.map((detector, i) => commitVisit(database.dataSource, plans[i]!, { replan: replanFor(detector) })),
      );
      expect(results.map((result) => result.newObjects).reduce((a, b) => a + b)).toBe(1);
      const near = await catalog.coneSearch(DiaObjectLast, circle(ra, dec, 0.001));
      expect(near.map((row) => row.nDiaSources)).toEqual([5]);
      expect(await count('DiaSource', `visit = ${visit}`)).toBe(5);
      expect(await count('Visit', `visit = ${visit}`)).toBe(1);
    }
  });

  it('a commit that dies half-way leaves nothing, and its retry succeeds', async () => {
    const snapshot = await loadSnapshot(database.dataSource, circle(50, 20));
    const plan = planOf(snapshot, 600n, 1, spots(50, 20, 2));
    const death = new Error('the process died here');
    await expect(commitVisit(database.dataSource, plan, { beforeCommit: () => Promise.reject(death) })).rejects.toThrow(
      death,
    );
    for (const table of ['DiaSource', 'visit_commit', 'alert_outbox', 'Visit'])
      expect(await count(table, 'visit = 600')).toBe(0);
    expect((await loadSnapshot(database.dataSource, circle(50, 20))).cells).toEqual(snapshot.cells);
    expect((await commitVisit(database.dataSource, plan)).status).toBe('committed');
  });

  it('a connection that is lost in the transaction leaves nothing', async () => {
    const snapshot = await loadSnapshot(database.dataSource, circle(60, 20));
    const plan = planOf(snapshot, 610n, 1, spots(60, 20, 2));
    // a client of its own, cut off with everything written and nothing committed
    const dying = await createDataSource(database.config).initialize();
    const runner = dying.createQueryRunner();
    const connection = (await runner.connect()) as EventEmitter & { connection: { stream: { destroy(): void } } };
    const ended = new Promise((resolve) => connection.once('end', resolve));
    connection.on('error', () => undefined);
    await runner.startTransaction();
    await insertTable(runner, DiaSource, plan.diaSources, { commitId: 0n, timeProcessedMjdTai: 0 });
    connection.connection.stream.destroy();
    await ended;
    expect(await count('DiaSource', 'visit = 610')).toBe(0);
    expect((await commitVisit(database.dataSource, plan)).status).toBe('committed');
  });

  it('takes visits out of order and marks the late one', async () => {
    const region = circle(70, -30);
    await commitAt(70, -30, 701n, 60010, 1);
    const snapshot = await loadSnapshot(database.dataSource, region);
    const object = snapshot.diaObjects.data('diaObjectId', 'long')[0]!;
    const late = await commitVisit(
      database.dataSource,
      planOf(snapshot, 700n, 1, [{ ra: 70, dec: -30, object }], 60000),
    );
    expect(late.late).toBe(true);
    expect((await catalog.diaSourcesOf(object)).map((row) => row.midpointMjdTai)).toEqual([60000, 60010]);
    expect((await catalog.diaObject(object))!.lastDiaSourceMjdTai).toBe(60010);
  });

  it('refuses a plan that contradicts itself', async () => {
    const snapshot = await loadSnapshot(database.dataSource, circle(80, 0));
    const plan = planOf(snapshot, 800n, 1, spots(80, 0, 1));
    await expect(commitVisit(database.dataSource, { ...plan, detector: 2 })).rejects.toMatchObject({
      code: 'BAD_PLAN',
    });
    await expect(commitVisit(database.dataSource, { ...plan, alerts: [{ diaSourceId: 1n }] })).rejects.toMatchObject({
      code: 'BAD_PLAN',
    });
    const far = planOf(snapshot, 800n, 1, spots(81, 0, 1));
    await expect(commitVisit(database.dataSource, far)).rejects.toMatchObject({ code: 'UNKNOWN_CELL' });
    expect(await count('visit_commit', 'visit = 800')).toBe(0);
  });

  it('commits a detector without detections', async () => {
    const snapshot = await loadSnapshot(database.dataSource, circle(85, 0));
    expect(await commitVisit(database.dataSource, planOf(snapshot, 850n, 1, []))).toMatchObject({
      status: 'committed',
      newObjects: 0,
    });
    expect((await catalog.visit(850n))!.band).toBe('r');
    // nor does it need columns that hold nothing, or cells when it touches none
    const bare = {
      ...planOf(snapshot, 851n, 1, []),
      cells: [],
      diaSources: tableOf(DiaSource, [], ['diaSourceId']),
      diaObjects: tableOf(DiaObject, [], []),
    };
    expect((await commitVisit(database.dataSource, bare)).status).toBe('committed');
  });
});

describe('the outbox', () => {
  it('hands each alert to one taker, again when it was not published in time, never after', async () => {
    const pending = await outbox.pendingCount();
    const [a, b] = await Promise.all([outbox.claim(2), outbox.claim(1000)]);
    const sequences = [...a, ...b].map(({ sequence }) => sequence);
    expect(new Set(sequences).size).toBe(pending);
    expect(await outbox.claim(1000)).toEqual([]);
    await outbox.markPublished(sequences.slice(1));
    await outbox.release(sequences.slice(0, 2));
    const again = await outbox.claim(1000);
    expect(again.map(({ sequence }) => sequence)).toEqual(sequences.slice(0, 1));
    expect(again[0]).toMatchObject({ attempts: 2, payload: { cutout: `c${again[0]!.diaSourceId}` } });
    expect((await outbox.find(again[0]!.diaSourceId))!.publishedAt).toBeNull();
    expect((await outbox.ofVisit(100n)).length).toBe(3);
  });
});

describe('pages', () => {
  it('give every row once, whatever the size of a page, and refuse a made-up cursor', async () => {
    const all = (await catalog.diaSources({ first: 1000 })).rows.map((row) => row.diaSourceId);
    const seen: bigint[] = [];
    let after: string | undefined;
    do {
      const page = await catalog.diaSources({ first: 4, ...(after && { after }) });
      seen.push(...page.rows.map((row) => row.diaSourceId));
      after = page.next;
    } while (after);
    expect(seen).toEqual(all);
    await expect(catalog.diaSources({ after: 'nonsense' })).rejects.toMatchObject({ code: 'BAD_CURSOR' });
  });

  it('can be limited to a region and a time', async () => {
    expect((await catalog.diaSources({}, circle(20, -60))).rows).toHaveLength(3);
    expect((await catalog.diaSources({}, circle(20, -60), { fromMjdTai: 60000.5 })).rows).toHaveLength(1);
    expect((await catalog.diaObjects({}, circle(20, -60), 2)).rows).toHaveLength(1);
    expect((await catalog.visits({}, { fromMjdTai: 60010 })).rows.map((row) => row.visit)).toEqual([701n]);
  });
});

describe('orbits', () => {
  it('are taken in, completed, replaced by designation, each with a Solar System object', async () => {
    const ids = await importOrbits(database.dataSource, [
      { designation: 'K08K42V', a: 40, e: 0.5, i: 103, node: 260, argperi: 130, mean_anomaly: 330, epoch_mjd: 54636 },
      { designation: 'C/2014 UN271', q: 10.9, e: 1.001, i: 95, node: 190, argperi: 326, epoch_mjd: 59000 },
    ]);
    await importOrbits(database.dataSource, [
      { designation: 'K08K42V', a: 41, e: 0.5, i: 103, node: 260, argperi: 130, epoch_mjd: 54636 },
    ]);
    expect((await catalog.orbit('K08K42V'))!).toMatchObject({ a: 41, q: 20.5 });
    expect((await catalog.orbit('C/2014 UN271'))!.a).toBeNull();
    expect(await catalog.orbits()).toHaveLength(2);
    expect((await catalog.ssObject(ids.get('K08K42V')!))!).toMatchObject({ designation: 'K08K42V', nObs: 0 });
    expect((await catalog.ssObjects()).rows).toHaveLength(2);
  });
});
