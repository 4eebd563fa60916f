import { expect, it } from '@jest/globals';
import { Table, TableError, type VotableResult, type VotableWriteOptions, writeVotable } from '../index.js';

async function written(
  result: VotableResult,
  rows: Iterable<Table> | AsyncIterable<Table>,
  options?: VotableWriteOptions,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of writeVotable(result, rows, options)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/** The bytes inside STREAM. */
function stream(document: string): Buffer {
  return Buffer.from(/<STREAM encoding="base64">([^<]*)<\/STREAM>/.exec(document)![1]!, 'base64');
}

const fields = [
  { name: 'aString', datatype: 'char', arraysize: '10' },
  { name: 'aShort', datatype: 'short', values: [{ null: '99' }] },
  { name: 'varInts', datatype: 'int', arraysize: '*' },
  { name: 'Floats', datatype: 'float', arraysize: '3' },
] as const;

/** The two rows of the example in the VOTable standard, section 5 */
const example = new Table(
  [
    { name: 'aString', type: 'string', data: ['Apple', 'Orange'] },
    { name: 'aShort', type: 'short', data: Int16Array.of(0, 15), nulls: Uint8Array.of(1, 0) },
  ],
  2,
  undefined,
  [
    {
      name: 'varInts',
      element: 'int',
      values: Int32Array.of(1, 2, 4, 8, 16, 23, -11, 9),
      offsets: Uint32Array.of(0, 5, 8),
    },
    {
      name: 'Floats',
      element: 'float',
      values: Float32Array.of(1.5, 4.5, 3.25, 2.5, 4.75, 9.5),
      offsets: Uint32Array.of(0, 3, 6),
    },
  ],
);

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const FIRST = `4170706c650000000000 0063 00000005 00000001 00000002 00000004 00000008 00000010 3fc00000 40900000 40500000`;
const SECOND = `4f72616e676500000000 000f 00000003 00000017 fffffff5 00000009 40200000 40980000 41180000`;

it('writes the example of the standard in BINARY as its bytes, the missing short as the declared value', async () => {
  expect(stream(await written({ fields }, [example], { serialization: 'BINARY' }))).toEqual(hex(FIRST + SECOND));
});

it('precedes each row of BINARY2 by a bit for each field, the first in the highest', async () => {
  expect(stream(await written({ fields }, [example]))).toEqual(hex(`40 ${FIRST} 00 ${SECOND}`));
});

it('writes TABLEDATA with empty cells for missing values', async () => {
  const document = await written({ fields }, [example], { serialization: 'TABLEDATA' });
  expect(document).toContain('<TR><TD>Apple</TD><TD></TD><TD>1 2 4 8 16</TD><TD>1.5 4.5 3.25</TD></TR>');
});

it('gives the same document however the rows are cut into batches', async () => {
  const table = new Table([{ name: 'n', type: 'int', data: Int32Array.from({ length: 5000 }, (_, i) => i) }]);
  const pieces = Array.from({ length: 50 }, (_, k) => table.take(Array.from({ length: 100 }, (_v, i) => 100 * k + i)));
  const result: VotableResult = { fields: [{ name: 'n', datatype: 'int' }] };
  expect(stream(await written(result, pieces))).toEqual(stream(await written(result, [table])));
});

it('closes the document with the error when the rows end in one and the caller says how', async () => {
  async function* rows(): AsyncGenerator<Table> {
    yield example;
    throw new Error('the query was cancelled');
  }
  const document = await written({ fields }, rows(), {
    onRowError: (error) => ({ name: 'QUERY_STATUS', value: 'ERROR', text: (error as Error).message }),
  });
  expect(stream(document).length).toBeGreaterThan(0);
  expect(document).toMatch(
    /<\/TABLE>\n<INFO name="QUERY_STATUS" value="ERROR">the query was cancelled<\/INFO>\n<\/RESOURCE>\n<\/VOTABLE>\n$/,
  );
  await expect(written({ fields }, rows())).rejects.toThrow('cancelled');
});

it('asks for the trailing INFO after the last row', async () => {
  let seen = 0;
  function* rows(): Generator<Table> {
    seen += example.rowCount;
    yield example;
  }
  const trailingInfos = (): { name: string; value: string }[] => [{ name: 'rows', value: String(seen) }];
  expect(await written({ fields, trailingInfos }, rows())).toContain('<INFO name="rows" value="2"/>');
});

it.each([
  ['a missing integer in BINARY without a declared value', 'BINARY', { datatype: 'short' }],
  ['a value declared to mean missing', 'BINARY2', { datatype: 'short', values: [{ null: '15' }] }],
] as const)('refuses %s', async (_, serialization, field) => {
  const promise = written({ fields: [{ name: 'aShort', ...field }] }, [example], { serialization });
  await expect(promise).rejects.toThrow(TableError);
  await expect(promise).rejects.toMatchObject({ code: 'BAD_VALUE', column: 'aShort' });
});

it('refuses a column of another type than its field, text longer than its arraysize, and what XML cannot hold', async () => {
  const one = (field: VotableResult['fields'][number], serialization: 'TABLEDATA' | 'BINARY2' = 'BINARY2') =>
    written({ fields: [field] }, [example], { serialization });
  await expect(one({ name: 'aShort', datatype: 'int' })).rejects.toMatchObject({ code: 'WRONG_TYPE' });
  await expect(one({ name: 'aString', datatype: 'char', arraysize: '3' })).rejects.toMatchObject({ row: 0 });
  const bell = new Table([{ name: 's', type: 'string', data: ['\u0007'] }]);
  const text = written({ fields: [{ name: 's', datatype: 'char', arraysize: '*' }] }, [bell], {
    serialization: 'TABLEDATA',
  });
  await expect(text).rejects.toThrow('U+0007');
});
