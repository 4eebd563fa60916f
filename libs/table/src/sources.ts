// Where bytes come from: memory, a stream, or random access; gzip is taken off on the way.

import { pipeline, Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { TableError } from './errors.js';

/** Random access to bytes that do not change while they are read; the `ReadableAt` of `#libs/fits` is one. */
export interface RandomAccess {
  readonly size: number;
  /** exactly `length` bytes; the caller must not write into them */
  readAt(offset: number, length: number): Promise<Uint8Array>;
}

/** A Node stream, a web stream or a response body is an async iterable of bytes. */
export type ByteSource = Uint8Array | RandomAccess | AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

const PIECE = 1 << 16;

/** The bytes in pieces of 64 KiB or so, decompressed when they begin as gzip does. */
export async function* byteStream(source: ByteSource): AsyncGenerator<Uint8Array, void> {
  const pieces = inPieces(rawBytes(source));
  const first = await pieces.next();
  if (first.done) return;
  const rest = rejoined(first.value, pieces);
  if (first.value[0] === 0x1f && first.value[1] === 0x8b) yield* inPieces(gunzipped(rest));
  else yield* rest;
}

export async function allBytes(source: ByteSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of byteStream(source)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function* rejoined(first: Uint8Array, rest: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  yield first;
  yield* rest;
}

async function* gunzipped(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  try {
    yield* pipeline(Readable.from(pieces), createGunzip(), () => {}) as AsyncIterable<Uint8Array>;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (!code?.startsWith('Z_')) throw error;
    throw new TableError(code === 'Z_BUF_ERROR' ? 'TRUNCATED' : 'BAD_FORMAT', `the gzip stream is damaged: ${message}`);
  }
}

async function* rawBytes(source: ByteSource): AsyncGenerator<Uint8Array, void> {
  if (source instanceof Uint8Array) {
    for (let at = 0; at < source.length; at += PIECE) yield source.subarray(at, at + PIECE);
  } else if ('readAt' in source) {
    for (let at = 0; at < source.size; at += PIECE) yield await source.readAt(at, Math.min(PIECE, source.size - at));
  } else yield* source;
}

/** Small pieces are joined and large ones cut, so that the cost of a push is spread over enough bytes. */
async function* inPieces(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source) {
    waiting.push(chunk);
    size += chunk.length;
    if (size < PIECE) continue;
    const joined = waiting.length === 1 ? chunk : Buffer.concat(waiting);
    waiting = [];
    size = 0;
    for (let at = 0; at < joined.length; at += PIECE) yield joined.subarray(at, at + PIECE);
  }
  if (size > 0) yield Buffer.concat(waiting);
}

export interface TextOptions {
  /** the encoding that the first characters (read as Latin-1) declare */
  readonly declared?: (start: string) => string | undefined;
  /** the error for bytes that are not of the encoding */
  readonly refuse: (message: string) => TableError;
}

/** Text in pieces: of the encoding that a byte order mark says, else the declared one, else UTF-8. */
export async function* textStream(source: ByteSource, { declared, refuse }: TextOptions): AsyncGenerator<string, void> {
  let decode: ((bytes?: Uint8Array) => string) | undefined;
  for await (const bytes of byteStream(source)) {
    decode ??= decoderOf(encodingOf(bytes, declared), refuse);
    yield decode(bytes);
  }
  if (decode) yield decode();
}

function encodingOf(first: Uint8Array, declared: TextOptions['declared']): string {
  if (first[0] === 0xff && first[1] === 0xfe) return 'utf-16le';
  if (first[0] === 0xfe && first[1] === 0xff) return 'utf-16be';
  return declared?.(Buffer.from(first.subarray(0, 200)).toString('latin1')) ?? 'utf-8';
}

function decoderOf(encoding: string, refuse: TextOptions['refuse']): (bytes?: Uint8Array) => string {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new TableError('UNSUPPORTED', `the encoding "${encoding}" is not read`, { line: 1, value: encoding });
  }
  return (bytes) => {
    try {
      return bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode();
    } catch {
      throw refuse(`there are bytes that are not ${encoding}`);
    }
  };
}
