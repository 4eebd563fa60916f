// The reader of delimited text, with types inferred and given, and the damage that quotes, delimiters and line ends do.
import { gzipSync } from 'node:zlib';
import { csvBatches, readCsv, TableError, writeCsv } from '#libs/table';
import { collected, everyDatatype } from '../support/every-datatype.js';
import type { FuzzTarget } from './fuzz-target.js';
import { replaced } from './mutate.js';
import type { Random } from './random.js';

export const csvTarget: FuzzTarget = {
  name: 'csv',
  seeds: async () => {
    const names = everyDatatype.columns.map(({ name }) => name);
    const written = await collected(writeCsv(names, [everyDatatype]));
    const numbers = Array.from({ length: 2000 }, (_, i) => `${i},${i / 7},"text ${i}",${i % 2 ? 'true' : ''}`);
    return [
      written,
      Buffer.from(`id,x,name,flag\n${numbers.join('\n')}\n`),
      Buffer.from('\ufeffa;b\r\n1;2\r\n'),
      gzipSync(written),
    ];
  },
  edits: [insertSyntax, insertSyntax, removeLineEnd, repeatLine],
  async attempt(bytes) {
    const table = await readCsv(bytes);
    if (table.rowCount > 0) table.row(table.rowCount - 1);
    const columns = table.columns.map(({ name }, i) => ({
      name,
      type: (['double', 'int', 'string'] as const)[i % 3]!,
    }));
    for await (const batch of csvBatches(bytes, { columns })) if (batch.rowCount > 0) batch.row(0);
  },
  isTyped: (error) => error instanceof TableError,
};

const SYNTAX = [
  '"',
  '""',
  ',',
  '\r',
  '\n',
  '\r\n',
  '\t',
  ';',
  '\0',
  '\ufeff',
  ',,,,,,,',
  'NaN',
  '9223372036854775808',
  '-',
];

function insertSyntax(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.below(bytes.length + 1);
  return replaced(bytes, at, at, Buffer.from(random.pick(SYNTAX).repeat(random.next() < 0.05 ? 20_000 : 1)));
}

function removeLineEnd(bytes: Uint8Array, random: Random): Uint8Array {
  const at = bytes.indexOf(0x0a, random.below(bytes.length));
  return at < 0 ? bytes : replaced(bytes, at, at + 1, new Uint8Array(0));
}

function repeatLine(bytes: Uint8Array, random: Random): Uint8Array {
  const start = bytes.indexOf(0x0a, random.below(bytes.length)) + 1;
  const end = bytes.indexOf(0x0a, start) + 1;
  return end > start ? replaced(bytes, start, start, bytes.slice(start, end)) : bytes;
}
