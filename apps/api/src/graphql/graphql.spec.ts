import { describe, expect, it } from '@jest/globals';
import { buildSchema, getOperationAST, GraphQLError, parse } from 'graphql';
import { circleOf, idOf, timeRangeOf } from './arguments.js';
import { Batch } from './batch.js';
import { checkOperation } from './query-limits.js';
import { plainRow } from './table-type.js';

describe('Batch', () => {
  it('loads what is asked in one turn with one call, each key once', async () => {
    const calls: number[][] = [];
    const batch = new Batch<number, string>((keys) => {
      calls.push([...keys]);
      return Promise.resolve(new Map(keys.filter((key) => key > 0).map((key) => [key, `row ${key}`])));
    });
    expect(await Promise.all([batch.get(1), batch.get(2), batch.get(1), batch.get(-1)])).toEqual([
      'row 1',
      'row 2',
      'row 1',
      undefined,
    ]);
    expect(calls).toEqual([[1, 2, -1]]);
    await batch.get(1);
    expect(calls).toHaveLength(2);
  });

  it('keeps batches within their maximum and fails only those who asked', async () => {
    const batch = new Batch<number, number>(
      (keys) =>
        keys.includes(3) ? Promise.reject(new Error('no')) : Promise.resolve(new Map(keys.map((key) => [key, key]))),
      2,
    );
    const answers = await Promise.allSettled([batch.get(1), batch.get(2), batch.get(3), batch.get(4)]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'rejected']);
  });
});

describe('limits of a query', () => {
  const schema = buildSchema(`
    type Query { things(first: Int! = 100): Page! }
    type Page { nodes: [Thing!]! }
    type Thing { id: ID! parts: [Part!]! }
    type Part { value: Int! thing: Thing! }`);
  const code = (query: string, variables = {}): unknown => {
    const document = parse(query);
    try {
      checkOperation(schema, document, getOperationAST(document)!, variables);
      return 'allowed';
    } catch (error) {
      return error instanceof GraphQLError ? error.extensions['code'] : error;
    }
  };

  it('count rows by page size, from variables and defaults too', () => {
    const query = 'query ($n: Int!) { things(first: $n) { nodes { id parts { value thing { parts { value } } } } } }';
    expect(code(query, { n: 100 })).toBe('allowed');
    expect(code(query, { n: 1000 })).toBe('allowed');
    expect(code(query, { n: 10_000 })).toBe('TOO_COSTLY');
    expect(code('{ things { nodes { parts { thing { parts { thing { parts { value } } } } } } } }')).toBe('TOO_COSTLY');
  });

  it('see through fragments and end at a depth', () => {
    expect(code('{ things { ...a } } fragment a on Page { nodes { ... on Thing { id } } }')).toBe('allowed');
    const deep = 'thing { parts { '.repeat(5);
    expect(code(`{ things(first: 1) { nodes { parts { ${deep} value ${'} }'.repeat(5)} } } } }`)).toBe('TOO_DEEP');
  });
});

describe('arguments', () => {
  it('say which value is wrong', () => {
    expect(circleOf({ ra: 360, dec: -90, radius: 5 })).toEqual({ raDeg: 0, decDeg: -90, radiusDeg: 5 });
    expect(circleOf(null)).toBeUndefined();
    for (const region of [
      { ra: -1, dec: 0, radius: 1 },
      { ra: NaN, dec: 0, radius: 1 },
      { ra: 0, dec: 90.1, radius: 1 },
      { ra: 0, dec: 0, radius: -1 },
    ])
      expect(() => circleOf(region)).toThrow(/must be/);
    expect(() => timeRangeOf({ from: 2, to: 1 })).toThrow('ends (1) before it begins (2)');
    expect(idOf('9223372036854775807')).toBe((1n << 63n) - 1n);
    for (const text of ['9223372036854775808', '-1', '', '1e3', ' 1']) expect(() => idOf(text)).toThrow(/2\^63/);
  });

  it('rows become what JSON can carry', () => {
    expect(plainRow({ id: 1n << 62n, flux: NaN, err: -0.5, none: null })).toEqual({
      id: '4611686018427387904',
      flux: null,
      err: -0.5,
      none: null,
    });
  });
});
