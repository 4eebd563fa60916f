// Parquet in: row group by row group; units, UCDs and descriptions from its VOTable header when it has one.

import {
  type FileMetaData,
  parquetMetadataAsync,
  parquetRead,
  parquetSchema,
  type RowGroup,
  type SchemaTree,
} from 'hyparquet';
import { type ArrayColumn, type ElementType, newElements, partsOf } from '../array-column.js';
import { TableError } from '../errors.js';
import type { RandomAccess } from '../sources.js';
import { type Column, type ColumnType, concatTables, newColumnData, Table } from '../table.js';
import { arrayShape, columnFacts } from '../votable/batch-columns.js';
import { cellFormat, ELEMENT_TYPES } from '../votable/cells.js';
import { votableField } from '../votable/fields.js';
import type { VotableField } from '../votable/model.js';
import { readVotable, votableTables } from '../votable/read.js';
import { compressors } from './compressors.js';
import { chunkRange, requireHonestGroup, requireHonestPages } from './honest-pages.js';
import { leafType } from './schema.js';
import { HEADER_KEY } from './write.js';

export interface ParquetReadOptions {
  /** names of the columns to read; default all */
  readonly columns?: readonly string[];
}

export interface ParquetHead {
  readonly rowCount: number;
  readonly rowGroups: number;
  /** from the VOTable header where there is one, else from the schema */
  readonly fields: readonly VotableField[];
  readonly keyValues: ReadonlyMap<string, string>;
}

interface ParquetColumn {
  readonly name: string;
  readonly kind: 'column' | 'array';
  readonly type: ColumnType;
  readonly field: VotableField;
}

/** What a file says of itself, without its data. */
export async function readParquetHead(source: RandomAccess | Uint8Array): Promise<ParquetHead> {
  const { metadata, columns, keyValues } = await openParquet(source);
  return {
    rowCount: Number(metadata.num_rows),
    rowGroups: metadata.row_groups.length,
    fields: columns.map(({ field }) => field),
    keyValues,
  };
}

/** A batch for each row group; a file without rows gives one empty batch. */
export async function* parquetBatches(
  source: RandomAccess | Uint8Array,
  options: ParquetReadOptions = {},
): AsyncGenerator<Table, void> {
  const { file, metadata, columns } = await openParquet(source);
  const wanted = chosen(columns, options.columns);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const chunks = new Map<string, ArrayLike<unknown>[]>();
    if (rows > 0)
      await readable(async () => {
        const loaded = await loadGroup(file, group, new Set(wanted.map(({ name }) => name)));
        await parquetRead({
          file: loaded,
          metadata,
          rowStart,
          rowEnd: rowStart + rows,
          columns: wanted.map(({ name }) => name),
          compressors,
          parsers,
          onChunk: ({ columnName, columnData }) => {
            const list = chunks.get(columnName);
            if (list) list.push(columnData);
            else chunks.set(columnName, [columnData]);
          },
        });
      });
    rowStart += rows;
    yield tableOf(wanted, chunks, rows);
  }
  if (metadata.row_groups.length === 0) yield tableOf(wanted, new Map(), 0);
}

export async function readParquet(source: RandomAccess | Uint8Array, options: ParquetReadOptions = {}): Promise<Table> {
  const batches: Table[] = [];
  for await (const batch of parquetBatches(source, options)) batches.push(batch);
  return concatTables(batches);
}

const iso = (units: bigint, perSecond: bigint, digits: number): string => {
  const seconds = units >= 0n ? units / perSecond : -((-units + perSecond - 1n) / perSecond);
  const fraction = units - seconds * perSecond;
  const date = new Date(Number(seconds) * 1000);
  if (Number.isNaN(date.getTime())) throw new TableError('BAD_VALUE', `the time ${units} is out of range`);
  return `${date.toISOString().slice(0, 19)}.${String(fraction).padStart(digits, '0')}`;
};

