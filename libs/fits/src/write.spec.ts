// What we write: compressed images within the quantisation, vector columns, headers, and files written piece by piece.

import { describe, expect, it } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Table } from '#libs/table';
import { type DitherMethod, encodeFits, Header, type HduInput, openFits, writeFits } from './index.js';

const NX = 64;
const NY = 20;
const SIGMA = 3;
/** Gaussian noise (sum of 12 uniforms of a Lehmer generator) on a slope, a row of zeros, a NaN, a constant row. */
function noisy(): Float32Array {
  let state = 5;
  const uniform = (): number => (state = (state * 48271) % 2147483647) / 2147483647;
  return Float32Array.from({ length: NX * NY }, (_, i) => {
    const y = Math.floor(i / NX);
    if (y === 4) return 0;
    if (i === 6 * NX + 3) return NaN;
    if (y === 8) return 7;
    let sum = -6;
    for (let k = 0; k < 12; k++) sum += uniform();
    return 1000 + y + SIGMA * sum;
  });
}

describe('compressed floats', () => {
  const methods: DitherMethod[] = ['NO_DITHER', 'SUBTRACTIVE_DITHER_1', 'SUBTRACTIVE_DITHER_2'];
  const cases = methods.flatMap((dither) => (['RICE_1', 'GZIP_2'] as const).map((type) => [type, dither] as const));
  it.each(cases)('%s with %s is within half a step, and NaN stays NaN', async (type, dither) => {
    const data = noisy();
    const step = 0.25;
    const bytes = encodeFits([
      { kind: 'image', shape: [NX, NY], data, compression: { type, dither, quantize: -step, seed: 17 } },
    ]);
    const image = await (await openFits(bytes)).hdu(1).readImageAsFloat32();
    // half a step, and the rounding of float32 near 1000
    const limit = step / 2 + 1e-4;
    let worst = 0;
    for (let i = 0; i < data.length; i++)
      if (Number.isNaN(data[i])) expect(image.data[i]).toBeNaN();
      else worst = Math.max(worst, Math.abs(data[i]! - image.data[i]!));
    expect(worst).toBeLessThanOrEqual(limit);
    expect(worst).toBeGreaterThan(step / 4);
    if (dither === 'SUBTRACTIVE_DITHER_2') expect(image.data.subarray(4 * NX, 5 * NX)).toEqual(new Float32Array(NX));
  });
  it('the step follows the noise: 16 steps per sigma, so the error is sigma / 16 / sqrt(12)', async () => {
    const data = noisy();
    const bytes = encodeFits([
      { kind: 'image', shape: [NX, NY], data, compression: { type: 'RICE_1', tile: [NX, 4] } },
    ]);
    const { data: back } = await (await openFits(bytes)).hdu(1).readImageAsFloat32();
    let sum = 0;
    for (let i = 9 * NX; i < data.length; i++) sum += (data[i]! - back[i]!) ** 2;
    const rms = Math.sqrt(sum / (data.length - 9 * NX));
    // the noise of a tile of 256 pixels is known to about 10 %
    expect(rms / (SIGMA / 16 / Math.sqrt(12))).toBeGreaterThan(0.8);
    expect(rms / (SIGMA / 16 / Math.sqrt(12))).toBeLessThan(1.2);
  });
  it('lossless floats keep every bit, infinities too', async () => {
    const data = noisy();
    data[0] = Infinity;
    for (const compression of [
      { type: 'GZIP_2', quantize: 0 },
      { type: 'GZIP_1', quantize: 0, tile: [30, 7] },
    ] as const) {
      const bytes = encodeFits([{ kind: 'image', shape: [NX, NY], data, compression }]);
      expect((await (await openFits(bytes)).hdu(1).readImage()).data).toEqual(data);
    }
    const quantised = encodeFits([{ kind: 'image', shape: [NX, NY], data, compression: { type: 'RICE_1' } }]);
    expect((await (await openFits(quantised)).hdu(1).readImage()).data[0]).toBe(Infinity);
  });
  it('a request that cannot be met is refused', () => {
    const data = new BigInt64Array(4);
    const image = (compression: object): HduInput =>
      ({ kind: 'image', shape: [2, 2], data, compression: { type: 'RICE_1', ...compression } }) as HduInput;
    expect(() => encodeFits([image({})])).toThrow(expect.objectContaining({ code: 'BAD_VALUE' }));
    expect(() => encodeFits([image({ type: 'GZIP_2', seed: 0 })])).toThrow(/seed/);
  });
});

describe('compressed integers', () => {
  it.each([Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array])('%p is exact', async (type) => {
    const data = new type(NX * NY).map((_, i) => Math.imul(i, 2654435761) >>> (i % 3 === 0 ? 8 : 24));
    for (const name of ['RICE_1', 'GZIP_1', 'GZIP_2'] as const) {
      const bytes = encodeFits([{ kind: 'image', shape: [NX, NY], data, compression: { type: name, tile: [25, 6] } }]);
      const hdu = (await openFits(bytes)).hdu(1);
      expect((await hdu.readImage()).data).toEqual(data);
      expect(await hdu.verifyChecksum()).toEqual({ datasum: true, checksum: true });
    }
  });
  it('a cube is cut in tiles and put together again', async () => {
    const data = Int16Array.from({ length: 7 * 5 * 3 }, (_, i) => i);
    const compression = { type: 'RICE_1', tile: [4, 3, 2] } as const;
    const hdu = (await openFits(encodeFits([{ kind: 'image', shape: [7, 5, 3], data, compression }]))).hdu(1);
    expect((await hdu.readImage()).data).toEqual(data);
    const region = await hdu.readImage({ region: { x0: 3, y0: 2, width: 2, height: 2 } });
    expect([...region.data]).toEqual([0, 1, 2].flatMap((z) => [17, 18, 24, 25].map((v) => v + 35 * z)));
  });
});

