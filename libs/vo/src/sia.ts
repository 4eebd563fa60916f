// Simple Image Access 2.0 as a query of ivoa.ObsCore: values of one parameter are alternatives, parameters restrict each other.

import type { VotableParam, VotableResource } from '#libs/table';
import { type DaliParameters, type Interval, intervalOf, type Shape, shapeOf } from './dali.js';
import { OBSCORE_TABLE } from './obscore-table.js';
import { VoError } from './vo-error.js';

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Intervals that overlap [low, high]. */
function overlaps(lowColumn: string, highColumn: string, { low, high }: Interval): string {
  const conditions = [
    ...(low === -Infinity ? [] : [`${highColumn} >= ${low}`]),
    ...(high === Infinity ? [] : [`${lowColumn} <= ${high}`]),
  ];
  return conditions.length === 0 ? `${lowColumn} IS NOT NULL` : conditions.join(' AND ');
}
const within = (column: string, interval: Interval): string => overlaps(column, column, interval);

/** The most a straight edge may leave a parallel that it stands for: steps of a degree keep within 5 arcsec at latitude 45. */
const STEP_DEG = 1;

/** A range of longitude and latitude as a polygon; parallels are no great circles, hence the steps. */
export function rangePolygon(lon: Interval, lat: Interval): number[] {
  const steps = Math.max(1, Math.ceil((lon.high - lon.low) / STEP_DEG));
  const at = (i: number): number => lon.low + ((lon.high - lon.low) * i) / steps;
  const vertices: number[] = [];
  for (let i = 0; i <= steps; i++) vertices.push(at(i), lat.low);
  for (let i = steps; i >= 0; i--) vertices.push(at(i), lat.high);
  return vertices;
}

/** ADQL that is true for regions that overlap a shape. */
export function overlapsShape(region: string, shape: Shape): string {
  switch (shape.kind) {
    case 'circle':
      return shape.radius === 0
        ? `1 = CONTAINS(POINT(${shape.lon}, ${shape.lat}), ${region})`
        : `1 = INTERSECTS(${region}, CIRCLE(${shape.lon}, ${shape.lat}, ${shape.radius}))`;
    case 'polygon':
      return `1 = INTERSECTS(${region}, POLYGON(${shape.vertices.join(', ')}))`;
    case 'range': {
      const lon = { low: Math.max(0, shape.lon.low), high: Math.min(360, shape.lon.high) };
      const lat = { low: Math.max(-90, shape.lat.low), high: Math.min(90, shape.lat.high) };
      if (lon.low > lon.high || lat.low > lat.high) return '1 = 0';
      // too wide for a polygon: the centres of images decide
      if (lon.high - lon.low >= 90 || lat.low <= -89.9 || lat.high >= 89.9)
        return `s_dec BETWEEN ${lat.low} - s_fov / 2 AND ${lat.high} + s_fov / 2 AND s_ra BETWEEN ${lon.low} - s_fov / 2 AND ${lon.high} + s_fov / 2`;
      return `1 = INTERSECTS(${region}, POLYGON(${rangePolygon(lon, lat).join(', ')}))`;
    }
  }
}

const equal = (column: string) => (value: string) => `${column} = ${literal(value)}`;
const interval = (name: string, write: (interval: Interval) => string) => (value: string) =>
  write(intervalOf(name, value));

