import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What Level 3 users handed in, beside the job that carries only its id, and what came of it. */
export class Level31700000000800 implements MigrationInterface {
  readonly name = 'Level31700000000800';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE level3_submission (
        job_id text CONSTRAINT level3_submission_pk PRIMARY KEY
          CONSTRAINT level3_submission_job_fk REFERENCES job (job_id) ON DELETE CASCADE,
        owner text NOT NULL,
        run text NOT NULL CONSTRAINT level3_submission_run_uq UNIQUE,
        name text NOT NULL DEFAULT '',
        submission jsonb NOT NULL,
        report jsonb,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query('CREATE INDEX level3_submission_owner_ix ON level3_submission (owner, created_at DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE level3_submission');
  }
}
