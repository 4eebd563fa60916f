import type { MigrationInterface, QueryRunner } from 'typeorm';

const up = [
  // what a user may be given a token for; operators have everything
  `ALTER TABLE user_account
     ADD COLUMN roles text[] NOT NULL DEFAULT '{astronomer,filter-owner,level3}'
       CONSTRAINT user_account_roles_ck CHECK (roles <@ '{astronomer,filter-owner,level3,telescope}'::text[]),
     ADD COLUMN data_rights boolean NOT NULL DEFAULT false,
     ADD COLUMN email text`,
  // telescopes were users with a token like any other
  `UPDATE user_account u SET roles = roles || '{telescope}'::text[]
   WHERE EXISTS (SELECT 1 FROM access_token t WHERE t.user_id = u.id AND 'ingest' = ANY(t.scopes))`,
  `ALTER TABLE access_token
     ADD COLUMN kind text NOT NULL DEFAULT 'personal' CONSTRAINT access_token_kind_ck CHECK (kind IN ('personal', 'session'))`,
  `CREATE TABLE external_identity (
    issuer text NOT NULL,
    subject text NOT NULL,
    user_id uuid NOT NULL CONSTRAINT external_identity_user_fk REFERENCES user_account (id) ON DELETE CASCADE,
    linked_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT external_identity_pk PRIMARY KEY (issuer, subject)
  )`,
  'CREATE INDEX external_identity_user_ix ON external_identity (user_id)',
  // quota: what members may have on top of the default, JSON of kind: amount
  `CREATE TABLE user_group (
    name text CONSTRAINT user_group_pk PRIMARY KEY CONSTRAINT user_group_name_ck CHECK (name ~ '^[a-z][a-z0-9._-]{1,62}$'),
    description text NOT NULL DEFAULT '',
    data_rights boolean NOT NULL DEFAULT false,
    bypass_quota boolean NOT NULL DEFAULT false,
    quota jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now()
  )`,
  `CREATE TABLE group_member (
    group_name text NOT NULL CONSTRAINT group_member_group_fk REFERENCES user_group (name) ON DELETE CASCADE,
    user_id uuid NOT NULL CONSTRAINT group_member_user_fk REFERENCES user_account (id) ON DELETE CASCADE,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT group_member_pk PRIMARY KEY (group_name, user_id)
  )`,
  'CREATE INDEX group_member_user_ix ON group_member (user_id)',
  // defaults for classes of callers ('anonymous', 'user') and exceptions for single users ('user:<id>')
  `CREATE TABLE quota_rule (
    applies_to text CONSTRAINT quota_rule_pk PRIMARY KEY,
    quota jsonb NOT NULL,
    until timestamptz,
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  // tables without a row here are public
  `CREATE TABLE table_policy (
    table_name text CONSTRAINT table_policy_pk PRIMARY KEY,
    access text NOT NULL CONSTRAINT table_policy_access_ck CHECK (access IN ('public', 'rights', 'operator')),
    embargo_days double precision NOT NULL DEFAULT 0 CONSTRAINT table_policy_embargo_ck CHECK (embargo_days >= 0),
    changed_at timestamptz NOT NULL DEFAULT now()
  )`,
  // counters of a window: what was handed out to processes, so it may run a little ahead of what was used
  `CREATE TABLE quota_use (
    subject text NOT NULL,
    kind text NOT NULL,
    window_start timestamptz NOT NULL,
    used bigint NOT NULL,
    CONSTRAINT quota_use_pk PRIMARY KEY (subject, kind, window_start)
  )`,
  'CREATE INDEX quota_use_window_ix ON quota_use (window_start)',
  // how many queries at once each process may run for a subject; a process that dies loses its share
  `CREATE TABLE query_slot (
    subject text NOT NULL,
    holder text NOT NULL,
    held integer NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT query_slot_pk PRIMARY KEY (subject, holder)
  )`,
  `CREATE TABLE query_history (
    query_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT query_history_pk PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT query_history_user_fk REFERENCES user_account (id) ON DELETE CASCADE,
    door text NOT NULL,
    language text NOT NULL,
    query text NOT NULL,
    started_at timestamptz NOT NULL,
    seconds double precision NOT NULL,
    row_count bigint,
    byte_count bigint,
    outcome text NOT NULL CONSTRAINT query_history_outcome_ck CHECK (outcome IN ('ok', 'failed')),
    error_code text,
    error_message text
  )`,
  'CREATE INDEX query_history_user_ix ON query_history (user_id, query_id DESC)',
  'CREATE INDEX query_history_started_ix ON query_history (started_at)',
  // administrative acts: written in the transaction of the act, never changed
  `CREATE TABLE audit_log (
    audit_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_log_pk PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor text NOT NULL,
    act text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}'
  )`,
  `CREATE FUNCTION audit_log_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
   BEGIN RAISE EXCEPTION 'the audit log is only added to'; END $$`,
  'CREATE TRIGGER audit_log_final BEFORE UPDATE OR DELETE ON audit_log FOR EACH ROW EXECUTE FUNCTION audit_log_is_final()',
];

const TABLES = [
  'query_history',
  'query_slot',
  'quota_use',
  'table_policy',
  'quota_rule',
  'group_member',
  'user_group',
  'external_identity',
];

/** Roles, groups, data rights, quotas, sessions, the history of queries and the log of administrative acts. */
export class Access1700000000160 implements MigrationInterface {
  readonly name = 'Access1700000000160';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of up) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_log');
    await runner.query('DROP FUNCTION audit_log_is_final()');
    for (const name of TABLES) await runner.query(`DROP TABLE ${name}`);
    await runner.query(`DELETE FROM access_token WHERE kind = 'session'`);
    await runner.query('ALTER TABLE access_token DROP COLUMN kind');
    await runner.query('ALTER TABLE user_account DROP COLUMN roles, DROP COLUMN data_rights, DROP COLUMN email');
  }
}