const parsers = {
  timestampFromMilliseconds: (millis: bigint) => iso(millis, 1000n, 3),
  timestampFromMicroseconds: (micros: bigint) => iso(micros, 1_000_000n, 6),
  timestampFromNanoseconds: (nanos: bigint) => iso(nanos, 1_000_000_000n, 9),
  dateFromDays: (days: number) => iso(BigInt(days) * 86400n, 1n, 1).slice(0, 10),
  jsonFromBytes: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

interface OpenParquet {
  readonly file: { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> };
  readonly metadata: FileMetaData;
  readonly columns: readonly ParquetColumn[];
  readonly keyValues: ReadonlyMap<string, string>;
}

const openParquet = (source: RandomAccess | Uint8Array): Promise<OpenParquet> => readable(() => openUnguarded(source));

async function openUnguarded(source: RandomAccess | Uint8Array): Promise<OpenParquet> {
  const access: RandomAccess =
    source instanceof Uint8Array
      ? { size: source.length, readAt: (at, length) => Promise.resolve(source.subarray(at, at + length)) }
      : source;
  const file = {
    byteLength: access.size,
    async slice(start: number, end = access.size): Promise<ArrayBuffer> {
      const from = start < 0 ? Math.max(0, access.size + start) : start;
      if (from > end || end > access.size)
        throw new TableError('TRUNCATED', `the Parquet file ends at byte ${access.size}, before ${end}`);
      return Uint8Array.from(await access.readAt(from, end - from)).buffer;
    },
  };
  const metadata = await parquetMetadataAsync(file);
  const total = metadata.row_groups.reduce((sum, group) => sum + Number(group.num_rows), 0);
  if (total !== Number(metadata.num_rows))
    throw new TableError(
      'BAD_FORMAT',
      `the Parquet file is damaged: ${total} rows in its groups, not ${metadata.num_rows}`,
    );
  const keyValues = new Map((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']));
  const described = await describedFields(keyValues.get(HEADER_KEY));
  const { children } = parquetSchema(metadata);
  const columns = children.map((node): ParquetColumn => {
    const { name } = node.element;
    const shape = columnShape(node);
    const field = described.get(name);
    return { name, ...shape, field: field && fits(field, shape) ? field : plainField(name, shape) };
  });
  return { file, metadata, columns, keyValues };
}

/** The column chunks that are wanted, checked, in memory; the file as the decoder sees it. */
async function loadGroup(
  file: OpenParquet['file'],
  group: RowGroup,
  wanted: ReadonlySet<string>,
): Promise<OpenParquet['file']> {
  requireHonestGroup(group, file.byteLength);
  const chunks: { start: number; end: number; bytes: ArrayBuffer }[] = [];
  for (const { meta_data: column } of group.columns) {
    if (!column || !wanted.has(column.path_in_schema[0]!)) continue;
    const { start, end } = chunkRange(column);
    const bytes = await file.slice(start, end);
    requireHonestPages(column, bytes);
    chunks.push({ start, end, bytes });
  }
  return {
    byteLength: file.byteLength,
    slice(start, end = file.byteLength) {
      const chunk = chunks.find((one) => one.start <= start && end <= one.end);
      if (!chunk) return file.slice(start, end);
      return Promise.resolve(chunk.bytes.slice(start - chunk.start, end - chunk.start));
    },
  };
}

/** Whatever the decoder throws at a damaged file becomes a `TableError`. */
async function readable<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof TableError) throw error;
    const { message } = error as Error;
    throw new TableError(message.includes('unsupported') ? 'UNSUPPORTED' : 'BAD_FORMAT', message);
  }
}

async function describedFields(header: string | undefined): Promise<ReadonlyMap<string, VotableField>> {
  if (header === undefined) return new Map();
  const [table] = votableTables(await readVotable(Buffer.from(header)));
  return new Map((table?.fields ?? []).map((field) => [field.column ?? field.name, field]));
}

/** A leaf, or a list of leaves. */
function columnShape({ element, children }: SchemaTree): Pick<ParquetColumn, 'kind' | 'type'> {
  const { name } = element;
  if (children.length === 0) {
    if (element.repetition_type === 'REPEATED') return { kind: 'array', type: leafType(name, element) };
    return { kind: 'column', type: leafType(name, element) };
  }
  const [list] = children;
  const isList = element.converted_type === 'LIST' || element.logical_type?.type === 'LIST';
  const item = list!.children.length === 1 ? list!.children[0]! : list!;
  if (!isList || children.length !== 1 || list!.children.length > 1 || item.children.length > 0)
    throw new TableError('UNSUPPORTED', `column ${name} is nested deeper than a list of values`, { column: name });
  return { kind: 'array', type: leafType(name, item.element) };
}

const INNER: Readonly<Partial<Record<ElementType, ColumnType>>> = { floatComplex: 'float', doubleComplex: 'double' };

function fits(field: VotableField, { kind, type }: Pick<ParquetColumn, 'kind' | 'type'>): boolean {
  const element = ELEMENT_TYPES[field.datatype];
  return cellFormat(field).kind === kind && (INNER[element] ?? element) === type;
}

