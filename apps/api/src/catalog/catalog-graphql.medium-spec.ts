// The catalog in GraphQL: statements counted, pages under inserts, filters and regions beside plain SQL, versions by time.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { DataSource } from 'typeorm';
import { synthesizeCatalog } from '#libs/catalog';
import { Moc } from '#libs/sky';
import { openTestDatabase, type TestDatabase } from '../../../../test/support/medium.js';
import { send } from '../../../../test/support/http.js';
import { createApi } from '../bootstrap.js';

let database: TestDatabase;
let app: NestFastifyApplication;
let statements: string[] = [];

type Found = Record<string, any>; // oxlint-disable-line typescript/no-explicit-any -- answers are looked into by name
async function post(payload: object): Promise<{ data: Found; errors?: { message: string; extensions: Found }[] }> {
  return JSON.parse((await send(app, { method: 'POST', url: '/graphql', payload })).body) as { data: Found };
}
async function data(query: string, variables: object = {}): Promise<Found> {
  const answer = await post({ query, variables });
  expect(answer.errors).toBeUndefined();
  return answer.data;
}
const ids = (sql: string, parameters: unknown[] = []): Promise<string[]> =>
  database.dataSource.query<{ id: bigint }[]>(sql, parameters).then((rows) => rows.map(({ id }) => id.toString()));

beforeAll(async () => {
  database = await openTestDatabase();
  await synthesizeCatalog(database.config, { rows: 3000, seed: 2 });
  app = await createApi(database.config, { logger: false });
  await app.listen(0, '127.0.0.1');
  const pool = (app.get(DataSource).driver as unknown as { master: Pool }).master;
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown;
  pool.query = ((...args: unknown[]) => {
    statements.push(String((args[0] as { text?: string }).text ?? args[0]));
    return query(...args);
  }) as typeof pool.query;
});
afterAll(async () => {
  await app?.close();
  await database?.close();
});

