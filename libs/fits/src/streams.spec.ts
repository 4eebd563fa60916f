import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { Table } from '#libs/table';
import { encodeFits, fitsPieces, type HduInput, openFits, streamFits } from './index.js';

const image = Float32Array.from({ length: 2000 }, (_, i) => i - 7);
const hdus: HduInput[] = [
  { kind: 'image', shape: [50, 40], data: image },
  { kind: 'image', shape: [50, 40], data: image, name: 'RICE', compression: { type: 'RICE_1' } },
  { kind: 'table', table: new Table([{ name: 'id', type: 'int', data: Int32Array.of(3, 1, 4) }]), name: 'CAT' },
];
const bytes = encodeFits(hdus);

async function* inChunks(whole: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < whole.length; at += size) yield whole.slice(at, at + size);
}

describe('a stream in', () => {
  it.each([
    ['chunks of one byte', bytes, 1],
    ['chunks larger than the file', bytes, 1 << 20],
    ['chunks of 1000 bytes, gzip', gzipSync(bytes), 1000],
    ['chunks of one byte, gzip', gzipSync(bytes), 1],
  ])('%s', async (_name, stream, size) => {
    const seen: string[] = [];
    for await (const hdu of streamFits(inChunks(stream, size))) {
      seen.push(`${hdu.index} ${hdu.name} ${hdu.kind}`);
      expect(await hdu.verifyChecksum()).toMatchObject({ datasum: true });
      if (hdu.kind === 'image') expect((await hdu.readImage()).data).toEqual(image);
      if (hdu.kind === 'binary-table')
        expect((await hdu.readTable()).data('id', 'int')).toEqual(Int32Array.of(3, 1, 4));
    }
    expect(seen).toEqual(['0 PRIMARY image', '1 RICE compressed-image', '2 CAT binary-table']);
  });

  it('one that ends early gives what came whole, then a typed error', async () => {
    const hdusOf = streamFits(inChunks(bytes.subarray(0, 2880 + 5000), 999));
    const { value: hdu } = await hdusOf.next();
    await expect(hdu!.readImage()).rejects.toMatchObject({ code: 'TRUNCATED' });
    await expect(streamFits(inChunks(bytes.subarray(0, 100), 30)).next()).rejects.toMatchObject({ code: 'TRUNCATED' });
    await expect(streamFits(inChunks(new Uint8Array(0), 1)).next()).rejects.toMatchObject({ code: 'NOT_FITS' });
    const half = gzipSync(bytes).subarray(0, 3000);
    const all = async (): Promise<void> => {
      for await (const each of streamFits(inChunks(half, 100))) void each;
    };
    await expect(all()).rejects.toMatchObject({ code: 'TRUNCATED' });
  });

  it('an HDU beyond the limit is refused before its data are taken', async () => {
    const stream = streamFits(inChunks(bytes, 2880), { maxHduBytes: 7999 });
    await expect(stream.next()).rejects.toMatchObject({ code: 'TOO_LARGE', value: 8000 });
  });

  it('what the stream itself throws passes through', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield gzipSync(bytes).subarray(0, 500);
      throw new RangeError('the line is dead');
    }
    await expect(streamFits(broken()).next()).rejects.toThrow(RangeError);
  });
});

describe('a stream out', () => {
  it.each([true, false])('the pieces are the bytes of the file (checksums: %s)', async (checksums) => {
    const pieces = [...fitsPieces(hdus, { checksums })];
    expect(Buffer.compare(Buffer.concat(pieces), encodeFits(hdus, { checksums }))).toBe(0);
  });
  it('an image larger than a piece comes in several', async () => {
    const data = Int16Array.from({ length: 3_000_000 }, (_, i) => i);
    const pieces = [...fitsPieces([{ kind: 'image', shape: [3000, 1000], data }])];
    expect(pieces.length).toBe(3);
    const { data: back } = await (await openFits(new Uint8Array(Buffer.concat(pieces)))).hdu(0).readImage();
    expect(Buffer.compare(Buffer.from(back.buffer, back.byteOffset, back.byteLength), Buffer.from(data.buffer))).toBe(
      0,
    );
  });
});
