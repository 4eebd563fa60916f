// Writes src/tables/*.ts from the JSON table lists (names, types, units, UCDs, keys) of a folder:
//   node libs/schema/tools/generate.mjs <folder with apdb_*.json and lsstcam_*.json>
// Descriptions come from describe.mjs. Run it by hand when a list changes; the result is committed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from './describe.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: generate.mjs <folder with the JSON table lists>');
const target = new URL('../src/tables/', import.meta.url).pathname;
const BANDS = ['u', 'g', 'r', 'i', 'z', 'y'];

const extra = (name, datatype, options = {}) => ({ name, datatype, nullable: true, extra: true, ...options });
const commitId = extra('commitId', 'long', { nullable: false, ucd: 'meta.id' });
const spatial = (nullable = false) => [
  extra('hpx29', 'long', { nullable, ucd: 'pos.healpix' }),
  extra('geog', 'point', { nullable: true, ucd: 'pos.eq' }),
];
const perBand = (suffix, options) => BANDS.map((band) => extra(`${band}_${suffix}`, 'float', options));

/** file, name in code, what the table is, what we add, what we change. */
const TABLES = [
  {
    file: 'apdb_DiaSource',
    about: 'Detections on difference images.',
    extras: [commitId, ...spatial()],
    spatial: ['ra', 'dec'],
    notNull: ['band'],
  },
  {
    file: 'apdb_DiaForcedSource',
    about: 'Forced photometry on difference images at the places of known DIAObjects.',
    extras: [commitId],
    notNull: ['band'],
  },
  {
    file: 'apdb_DiaObject',
    about: 'Variable and transient objects: one row for every version, with its interval of validity.',
    extras: [
      ...perBand('psfFluxChi2', { ucd: 'stat.fit.chi2' }),
      ...perBand('psfFluxStetsonJ', { ucd: 'src.var.index' }),
      commitId,
    ],
  },
  {
    file: 'apdb_DiaObjectLast',
    about: 'The current place of every DIAObject: narrow, for spatial reads.',
    extras: [commitId, ...spatial()],
    spatial: ['ra', 'dec'],
  },
  { file: 'apdb_SSObject', about: 'Solar System objects: what the survey derives about each.' },
  { file: 'apdb_SSSource', about: 'What is known of a detection as an observation of a Solar System object.' },
  { file: 'apdb_mpc_orbits', about: 'Orbits of Solar System objects.' },
  {
    file: 'apdb_DetectorVisitProcessingSummary',
    about: 'Quality and geometry of every processed exposure.',
    primaryKey: ['visit', 'detector'],
  },
  {
    file: 'lsstcam_Visit',
    about: 'Visits: one row for every pointing.',
    notNull: ['visit', 'band', 'ra', 'dec', 'expTime', 'expMidptMJD'],
    primaryKey: ['visit'],
    dropIndexes: true,
    extras: [extra('instrument', 'char', { length: 32, nullable: false, ucd: 'meta.id;instr' }), ...spatial()],
    spatial: ['ra', 'dec'],
  },
  {
    file: 'lsstcam_Source',
    about: 'Detections on calibrated exposures.',
    notNull: ['ra', 'dec', 'band'],
    dropIndexes: true,
    extras: spatial(),
    spatial: ['ra', 'dec'],
  },
  {
    file: 'lsstcam_ForcedSource',
    about: 'Forced photometry on calibrated exposures and differences at the places of Objects.',
    primaryKey: ['objectId', 'visit', 'detector'],
    notNull: ['band'],
    dropIndexes: true,
  },
  {
    file: 'lsstcam_Object_compact',
    about: 'Objects of a data release: place, shape and fluxes in every band.',
    primaryKey: ['objectId'],
    spatial: ['coord_ra', 'coord_dec'],
    extras: spatial(true),
    bandColumns: [
      'psfFlux',
      'psfFluxErr',
      'psfFlux_flag',
      'cModelFlux',
      'cModelFluxErr',
      'cModel_flag',
      'kronFlux',
      'kronFluxErr',
      'gaap1p0Flux',
      'gaap1p0FluxErr',
      'ap12Flux',
      'ap12FluxErr',
      'extendedness',
      'blendedness',
      'ixx',
      'iyy',
      'ixy',
      'ixxPSF',
      'iyyPSF',
      'ixyPSF',
      'pixelFlags_saturated',
      'pixelFlags_edge',
      'inputCount',
      'epoch',
    ],
    omit: /^(exponential_|deblend_peak)/,
  },
];

const literal = (value) =>
  JSON.stringify(value)
    .replace(/"(\w+)":/g, '$1: ')
    .replace(/"([^"']*)"/g, "'$1'");
for (const table of TABLES) {
  const list = JSON.parse(readFileSync(join(folder, `${table.file}.json`), 'utf8'));
  const plain = list.columns ?? [
    ...list.non_band_columns.filter((column) => !table.omit?.test(column.name)),
    ...BANDS.flatMap((band) =>
      table.bandColumns.map((name) => ({
        ...list.per_band_columns.find((column) => column.name === `{band}_${name}`),
        name: `${band}_${name}`,
        bands: undefined,
      })),
    ),
  ];
  const primaryKey = table.primaryKey ?? [list.primaryKey].flat();
  const columns = [...plain, ...(table.extras ?? [])].map((column) => ({
    name: column.name,
    datatype: column.datatype === 'string' && !column.length ? 'text' : column.datatype,
    ...(column.length && {
      length: /[bB]and$/.test(column.name) ? 8 : column.name === 'physical_filter' ? 32 : column.length,
    }),
    ...(column.unit && { unit: column.unit }),
    ...(column.ucd && { ucd: column.ucd }),
    nullable: (column.nullable ?? true) && !primaryKey.includes(column.name) && !table.notNull?.includes(column.name),
    description: describe(column.name),
    ...(column.extra && { extra: true }),
  }));
  const unknown = columns.find((column) => !column.datatype);
  if (unknown) throw new Error(`${table.file}: ${unknown.name} has no type`);
  const body = {
    name: list.table,
    description: table.about,
    source: `${list.source.file} ${list.source.schema_version ?? ''}`.trim(),
    primaryKey,
    indexes: table.dropIndexes ? [] : (list.indexes ?? []).map(({ name, columns: of }) => ({ name, columns: of })),
    uniques: (list.constraints ?? [])
      .filter(({ type }) => type === 'Unique')
      .map(({ name, columns: of }) => ({ name, columns: of })),
    ...(table.spatial && { position: { ra: table.spatial[0], dec: table.spatial[1] } }),
  };
  const symbol = list.table
    .replace(/^Object$/, 'ObjectTable')
    .replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    .replace(/^./, (letter) => letter.toUpperCase());
  const text = `// Generated by libs/schema/tools/generate.mjs; names, types and units after ${body.source}, words our own.
import { defineTable } from '../description.js';

export const ${symbol} = defineTable({
${Object.entries(body)
  .map(([key, value]) => `  ${key}: ${literal(value)},`)
  .join('\n')}
  columns: [
${columns.map((column) => `    ${JSON.stringify(column).replace(/"(\w+)":/g, '$1: ')},`).join('\n')}
  ],
});
`;
  writeFileSync(
    join(
      target,
      `${list.table
        .replace(/_/g, '-')
        .replace(/([a-z])([A-Z])/g, '$1-$2')
        .toLowerCase()}.ts`,
    ),
    text,
  );
}
