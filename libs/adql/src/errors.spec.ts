import { describe, expect, it } from '@jest/globals';
import { CATALOG } from '../../../test/adql/tables.js';
import { type AdqlErrorCode, AdqlError, compileAdql } from './index.js';

const errorOf = (text: string): AdqlError => {
  try {
    compileAdql(text, CATALOG);
  } catch (error) {
    if (error instanceof AdqlError) return error;
    throw error;
  }
  throw new Error(`no error for ${text.slice(0, 200)}`);
};

/** query, code, line, column, what may have been meant */
const MISTAKES: readonly (readonly [string, AdqlErrorCode, number, number, string?])[] = [
  ['SELECT', 'UNEXPECTED_TOKEN', 1, 7],
  ['SELECT objId', 'UNEXPECTED_TOKEN', 1, 13],
  ['SELECT objId FROM', 'UNEXPECTED_TOKEN', 1, 18],
  ['SELECT objId FORM Obj', 'UNEXPECTED_TOKEN', 1, 14, 'FROM'],
  ['SELEC objId FROM Obj', 'UNEXPECTED_TOKEN', 1, 1, 'SELECT'],
  ['SELECT objId FROM Obj WERE k > 1', 'UNEXPECTED_TOKEN', 1, 23, 'WHERE'],
  ['SELECT objId FROM Obj LIMIT 5', 'UNEXPECTED_TOKEN', 1, 23],
  ['SELECT TOP 1.5 objId FROM Obj', 'UNEXPECTED_TOKEN', 1, 12],
  ['SELECT size FROM Obj', 'RESERVED_WORD', 1, 8, '"size"'],
  ['SELECT objId AS year FROM Obj', 'RESERVED_WORD', 1, 17, '"year"'],
  ['SELECT objId FROM Obj WHERE', 'UNEXPECTED_TOKEN', 1, 28],
  ['SELECT objId FROM Obj WHERE k >', 'UNEXPECTED_TOKEN', 1, 32],
  ['SELECT objId FROM Obj WHERE k', 'WRONG_TYPE', 1, 29],
  ['SELECT objId FROM Obj WHERE name', 'WRONG_TYPE', 1, 29],
  ["SELECT objId FROM Obj WHERE 'a'", 'WRONG_TYPE', 1, 29],
  ['SELECT objId FROM Obj WHERE name > 5', 'WRONG_TYPE', 1, 29],
  ["SELECT objId FROM Obj WHERE objId = '5'", 'WRONG_TYPE', 1, 29, '5'],
  ['SELECT k > 5 FROM Obj', 'WRONG_TYPE', 1, 8],
  ['SELECT name + 1 FROM Obj', 'WRONG_TYPE', 1, 8],
  ["SELECT objId FROM Obj WHERE t > 'yesterday'", 'WRONG_TYPE', 1, 33],
  ['SELECT objId FROM Obj WHERE t > 60000', 'WRONG_TYPE', 1, 29],
  ['SELECT nme FROM Obj', 'UNKNOWN_COLUMN', 1, 8, 'name'],
  ['SELECT "NAME" FROM Obj', 'UNKNOWN_COLUMN', 1, 8, '"name"'],
  ['SELECT x.k FROM Obj', 'UNKNOWN_TABLE', 1, 8],
  ['SELECT o.kk FROM Obj o', 'UNKNOWN_COLUMN', 1, 10, 'k'],
  ['SELECT Obj.k FROM Obj o', 'UNKNOWN_TABLE', 1, 8, 'o'],
  ['SELECT k FROM Objs', 'UNKNOWN_TABLE', 1, 15, 'Obj'],
  ['SELECT k FROM cat.Objs', 'UNKNOWN_TABLE', 1, 15, 'cat.Obj'],
  ['SELECT k FROM dog.Obj', 'UNKNOWN_TABLE', 1, 15],
  ['SELECT p_hidden FROM p_secret', 'UNKNOWN_TABLE', 1, 22],
  ['SELECT p_hidden FROM Obj', 'UNKNOWN_COLUMN', 1, 8],
  ['SELECT objId FROM Obj, Src', 'AMBIGUOUS_COLUMN', 1, 8, 'Obj.objId'],
  ['SELECT objId FROM Obj JOIN Src', 'UNEXPECTED_TOKEN', 1, 31],
  ['SELECT objId FROM Obj JOIN Src ON k = 1', 'AMBIGUOUS_COLUMN', 1, 8, 'Obj.objId'],
  ['SELECT Obj.k FROM Obj, Obj', 'DUPLICATE_NAME', 1, 19],
  ['SELECT k FROM Obj JOIN Src USING (k)', 'UNKNOWN_COLUMN', 1, 35],
  ['SELECT sqr(k) FROM Obj', 'UNKNOWN_FUNCTION', 1, 8, 'SQRT'],
  ['SELECT SQRT(k, 2) FROM Obj', 'WRONG_ARGUMENTS', 1, 8],
  ['SELECT pg_sleep(1) FROM Obj', 'UNKNOWN_FUNCTION', 1, 8],
  ['SELECT COUNT(*) FROM Obj WHERE COUNT(*) > 1', 'MISPLACED_AGGREGATE', 1, 32],
  ['SELECT band, COUNT(*) FROM Obj', 'NOT_GROUPED', 1, 8],
  ['SELECT band, k, COUNT(*) FROM Obj GROUP BY band', 'NOT_GROUPED', 1, 14],
  ['SELECT * FROM Obj GROUP BY band', 'NOT_GROUPED', 1, 8],
  ['SELECT SUM(COUNT(*)) FROM Obj', 'MISPLACED_AGGREGATE', 1, 12],
  ['SELECT SUM(name) FROM Obj', 'WRONG_TYPE', 1, 12],
  ['SELECT k FROM Obj ORDER BY 3', 'OUT_OF_RANGE', 1, 28],
  ['SELECT DISTINCT k FROM Obj ORDER BY n', 'NOT_GROUPED', 1, 37],
  ['SELECT k FROM Obj UNION SELECT k, n FROM Obj', 'COLUMN_COUNT', 1, 25],
  ['SELECT k FROM Obj UNION SELECT name FROM Obj', 'WRONG_TYPE', 1, 25],
  ['SELECT k FROM Obj WHERE k IN (SELECT k, n FROM Obj)', 'COLUMN_COUNT', 1, 31],
  ['SELECT k FROM Obj WHERE name LIKE 5', 'WRONG_TYPE', 1, 35],
  ['SELECT k FROM (SELECT k FROM Obj)', 'UNEXPECTED_TOKEN', 1, 34],
  ['SELECT k FROM Obj; DROP TABLE Obj', 'BAD_CHARACTER', 1, 18],
  ["SELECT k FROM Obj WHERE name = 'abc", 'UNTERMINATED_STRING', 1, 32],
  ['SELECT "k FROM Obj', 'UNTERMINATED_STRING', 1, 8],
  ['SELECT k & 1 FROM Obj', 'BAD_CHARACTER', 1, 10],
  ['SELECT k % 2 FROM Obj', 'BAD_CHARACTER', 1, 10],
  ['SELECT 1abc FROM Obj', 'BAD_NUMBER', 1, 8],
  ['SELECT _k FROM Obj', 'BAD_CHARACTER', 1, 8],
  ['SELECT ключ FROM Obj', 'BAD_CHARACTER', 1, 8],
  ['SELECT POINT(1, 95) FROM Obj', 'OUT_OF_RANGE', 1, 17],
  ['SELECT CIRCLE(1, 2, -3) FROM Obj', 'OUT_OF_RANGE', 1, 21],
  ['SELECT CIRCLE(1, 2) FROM Obj', 'WRONG_ARGUMENTS', 1, 8],
  ["SELECT POINT('GALACTIC', 1, 2) FROM Obj", 'NOT_SUPPORTED', 1, 14],
  ['SELECT POLYGON(0, 0, 1, 1) FROM Obj', 'WRONG_ARGUMENTS', 1, 8],
  ['SELECT POLYGON(0, 0, 1, 1, 0, 0) FROM Obj', 'BAD_REGION', 1, 8],
  ['SELECT POLYGON(0, 0, 120, 0, 240, 0) FROM Obj', 'BAD_REGION', 1, 8],
  ["SELECT REGION('TRIANGLE 1 2 3') FROM Obj", 'BAD_REGION', 1, 15],
  ["SELECT REGION('CIRCLE ICRS 1 2') FROM Obj", 'BAD_REGION', 1, 15],
  ['SELECT REGION(name) FROM Obj', 'WRONG_ARGUMENTS', 1, 8],
  ['SELECT k FROM Obj WHERE CONTAINS(POINT(ra, "dec"), CIRCLE(1, 2, 3))', 'WRONG_TYPE', 1, 25],
  ['SELECT k FROM Obj WHERE CONTAINS(CIRCLE(1, 2, 3), POINT(ra, "dec")) = 1', 'WRONG_TYPE', 1, 25],
  ['SELECT k FROM Obj WHERE DISTANCE(ra, "dec") < 1', 'WRONG_TYPE', 1, 34],
  ['SELECT k FROM Obj WHERE POINT(ra, "dec") = POINT(1, 2)', 'WRONG_TYPE', 1, 25],
  ["SELECT IN_UNIT(k, 'deg') FROM Obj", 'UNKNOWN_UNIT', 1, 16],
  ["SELECT IN_UNIT(ra, 'Jy') FROM Obj", 'UNKNOWN_UNIT', 1, 20],
  ["SELECT IN_UNIT(ra, 'parsnip') FROM Obj", 'UNKNOWN_UNIT', 1, 20],
  ['SELECT CAST(k AS BLOB) FROM Obj', 'UNEXPECTED_TOKEN', 1, 18],
  ['SELECT CAST(k AS TIMESTAMP) FROM Obj', 'WRONG_TYPE', 1, 13],
  ["SELECT CAST('x y' AS POINT) FROM Obj", 'BAD_REGION', 1, 13],
  ['WITH q AS (SELECT k FROM Obj), q AS (SELECT k FROM Obj) SELECT * FROM q', 'DUPLICATE_NAME', 1, 32],
  ['WITH q(a, b) AS (SELECT k FROM Obj) SELECT * FROM q', 'COLUMN_COUNT', 1, 6],
  ['SELECT k AS a, n AS a FROM Obj ORDER BY a', 'AMBIGUOUS_COLUMN', 1, 41],
  ['SELECT id FROM t1 WHERE CASE = 1', 'UNEXPECTED_TOKEN', 1, 30],
  ['SELECT MAX(flag) FROM Obj', 'WRONG_TYPE', 1, 12],
  ['SELECT ROUND(k, n) FROM Obj', 'WRONG_ARGUMENTS', 1, 17],
  ['SELECT k FROM Obj WHERE v = 1', 'UNKNOWN_COLUMN', 1, 25],
  ['SELECT v + 1 FROM t1', 'WRONG_TYPE', 1, 8],
  ['SELECT 1e999 FROM Obj', 'OUT_OF_RANGE', 1, 8],
  ['SELECT TOP 99999999999999999999 k FROM Obj', 'OUT_OF_RANGE', 1, 12],
  ['SELECT ivo_healpix_index(30, ra, "dec") FROM Obj', 'WRONG_ARGUMENTS', 1, 26],
  ['SELECT k FROM Obj WHERE NOT', 'UNEXPECTED_TOKEN', 1, 28],
  ['SELECT k, FROM Obj', 'UNEXPECTED_TOKEN', 1, 11],
  ['SELECT (k FROM Obj', 'UNEXPECTED_TOKEN', 1, 11],
  ['SELECT k FROM Obj WHERE k BETWEEN 1 OR 2', 'UNEXPECTED_TOKEN', 1, 37],
  ['SELECT k FROM Obj WHERE k NOT 5', 'UNEXPECTED_TOKEN', 1, 31],
  ['SELECT k FROM Obj WHERE k IS 5', 'UNEXPECTED_TOKEN', 1, 30],
  ['SELECT COUNT(DISTINCT) FROM Obj', 'UNEXPECTED_TOKEN', 1, 22],
  ['SELECT ABS(DISTINCT k) FROM Obj', 'WRONG_ARGUMENTS', 1, 8],
  ['SELECT SUM(*) FROM Obj', 'WRONG_ARGUMENTS', 1, 8],
  ['SELECT a.b.c.d.e FROM Obj', 'UNEXPECTED_TOKEN', 1, 8],
  ['SELECT objId, (SELECT k FROM Obj FROM Band', 'UNEXPECTED_TOKEN', 1, 34],
  ['SELECT k FROM Obj NATURAL Src', 'UNEXPECTED_TOKEN', 1, 27],
  ['SELECT k FROM (Obj)', 'UNEXPECTED_TOKEN', 1, 19],
  ['SELECT k FROM Obj WHERE k = ANY (1, 2)', 'UNEXPECTED_TOKEN', 1, 34],
  ['SELECT ra FROM Obj WHERE 1 = CONTAINS(ra, CIRCLE(1, 2, 3))', 'WRONG_TYPE', 1, 39],
  ['SELECT COUNT(*) FROM Obj GROUP BY COUNT(*)', 'MISPLACED_AGGREGATE', 1, 35],
  ['SELECT k FROM Obj GROUP BY NULL', 'WRONG_TYPE', 1, 28],
  ['SELECT k FROM Obj ORDER BY POINT(ra, "dec")', 'WRONG_TYPE', 1, 28],
  ['SELECT k FROM Obj ORDER BY k > 1', 'WRONG_TYPE', 1, 28],
  ['SELECT BOX(10, 89, 1, 4) FROM Obj', 'BAD_REGION', 1, 8],
  ['SELECT AREA(5) FROM Obj', 'WRONG_TYPE', 1, 13],
  ['SELECT COALESCE(k, name) FROM Obj', 'WRONG_TYPE', 1, 20],
  ['SELECT CASE WHEN k THEN 1 END FROM Obj', 'WRONG_TYPE', 1, 18],
  ["SELECT CASE WHEN k > 1 THEN 1 ELSE 'a' END FROM Obj", 'WRONG_TYPE', 1, 36],
  ["SELECT k || 'a' FROM Obj", 'WRONG_TYPE', 1, 8],
  ['SELECT UPPER(k) FROM Obj', 'WRONG_TYPE', 1, 14],
  ["SELECT MOD('a', 2) FROM Obj", 'WRONG_TYPE', 1, 12],
  ['SELECT bitwise_and(ra, 1) FROM Obj', 'WRONG_TYPE', 1, 20],
  ['SELECT (SELECT k, n FROM Obj) FROM Band', 'COLUMN_COUNT', 1, 9],
  ['SELECT o.* FROM Obj', 'UNKNOWN_TABLE', 1, 8],
  ['SELECT k FROM Obj WHERE EXISTS (SELECT SUM(Obj.k) FROM Src)', 'MISPLACED_AGGREGATE', 1, 40],
  ['SELECT a.k FROM Obj a JOIN Obj b USING (name, name)', 'DUPLICATE_NAME', 1, 47],
  ['SELECT band FROM Obj a JOIN Src b ON a.band = b.band', 'AMBIGUOUS_COLUMN', 1, 8, 'a.band'],
  ['SELECT "CASE", "case", "Case" FROM t1', 'UNKNOWN_COLUMN', 1, 24, '"case"'],
  ["SELECT CIRCLE('FK4', 1, 2, 3) FROM Obj", 'NOT_SUPPORTED', 1, 15],
  ['SELECT POINT(99999, 0) FROM Obj', 'OUT_OF_RANGE', 1, 14],
  ['SELECT CAST(g AS POINT) FROM t1', 'WRONG_TYPE', 1, 13],
  ['SELECT CAST(name AS VARCHAR(0)) FROM Obj', 'OUT_OF_RANGE', 1, 29],
];

