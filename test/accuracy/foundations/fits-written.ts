// What we write, judged by fitsverify and read back by astropy and funpack: images of every type, tables of every kind of
// column, compressed images. The originals go to astropy as plain arrays, so that it compares with them and not with us.
import { writeFileSync } from 'node:fs';
import { type CompressionOptions, Header, type HduInput, openFits, type PixelData, writeFits } from '#libs/fits';
import { Table } from '#libs/table';
import type { Surroundings } from '../surroundings.js';
import type { Measurement, TruthCase } from '../truth-case.js';

const room = 'fits';
const NX = 61;
const NY = 47;

/** xorshift32: the same numbers on every run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The extremes of the type, then random bits of it. */
function anything<T extends PixelData>(make: new (length: number) => T, length = NX * NY): T {
  const random = generator(make.name.length);
  const data = new make(length);
  const bytes = new Uint8Array(data.buffer);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 256 * random();
  bytes.fill(0xff, 0, 8).fill(0, 8, 16).fill(0x80, 16, 24);
  return data;
}

const TYPES = [
  Uint8Array,
  Int8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
] as readonly (new (length: number) => PixelData)[];

const images: readonly HduInput[] = [
  ...TYPES.map((type, i): HduInput => {
    const header = Header.of([
      ['OBJECT', `a text that is too long for one card, so that it goes on: ${type.name} `.repeat(3).trim(), 'long'],
      ['ESO DET CHIP NAME', type.name, 'a hierarchical keyword'],
      ['GAIN', 1.25e-7],
    ]);
    return { kind: 'image', shape: [NX, NY], data: anything(type), name: type.name, version: i + 1, header };
  }),
  { kind: 'image', shape: [5, 4, 3], data: Float32Array.from({ length: 60 }, (_, i) => i / 7), name: 'CUBE' },
];

const ROWS = 40;
const nulls = Uint8Array.from({ length: ROWS }, (_, i) => (i % 7 === 3 ? 1 : 0));
const table = new Table(
  [
    { name: 'long', type: 'long', data: anything(BigInt64Array, ROWS), unit: 'ct', ucd: 'meta.id', description: 'ids' },
    { name: 'double', type: 'double', data: anything(Float64Array, ROWS), unit: 'deg' },
    { name: 'float', type: 'float', data: anything(Float32Array, ROWS) },
    { name: 'int', type: 'int', data: anything(Int32Array, ROWS) },
    { name: 'short', type: 'short', data: anything(Int16Array, ROWS) },
    { name: 'byte', type: 'byte', data: anything(Uint8Array, ROWS) },
    { name: 'intOrNull', type: 'int', data: Int32Array.from({ length: ROWS }, (_, i) => i - 5), nulls },
    { name: 'flag', type: 'boolean', data: Uint8Array.from({ length: ROWS }, (_, i) => (i % 3 === 0 ? 1 : 0)) },
    { name: 'text', type: 'string', data: Array.from({ length: ROWS }, (_, i) => 'abcdefghijk'.slice(0, i % 12)) },
  ],
  ROWS,
);
const vectors = [
  { name: 'matrix', rows: Array.from({ length: ROWS }, (_, i) => Float64Array.of(i, 1, 2, 3, 4, 5)), dim: [3, 2] },
  { name: 'unsigned', rows: Array.from({ length: ROWS }, (_, i) => Uint16Array.of(i, 65535)) },
  // not unsigned: astropy neither writes nor reads such cells
  ...([Uint8Array, Int16Array, Int32Array, BigInt64Array, Float32Array] as const).map((type) => ({
    name: `variable${type.name}`,
    rows: Array.from({ length: ROWS }, (_, i) => anything(type as new (length: number) => PixelData, i % 5 && 3 + i)),
    variable: true,
  })),
];
const tables: readonly HduInput[] = [
  { kind: 'table', table, vectors, name: 'ALL' },
  { kind: 'table', table: new Table([{ name: 'none', type: 'double', data: new Float64Array(0) }]), name: 'EMPTY' },
];

/** Sky, a star, NaNs and exact zeros: what quantisation meets. */
function sky(): Float32Array {
  const random = generator(77);
  return Float32Array.from({ length: NX * NY }, (_, i) => {
    if (i % 97 === 5) return NaN;
    if (i % 89 === 3) return 0;
    const [x, y] = [(i % NX) - 30, Math.floor(i / NX) - 20];
    return 1000 + 8 * (random() + random() + random() + random() - 2) + 5000 * Math.exp(-(x * x + y * y) / 20);
  });
}