function plainField(name: string, { kind, type }: Pick<ParquetColumn, 'kind' | 'type'>): VotableField {
  if (kind === 'column') return votableField({ name, type });
  if (type === 'string')
    throw new TableError('UNSUPPORTED', `column ${name} is a list of texts without a declared width`, { column: name });
  return votableField({ name, element: type, values: new Float64Array(0), offsets: new Uint32Array(1) } as ArrayColumn);
}

function chosen(columns: readonly ParquetColumn[], names: readonly string[] | undefined): readonly ParquetColumn[] {
  if (!names) return columns;
  return names.map((name) => {
    const found = columns.find((column) => column.name === name);
    if (!found)
      throw new TableError('NO_SUCH_COLUMN', `no column ${name}; there are ${columns.map((c) => c.name).join(', ')}`, {
        column: name,
      });
    return found;
  });
}

function tableOf(
  columns: readonly ParquetColumn[],
  chunks: ReadonlyMap<string, readonly ArrayLike<unknown>[]>,
  rows: number,
): Table {
  const made = columns.map((column) => {
    const parts = chunks.get(column.name) ?? [];
    const held = parts.reduce((total, part) => total + part.length, 0);
    if (held !== rows)
      throw new TableError('BAD_FORMAT', `column ${column.name} has ${held} rows of ${rows}`, { column: column.name });
    return column.kind === 'array' ? arrayColumn(column, parts, rows) : scalarColumn(column, parts, rows);
  });
  return new Table(
    made.filter((column): column is Column => 'type' in column),
    rows,
    undefined,
    made.filter((column): column is ArrayColumn => 'element' in column),
  );
}

function scalarColumn(
  { name, type, field }: ParquetColumn,
  parts: readonly ArrayLike<unknown>[],
  rows: number,
): Column {
  const data = newColumnData(type, rows);
  let nulls: Uint8Array | undefined;
  let row = 0;
  for (const part of parts) {
    if (part.constructor === data.constructor && ArrayBuffer.isView(part)) {
      (data as Float64Array).set(part as unknown as Float64Array, row);
      row += part.length;
      continue;
    }
    for (let i = 0; i < part.length; i++, row++) {
      const value = part[i];
      if (value !== null && value !== undefined) (data as unknown[])[row] = stored(type, value);
      else {
        (nulls ??= new Uint8Array(rows))[row] = 1;
        if (type === 'double' || type === 'float') (data as Float64Array)[row] = NaN;
      }
    }
  }
  return { ...columnFacts(field, name), type, data, ...(nulls && { nulls }) } as Column;
}

function stored(type: ColumnType, value: unknown): unknown {
  if (type === 'boolean') return value === true ? 1 : 0;
  if (type === 'long') return BigInt(value as number | bigint);
  if (type === 'string') return String(value);
  return value;
}

function arrayColumn(
  { name, type, field }: ParquetColumn,
  parts: readonly ArrayLike<unknown>[],
  rows: number,
): ArrayColumn {
  const format = cellFormat(field);
  const element = ELEMENT_TYPES[field.datatype];
  const size = partsOf(element);
  const offsets = new Uint32Array(rows + 1);
  const cells = parts.flatMap((part) => Array.from(part)) as (readonly unknown[] | null | undefined)[];
  cells.forEach((cell, row) => {
    offsets[row + 1] = offsets[row]! + Math.floor((cell?.length ?? 0) / size);
  });
  const values = newElements(element, offsets[rows]!);
  let nulls: Uint8Array | undefined;
  let elementNulls: Uint8Array | undefined;
  const floating = type === 'double' || type === 'float';
  cells.forEach((cell, row) => {
    if (!cell) {
      (nulls ??= new Uint8Array(rows))[row] = 1;
      return;
    }
    const start = offsets[row]! * size;
    for (let k = 0; start + k < offsets[row + 1]! * size; k++) {
      const value = cell[k];
      if (value !== null && value !== undefined) (values as unknown[])[start + k] = stored(type, value);
      else if (floating) (values as Float64Array)[start + k] = NaN;
      else (elementNulls ??= new Uint8Array(offsets[rows]!))[offsets[row]! + k] = 1;
    }
  });
  return {
    ...columnFacts(field, name),
    element,
    ...arrayShape(format),
    values,
    offsets,
    ...(nulls && { nulls }),
    ...(elementNulls && { elementNulls }),
  } as ArrayColumn;
}
