// The VOTable reader: documents in all three serialisations, read as a stream and whole, with damage to tags, attributes and base64.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readVotable, Table, TableError, votableTables, writeVotable } from '#libs/table';
import { collected, everyDatatype, everyField } from '../support/every-datatype.js';
import type { FuzzTarget } from './fuzz-target.js';
import { replaced } from './mutate.js';
import type { Random } from './random.js';

export const votableTarget: FuzzTarget = {
  name: 'votable',
  seeds: async () => [...(await written()), ...realFiles()],
  edits: [
    swapWord,
    swapWord,
    setAttribute,
    setAttribute,
    nestDeeper,
    insertMarkup,
    insertRun,
    damageBase64,
    claimLength,
    wrapInGzip,
  ],
  async attempt(bytes) {
    for (const table of votableTables(await readVotable(bytes)))
      for (const rows of table.rows as readonly Table[]) {
        if (rows.rowCount > 0) rows.row(rows.rowCount - 1);
        for (const { name } of rows.arrayColumns) if (rows.rowCount > 0) rows.cell(name, rows.rowCount - 1);
      }
  },
  isTyped: (error) => error instanceof TableError,
};

async function written(): Promise<Uint8Array[]> {
  const out: Uint8Array[] = [];
  for (const serialization of ['TABLEDATA', 'BINARY', 'BINARY2'] as const)
    out.push(
      await collected(
        writeVotable(
          {
            fields: everyField,
            coosys: [{ ID: 'icrs', system: 'ICRS' }],
            infos: [{ name: 'QUERY_STATUS', value: 'OK' }],
            params: [{ name: 'limit', datatype: 'int', value: '10' }],
            table: { groups: [{ name: 'position', fieldRefs: [{ ref: 'col_1' }] }] },
          },
          [everyDatatype],
          { serialization },
        ),
      ),
    );
  const numbers = new Table([
    { name: 'n', type: 'double', data: Float64Array.from({ length: 3000 }, (_, i) => i / 7) },
  ]);
  out.push(await collected(writeVotable({ fields: [{ name: 'n', datatype: 'double' }] }, [numbers])));
  return out;
}

const LARGEST_REAL = 130_000;

function realFiles(): Uint8Array[] {
  const root = process.env['ALMAGEST_TEST_DATA'];
  if (!root) return [];
  return ['votable_core', 'dal_responses']
    .map((folder) => join(root, '9_vo_hips_moc', folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.(xml|vot)(\.gz)?$/.test(name))
        .sort()
        .map((name) => join(folder, name)),
    )
    .filter((path) => statSync(path).size <= LARGEST_REAL)
    .map((path) => readFileSync(path));
}

const WORDS = [
  'TABLE',
  'RESOURCE',
  'FIELD',
  'PARAM',
  'DATA',
  'TABLEDATA',
  'BINARY',
  'BINARY2',
  'STREAM',
  'TR',
  'TD',
  'GROUP',
  'VALUES',
  'DESCRIPTION',
  'INFO',
  'char',
  'unicodeChar',
  'bit',
  'boolean',
  'unsignedByte',
  'short',
  'int',
  'long',
  'float',
  'double',
  'floatComplex',
  'doubleComplex',
];

/** The text as one character a byte, so that positions are those of the bytes. */
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const bytesOf = (text: string): Uint8Array => Buffer.from(text, 'latin1');

/** A random match of the pattern, from a random place on. */
function someMatch(bytes: Uint8Array, pattern: RegExp, random: Random): RegExpExecArray | null {
  const search = new RegExp(pattern.source, 'g');
  search.lastIndex = random.below(bytes.length);
  return search.exec(textOf(bytes));
}

function swapWord(bytes: Uint8Array, random: Random): Uint8Array {
  const match = someMatch(bytes, new RegExp(`\\b(?:${WORDS.join('|')})\\b`), random);
  return match ? replaced(bytes, match.index, match.index + match[0].length, bytesOf(random.pick(WORDS))) : bytes;
}

