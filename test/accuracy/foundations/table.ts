// Table files: what other programs store is read as they read it, and what we write they read back.
import { createWriteStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  parquetBatches,
  readCsv,
  readVotable,
  Table,
  TableError,
  type VotableDocument,
  type VotableField,
  type VotableSerialization,
  type VotableTable,
  votableTables,
  writeCsv,
  writeParquet,
  writeVotable,
} from '#libs/table';
import { everyDatatype, everyField } from '../../support/every-datatype.js';
import { Random } from '../../fuzz/random.js';
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';
import {
  ASTROPY_VOTABLE,
  ASTROPY_VOTABLES,
  differingCells,
  floatsRounded,
  type PlainTable,
  plainRows,
  textTrimmed,
  PYTHON_PLAIN,
} from './table-cells.js';

const ASTROPY = 'astropy 5.2 (io.votable)';
const SERIALIZATIONS: readonly VotableSerialization[] = ['TABLEDATA', 'BINARY', 'BINARY2'];

/** astropy counts varying arrays of several axes otherwise than the standard, stilts those of complex numbers (see the library's README). */
const forAstropy = everyField.filter(({ name }) => name !== 'stack');
const forStilts = everyField.filter(({ name }) => name !== 'visibility');
const forBoth = forAstropy.filter(({ name }) => name !== 'visibility');
const scalars = everyField.filter(({ name }) => everyDatatype.has(name));

async function write(path: string, bytes: AsyncIterable<Uint8Array>): Promise<string> {
  await pipeline(Readable.from(bytes), createWriteStream(path));
  return path;
}

const votableFile = (
  around: Surroundings,
  fields: readonly VotableField[],
  serialization: VotableSerialization,
  rows: readonly Table[] = [everyDatatype],
): Promise<string> =>
  write(
    around.scratch(`${serialization}.vot`),
    writeVotable(
      {
        fields,
        coosys: [{ ID: 'icrs', system: 'ICRS' }],
        infos: [{ name: 'QUERY_STATUS', value: 'OK' }],
        trailingInfos: () => [{ name: 'QUERY_STATUS', value: 'OVERFLOW' }],
      },
      rows,
      { serialization },
    ),
  );

async function python(around: Surroundings, script: string, ...args: string[]): Promise<PlainTable[]> {
  const out = await around.python(script, undefined, [...args]);
  return JSON.parse(out.toString()) as PlainTable[];
}

async function ourVotable(path: string): Promise<PlainTable[]> {
  const document = await readVotable(await readFile(path));
  return votableTables(document).map((table) => plainRows((table.rows as readonly Table[])[0]!, table.fields));
}

function compared(pairs: readonly (readonly [ours: PlainTable, theirs: PlainTable])[], note = ''): Measurement {
  const results = pairs.map(([ours, theirs]) => differingCells(ours, theirs));
  const total = (of: 'cells' | 'differ'): number => results.reduce((sum, result) => sum + result[of], 0);
  const first = results.find((result) => result.first !== '')?.first ?? '';
  return { value: total('differ'), note: `${total('cells')} cells${note}${first && `; ${first}`}` };
}

const every = (fields: readonly VotableField[]): PlainTable => plainRows(everyDatatype, fields);

/**
 * Every stored VOTable that we read, cell by cell; those that we refuse are listed with their codes. Where astropy 5.2 gives
 * up (a TIMESYS without ID), knows no varying text of limited length, or reads empty integers as 0 (before VOTable 1.3), it
 * reads what stilts makes of the file, without spaces around text.
 */
