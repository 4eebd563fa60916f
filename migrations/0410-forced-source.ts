import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Forced photometry at the places of Objects: the one table of a data release that had none. */
export class ForcedSource1700000000410 implements MigrationInterface {
  readonly name = 'ForcedSource1700000000410';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE TABLE "ForcedSource" (
  "objectId" bigint NOT NULL, "parentObjectId" bigint, "coord_ra" double precision, "coord_dec" double precision,
  "visit" bigint NOT NULL, "detector" smallint NOT NULL, "band" character varying(8) NOT NULL, "psfFlux" real,
  "psfFluxErr" real, "psfFlux_flag" boolean, "psfDiffFlux" real, "psfDiffFluxErr" real, "psfDiffFlux_flag" boolean,
  "diff_PixelFlags_nodataCenter" boolean, "pixelFlags_bad" boolean, "pixelFlags_cr" boolean,
  "pixelFlags_crCenter" boolean, "pixelFlags_edge" boolean, "pixelFlags_interpolated" boolean,
  "pixelFlags_interpolatedCenter" boolean, "pixelFlags_nodata" boolean, "pixelFlags_saturated" boolean,
  "pixelFlags_saturatedCenter" boolean, "pixelFlags_suspect" boolean, "pixelFlags_suspectCenter" boolean,
  "invalidPsfFlag" boolean, "tract" bigint, "patch" bigint,
  CONSTRAINT "pk_ForcedSource" PRIMARY KEY ("objectId", "visit", "detector")
)`);
    await runner.query('CREATE INDEX "IDX_ForcedSource_visitDetector" ON "ForcedSource" ("visit", "detector")');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE "ForcedSource"');
  }
}
