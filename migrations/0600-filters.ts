import type { MigrationInterface, QueryRunner } from 'typeorm';

/** User-defined alert filters, their versions, and what they matched. */
export class Filters1700000000600 implements MigrationInterface {
  readonly name = 'Filters1700000000600';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE alert_filter (
        id uuid CONSTRAINT alert_filter_pk PRIMARY KEY DEFAULT gen_random_uuid(),
        owner_id uuid NOT NULL CONSTRAINT alert_filter_owner_fk REFERENCES user_account (id) ON DELETE CASCADE,
        name text NOT NULL,
        description text NOT NULL DEFAULT '',
        active_version integer,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT alert_filter_name_uq UNIQUE (owner_id, name)
      )`);
    await runner.query(`
      CREATE TABLE alert_filter_version (
        filter_id uuid NOT NULL CONSTRAINT alert_filter_version_filter_fk REFERENCES alert_filter (id) ON DELETE CASCADE,
        version integer NOT NULL,
        query text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT alert_filter_version_pk PRIMARY KEY (filter_id, version)
      )`);
    await runner.query(`
      CREATE TABLE filter_match (
        match_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT filter_match_id_uq UNIQUE,
        filter_id uuid NOT NULL,
        version integer NOT NULL,
        "diaSourceId" bigint NOT NULL,
        visit bigint NOT NULL,
        "diaObjectId" bigint,
        "ssObjectId" bigint,
        selected jsonb NOT NULL,
        matched_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT filter_match_pk PRIMARY KEY (filter_id, version, "diaSourceId"),
        CONSTRAINT filter_match_version_fk FOREIGN KEY (filter_id, version) REFERENCES alert_filter_version (filter_id, version) ON DELETE CASCADE
      )`);
    await runner.query('CREATE INDEX filter_match_filter_ix ON filter_match (filter_id, match_id)');
    await runner.query('CREATE INDEX filter_match_visit_ix ON filter_match (visit, filter_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE filter_match');
    await runner.query('DROP TABLE alert_filter_version');
    await runner.query('DROP TABLE alert_filter');
  }
}
