// FITS out of a stream: HDUs one after the other, each in memory only until the next is asked for.

import { BLOCK } from './cards.js';
import { describeHdu, readHeader, startsHdu } from './describe-hdu.js';
import { FitsError } from './errors.js';
import { FitsHdu } from './hdu.js';
import { inflateStream, isGzip } from './inflate.js';
import { type ReadableAt, requireInside } from './readable.js';

export interface StreamOptions {
  /** the most bytes one HDU may have; 2 GiB unless given */
  readonly maxHduBytes?: number;
}

/**
 * The HDUs of a stream of bytes (a request body, a file, standard input), plain or gzip. Memory: one HDU, and no more than
 * has really come. An HDU is of use until the next one is asked for, and longer if it is kept.
 */
export async function* streamFits(
  stream: AsyncIterable<Uint8Array>,
  options: StreamOptions = {},
): AsyncGenerator<FitsHdu> {
  const most = options.maxHduBytes ?? 2 ** 31;
  const input = new ByteQueue(stream);
  await input.unfold();
  let offset = 0;
  for (let index = 0; ; index++) {
    const head = await input.take(BLOCK);
    if (head.length === 0 && index === 0) throw new FitsError('NOT_FITS', 'the stream is empty', { offset: 0 });
    if (!startsHdu(head, index)) return;
    const { header, length } = await readHeader(head, () => input.take(BLOCK), index, offset);
    const layout = describeHdu(header, index, offset, offset + length);
    if (layout.dataSize > most)
      throw new FitsError('TOO_LARGE', `HDU ${index} claims ${layout.dataSize} bytes of data; ${most} are allowed`, {
        hdu: index,
        value: layout.dataSize,
      });
    const padded = Math.ceil(layout.dataSize / BLOCK) * BLOCK;
    yield new FitsHdu(new WindowSource(await input.take(padded), layout.dataOffset), layout);
    offset += length + padded;
  }
}

/** Bytes of a stream that begin at an offset of the whole. */
class WindowSource implements ReadableAt {
  readonly size: number;
  constructor(
    private readonly bytes: Uint8Array,
    private readonly offset: number,
  ) {
    this.size = offset + bytes.length;
  }
  async readAt(offset: number, length: number): Promise<Uint8Array> {
    requireInside(this.size, offset, length);
    return this.bytes.subarray(offset - this.offset, offset - this.offset + length);
  }
}

class ByteQueue {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;
  #iterator: AsyncIterator<Uint8Array>;

  constructor(stream: AsyncIterable<Uint8Array>) {
    this.#iterator = stream[Symbol.asyncIterator]();
  }

  /** Puts a decompressor before the queue when the stream begins as gzip does. */
  async unfold(): Promise<void> {
    await this.#fill(2);
    const packed = this.#cut(this.#length);
    const iterator = this.#iterator;
    if (isGzip(packed)) this.#iterator = inflateStream(joined(packed, { [Symbol.asyncIterator]: () => iterator }));
    else this.#put(packed);
  }

  /** The next `length` bytes, fewer at the end of the stream. */
  async take(length: number): Promise<Uint8Array> {
    await this.#fill(length);
    return this.#cut(Math.min(length, this.#length));
  }

  async #fill(length: number): Promise<void> {
    while (this.#length < length) {
      const { value, done } = await this.#iterator.next();
      if (done) return;
      this.#put(value);
    }
  }
  #put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }
  #cut(length: number): Uint8Array {
    const out = new Uint8Array(length);
    for (let at = 0; at < length;) {
      const chunk = this.#chunks[0]!;
      const part = chunk.subarray(0, length - at);
      out.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#length -= length;
    return out;
  }
}

async function* joined(first: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}
