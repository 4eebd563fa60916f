// The two back-ends held equal: random filters over random alerts, in memory and as SQL on a real database.

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openTestDatabase, type TestDatabase } from '../../../test/support/medium.js';
import { type BatchColumn, checkFilter, columnKey, compileFilter, FilterColumns, filterToSql } from './index.js';

const ROWS = 240;
const FILTERS = 600;
const columns = new FilterColumns([
  { table: 'diaSource', name: 'diaSourceId', type: 'long' },
  { table: 'diaSource', name: 'snr', type: 'number' },
  { table: 'diaSource', name: 'psfFlux', type: 'number' },
  { table: 'diaSource', name: 'psfFluxErr', type: 'number' },
  { table: 'diaSource', name: 'ra', type: 'number' },
  { table: 'diaSource', name: 'dec', type: 'number' },
  { table: 'diaSource', name: 'band', type: 'string' },
  { table: 'diaSource', name: 'isDipole', type: 'boolean' },
  { table: 'diaObject', name: 'nDiaSources', type: 'number' },
]);
const NUMBERS = ['snr', 'psfFlux', 'psfFluxErr', 'ra', 'dec', 'nDiaSources'];
const SQL_TYPE = { number: 'float8', long: 'bigint', boolean: 'boolean', string: 'text' } as const;

/** mulberry32 */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
const random = generator(20261129);
const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;

type Value = number | bigint | string | boolean | null;
const alerts: Record<string, Value>[] = Array.from({ length: ROWS }, (_, row) => {
  const number = (scale: number): number | null =>
    random() < 0.12
      ? null
      : random() < 0.06
        ? one([0, NaN, 1e-160, -1e149, 1e200, Infinity])
        : (random() - 0.3) * scale;
  return {
    diaSourceId: 9007199254740000n + BigInt(row),
    snr: number(40),
    psfFlux: number(5000),
    psfFluxErr: number(200),
    ra: random() < 0.5 ? random() * 0.01 : 360 - random() * 0.01,
    dec: one([-60, 90, -90, 0]) + (random() - 0.5) * 0.001,
    band: one(['g', 'r', 'i', 'ÿ', '\u{1f31f}', null]),
    isDipole: one([true, false, null]),
    nDiaSources: random() < 0.1 ? null : Math.floor(random() * 12),
  };
});

const leaf = (): string =>
  random() < 0.65 ? one(NUMBERS) : one(['0', '1', '2.5', '-3', '1e-9', '700', '1e120', String(random() * 50)]);

/** The same to the last bit whoever computes it. */
function exact(depth: number): string {
  if (depth === 0 || random() < 0.35) return leaf();
  const inner = (): string => exact(depth - 1);
  const kind = random();
  if (kind < 0.55) return `(${inner()} ${one(['+', '-', '*', '/', '%'])} ${inner()})`;
  if (kind < 0.65) return `(- ${inner()})`;
  if (kind < 0.8) return `${one(['abs', 'sqrt', 'floor', 'ceil', 'round'])}(${inner()})`;
  return `${one(['least', 'greatest', 'coalesce'])}(${inner()}, ${inner()}, ${inner()})`;
}

/** without the sign of a zero */
const plusZero = (value: unknown): unknown => (typeof value === 'number' ? value + 0 : value);

/** Mathematical libraries differ in the last bits of these: nothing that jumps there is made of them. */
function numeric(depth: number): string {
  if (depth === 0 || random() < 0.4) return exact(depth);
  const inner = (): string => numeric(depth - 1);
  const kind = random();
  if (kind < 0.3) return `(${inner()} ${one(['+', '-', '*', '/'])} ${inner()})`;
  if (kind < 0.65) return `${one(['exp', 'ln', 'log10', 'sin', 'cos', 'mag'])}(${inner()})`;
  if (kind < 0.85) return `${one(['power', 'magErr'])}(${exact(depth - 1)}, ${exact(depth - 1)})`;
  return `separation(ra, dec, ${exact(depth - 1)}, ${one(['-60', '90', 'dec'])})`;
}

function condition(depth: number): string {
  const inner = (): string => condition(depth - 1);
  if (depth > 0 && random() < 0.55) {
    const kind = random();
    if (kind < 0.45) return `(${inner()} AND ${inner()})`;
    if (kind < 0.85) return `(${inner()} OR ${inner()})`;
    return `NOT (${inner()})`;
  }
  const kind = random();
  const not = one(['', '', 'NOT ']);
  if (kind < 0.25) return `${numeric(2)} ${one(['<', '<=', '>', '>='])} ${exact(2)}`;
  if (kind < 0.45) return `${exact(2)} ${one(['<', '<=', '>', '>=', '=', '<>'])} ${exact(2)}`;
  if (kind < 0.55) return `${one(NUMBERS)} ${not}BETWEEN ${numeric(1)} AND ${exact(1)}`;
  if (kind < 0.65) return `nDiaSources ${not}IN (1, 2, ${one(['NULL', '3', 'snr'])})`;
  if (kind < 0.75) return `${one([numeric(2), 'band', 'isDipole', 'diaSourceId'])} IS ${not}NULL`;
  if (kind < 0.85) return `band ${one(['=', '<>', '<', '>='])} ${one(["'g'", "'r'", "'ÿ'", 'band', "'it''s'"])}`;
  if (kind < 0.92) return one(['isDipole', 'isDipole = TRUE', 'NOT isDipole', 'isDipole <> FALSE']);
  return `diaSourceId ${one(['<', '>=', '=', '<>'])} ${9007199254740000n + BigInt(Math.floor(random() * ROWS))}`;
}