describe('a mistake is refused with its code, place and what may have been meant', () => {
  it.each(MISTAKES.map(([text, ...expected]) => ({ text, expected })))('$text', ({ text, expected }) => {
    const [code, line, column, suggestion] = expected;
    const { code: found, line: atLine, column: atColumn, suggestion: meant } = errorOf(text);
    expect([found, atLine, atColumn, meant]).toEqual([code, line, column, suggestion]);
  });

  it('over several lines, with the end of the place', () => {
    const { line, column, endLine, endColumn, message } = errorOf('SELECT objId,\n  flx\nFROM Obj');
    expect({ line, column, endLine, endColumn }).toEqual({ line: 2, column: 3, endLine: 2, endColumn: 6 });
    expect(message).toBe('line 2, column 3: there is no column flx in Obj (did you mean flux?)');
  });
});

describe('hostile queries end at once', () => {
  it.each([
    ['a text of two megabytes', `SELECT objId FROM Obj WHERE name = '${'x'.repeat(2_000_000)}'`, 'TOO_LONG'],
    ['200,000 parentheses', `SELECT ${'('.repeat(200_000)}objId FROM Obj`, 'TOO_DEEP'],
    ['200,000 NOT', `SELECT objId FROM Obj WHERE ${'NOT '.repeat(200_000)} k > 1`, 'TOO_DEEP'],
    ['400,000 signs', `SELECT ${'-'.repeat(1)}${'+'.repeat(400_000)}objId FROM Obj`, 'TOO_DEEP'],
    ['a sum of 100,000', `SELECT k${' + 1'.repeat(100_000)} FROM Obj`, 'TOO_DEEP'],
    ['10,000 UNIONs', `SELECT k FROM Obj${' UNION SELECT k FROM Obj'.repeat(10_000)}`, 'TOO_COMPLEX'],
    [
      '10,000 joins',
      `SELECT 1 FROM Obj a0${Array.from({ length: 10_000 }, (_, i) => ` JOIN Obj a${i + 1} ON 1 = 1`).join('')}`,
      'TOO_COMPLEX',
    ],
    [
      'regions inside regions',
      `SELECT ${'COORD1(CENTROID(POLYGON('.repeat(30)}ra${', 1, 2, 3, 4, 5)))'.repeat(30)} FROM Obj`,
      'TOO_COMPLEX',
    ],
    ['an unclosed comment of quotes', `SELECT -- ${"'".repeat(500_000)}`, 'UNEXPECTED_TOKEN'],
    [
      '70,000 values',
      `SELECT k FROM Obj WHERE ${Array.from({ length: 70_000 }, (_, i) => `k = ${i}`).join(' OR ')}`,
      'TOO_COMPLEX',
    ],
    ['half a character', "SELECT '\ud800' FROM Obj", 'BAD_CHARACTER'],
    ['a character that PostgreSQL cannot hold', "SELECT 'a\0b' FROM Obj", 'BAD_CHARACTER'],
  ])('%s', (_, text, code) => {
    const started = process.cpuUsage();
    expect(errorOf(text).code).toBe(code);
    const { user, system } = process.cpuUsage(started);
    expect((user + system) / 1e6).toBeLessThan(2); // seconds, on a busy machine
  });

  it('queries inside the select lists of grouped queries are compiled once', () => {
    let text = 'SELECT MAX(k) FROM Obj';
    for (let depth = 0; depth < 40; depth++)
      text = `SELECT COUNT(*) + (${text}) AS c FROM Obj GROUP BY n HAVING MAX(k) > 0 ORDER BY 1, c`;
    const { sql } = compileAdql(text, CATALOG);
    expect(sql.length).toBeLessThan(20_000);
  });

  it('90,000 conditions are answered in time linear in their number', () => {
    const query = (count: number): string =>
      `SELECT k FROM Obj WHERE ${Array.from({ length: count }, (_, i) => `k = ${i % 100}`).join(' OR ')}`;
    const time = (text: string): number => {
      const started = process.cpuUsage();
      compileAdql(text, CATALOG);
      const { user, system } = process.cpuUsage(started);
      return user + system;
    };
    time(query(9000));
    expect(time(query(90_000)) / Math.max(5000, time(query(9000)))).toBeLessThan(40);
  });
});
