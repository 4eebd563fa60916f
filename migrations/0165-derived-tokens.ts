import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A token made with another one ends with it: whoever has stolen one and lost it again keeps nothing. */
export class DerivedTokens1700000000165 implements MigrationInterface {
  readonly name = 'DerivedTokens1700000000165';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'ALTER TABLE access_token ADD COLUMN made_with uuid CONSTRAINT access_token_made_with_fk REFERENCES access_token (id) ON DELETE CASCADE',
    );
    await runner.query('CREATE INDEX access_token_made_with_ix ON access_token (made_with)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE access_token DROP COLUMN made_with');
  }
}
