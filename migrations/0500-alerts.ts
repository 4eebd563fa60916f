import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The alert archive: one row per packet, which lies in a file of its visit and detector. */
export class Alerts1700000000500 implements MigrationInterface {
  readonly name = 'Alerts1700000000500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE alert (
        "diaSourceId" bigint CONSTRAINT alert_pk PRIMARY KEY
          CONSTRAINT alert_dia_source_fk REFERENCES "DiaSource" ("diaSourceId"),
        sequence bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT alert_sequence_uq UNIQUE,
        visit bigint NOT NULL,
        detector smallint NOT NULL,
        "diaObjectId" bigint,
        "ssObjectId" bigint,
        "midpointMjdTai" double precision NOT NULL,
        ra double precision NOT NULL,
        dec double precision NOT NULL,
        band text,
        snr real,
        reliability real,
        archive_key text NOT NULL,
        archive_offset bigint NOT NULL,
        archive_length integer NOT NULL,
        published_at timestamptz NOT NULL DEFAULT now(),
        filtered_at timestamptz
      )`);
    await runner.query('CREATE INDEX alert_visit_ix ON alert (visit, sequence)');
    await runner.query('CREATE INDEX alert_object_ix ON alert ("diaObjectId")');
    await runner.query('CREATE INDEX alert_time_ix ON alert ("midpointMjdTai")');
    await runner.query('CREATE INDEX alert_unfiltered_ix ON alert (visit) WHERE filtered_at IS NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE alert');
  }
}
