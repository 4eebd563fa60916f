// VOTable documents in: as a stream of what they hold, or whole.

import { newElements } from '../array-column.js';
import { TableError } from '../errors.js';
import { type ByteSource, textStream } from '../sources.js';
import { type Column, concatTables, newColumnData, Table } from '../table.js';
import { arrayShape, columnFacts, descriptionOf } from './batch-columns.js';
import { cellFormat, ELEMENT_TYPES } from './cells.js';
import type { VotableDocument, VotableField, VotableInfo, VotableResource, VotableTable } from './model.js';
import { DocumentReader, type VotableEvent } from './read-document.js';

/**
 * What a document holds, in its order; memory is bounded by its metadata and a batch of rows. A TABLE comes when its FIELDs
 * are complete, and the rows after it are its own. Everything that is not a VOTable, or is a damaged one, is refused
 * with a `TableError` that names the line.
 */
export async function* votableEvents(source: ByteSource): AsyncGenerator<VotableEvent, void> {
  const reader = new DocumentReader();
  for await (const text of textStream(source, { declared: xmlEncoding, refuse: (message) => reader.error(message) })) {
    reader.push(text);
    yield* reader.events.splice(0);
  }
  reader.end();
  yield* reader.events.splice(0);
}

const ENCODING = /^<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]{1,40})["']/;
const xmlEncoding = (start: string): string | undefined => ENCODING.exec(start)?.[1];

/** The whole document; the rows of each table that has DATA are one batch. */
export async function readVotable(source: ByteSource): Promise<VotableDocument> {
  const rows = new Map<VotableTable, Table[]>();
  let current: Table[] = [];
  for await (const event of votableEvents(source))
    if (event.kind === 'table') rows.set(event.table, (current = []));
    else if (event.kind === 'rows') current.push(event.rows);
    else {
      const filled = ({ tables, resources, ...resource }: VotableResource): VotableResource => ({
        ...resource,
        ...(tables && { tables: tables.map((table) => ({ ...table, rows: [joined(table, rows.get(table)!)] })) }),
        ...(resources && { resources: resources.map(filled) }),
      });
      return { ...event.document, resources: event.document.resources.map(filled) };
    }
  throw new TableError('TRUNCATED', 'the document has no end');
}

const joined = (table: VotableTable, batches: readonly Table[]): Table =>
  named(batches.length === 0 ? emptyTable(table.fields) : concatTables(batches), table.name);

const named = (table: Table, name: string | undefined): Table =>
  new Table(table.columns, table.rowCount, name, table.arrayColumns);

/** No rows of the columns that the fields say. */
export function emptyTable(fields: readonly VotableField[]): Table {
  const formats = fields.map(cellFormat);
  const columns = formats
    .filter((format) => format.kind === 'column')
    .map((format) => {
      const description = descriptionOf(format);
      return { ...description, data: newColumnData(description.type, 0) } as Column;
    });
  const arrays = formats
    .filter((format) => format.kind === 'array')
    .map((format) => ({
      ...columnFacts(format.field, format.column),
      element: ELEMENT_TYPES[format.field.datatype],
      ...arrayShape(format),
      values: newElements(ELEMENT_TYPES[format.field.datatype], 0),
      offsets: new Uint32Array(1),
    }));
  return new Table(columns, 0, undefined, arrays);
}

/** The tables of a document in its order, those of nested resources included. */
export function votableTables({ resources }: Pick<VotableDocument, 'resources'>): VotableTable[] {
  return resources.flatMap((resource) => [
    ...(resource.tables ?? []),
    ...votableTables({ resources: resource.resources ?? [] }),
  ]);
}

/** The first table of a document, whole; refuses a document that has none, with what its QUERY_STATUS says. */
export async function readVotableTable(source: ByteSource): Promise<Table> {
  const document = await readVotable(source);
  const [table] = votableTables(document);
  const status = queryStatus(document);
  if (!table)
    throw new TableError('BAD_FORMAT', `there is no table${status?.text ? `: ${status.text}` : ''}`, {
      element: 'VOTABLE',
    });
  const [rows] = table.rows as readonly Table[];
  return rows!;
}

/** The last QUERY_STATUS: a service says OVERFLOW or a late ERROR after the rows. */
export function queryStatus(document: VotableDocument): VotableInfo | undefined {
  const infos = (resource: VotableResource): VotableInfo[] => [
    ...(resource.infos ?? []),
    ...(resource.tables ?? []).flatMap((table) => table.infos ?? []),
    ...(resource.resources ?? []).flatMap(infos),
    ...(resource.trailingInfos ?? []),
  ];
  const all = [...(document.infos ?? []), ...document.resources.flatMap(infos), ...(document.trailingInfos ?? [])];
  return all.findLast(({ name }) => name === 'QUERY_STATUS');
}