const CONDITIONS: Readonly<Record<string, (value: string) => string>> = {
  POS: (value) => overlapsShape('s_region', shapeOf('POS', value)),
  BAND: interval('BAND', (one) => overlaps('em_min', 'em_max', one)),
  TIME: interval('TIME', (one) => overlaps('t_min', 't_max', one)),
  POL: (value) => `pol_states LIKE ${literal(`%/${value.replaceAll(/[%_\\]/g, '')}/%`)}`,
  FOV: interval('FOV', (one) => within('s_fov', one)),
  SPATRES: interval('SPATRES', (one) => within('s_resolution', one)),
  SPECRP: interval('SPECRP', (one) => within('em_res_power', one)),
  EXPTIME: interval('EXPTIME', (one) => within('t_exptime', one)),
  TIMERES: interval('TIMERES', (one) => within('t_resolution', one)),
  ID: equal('obs_publisher_did'),
  COLLECTION: equal('obs_collection'),
  FACILITY: equal('facility_name'),
  INSTRUMENT: equal('instrument_name'),
  DPTYPE: equal('dataproduct_type'),
  TARGET: equal('target_name'),
  FORMAT: equal('access_format'),
  CALIB: (value) => {
    if (!/^\s*\d\s*$/.test(value))
      throw new VoError('BAD_PARAMETER', `CALIB is a calibration level from 0 to 4, not '${value}'`, value);
    return `calib_level = ${Number(value)}`;
  },
};

export function siaAdql(parameters: DaliParameters): string {
  const conditions = Object.entries(CONDITIONS).flatMap(([name, write]) => {
    const values = parameters.all(name);
    return values.length === 0 ? [] : [`(${values.map((value) => `(${write(value)})`).join(' OR ')})`];
  });
  const columns = OBSCORE_TABLE.columns.map(({ name }) => name).join(', ');
  return `SELECT ${columns} FROM ivoa.ObsCore${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`} ORDER BY t_min, obs_publisher_did`;
}

const text = (name: string, ucd: string, description: string, extra: Partial<VotableParam> = {}): VotableParam => ({
  name,
  datatype: 'char',
  arraysize: '*',
  value: '',
  ucd,
  description,
  ...extra,
});
const span = (name: string, ucd: string, unit: string | undefined, description: string): VotableParam => ({
  name,
  datatype: 'double',
  arraysize: '2',
  xtype: 'interval',
  value: '',
  ucd,
  description,
  ...(unit !== undefined && { unit }),
});

/** What the service takes, in every answer. */
export const siaDescriptor = (url: string): VotableResource => ({
  type: 'meta',
  utype: 'adhoc:service',
  name: 'sia',
  params: [
    { name: 'standardID', datatype: 'char', arraysize: '*', value: 'ivo://ivoa.net/std/SIA#query-2.0' },
    { name: 'accessURL', datatype: 'char', arraysize: '*', value: url },
  ],
  groups: [
    {
      name: 'inputParams',
      params: [
        text('POS', 'phys.angArea;obs', 'CIRCLE, RANGE or POLYGON with numbers in deg, ICRS.', { unit: 'deg' }),
        span('BAND', 'em.wl;stat.interval', 'm', 'Wavelengths.'),
        span('TIME', 'time.interval;obs.exposure', 'd', 'Times (MJD).'),
        text('POL', 'meta.code;phys.polarization', 'Polarisation state.'),
        span('FOV', 'phys.angSize;instr.fov', 'deg', 'Size of the image.'),
        span('SPATRES', 'pos.angResolution', 'arcsec', 'Angular resolution.'),
        span('SPECRP', 'spect.resolution', undefined, 'Spectral resolving power.'),
        span('EXPTIME', 'time.duration;obs.exposure', 's', 'Exposure time.'),
        span('TIMERES', 'time.resolution', 's', 'Resolution in time.'),
        text('ID', 'meta.ref.ivoid', 'Identifier of an image.'),
        text('COLLECTION', 'meta.id', 'Collection.'),
        text('FACILITY', 'meta.id;instr.tel', 'Telescope.'),
        text('INSTRUMENT', 'meta.id;instr', 'Camera.'),
        text('DPTYPE', 'meta.code.class', 'Kind of data product.'),
        { name: 'CALIB', datatype: 'int', value: '', ucd: 'meta.code;obs.calib', description: 'Calibration level.' },
        text('TARGET', 'meta.id;src', 'Name of the target.'),
        text('FORMAT', 'meta.code.mime', 'Media type.'),
        { name: 'MAXREC', datatype: 'int', value: '', description: 'Most rows of the answer.' },
      ],
    },
  ],
});