describe('a filter in memory and the same filter as SQL', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await openTestDatabase();
    const names = columns.columns.map(({ name, type }) => `"${name}" ${SQL_TYPE[type]}`);
    await database.dataSource.query(`CREATE TABLE filter_rows (row integer PRIMARY KEY, ${names.join(', ')})`);
    for (const [row, alert] of alerts.entries()) {
      const values = columns.columns.map(({ name }) => alert[name]).map((v) => (typeof v === 'bigint' ? String(v) : v));
      await database.dataSource.query(
        `INSERT INTO filter_rows VALUES (${row}, ${values.map((_, k) => `$${k + 1}`).join(', ')})`,
        values,
      );
    }
  });
  afterAll(async () => database.close());

  const batch = {
    rowCount: ROWS,
    columns: new Map(
      columns.columns.map((column): [string, BatchColumn] => {
        const values = alerts.map((alert) => alert[column.name]!);
        if (column.type === 'number')
          return [columnKey(column), Float64Array.from(values, (v) => (v === null ? NaN : Number(v)))];
        if (column.type === 'boolean')
          return [columnKey(column), Uint8Array.from(values, (v) => (v === null ? 255 : v ? 1 : 0))];
        return [columnKey(column), values as (string | bigint | null)[]];
      }),
    ),
  };

  it(`agree on ${FILTERS} random filters: the rows, their order, the limit, the values`, async () => {
    let matched = 0;
    for (let k = 0; k < FILTERS; k++) {
      const order = random() < 0.5 ? ` ORDER BY ${one(NUMBERS)}${one(['', ' DESC'])}, ${one(NUMBERS)}` : '';
      const limit = random() < 0.3 ? ` LIMIT ${1 + Math.floor(random() * 20)} PER VISIT` : '';
      const text = `SELECT diaSourceId, ${exact(2)} AS a, ${condition(1)} AS b WHERE ${condition(3)}${order}${limit}`;
      const inMemory = compileFilter(text, columns).evaluate(batch);
      const sql = filterToSql(checkFilter(text, columns), { column: ({ name }) => `"${name}"` });
      const rows: Record<string, unknown>[] = await database.dataSource.query(
        `SELECT row, ${sql.select.map(({ name, sql: value }) => `${value} AS "${name}"`).join(', ')} FROM filter_rows
         WHERE ${sql.where} ORDER BY ${[...sql.orderBy, 'row'].join(', ')} LIMIT ${sql.limitPerVisit ?? 'ALL'}`,
        [...sql.parameters],
      );
      const told = { text, rows: rows.map(({ row }) => Number(row)) };
      expect(told).toEqual({ text, rows: inMemory.map(({ row }) => row) });
      for (const [at, { values }] of inMemory.entries()) {
        const other = rows[at]!;
        expect(String(other['diaSourceId'])).toBe(values['diaSourceId']);
        expect({ text, b: other['b'] }).toEqual({ text, b: values['b'] });
        // a column may hold infinity, which JSON cannot say
        const theirs = other['a'] as number | null;
        expect({ text, a: Number.isFinite(theirs) ? theirs! + 0 : null }).toEqual({ text, a: plusZero(values['a']) });
      }
      matched += inMemory.length;
    }
    // the filters are no formality: about a third of all rows match
    expect(matched / (FILTERS * ROWS)).toBeGreaterThan(0.1);
    expect(matched / (FILTERS * ROWS)).toBeLessThan(0.6);
  });

  it.each([
    'exp(snr)',
    'ln(abs(psfFlux))',
    'log10(snr)',
    'sin(ra)',
    'cos(dec)',
    'power(snr, 2.5)',
    'power(psfFlux, nDiaSources)',
    'mag(psfFlux)',
    'magErr(psfFlux, psfFluxErr)',
    'separation(ra, dec, 0.002, -60)',
    'separation(ra, dec, 180, 90)',
  ])('agree on %s to a billionth', async (expression) => {
    const text = `SELECT ${expression} AS value WHERE diaSourceId > 0`;
    const sql = filterToSql(checkFilter(text, columns), { column: ({ name }) => `"${name}"` });
    const rows: { value: number | null }[] = await database.dataSource.query(
      `SELECT ${sql.select[0]!.sql} AS value FROM filter_rows WHERE ${sql.where} ORDER BY row`,
      [...sql.parameters],
    );
    const inMemory = compileFilter(text, columns).evaluate(batch);
    expect(inMemory).toHaveLength(rows.length);
    expect(inMemory.filter(({ values }) => values['value'] !== null).length).toBeGreaterThan(ROWS / 4);
    for (const [at, { values }] of inMemory.entries()) {
      const [ours, theirs] = [values['value'] as number | null, rows[at]!.value];
      if (ours === null || theirs === null) expect({ at, ours }).toEqual({ at, ours: theirs });
      else expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(1e-9 * Math.max(Math.abs(ours), 1e-3));
    }
  });
});
