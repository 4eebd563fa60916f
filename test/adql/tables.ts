// Tables for the ADQL cases: awkward positions, NULL, NaN, negative fluxes, unicode. The physical names differ from the public
// ones, so that a name that slips through fails. Positions of `Obj` and `Src` have search columns, uploads do not.

import type { AdqlCatalog, AdqlColumn, AdqlTable } from '#libs/adql';
import { hpx29, offsetPosition } from '#libs/sky';

const column = (
  name: string,
  sqlName: string,
  datatype: AdqlColumn['datatype'],
  rest: Partial<AdqlColumn> = {},
): AdqlColumn => ({ name, sqlName, datatype, ...rest });
const text = { arraysize: '*' };

const OBJ: AdqlTable = {
  schema: 'cat',
  name: 'Obj',
  sqlName: 'p_obj',
  position: { ra: 'ra', dec: 'dec', geography: 'p_geog', hpx29: 'p_hpx' },
  columns: [
    column('objId', 'p_id', 'long', { ucd: 'meta.id;meta.main', nullable: false }),
    column('ra', 'p_ra', 'double', { unit: 'deg', ucd: 'pos.eq.ra;meta.main', nullable: false }),
    column('dec', 'p_dec', 'double', { unit: 'deg', ucd: 'pos.eq.dec;meta.main', nullable: false }),
    column('flux', 'p_flux', 'float', { unit: 'nJy', ucd: 'phot.flux', description: 'Mean flux.' }),
    column('fluxErr', 'p_err', 'float', { unit: 'nJy', ucd: 'stat.error;phot.flux' }),
    column('n', 'p_n', 'short', { ucd: 'meta.number' }),
    column('k', 'p_k', 'int'),
    column('big', 'p_big', 'long'),
    column('band', 'p_band', 'char', text),
    column('name', 'p_name', 'unicodeChar', text),
    column('flag', 'p_flag', 'boolean'),
    column('t', 'p_t', 'timestamp', { xtype: 'timestamp', arraysize: '*' }),
    column('size', 'p_size', 'double', { unit: 'arcsec' }),
    column('tags', 'p_tags', 'char', text),
  ],
};
const SRC: AdqlTable = {
  schema: 'cat',
  name: 'Src',
  sqlName: 'p_src',
  position: { ra: 'ra', dec: 'dec', geography: 'p_geog', hpx29: 'p_hpx' },
  columns: [
    column('srcId', 'p_sid', 'long', { nullable: false }),
    column('objId', 'p_id', 'long'),
    column('ra', 'p_ra', 'double', { unit: 'deg', nullable: false }),
    column('dec', 'p_dec', 'double', { unit: 'deg', nullable: false }),
    column('mjd', 'p_mjd', 'double', { unit: 'd', ucd: 'time.epoch' }),
    column('flux', 'p_flux', 'double', { unit: 'nJy' }),
    column('band', 'p_band', 'char', text),
  ],
};
const BAND: AdqlTable = {
  schema: 'cat',
  name: 'Band',
  sqlName: 'p_filter',
  columns: [column('band', 'p_band', 'char', text), column('wavelength', 'p_wave', 'float', { unit: 'nm' })],
};
const REGION: AdqlTable = {
  schema: 'obs',
  name: 'Image',
  sqlName: 'p_image',
  columns: [
    column('imageId', 'p_rid', 'int'),
    column('s_region', 'p_text', 'char', { ...text, xtype: 'adql:REGION', geography: 'p_geog' }),
    column('shape', 'p_shape', 'double', { arraysize: '*', xtype: 'polygon', geography: 'p_geog' }),
  ],
};
const UPLOAD: AdqlTable = {
  schema: 'TAP_UPLOAD',
  name: 't1',
  sqlName: 'p_upload',
  columns: [
    column('id', 'p_id', 'int'),
    column('ra', 'p_ra', 'double', { unit: 'deg' }),
    column('dec', 'p_dec', 'double', { unit: 'deg' }),
    column('My Name', 'p_my', 'unicodeChar', text),
    column('p', 'p_point', 'double', { arraysize: '2', xtype: 'point' }),
    column('c', 'p_circle', 'double', { arraysize: '3', xtype: 'circle' }),
    column('g', 'p_polygon', 'double', { arraysize: '*', xtype: 'polygon' }),
    column('v', 'p_array', 'float', { arraysize: '4' }),
    column('case', 'p_lower', 'int'),
    column('CASE', 'p_upper', 'int'),
  ],
};
/** A table and a column that exist and that this user must not see. */
export const FORBIDDEN = { table: 'p_secret', column: 'p_hidden' };

export const CATALOG: AdqlCatalog = { tables: [OBJ, SRC, BAND, REGION, UPLOAD], defaultSchema: 'cat' };

const geography = `geography(Point,4326) GENERATED ALWAYS AS (
  ST_SetSRID(ST_MakePoint(CASE WHEN p_ra > 180 THEN p_ra - 360 ELSE p_ra END, p_dec), 4326)::geography) STORED`;

