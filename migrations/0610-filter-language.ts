import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The numbers and functions of the filter language, by the same rules as `libs/filter-language` has them in memory. */
const FUNCTIONS: readonly (readonly [signature: string, body: string])[] = [
  ['normal(x float8)', `CASE WHEN abs(x) < 1e-150 THEN 0 WHEN abs(x) <= 1e150 THEN x END`],
  ['divide(x float8, y float8)', `CASE WHEN y <> 0 THEN filter_normal(x / y) END`],
  ['remainder(x float8, y float8)', `CASE WHEN y <> 0 THEN filter_normal(x - y * trunc(x / y)) END`],
  ['abs(x float8)', `pg_catalog.abs(x)`],
  ['sqrt(x float8)', `CASE WHEN x >= 0 THEN pg_catalog.sqrt(x) END`],
  ['exp(x float8)', `CASE WHEN x < -345 THEN 0 WHEN x <= 345 THEN filter_normal(pg_catalog.exp(x)) END`],
  ['ln(x float8)', `CASE WHEN x > 0 THEN filter_normal(pg_catalog.ln(x)) END`],
  ['log10(x float8)', `CASE WHEN x > 0 THEN filter_normal(pg_catalog.log(x)) END`],
  [
    'power(x float8, y float8)',
    `CASE WHEN x < 0 AND y <> pg_catalog.floor(y) THEN NULL
          WHEN x = 0 THEN CASE WHEN y > 0 THEN 0 WHEN y = 0 THEN 1 END
          WHEN y * pg_catalog.ln(pg_catalog.abs(x)) < -345 THEN 0
          WHEN y * pg_catalog.ln(pg_catalog.abs(x)) <= 345 THEN filter_normal(pg_catalog.power(x, y)) END`,
  ],
  ['floor(x float8)', `pg_catalog.floor(x)`],
  ['ceil(x float8)', `pg_catalog.ceil(x)`],
  ['round(x float8)', `pg_catalog.floor(x + 0.5)`],
  ['sin(x float8)', `filter_normal(pg_catalog.sin(x * (pg_catalog.pi() / 180)))`],
  ['cos(x float8)', `filter_normal(pg_catalog.cos(x * (pg_catalog.pi() / 180)))`],
  ['least(x float8[])', `CASE WHEN array_position(x, NULL) IS NULL THEN (SELECT min(v) FROM unnest(x) v) END`],
  ['greatest(x float8[])', `CASE WHEN array_position(x, NULL) IS NULL THEN (SELECT max(v) FROM unnest(x) v) END`],
  ['mag(flux float8)', `CASE WHEN flux > 0 THEN filter_normal(31.4 - 2.5 * pg_catalog.log(flux)) END`],
  [
    'magerr(flux float8, error float8)',
    `CASE WHEN flux > 0 THEN filter_normal(2.5 / pg_catalog.ln(10.0::float8) * (error / flux)) END`,
  ],
  [
    'separation(ra1 float8, dec1 float8, ra2 float8, dec2 float8)',
    `filter_normal(2 * pg_catalog.asin(LEAST(1, pg_catalog.sqrt(
       pg_catalog.sin(filter_normal(dec2 - dec1) * (pg_catalog.pi() / 180) / 2) ^ 2
       + pg_catalog.cos(dec1 * (pg_catalog.pi() / 180)) * pg_catalog.cos(dec2 * (pg_catalog.pi() / 180))
         * pg_catalog.sin(filter_normal(ra2 - ra1) * (pg_catalog.pi() / 180) / 2) ^ 2))) / (pg_catalog.pi() / 180))`,
  ],
];

export class FilterLanguage1700000000610 implements MigrationInterface {
  readonly name = 'FilterLanguage1700000000610';

  async up(runner: QueryRunner): Promise<void> {
    for (const [signature, body] of FUNCTIONS)
      await runner.query(
        `CREATE FUNCTION filter_${signature} RETURNS float8 LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$ SELECT (${body})::float8 $$`,
      );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [signature] of FUNCTIONS) await runner.query(`DROP FUNCTION filter_${signature}`);
  }
}
