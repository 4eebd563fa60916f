// VOSI 1.1: availability and the tableset. Capabilities are in capabilities.ts.

import { document, element, leaf } from './xml.js';
import {
  qualifiedName,
  spelledName,
  type VoColumn,
  type VoKey,
  type VoSchema,
  type VoTable,
  type VoTableset,
} from './vo-table.js';

const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

export interface Availability {
  readonly available: boolean;
  readonly upSince: Date;
  readonly notes: readonly string[];
}

export const availabilityXml = ({ available, upSince, notes }: Availability): string =>
  document(
    element(
      'vosi:availability',
      {
        'xmlns:vosi': 'http://www.ivoa.net/xml/VOSIAvailability/v1.0',
        'xmlns:xsi': XSI,
        'xsi:schemaLocation':
          'http://www.ivoa.net/xml/VOSIAvailability/v1.0 http://www.ivoa.net/xml/VOSIAvailability/v1.0',
      },
      leaf('vosi:available', String(available)),
      leaf('vosi:upSince', upSince.toISOString()),
      ...notes.map((note) => leaf('vosi:note', note)),
    ),
  );

const TABLES = {
  'xmlns:vosi': 'http://www.ivoa.net/xml/VOSITables/v1.0',
  'xmlns:vs': 'http://www.ivoa.net/xml/VODataService/v1.1',
  'xmlns:xsi': XSI,
  'xsi:schemaLocation':
    'http://www.ivoa.net/xml/VOSITables/v1.0 http://www.ivoa.net/xml/VOSITables/v1.0 http://www.ivoa.net/xml/VODataService/v1.1 http://www.ivoa.net/xml/VODataService/v1.1',
};

const columnXml = (column: VoColumn): string =>
  element(
    'column',
    { ...(column.std && { std: 'true' }) },
    leaf('name', spelledName(column)),
    leaf('description', column.description),
    leaf('unit', column.unit),
    leaf('ucd', column.ucd),
    leaf('utype', column.utype),
    leaf('dataType', column.datatype, {
      'xsi:type': 'vs:VOTableType',
      arraysize: column.arraysize,
      extendedType: column.xtype,
    }),
    column.indexed ? leaf('flag', 'indexed') : '',
    column.principal ? leaf('flag', 'principal') : '',
  );

const keyXml = (key: VoKey): string =>
  element(
    'foreignKey',
    {},
    leaf('targetTable', key.target),
    ...key.columns.map((pair) =>
      element('fkColumn', {}, leaf('fromColumn', pair.from), leaf('targetColumn', pair.target)),
    ),
    leaf('description', key.description),
  );

/** What a table is; its columns and keys unless `minimal`. */
function tableContent(table: VoTable, keys: readonly VoKey[], minimal: boolean): string[] {
  const own = keys.filter(({ from }) => from === qualifiedName(table));
  return [
    leaf('name', qualifiedName(table)),
    leaf('description', table.description),
    leaf('utype', table.utype),
    ...(minimal ? [] : [...table.columns.map(columnXml), ...own.map(keyXml)]),
  ];
}

export const tableXml = (table: VoTable, keys: readonly VoKey[]): string =>
  document(element('vosi:table', { ...TABLES, type: table.type }, ...tableContent(table, keys, false)));

const schemaXml = (schema: VoSchema, { tables, keys }: VoTableset, minimal: boolean): string =>
  element(
    'schema',
    {},
    leaf('name', schema.name),
    leaf('description', schema.description),
    leaf('utype', schema.utype),
    ...tables
      .filter((table) => table.schema === schema.name)
      .map((table) => element('table', { type: table.type }, ...tableContent(table, keys, minimal))),
  );

export const tablesetXml = (tableset: VoTableset, detail: 'min' | 'max' = 'max'): string =>
  document(
    element(
      'vosi:tableset',
      TABLES,
      ...tableset.schemas.map((schema) => schemaXml(schema, tableset, detail === 'min')),
    ),
  );