export const DDL: readonly string[] = [
  `CREATE TABLE p_obj (p_id bigint PRIMARY KEY, p_ra float8 NOT NULL, p_dec float8 NOT NULL, p_flux real, p_err real, p_n smallint, p_k integer,
    p_big bigint, p_band varchar(8), p_name text, p_flag boolean, p_t timestamptz, p_size float8, p_tags text, p_hidden text DEFAULT 'secret', p_hpx bigint NOT NULL,
    p_geog ${geography})`,
  `CREATE TABLE p_src (p_sid bigint PRIMARY KEY, p_id bigint, p_ra float8 NOT NULL, p_dec float8 NOT NULL, p_mjd float8, p_flux float8, p_band varchar(8),
    p_hpx bigint NOT NULL, p_geog ${geography})`,
  'CREATE TABLE p_filter (p_band varchar(8), p_wave real)',
  'CREATE TABLE p_image (p_rid integer, p_text text, p_shape float8[], p_geog geography)',
  `CREATE TABLE p_upload (p_id integer, p_ra float8, p_dec float8, p_my text, p_point float8[], p_circle float8[], p_polygon float8[], p_array real[],
    p_lower integer, p_upper integer)`,
  `CREATE TABLE p_secret (p_hidden text)`,
  `INSERT INTO p_secret VALUES ('secret')`,
  'CREATE INDEX ON p_obj USING gist (p_geog)',
  'CREATE INDEX ON p_obj (p_hpx)',
  'CREATE INDEX ON p_src USING gist (p_geog)',
  // An independent measure of angles for the reference queries: cross and dot product of unit vectors.
  `CREATE FUNCTION ref_x(ra float8, d float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT cos(radians(d)) * cos(radians(ra))'`,
  `CREATE FUNCTION ref_y(ra float8, d float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT cos(radians(d)) * sin(radians(ra))'`,
  `CREATE FUNCTION ref_z(ra float8, d float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS 'SELECT sin(radians(d)) + 0 * ra'`,
  `CREATE FUNCTION ref_distance(ra1 float8, d1 float8, ra2 float8, d2 float8) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT degrees(atan2(sqrt((ay*bz-az*by)^2 + (az*bx-ax*bz)^2 + (ax*by-ay*bx)^2), ax*bx + ay*by + az*bz))
    FROM (SELECT ref_x(ra1,d1) ax, ref_y(ra1,d1) ay, ref_z(ra1,d1) az, ref_x(ra2,d2) bx, ref_y(ra2,d2) "by", ref_z(ra2,d2) bz) s $$`,
  // On which side of the great circle from the first to the second point the third lies: a triple product.
  `CREATE FUNCTION ref_side(ra1 float8, d1 float8, ra2 float8, d2 float8, ra3 float8, d3 float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE c1 float8 := cos(radians(d1)); z1 float8 := sin(radians(d1)); c2 float8 := cos(radians(d2)); z2 float8 := sin(radians(d2));
      x1 float8 := c1 * cos(radians(ra1)); y1 float8 := c1 * sin(radians(ra1)); x2 float8 := c2 * cos(radians(ra2)); y2 float8 := c2 * sin(radians(ra2));
    BEGIN RETURN (y1*z2 - z1*y2) * cos(radians(d3)) * cos(radians(ra3)) + (z1*x2 - x1*z2) * cos(radians(d3)) * sin(radians(ra3)) + (x1*y2 - y1*x2) * sin(radians(d3));
    END $$`,
  // Whether a point lies in a convex polygon given as (ra, dec, ra, dec, ...), in either sense of rotation.
  `CREATE FUNCTION ref_inside(ra float8, d float8, VARIADIC v float8[]) RETURNS boolean LANGUAGE plpgsql IMMUTABLE STRICT AS $$
    DECLARE sense float8 := sign(ref_side(v[1], v[2], v[3], v[4], v[5], v[6])); n int := cardinality(v) / 2; j int;
    BEGIN
      FOR i IN 0 .. n - 1 LOOP
        j := (i + 1) % n;
        IF sense * ref_side(v[2*i+1], v[2*i+2], v[2*j+1], v[2*j+2], ra, d) < -1e-15 THEN RETURN FALSE; END IF;
      END LOOP;
      RETURN TRUE;
    END $$`,
];

/** Positions at which software errs: RA 0, 180, both poles, declination -60, antipodes, neighbours. */
const AWKWARD: readonly (readonly [number, number])[] = [
  [0, 0],
  [359.9999, 0],
  [0.0001, 0],
  [180, 0],
  [179.9999, 10],
  [180.0001, 10],
  [0, 90],
  [123, 90],
  [0, -90],
  [45, -89.9999],
  [10, -60],
  [10.0002, -60],
  [359.99, -60],
  [90, 89.9],
  [270, 89.9],
  [200.5, 45.25],
  [200.5, 45.2501],
  [20.5, -45.25],
  [0, 45],
  [359.5, 45.2],
];
const NAMES = [
  "O'Brien",
  '100%_x',
  'back\\slash',
  'Ünïcode',
  '星雲',
  '🌌 galaxy',
  'M 31',
  'm 31',
  '',
  ' padded ',
  'percent%',
  'under_score',
  'quote"d',
  'new\nline',
  'NGC 7000',
];
const OBJECTS = 320;