const STEP = 0.25;
const floats = sky();
const FLOAT_FORMS: readonly CompressionOptions[] = (['RICE_1', 'GZIP_2', 'GZIP_1'] as const).flatMap((type) =>
  (['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'] as const).map((dither): CompressionOptions => ({
    type,
    dither,
    quantize: -STEP,
    seed: 4321,
    tile: [NX, 10],
  })),
);
const quantised: readonly HduInput[] = FLOAT_FORMS.map((compression) => ({
  kind: 'image',
  shape: [NX, NY],
  data: floats,
  compression,
}));
/** Of 64-bit integers cfitsio, which reads here, has no compressed images. */
const packed: readonly HduInput[] = TYPES.filter((type) => !type.name.startsWith('Big')).flatMap((type): HduInput[] => {
  const data = anything(type);
  const lossless = data instanceof Float32Array || data instanceof Float64Array;
  return (lossless ? (['GZIP_1', 'GZIP_2'] as const) : (['RICE_1', 'GZIP_1', 'GZIP_2'] as const)).map((name) => ({
    kind: 'image',
    shape: [NX, NY],
    data,
    compression: { type: name, quantize: 0, tile: [25, 9] },
  }));
});

async function written(around: Surroundings, name: string, hdus: readonly HduInput[]): Promise<string> {
  const path = around.scratch(name);
  await writeFits(path, hdus);
  return path;
}

/** Errors and warnings together. */
async function fitsverify(around: Surroundings, path: string): Promise<Measurement> {
  const said = (await around.run('sh', ['-c', 'fitsverify "$0"; true', path])).toString();
  const found = /found (\d+) warning\(s\) and (\d+) error\(s\)/.exec(said);
  if (!found) throw new Error(said.slice(-500));
  const file = await openFits(path);
  await file.close();
  const complaints = said.split('\n').filter((line) => line.startsWith('***'));
  return {
    value: Number(found[1]) + Number(found[2]),
    note: `${file.hdus.length} HDUs${complaints.length > 1 ? `; ${complaints.slice(0, 2).join(' ')}` : ''}`,
  };
}

interface Original {
  readonly path: string;
  readonly hdu: number;
  readonly column?: string;
  /** one array, or one per row */
  readonly data: PixelData | readonly PixelData[] | readonly string[];
  /** astropy 5 reads quantised NaNs, its own too, as their integers scaled: they are left to funpack */
  readonly nanUnread?: boolean;
}

const COMPARE = `
import json, sys, warnings
import numpy as np
from astropy.io import fits
warnings.simplefilter('error')
warnings.filterwarnings('ignore', category=DeprecationWarning)
wrong = []
def same(found, file, dtype, quantised=False):
    found, original = np.asarray(found).ravel(), np.fromfile(file, dtype)
    if quantised:
        there = ~np.isnan(original)
        return np.array_equal(found[there], original[there])
    # cfitsio has a NaN of its own; unsigned cells of variable length come as doubles
    if dtype[0] == 'f': return found.dtype.newbyteorder('=') == dtype and np.array_equal(found, original, equal_nan=True) and np.array_equal(np.signbit(found[found == 0]), np.signbit(original[original == 0]))
    return len(found) == len(original) and all(int(a) == int(b) for a, b in zip(found, original))
for one in json.load(sys.stdin):
    with fits.open(one['path'], memmap=False, checksum=True) as f:
        data = f[one['hdu']].data
        if one.get('column'): data = data[one['column']]
        if 'text' in one: ok = [str(s) for s in data] == one['text']
        elif 'rows' in one: ok = all(same(data[i], b, one['dtype']) for i, b in enumerate(one['rows']))
        else: ok = same(data, one['file'], one['dtype'], one.get('nanUnread'))
        if not ok: wrong.append([one['hdu'], one.get('column') or str(data.dtype)])
print(json.dumps(wrong))`;