async function storedVotables(around: Surroundings): Promise<Measurement> {
  const pairs: [PlainTable, PlainTable][] = [];
  const refused: string[] = [];
  const names: string[] = [];
  for (const folder of ['votable_core', 'dal_responses'])
    for (const name of (await readdir(around.data('9_vo_hips_moc', folder), { recursive: true })).sort())
      if (/\.(xml|vot)(\.gz)?$/.test(name)) names.push(around.data('9_vo_hips_moc', folder, name));
  const all = await around.python(ASTROPY_VOTABLES, undefined, [...names]);
  const byAstropy = JSON.parse(all.toString()) as (PlainTable[] | null)[];
  for (const [k, path] of names.entries()) {
    let ours: VotableDocument;
    try {
      ours = await readVotable(await readFile(path));
    } catch (error) {
      if (!(error instanceof TableError)) throw error;
      refused.push(`${basename(path)} ${error.code}`);
      continue;
    }
    const tables = votableTables(ours);
    const rows = (table: VotableTable): Table => (table.rows as readonly Table[])[0]!;
    if (tables.every((table) => rows(table).rowCount === 0)) continue;
    const limited = tables.some(({ fields }) => fields.some(({ arraysize = '' }) => /\d\*$/.test(arraysize)));
    const old = /^v?1\.[0-2]/.test(ours.version);
    const inDoubt = byAstropy[k] === null || (tables.length === 1 && (limited || old));
    const theirs = inDoubt ? await stiltsThenAstropy(around, path) : byAstropy[k]!;
    tables.forEach((table, i) => {
      const plain = plainRows(rows(table), table.fields);
      const other = floatsRounded(theirs[i] ?? { fields: 0, rows: [] }, table.fields);
      pairs.push([textTrimmed(plain), textTrimmed(other)]);
    });
  }
  return compared(pairs, ` of ${names.length} files, ${pairs.length} tables with rows; refused: ${refused.join(', ')}`);
}

async function stiltsThenAstropy(around: Surroundings, path: string): Promise<PlainTable[]> {
  const out = around.scratch('stilts-read.vot');
  await stiltsConvert(around, path, 'votable', 'votable(format=TABLEDATA)', out);
  return python(around, ASTROPY_VOTABLE, out);
}

async function votlint(around: Surroundings): Promise<Measurement> {
  let errors = 0;
  let files = 0;
  const messages: string[] = [];
  for (const serialization of SERIALIZATIONS)
    for (const rows of [[everyDatatype, everyDatatype.slice(1, 3)], [everyDatatype.take([])]]) {
      const fields = serialization === 'TABLEDATA' ? everyField : forStilts;
      const path = await votableFile(around, fields, serialization, rows);
      const lines = (await around.run('stilts', ['votlint', `votable=${path}`])).toString().split('\n');
      const found = lines.filter((line) => line.startsWith('ERROR'));
      errors += found.length;
      messages.push(...found);
      files++;
    }
  return { value: errors, note: `${files} documents ${messages[0] ?? ''}` };
}

const stiltsConvert = (around: Surroundings, from: string, ifmt: string, ofmt: string, out: string): Promise<Buffer> =>
  around.run('stilts', ['tpipe', `in=${from}`, `ifmt=${ifmt}`, `ofmt=${ofmt}`, `out=${out}`]);

/** Ours through stilts into a format that astropy reads. */
async function throughStilts(around: Surroundings): Promise<Measurement> {
  const pairs: [PlainTable, PlainTable][] = [];
  for (const serialization of SERIALIZATIONS) {
    const out = around.scratch(`stilts-${serialization}.vot`);
    // stilts has no missing single characters
    const fields = forBoth.filter(({ name }) => name !== 'band');
    await stiltsConvert(around, await votableFile(around, fields, serialization), 'votable', 'votable', out);
    const [theirs] = await python(around, ASTROPY_VOTABLE, out);
    pairs.push([every(fields), floatsRounded(theirs!, fields)]);
  }
  return compared(pairs);
}

async function writtenByStilts(around: Surroundings): Promise<Measurement> {
  const pairs: [PlainTable, PlainTable][] = [];
  const from = await votableFile(around, forBoth, 'TABLEDATA');
  for (const format of ['TABLEDATA', 'BINARY', 'BINARY2']) {
    const out = around.scratch(`by-stilts-${format}.vot`);
    await stiltsConvert(around, from, 'votable', `votable(format=${format})`, out);
    const [ours] = await ourVotable(out);
    pairs.push([ours!, every(forBoth)]);
  }
  return compared(pairs);
}

const ASTROPY_REWRITE = `
import sys, warnings
warnings.simplefilter('ignore')
from astropy.io.votable import parse
document = parse(sys.argv[1])
for table in document.iter_tables(): table.format = sys.argv[2]
document.version = '1.3'
document.to_xml(sys.argv[3])
`;

async function writtenByAstropy(around: Surroundings): Promise<Measurement> {
  const pairs: [PlainTable, PlainTable][] = [];
  const from = await votableFile(around, forAstropy, 'BINARY2');
  for (const format of ['tabledata', 'binary', 'binary2']) {
    const out = around.scratch(`by-astropy-${format}.vot`);
    await around.python(ASTROPY_REWRITE, undefined, [from, format, out]);
    const [ours] = await ourVotable(out);
    pairs.push([ours!, every(forAstropy)]);
  }
  return compared(pairs);
}

