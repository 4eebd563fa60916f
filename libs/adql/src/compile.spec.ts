import { describe, expect, it } from '@jest/globals';
import { foreignText } from '../../../test/adql/audit.js';
import { CATALOG } from '../../../test/adql/tables.js';
import { type AdqlCatalog, type AdqlColumn, AdqlError, compileAdql } from './index.js';

const column = (name: string, datatype: AdqlColumn['datatype'], rest: Partial<AdqlColumn> = {}): AdqlColumn => ({
  name,
  datatype,
  sqlName: name,
  ...rest,
});
const catalog: AdqlCatalog = {
  tables: [
    {
      schema: 'dp',
      name: 'DiaObject',
      sqlName: 'dia_object',
      sqlSchema: 'catalog',
      position: { ra: 'ra', dec: 'dec', geography: 'geog', hpx29: 'hpx29' },
      columns: [
        column('diaObjectId', 'long', { ucd: 'meta.id;meta.main', nullable: false }),
        column('ra', 'double', { unit: 'deg', ucd: 'pos.eq.ra;meta.main', nullable: false }),
        column('dec', 'double', { unit: 'deg', ucd: 'pos.eq.dec;meta.main', nullable: false }),
        column('psfFlux', 'float', { unit: 'nJy', ucd: 'phot.flux', description: 'Flux.' }),
        column('size', 'int'),
      ],
    },
  ],
};
const compile = (text: string) => compileAdql(text, catalog);

describe('the ADQL compiler', () => {
  it('puts literals into parameters and names of its own into the SQL', () => {
    const { sql, parameters } = compile(
      `SELECT TOP 5 psfFlux * 2.5 AS "my; DROP" FROM dp.DiaObject AS evil WHERE ra > 10`,
    );
    expect(sql).toBe(
      'SELECT (t1."psfFlux"::float8 * $1::float8)::float8 AS c1 FROM "catalog"."dia_object" AS t1 WHERE (t1."ra" > $2::float8) LIMIT $3::bigint',
    );
    expect(parameters).toEqual([2.5, 10, 5n]);
  });

  it('describes the result, and carries unit, UCD and description where a column passes through', () => {
    const { columns } = compile('SELECT psfFlux AS f, MAX(ra) AS m, COUNT(*) FROM DiaObject GROUP BY psfFlux');
    expect(columns).toEqual([
      expect.objectContaining({ name: 'f', datatype: 'float', unit: 'nJy', ucd: 'phot.flux', description: 'Flux.' }),
      expect.objectContaining({ name: 'm', datatype: 'double', unit: 'deg', ucd: 'stat.max;pos.eq.ra' }),
      expect.objectContaining({ name: 'count', datatype: 'long' }),
    ]);
  });

  it('asks for one row more than wanted, unless TOP is satisfied with fewer', () => {
    expect(compileAdql('SELECT ra FROM DiaObject', catalog, { maxRows: 100 }).limit).toBe(101);
    expect(compileAdql('SELECT TOP 7 ra FROM DiaObject', catalog, { maxRows: 100 }).limit).toBe(7);
  });

  it('says what is wrong, where, and what may have been meant', () => {
    const attempt = (): unknown => compile('SELECT ra,\n  psfFlx FROM DiaObject');
    expect(attempt).toThrow(AdqlError);
    expect(attempt).toThrow('line 2, column 3: there is no column psfFlx in DiaObject (did you mean psfFlux?)');
  });
});

describe('the audit of compiled SQL', () => {
  const query = compileAdql("SELECT objId, 'a' FROM Obj WHERE name = 'b'", CATALOG);
  it('finds nothing foreign in what the compiler made', () => expect(foreignText(query, CATALOG)).toBeUndefined());
  it.each([
    ["'a'", query.sql.replace('$1::text', "'a'")],
    ['"p_secret"', query.sql.replace('"p_obj"', '"p_secret"')],
    ['pg_sleep', `${query.sql} + pg_sleep(1)`],
    ['; DROP', `${query.sql}; DROP`],
    ['1 of 2 parameters', query.sql.replace('$2::text', 'NULL')],
  ])('finds %s', (found, sql) => expect(foreignText({ ...query, sql }, CATALOG)).toBe(found));
});
