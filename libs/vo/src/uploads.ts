// Tables that come with a query: read from VOTable, bound as one array per column, seen by the query as a common table of its own.
// Nothing is written anywhere, so there is nothing to clean up.

import type { AdqlColumn, AdqlDatatype, AdqlTable } from '#libs/adql';
import {
  type ArrayColumn,
  arrayCell,
  type Column,
  concatTables,
  type ElementType,
  readVotableTable,
  type Table,
  TableError,
  votableEvents,
  type VotableField,
} from '#libs/table';
import type { CommonTable } from './adql-catalog.js';
import type { UploadReference } from './tap-request.js';
import { VoError } from './vo-error.js';

/** Where the bytes of uploads come from. */
export interface UploadSources {
  /** parts of the request by name */
  readonly part: (name: string) => Promise<Uint8Array | undefined>;
  /** tables elsewhere by address */
  readonly fetch: (url: string, maximumBytes: number) => Promise<Uint8Array>;
}

export interface UploadedTable {
  readonly table: AdqlTable;
  readonly columns: readonly UploadedColumn[];
}
export type UploadedTables = readonly UploadedTable[];

interface UploadedColumn {
  /** name in SQL */
  readonly sqlName: string;
  /** type of the elements of the parameter, and what they are cast to */
  readonly element: string;
  readonly cast?: string;
  readonly values: readonly unknown[];
}

export interface UploadLimits {
  readonly uploadRows: number;
  readonly uploadBytes: number;
}

const SQL_TYPES: Readonly<Record<string, string>> = {
  boolean: 'boolean',
  byte: 'smallint',
  short: 'smallint',
  int: 'integer',
  long: 'bigint',
  float: 'real',
  double: 'float8',
  string: 'text',
};
const ADQL_TYPES: Readonly<Record<string, AdqlDatatype>> = {
  boolean: 'boolean',
  byte: 'unsignedByte',
  short: 'short',
  int: 'int',
  long: 'long',
  float: 'float',
  double: 'double',
};
/** Elements of arrays that PostgreSQL has a type for. */
const ARRAY_TYPES: Readonly<Partial<Record<ElementType, string>>> = {
  boolean: 'boolean[]',
  byte: 'smallint[]',
  short: 'smallint[]',
  int: 'integer[]',
  long: 'bigint[]',
  float: 'real[]',
  double: 'float8[]',
};

/** Reads every upload; throws BAD_UPLOAD naming the table for what cannot be read. */
export async function loadUploads(
  references: readonly UploadReference[],
  sources: UploadSources,
  limits: UploadLimits,
): Promise<UploadedTables> {
  const names = new Set<string>();
  const loaded: UploadedTable[] = [];
  for (const { table, uri } of references) {
    if (names.has(table.toLowerCase()))
      throw new VoError('BAD_UPLOAD', `the table '${table}' is uploaded twice`, table);
    names.add(table.toLowerCase());
    const part = /^param:(.+)$/i.exec(uri)?.[1];
    const bytes = part === undefined ? await sources.fetch(uri, limits.uploadBytes) : await sources.part(part);
    if (bytes === undefined)
      throw new VoError('BAD_UPLOAD', `the table '${table}': the request has no part '${part}'`, part);
    loaded.push(await readUpload(table, bytes, limits));
  }
  return loaded;
}

async function readUpload(name: string, bytes: Uint8Array, limits: UploadLimits): Promise<UploadedTable> {
  const bad = (why: string, cause?: unknown): VoError =>
    new VoError('BAD_UPLOAD', `the table '${name}': ${why}`, name, { cause });
  if (bytes.length > limits.uploadBytes)
    throw new VoError(
      'TOO_LARGE',
      `the table '${name}' has ${bytes.length} bytes, at most ${limits.uploadBytes} may be uploaded`,
      bytes.length,
    );
  try {
    const found = await firstTable(bytes, limits.uploadRows);
    if (found === undefined || found.fields.length === 0) throw bad('it has no columns');
    return uploadedTable(name, found.fields, found.table);
  } catch (error) {
    if (error instanceof TableError) throw bad(error.message, error);
    throw error;
  }
}

/** The first table of a document; reading stops where it would be too long. */
async function firstTable(
  bytes: Uint8Array,
  maximumRows: number,
): Promise<{ fields: readonly VotableField[]; table: Table } | undefined> {
  let fields: readonly VotableField[] | undefined;
  const batches: Table[] = [];
  let rows = 0;
  for await (const event of votableEvents(bytes)) {
    if (event.kind === 'table') {
      if (fields !== undefined) break;
      ({ fields } = event.table);
    } else if (event.kind === 'rows') {
      batches.push(event.rows);
      rows += event.rows.rowCount;
      if (rows > maximumRows) throw new VoError('TOO_LARGE', `at most ${maximumRows} rows may be uploaded`, rows);
    }
  }
  return fields && { fields, table: batches.length === 0 ? await readVotableTable(bytes) : concatTables(batches) };
}

