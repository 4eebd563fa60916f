import { expect, it } from '@jest/globals';
import { queryStatus, readVotable, readVotableTable, type Table, TableError, votableTables } from '../index.js';

const document = (content: string, head = ''): Buffer =>
  Buffer.from(`<?xml version="1.0"?>\n${head}<VOTABLE version="1.4"><RESOURCE>${content}</RESOURCE></VOTABLE>`);
const table = (fields: string, rows: string): Buffer =>
  document(`<TABLE>${fields}<DATA><TABLEDATA>${rows}</TABLEDATA></DATA></TABLE>`);
const cell = async (field: string, text: string): Promise<unknown> => {
  const read = await readVotableTable(table(`<FIELD name="x" ${field}/>`, `<TR><TD>${text}</TD></TR>`));
  const found = read.hasArray('x') ? read.cell('x', 0) : read.value('x', 0);
  return ArrayBuffer.isView(found) ? Array.from(found as unknown as ArrayLike<unknown>) : found;
};

it.each([
  ['datatype="int"', ' 0x1F ', 31],
  ['datatype="long"', '-9223372036854775808', -(2n ** 63n)],
  ['datatype="long"', '0x7fffffffffffffff', 2n ** 63n - 1n],
  ['datatype="double"', '+INF', Infinity],
  ['datatype="double"', ' 1.5e3 ', 1500],
  ['datatype="float"', '-inf', -Infinity],
  ['datatype="boolean"', 'FaLsE', false],
  ['datatype="boolean"', '?', null],
  ['datatype="int"', '', null],
  ['datatype="char" arraysize="*"', ' a &lt;b&gt; &#x3b1;<![CDATA[ & <x>]]> ', ' a <b> α & <x> '],
  ['datatype="unicodeChar"', 'é', 'é'],
  ['datatype="bit" arraysize="4"', '1 01\n1', [1, 0, 1, 1]],
  ['datatype="int" arraysize="2x*"', '1 2,3\n4', [1, 2, 3, 4]],
  ['datatype="floatComplex"', '1 -2.5', [1, -2.5]],
  ['datatype="char" arraysize="3x*"', 'ab cd', ['ab', 'cd']],
  ['datatype="string"', 'as services write it', 'as services write it'],
] as const)('reads a cell of %s "%s"', async (field, text, value) => {
  expect(await cell(field, text)).toEqual(value);
});

it.each([
  ['datatype="unsignedByte"', '256'],
  ['datatype="short"', '1.5'],
  ['datatype="int"', '2147483648'],
  ['datatype="long"', '9223372036854775808'],
  ['datatype="double"', 'twelve'],
  ['datatype="boolean"', 'yes'],
  ['datatype="int" arraysize="3"', '1 2'],
  ['datatype="doubleComplex"', '1'],
] as const)('refuses %s "%s" with line, row and column, and wraps or rounds nothing', async (field, text) => {
  const promise = cell(field, `\n${text}`);
  await expect(promise).rejects.toThrow(TableError);
  await expect(promise).rejects.toMatchObject({ code: 'BAD_VALUE', line: 3, row: 0, column: 'x' });
});

it.each([
  ['an entity of its own', document('&evil;', '<!DOCTYPE VOTABLE [<!ENTITY evil "x">]>\n'), 'UNSUPPORTED', 2],
  ['an entity that is not defined', document('<DESCRIPTION>&nbsp;</DESCRIPTION>'), 'BAD_FORMAT', 2],
  ['a character that XML does not have', document('<DESCRIPTION>&#0;</DESCRIPTION>'), 'BAD_FORMAT', 2],
  ['tags that do not match', document('<TABLE></RESOURCE>'), 'BAD_FORMAT', 2],
  ['elements nested without end', document('<RESOURCE>'.repeat(200)), 'TOO_LARGE', 2],
  ['a document cut off', document('').subarray(0, -12), 'TRUNCATED', 2],
  ['a page that is not a VOTable', Buffer.from('<html><body>Sorry</body></html>'), 'BAD_FORMAT', 1],
  ['text', Buffer.from('Internal Server Error'), 'BAD_FORMAT', 1],
  ['nothing', Buffer.alloc(0), 'BAD_FORMAT', 1],
  ['bytes that are not of the encoding', document('\n\xff\xfe').map((b) => (b === 0xc3 ? 0xff : b)), 'BAD_FORMAT', 1],
  ['an unknown datatype', table('<FIELD name="x" datatype="bar"/>', ''), 'BAD_FORMAT', 2],
  ['a row with too few cells', table('<FIELD name="x" datatype="int"/>', '<TR></TR>'), 'BAD_FORMAT', 2],
  ['a row with too many cells', table('<FIELD name="x" datatype="int"/>', '<TR><TD/><TD/></TR>'), 'BAD_FORMAT', 2],
  ['rows without fields', table('', '<TR></TR>'), 'BAD_FORMAT', 2],
  [
    'data elsewhere',
    document(
      '<TABLE><FIELD name="x" datatype="int"/><DATA><BINARY><STREAM href="file:///etc/passwd"/></BINARY></DATA></TABLE>',
    ),
    'UNSUPPORTED',
    2,
  ],
] as const)('refuses %s', async (_, bytes, code, line) => {
  const promise = readVotable(bytes);
  await expect(promise).rejects.toThrow(TableError);
  await expect(promise).rejects.toMatchObject({ code, line });
});

