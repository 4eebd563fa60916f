import type { MigrationInterface, QueryRunner } from 'typeorm';

const tables = [
  `CREATE TABLE instrument (
    name text CONSTRAINT instrument_pk PRIMARY KEY,
    description jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE TABLE instrument_detector (
    instrument text NOT NULL CONSTRAINT instrument_detector_instrument_fk REFERENCES instrument (name) ON DELETE CASCADE,
    detector integer NOT NULL,
    name text NOT NULL DEFAULT '',
    CONSTRAINT instrument_detector_pk PRIMARY KEY (instrument, detector)
  )`,
  // one row per acknowledged frame: the row exists when, and only when, its bytes are safe
  `CREATE TABLE raw_frame (
    raw_frame_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT raw_frame_pk PRIMARY KEY,
    instrument text NOT NULL CONSTRAINT raw_frame_instrument_fk REFERENCES instrument (name),
    visit bigint NOT NULL,
    snap integer NOT NULL DEFAULT 0,
    detector integer NOT NULL,
    stage text NOT NULL DEFAULT 'raw' CONSTRAINT raw_frame_stage_ck CHECK (stage IN ('raw', 'calibrated')),
    purpose text NOT NULL DEFAULT 'science',
    storage_key text NOT NULL,
    size bigint NOT NULL,
    checksum text NOT NULL CONSTRAINT raw_frame_checksum_uq UNIQUE,
    header jsonb NOT NULL DEFAULT '{}',
    acknowledged_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT raw_frame_place_uq UNIQUE (instrument, visit, snap, detector, stage)
  )`,
  // times are TAI nanoseconds since 1970-01-01T00:00:00 TAI, so that validity has no edge to argue about
  `CREATE TABLE observed_visit (
    instrument text NOT NULL CONSTRAINT observed_visit_instrument_fk REFERENCES instrument (name),
    visit bigint NOT NULL,
    band text NOT NULL,
    physical_filter text NOT NULL DEFAULT '',
    day integer NOT NULL,
    begin_ns bigint NOT NULL,
    end_ns bigint NOT NULL,
    exposure_time double precision,
    ra_deg double precision CONSTRAINT observed_visit_ra_ck CHECK (ra_deg >= 0 AND ra_deg < 360),
    dec_deg double precision CONSTRAINT observed_visit_dec_ck CHECK (dec_deg BETWEEN -90 AND 90),
    rotator_deg double precision,
    purpose text NOT NULL DEFAULT 'science',
    snaps integer NOT NULL DEFAULT 1,
    detectors integer[] NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'observed' CONSTRAINT observed_visit_status_ck CHECK (status IN ('announced', 'observed', 'processing', 'complete', 'partial', 'failed')),
    CONSTRAINT observed_visit_pk PRIMARY KEY (instrument, visit),
    CONSTRAINT observed_visit_times_ck CHECK (begin_ns <= end_ns)
  )`,
  'CREATE INDEX observed_visit_day_ix ON observed_visit (instrument, day)',
  'CREATE INDEX observed_visit_visit_ix ON observed_visit (visit)',
  `CREATE TABLE observed_detector (
    instrument text NOT NULL,
    visit bigint NOT NULL,
    detector integer NOT NULL,
    CONSTRAINT observed_detector_pk PRIMARY KEY (instrument, visit, detector),
    CONSTRAINT observed_detector_visit_fk FOREIGN KEY (instrument, visit) REFERENCES observed_visit (instrument, visit) ON DELETE CASCADE
  )`,
  `CREATE TABLE sky_patch (
    tract integer NOT NULL,
    patch integer NOT NULL,
    CONSTRAINT sky_patch_pk PRIMARY KEY (tract, patch)
  )`,
  `CREATE TABLE detector_patch (
    instrument text NOT NULL,
    visit bigint NOT NULL,
    detector integer NOT NULL,
    tract integer NOT NULL,
    patch integer NOT NULL,
    CONSTRAINT detector_patch_pk PRIMARY KEY (instrument, visit, detector, tract, patch),
    CONSTRAINT detector_patch_detector_fk FOREIGN KEY (instrument, visit, detector) REFERENCES observed_detector (instrument, visit, detector) ON DELETE CASCADE
  )`,
  'CREATE INDEX detector_patch_patch_ix ON detector_patch (tract, patch)',
  `CREATE TABLE detector_healpix (
    instrument text NOT NULL,
    visit bigint NOT NULL,
    detector integer NOT NULL,
    healpix bigint NOT NULL,
    CONSTRAINT detector_healpix_pk PRIMARY KEY (instrument, visit, detector, healpix),
    CONSTRAINT detector_healpix_detector_fk FOREIGN KEY (instrument, visit, detector) REFERENCES observed_detector (instrument, visit, detector) ON DELETE CASCADE
  )`,
  `CREATE TABLE dataset_type (
    name text CONSTRAINT dataset_type_pk PRIMARY KEY,
    storage_class text NOT NULL,
    dimensions text[] NOT NULL
  )`,
  `CREATE TABLE collection (
    name text CONSTRAINT collection_pk PRIMARY KEY,
    kind text NOT NULL CONSTRAINT collection_kind_ck CHECK (kind IN ('run', 'tagged', 'chained', 'calibration')),
    description text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE run (
    name text CONSTRAINT run_pk PRIMARY KEY CONSTRAINT run_collection_fk REFERENCES collection (name) ON DELETE CASCADE,
    owner text,
    software_version text NOT NULL DEFAULT '',
    pipeline jsonb
  )`,
  `CREATE TABLE collection_child (
    parent text NOT NULL CONSTRAINT collection_child_parent_fk REFERENCES collection (name) ON DELETE CASCADE,
    position integer NOT NULL,
    child text NOT NULL CONSTRAINT collection_child_child_fk REFERENCES collection (name),
    CONSTRAINT collection_child_pk PRIMARY KEY (parent, child)
  )`,
  `CREATE TABLE dataset (
    dataset_id uuid CONSTRAINT dataset_pk PRIMARY KEY,
    run text NOT NULL CONSTRAINT dataset_run_fk REFERENCES run (name),
    dataset_type text NOT NULL CONSTRAINT dataset_type_fk REFERENCES dataset_type (name),
    data_id jsonb NOT NULL,
    data_id_key text NOT NULL,
    visit bigint,
    detector integer,
    tract integer,
    patch integer,
    storage_key text NOT NULL,
    size bigint NOT NULL,
    checksum text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT dataset_place_uq UNIQUE (run, dataset_type, data_id_key)
  )`,
  'CREATE INDEX dataset_storage_key_ix ON dataset (storage_key)',
  'CREATE INDEX dataset_visit_ix ON dataset (visit, detector) WHERE visit IS NOT NULL',
  'CREATE INDEX dataset_patch_ix ON dataset (tract, patch) WHERE tract IS NOT NULL',
  `CREATE TABLE tagged_dataset (
    collection text NOT NULL CONSTRAINT tagged_dataset_collection_fk REFERENCES collection (name) ON DELETE CASCADE,
    dataset_id uuid NOT NULL CONSTRAINT tagged_dataset_dataset_fk REFERENCES dataset (dataset_id) ON DELETE CASCADE,
    CONSTRAINT tagged_dataset_pk PRIMARY KEY (collection, dataset_id)
  )`,
  // half-open [from, until); NULL is unbounded
  `CREATE TABLE calibration_dataset (
    collection text NOT NULL CONSTRAINT calibration_dataset_collection_fk REFERENCES collection (name) ON DELETE CASCADE,
    dataset_id uuid NOT NULL CONSTRAINT calibration_dataset_dataset_fk REFERENCES dataset (dataset_id) ON DELETE CASCADE,
    dataset_type text NOT NULL,
    data_id_key text NOT NULL,
    valid_from_ns bigint,
    valid_until_ns bigint,
    CONSTRAINT calibration_dataset_interval_ck CHECK (valid_from_ns < valid_until_ns)
  )`,
  'CREATE INDEX calibration_dataset_place_ix ON calibration_dataset (collection, dataset_type, data_id_key)',
  // provenance: inputs and outputs are named by ids that may belong to datasets that were never kept
  `CREATE TABLE execution (
    execution_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT execution_pk PRIMARY KEY,
    quantum_id text NOT NULL,
    run text NOT NULL,
    label text NOT NULL,
    task jsonb NOT NULL,
    data_id jsonb NOT NULL,
    config jsonb NOT NULL,
    config_hash text NOT NULL,
    software_version text NOT NULL,
    runtime jsonb NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    status text NOT NULL,
    failure jsonb,
    metrics jsonb NOT NULL DEFAULT '[]',
    CONSTRAINT execution_once_uq UNIQUE (run, quantum_id, started_at)
  )`,
  `CREATE TABLE execution_dataset (
    execution_id bigint NOT NULL CONSTRAINT execution_dataset_execution_fk REFERENCES execution (execution_id) ON DELETE CASCADE,
    direction text NOT NULL CONSTRAINT execution_dataset_direction_ck CHECK (direction IN ('input', 'output')),
    connection text NOT NULL,
    position integer NOT NULL,
    dataset_id uuid NOT NULL,
    dataset_type text NOT NULL,
    data_id jsonb NOT NULL,
    run text NOT NULL,
    CONSTRAINT execution_dataset_pk PRIMARY KEY (execution_id, direction, connection, position)
  )`,
  'CREATE INDEX execution_dataset_dataset_ix ON execution_dataset (dataset_id, direction)',
];
const names = tables.flatMap((sql) => /^CREATE TABLE (\w+)/.exec(sql)?.[1] ?? []);

/** What data there is: frames, visits, dataset types, collections, datasets, and how each was made. */
export class Registry1700000000200 implements MigrationInterface {
  readonly name = 'Registry1700000000200';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of tables) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of names.toReversed()) await runner.query(`DROP TABLE ${name}`);
  }
}