it('vector and variable-length columns come back as they were', async () => {
  const table = new Table([{ name: 'id', type: 'int', data: Int32Array.of(1, 2) }]);
  const cov = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)];
  const spans = [Uint16Array.of(65535, 1), new Uint16Array(0)];
  const vectors = [
    { name: 'cov', rows: cov, dim: [2, 2], unit: 'px2' },
    { name: 'spans', rows: spans, variable: true },
  ];
  const back = await (await openFits(encodeFits([{ kind: 'table', table, vectors }]))).hdu(1).readTable();
  expect(back.data('id', 'int')).toEqual(Int32Array.of(1, 2));
  expect([0, 1].map((row) => back.field('cov').array(row))).toEqual(cov);
  expect(back.field('cov').dim).toEqual([2, 2]);
  expect([0, 1].map((row) => back.field('spans').array(row))).toEqual(spans);
});

it('integer columns with nulls keep the extreme values they use', async () => {
  const data = Int16Array.of(-32768, 5, -32767);
  const table = new Table([{ name: 'a', type: 'short', data, nulls: Uint8Array.of(0, 1, 0) }]);
  const back = await (await openFits(encodeFits([{ kind: 'table', table }]))).hdu(1).readTable();
  expect([0, 1, 2].map((row) => back.value('a', row))).toEqual([-32768, null, -32767]);
});

it('a file written piece by piece has the bytes of the one made in memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fits-'));
  try {
    const path = join(folder, 'a.fits');
    const hdus: HduInput[] = [
      { kind: 'image', shape: [1500, 1000], data: Float32Array.from({ length: 1500000 }, (_, i) => i / 7) },
      { kind: 'image', shape: [3], data: Uint16Array.of(1, 2, 65535), name: 'X' },
    ];
    await writeFits(path, hdus);
    expect(Buffer.compare(await readFile(path), encodeFits(hdus))).toBe(0);
    expect(await readdir(folder)).toEqual(['a.fits']);
    const file = await openFits(path);
    const into = new Float32Array(1500000);
    expect((await file.hdu(0).readImageAsFloat32({ into })).data).toBe(into);
    expect(into[700]).toBe(Math.fround(100));
    expect((await file.hdu('X').readImageAsFloat32()).data).toEqual(Float32Array.of(1, 2, 65535));
    await expect(file.hdu(0).readImage({ into: new Int16Array(3) })).rejects.toMatchObject({ code: 'BAD_VALUE' });
    await file.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('header cards', () => {
  const roundTrip = async (header: Header): Promise<Header> =>
    (await openFits(encodeFits([{ kind: 'image', shape: [], data: new Uint8Array(0), header }]))).hdu(0).header;
  it.each([
    ['a number of 64 bits', 9007199254740993n],
    ['minus zero', -0],
    ['a large number', 1e300],
    ['the smallest number', 5e-324],
    ['false', false],
    ['quotes', "it's ''quoted''"],
    ['quotes at every cut', "'".repeat(150)],
    ['an ampersand at the end', 'R&D &'],
    ['nothing', ''],
    ['a long text', 'word '.repeat(60).trim()],
  ])('%s', async (_name, value) => {
    const header = await roundTrip(Header.of([['KEY', value, 'what it is']]));
    expect(header.get('KEY')).toEqual(value);
    expect(header.comment('KEY')).toBe('what it is');
  });
  it('NaN is written as no value; infinity and non-ASCII text are refused', async () => {
    expect((await roundTrip(Header.of({ SEEING: NaN }))).get('SEEING')).toBeUndefined();
    await expect(roundTrip(Header.of({ SEEING: Infinity }))).rejects.toMatchObject({ code: 'BAD_VALUE' });
    await expect(roundTrip(Header.of({ OBSERVER: 'Å' }))).rejects.toMatchObject({ code: 'BAD_VALUE' });
  });
  it('odd cards of real files are read as what they say', () => {
    const header = Header.parse(
      [
        'EXP     = 1.5D+02 / Fortran double',
        'CPLX    = (1.0, 2.0)',
        'BADNUM  = 1.2.3 / no number',
        'NOVALUE =',
        'LONG    = 123456789012345678901234567890',
        'HIERARCH ESO TEL AIRM = 1.05 / airmass',
        "STR     = '   leading' / kept",
        'COMMENT = not a value',
        'END',
        'AFTER   = 1',
      ].join('\n'),
    );
    expect(header.get('EXP')).toBe(150);
    expect(header.get('CPLX')).toBe('(1.0, 2.0)');
    expect(header.getNumber('BADNUM')).toBeUndefined();
    expect(header.has('NOVALUE') && header.get('NOVALUE') === undefined).toBe(true);
    expect(header.get('LONG')).toBe(123456789012345678901234567890n);
    expect(header.get('ESO TEL AIRM')).toBe(1.05);
    expect(header.get('STR')).toBe('   leading');
    expect(header.has('AFTER')).toBe(false);
  });
  it('a changed byte makes the checksum fail', async () => {
    const bytes = encodeFits([{ kind: 'image', shape: [4], data: Int16Array.of(1, 2, 3, 4) }]);
    bytes[2880]! ^= 1;
    expect(await (await openFits(bytes)).hdu(0).verifyChecksum()).toEqual({ datasum: false, checksum: false });
  });
});
