// The FITS reader: every HDU of a damaged file, as pixels, as a region, as a table with its cells, and its checksums.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encodeFits, FitsError, type FitsHdu, type HduInput, openFits } from '#libs/fits';
import { Table } from '#libs/table';
import { ASTROPY_FILES } from '../../libs/fits/src/astropy-files.fixture.js';
import type { FuzzTarget } from './fuzz-target.js';
import { replaced } from './mutate.js';
import { Random } from './random.js';

export const fitsTarget: FuzzTarget = {
  name: 'fits',
  seeds: () => [...written(), ...byAstropy(), ...realFiles()],
  edits: [overwriteCard, doubleCard, removeCard, swapCards, setCardValue, setCardValue, inflateSize, wrapInGzip],
  attempt: readEverything,
  isTyped: (error) => error instanceof FitsError,
};

async function readEverything(bytes: Uint8Array): Promise<void> {
  const refusals: FitsError[] = [];
  const attempt = async (action: () => unknown): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      if (error.code !== 'WRONG_KIND') refusals.push(error);
    }
  };
  const file = await openFits(bytes, { maxInflatedBytes: 1 << 24 });
  for (const hdu of file.hdus) {
    await attempt(() => hdu.verifyChecksum());
    if (hdu.kind === 'image' || hdu.kind === 'compressed-image') {
      await attempt(() => hdu.readImage());
      await attempt(() => readCorner(hdu));
    }
    if (hdu.kind !== 'image')
      await attempt(async () => {
        const table = await hdu.readTable();
        for (const field of table.fields)
          for (let row = 0; row < Math.min(3, table.rowCount); row++) await attempt(() => field.value(row));
      });
  }
  if (refusals.length > 0) throw refusals[0]!;
}

async function readCorner(hdu: FitsHdu): Promise<void> {
  const [width = 0, height = 0] = hdu.shape;
  if (hdu.shape.length >= 2)
    await hdu.readImage({ region: { x0: 0, y0: 0, width: Math.min(5, width), height: Math.min(3, height) } });
}

const WIDTH = 40;
const HEIGHT = 12;

function written(): Uint8Array[] {
  const random = new Random(7, 0);
  const floats = Float32Array.from({ length: WIDTH * HEIGHT }, () => 100 + 10 * random.next());
  const integers = Int16Array.from(floats, (value) => value * 10);
  const shape = [WIDTH, HEIGHT];
  const table = new Table([
    { name: 'id', type: 'long', data: BigInt64Array.of(1n, 2n, 3n), nulls: Uint8Array.of(0, 1, 0) },
    { name: 'x', type: 'double', data: Float64Array.of(1, 2, 3) },
    { name: 'ok', type: 'boolean', data: Uint8Array.of(1, 0, 1) },
    { name: 'name', type: 'string', data: ['a', 'bcd', ''] },
  ]);
  const vectors = [
    { name: 'psf', rows: [1, 2, 3].map((value) => Float32Array.of(value, value, value, value)), dim: [2, 2] },
    { name: 'spans', rows: [1, 0, 5].map((length) => new Int32Array(length).fill(length)), variable: true },
  ];
  const plain: HduInput[] = [
    { kind: 'image', shape, data: integers },
    { kind: 'image', shape, data: Uint16Array.from(integers), name: 'SCI' },
    { kind: 'image', shape: [8, 6, 10], data: Float64Array.from(floats), name: 'CUBE' },
    { kind: 'table', table, vectors, name: 'CAT' },
  ];
  const packed = (['RICE_1', 'GZIP_2', 'GZIP_1'] as const).map((type): HduInput[] => [
    { kind: 'image', shape, data: floats, compression: { type, dither: 'SUBTRACTIVE_DITHER_2' } },
    { kind: 'image', shape, data: integers, compression: { type, tile: [16, 5] } },
  ]);
  return [plain, ...packed].map((hdus) => encodeFits(hdus));
}

const byAstropy = (): Uint8Array[] =>
  Object.values(ASTROPY_FILES).map((text) => gunzipSync(Buffer.from(text, 'base64')));

const REAL_FOLDERS = ['8_fits', '1_raw_ccd', '9_vo_hips_moc'];
const LARGEST_REAL = 130_000;