it('refuses a number of a million digits and a tag of a million blanks at once', async () => {
  const started = performance.now();
  await expect(cell('datatype="double"', `${'9'.repeat(1e6)}x`)).rejects.toMatchObject({ code: 'BAD_VALUE' });
  await expect(readVotable(document(`<TABLE${' '.repeat(9e5)}x>`))).rejects.toMatchObject({ code: 'BAD_FORMAT' });
  await expect(cell('datatype="double"', '9'.repeat(1e6))).resolves.toBe(Infinity);
  expect(performance.now() - started).toBeLessThan(5000);
});

const binary = (fields: string, bytes: number[], element = 'BINARY'): Buffer =>
  document(
    `<TABLE>${fields}<DATA><${element}><STREAM encoding="base64">${Buffer.from(bytes).toString('base64')}</STREAM></${element}></DATA></TABLE>`,
  );

it('refuses a binary stream that ends inside a row, and one that claims more than it has', async () => {
  const int = '<FIELD name="x" datatype="int"/>';
  await expect(readVotable(binary(int, [0, 0, 0, 1, 0]))).rejects.toMatchObject({ code: 'TRUNCATED' });
  const list = '<FIELD name="x" datatype="double" arraysize="*"/>';
  await expect(readVotable(binary(list, [0, 0, 1, 0, 1]))).rejects.toMatchObject({ code: 'TRUNCATED' });
  await expect(readVotable(binary(list, [0x7f, 0, 0, 0, 1]))).rejects.toMatchObject({ code: 'TOO_LARGE', column: 'x' });
});

it('takes a single bit as set wherever its byte has it, since astropy writes another than the standard', async () => {
  const read = await readVotableTable(binary('<FIELD name="x" datatype="bit"/>', [0x80, 0x08, 0]));
  expect([0, 1, 2].map((row) => read.value('x', row))).toEqual([true, true, false]);
});

it('gives columns names of their own where fields share one', async () => {
  const fields = ['ID="a" name="x"', 'ID="b" name="x"', 'name="x"', 'ID="d"'];
  const read = await readVotableTable(
    table(
      fields.map((field) => `<FIELD ${field} datatype="int"/>`).join(''),
      '<TR><TD>1</TD><TD>2</TD><TD>3</TD><TD>4</TD></TR>',
    ),
  );
  expect(read.row(0)).toEqual({ x: 1, b: 2, x_2: 3, d: 4 });
});

it('takes the fields of a TABLE that refers to another, and the null of a VALUES that does', async () => {
  const read = await readVotable(
    document(
      '<TABLE ID="t"><FIELD name="x" datatype="int"><VALUES ID="v" null="-9"/></FIELD><FIELD name="y" datatype="short"><VALUES ref="v"/></FIELD></TABLE>' +
        '<TABLE ref="t"><DATA><TABLEDATA><TR><TD>-9</TD><TD>-9</TD></TR></TABLEDATA></DATA></TABLE>',
    ),
  );
  const [rows] = votableTables(read)[1]!.rows as Table[];
  expect(rows!.row(0)).toEqual({ x: null, y: null });
});

it('respects a declared null in floats, in elements of arrays, and one that the datatype cannot hold', async () => {
  const fields = [
    'datatype="double"><VALUES null="-1"/>',
    'datatype="float"><VALUES null="-99.9"/>',
    'datatype="short"><VALUES null="-32769"/>',
    'datatype="int" arraysize="3"><VALUES null="-9"/>',
    'datatype="double" arraysize="*"><VALUES null="-1.0"/>',
  ];
  const read = await readVotableTable(
    table(
      fields.map((field, i) => `<FIELD name="f${i}" ${field}</FIELD>`).join(''),
      '<TR><TD>-1.0</TD><TD>-99.90</TD><TD>-32769</TD><TD>1 -9 2</TD><TD>0 -1</TD></TR>',
    ),
  );
  expect(read.row(0)).toEqual({ f0: null, f1: null, f2: null });
  expect(read.cell('f3', 0)).toEqual(Int32Array.of(1, 0, 2));
  expect(read.arrayColumn('f3').elementNulls).toEqual(Uint8Array.of(0, 1, 0));
  expect(read.cell('f4', 0)).toEqual(Float64Array.of(0, NaN));
});

it('finds the last QUERY_STATUS, which speaks of what came after the rows', async () => {
  const read = await readVotable(
    document(
      '<INFO name="QUERY_STATUS" value="OK"/><TABLE><FIELD name="x" datatype="int"/></TABLE><INFO name="QUERY_STATUS" value="ERROR">cut off</INFO>',
    ),
  );
  expect(queryStatus(read)).toMatchObject({ value: 'ERROR', text: 'cut off' });
});

it('reads documents in the encodings they declare, with prefixed names, comments and instructions', async () => {
  const text =
    '<?xml version="1.0" encoding="ISO-8859-1"?><!-- <VOTABLE> --><?style x?><!DOCTYPE VOTABLE SYSTEM "http://us-vo.org/xml/VOTable.dtd">' +
    '<v:VOTABLE xmlns:v="http://www.ivoa.net/xml/VOTable/v1.3" version="1.2"><v:DESCRIPTION>\xe9t\xe9</v:DESCRIPTION></v:VOTABLE>';
  expect(await readVotable(Buffer.from(text, 'latin1'))).toEqual({ version: '1.2', description: 'été', resources: [] });
});
