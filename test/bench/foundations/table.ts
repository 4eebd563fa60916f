// A catalog of 100,000 rows and 18 columns in and out, beside astropy and pyarrow on the same rows in the same run.
import { writeFile } from 'node:fs/promises';
import {
  type Column,
  readParquet,
  readVotableTable,
  Table,
  type VotableField,
  votableFields,
  writeParquet,
  writeVotable,
} from '#libs/table';
import { type BenchCase, median, type Timing } from '../bench-case.js';
import type { Surroundings } from '../../accuracy/surroundings.js';
import { collected } from '../../support/every-datatype.js';

const ROWS = 100_000;
const ROUNDS = 5;

/** Three identifiers, ten doubles, three floats, a flag and a band: the shape of a source catalog. */
function catalog(): Table {
  let state = 1;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const columns: Column[] = [];
  for (let k = 0; k < 3; k++)
    columns.push({
      name: `id${k}`,
      type: 'long',
      data: BigInt64Array.from({ length: ROWS }, (_, i) => 2n ** 60n + BigInt(i * (k + 1))),
    });
  for (let k = 0; k < 10; k++)
    columns.push({ name: `d${k}`, type: 'double', data: Float64Array.from({ length: ROWS }, () => 360 * random()) });
  for (let k = 0; k < 3; k++)
    columns.push({ name: `f${k}`, type: 'float', data: Float32Array.from({ length: ROWS }, () => 1000 * random()) });
  columns.push({ name: 'flag', type: 'boolean', data: Uint8Array.from({ length: ROWS }, (_, i) => i & 1) });
  columns.push({ name: 'band', type: 'string', data: Array.from({ length: ROWS }, (_, i) => 'ugrizy'[i % 6]!) });
  return new Table(columns);
}

const fieldsOf = (table: Table): VotableField[] =>
  votableFields(table).map((field) => (field.name === 'band' ? { ...field, datatype: 'char' } : field));

/** Repeats `action` on what `load` made of the file; prints the milliseconds of each round. */
const python = (load: string, action: string): string => `
import io, sys, time, warnings
warnings.simplefilter('ignore')
${load}
for i in range(${ROUNDS + 1}):
    start = time.perf_counter()
    ${action}
    if i: print(1000 * (time.perf_counter() - start))
`;

const ASTROPY_WRITE = python(
  `from astropy.io.votable import parse
document = parse(sys.argv[1])
document.get_first_table().format = 'binary2'`,
  'document.to_xml(io.BytesIO())',
);
const ASTROPY_READ = python('from astropy.io.votable import parse', 'parse(sys.argv[1])');
const PYARROW_WRITE = python(
  `import pyarrow as pa, pyarrow.parquet as pq
pa.set_cpu_count(1)
table = pq.read_table(sys.argv[1])`,
  "pq.write_table(table, io.BytesIO(), compression='snappy')",
);
const PYARROW_READ = python(
  'import pyarrow as pa, pyarrow.parquet as pq\npa.set_cpu_count(1)',
  'pq.read_table(sys.argv[1], use_threads=False)',
);

type Action = (table: Table, file: Buffer) => Promise<unknown>;

/** Ours and theirs by turns: half of our rounds before theirs, half after. */
async function beside(
  surroundings: Surroundings,
  write: (table: Table) => AsyncIterable<Uint8Array>,
  ours: Action,
  script: string,
): Promise<Timing> {
  const table = catalog();
  const file = await collected(write(table));
  const path = surroundings.scratch('catalog');
  await writeFile(path, file);
  const times: number[] = [];
  const some = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const started = performance.now();
      await ours(table, file);
      times.push(performance.now() - started);
    }
  };
  await some(1);
  times.length = 0;
  await some(ROUNDS);
  const theirs = (await surroundings.python(script, undefined, [path])).toString().trim().split('\n').map(Number);
  await some(ROUNDS);
  return {
    ours: median(times),
    theirs: median(theirs),
    note: `${ROWS} rows, 18 columns, ${(file.length / 2 ** 20).toFixed(1)} MiB`,
  };
}

const votable = (table: Table): AsyncIterable<Uint8Array> => writeVotable({ fields: fieldsOf(table) }, [table]);
const parquet = (table: Table): AsyncIterable<Uint8Array> => writeParquet(fieldsOf(table), [table]);

/** The bytes of a writer, none kept. */
async function drained(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let bytes = 0;
  for await (const chunk of chunks) bytes += chunk.length;
  return bytes;
}

export const table: readonly BenchCase[] = [
  {
    room: 'table',
    name: 'VOTable BINARY2 out',
    against: 'astropy',
    goal: { fasterAtLeast: 50 },
    needs: ['python:astropy'],
    measure: (around) => beside(around, votable, (rows) => drained(votable(rows)), ASTROPY_WRITE),
  },
  {
    room: 'table',
    name: 'VOTable BINARY2 in',
    against: 'astropy',
    goal: { fasterAtLeast: 8 },
    needs: ['python:astropy'],
    measure: (around) => beside(around, votable, (_, file) => readVotableTable(file), ASTROPY_READ),
  },
  {
    room: 'table',
    name: 'Parquet out, Snappy',
    against: 'pyarrow on one core',
    goal: { slowerAtMost: 8 },
    needs: ['python:pyarrow'],
    measure: (around) => beside(around, parquet, (rows) => drained(parquet(rows)), PYARROW_WRITE),
  },
  {
    room: 'table',
    name: 'Parquet in, Snappy',
    against: 'pyarrow on one core',
    goal: { slowerAtMost: 30 },
    needs: ['python:pyarrow'],
    measure: (around) => beside(around, parquet, (_, file) => readParquet(file), PYARROW_READ),
  },
];
