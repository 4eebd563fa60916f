// Damaged files: whatever is changed in a good file, the answer is data or a FitsError, soon and in bounded memory.

import { expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { Table } from '#libs/table';
import { encodeFits, FitsError, type HduInput, openFits } from './index.js';

/** xorshift32: the same mutations on every run. */
function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

const WIDTH = 40;
const HEIGHT = 12;
function corpus(): Uint8Array[] {
  const random = generator(7);
  const floats = Float32Array.from({ length: WIDTH * HEIGHT }, () => 100 + 10 * random());
  const integers = Int16Array.from(floats, (v) => v * 10);
  const image = (data: HduInput & { kind: 'image' }): HduInput => data;
  const shape = [WIDTH, HEIGHT];
  const table = new Table([
    { name: 'id', type: 'long', data: BigInt64Array.of(1n, 2n, 3n), nulls: Uint8Array.of(0, 1, 0) },
    { name: 'x', type: 'double', data: Float64Array.of(1, 2, 3) },
    { name: 'ok', type: 'boolean', data: Uint8Array.of(1, 0, 1) },
    { name: 'name', type: 'string', data: ['a', 'bcd', ''] },
  ]);
  const vectors = [
    { name: 'psf', rows: [1, 2, 3].map((v) => Float32Array.of(v, v, v, v)), dim: [2, 2] },
    { name: 'spans', rows: [1, 0, 5].map((n) => new Int32Array(n).fill(n)), variable: true },
  ];
  const plain = encodeFits([
    image({ kind: 'image', shape, data: integers }),
    image({ kind: 'image', shape, data: Uint16Array.from(integers), name: 'SCI' }),
    { kind: 'table', table, vectors, name: 'CAT' },
  ]);
  const packed = (['RICE_1', 'GZIP_2', 'GZIP_1'] as const).map((type) =>
    encodeFits([
      image({ kind: 'image', shape, data: floats, compression: { type, dither: 'SUBTRACTIVE_DITHER_2' } }),
      image({ kind: 'image', shape, data: integers, compression: { type, tile: [16, 5] } }),
    ]),
  );
  return [plain, ...packed, gzipSync(plain)];
}

function mutate(original: Uint8Array, random: () => number): Uint8Array {
  const bytes = original.slice();
  const pick = (n: number): number => Math.floor(random() * n);
  const times = 1 + pick(4);
  for (let k = 0; k < times; k++) {
    const at = pick(bytes.length);
    switch (pick(6)) {
      case 0:
        bytes[at] = pick(256);
        break;
      case 1: // a digit somewhere after: headers claim other sizes
        for (let i = at; i < bytes.length; i++)
          if (bytes[i]! >= 0x30 && bytes[i]! <= 0x39) {
            bytes[i] = 0x30 + pick(10);
            break;
          }
        break;
      case 2:
        bytes.fill([0, 0x20, 0xff, 0x39][pick(4)]!, at, Math.min(bytes.length, at + 1 + pick(100)));
        break;
      case 3: // one card over another
        bytes.copyWithin(80 * pick(bytes.length / 80), 80 * pick(bytes.length / 80), 80 * pick(bytes.length / 80));
        break;
      case 4:
        bytes[at]! ^= 1 << pick(8);
        break;
      default: // more digits where there were blanks before a number
        for (let i = at; i + 1 < bytes.length; i++)
          if (bytes[i] === 0x20 && bytes[i + 1]! >= 0x30 && bytes[i + 1]! <= 0x39) {
            bytes.fill(0x39, Math.max(0, i - pick(12)), i + 1);
            break;
          }
    }
  }
  return random() < 0.1 ? bytes.slice(0, pick(bytes.length)) : bytes;
}

async function readEverything(bytes: Uint8Array): Promise<FitsError[]> {
  const errors: FitsError[] = [];
  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      if (!(error instanceof FitsError)) throw error;
      errors.push(error);
    }
  };
  await attempt(async () => {
    const file = await openFits(bytes, { maxInflatedBytes: 1 << 24 });
    for (const hdu of file.hdus) {
      await attempt(() => hdu.verifyChecksum());
      if (hdu.kind === 'image' || hdu.kind === 'compressed-image') {
        await attempt(() => hdu.readImage());
        if (hdu.shape.length > 0) await attempt(() => hdu.readImage({ region: { x0: 1, y0: 1, width: 5, height: 3 } }));
      }
      if (hdu.kind !== 'image')
        await attempt(async () => {
          const table = await hdu.readTable();
          for (const field of table.fields)
            for (let row = 0; row < Math.min(3, table.rowCount); row++) await attempt(async () => field.value(row));
        });
    }
  });
  return errors;
}

it('undamaged files of the corpus read without an error', async () => {
  for (const bytes of corpus())
    expect((await readEverything(bytes)).filter((error) => error.code !== 'WRONG_KIND')).toEqual([]);
});

it('2000 damaged files end in data or a FitsError, none takes a second', async () => {
  const random = generator(20261121);
  const originals = corpus();
  const runs = Number(process.env['ALMAGEST_FUZZ_RUNS'] ?? 2000);
  let slowest = 0;
  let refused = 0;
  for (let run = 0; run < runs; run++) {
    const bytes = mutate(originals[run % originals.length]!, random);
    const start = performance.now();
    const errors = await readEverything(bytes);
    slowest = Math.max(slowest, performance.now() - start);
    if (errors.length > 0) refused++;
  }
  expect(refused).toBeGreaterThan(runs / 20); // the mutations do hit
  expect(slowest).toBeLessThan(1000);
}, 120_000);
