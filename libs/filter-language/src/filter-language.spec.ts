import { describe, expect, it } from '@jest/globals';
import { compileFilter, FilterColumns, FilterError, type FilterBatch, parseFilter } from './index.js';

const columns = new FilterColumns([
  { table: 'diaSource', name: 'diaSourceId', type: 'long' },
  { table: 'diaSource', name: 'snr', type: 'number' },
  { table: 'diaSource', name: 'psfFlux', type: 'number', unit: 'nJy' },
  { table: 'diaSource', name: 'ra', type: 'number', unit: 'deg' },
  { table: 'diaSource', name: 'dec', type: 'number', unit: 'deg' },
  { table: 'diaSource', name: 'band', type: 'string' },
  { table: 'diaSource', name: 'isDipole', type: 'boolean' },
  { table: 'diaObject', name: 'nDiaSources', type: 'number' },
  { table: 'diaObject', name: 'ra', type: 'number', unit: 'deg' },
]);

const batch: FilterBatch = {
  rowCount: 4,
  columns: new Map<string, Float64Array | BigInt64Array | Uint8Array | (string | null)[]>([
    ['diaSource.diaSourceId', BigInt64Array.of(9007199254740993n, 2n, 3n, 4n)],
    ['diaSource.snr', Float64Array.of(12, 6, NaN, 30)],
    ['diaSource.psfFlux', Float64Array.of(3630.780547701, 100, 50, -20)],
    ['diaSource.ra', Float64Array.of(359.9999, 0.0001, 180, 10)],
    ['diaSource.dec', Float64Array.of(-60, -60, 0, 90)],
    ['diaSource.band', ['r', 'g', null, 'r']],
    ['diaSource.isDipole', Uint8Array.of(0, 1, 255, 0)],
    ['diaObject.nDiaSources', Float64Array.of(1, 5, 2, 8)],
    ['diaObject.ra', Float64Array.of(359.9999, 0, 180, NaN)],
  ]),
};
const rows = (text: string): number[] =>
  compileFilter(text, columns)
    .evaluate(batch)
    .map((match) => match.row);
const error = (text: string): FilterError => {
  try {
    compileFilter(text, columns);
  } catch (caught) {
    if (caught instanceof FilterError) return caught;
    throw caught;
  }
  throw new Error(`no error for: ${text}`);
};

