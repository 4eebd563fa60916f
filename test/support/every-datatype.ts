// A table with every VOTable datatype, missing values, extremes and text beyond ASCII: what the table formats are held against.
import { arrayColumnFromCells, type Column, Table, type VotableField, votableField } from '#libs/table';

const missing = (...rows: number[]): Uint8Array =>
  Uint8Array.from({ length: 4 }, (_, row) => (rows.includes(row) ? 1 : 0));

const columns: readonly Column[] = [
  {
    name: 'id',
    type: 'long',
    data: BigInt64Array.of(-(2n ** 63n) + 1n, 2n ** 63n - 1n, 0n, 9007199254740993n),
    nulls: missing(2),
    ucd: 'meta.id;meta.main',
    description: 'Identifier <64 bits> & exact',
  },
  {
    name: 'ra',
    type: 'double',
    data: Float64Array.of(0, 359.99999999999994, NaN, 5e-324),
    nulls: missing(2),
    unit: 'deg',
    ucd: 'pos.eq.ra;meta.main',
  },
  { name: 'limits', type: 'double', data: Float64Array.of(Infinity, -Infinity, NaN, -0), unit: 'nJy' },
  { name: 'flux', type: 'float', data: Float32Array.of(0.1, 3.4028235e38, NaN, 1e-45), nulls: missing(2), unit: 'nJy' },
  { name: 'count', type: 'int', data: Int32Array.of(2147483647, -2147483647, 7, 0), nulls: missing(3) },
  { name: 'small', type: 'short', data: Int16Array.of(32767, -32767, 0, 1), nulls: missing(0) },
  { name: 'byte', type: 'byte', data: Uint8Array.of(0, 254, 128, 1), nulls: missing(1) },
  { name: 'flag', type: 'boolean', data: Uint8Array.of(1, 0, 0, 1), nulls: missing(2) },
  {
    name: 'name',
    type: 'string',
    data: ['Ceçi n’est pas', 'வணக்கம்', null, 'a "quoted", <cell> & more'],
    nulls: missing(2),
  },
  { name: 'band', type: 'string', data: ['u', 'g', null, 'y'], nulls: missing(2) },
];

const arrays = [
  arrayColumnFromCells({ name: 'vector', element: 'double', shape: [3] }, [
    [1, NaN, -Infinity],
    [4, 5, 6],
    null,
    [0, 0.1, 1e300],
  ]),
  arrayColumnFromCells({ name: 'lightcurve', element: 'float', unit: 'mag' }, [[20.5], null, [1, 2, 3], [0.1, 1e-45]]),
  arrayColumnFromCells({ name: 'matrix', element: 'int', shape: [2, 2] }, [
    [1, 2, 3, 4],
    [5, 6, 7, 8],
    [-1, -2, -3, -4],
    [0, 0, 0, 1],
  ]),
  arrayColumnFromCells({ name: 'stack', element: 'short', shape: [2, 0] }, [[1, 2, 3, 4], [5, 6], null, [-7, -8]]),
  arrayColumnFromCells({ name: 'ids', element: 'long' }, [[2n ** 63n - 1n, -(2n ** 63n)], [1n], null, [0n]]),
  arrayColumnFromCells({ name: 'bytes', element: 'byte', shape: [2] }, [
    [0, 255],
    [1, 2],
    [3, 4],
    [128, 127],
  ]),
  arrayColumnFromCells({ name: 'flags', element: 'boolean' }, [[1, 0, 1], [1], null, [0, 0]]),
  arrayColumnFromCells({ name: 'bits', element: 'boolean', shape: [10] }, [
    [1, 0, 1, 1, 0, 0, 0, 0, 1, 1],
    [0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
    [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
    [0, 1, 0, 1, 0, 1, 0, 1, 0, 1],
  ]),
  arrayColumnFromCells({ name: 'gain', element: 'doubleComplex', shape: [] }, [
    [1, -1],
    [0.1, 0.2],
    [3, 4],
    [5, 6],
  ]),
  arrayColumnFromCells({ name: 'visibility', element: 'floatComplex' }, [[1, 2, 3, 4], [0.5, -0.5], null, [1, 0]]),
];

export const everyDatatype = new Table(columns, 4, 'every', arrays);

const special: Readonly<Record<string, Partial<VotableField>>> = {
  id: { values: [{ null: '-9223372036854775808' }] },
  count: {
    values: [{ null: '-2147483648', min: { value: '-2147483647' }, max: { value: '2147483647', inclusive: false } }],
  },
  small: { values: [{ null: '-32768' }] },
  byte: { values: [{ null: '255' }] },
  band: { datatype: 'char', arraysize: '1' },
  bits: { datatype: 'bit' },
  ra: { ref: 'icrs' },
};

export const everyField: readonly VotableField[] = [
  ...everyDatatype.columns.map(votableField),
  ...everyDatatype.arrayColumns.map(votableField),
].map((field, i) => ({ ...field, ID: `col_${i + 1}`, ...special[field.name] }));

/** The cells that differ, as sentences: values bit for bit, missing ones as missing. Columns are matched by name. */
export function differences(found: Table, wanted: Table): string[] {
  const out: string[] = [];
  if (found.rowCount !== wanted.rowCount) out.push(`${found.rowCount} rows, not ${wanted.rowCount}`);
  const rows = Math.min(found.rowCount, wanted.rowCount);
  for (const { name, type } of wanted.columns) {
    if (!found.has(name) || found.column(name).type !== type) {
      out.push(`column ${name} is ${found.has(name) ? found.column(name).type : 'absent'}, not ${type}`);
      continue;
    }
    for (let row = 0; row < rows; row++) {
      const [a, b] = [found.value(name, row), wanted.value(name, row)];
      if (!Object.is(a, b)) out.push(`${name}[${row}] is ${String(a)}, not ${String(b)}`);
    }
  }
  for (const { name, element } of wanted.arrayColumns) {
    if (!found.hasArray(name) || found.arrayColumn(name).element !== element) {
      out.push(`array column ${name} is ${found.hasArray(name) ? found.arrayColumn(name).element : 'absent'}`);
      continue;
    }
    for (let row = 0; row < rows; row++) {
      const [a, b] = [found.cell(name, row), wanted.cell(name, row)].map((cell) => cell && Array.from<unknown>(cell));
      if (a?.length !== b?.length || a?.some((value, k) => !Object.is(value, b![k])))
        out.push(`${name}[${row}] is ${String(a)}, not ${String(b)}`);
    }
  }
  return out;
}

export async function collected(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}
