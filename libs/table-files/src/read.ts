// Tables in, whatever the format: batches where the format has them, so that a long file needs little memory.

import { fromBytes, openFile, openFits, type ReadableAt } from '#libs/fits';
import {
  concatTables,
  csvBatches,
  emptyVotableTable,
  parquetBatches,
  readCsv,
  type Table,
  TableError,
  votableEvents,
} from '#libs/table';
import { tableFromFits } from './fits.js';
import { tableFormat, type TableFormat } from './format.js';

export interface ReadTableOptions {
  /** default: what the bytes, and for text the name, say */
  readonly format?: TableFormat;
  /** name of the file, when the source is not a path: tells CSV from TSV */
  readonly name?: string;
  /** which table of a VOTable or FITS file, from 0; default the first */
  readonly index?: number;
}

type TableSource = string | Uint8Array | ReadableAt;

/** Batches of one table, at least one; a FITS table is one batch. Types of CSV are inferred from its first rows. */
export async function* tableBatches(source: TableSource, options: ReadTableOptions = {}): AsyncGenerator<Table, void> {
  const { file, format, close } = await opened(source, options);
  try {
    yield* batchesOf(file, format, options.index ?? 0);
  } finally {
    await close();
  }
}

/** One table whole; types of CSV are inferred from all of it. */
export async function readTable(source: TableSource, options: ReadTableOptions = {}): Promise<Table> {
  const { file, format, close } = await opened(source, options);
  try {
    if (format === 'csv' || format === 'tsv') return await readCsv(file, delimited(format));
    const batches: Table[] = [];
    for await (const batch of batchesOf(file, format, options.index ?? 0)) batches.push(batch);
    return concatTables(batches);
  } finally {
    await close();
  }
}

const delimited = (format: 'csv' | 'tsv'): { readonly delimiter: ',' | '\t' } => ({
  delimiter: format === 'csv' ? ',' : '\t',
});

async function opened(
  source: TableSource,
  { format, name }: ReadTableOptions,
): Promise<{ file: ReadableAt; format: TableFormat; close: () => Promise<void> }> {
  const path = typeof source === 'string' ? source : undefined;
  const file =
    path !== undefined
      ? await openFile(path)
      : source instanceof Uint8Array
        ? fromBytes(source)
        : (source as ReadableAt);
  const close = async (): Promise<void> => {
    if (path !== undefined) await file.close?.();
  };
  try {
    const start = await file.readAt(0, Math.min(file.size, 4096));
    return { file, format: format ?? tableFormat(start, name ?? path), close };
  } catch (error) {
    await close();
    throw error;
  }
}

function batchesOf(file: ReadableAt, format: TableFormat, index: number): AsyncGenerator<Table, void> {
  switch (format) {
    case 'votable':
      return votableBatches(file, index);
    case 'parquet':
      return parquetBatches(file);
    case 'fits':
      return fitsBatch(file, index);
    default:
      return csvBatches(file, delimited(format));
  }
}

async function* votableBatches(file: ReadableAt, index: number): AsyncGenerator<Table, void> {
  let at = -1;
  let rows = 0;
  let empty: Table | undefined;
  for await (const event of votableEvents(file))
    if (event.kind === 'table') {
      at++;
      if (at === index) empty = emptyVotableTable(event.table.fields);
      if (at > index) break;
    } else if (event.kind === 'rows' && at === index) {
      rows += event.rows.rowCount;
      yield event.rows;
    }
  if (!empty) throw new TableError('BAD_FORMAT', `there is no table ${index}; there are ${at + 1}`, { value: index });
  if (rows === 0) yield empty;
}

async function* fitsBatch(file: ReadableAt, index: number): AsyncGenerator<Table, void> {
  const fits = await openFits(file);
  const tables = fits.hdus.filter(({ kind }) => kind !== 'image' && kind !== 'compressed-image');
  const hdu = tables[index];
  if (!hdu)
    throw new TableError('BAD_FORMAT', `there is no table ${index}; there are ${tables.length}`, { value: index });
  yield tableFromFits(await hdu.readTable());
}
