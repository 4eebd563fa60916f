import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Work as rows: the queue only says which row to look at. Phases are those of UWS 1.1. */
export class Jobs1700000000300 implements MigrationInterface {
  readonly name = 'Jobs1700000000300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE job (
        job_id text CONSTRAINT job_pk PRIMARY KEY,
        kind text NOT NULL,
        owner text,
        parent_id text CONSTRAINT job_parent_fk REFERENCES job (job_id) ON DELETE CASCADE,
        priority integer NOT NULL DEFAULT 0,
        payload jsonb NOT NULL,
        phase text NOT NULL CONSTRAINT job_phase_ck CHECK (phase IN
          ('PENDING', 'QUEUED', 'EXECUTING', 'COMPLETED', 'ERROR', 'ABORTED', 'HELD', 'SUSPENDED', 'ARCHIVED')),
        progress double precision NOT NULL DEFAULT 0 CONSTRAINT job_progress_ck CHECK (progress BETWEEN 0 AND 1),
        progress_message text NOT NULL DEFAULT '',
        result jsonb,
        error jsonb,
        attempts integer NOT NULL DEFAULT 0,
        maximum_attempts integer NOT NULL CONSTRAINT job_attempts_ck CHECK (maximum_attempts >= 1),
        losses integer NOT NULL DEFAULT 0,
        cancel_requested boolean NOT NULL DEFAULT false,
        run_after timestamptz,
        lease_owner text,
        lease_until timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        ended_at timestamptz,
        CONSTRAINT job_lease_ck CHECK ((phase = 'EXECUTING') = (lease_owner IS NOT NULL AND lease_until IS NOT NULL))
      )`);
    await runner.query(
      `CREATE INDEX job_open_ix ON job (phase, priority, created_at) WHERE phase IN ('PENDING', 'QUEUED', 'EXECUTING', 'SUSPENDED')`,
    );
    await runner.query('CREATE INDEX job_parent_ix ON job (parent_id, ended_at) WHERE parent_id IS NOT NULL');
    await runner.query('CREATE INDEX job_owner_ix ON job (owner, created_at DESC)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE job');
  }
}
