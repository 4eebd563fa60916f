// Bare tile streams of the nom.tam.fits test set against the pixels they were made of.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { FitsError } from '../errors.js';
import { hcompressDecode } from './hcompress.js';
import { plioDecode } from './plio.js';
import { type BytePix, riceDecode, riceEncode } from './rice.js';
import { DITHER } from './dither.js';

const root = process.env['ALMAGEST_TEST_DATA'];

function pixels(bytes: Buffer, bits: number): Int32Array {
  const out = new Int32Array((bytes.length * 8) / bits);
  for (let i = 0; i < out.length; i++)
    out[i] = bits === 8 ? bytes[i]! : bits === 16 ? bytes.readInt16BE(2 * i) : bytes.readInt32BE(4 * i);
  return out;
}

if (root) {
  const folder = join(root, '8_fits/tile_compression_streams/image/comp');
  const cases = ['99', '100'].flatMap((side) =>
    [8, 16, 32].flatMap((bits) =>
      (
        [
          ['rise', 'rise'],
          ['hcompress/scale0', 'huf'],
          ['plio', 'plio'],
        ] as const
      )
        .map(([dir, ext]) => [ext, bits, side, join(folder, dir, `test${side}Data${bits}.${ext}`)] as const)
        .filter(([, , , path]) => existsSync(path)),
    ),
  );
  it.each(cases)('%s stream of %i-bit pixels, side %s, is decoded to the last bit', (ext, bits, side, path) => {
    const truth = pixels(readFileSync(join(folder, `bare/test${side}Data${bits}.bin`)), bits);
    const stream = readFileSync(path);
    const out = new Int32Array(truth.length);
    if (ext === 'rise') riceDecode(stream, out, out.length, (bits / 8) as BytePix, 32);
    else if (ext === 'huf') hcompressDecode(stream, out, out.length);
    else plioDecode(stream, out, out.length);
    expect(Buffer.compare(Buffer.from(out.buffer), Buffer.from(truth.buffer))).toBe(0);
    if (ext === 'rise') {
      const again = riceEncode(truth, truth.length, (bits / 8) as BytePix, 32);
      expect(Buffer.compare(Buffer.from(again), stream)).toBe(0);
    }
  });
  it('a lossy HCOMPRESS stream is decoded like the stored decompression', () => {
    const truth = pixels(readFileSync(join(folder, 'hcompress/scale4/test100Data4huf32.uncompressed')), 32);
    const out = new Int32Array(truth.length);
    hcompressDecode(readFileSync(join(folder, 'hcompress/scale4/test100Data32.4huf')), out, out.length);
    let worst = 0;
    for (let i = 0; i < out.length; i++) worst = Math.max(worst, Math.abs(out[i]! - truth[i]!));
    expect(worst).toBe(0);
  });
} else
  it('says which tests need the stored data', () => {
    console.log('not run: 17 tests need ALMAGEST_TEST_DATA');
    expect(root).toBeUndefined();
  });

describe('Rice coding', () => {
  const patterns: [string, (i: number) => number][] = [
    ['constant', () => 7],
    ['ramp', (i) => i],
    ['extremes', (i) => (i % 2 === 0 ? 2 ** 31 - 1 : -(2 ** 31))],
    ['noise', (i) => ((Math.imul(i + 1, 2654435761) >>> 7) % 4001) - 2000],
    ['one spike', (i) => (i === 40 ? 1e9 : 3)],
  ];
  it.each(patterns)('%s survives in 1, 2 and 4 bytes', (_name, value) => {
    for (const bytePix of [1, 2, 4] as const)
      for (const count of [1, 31, 32, 33, 1000]) {
        const shift = 32 - 8 * bytePix;
        const input = Int32Array.from({ length: count }, (_, i) =>
          bytePix === 1 ? value(i) & 0xff : (value(i) << shift) >> shift,
        );
        const out = new Int32Array(count);
        riceDecode(riceEncode(input, count, bytePix, 32), out, count, bytePix, 32);
        expect(out).toEqual(input);
      }
  });
  it('a stream that ends early is refused', () => {
    const input = Int32Array.from({ length: 100 }, (_, i) => i * i);
    const stream = riceEncode(input, 100, 4, 32);
    const out = new Int32Array(100);
    expect(() => riceDecode(stream.subarray(0, stream.length - 3), out, 100, 4, 32)).toThrow(FitsError);
    expect(() => riceDecode(new Uint8Array(2), out, 100, 4, 32)).toThrow(FitsError);
  });
});

it('the dither sequence is that of the standard: its generator ends at 1043618065 (FITS 4.0, appendix I)', () => {
  expect(DITHER.at(-1)).toBe(Math.fround(1043618065 / 2147483647));
});