const csvFile = (around: Surroundings, fields: readonly VotableField[]): Promise<string> =>
  write(
    around.scratch('ours.csv'),
    writeCsv(
      fields.map(({ name }) => name),
      [everyDatatype],
    ),
  );

/** Flags are text to readers of CSV. */
const flagsAsText = (table: PlainTable): PlainTable => ({
  ...table,
  rows: table.rows.map((row) => row.map((cell) => (typeof cell === 'boolean' ? String(cell) : cell))),
});

const ASTROPY_CSV = `${PYTHON_PLAIN}
from astropy.io import ascii
table = ascii.read(sys.argv[1], format='csv')
def value(v):
    v = cell(v)
    return str(v).lower() if isinstance(v, bool) else v
show([[[value(v) for v in table[name]] for name in table.colnames]])
`;

async function csvByAstropy(around: Surroundings): Promise<Measurement> {
  const [theirs] = await python(around, ASTROPY_CSV, await csvFile(around, scalars));
  return compared([[flagsAsText(every(scalars)), floatsRounded(theirs!, scalars)]]);
}

async function csvThroughStilts(around: Surroundings): Promise<Measurement> {
  const out = around.scratch('csv.vot');
  // stilts 3.4 takes CSV for Latin-1
  const ascii = scalars.filter(({ name }) => name !== 'name');
  await stiltsConvert(around, await csvFile(around, ascii), 'csv', 'votable', out);
  const [theirs] = await python(around, ASTROPY_VOTABLE, out);
  return compared([[every(ascii), floatsRounded(theirs!, ascii)]]);
}

async function csvByStilts(around: Surroundings): Promise<Measurement> {
  const out = around.scratch('by-stilts.csv');
  await stiltsConvert(around, await votableFile(around, scalars, 'BINARY2'), 'votable', 'csv', out);
  const table = await readCsv(await readFile(out), { columns: everyDatatype.columns });
  return compared([[plainRows(table, scalars), every(scalars)]]);
}

const PYARROW_READ = `${PYTHON_PLAIN}
import pyarrow.parquet as pq
table = pq.read_table(sys.argv[1])
show([[column.to_pylist() for column in table.columns]])
`;

async function parquetByPyarrow(around: Surroundings): Promise<Measurement> {
  const pairs: [PlainTable, PlainTable][] = [];
  for (const codec of ['SNAPPY', 'UNCOMPRESSED'] as const) {
    const path = await write(
      around.scratch(`${codec}.parquet`),
      writeParquet(everyField, [everyDatatype], { codec, rowGroupRows: 3 }),
    );
    const [theirs] = await python(around, PYARROW_READ, path);
    pairs.push([every(everyField), theirs!]);
  }
  return compared(pairs);
}

const PYARROW_HEADER = `
import io, json, sys, warnings
warnings.simplefilter('ignore')
import pyarrow.parquet as pq
from astropy.io.votable import parse
metadata = pq.read_metadata(sys.argv[1]).metadata
document = parse(io.BytesIO(metadata[b'IVOA.VOTable-Parquet.content']))
table = document.get_first_table()
print(json.dumps([[f.name, str(f.unit or ''), f.ucd or '', f.description or ''] for f in table.fields]))
`;

/** Units, UCDs and descriptions as astropy finds them in the header inside the file. */
async function parquetHeader(around: Surroundings): Promise<Measurement> {
  const path = await write(around.scratch('header.parquet'), writeParquet(everyField, [everyDatatype]));
  const found = JSON.parse((await around.python(PYARROW_HEADER, undefined, [path])).toString()) as string[][];
  const wanted = everyField.map(({ name, unit = '', ucd = '', description = '' }) => [name, unit, ucd, description]);
  const wrong = wanted.filter((facts, i) => JSON.stringify(facts) !== JSON.stringify(found[i]));
  return { value: wrong.length + Math.abs(found.length - wanted.length), note: `${found.length} fields` };
}

