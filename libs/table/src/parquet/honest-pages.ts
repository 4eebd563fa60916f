// Before the decoder sees a row group: do the sizes and counts of its pages agree with the footer and with the bytes that
// are there? The decoder believes them, and a damaged page would cost it all memory or all time.

import type { ColumnMetaData, RowGroup } from 'hyparquet';
import { parquetHeader } from 'hyparquet/src/column.js';
import { TableError } from '../errors.js';

const MOST_VALUES = 2 ** 26;
const MOST_PAGE = 2 ** 28;
/** Runs of equal values pack well; beyond a million values, more than this many in a byte is not believed. */
const VALUES_PER_BYTE = 1000;

/** Bytes of a column chunk: the dictionary, when there is one, and the data pages. */
export function chunkRange(column: ColumnMetaData): { start: number; end: number } {
  const data = Number(column.data_page_offset);
  const dictionary = Number(column.dictionary_page_offset ?? 0);
  const start = dictionary > 0 && dictionary < data ? dictionary : data;
  return { start, end: start + Number(column.total_compressed_size) };
}

export function requireHonestGroup(group: RowGroup, size: number): void {
  const rows = Number(group.num_rows);
  if (!(rows >= 0 && rows <= MOST_VALUES)) throw dishonest('a row group', `has ${rows} rows`);
  for (const { meta_data: column } of group.columns) {
    if (!column) throw dishonest('a column', 'has no metadata');
    const name = column.path_in_schema.join('.');
    const { start, end } = chunkRange(column);
    if (!(start >= 4 && start <= end && end <= size))
      throw dishonest(name, `is at bytes ${start} to ${end} of ${size}`);
    const values = Number(column.num_values);
    const flat = column.path_in_schema.length === 1;
    const believed = values <= 2 ** 20 || values <= VALUES_PER_BYTE * (end - start);
    if (!(values >= 0 && values <= MOST_VALUES && believed) || (flat && values !== rows))
      throw dishonest(name, `has ${values} values in ${rows} rows and ${end - start} bytes`);
  }
}

/** Walks the pages of a chunk. */
export function requireHonestPages(column: ColumnMetaData, bytes: ArrayBuffer): void {
  const name = column.path_in_schema.join('.');
  const reader = { view: new DataView(bytes), offset: 0 };
  let values = 0;
  while (reader.offset < bytes.byteLength) {
    const page = parquetHeader(reader);
    const packed = Number(page.compressed_page_size);
    const unpacked = Number(page.uncompressed_page_size);
    if (!(packed >= 0 && reader.offset + packed <= bytes.byteLength))
      throw dishonest(name, `has a page of ${packed} bytes, past its end`);
    if (!(unpacked >= 0 && unpacked <= MOST_PAGE && unpacked <= 2 ** 20 + VALUES_PER_BYTE * packed))
      throw dishonest(name, `has a page of ${unpacked} bytes, packed in ${packed}`);
    const count = Number(page.dictionary_page_header?.num_values ?? 0);
    const data = Number(page.data_page_header?.num_values ?? page.data_page_header_v2?.num_values ?? 0);
    const nulls = Number(page.data_page_header_v2?.num_nulls ?? 0);
    if (!(count >= 0 && count <= 8 * unpacked && data >= 0 && nulls >= 0 && nulls <= data))
      throw dishonest(name, `has a page of ${count || data} values in ${unpacked} bytes`);
    values += data;
    reader.offset += packed;
  }
  if (values !== Number(column.num_values))
    throw dishonest(name, `has ${values} values in its pages, not ${column.num_values}`);
}

const dishonest = (name: string, what: string): TableError =>
  new TableError('BAD_FORMAT', `the Parquet file is damaged: ${name} ${what}`, { column: name });
