// BINARY and BINARY2 streams to batches of rows. The walk over a row finds where it ends; then the cells of each column
// are decoded in a tight loop, as they are written.

import { TableError } from '../errors.js';
import type { Table } from '../table.js';
import { Base64Decoder } from './base64.js';
import { batchRows } from '../column-builder.js';
import { batchTable, formatsOf } from './batch-columns.js';
import { BYTES, type CellFormat } from './cells.js';
import { decodeArrays, decodeScalars, type EncodedRows } from './decode-cells.js';
import type { VotableField } from './model.js';
import type { RowReader } from './read-data.js';
import type { XmlTokenizer } from './xml-tokenizer.js';

const LONGEST_ROW = 1 << 28;
const BATCH_BYTES = 1 << 22;

/** How many bytes a cell takes: so many, or so many for each element counted in front of it. */
interface CellSize {
  readonly fixed: number | undefined;
  readonly elementBits: number;
}

export class BinaryRows implements RowReader {
  readonly #xml: XmlTokenizer;
  readonly #emit: (rows: Table) => void;
  readonly #formats: readonly CellFormat[];
  readonly #sizes: readonly CellSize[];
  readonly #flagBytes: number;
  readonly #capacity: number;
  readonly #base64 = new Base64Decoder();
  #inStream = false;
  #streamSeen = false;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** bytes that must have arrived before the first row is worth another look */
  #needed = 1;
  #firstRow = 0;

  constructor(fields: readonly VotableField[], xml: XmlTokenizer, emit: (rows: Table) => void, flags: boolean) {
    this.#xml = xml;
    this.#emit = emit;
    try {
      this.#formats = formatsOf(fields);
    } catch (error) {
      throw xml.located(error);
    }
    this.#sizes = this.#formats.map(cellSize);
    this.#flagBytes = flags ? Math.ceil(fields.length / 8) : 0;
    this.#capacity = batchRows(fields.length);
    if (this.#flagBytes === 0 && this.#sizes.every(({ fixed }) => fixed === 0))
      throw xml.error('rows of no bytes cannot be counted', 'UNSUPPORTED');
  }

  open(name: string, attributes: ReadonlyMap<string, string>): boolean {
    if (name !== 'STREAM') return false;
    if (this.#streamSeen) throw this.#xml.error('a serialisation has one STREAM');
    const href = attributes.get('href');
    if (href !== undefined) throw this.#xml.error(`data elsewhere (${href}) are not fetched`, 'UNSUPPORTED');
    const encoding = attributes.get('encoding') ?? 'none';
    if (encoding !== 'base64') throw this.#xml.error(`the encoding "${encoding}" is not read`, 'UNSUPPORTED');
    this.#streamSeen = this.#inStream = true;
    return true;
  }

  close(name: string): void {
    if (name === 'STREAM') this.#inStream = false;
  }

  text(text: string): void {
    if (!this.#inStream) return;
    try {
      const bytes = this.#base64.push(text);
      this.#pending.push(bytes);
      this.#pendingBytes += bytes.length;
      if (this.#pendingBytes >= this.#needed) this.#readRows();
    } catch (error) {
      throw this.#xml.located(error);
    }
  }

  end(): void {
    try {
      this.#base64.end();
    } catch (error) {
      throw this.#xml.located(error);
    }
    if (this.#pendingBytes > 0) throw this.#xml.error(`the stream ends inside row ${this.#firstRow}`, 'TRUNCATED');
  }

  #readRows(): void {
    const bytes = this.#pending.length === 1 ? this.#pending[0]! : Buffer.concat(this.#pending);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const starts = new Uint32Array(this.#capacity);
    let at = 0;
    let complete = true;
    while (complete && at < bytes.length) {
      let rows = 0;
      const begin = at;
      while (rows < this.#capacity && at < bytes.length && at - begin < BATCH_BYTES) {
        const end = this.#rowEnd(view, at);
        if (end > bytes.length) {
          this.#needed = end - at;
          complete = false;
          break;
        }
        starts[rows++] = at + this.#flagBytes;
        at = end;
      }
      if (rows > 0) this.#decode(bytes, view, starts.subarray(0, rows));
    }
    this.#pending = [bytes.subarray(at)];
    this.#pendingBytes = bytes.length - at;
    if (complete) this.#needed = 1;
  }

  /** Where the row at `at` ends, or, when its counts have not all arrived, the least it can need. */
  #rowEnd(view: DataView, at: number): number {
    let end = at + this.#flagBytes;
    const sizes = this.#sizes;
    for (let i = 0; i < sizes.length; i++) {
      const { fixed, elementBits } = sizes[i]!;
      if (fixed !== undefined) end += fixed;
      else {
        if (end + 4 > view.byteLength) return end + 4;
        end += 4 + Math.ceil((view.getUint32(end) * elementBits) / 8);
      }
      if (end - at > LONGEST_ROW)
        throw new TableError(
          'TOO_LARGE',
          `row ${this.#firstRow} is said to be longer than 256 MiB, in column ${this.#formats[i]!.column}`,
          { row: this.#firstRow, column: this.#formats[i]!.column },
        );
    }
    return end;
  }

  #decode(bytes: Buffer, view: DataView, at: Uint32Array): void {
    const rows: EncodedRows = { bytes, view, at, flagBytes: this.#flagBytes, firstRow: this.#firstRow };
    const flags = this.#flagBytes > 0 ? this.#flagsOf(bytes, at) : undefined;
    const columns = this.#formats.map((format, i) =>
      format.kind === 'array' ? decodeArrays(format, rows, flags?.[i]) : decodeScalars(format, rows, flags?.[i]),
    );
    this.#emit(batchTable(columns, at.length));
    this.#firstRow += at.length;
  }

  /** For each field the rows flagged as missing; undefined where there are none. */
  #flagsOf(bytes: Buffer, at: Uint32Array): (Uint8Array | undefined)[] {
    return this.#formats.map((_, i) => {
      const bit = 0x80 >> (i & 7);
      const offset = (i >> 3) - this.#flagBytes;
      let nulls: Uint8Array | undefined;
      for (let row = 0; row < at.length; row++)
        if (bytes[at[row]! + offset]! & bit) (nulls ??= new Uint8Array(at.length))[row] = 1;
      return nulls;
    });
  }
}

function cellSize({ field, shape }: CellFormat): CellSize {
  const elementBits = field.datatype === 'bit' ? 1 : 8 * BYTES[field.datatype];
  return { elementBits, fixed: shape.count === undefined ? undefined : Math.ceil((shape.count * elementBits) / 8) };
}
