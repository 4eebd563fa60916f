import { describe, expect, it } from '@jest/globals';
import { Table } from '#libs/table';
import { encodeFits, FitsError, fromBytes, Header, openFits, type PixelData } from './index.js';

const ramp = <T extends PixelData>(make: (n: number) => T, big: boolean): T => {
  const data = make(12);
  for (let i = 0; i < 12; i++) data[i] = big ? BigInt(i * 1000) : i * 20;
  return data;
};

describe('images written and read back', () => {
  const cases: [string, PixelData, number][] = [
    ['uint8', ramp((n) => new Uint8Array(n), false), 8],
    ['int8', ramp((n) => new Int8Array(n), false), 8],
    ['int16', ramp((n) => new Int16Array(n), false), 16],
    ['uint16', Uint16Array.from([0, 1, 32767, 32768, 65535, 5, 6, 7, 8, 9, 10, 11]), 16],
    ['int32', Int32Array.from([-(2 ** 31), 2 ** 31 - 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 32],
    ['uint32', Uint32Array.from([0, 2 ** 32 - 1, 2 ** 31, 1, 2, 3, 4, 5, 6, 7, 8, 9]), 32],
    ['int64', BigInt64Array.from([-(2n ** 63n), 2n ** 63n - 1n, 0n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]), 64],
    ['uint64', BigUint64Array.from([2n ** 64n - 1n, 0n, 2n ** 63n, 1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]), 64],
    ['float32', Float32Array.from([NaN, Infinity, -0, 1e-40, 3.4e38, 1, 2, 3, 4, 5, 6, 7]), -32],
    ['float64', Float64Array.from([NaN, -Infinity, -0, 5e-324, 1.7e308, 1, 2, 3, 4, 5, 6, 7]), -64],
  ];
  it.each(cases)('%s keeps every bit', async (_name, data, bitpix) => {
    const file = await openFits(encodeFits([{ kind: 'image', shape: [4, 3], data, name: 'SCI' }]));
    const hdu = file.hdu('sci');
    const image = await hdu.readImage();
    expect(image.bitpix).toBe(bitpix);
    expect(image.shape).toEqual([4, 3]);
    expect(image.data).toEqual(data);
    expect(await hdu.verifyChecksum()).toEqual({ datasum: true, checksum: true });
    const part = await hdu.readImage({ region: { x0: 1, y0: 1, width: 2, height: 2 } });
    expect([...part.data]).toEqual([data[5], data[6], data[9], data[10]]);
  });
});

it('a table keeps 64-bit integers, nulls and text', async () => {
  const table = new Table([
    { name: 'id', type: 'long', data: BigInt64Array.of(9007199254740993n, -1n), unit: 'x', nulls: Uint8Array.of(0, 1) },
    { name: 'flux', type: 'double', data: Float64Array.of(1.5, NaN), unit: 'nJy', ucd: 'phot.flux' },
    { name: 'ok', type: 'boolean', data: Uint8Array.of(1, 0) },
    { name: 'band', type: 'string', data: ['r', 'zz'] },
  ]);
  const file = await openFits(encodeFits([{ kind: 'table', table, name: 'CAT' }]));
  const back = await file.hdu('CAT').readTable();
  expect(back.row(0)).toEqual({ id: 9007199254740993n, flux: 1.5, ok: true, band: 'r' });
  expect(back.row(1)).toEqual({ id: null, flux: NaN, ok: false, band: 'zz' });
  expect(back.column('flux')).toMatchObject({ unit: 'nJy', ucd: 'phot.flux' });
});

it('a header keeps long strings, HIERARCH keywords and comments', async () => {
  const header = Header.of([
    ['OBJECT', "O'Brien & Co ".repeat(12).trim(), 'a long one'],
    ['ESO DET NAME', 'chip', 'hierarch'],
    ['EXPTIME', 30, 'seconds'],
    ['GAIN', 1.25e-7],
  ]);
  header.addHistory('x'.repeat(100));
  const file = await openFits(encodeFits([{ kind: 'image', shape: [], data: new Uint8Array(0), header }]));
  const read = file.hdus[0]!.header;
  expect(read.get('OBJECT')).toBe(header.get('OBJECT'));
  expect(read.get('eso det name')).toBe('chip');
  expect(read.requireNumber('GAIN')).toBe(1.25e-7);
  expect(read.comment('OBJECT')).toBe('a long one');
  expect(() => read.requireNumber('OBJECT')).toThrow(FitsError);
});

it('a truncated file is refused by name', async () => {
  const bytes = encodeFits([{ kind: 'image', shape: [100, 100], data: new Float32Array(10000) }]);
  const file = await openFits(fromBytes(bytes.subarray(0, 2880 + 20000)));
  await expect(file.hdu(0).readImage()).rejects.toMatchObject({ code: 'TRUNCATED', hdu: 0 });
});

it('a table that claims no groups, and so no bytes for its rows, is refused', async () => {
  const table = new Table([{ name: 'a', type: 'int', data: Int32Array.of(1, 2) }]);
  const spans = { name: 'b', rows: [Int32Array.of(1), Int32Array.of(2)], variable: true };
  const bytes = encodeFits([{ kind: 'table', table, vectors: [spans] }]);
  const card = Buffer.from(bytes.buffer).indexOf('GCOUNT  =');
  bytes[card + 29] = 0x30;
  await expect((await openFits(bytes)).hdu(1).readTable()).rejects.toMatchObject({ code: 'BAD_TABLE', card: 'GCOUNT' });
});
