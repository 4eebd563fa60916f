// VOTable documents out, as a stream of bytes: memory stays flat however many rows come.

import type { Table } from '../table.js';
import { Base64Encoder } from './base64.js';
import type {
  VotableDocument,
  VotableField,
  VotableInfo,
  VotableResource,
  VotableSerialization,
  VotableTable,
} from './model.js';
import { binaryRows } from './write-binary.js';
import {
  descriptionXml,
  fieldsXml,
  groupsXml,
  infosXml,
  linksXml,
  paramsXml,
  systemsAndParamsXml,
} from './write-head.js';
import { tabledataRows } from './write-tabledata.js';
import { xmlOpen } from './xml-text.js';

export interface VotableWriteOptions {
  /** default BINARY2 */
  readonly serialization?: VotableSerialization;
  /** written as the document's version; default 1.4 */
  readonly version?: '1.3' | '1.4' | '1.5';
  /**
   * When the rows end in an error: what to write after the table (`QUERY_STATUS` `ERROR`) so that the document is whole
   * all the same. Without it, or when it returns undefined, the error is thrown and the document stays unfinished.
   */
  readonly onRowError?: (error: unknown) => VotableInfo | undefined;
}

/** A document of one table, as DAL services answer. */
export interface VotableResult extends Omit<VotableResource, 'tables' | 'resources' | 'trailingInfos'> {
  readonly fields: readonly VotableField[];
  /** name, ID, description, params, groups of the TABLE itself */
  readonly table?: Omit<VotableTable, 'fields' | 'rows'>;
  /** further RESOURCEs after that of the table: service descriptors */
  readonly resources?: readonly VotableResource[];
  /** asked for after the last row: `OVERFLOW` is known only then */
  readonly trailingInfos?: () => readonly VotableInfo[];
}

/**
 * One table. `rows` are batches of any size whose columns are those of the fields (see `VotableField.column`).
 * Missing integers need `<VALUES null>` in BINARY; TABLEDATA and BINARY2 write them as such.
 */
export async function* writeVotable(
  { fields, table, resources = [], trailingInfos, ...resource }: VotableResult,
  rows: Iterable<Table> | AsyncIterable<Table>,
  options: VotableWriteOptions = {},
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(
    documentHead({ version: options.version ?? '1.4' }) + resourceHead({ type: 'results', ...resource }),
  );
  const failure = yield* tableBytes({ ...table, fields, rows }, options);
  const last = failure ? [failure] : (trailingInfos?.() ?? []);
  yield Buffer.from(`${infosXml(last)}</RESOURCE>\n`);
  for (const one of resources) yield* resourceBytes(one, options);
  yield Buffer.from('</VOTABLE>\n');
}

export async function* writeVotableDocument(
  document: VotableDocument,
  options: VotableWriteOptions = {},
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(documentHead({ ...document, version: options.version ?? '1.4' }));
  for (const resource of document.resources) yield* resourceBytes(resource, options);
  yield Buffer.from(`${infosXml(document.trailingInfos)}</VOTABLE>\n`);
}

function documentHead(document: Omit<VotableDocument, 'resources'>): string {
  const { version, ID } = document;
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    `${xmlOpen('VOTABLE', { version, ID, xmlns: 'http://www.ivoa.net/xml/VOTable/v1.3' })}\n` +
    descriptionXml(document.description) +
    systemsAndParamsXml(document) +
    infosXml(document.infos)
  );
}

function resourceHead(resource: Omit<VotableResource, 'tables' | 'resources' | 'trailingInfos'>): string {
  const { ID, name, type, utype } = resource;
  return (
    `${xmlOpen('RESOURCE', { ID, name, type, utype })}\n` +
    descriptionXml(resource.description) +
    infosXml(resource.infos) +
    systemsAndParamsXml(resource) +
    linksXml(resource.links)
  );
}

async function* resourceBytes(
  resource: VotableResource,
  options: VotableWriteOptions,
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(resourceHead(resource));
  let failure: VotableInfo | undefined;
  for (const table of resource.tables ?? []) {
    failure = yield* tableBytes(table, options);
    if (failure) break;
  }
  if (!failure) for (const inner of resource.resources ?? []) yield* resourceBytes(inner, options);
  yield Buffer.from(`${infosXml(failure ? [failure] : resource.trailingInfos)}</RESOURCE>\n`);
}

/** A TABLE element; returns what to say after it when its rows ended in an error. */
async function* tableBytes(
  table: VotableTable,
  options: VotableWriteOptions,
): AsyncGenerator<Uint8Array, VotableInfo | undefined> {
  const { ID, name, ref, ucd, utype, nrows, rows, fields } = table;
  yield Buffer.from(
    `${xmlOpen('TABLE', { ID, name, ref, ucd, utype, nrows })}\n` +
      descriptionXml(table.description) +
      infosXml(table.infos) +
      fieldsXml(fields) +
      paramsXml(table.params) +
      groupsXml(table.groups) +
      linksXml(table.links),
  );
  const failure = rows && fields.length > 0 ? yield* dataBytes(fields, rows, options) : undefined;
  yield Buffer.from('</TABLE>\n');
  return failure;
}

async function* dataBytes(
  fields: readonly VotableField[],
  rows: Iterable<Table> | AsyncIterable<Table>,
  { serialization = 'BINARY2', onRowError }: VotableWriteOptions,
): AsyncGenerator<Uint8Array, VotableInfo | undefined> {
  const binary = serialization !== 'TABLEDATA';
  const encode = binary ? binaryRows(fields, serialization === 'BINARY2') : tabledataRows(fields);
  const base64 = binary ? new Base64Encoder() : undefined;
  yield Buffer.from(`<DATA>\n<${serialization}>\n${binary ? '<STREAM encoding="base64">\n' : ''}`);
  let failure: VotableInfo | undefined;
  try {
    for await (const batch of rows)
      for (const bytes of encode(batch)) {
        const text = base64 ? base64.push(bytes) : bytes;
        if (text.length > 0) yield text;
      }
  } catch (error) {
    failure = onRowError?.(error);
    if (failure === undefined) throw error;
  }
  if (base64) yield base64.end();
  yield Buffer.from(`${binary ? '</STREAM>\n' : ''}</${serialization}>\n</DATA>\n`);
  return failure;
}
