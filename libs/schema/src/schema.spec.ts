import { describe, expect, it } from '@jest/globals';
import {
  columnOf,
  createIndexSql,
  createTableSql,
  diaObjectIdOf,
  DiaObject,
  DiaSource,
  entityOf,
  makeDiaSourceId,
  ObjectTable,
  PUBLIC_TABLES,
  publishedColumns,
  SchemaError,
  splitDiaSourceId,
  ssObjectIdOf,
  SSObject,
  SSSource,
  tableOf,
} from './index.js';

describe('table descriptions', () => {
  it('have the column counts of the published schemas', () => {
    // APDB 10.0.0: DiaSource 103, DiaObject 83, SSObject 80, SSSource 39 columns
    expect([DiaSource, DiaObject, SSObject, SSSource].map((table) => publishedColumns(table).length)).toEqual([
      103, 83, 80, 39,
    ]);
  });

  it.each(PUBLIC_TABLES.map((table) => [table.name, table] as const))('%s is complete and unambiguous', (_, table) => {
    const names = table.columns.map((column) => column.name);
    expect(new Set(names).size).toBe(names.length);
    for (const column of table.columns) expect(column.description).toMatch(/^[A-Zxyz].{8,}\.$/);
    for (const name of [...table.primaryKey, ...table.indexes.flatMap((index) => index.columns)])
      expect(names).toContain(name);
    for (const name of table.primaryKey) expect(columnOf(table, name).nullable).toBe(false);
  });

  it('say cos dec where the error of a right ascension is meant on the sky', () => {
    expect(columnOf(DiaSource, 'raErr').description).toContain('cos dec');
    expect(columnOf(DiaSource, 'decErr').description).not.toContain('cos dec');
  });

  it('name the column that does not exist', () => {
    expect(() => columnOf(DiaSource, 'decl')).toThrow('table DiaSource has no column decl');
  });
});

describe('what is built from a description', () => {
  it('is a table in memory without points, with 64-bit identifiers exact', () => {
    const table = tableOf(DiaSource, [{ diaSourceId: 2n ** 62n + 1n, ra: 359.9, dec: -60 }]);
    expect(table.value('diaSourceId', 0)).toBe(4611686018427387905n);
    expect(table.value('psfFlux', 0)).toBeNull();
    expect(table.has('geog')).toBe(false);
    expect(table.column('psfFlux').unit).toBe('nJy');
  });

  it('is SQL with quoted names, named constraints and a generated point', () => {
    const sql = createTableSql(DiaSource);
    expect(sql).toContain('CREATE TABLE "DiaSource"');
    expect(sql).toContain('"diaObjectId" bigint,');
    expect(sql).toContain('"psfFlux" real,');
    expect(sql).toContain('CONSTRAINT "pk_DiaSource" PRIMARY KEY ("diaSourceId")');
    expect(sql).toContain('CHECK ("dec" BETWEEN -90 AND 90)');
    expect(sql).toMatch(/"geog" geography\(Point,4326\) GENERATED ALWAYS AS/);
    expect(createIndexSql(DiaSource)).toHaveLength(5);
  });

  it('is an entity whose generated point is never written', () => {
    const entity = entityOf(ObjectTable);
    expect(entity.columns['objectId']).toMatchObject({ type: 'bigint', primary: true });
    expect(entity.columns['geog']).toMatchObject({ insert: false, update: false });
  });
});

describe('identifiers', () => {
  it('pack and unpack visit, detector and number at their limits', () => {
    for (const [visit, detector, n] of [
      [0n, 0, 0],
      [2n ** 41n - 1n, 255, 16383],
      [2026112000123n, 94, 77],
    ] as const)
      expect(splitDiaSourceId(makeDiaSourceId(visit, detector, n))).toEqual({ visit, detector, n });
    // largest: 63 bits all set
    expect(makeDiaSourceId(2n ** 41n - 1n, 255, 16383)).toBe(2n ** 63n - 1n);
    expect(makeDiaSourceId(1n, 1, 1)).toBe(4194304n + 16384n + 1n);
  });

  it('refuse what does not fit', () => {
    for (const [visit, detector, n] of [
      [2n ** 41n, 0, 0],
      [-1n, 0, 0],
      [0n, 256, 0],
      [0n, 0, 16384],
      [0n, 1.5, 0],
    ] as const)
      expect(() => makeDiaSourceId(visit, detector, n)).toThrow(SchemaError);
  });

  it('name an object after its first detection', () => expect(diaObjectIdOf(42n)).toBe(42n));

  it('spell a packed designation as ASCII and hash a longer one', () => {
    // 'K08K42V' is 4B 30 38 4B 34 32 56
    expect(ssObjectIdOf('K08K42V')).toBe(0x4b30384b343256n);
    const long = ssObjectIdOf('C/2014 UN271');
    expect(long).toBeGreaterThan(0n);
    expect(long).toBeLessThan(2n ** 63n);
    expect(long & 0xffn).toBe(0n);
    expect(() => ssObjectIdOf('')).toThrow(SchemaError);
  });
});