function realFiles(): Uint8Array[] {
  const root = process.env['ALMAGEST_TEST_DATA'];
  if (!root) return [];
  return REAL_FOLDERS.map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => /\.fits?(\.gz|\.fz)?$/.test(name))
        .sort()
        .map((name) => join(folder, name)),
    )
    .filter((path) => statSync(path).size <= LARGEST_REAL)
    .map((path) => (path.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)));
}

// ---- damage to header cards

const CARD = 80;
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const isCard = (bytes: Uint8Array, at: number): boolean =>
  bytes[at + 8] === 0x3d && bytes[at]! > 0x40 && bytes[at]! < 0x5b;

/** A random card that has a value; where there is hardly one, a random place of 80 bytes. */
function someCard(bytes: Uint8Array, random: Random): number {
  let at = 0;
  for (let tries = 0; tries < 20; tries++) {
    at = CARD * random.below(bytes.length / CARD);
    if (isCard(bytes, at)) break;
  }
  return at;
}

function overwriteCard(bytes: Uint8Array, random: Random): Uint8Array {
  const from = someCard(bytes, random);
  return bytes.copyWithin(someCard(bytes, random), from, from + CARD);
}

function doubleCard(bytes: Uint8Array, random: Random): Uint8Array {
  const at = someCard(bytes, random);
  return replaced(bytes, at, at, bytes.slice(at, at + CARD));
}

function removeCard(bytes: Uint8Array, random: Random): Uint8Array {
  const at = someCard(bytes, random);
  return bytes.fill(0x20, at, at + CARD);
}

function swapCards(bytes: Uint8Array, random: Random): Uint8Array {
  const [a, b] = [someCard(bytes, random), someCard(bytes, random)];
  const first = bytes.slice(a, a + CARD);
  bytes.copyWithin(a, b, b + CARD);
  bytes.set(first.subarray(0, bytes.length - b), b);
  return bytes;
}

const VALUES = [
  '0',
  '1',
  '-1',
  '8',
  '16',
  '-32',
  '-64',
  '64',
  '999',
  '32768',
  '2147483647',
  '4294967296',
  '1E300',
  'NaN',
  'T',
  'F',
  '',
  "'RICE_1'",
  "'GZIP_2'",
  "'PLIO_1'",
  "'HCOMPRESS_1'",
  "'NOCOMPRESS'",
  "'SUBTRACTIVE_DITHER_2'",
  "'1PJ(5)'",
  "'1QE(9)'",
  "'0A'",
  "'99999999X'",
  "'3M'",
  "'1PB(0)'",
  "'(2,2,2)'",
  "'(0)'",
  "'IMAGE'",
  "'TABLE'",
  "'BINTABLE'",
  "'E99.1'",
  "'&'",
];

function setCardValue(bytes: Uint8Array, random: Random): Uint8Array {
  const at = someCard(bytes, random);
  const value = random.pick(VALUES);
  if (at + 10 > bytes.length) return bytes;
  bytes.set(
    text(value.startsWith("'") ? value.padEnd(20) : value.padStart(20)).subarray(0, bytes.length - at - 10),
    at + 10,
  );
  return bytes;
}

const SIZES = /^Z?(NAXIS\d*|PCOUNT|GCOUNT|TFIELDS|THEAP|TILE\d|TFORM\d|BITPIX|TILELEN)/;

/** One of the cards that say how large things are gets a random number. */
function inflateSize(bytes: Uint8Array, random: Random): Uint8Array {
  for (let tries = 0; tries < 20; tries++) {
    const at = someCard(bytes, random);
    if (at + 10 > bytes.length || !SIZES.test(Buffer.from(bytes.subarray(at, at + 8)).toString('latin1'))) continue;
    const size = String(Math.floor(2 ** (40 * random.next())));
    bytes.set(text(size.padStart(20)).subarray(0, Math.max(0, bytes.length - at - 10)), at + 10);
    break;
  }
  return bytes;
}

function wrapInGzip(bytes: Uint8Array, random: Random): Uint8Array {
  return random.next() < 0.2 ? gzipSync(bytes, { level: 1 }) : bytes;
}
