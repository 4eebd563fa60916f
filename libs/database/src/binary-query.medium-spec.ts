import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { testDatabaseUrl } from '../../../test/support/medium.js';
import { BinaryQuery, parameterText } from './binary-query.js';

let client: pg.Client;
beforeAll(async () => {
  client = new pg.Client(testDatabaseUrl());
  await client.connect();
});
afterAll(() => client.end());

/** int4 cells of the first column. */
async function firstInts(query: BinaryQuery): Promise<number[]> {
  const values: number[] = [];
  for await (const { bytes, rows } of query) {
    let at = 0;
    for (let row = 0; row < rows; row++) {
      values.push(bytes.readInt32BE(at + 7) < 0 ? NaN : bytes.readInt32BE(at + 11));
      at += 1 + bytes.readInt32BE(at + 1);
    }
  }
  return values;
}

describe('a query with binary results', () => {
  it('gives the rows of many network packets in order, with parameters', async () => {
    const query = client.query(
      new BinaryQuery("SELECT i, repeat('x', 50) FROM generate_series(1, $1::int) i", [30_000]),
    );
    expect((await query.fields).map(({ typeId }) => typeId)).toEqual([23, 25]);
    const values = await firstInts(query);
    expect(values).toHaveLength(30_000);
    expect(values.every((value, i) => value === i + 1)).toBe(true);
  });

  it('leaves the connection ready for ordinary queries, also when those wait already', async () => {
    const binary = client.query(new BinaryQuery('SELECT 7'));
    const [values, { rows }] = await Promise.all([firstInts(binary), client.query('SELECT 8 AS n')]);
    expect(values).toEqual([7]);
    expect(rows).toEqual([{ n: 8 }]);
  });

  it('holds the server back while nobody reads, and loses nothing', async () => {
    const query = client.query(new BinaryQuery("SELECT i, repeat('y', 1000) FROM generate_series(1, 20000) i"));
    await query.fields;
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await firstInts(query)).toHaveLength(20_000);
  });

  it('reports errors before the first row and in the middle, and survives both', async () => {
    await expect(client.query(new BinaryQuery('SELECT nothing')).fields).rejects.toMatchObject({ code: '42703' });
    await expect(
      client.query(new BinaryQuery('SELECT 1 / (1 - i) FROM generate_series(1, 2) i')).fields,
    ).rejects.toMatchObject({ code: '22012' });
    const late = client.query(
      new BinaryQuery('SELECT 1 / (30000 - i), repeat($1, 50) FROM generate_series(1, 30001) i', ['x']),
    );
    await late.fields;
    await expect(firstInts(late)).rejects.toMatchObject({ code: '22012' });
    expect(await firstInts(client.query(new BinaryQuery('SELECT 1 WHERE false')))).toEqual([]);
  });

  it('writes array parameters with quotes, backslashes and NULLs so that the server reads them back', async () => {
    const values = ['a"b', 'c\\d', 'e,{f}', '', null, 'NULL'];
    const { rows } = await client.query('SELECT $1::text[] AS v', [parameterText(values)]);
    expect(rows[0].v).toEqual(values);
  });
});