/** How many of the originals astropy reads back otherwise; a failing checksum ends in an error. */
async function astropyDiffers(around: Surroundings, originals: readonly Original[]): Promise<Measurement> {
  let files = 0;
  const save = (data: PixelData): string => {
    const file = around.scratch(`original-${files++}.bin`);
    writeFileSync(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    return file;
  };
  const asked = originals.map(({ path, hdu, column, data, nanUnread }) => ({
    nanUnread,
    path,
    hdu,
    column,
    dtype: dtypeOf(ArrayBuffer.isView(data) ? data : data[0]),
    ...(ArrayBuffer.isView(data)
      ? { file: save(data as PixelData) }
      : typeof data[0] === 'string'
        ? { text: data }
        : { rows: (data as readonly PixelData[]).map(save) }),
  }));
  const wrong = JSON.parse((await around.python(COMPARE, JSON.stringify(asked))).toString()) as unknown[];
  return {
    value: wrong.length,
    note: `${originals.length} compared${wrong.length ? `: ${JSON.stringify(wrong)}` : ''}`,
  };
}

/** numpy's name of an array's type */
const dtypeOf = (data: unknown): string =>
  ArrayBuffer.isView(data) ? data.constructor.name.replace(/^Big|Array$/g, '').toLowerCase() : '';

const pixelsOf = (hdus: readonly HduInput[], path: string, first: number): Original[] =>
  hdus.map((hdu, i) => ({ path, hdu: first + i, data: (hdu as { readonly data: PixelData }).data }));

function columnsOf(path: string): Original[] {
  const plain = table.columns.map((column): Original => {
    const { name, type, nulls: missing } = column;
    const data = type === 'string' ? (column.data as readonly string[]) : (column.data as PixelData).slice();
    // the number that stands for null is the smallest that is free
    if (missing) missing.forEach((is, i) => is && ((data as Int32Array)[i] = -(2 ** 31)));
    return { path, hdu: 1, column: name, data: data as Original['data'] };
  });
  return [...plain, ...vectors.map(({ name, rows }) => ({ path, hdu: 1, column: name, data: rows }))];
}

const ASTROPY = 'astropy of this machine';
const FITSVERIFY = 'fitsverify of this machine';

const verified = (name: string, file: string, hdus: readonly HduInput[]): TruthCase => ({
  room,
  name: `fitsverify on ${name}: errors and warnings`,
  truth: FITSVERIFY,
  limit: 0,
  unit: '',
  needs: ['command:fitsverify'],
  measure: async (around) => fitsverify(around, await written(around, file, hdus)),
});

const readBack = (
  name: string,
  file: string,
  hdus: readonly HduInput[],
  originals: (path: string) => readonly Original[],
): TruthCase => ({
  room,
  name: `${name} read back otherwise`,
  truth: ASTROPY,
  limit: 0,
  unit: '',
  needs: ['python:astropy'],
  measure: async (around) => astropyDiffers(around, originals(await written(around, file, hdus))),
});

export const fitsWritten: readonly TruthCase[] = [
  verified('images of all types', 'images.fits', images),
  verified('a table of all kinds of columns', 'tables.fits', tables),
  verified('compressed images of all types', 'packed.fits', packed),
  verified('compressed floats with each dithering', 'quantised.fits', quantised),
  readBack('images', 'images.fits', images, (path) => pixelsOf(images, path, 0)),
  readBack('table columns', 'tables.fits', tables, columnsOf),
  readBack('images compressed without loss', 'packed.fits', packed, (path) => pixelsOf(packed, path, 1)),
  {
    room,
    name: 'compressed floats: largest error in steps of quantisation',
    truth: `the original pixels, read by ${ASTROPY}; half a step and float32`,
    limit: 0.501,
    unit: 'step',
    needs: ['python:astropy'],
    async measure(around) {
      const path = await written(around, 'quantised.fits', quantised);
      // both read the same numbers to the last bit, so that ours stand for theirs
      const ours = await Promise.all(
        (await openFits(path)).hdus.slice(1).map(async (hdu) => (await hdu.readImage()).data),
      );
      const { value: differing } = await astropyDiffers(
        around,
        ours.map((data, i) => ({ path, hdu: i + 1, data, nanUnread: true })),
      );
      if (differing > 0) throw new Error(`astropy reads ${differing} of ${ours.length} images otherwise than we do`);
      let worst = 0;
      let missing = 0;
      for (const data of ours)
        for (let i = 0; i < floats.length; i++)
          if (Number.isNaN(floats[i])) missing += Number.isNaN(data[i]) ? 0 : 1;
          else worst = Math.max(worst, Math.abs(floats[i]! - (data[i] as number)) / STEP);
      if (missing > 0) throw new Error(`${missing} NaN became numbers`);
      return { value: worst, note: `${ours.length} images, the same numbers in astropy and here` };
    },
  },
  {
    room,
    name: 'compressed images that funpack unfolds otherwise than we do',
    truth: 'funpack (cfitsio) of this machine',
    limit: 0,
    unit: '',
    needs: ['command:funpack'],
    async measure(around) {
      const differing: string[] = [];
      // apart: after lossless floats in the same file funpack unfolds quantised ones to zeros
      for (const [name, all] of Object.entries({ packed, quantised })) {
        const path = await written(around, `${name}.fits.fz`, all);
        const unfolded = around.scratch(`${name}-unfolded.fits`);
        await around.run('sh', ['-c', 'rm -f "$1" && funpack -O "$1" "$0"', path, unfolded]);
        const [ours, theirs] = [await openFits(path), await openFits(unfolded)];
        for (let i = 1; i <= all.length; i++) {
          const [a, b] = [(await ours.hdu(i).readImage()).data, (await theirs.hdu(i).readImage()).data];
          const same = (value: number | bigint, k: number): boolean =>
            value === b[k] || (Number.isNaN(value) && Number.isNaN(b[k]));
          if (a.constructor !== b.constructor || !a.every(same))
            differing.push(`${name} ${i}, ${a.constructor.name} and ${b.constructor.name}`);
        }
        await Promise.all([ours.close(), theirs.close()]);
      }
      return {
        value: differing.length,
        note: [`${packed.length + quantised.length} images`, ...differing.slice(0, 3)].join('; '),
      };
    },
  },
];