const VALUES = [
  '',
  '*',
  '0',
  '1',
  '0*',
  '99999999',
  '3x4x*',
  '4x0',
  '0x*',
  '1x1x1x1x1x1*',
  'base64',
  'gzip',
  'none',
  '-9',
  '&#0;',
  '&lt;',
  '\xff',
];

function setAttribute(bytes: Uint8Array, random: Random): Uint8Array {
  const match = someMatch(bytes, /(?:arraysize|null|datatype|encoding|name|ID|ref|nrows|value)="[^"]*"/, random);
  if (!match) return bytes;
  const name = random.next() < 0.2 ? 'arraysize' : match[0].split('=')[0];
  return replaced(bytes, match.index, match.index + match[0].length, bytesOf(`${name}="${random.pick(VALUES)}"`));
}

function nestDeeper(bytes: Uint8Array, random: Random): Uint8Array {
  const match = someMatch(bytes, /<(?:RESOURCE|GROUP|OPTION|TR|DESCRIPTION)[^<>]*>/, random);
  return match ? replaced(bytes, match.index, match.index, bytesOf(match[0].repeat(1 + random.below(300)))) : bytes;
}

const MARKUP = [
  '<!--',
  '-->',
  '<![CDATA[',
  ']]>',
  '<?x',
  '?>',
  '<!DOCTYPE VOTABLE [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>',
  '&b;',
  '&#x10ffff;',
  '&#xd800;',
  '"',
  '<',
  '>',
  '/>',
  '</TR>',
  '<TR>',
  '<TD/>',
  '\ufeff',
  '\0',
];

function insertMarkup(bytes: Uint8Array, random: Random): Uint8Array {
  const at = random.next() < 0.3 ? 0 : random.below(bytes.length);
  return replaced(bytes, at, at, bytesOf(random.pick(MARKUP).repeat(random.next() < 0.05 ? 5000 : 1)));
}

/** Very many of one character: what makes a careless pattern slow. */
function insertRun(bytes: Uint8Array, random: Random): Uint8Array {
  if (random.next() > 0.1) return bytes;
  const match = someMatch(bytes, /<T[DR]>|<FIELD|="|<STREAM[^>]*>/, random);
  const at = match ? match.index + match[0].length : random.below(bytes.length);
  return replaced(bytes, at, at, bytesOf(random.pick([' ', '9', 'a', '\n', ',', '=', '-', '0x']).repeat(300_000)));
}

function base64At(bytes: Uint8Array, random: Random): { start: number; end: number } | undefined {
  const text = textOf(bytes);
  const start = text.indexOf('<STREAM', random.next() < 0.8 ? 0 : random.below(bytes.length));
  const begin = start < 0 ? -1 : text.indexOf('>', start) + 1;
  const end = begin <= 0 ? -1 : text.indexOf('</STREAM', begin);
  return end < 0 ? undefined : { start: begin, end };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=';

function damageBase64(bytes: Uint8Array, random: Random): Uint8Array {
  const found = base64At(bytes, random);
  if (!found) return bytes;
  const at = found.start + random.below(found.end - found.start);
  if (random.next() < 0.3) return replaced(bytes, at, Math.min(found.end, at + 1 + random.below(12)), bytesOf(''));
  for (let k = 0; k < 1 + random.below(8) && at + k < found.end; k++)
    bytes[at + k] = ALPHABET.charCodeAt(random.below(ALPHABET.length));
  return bytes;
}

/** A count of elements inside the stream that is far beyond what follows. */
function claimLength(bytes: Uint8Array, random: Random): Uint8Array {
  const found = base64At(bytes, random);
  if (!found) return bytes;
  const data = Buffer.from(textOf(bytes.subarray(found.start, found.end)), 'base64');
  if (data.length < 4) return bytes;
  data.writeUInt32BE(random.pick([0x7fffffff, 0xffffffff, 0x01000000, 0x00100000, 0]), random.below(data.length - 3));
  return replaced(bytes, found.start, found.end, bytesOf(data.toString('base64')));
}

function wrapInGzip(bytes: Uint8Array, random: Random): Uint8Array {
  return random.next() < 0.2 ? gzipSync(bytes) : bytes;
}
