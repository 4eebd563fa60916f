// Files written by astropy, read here (for runs without the stored data).

import { describe, expect, it } from '@jest/globals';
import { gunzipSync } from 'node:zlib';
import { ASTROPY_FILES, ASTROPY_PIXELS } from './astropy-files.fixture.js';
import { type FitsHdu, openFits } from './index.js';

const NX = 20;
const NY = 16;
/** the pixels of the integer files */
const pixel = (x: number, y: number): number => ((x * 7 + y * 13) % 50) + (x === 3 ? 1000 : 0);

const open = async (name: keyof typeof ASTROPY_FILES): Promise<FitsHdu> =>
  (await openFits(Buffer.from(ASTROPY_FILES[name], 'base64'))).hdu(1);

describe('compressed images written by astropy', () => {
  it.each(['HCOMPRESS_1', 'PLIO_1', 'RICE_1', 'GZIP_2'] as const)('%s integers are exact', async (name) => {
    const hdu = await open(name);
    expect(hdu.kind).toBe('compressed-image');
    expect(hdu.shape).toEqual([NX, NY]);
    expect(hdu.header.get('NAXIS1')).toBe(NX);
    const { data } = await hdu.readImage();
    const truth = Array.from({ length: NX * NY }, (_, i) => pixel(i % NX, Math.floor(i / NX)));
    expect(Array.from(data as Int16Array)).toEqual(truth);
    const region = await hdu.readImage({ region: { x0: 5, y0: 4, width: 9, height: 7 } });
    expect(region.shape).toEqual([9, 7]);
    expect(region.data[0]).toBe(pixel(5, 4));
    expect(region.data.at(-1)).toBe(pixel(13, 10));
  });
  it.each(['floatNoDither', 'floatDither1', 'floatDither2'] as const)(
    '%s gives the float32 astropy gives, to the last bit',
    async (name) => {
      const { data } = await (await open(name)).readImage();
      const bytes = gunzipSync(Buffer.from(ASTROPY_PIXELS[name], 'base64'));
      const truth = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
      expect(data).toEqual(truth);
      expect(data[6 * NX + 2]).toBeNaN();
      if (name === 'floatDither2') expect(data[5 * NX]).toBe(0);
    },
  );
  it('HCOMPRESS with smoothing gives the integers cfitsio gives', async () => {
    const { shape, data } = await (await open('hcompressSmoothed')).readImage();
    const bytes = gunzipSync(Buffer.from(ASTROPY_PIXELS.hcompressSmoothed, 'base64'));
    expect(shape).toEqual([31, 33]);
    expect(data).toEqual(new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
  });
});

it('a binary table of every kind of column', async () => {
  const table = await (await open('table')).readTable();
  expect(table.rowCount).toBe(3);
  expect(table.data('K', 'long')).toEqual(BigInt64Array.of(2n ** 62n + 1n, -7n, 3n));
  expect(table.data('U', 'long')).toEqual(BigInt64Array.of(0n, 2n ** 32n - 1n, 5n));
  expect(table.data('S', 'string')).toEqual(['ab', 'cde', '']);
  expect(table.field('X').value(0)).toEqual(Uint8Array.of(1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0));
  expect(table.field('X').value(2)).toEqual(new Uint8Array(11).fill(1));
  expect(table.field('C').value(1)).toEqual(Float32Array.of(3, -4));
  expect(table.field('V').dim).toEqual([3, 2]);
  expect(table.field('V').value(2)).toEqual(Float32Array.of(12, 13, 14, 15, 16, 17));
  expect([0, 1, 2].map((row) => table.field('P').array(row))).toEqual([
    Int32Array.of(1, 2, 3),
    Int32Array.of(),
    Int32Array.of(9),
  ]);
  expect(table.field('Q').value(1)).toEqual(Float64Array.of(2, 3));
  expect(table.data('SC', 'double')).toEqual(Float64Array.of(10, 11, 12));
  expect([0, 1, 2].map((row) => table.value('N', row))).toEqual([1, null, 3]);
  expect(table.field('N').value(1)).toBeNull();
  expect([0, 1, 2].map((row) => table.value('L', row))).toEqual([true, false, true]);
});

it('variable-length cells of a compressed table, compressed one by one or not at all', async () => {
  const hdu = await open('variableCells');
  const table = await hdu.readTable();
  expect(hdu.kind).toBe('compressed-table');
  expect(table.rowCount).toBe(90);
  for (const i of [0, 1, 4, 17, 89]) {
    expect(table.value('id', i)).toBe(2n ** 60n + BigInt(i));
    expect(table.field('p').value(i)).toEqual(Int32Array.from({ length: (i * 7) % 11 }, (_, k) => 1000 * k + i));
    expect(table.field('q').value(i)).toEqual(Float64Array.from({ length: (i * 3) % 5 }, (_, k) => k + i));
  }
});

it('an ASCII table', async () => {
  const table = await (await open('ascii')).readTable();
  expect(table.row(0)).toEqual({ name: 'M31', n: 123456789012n, v: 1.5e-10, f: 1.125 });
  expect(table.row(2)).toEqual({ name: 'x', n: 0n, v: 0, f: 99.999 });
  expect(table.column('f').unit).toBe('mag');
});
