// Delimited text in: RFC 4180 CSV, and TSV. The first record has the names of the columns.

import { batchRows } from '../column-builder.js';
import { TableError } from '../errors.js';
import { allBytes, type ByteSource, textStream } from '../sources.js';
import { type Column, type ColumnDescription, concatTables, newColumnData, Table } from '../table.js';
import { type CsvRecord, RecordReader } from './records.js';
import { cellReader, refused, TypeInference } from './types.js';

export interface CsvReadOptions {
  /** default `,`; a tab for TSV */
  readonly delimiter?: ',' | '\t' | ';' | '|';
  /**
   * The columns to read, found by their names in the first record; the others of the file are left out. Without it all
   * are read, of types inferred from the first `inferenceRows`.
   */
  readonly columns?: readonly ColumnDescription[];
  /** default 10,000: a cell beyond them that is not of the inferred type is refused, with its line */
  readonly inferenceRows?: number;
}

const MOST_COLUMNS = 16_384;
/** Cells of a batch at most, in characters. */
const BATCH_CHARACTERS = 1 << 22;
/** Text held while types are inferred. */
const INFERENCE_CHARACTERS = 1 << 25;

interface ColumnPlace {
  readonly index: number;
  readonly column: ColumnDescription;
}

/** Batches of rows, in bounded memory; at least one, that says the columns. Missing cells are empty. */
export async function* csvBatches(source: ByteSource, options: CsvReadOptions = {}): AsyncGenerator<Table, void> {
  const { columns, inferenceRows = 10_000 } = options;
  const records = recordsOf(source, options.delimiter ?? ',');
  const names = await namesFrom(records);
  const held: CsvRecord[] = [];
  let places: readonly ColumnPlace[];
  if (columns) places = placesOf(columns, names);
  else {
    const inferences = names.map(() => new TypeInference());
    let characters = 0;
    while (held.length < inferenceRows && characters < INFERENCE_CHARACTERS) {
      const next = await records.next();
      if (next.done) break;
      requireWidth(next.value, names.length);
      held.push(next.value);
      next.value.cells.forEach((cell, i) => {
        characters += cell.length + 16;
        inferences[i]!.see(cell, next.value.quoted?.[i] === 1);
      });
    }
    places = names.map((name, index) => ({ index, column: { name, type: inferences[index]!.type } }));
  }
  const batches = new BatchReader(places, names.length, columns === undefined ? held.length : 0);
  for (const record of held) yield* batches.add(record);
  held.length = 0;
  for await (const record of records) yield* batches.add(record);
  yield* batches.end();
}

/** The columns of a file with types inferred from all of its rows, in bounded memory. */
export async function inferCsvColumns(
  source: ByteSource,
  options: Pick<CsvReadOptions, 'delimiter'> = {},
): Promise<ColumnDescription[]> {
  const records = recordsOf(source, options.delimiter ?? ',');
  const names = await namesFrom(records);
  const inferences = names.map(() => new TypeInference());
  for await (const record of records) {
    requireWidth(record, names.length);
    record.cells.forEach((cell, i) => inferences[i]!.see(cell, record.quoted?.[i] === 1));
  }
  return names.map((name, i) => ({ name, type: inferences[i]!.type }));
}

/** The whole file; unless the columns are given, types are inferred from all of it (a stream is held to be read twice). */
export async function readCsv(source: ByteSource, options: Omit<CsvReadOptions, 'inferenceRows'> = {}): Promise<Table> {
  const again = options.columns || source instanceof Uint8Array || 'readAt' in source ? source : await allBytes(source);
  const columns = options.columns ?? (await inferCsvColumns(again, options));
  const batches: Table[] = [];
  for await (const batch of csvBatches(again, { ...options, columns })) batches.push(batch);
  return concatTables(batches);
}

