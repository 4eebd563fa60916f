// Parquet out: row groups as they fill, and the VOTable header in the footer (VOParquet), so that units, UCDs and
// descriptions are found where astropy and TOPCAT look for them.

import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { type ArrayColumn, partsOf } from '../array-column.js';
import { concatTables, type Column, type Table } from '../table.js';
import { arrayOf, cellFormat, type CellFormat, columnOf } from '../votable/cells.js';
import type { VotableDocument, VotableField, VotableTable } from '../votable/model.js';
import { writeVotableDocument } from '../votable/write.js';
import { schemaElements } from './schema.js';

export interface ParquetWriteOptions {
  /** default SNAPPY */
  readonly codec?: 'SNAPPY' | 'UNCOMPRESSED';
  /** rows of a row group: what a reader holds at once; default 65,536 */
  readonly rowGroupRows?: number;
  /** name, description, parameters of the table for its VOTable header */
  readonly table?: Omit<VotableTable, 'fields' | 'rows'>;
  /** further metadata of the VOTable header, such as COOSYS and TIMESYS */
  readonly document?: Omit<VotableDocument, 'resources' | 'version'>;
}

export const HEADER_KEY = 'IVOA.VOTable-Parquet.content';
export const VERSION_KEY = 'IVOA.VOTable-Parquet.version';

/** Bytes of a Parquet file; `rows` are batches of any size whose columns are those of the fields. */
export async function* writeParquet(
  fields: readonly VotableField[],
  rows: Iterable<Table> | AsyncIterable<Table>,
  { codec = 'SNAPPY', rowGroupRows = 65_536, table, document }: ParquetWriteOptions = {},
): AsyncGenerator<Uint8Array, void> {
  const formats = fields.map(cellFormat);
  const writer = new ByteWriter();
  const taken = (): Uint8Array => {
    const bytes = writer.getBytes().slice();
    writer.index = 0;
    return bytes;
  };
  const parquet = new ParquetWriter({
    writer,
    schema: schemaElements(formats),
    codec,
    createdBy: 'almagest',
    kvMetadata: [
      { key: VERSION_KEY, value: '1.0' },
      { key: HEADER_KEY, value: await headerText(fields, table, document) },
    ],
  });
  let held: Table[] = [];
  let count = 0;
  const writeGroup = (): Uint8Array => {
    const group = concatTables(held);
    held = [];
    count = 0;
    const columnData = formats.map((format) => ({ name: format.column, data: cellsOf(group, format) }));
    void parquet.write({ columnData, rowGroupSize: group.rowCount });
    return taken();
  };
  for await (const batch of rows)
    for (let from = 0; from < batch.rowCount;) {
      const to = Math.min(batch.rowCount, from + rowGroupRows - count);
      held.push(from === 0 && to === batch.rowCount ? batch : batch.slice(from, to));
      count += to - from;
      from = to;
      if (count === rowGroupRows) yield writeGroup();
    }
  if (count > 0) yield writeGroup();
  void parquet.finish();
  yield taken();
}

async function headerText(
  fields: readonly VotableField[],
  table: ParquetWriteOptions['table'],
  document: ParquetWriteOptions['document'],
): Promise<string> {
  const named = fields.map(({ column, ...field }) => ({ ...field, name: column ?? field.name }));
  const pieces: Uint8Array[] = [];
  const whole = { ...document, version: '1.4', resources: [{ tables: [{ ...table, fields: named }] }] };
  for await (const piece of writeVotableDocument(whole)) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** The cells as the writer takes them: typed arrays where nothing is missing. */
function cellsOf(batch: Table, format: CellFormat): ArrayLike<unknown> & unknown[] {
  const cells = format.kind === 'array' ? arrayCells(arrayOf(batch, format)) : scalarCells(columnOf(batch, format));
  return cells as ArrayLike<unknown> & unknown[];
}

function scalarCells({ data, nulls, type }: Column): ArrayLike<unknown> {
  const values = data as ArrayLike<unknown>;
  if (type === 'boolean') return Array.from(values, (flag, row) => (nulls?.[row] ? null : flag === 1));
  if (type === 'byte' || type === 'short') return Array.from(values, (value, row) => (nulls?.[row] ? null : value));
  return nulls ? Array.from(values, (value, row) => (nulls[row] ? null : value)) : values;
}

function arrayCells({ element, values, offsets, nulls, elementNulls }: ArrayColumn): unknown[][] {
  const parts = partsOf(element);
  const one = (at: number): unknown =>
    elementNulls?.[Math.floor(at / parts)] ? null : element === 'boolean' ? values[at] === 1 : values[at];
  return Array.from({ length: offsets.length - 1 }, (_, row) => {
    if (nulls?.[row]) return null as unknown as unknown[];
    const cell: unknown[] = [];
    for (let at = offsets[row]! * parts; at < offsets[row + 1]! * parts; at++) cell.push(one(at));
    return cell;
  });
}