export function uploadedTable(name: string, fields: readonly VotableField[], table: Table): UploadedTable {
  const columns = fields.map((field, i) => columnOf(field, table, `c${i + 1}`));
  const taken = new Set<string>();
  return {
    columns: columns.map(({ uploaded }) => uploaded),
    table: {
      schema: 'TAP_UPLOAD',
      name,
      sqlName: `tap_upload_${name.toLowerCase()}`,
      columns: columns.map(({ described }) => ({ ...described, name: unique(described.name, taken) })),
      ...position(columns.map(({ described }) => described)),
    },
  };
}

/** Names that are the same but for their case would be ambiguous. */
function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 2; taken.has(free.toLowerCase()); n++) free = `${name}_${n}`;
  taken.add(free.toLowerCase());
  return free;
}

/** The first column of each kind, as clients that cross-match expect. */
function position(columns: readonly AdqlColumn[]): Partial<Pick<AdqlTable, 'position'>> {
  const named = (ucd: string): string | undefined =>
    (
      columns.find((column) => column.ucd?.startsWith(`${ucd};meta.main`)) ??
      columns.find((column) => column.ucd?.startsWith(ucd))
    )?.name;
  const ra = named('pos.eq.ra');
  const dec = named('pos.eq.dec');
  return ra === undefined || dec === undefined ? {} : { position: { ra, dec } };
}

function columnOf(
  field: VotableField,
  table: Table,
  sqlName: string,
): { described: AdqlColumn; uploaded: UploadedColumn } {
  const key = field.column ?? field.name;
  const about = {
    name: field.name,
    sqlName,
    ...(field.xtype && { xtype: field.xtype }),
    ...(field.unit && { unit: field.unit }),
    ...(field.ucd && { ucd: field.ucd }),
    ...(field.utype && { utype: field.utype }),
    ...(field.description && { description: field.description }),
  };
  if (table.hasArray(key)) {
    const column = table.arrayColumn(key);
    const cast = ARRAY_TYPES[column.element];
    if (cast === undefined)
      throw new VoError(
        'BAD_UPLOAD',
        `column '${field.name}' is ${field.datatype} with arraysize ${field.arraysize ?? '1'}: such columns cannot be queried`,
        field.name,
      );
    return {
      described: { ...about, datatype: ADQL_TYPES[column.element]!, arraysize: field.arraysize ?? '*' },
      uploaded: { sqlName, element: 'text', cast, values: arrayTexts(column, table.rowCount) },
    };
  }
  const column = table.column(key);
  const text = column.type === 'string';
  const datatype = text ? (field.datatype === 'unicodeChar' ? 'unicodeChar' : 'char') : ADQL_TYPES[column.type]!;
  return {
    described: {
      ...about,
      datatype,
      ...(text && field.arraysize && field.arraysize !== '1' && { arraysize: field.arraysize }),
    },
    uploaded: { sqlName, element: SQL_TYPES[column.type]!, values: scalars(column) },
  };
}

function scalars({ type, data, nulls }: Column): unknown[] {
  const boolean = type === 'boolean';
  return Array.from(data as ArrayLike<unknown>, (value, row) => (nulls?.[row] ? null : boolean ? value === 1 : value));
}

function arrayTexts(column: ArrayColumn, rows: number): (string | null)[] {
  const element = (value: unknown): string => (column.element === 'boolean' ? String(value === 1) : String(value));
  return Array.from({ length: rows }, (_, row) => {
    const cell = arrayCell(column, row);
    return cell === null ? null : `{${Array.from(cell as ArrayLike<unknown>, element).join(',')}}`;
  });
}

/** Uploads as common tables; their columns become parameters after those that are there already. */
export const uploadedRows = (uploads: UploadedTables, parameters: unknown[]): readonly CommonTable[] =>
  uploads.map(({ table, columns }) => {
    const arrays = columns.map(({ element, values }) => `$${parameters.push(values)}::${element}[]`);
    const names = columns.map(({ sqlName }) => sqlName);
    const selected = columns.map(({ cast, sqlName }) => (cast ? `${sqlName}::${cast} AS ${sqlName}` : sqlName));
    return {
      name: table.sqlName,
      sql: `SELECT ${selected.join(', ')} FROM unnest(${arrays.join(', ')}) AS given (${names.join(', ')})`,
      materialized: true,
    };
  });
