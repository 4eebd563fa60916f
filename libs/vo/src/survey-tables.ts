// The public tables of libs/schema as tables of the Virtual Observatory.

import { type ColumnDescription, PUBLIC_TABLES, type TableDescription } from '#libs/schema';
import type { VoColumn, VoDatatype, VoKey, VoSchema, VoTable } from './vo-table.js';
import { voUnit } from './vo-unit.js';

export const SURVEY_SCHEMA: VoSchema = {
  name: 'almagest',
  description:
    'What the survey measured: visits, sources, objects, difference-image detections and Solar System objects.',
};

const TYPES: Record<
  Exclude<ColumnDescription['datatype'], 'point'>,
  { datatype: VoDatatype; arraysize?: string; xtype?: string }
> = {
  boolean: { datatype: 'boolean' },
  short: { datatype: 'short' },
  int: { datatype: 'int' },
  long: { datatype: 'long' },
  float: { datatype: 'float' },
  double: { datatype: 'double' },
  char: { datatype: 'char', arraysize: '*' },
  string: { datatype: 'char', arraysize: '*' },
  text: { datatype: 'char', arraysize: '*' },
  timestamp: { datatype: 'char', arraysize: '*', xtype: 'timestamp' },
};

/** Shown first besides keys and positions. */
const PRINCIPAL = new Set([
  'band',
  'visit',
  'detector',
  'psfFlux',
  'psfFluxErr',
  'snr',
  'midpointMjdTai',
  'expMidptMJD',
  'nDiaSources',
  'diaObjectId',
  'ssObjectId',
  'designation',
  ...['u', 'g', 'r', 'i', 'z', 'y'].flatMap((band) => [`${band}_psfFlux`, `${band}_psfFluxMean`]),
]);

/** The point on the sphere serves searches only: it says nothing that the position does not. */
const published = (column: ColumnDescription): boolean => column.datatype !== 'point';

function columnOf(table: TableDescription, column: ColumnDescription): VoColumn {
  const { name, unit, ucd, description } = column;
  const leading = [table.primaryKey, ...table.indexes.map(({ columns }) => columns)].some(([first]) => first === name);
  const isPosition = table.position !== undefined && [table.position.ra, table.position.dec].includes(name);
  const isKey = table.primaryKey.includes(name);
  const main = isPosition && ucd === `pos.eq.${name}` ? `${ucd};meta.main` : ucd;
  return {
    name,
    ...TYPES[column.datatype as keyof typeof TYPES],
    ...(unit !== undefined && { unit: voUnit(unit) }),
    ...(main !== undefined && { ucd: main }),
    description,
    ...((leading || isPosition || (name === 'hpx29' && table.position !== undefined)) && { indexed: true as const }),
    ...((isKey || isPosition || PRINCIPAL.has(name)) && { principal: true as const }),
  };
}

function surveyTable(table: TableDescription): VoTable {
  const has = (name: string): boolean => table.columns.some((column) => column.name === name);
  return {
    schema: SURVEY_SCHEMA.name,
    name: table.name,
    type: 'table',
    description: table.description,
    sqlName: table.name,
    ...(table.position !== undefined && {
      position: {
        ...table.position,
        ...(has('geog') && { geography: 'geog' }),
        ...(has('hpx29') && { hpx29: 'hpx29' }),
      },
    }),
    columns: table.columns.filter(published).map((column) => columnOf(table, column)),
  };
}

export const SURVEY_TABLES: readonly VoTable[] = PUBLIC_TABLES.map(surveyTable);

const key = (from: string, column: string, target: string, description: string): VoKey => ({
  id: `${from}_${column}`,
  from: `${SURVEY_SCHEMA.name}.${from}`,
  target: `${SURVEY_SCHEMA.name}.${target}`,
  description,
  columns: [{ from: column, target: column }],
});

export const SURVEY_KEYS: readonly VoKey[] = [
  key('DetectorVisitProcessingSummary', 'visit', 'Visit', 'The visit of a processed detector.'),
  key('Source', 'visit', 'Visit', 'The visit a source was measured in.'),
  key('DiaSource', 'visit', 'Visit', 'The visit of a detection.'),
  key('DiaSource', 'diaObjectId', 'DiaObjectLast', 'The object a detection belongs to.'),
  key('DiaForcedSource', 'visit', 'Visit', 'The visit of a forced measurement.'),
  key('DiaForcedSource', 'diaObjectId', 'DiaObjectLast', 'The object a forced measurement was made for.'),
  key('DiaObject', 'diaObjectId', 'DiaObjectLast', 'The latest version of an object.'),
  key('SSObject', 'designation', 'mpc_orbits', 'The orbit of a Solar System object.'),
  key('SSSource', 'ssObjectId', 'SSObject', 'The Solar System object of a detection.'),
  key('SSSource', 'diaSourceId', 'DiaSource', 'The detection of a Solar System object.'),
];