/** Rows as JSON for `json_populate_recordset`. */
export function rows(): Readonly<Record<string, readonly object[]>> {
  let state = 12345;
  const random = (): number => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
  const objects = Array.from({ length: OBJECTS }, (_, i) => {
    const id = i + 1;
    const [ra, dec] = AWKWARD[i] ?? [random() * 360, (Math.asin(2 * random() - 1) * 180) / Math.PI];
    return {
      p_id: id,
      p_ra: ra,
      p_dec: dec,
      p_flux:
        id === 13
          ? 'NaN'
          : id === 14
            ? 'Infinity'
            : id === 11
              ? 0
              : id % 7 === 0
                ? null
                : id % 5 === 0
                  ? -id
                  : id * 3.25,
      p_err: id % 8 === 0 ? 0 : id * 0.125,
      p_n: id % 9 === 0 ? null : id % 4,
      p_k: id * 1000 - 5000,
      p_big: (9007199254740993n + BigInt(id)).toString(),
      p_band: id % 11 === 0 ? null : 'ugrizy'[id % 6],
      p_name: id % 13 === 0 ? null : (NAMES[i] ?? `object ${id}`),
      p_flag: id % 10 === 0 ? null : id % 2 === 0,
      p_t: new Date(Date.UTC(2026, 0, 1, id)).toISOString(),
      p_size: id / 4,
      p_tags: ['star#variable', 'galaxy', 'Star#blend', null][id % 4],
      p_hpx: hpx29(ra, dec).toString(),
    };
  });
  const sources = objects.slice(0, 60).flatMap((object, i) =>
    Array.from({ length: 1 + (i % 4) }, (_, j) => {
      const place = offsetPosition(object.p_ra, object.p_dec, 90 * j + i, (0.4 * (j + 1)) / 3600);
      return {
        p_sid: 1000 * object.p_id + j,
        p_id: i % 17 === 0 ? null : object.p_id,
        p_ra: place.raDeg,
        p_dec: place.decDeg,
        p_mjd: 60000 + i + j / 8,
        p_flux: i % 6 === 0 ? null : 100 * j - 20 * i,
        p_band: 'ugrizy'[(i + j) % 6],
        p_hpx: hpx29(place.raDeg, place.decDeg).toString(),
      };
    }),
  );
  const filters = [
    ['u', 368],
    ['g', 484],
    ['r', 622],
    ['i', 755],
    ['Y4', 1004],
    [null, 0],
  ].map(([p_band, p_wave]) => ({ p_band, p_wave }));
  const images = [
    [1, [359, -1, 1, -1, 1, 1, 359, 1]],
    [2, [0, 85, 90, 85, 180, 85, 270, 85]],
    [3, [10, -61, 11, -61, 11, -59, 9, -59]],
    [4, [200, 45, 201, 45, 201, 46, 200, 46]],
    [5, null],
  ].map(([p_rid, p_shape]) => ({
    p_rid,
    p_shape: p_shape === null ? null : `{${String(p_shape)}}`,
    p_text: p_shape === null ? null : `POLYGON ICRS ${String(p_shape).replaceAll(',', ' ')}`,
    p_geog: p_shape === null ? null : ring(p_shape as number[]),
  }));
  const uploads = [
    [1, 0, 0, 'Zoë', '{0,0}', '{0,0,1}', '{359,-1,1,-1,1,1,359,1}', '{1,2,3,4}', 1, 10],
    [2, 359.99995, 0, 'x', '{359.99995,0}', '{359.99995,0,0.001}', '{0,85,90,85,180,85,270,85}', null, 2, 20],
    [3, -0.00005, 0, 'negative', '{-0.00005,0}', '{10,-60,2}', null, null, 3, 30],
    [4, 200.5, 45.25005, 'y', '{200.5,45.25005}', null, '{10,-61,11,-61,11,-59,9,-59}', null, 4, 40],
    [5, null, null, null, null, '{0,90,0.5}', '{200,45,201,45,201,46,200,46}', null, null, null],
    [6, 77, 90, 'pole', '{77,90}', '{180,0,0.001}', null, null, 6, 60],
    [7, 370.0001, -60, 'wrapped', '{370.0001,-60}', '{20.5,-45.25,170}', null, null, 7, 70],
  ].map(([p_id, p_ra, p_dec, p_my, p_point, p_circle, p_polygon, p_array, p_lower, p_upper]) => ({
    p_id,
    p_ra,
    p_dec,
    p_my,
    p_point,
    p_circle,
    p_polygon,
    p_array,
    p_lower,
    p_upper,
  }));
  return { p_obj: objects, p_src: sources, p_filter: filters, p_image: images, p_upload: uploads };
}

function ring(numbers: readonly number[]): string {
  const points = Array.from({ length: numbers.length / 2 + 1 }, (_, i) => {
    const at = (2 * i) % numbers.length;
    const ra = numbers[at]!;
    return `${ra > 180 ? ra - 360 : ra} ${numbers[at + 1]!}`;
  });
  return `SRID=4326;POLYGON((${points.join(',')}))`;
}
