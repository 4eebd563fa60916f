import { describe, expect, it } from '@jest/globals';
import { columnOf } from '#libs/schema';
import { angularSeparationDeg } from '#libs/sky';
import { planSyntheticCatalog, skyDensity, SYNTHETIC_TABLES, type SyntheticRow } from './index.js';
import { FIELD_RADIUS_DEG } from './plan.js';

const plan = planSyntheticCatalog(5_000, 7);
const tables = new Map(
  SYNTHETIC_TABLES.map(({ table, columns, rows }) => {
    const all = [...rows(plan)];
    return [
      table.name,
      { table, columns, rows: all, value: (row: SyntheticRow, name: string) => row[columns.indexOf(name)] },
    ];
  }),
);
const of = (name: string) => tables.get(name)!;
const column = (name: string, wanted: string) => of(name).rows.map((row) => of(name).value(row, wanted));

describe('a synthetic catalog', () => {
  it('has about as many rows as were asked for', () => {
    const total = [...tables.values()].reduce((sum, { rows }) => sum + rows.length, 0);
    expect(total).toBeGreaterThan(4_000);
    expect(total).toBeLessThan(10_000);
  });

  it('fills only described columns, every one that may not be empty, and no key twice', () => {
    for (const { table, columns, rows, value } of tables.values()) {
      for (const name of columns) columnOf(table, name);
      for (const { name, nullable, extra } of table.columns)
        if (!nullable && !(extra && name === 'hpx29')) {
          expect(columns).toContain(name);
          expect(rows.every((row) => value(row, name) !== null)).toBe(true);
        }
      const keys = rows.map((row) => table.primaryKey.map((name) => String(value(row, name))).join());
      expect(new Set(keys).size).toBe(rows.length);
    }
  });

  it('is the same for the same seed, and shares no identifier with another', () => {
    const again = planSyntheticCatalog(5_000, 7);
    const other = planSyntheticCatalog(5_000, 8);
    for (const { table, columns, rows } of SYNTHETIC_TABLES) {
      expect([...rows(again)]).toEqual(of(table.name).rows);
      const key = columns.indexOf(table.primaryKey[0]!);
      const ours = new Set(of(table.name).rows.map((row) => row[key]));
      for (const row of rows(other)) expect(ours.has(row[key]!)).toBe(false);
    }
  });

  it('reaches both poles, declination -60 and both sides of RA 0, and stays in its ranges', () => {
    const [ra, dec] = [column('Object', 'coord_ra') as number[], column('Object', 'coord_dec') as number[]];
    expect(ra.every((value) => value >= 0 && value < 360) && dec.every((value) => Math.abs(value) <= 90)).toBe(true);
    const near = (raDeg: number, decDeg: number): number =>
      ra.filter((value, i) => angularSeparationDeg(value, dec[i]!, raDeg, decDeg) < FIELD_RADIUS_DEG * 1.001).length;
    for (const [raDeg, decDeg] of [
      [0, 0],
      [0, -60],
      [0, -90],
      [0, 90],
    ] as const)
      expect(near(raDeg, decDeg)).toBeGreaterThan(5);
    expect(ra.some((value) => value > 359) && ra.some((value) => value < 1)).toBe(true);
  });

  it('is denser in the Milky Way than at its poles, by the ratio of its density law', () => {
    // at the galactic centre: 1 + 6 * 1 * 2 = 13 times the pole's 1 + 6 exp(-90 / 12), about 1
    expect(skyDensity(266.4, -29) / skyDensity(192.85948, 27.12825)).toBeCloseTo(13, 0);
  });

  it('hangs together: detections belong to objects, versions follow each other, counts add up', () => {
    const detections = new Map<unknown, number>();
    for (const id of column('DiaSource', 'diaObjectId'))
      if (id !== null) detections.set(id, (detections.get(id) ?? 0) + 1);
    const last = of('DiaObjectLast');
    for (const row of last.rows)
      expect(detections.get(last.value(row, 'diaObjectId'))).toBe(last.value(row, 'nDiaSources'));
    expect(detections.size).toBe(last.rows.length);
    const versions = of('DiaObject');
    let before: SyntheticRow | undefined;
    for (const row of versions.rows) {
      const id = versions.value(row, 'diaObjectId');
      if (before && versions.value(before, 'diaObjectId') === id)
        expect(versions.value(row, 'validityStartMjdTai')).toBe(versions.value(before, 'validityEndMjdTai'));
      else if (before) expect(versions.value(before, 'validityEndMjdTai')).toBeNull();
      before = row;
    }
    const sources = new Set(column('DiaSource', 'diaSourceId'));
    for (const id of column('SSSource', 'diaSourceId')) expect(sources.has(id)).toBe(true);
    const visits = new Set(column('Visit', 'visit'));
    for (const name of ['Source', 'DiaSource', 'DiaForcedSource', 'ForcedSource'])
      for (const visit of column(name, 'visit')) expect(visits.has(visit)).toBe(true);
  });

  it('can be one table alone', () => {
    const only = planSyntheticCatalog(500, 1, 'Object');
    const counts = new Map(SYNTHETIC_TABLES.map(({ table, rows }) => [table.name, [...rows(only)].length]));
    expect(counts.get('Object')).toBe(500);
    expect(counts.get('DiaSource')).toBe(0);
  });

  it('refuses numbers that make no sense, naming them', () => {
    for (const rows of [0, 1.5, NaN]) expect(() => planSyntheticCatalog(rows, 1)).toThrow(/rows must be/);
    expect(() => planSyntheticCatalog(1000, -1)).toThrow(/a seed is/);
  });
});
