// Where the bytes come from: files, memory, HTTP ranges and object stores serve alike through `ReadableAt`.

import { FitsError } from './errors.js';
import { inflate, isGzip } from './inflate.js';
import { type ReadableAt, requireInside } from './readable.js';

export type { ReadableAt } from './readable.js';

export interface OpenOptions {
  /** the most bytes a gzip-compressed file may unfold to; 2 GiB unless given */
  readonly maxInflatedBytes?: number;
}

class MemorySource implements ReadableAt {
  readonly size: number;
  constructor(private readonly bytes: Uint8Array) {
    this.size = bytes.length;
  }
  async readAt(offset: number, length: number): Promise<Uint8Array> {
    requireInside(this.size, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }
}

/** Bytes in memory; gzip is unfolded. */
export function fromBytes(bytes: Uint8Array, options: OpenOptions = {}): ReadableAt {
  return new MemorySource(isGzip(bytes) ? inflate(bytes, options.maxInflatedBytes) : refuseOtherWrappers(bytes));
}

/** The source itself, or what its gzip stream unfolds to, in memory; the wrapped source is closed then. */
export async function unfold(source: ReadableAt, options: OpenOptions = {}): Promise<ReadableAt> {
  const magic = await source.readAt(0, Math.min(source.size, 4));
  if (!isGzip(magic)) {
    refuseOtherWrappers(magic);
    return source;
  }
  const unfolded = inflate(await source.readAt(0, source.size), options.maxInflatedBytes);
  await source.close?.();
  return new MemorySource(unfolded);
}

/** A file on disk, read through one descriptor; gzip (whatever the name says) is unfolded into memory. */
export async function openFile(path: string, options: OpenOptions = {}): Promise<ReadableAt> {
  const { openFileSource } = await import('./file-source.js');
  const file = await openFileSource(path);
  try {
    return await unfold(file, options);
  } catch (error) {
    await file.close?.();
    throw error;
  }
}

function refuseOtherWrappers(bytes: Uint8Array): Uint8Array {
  const [a, b, c] = bytes;
  const wrapper =
    a === 0x1f && b === 0x9d
      ? 'LZW (.Z)'
      : a === 0x42 && b === 0x5a && c === 0x68
        ? 'bzip2'
        : a === 0x50 && b === 0x4b
          ? 'zip'
          : undefined;
  if (wrapper)
    throw new FitsError('UNSUPPORTED', `the file is wrapped in ${wrapper}, which is not read; unpack it first`, {
      offset: 0,
      value: wrapper,
    });
  return bytes;
}