const PYARROW_WRITE = `
import sys, pyarrow as pa, pyarrow.parquet as pq
n = 5000
table = pa.table({
  'long': pa.array([None if i % 7 == 0 else (-1)**i * (2**63 - 1 - i) for i in range(n)], pa.int64()),
  'int': pa.array([i - 2500 for i in range(n)], pa.int32()),
  'short': pa.array([i % 300 - 150 for i in range(n)], pa.int16()),
  'byte': pa.array([i % 256 for i in range(n)], pa.uint8()),
  'double': pa.array([None if i % 5 == 0 else i / 7 for i in range(n)], pa.float64()),
  'float': pa.array([i / 7 for i in range(n)], pa.float32()),
  'flag': pa.array([None if i % 11 == 0 else i % 2 == 0 for i in range(n)], pa.bool_()),
  'band': pa.array([None if i % 13 == 0 else 'ugrizy'[i % 6] for i in range(n)]),
  'name': pa.array(['object \\u03b1 %d' % i for i in range(n)]),
  'list': pa.array([None if i % 17 == 0 else [j / 3 for j in range(i % 4)] for i in range(n)], pa.list_(pa.float64())),
})
pq.write_table(table, sys.argv[1], compression=sys.argv[2], data_page_version=sys.argv[3], row_group_size=2000,
  use_dictionary=sys.argv[4] == 'dictionary')
`;

async function ourParquet(path: string): Promise<PlainTable> {
  const batches: Table[] = [];
  for await (const batch of parquetBatches(await readFile(path))) batches.push(batch);
  const names = [...batches[0]!.columns, ...batches[0]!.arrayColumns].map(({ name }) => name);
  const fields = names.map((name): VotableField => ({ name, datatype: 'double' }));
  const rows = batches.flatMap((batch) => plainRows(batch, fields).rows);
  return { fields: names.length, rows };
}

async function writtenByPyarrow(around: Surroundings): Promise<Measurement> {
  const pairs: [PlainTable, PlainTable][] = [];
  for (const codec of ['snappy', 'gzip', 'brotli', 'none'])
    for (const [version, dictionary] of [
      ['1.0', 'dictionary'],
      ['2.0', 'plain'],
    ] as const) {
      const path = around.scratch(`${codec}-${version}.parquet`);
      await around.python(PYARROW_WRITE, undefined, [path, codec, version, dictionary]);
      const [theirs] = await python(around, PYARROW_READ, path);
      pairs.push([await ourParquet(path), theirs!]);
    }
  const stored = around.data('9_vo_hips_moc', 'votable_core', 'parquet_binary.xml.parquet');
  pairs.push([await ourParquet(stored), (await python(around, PYARROW_READ, stored))[0]!]);
  return compared(pairs);
}

const NUMPY_DECIMALS = `
import sys
import numpy as np
from astropy.io.votable import parse_single_table
table = parse_single_table(sys.argv[1]).array
doubles = np.fromfile(sys.argv[2], '<u8')
floats = np.fromfile(sys.argv[3], '<u4')
print(int(np.sum(np.asarray(table['d']).view('<u8') != doubles)) + int(np.sum(np.asarray(table['f']).view('<u4') != floats)))
`;

/** Random bit patterns (finite ones) as decimals, read back by numpy. */
async function decimals(around: Surroundings): Promise<Measurement> {
  const count = 100_000;
  const random = new Random(20, 1);
  const word = (): number => Math.floor(random.next() * 2 ** 32);
  const floats = new Float32Array(Uint32Array.from({ length: count }, word).buffer);
  const doubles = new Float64Array(Uint32Array.from({ length: 2 * count }, word).buffer);
  for (let i = 0; i < count; i++) {
    if (!Number.isFinite(floats[i]!)) floats[i] = i;
    if (!Number.isFinite(doubles[i]!)) doubles[i] = i;
  }
  const table = new Table([
    { name: 'd', type: 'double', data: doubles },
    { name: 'f', type: 'float', data: floats },
  ]);
  const path = await write(
    around.scratch('decimals.vot'),
    writeVotable(
      {
        fields: [
          { name: 'd', datatype: 'double' },
          { name: 'f', datatype: 'float' },
        ],
      },
      [table],
      { serialization: 'TABLEDATA' },
    ),
  );
  const bits = [around.scratch('d.bits'), around.scratch('f.bits')];
  await writeFile(bits[0]!, new Uint8Array(doubles.buffer));
  await writeFile(bits[1]!, new Uint8Array(floats.buffer));
  const back = await readVotable(await readFile(path));
  const [ours] = votableTables(back)[0]!.rows as readonly Table[];
  const own = doubles.reduce((wrong, value, i) => wrong + (Object.is(ours!.value('d', i), value) ? 0 : 1), 0);
  const numpy = Number((await around.python(NUMPY_DECIMALS, undefined, [path, ...bits])).toString());
  return { value: own + numpy, note: `${2 * count} numbers` };
}