describe('the filter language', () => {
  it('selects, orders by a score and keeps the best per visit', () => {
    const filter = compileFilter(
      'SELECT diaSourceId, mag(psfFlux) AS m FROM alerts WHERE snr > 5 AND NOT isDipole ORDER BY snr DESC LIMIT 1 PER VISIT',
      columns,
    );
    expect(filter.evaluate(batch)).toEqual([{ row: 3, values: { diaSourceId: '4', m: null } }]);
    expect(filter.evaluate(batch, { without: new Set([3]) })[0]!.values).toEqual({
      diaSourceId: '9007199254740993',
      m: expect.closeTo(22.5, 9),
    });
    expect(filter.evaluate(batch, { limit: 0 })).toEqual([]);
  });

  it('follows SQL in what NULL makes unknown', () => {
    expect(rows('WHERE snr > 5')).toEqual([0, 1, 3]);
    expect(rows('WHERE NOT snr > 5')).toEqual([]);
    expect(rows('WHERE snr > 5 OR nDiaSources = 2')).toEqual([0, 1, 2, 3]);
    expect(rows('WHERE snr IS NULL')).toEqual([2]);
    expect(rows("WHERE band <> 'g'")).toEqual([0, 3]);
    expect(rows('WHERE NOT isDipole')).toEqual([0, 3]);
    expect(rows('WHERE snr IN (6, NULL)')).toEqual([1]);
    expect(rows('WHERE snr NOT IN (6, NULL)')).toEqual([]);
    expect(rows('WHERE coalesce(snr, 0) < 1')).toEqual([2]);
    expect(rows('WHERE 1 / (nDiaSources - 1) > 0')).toEqual([1, 2, 3]);
  });

  it('binds AND tighter than OR, NOT tighter than AND, * tighter than +', () => {
    expect(rows('WHERE snr = 6 OR snr = 12 AND nDiaSources = 9')).toEqual([1]);
    expect(rows('WHERE NOT snr = 6 AND nDiaSources > 0')).toEqual([0, 3]);
    expect(rows('WHERE 1 + 2 * 3 = 7 AND -2 - -3 = 1 AND (1 + 2) * 3 = 9')).toEqual([0, 1, 2, 3]);
  });

  it('measures angles across RA 0 at dec -60', () => {
    // 0.0002 deg in RA at dec -60 is 0.0001 deg on the sky
    expect(rows('WHERE separation(ra, dec, 0, -60) < 0.00006')).toEqual([0, 1]);
    expect(rows('WHERE separation(ra, dec, 0, -60) < 0.00004')).toEqual([]);
    expect(rows('WHERE separation(ra, dec, 200, 90) < 0.001')).toEqual([3]);
  });

  it('compares 64-bit identifiers exactly', () => {
    expect(rows('WHERE diaSourceId = 9007199254740993')).toEqual([0]);
    expect(rows('WHERE diaSourceId = 9007199254740992')).toEqual([]);
  });

  it('sorts NULL last in both directions and breaks ties by row', () => {
    expect(rows('WHERE ra >= 0 ORDER BY diaObject.ra')).toEqual([1, 2, 0, 3]);
    expect(rows('WHERE ra >= 0 ORDER BY diaObject.ra DESC')).toEqual([0, 2, 1, 3]);
  });

  it('reads names in any case, with or without their table', () => {
    expect(rows('where DIASOURCE.SNR between 6 and 12')).toEqual([0, 1]);
  });

  it.each([
    ['WHERE snrr > 5', 'UNKNOWN_COLUMN', 1, 7, 'snr'],
    ['WHERE diaObject.nDiaSource > 5', 'UNKNOWN_COLUMN', 1, 7, 'diaObject.nDiaSources'],
    ['SELECT snr\nWHRE snr > 5', 'UNEXPECTED_TOKEN', 2, 1, 'WHERE'],
    ['WHERE snr >', 'UNEXPECTED_TOKEN', 1, 12, undefined],
    ['WHERE sqr(snr) > 2', 'UNKNOWN_FUNCTION', 1, 7, 'sqrt'],
    ['WHERE sqrt(snr, 2) > 2', 'WRONG_ARGUMENTS', 1, 7, undefined],
    ["WHERE snr > 'a'", 'WRONG_TYPE', 1, 13, undefined],
    ['WHERE snr', 'WRONG_TYPE', 1, 7, undefined],
    ["WHERE band = 'r", 'UNTERMINATED_STRING', 1, 14, undefined],
    ['WHERE snr > 5; DROP', 'BAD_CHARACTER', 1, 14, undefined],
    ['WHERE snr > 5 LIMIT 0', 'LIMIT_OUT_OF_RANGE', 1, 21, undefined],
    ['SELECT ra, diaObject.ra WHERE snr > 5', 'DUPLICATE_NAME', 1, 12, undefined],
    ['WHERE snr > 5 snr < 9', 'UNEXPECTED_TOKEN', 1, 15, undefined],
  ])('says what is wrong in %j, where, and what may have been meant', (text, code, line, column, suggestion) => {
    const found = error(text);
    expect({
      code: found.code,
      line: found.range.line,
      column: found.range.column,
      suggestion: found.suggestion,
    }).toEqual({ code, line, column, suggestion });
  });

  it('refuses hostile nesting and length instead of overflowing the stack', () => {
    expect(error(`WHERE ${'('.repeat(5000)}snr > 1`).code).toBe('TOO_DEEP');
    expect(error(`WHERE ${'NOT '.repeat(4000)}snr > 1`).code).toBe('TOO_DEEP');
    expect(error(`WHERE snr > 1 ${' '.repeat(20_001)}`).code).toBe('TOO_LONG');
  });

  it('says what each clause does alone, so that an empty answer can be explained', () => {
    const filter = compileFilter('WHERE snr > 5 AND nDiaSources BETWEEN 2 AND 6 AND NOT isDipole', columns);
    expect(filter.evaluate(batch)).toEqual([]);
    expect(filter.selectivity(batch).map(({ passes, aloneRejects }) => [passes, aloneRejects])).toEqual([
      [3, 0],
      [2, 2],
      [2, 1],
    ]);
  });

  it('gives the same rows whichever clause is answered by an index', () => {
    const count = 500;
    const value = (k: number, row: number): number => ((row * (k * 37 + 11)) % 101) - (row % 7 === k ? NaN : 0);
    const many: FilterBatch = {
      rowCount: count,
      columns: new Map(
        ['snr', 'psfFlux', 'ra', 'dec'].map((name, k) => [
          `diaSource.${name}`,
          Float64Array.from({ length: count }, (_, row) => value(k, row)),
        ]),
      ),
    };
    const clauses = ['snr > 20', '60 >= psfFlux', 'ra <> 5', 'dec = 33', 'snr <= 77', 'ra < 90'];
    for (let mask = 1; mask < 1 << clauses.length; mask++) {
      const chosen = clauses.filter((_, k) => mask & (1 << k));
      const joined = compileFilter(`WHERE ${chosen.join(' AND ')}`, columns).evaluate(many);
      // an OR is never answered by an index
      const rowByRow = compileFilter(`WHERE ${chosen.map((c) => `(${c} OR ${c})`).join(' AND ')}`, columns);
      expect(joined.map(({ row }) => row)).toEqual(rowByRow.evaluate(many).map(({ row }) => row));
    }
  });

  it('refuses numbers that no back-end could hold', () => {
    expect(error('WHERE snr > 1e151').code).toBe('NUMBER_OUT_OF_RANGE');
    expect(error('WHERE diaSourceId = 9223372036854775808').code).toBe('NUMBER_OUT_OF_RANGE');
    expect(rows('WHERE power(1e100, snr) IS NULL')).toEqual([0, 1, 2, 3]);
    expect(rows('WHERE exp(0 - 1000 * snr) = 0')).toEqual([0, 1, 3]);
  });

  it('keeps the whole expression in an error range', () => {
    const { where } = parseFilter('WHERE (snr + 1) > 5');
    expect(where.range).toMatchObject({ line: 1 });
  });
});