async function namesFrom(records: AsyncGenerator<CsvRecord, void>): Promise<string[]> {
  const header = await records.next();
  if (header.done)
    throw new TableError('BAD_FORMAT', 'line 1: there is no record with the names of the columns', { line: 1 });
  return columnNames(header.value.cells);
}

async function* recordsOf(source: ByteSource, delimiter: string): AsyncGenerator<CsvRecord, void> {
  const reader = new RecordReader(delimiter);
  const refuse = (message: string): TableError =>
    new TableError('BAD_FORMAT', `line ${reader.line}: ${message}`, { line: reader.line });
  for await (const text of textStream(source, { refuse })) yield* reader.push(text);
  yield* reader.end();
}

/** Every column has a name of its own: those without one are numbered, as are those that occur twice. */
function columnNames(cells: readonly string[]): string[] {
  if (cells.length > MOST_COLUMNS)
    throw new TableError('TOO_LARGE', `line 1: more than ${MOST_COLUMNS} columns`, { line: 1, value: cells.length });
  const taken = new Set<string>();
  const counts = new Map<string, number>();
  return cells.map((cell, i) => {
    const wanted = cell.trim() || `col${i + 1}`;
    let name = wanted;
    while (taken.has(name)) {
      const count = (counts.get(wanted) ?? 1) + 1;
      counts.set(wanted, count);
      name = `${wanted}_${count}`;
    }
    taken.add(name);
    return name;
  });
}

function placesOf(columns: readonly ColumnDescription[], names: readonly string[]): ColumnPlace[] {
  const places = new Map(names.map((name, index) => [name, index]));
  return columns.map((column) => {
    const index = places.get(column.name);
    if (index === undefined)
      throw new TableError(
        'NO_SUCH_COLUMN',
        `line 1: no column ${column.name}; there are ${names.slice(0, 50).join(', ')}`,
        {
          line: 1,
          column: column.name,
        },
      );
    return { index, column };
  });
}

function requireWidth({ cells, line }: CsvRecord, width: number): void {
  if (cells.length !== width)
    throw new TableError('BAD_FORMAT', `line ${line}: ${cells.length} cells in a table of ${width} columns`, {
      line,
      value: cells.length,
    });
}

class BatchReader {
  readonly #places: readonly ColumnPlace[];
  readonly #width: number;
  readonly #inferredFrom: number;
  readonly #capacity: number;
  readonly #readers;
  #row = 0;
  #characters = 0;
  #emitted = false;

  constructor(places: readonly ColumnPlace[], width: number, inferredFrom: number) {
    this.#places = places;
    this.#width = width;
    this.#inferredFrom = inferredFrom;
    this.#capacity = batchRows(places.length);
    this.#readers = places.map(({ column }) => cellReader(column, this.#capacity));
  }

  *add(record: CsvRecord): Generator<Table, void> {
    requireWidth(record, this.#width);
    const { cells, quoted, line } = record;
    for (let i = 0; i < this.#places.length; i++) {
      const { index, column } = this.#places[i]!;
      const cell = cells[index]!;
      this.#characters += cell.length;
      try {
        this.#readers[i]!.read(cell, quoted?.[index] === 1, this.#row);
      } catch (error) {
        const advice =
          this.#inferredFrom > 0
            ? `, which the first ${this.#inferredFrom} rows are: say the types of the columns`
            : '';
        throw refused(error, line, column.name, advice);
      }
    }
    if (++this.#row === this.#capacity || this.#characters > BATCH_CHARACTERS) yield this.#take();
  }

  *end(): Generator<Table, void> {
    if (this.#row > 0) yield this.#take();
    else if (!this.#emitted)
      yield new Table(
        this.#places.map(({ column }) => ({ ...column, data: newColumnData(column.type, 0) }) as Column),
        0,
      );
  }

  #take(): Table {
    const rows = this.#row;
    const table = new Table(
      this.#readers.map(({ builder }) => builder.take(rows)),
      rows,
    );
    this.#row = 0;
    this.#characters = 0;
    this.#emitted = true;
    return table;
  }
}
