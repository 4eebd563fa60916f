// Results in PostgreSQL's binary format as the raw DataRow messages, unread: for doors that re-encode columns without ever making
// a JavaScript value of a cell. `pg` decodes every cell as text, so its parser sees everything of the answer but the rows.

import type { Socket } from 'node:net';
import pg from 'pg';

export interface BinaryField {
  readonly name: string;
  /** pg_type.oid */
  readonly typeId: number;
}

/** Whole DataRow messages in a row: byte 'D', int32 length, int16 columns, then per column int32 length (-1: NULL) and bytes. */
export interface RowChunk {
  readonly bytes: Buffer;
  readonly rows: number;
}

const ROW = 0x44;
const READY = 0x5a;
const HEADER = 5;
const EMPTY = Buffer.alloc(0);
/** The server waits while so much is unread here. */
const HIGH_WATER_BYTES = 1 << 20;

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}
interface WireConnection {
  readonly stream: Socket;
  parse(message: { text: string }): void;
  bind(message: { values: readonly unknown[]; binary: true; valueMapper: (value: unknown) => unknown }): void;
  describe(message: { type: 'P' }): void;
  execute(message: { rows: 0 }): void;
  sync(): void;
}

/**
 * One statement by the extended protocol with parameters as text and results as binary. Await `fields` (they come with the first
 * row or the end; a server's error before that rejects them), then read the chunks: memory is bounded, a slow reader holds the server back. A failure in the middle is thrown by the
 * iterator. Leaving early leaves the connection in the middle of a result: destroy it.
 */
export class BinaryQuery implements pg.Submittable, AsyncIterable<RowChunk> {
  readonly fields: Promise<readonly BinaryField[]>;
  #described!: (fields: readonly BinaryField[]) => void;
  #refused!: (error: Error) => void;
  #description: readonly BinaryField[] | undefined;
  readonly #chunks: RowChunk[] = [];
  #waitingBytes = 0;
  #error: Error | undefined;
  #ended = false;
  #wake: (() => void) | undefined;
  #stream: Socket | undefined;
  #listener: ((bytes: Buffer) => void) | undefined;
  #rest: Buffer = EMPTY;

  constructor(
    private readonly sql: string,
    private readonly parameters: readonly unknown[] = [],
  ) {
    this.fields = new Promise((resolve, reject) => {
      this.#described = resolve;
      this.#refused = reject;
    });
    this.fields.catch(() => undefined);
  }

  submit(wire: pg.Connection): void {
    const connection = wire as unknown as WireConnection;
    const { stream } = connection;
    this.#stream = stream;
    this.#listener = stream.listeners('data')[0] as (bytes: Buffer) => void;
    stream.removeListener('data', this.#listener);
    stream.on('data', this.#onData);
    stream.cork();
    connection.parse({ text: this.sql });
    connection.bind({ values: this.parameters, binary: true, valueMapper: parameterText });
    connection.describe({ type: 'P' });
    connection.execute({ rows: 0 });
    connection.sync();
    stream.uncork();
  }

  readonly #onData = (bytes: Buffer): void => {
    const buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    let rowsFrom = 0;
    let rows = 0;
    const flush = (): void => {
      if (rows > 0) this.#push({ bytes: buffer.subarray(rowsFrom, at), rows });
      rows = 0;
    };
    while (at + HEADER <= buffer.length) {
      const end = at + 1 + buffer.readInt32BE(at + 1);
      if (end > buffer.length) break;
      if (buffer[at] === ROW) {
        if (rows++ === 0) rowsFrom = at;
        at = end;
      } else {
        flush();
        if (buffer[at] === READY) return this.#end(buffer.subarray(at));
        this.#listener!(buffer.subarray(at, end));
        at = end;
      }
    }
    flush();
    this.#rest = buffer.subarray(at);
  };

  #push(chunk: RowChunk): void {
    this.#described(this.#description!);
    this.#chunks.push(chunk);
    this.#waitingBytes += chunk.bytes.length;
    if (this.#waitingBytes > HIGH_WATER_BYTES) this.#stream!.pause();
    this.#wake?.();
  }

  /** The parser gets the stream back before it sees that the next query may come. */
  #end(rest: Buffer): void {
    const stream = this.#stream!;
    stream.removeListener('data', this.#onData);
    stream.on('data', this.#listener!);
    this.#finish();
    this.#listener!(rest);
    stream.resume();
  }

  #finish(): void {
    this.#ended = true;
    if (this.#error === undefined && this.#description !== undefined) this.#described(this.#description);
    else this.#refused(this.#error ?? new Error('the statement has no result'));
    this.#wake?.();
  }

  handleRowDescription(message: { fields: readonly Field[] }): void {
    this.#description = message.fields.map(({ name, dataTypeID }) => ({ name, typeId: dataTypeID }));
  }
  /** After an error of the statement ReadyForQuery follows; after one of the connection nothing does. */
  handleError(error: Error): void {
    this.#error ??= error;
    this.#refused(error);
    if (!(error instanceof pg.DatabaseError) || this.#stream === undefined || this.#stream.destroyed) this.#finish();
  }
  handleReadyForQuery(): void {}
  handleCommandComplete(): void {}
  handleEmptyQuery(): void {}
  handlePortalSuspended(): void {}

  async *[Symbol.asyncIterator](): AsyncGenerator<RowChunk> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#waitingBytes -= chunk.bytes.length;
        if (this.#waitingBytes <= HIGH_WATER_BYTES / 2 && this.#stream?.isPaused()) this.#stream.resume();
        yield chunk;
      } else if (this.#ended) {
        if (this.#error) throw this.#error;
        return;
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = undefined;
      }
    }
  }
}

/** A parameter in PostgreSQL's text format; arrays of scalars as array literals. */
export function parameterText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return `{${value.map(elementText).join(',')}}`;
  if (value instanceof Date) return value.toISOString();
  return String(value as string | number | bigint | boolean);
}

const elementText = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL';
  const text = parameterText(value)!;
  return typeof value === 'string' || value instanceof Date
    ? `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`
    : text;
};