const GROWTH_ROWS = 2_000_000;

/** What writing and reading a long stream adds to this process; the document itself is never held. */
async function memoryOfStream(): Promise<Measurement> {
  const batch = new Table([
    { name: 'i', type: 'long', data: new BigInt64Array(10_000) },
    { name: 'x', type: 'double', data: new Float64Array(10_000) },
  ]);
  function* rows(): Generator<Table> {
    for (let sent = 0; sent < GROWTH_ROWS; sent += batch.rowCount) yield batch;
  }
  const fields: VotableField[] = [
    { name: 'i', datatype: 'long' },
    { name: 'x', datatype: 'double' },
  ];
  const before = process.memoryUsage().rss;
  let most = before;
  let bytes = 0;
  for await (const chunk of writeVotable({ fields }, rows())) {
    bytes += chunk.length;
    most = Math.max(most, process.memoryUsage().rss);
  }
  return {
    value: (most - before) / 2 ** 20,
    note: `${GROWTH_ROWS} rows, ${Math.round(bytes / 2 ** 20)} MiB of document`,
  };
}

const votableByAstropy = (serialization: VotableSerialization): TruthCase => ({
  room: 'table',
  name: `VOTable ${serialization} of every datatype as astropy reads it`,
  truth: ASTROPY,
  limit: 0,
  unit: 'cells',
  needs: ['python:astropy'],
  async measure(around) {
    const [theirs] = await python(around, ASTROPY_VOTABLE, await votableFile(around, forAstropy, serialization));
    return compared([[every(forAstropy), floatsRounded(theirs!, forAstropy)]]);
  },
});

const cells = (name: string, truth: string, needs: TruthCase['needs'], measure: TruthCase['measure']): TruthCase => ({
  room: 'table',
  name,
  truth,
  limit: 0,
  unit: 'cells',
  ...(needs && { needs }),
  measure,
});

export const table: readonly TruthCase[] = [
  cells(
    'stored VOTables and service responses, every cell',
    'astropy 5.2 (io.votable) and stilts 3.4',
    ['data', 'python:astropy', 'command:stilts'],
    storedVotables,
  ),
  ...SERIALIZATIONS.map(votableByAstropy),
  {
    room: 'table',
    name: 'VOTables of every datatype, with and without rows, in three serialisations',
    truth: 'stilts 3.4 votlint',
    limit: 0,
    unit: 'errors',
    needs: ['command:stilts'],
    measure: votlint,
  },
  cells(
    'VOTables of ours through stilts',
    'stilts 3.4 and astropy',
    ['command:stilts', 'python:astropy'],
    throughStilts,
  ),
  cells('VOTables that stilts writes', 'stilts 3.4', ['command:stilts'], writtenByStilts),
  cells('VOTables that astropy writes', ASTROPY, ['python:astropy'], writtenByAstropy),
  cells('decimals of random floats and doubles, bit for bit', 'numpy and our reader', ['python:astropy'], decimals),
  cells('CSV of every scalar type', 'astropy 5.2 (io.ascii)', ['python:astropy'], csvByAstropy),
  cells('CSV of ours through stilts', 'stilts 3.4 and astropy', ['command:stilts', 'python:astropy'], csvThroughStilts),
  cells('CSV that stilts writes', 'stilts 3.4', ['command:stilts'], csvByStilts),
  cells('Parquet of every datatype', 'pyarrow', ['python:pyarrow', 'python:numpy'], parquetByPyarrow),
  cells(
    'Parquet that pyarrow writes: codecs, pages, dictionaries, lists',
    'pyarrow',
    ['data', 'python:pyarrow', 'python:numpy'],
    writtenByPyarrow,
  ),
  {
    room: 'table',
    name: 'units, UCDs and descriptions in the VOTable header of our Parquet',
    truth: ASTROPY,
    limit: 0,
    unit: 'fields',
    needs: ['python:pyarrow', 'python:astropy'],
    measure: parquetHeader,
  },
  {
    room: 'table',
    name: 'growth of the process while it writes a long BINARY2 document',
    truth: 'the operating system',
    limit: 64,
    unit: 'MiB',
    measure: memoryOfStream,
  },
];
