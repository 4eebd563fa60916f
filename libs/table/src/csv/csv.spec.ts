import { expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { collected } from '../../../../test/support/every-datatype.js';
import { csvBatches, type CsvReadOptions, readCsv, Table, TableError, writeCsv } from '../index.js';

const read = (text: string, options?: CsvReadOptions): Promise<Table> => readCsv(Buffer.from(text), options);
const types = async (text: string): Promise<Record<string, string>> =>
  Object.fromEntries((await read(text)).columns.map(({ name, type }) => [name, type]));

it('reads quotes, doubled quotes, delimiters and line ends inside quotes', async () => {
  const table = await read('name,note\r\n"a ""b"", c","two\r\nlines"\r\nplain,5" nail\r\n');
  expect(table.data('name', 'string')).toEqual(['a "b", c', 'plain']);
  expect(table.data('note', 'string')).toEqual(['two\r\nlines', '5" nail']);
});

it('reads LF, CRLF, a byte order mark, UTF-16, gzip, and a last line without an end alike', async () => {
  const text = 'a,b\n1,x\n2,y';
  const inputs = [
    Buffer.from(text),
    Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}\r\n`),
    Buffer.from(`\ufeff${text}\n\n`, 'utf16le'),
    gzipSync(text),
  ];
  for (const input of inputs) {
    const table = await readCsv(input);
    expect([table.rowCount, table.value('a', 1), table.value('b', 1)]).toEqual([2, 2n, 'y']);
  }
});

it('infers types by its rule: 64-bit integers exact, leading zeros and longer integers as text', async () => {
  expect(
    await types(
      'long,real,mixed,flag,code,huge,exact,none,text\n' +
        '-9223372036854775808,1e300,1,true,007,9223372036854775808,9007199254740993,,x\n' +
        '9223372036854775807,NaN,2.5,False,042,1,0.5,,1\n',
    ),
  ).toEqual({
    long: 'long',
    real: 'double',
    mixed: 'double',
    flag: 'boolean',
    code: 'string',
    huge: 'string',
    exact: 'string',
    none: 'string',
    text: 'string',
  });
  const table = await read('id\n9223372036854775807\n-9223372036854775808\n');
  expect(table.data('id', 'long')).toEqual(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n)));
});

it('reads empty cells as missing, in text too, and empty quotes as empty text', async () => {
  const table = await read('n,s\n,\n1,""\n');
  expect(table.row(0)).toEqual({ n: null, s: null });
  expect(table.row(1)).toEqual({ n: 1n, s: '' });
});

it('keeps blank lines as missing values where there is one column, and skips them where there are more', async () => {
  expect((await read('s\na\n\nb\n')).data('s', 'string')).toEqual(['a', null, 'b']);
  expect((await read('a,b\n1,2\n\n3,4\n\n')).rowCount).toBe(2);
});

it('names columns without a name or with one that is taken', async () => {
  expect((await read('a,,a,a_2\n1,2,3,4\n')).columns.map(({ name }) => name)).toEqual(['a', 'col2', 'a_2', 'a_2_2']);
});

it.each([
  ['a row of another width', 'a,b\n1,2\n1,2,3\n', 3, 'BAD_FORMAT'],
  ['text after a closing quote', 'a,b\n"1"2,3\n', 2, 'BAD_FORMAT'],
  ['a quote that is never closed', 'a,b\n1,2\n"3\n,4\n', 3, 'TRUNCATED'],
  ['no names', '', 1, 'BAD_FORMAT'],
  ['columns without number', `a${','.repeat(200_000)}\n`, 1, 'TOO_LARGE'],
] as const)('refuses %s with its line', async (_, text, line, code) => {
  const promise = read(text);
  await expect(promise).rejects.toThrow(TableError);
  await expect(promise).rejects.toMatchObject({ code, line });
});

it('takes a cell of a million digits or quotes for text, and at once', async () => {
  const started = performance.now();
  for (const cell of ['9'.repeat(1e6), `${'9'.repeat(1e6)}x`, `"${'"'.repeat(1e6)}"`])
    expect((await read(`a\n${cell}\n`)).column('a').type).toBe('string');
  expect(performance.now() - started).toBeLessThan(5000);
});

it('counts the lines inside quotes', async () => {
  await expect(read('a,b\n"x\ny\nz",1\n1\n')).rejects.toMatchObject({ line: 5 });
});

it('refuses a cell that is not of the given type with line and column, and bytes that are not UTF-8', async () => {
  const columns = [{ name: 'n', type: 'short' as const }];
  await expect(read('m,n\n1,2\n1,40000\n', { columns })).rejects.toMatchObject({
    code: 'BAD_VALUE',
    line: 3,
    column: 'n',
    value: '40000',
  });
  await expect(read('a\n', { columns })).rejects.toMatchObject({ code: 'NO_SUCH_COLUMN' });
  await expect(readCsv(Uint8Array.of(0x61, 0x0a, 0xff, 0x0a))).rejects.toMatchObject({ code: 'BAD_FORMAT' });
});

it('streams batches, with types from the first rows, and says so when a later one is of another', async () => {
  const lines = Array.from({ length: 30_000 }, (_, i) => `${i},${i / 2}`);
  const sizes: number[] = [];
  for await (const batch of csvBatches(Buffer.from(`i,x\n${lines.join('\n')}\n`))) sizes.push(batch.rowCount);
  expect(sizes.reduce((a, b) => a + b)).toBe(30_000);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2048);
  lines[20_000] = 'twenty thousand,1';
  const late = async (): Promise<void> => {
    for await (const batch of csvBatches(Buffer.from(`i,x\n${lines.join('\n')}\n`)))
      expect(batch.rowCount).toBeGreaterThan(0);
  };
  await expect(late()).rejects.toMatchObject({ line: 20_002, column: 'i' });
});

it('writes what RFC 4180 says: CRLF, quotes only where they are needed, the shortest exact decimals', async () => {
  const table = new Table([
    { name: 'a,b', type: 'string', data: ['x', 'say "hi"', null, ''] },
    { name: 'x', type: 'double', data: Float64Array.of(0.1, NaN, -Infinity, 1e21) },
    { name: 'f', type: 'float', data: Float32Array.of(0.1, 16777216, 3.4028235e38, 0) },
  ]);
  expect((await collected(writeCsv(['a,b', 'x', 'f'], [table]))).toString()).toBe(
    '"a,b",x,f\r\nx,0.1,0.1\r\n"say ""hi""",NaN,16777216\r\n,-Infinity,3.4028235e+38\r\n"",1e+21,0\r\n',
  );
});