it('reads relations of a page with one statement each, whatever its size, and only the columns asked for', async () => {
  const query =
    'query ($n: Int!) { diaObjects(first: $n) { nodes { ra lightCurve { psfFlux ssSource { designation } } forcedSources { psfFlux } history { nDiaSources } } } }';
  for (const n of [1, 10, 30]) {
    statements = [];
    const { diaObjects } = await data(query, { n });
    expect(diaObjects.nodes).toHaveLength(n);
    const ours = statements.filter((text) => /FROM "(Dia|SS)/.test(text));
    expect(ours).toHaveLength(5);
    expect(ours.join()).not.toContain('"decErr"');
  }
});

it('pages neither repeat nor miss a row that was there when others come and go, in any order', async () => {
  const query =
    'query ($after: String) { objects(first: 40, after: $after, orderBy: [{ column: g_psfFlux, direction: DESC }]) { nodes { objectId g_psfFlux } pageInfo { endCursor hasNextPage } } }';
  const before = await ids(
    'SELECT "objectId" AS id FROM "Object" ORDER BY g_psfflux DESC NULLS LAST, "objectId"'.replace(
      'g_psfflux',
      '"g_psfFlux"',
    ),
  );
  const seen: string[] = [];
  let after: string | null = null;
  for (let n = 1n; ; n++) {
    const { objects } = await data(query, { after });
    seen.push(...objects.nodes.map(({ objectId }: { objectId: string }) => objectId));
    if (!objects.pageInfo.hasNextPage) break;
    after = objects.pageInfo.endCursor as string;
    // ahead of and behind the cursor, and one without a value
    for (const [i, flux] of ['1e9', '-1e9', 'NULL'].entries())
      await database.dataSource.query(`INSERT INTO "Object" ("objectId", "g_psfFlux") VALUES ($1, ${flux})`, [
        String(n * 10n + BigInt(i)),
      ]);
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.filter((id) => before.includes(id))).toEqual(before);
  await database.dataSource.query('DELETE FROM "Object" WHERE "objectId" < 1000');
  const other = await post({
    query: 'query ($after: String) { objects(after: $after) { nodes { objectId } } }',
    variables: { after },
  });
  expect(other.errors![0]!.extensions['code']).toBe('BAD_CURSOR');
});

describe('selections equal plain SQL', () => {
  const CASES: readonly [string, string][] = [
    ['where: { psfFlux: { gt: 100 }, band: { in: ["r", "i"] } }', `"psfFlux" > 100 AND band IN ('r', 'i')`],
    ['where: { or: [{ snr: { lt: 6 } }, { ssObjectId: { isNull: false } }] }', `snr < 6 OR "ssObjectId" IS NOT NULL`],
    [
      'where: { not: { diaObjectId: { isNull: true } }, isNegative: { eq: true } }',
      `"diaObjectId" IS NOT NULL AND "isNegative"`,
    ],
    [
      'where: { midpointMjdTai: { between: [61000, 61300] }, detector: { notIn: [0, 8] } }',
      `"midpointMjdTai" BETWEEN 61000 AND 61300 AND detector NOT IN (0, 8)`,
    ],
    [
      'where: { band: { startsWith: "r" }, snr: { ne: 5, gte: 5, lte: 1000 } }',
      `band LIKE 'r%' AND snr <> 5 AND snr BETWEEN 5 AND 1000`,
    ],
  ];
  it.each(CASES)('diaSources(%s)', async (argument, condition) => {
    const { diaSources } = await data(`{ diaSources(first: 1000, ${argument}) { nodes { diaSourceId } } }`);
    const found = diaSources.nodes.map(({ diaSourceId }: { diaSourceId: string }) => diaSourceId);
    expect(found.length).toBeGreaterThan(0);
    expect(found).toEqual(await ids(`SELECT "diaSourceId" AS id FROM "DiaSource" WHERE ${condition} ORDER BY 1`));
  });

  it.each([
    ['RA 0', 0, 0],
    ['declination -60', 0, -60],
    ['the north pole', 0, 90],
    ['the south pole', 0, -90],
  ])('cone, polygon and MOC at %s', async (_, raDeg, decDeg) => {
    const query =
      'query ($region: SkyRegion!) { objects(first: 1000, region: $region) { nodes { objectId coord_ra coord_dec } } }';
    const found = async (region: object): Promise<string[]> =>
      (await data(query, { region })).objects.nodes.map(({ objectId }: { objectId: string }) => objectId);
    // distance by the haversine, in the database but without PostGIS
    const away = `2 * asin(sqrt(power(sin(radians("coord_dec" - $2) / 2), 2) + cos(radians($2)) * cos(radians("coord_dec")) * power(sin(radians("coord_ra" - $1) / 2), 2)))`;
    const expected = await ids(
      `SELECT "objectId" AS id FROM "Object" WHERE ${away} <= radians($3::float8) ORDER BY 1`,
      [raDeg, decDeg, 1],
    );
    expect(expected.length).toBeGreaterThan(3);
    expect(await found({ ra: raDeg, dec: decDeg, radius: 1 })).toEqual(expected);
    const moc = Moc.fromCone(9, raDeg, decDeg, 1);
    const inMoc = await found({ moc: moc.toAscii() });
    expect(inMoc).toEqual(expect.arrayContaining(expected));
    // a polygon of 32 corners lies inside the circle by 1 - cos(pi / 32) = 0.5 % of its radius
    const corners = Array.from({ length: 32 }, (_unused, i) => {
      const [x, y] = [Math.cos((i * Math.PI) / 16), Math.sin((i * Math.PI) / 16)];
      const [r, d] = [Math.PI / 180, (decDeg * Math.PI) / 180];
      const dec = Math.asin(Math.sin(d) * Math.cos(r) + Math.cos(d) * Math.sin(r) * y);
      const ra =
        (raDeg * Math.PI) / 180 +
        Math.atan2(x * Math.sin(r), Math.cos(d) * Math.cos(r) - Math.sin(d) * Math.sin(r) * y);
      return { ra: ((ra * 180) / Math.PI + 360) % 360, dec: (dec * 180) / Math.PI };
    });
    const inPolygon = await found({ polygon: corners });
    expect(expected).toEqual(expect.arrayContaining(inPolygon));
    expect(inPolygon).toEqual(
      expect.arrayContaining(
        await ids(`SELECT "objectId" AS id FROM "Object" WHERE ${away} <= radians($3::float8) ORDER BY 1`, [
          raDeg,
          decDeg,
          0.995,
        ]),
      ),
    );
  });
});

it('objects as they were known at a time', async () => {
  const [{ id, until }] = await database.dataSource.query<[{ id: bigint; until: number }]>(
    'SELECT "diaObjectId" AS id, "validityEndMjdTai" AS until FROM "DiaObject" WHERE "validityEndMjdTai" IS NOT NULL ORDER BY 1, 2 LIMIT 1',
  );
  const query =
    'query ($id: [ID!], $t: Float) { diaObjects(ids: $id, asOf: $t) { nodes { nDiaSources validityStartMjdTai } } }';
  const at = async (t: number | null): Promise<Found[]> =>
    (await data(query, { id: [id.toString()], t })).diaObjects.nodes as Found[];
  expect((await at(until - 1e-3))[0]!['nDiaSources']).toBe(1);
  expect((await at(until))[0]!['validityStartMjdTai']).toBe(until);
  expect(await at(50_000)).toEqual([]);
  expect((await at(null))[0]!['nDiaSources']).toBeGreaterThan(1);
});

it('a light curve as columns holds what its rows hold', async () => {
  const { diaObjects } = await data(
    '{ diaObjects(first: 5) { nodes { lightCurve { midpointMjdTai psfFlux band } forcedSources { midpointMjdTai } columns: lightCurveColumns(forced: true) { length midpointMjdTai psfFlux detected } r: lightCurveColumns(bands: ["r"]) { band } } } }',
  );
  for (const { lightCurve, forcedSources, columns, r } of diaObjects.nodes) {
    expect(columns.length).toBe(lightCurve.length + forcedSources.length);
    expect(columns.midpointMjdTai).toEqual([...columns.midpointMjdTai].sort((a: number, b: number) => a - b));
    expect(columns.psfFlux.filter((_: number, i: number) => columns.detected[i])).toEqual(
      lightCurve.map((row: Found) => row['psfFlux'] as number),
    );
    expect(r.band).toEqual(lightCurve.filter((row: Found) => row['band'] === 'r').map(() => 'r'));
  }
});

it('a query may be named by its hash once its text was seen', async () => {
  const query = '{ objects(first: 1) { nodes { __typename } } }';
  const extensions = { persistedQuery: { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') } };
  expect((await post({ extensions })).errors![0]!.extensions['code']).toBe('PERSISTED_QUERY_NOT_FOUND');
  expect((await post({ query: `${query} `, extensions })).errors![0]!.message).toContain('not that of the query');
  const first = await post({ query, extensions });
  expect(await post({ extensions })).toEqual(first);
});
