import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the Virtual Observatory's services keep: the rows of TAP_SCHEMA, what UWS says of a job beyond the job itself, images as ObsCore. */
const TABLES: readonly string[] = [
  `CREATE TABLE tap_schema_schemas (
    schema_name text CONSTRAINT tap_schema_schemas_pk PRIMARY KEY, utype text, description text, schema_index integer
  )`,
  `CREATE TABLE tap_schema_tables (
    schema_name text NOT NULL, table_name text CONSTRAINT tap_schema_tables_pk PRIMARY KEY, table_type text NOT NULL,
    utype text, description text, table_index integer
  )`,
  `CREATE TABLE tap_schema_columns (
    table_name text NOT NULL, column_name text NOT NULL, datatype text NOT NULL, arraysize text, xtype text, size integer,
    description text, utype text, unit text, ucd text, indexed integer NOT NULL, principal integer NOT NULL, std integer NOT NULL,
    column_index integer, CONSTRAINT tap_schema_columns_pk PRIMARY KEY (table_name, column_name)
  )`,
  `CREATE TABLE tap_schema_keys (
    key_id text CONSTRAINT tap_schema_keys_pk PRIMARY KEY, from_table text NOT NULL, target_table text NOT NULL,
    description text, utype text
  )`,
  `CREATE TABLE tap_schema_key_columns (
    key_id text NOT NULL, from_column text NOT NULL, target_column text NOT NULL,
    CONSTRAINT tap_schema_key_columns_pk PRIMARY KEY (key_id, from_column)
  )`,
  `CREATE TABLE uws_job (
    job_id text CONSTRAINT uws_job_pk PRIMARY KEY CONSTRAINT uws_job_job_fk REFERENCES job (job_id) ON DELETE CASCADE,
    run_id text,
    execution_duration_s integer NOT NULL CONSTRAINT uws_job_duration_ck CHECK (execution_duration_s >= 0),
    destruction timestamptz NOT NULL,
    parameters jsonb NOT NULL DEFAULT '{}',
    caller jsonb NOT NULL
  )`,
  'CREATE INDEX uws_job_destruction_ix ON uws_job (destruction)',
];

/** Edges of the bands [m] (10 % of the peak transmission of the LSST filters, LSST Science Book, table 2.1, rounded). */
const BANDS = `(VALUES ('u', 3.20e-7, 4.00e-7), ('g', 4.00e-7, 5.52e-7), ('r', 5.52e-7, 6.91e-7), ('i', 6.91e-7, 8.18e-7),
    ('z', 8.18e-7, 9.22e-7), ('y', 9.22e-7, 1.060e-6)) AS passband (band, em_min, em_max)`;

const lon = (corner: string): string => `CASE WHEN s.${corner}ra > 180 THEN s.${corner}ra - 360 ELSE s.${corner}ra END`;

/** Images of alert production. The corners make the region; almagest.public_url says where links are served. */
const OBSCORE = `CREATE VIEW obscore AS
  SELECT
    'image'::text AS dataproduct_type,
    CASE dataset_type WHEN 'calexp' THEN 2 ELSE 3 END AS calib_level,
    d.run AS obs_collection,
    d.dataset_type || '-' || d.visit || '-' || d.detector AS obs_id,
    'ivo://almagest/dataset?' || d.dataset_id AS obs_publisher_did,
    coalesce(nullif(current_setting('almagest.public_url', true), ''), '') || '/datalink/links?ID=ivo%3A%2F%2Falmagest%2Fdataset%3F' || d.dataset_id AS access_url,
    'application/x-votable+xml;content=datalink'::text AS access_format,
    d.size / 1024 AS access_estsize,
    NULL::text AS target_name,
    coalesce(s.ra, v.ra) AS s_ra,
    coalesce(s.dec, v.dec) AS s_dec,
    s."pixelScale"::float8 * sqrt((s."xSize" * s."xSize" + s."ySize" * s."ySize")::float8) / 3600 AS s_fov,
    CASE WHEN outline.known THEN format('POLYGON ICRS %s %s %s %s %s %s %s %s', s.llcra, s.llcdec, s.lrcra, s.lrcdec, s.urcra, s.urcdec, s.ulcra, s.ulcdec) END AS s_region,
    CASE WHEN outline.known THEN ST_SetSRID(ST_MakePolygon(ST_MakeLine(ARRAY[ST_MakePoint(${lon('llc')}, s.llcdec), ST_MakePoint(${lon('lrc')}, s.lrcdec),
      ST_MakePoint(${lon('urc')}, s.urcdec), ST_MakePoint(${lon('ulc')}, s.ulcdec), ST_MakePoint(${lon('llc')}, s.llcdec)])), 4326)::geography END AS outline,
    s."xSize" AS s_xel1,
    s."ySize" AS s_xel2,
    s.seeing::float8 AS s_resolution,
    coalesce(v."obsStartMJD", v."expMidptMJD" - v."expTime" / 172800) AS t_min,
    2 * v."expMidptMJD" - coalesce(v."obsStartMJD", v."expMidptMJD" - v."expTime" / 172800) AS t_max,
    1::bigint AS t_xel,
    v."expTime" AS t_exptime,
    v."expTime" AS t_resolution,
    passband.em_min::float8 AS em_min,
    passband.em_max::float8 AS em_max,
    1::bigint AS em_xel,
    ((passband.em_min + passband.em_max) / 2 / (passband.em_max - passband.em_min))::float8 AS em_res_power,
    'phot.flux.density;em.opt'::text AS o_ucd,
    NULL::text AS pol_states,
    0::bigint AS pol_xel,
    v.instrument AS facility_name,
    v.instrument AS instrument_name,
    d.dataset_id::text AS dataset_id,
    d.dataset_type,
    v.band AS band,
    d.visit,
    d.detector
  FROM dataset d
    JOIN "Visit" v ON v.visit = d.visit
    LEFT JOIN "DetectorVisitProcessingSummary" s ON s.visit = d.visit AND s.detector = d.detector
    CROSS JOIN LATERAL (SELECT s.llcra + s.llcdec + s.lrcra + s.lrcdec + s.urcra + s.urcdec + s.ulcra + s.ulcdec IS NOT NULL AS known) outline
    LEFT JOIN ${BANDS} ON passband.band = v.band
  WHERE d.dataset_type IN ('calexp', 'differenceExp', 'template') AND d.detector IS NOT NULL AND d.run NOT LIKE 'u/%'`;

export class Vo1700000000900 implements MigrationInterface {
  readonly name = 'Vo1700000000900';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of [...TABLES, OBSCORE]) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP VIEW obscore');
    for (const name of [
      'uws_job',
      'tap_schema_key_columns',
      'tap_schema_keys',
      'tap_schema_columns',
      'tap_schema_tables',
      'tap_schema_schemas',
    ])
      await runner.query(`DROP TABLE ${name}`);
  }
}
