import { describe, expect, it } from '@jest/globals';
import { compileAdql } from '#libs/adql';
import { adqlCatalog, visibleRows } from './adql-catalog.js';
import { coneQuery, coneTables } from './cone-search.js';
import { DaliParameters } from './dali.js';
import { rangePolygon, siaAdql } from './sia.js';
import { outlineOf, sodaRequestOf } from './soda.js';
import { PUBLISHED } from './tableset.js';

const limits = { defaultRows: 100, maximumRows: 1000 };
const catalog = adqlCatalog(PUBLISHED);

describe('cone searches', () => {
  it('are queries of every table with positions, at RA 0 and the poles as anywhere', () => {
    for (const table of coneTables(PUBLISHED).values())
      for (const [RA, DEC] of ['0 0', '360 -60', '12.5 90', '0 -90'].map((place) => place.split(' '))) {
        const { adql, maxRows, asField } = coneQuery(
          table,
          new DaliParameters({ RA, DEC, SR: '0.1', VERB: '3' }),
          limits,
        );
        const columns = compileAdql(adql, catalog, { maxRows }).columns.map((column) =>
          asField({ ...column, datatype: 'char' }),
        );
        for (const ucd of ['meta.id;meta.main', 'pos.eq.ra;meta.main', 'pos.eq.dec;meta.main'])
          expect([table.name, columns.filter((column) => column.ucd === ucd).length]).toEqual([table.name, 1]);
      }
    expect([...coneTables(PUBLISHED).keys()]).toEqual(
      expect.arrayContaining(['diaobjectlast', 'diasource', 'object', 'source']),
    );
  });

  it('ask for metadata alone with a radius of zero, and refuse numbers that are none', () => {
    const table = coneTables(PUBLISHED).get('diaobjectlast')!;
    expect(coneQuery(table, new DaliParameters({ RA: '1', DEC: '1', SR: '0' }), limits).maxRows).toBe(0);
    for (const bad of [
      { RA: 'x' },
      { RA: '361' },
      { DEC: '-91' },
      { SR: '-1' },
      { VERB: '4' },
      { RA: '' },
      { DEC: '0x10' },
    ])
      expect(() => coneQuery(table, new DaliParameters({ RA: '1', DEC: '1', SR: '1', ...bad }), limits)).toThrow(
        /RA|DEC|SR|VERB/,
      );
  });
});

describe('SIA', () => {
  it('makes a query that compiles of every parameter', () => {
    const given = {
      POS: ['CIRCLE 0 -60 0.5', 'CIRCLE 10 10 0', 'RANGE 350 360 -5 5', 'RANGE -Inf +Inf 80 90', 'POLYGON 0 0 1 0 1 1'],
      BAND: ['5e-7', '-Inf 1e-6'],
      TIME: '60000 60001',
      POL: 'I',
      FOV: '0.1 1',
      SPATRES: '0 2',
      SPECRP: '-Inf +Inf',
      EXPTIME: '30',
      TIMERES: '30',
      ID: ["it's"],
      COLLECTION: 'x',
      FACILITY: 'x',
      INSTRUMENT: 'x',
      DPTYPE: 'image',
      CALIB: ['2', '3'],
      TARGET: 'x',
      FORMAT: 'application/fits',
    };
    const { parameters } = compileAdql(siaAdql(new DaliParameters(given)), catalog, { maxRows: 10 });
    expect(parameters).toContain("it's");
    expect(() => siaAdql(new DaliParameters({ CALIB: 'two' }))).toThrow(/CALIB/);
  });

  it('follows a parallel in small steps', () => {
    const vertices = rangePolygon({ low: 0, high: 10 }, { low: 40, high: 41 });
    expect(vertices).toHaveLength(2 * 22);
    // a great circle between points a degree apart at latitude 45 leaves the parallel by (0.5 deg)^2 / 2 sin 45 cos 45 = 4 arcsec
    expect(vertices.slice(0, 4)).toEqual([0, 40, 1, 40]);
  });
});

describe('SODA', () => {
  it('takes several images and shapes, and limits their number', () => {
    const request = sodaRequestOf(
      new DaliParameters({ ID: ['a', 'b'], CIRCLE: '1 2 3', POS: 'RANGE 1 2 3 4', POLYGON: '0 0 1 0 1 1' }),
    );
    expect([request.ids.length, request.shapes.map(({ kind }) => kind), request.format]).toEqual([
      2,
      ['range', 'circle', 'polygon'],
      'fits',
    ]);
    expect(() => sodaRequestOf(new DaliParameters({ CIRCLE: '1 2 3' }))).toThrow(/ID/);
    expect(() => sodaRequestOf(new DaliParameters({ ID: 'a', RESPONSEFORMAT: 'image/gif' }))).toThrow(/image\/gif/);
    expect(() => sodaRequestOf(new DaliParameters({ ID: Array.from({ length: 2000 }, () => 'a') }))).toThrow(
      /at most 1000/,
    );
  });

  it('knows the outline of a circle: every point at its radius, over RA 0 and around a pole', () => {
    for (const [lon, lat] of [
      [0, -60],
      [0, 90],
      [123, -90],
      [200, 10],
    ] as const) {
      const outline = outlineOf({ kind: 'circle', lon, lat, radius: 0.3 });
      for (let i = 0; i < outline.length; i += 2) {
        const [a, d, a0, d0] = [outline[i]!, outline[i + 1]!, lon, lat].map((angle) => (angle * Math.PI) / 180) as [
          number,
          number,
          number,
          number,
        ];
        // haversine, good to 1e-12 deg at this distance
        const h = Math.sin((d - d0) / 2) ** 2 + Math.cos(d) * Math.cos(d0) * Math.sin((a - a0) / 2) ** 2;
        expect((2 * Math.asin(Math.sqrt(h)) * 180) / Math.PI).toBeCloseTo(0.3, 9);
      }
    }
  });
});

describe('rows that a caller may not see', () => {
  it('are cut away below the query, in the tables it reads and no others', () => {
    const tables = PUBLISHED.tables.map((table) =>
      table.name === 'DiaSource' ? { ...table, condition: 't."midpointMjdTai" < 60000' } : table,
    );
    const own = { ...PUBLISHED, tables };
    const read = (adql: string) => compileAdql(adql, adqlCatalog(own), { maxRows: 10 });
    const query = read('SELECT ra FROM almagest.DiaSource');
    expect(query.sql).toContain('"visible_DiaSource"');
    expect(visibleRows(own, query.tables)).toEqual([
      {
        name: 'visible_DiaSource',
        sql: 'SELECT t.* FROM "DiaSource" AS t WHERE t."midpointMjdTai" < 60000',
        materialized: false,
      },
    ]);
    expect(visibleRows(own, read('SELECT ra FROM almagest.Visit').tables)).toEqual([]);
  });
});
