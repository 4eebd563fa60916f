import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users and their access tokens. Only a token's SHA-256 is kept. */
export class Accounts1700000000150 implements MigrationInterface {
  readonly name = 'Accounts1700000000150';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE user_account (
        id uuid CONSTRAINT user_account_pk PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL CONSTRAINT user_account_name_uq UNIQUE,
        role text NOT NULL CONSTRAINT user_account_role_ck CHECK (role IN ('user', 'operator')),
        created_at timestamptz NOT NULL DEFAULT now(),
        disabled_at timestamptz,
        CONSTRAINT user_account_name_ck CHECK (name ~ '^[a-z][a-z0-9._-]{1,62}$')
      )`);
    await runner.query(`
      CREATE TABLE access_token (
        id uuid CONSTRAINT access_token_pk PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL CONSTRAINT access_token_user_fk REFERENCES user_account (id) ON DELETE CASCADE,
        label text NOT NULL,
        token_hash text NOT NULL CONSTRAINT access_token_hash_uq UNIQUE,
        scopes text[] NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        revoked_at timestamptz
      )`);
    await runner.query('CREATE INDEX access_token_user_ix ON access_token (user_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE access_token');
    await runner.query('DROP TABLE user_account');
  }
}
