// How far visits are: what was observed (frames, status) beside what is in the catalog (commits, alerts).

import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface VisitProgress {
  readonly visit: bigint;
  readonly instrument: string;
  readonly band: string;
  /** announced, observed, processing, complete, partial, failed */
  readonly status: string;
  readonly midpointMjdTai: number;
  readonly exposureTime: number | null;
  readonly ra: number | null;
  readonly dec: number | null;
  /** detectors that have sent a frame, or were committed */
  readonly detectors: number;
  readonly detectorsDone: number;
  readonly sources: number;
  readonly diaSources: number;
  readonly alerts: number;
}

const SECONDS_PER_DAY = 86_400;
/** 1970-01-01 as MJD */
const EPOCH_MJD = 40_587;
/** middle of a row of observed_visit [MJD TAI] */
const OBSERVED_MJD = `(((begin_ns + end_ns) / 2)::float8 / 1e9 / ${SECONDS_PER_DAY} + ${EPOCH_MJD})`;

@Injectable()
export class VisitProgressReader {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Science visits, newest first: those before `before`, or the named ones. */
  read(options: {
    readonly limit: number;
    readonly before?: bigint;
    readonly visits?: readonly bigint[];
    /** only those observed before this time [MJD TAI] */
    readonly endMjdTai?: number;
  }): Promise<VisitProgress[]> {
    return this.dataSource.query(
      `SELECT visit, coalesce(o.instrument, v.instrument) AS instrument, coalesce(v.band, o.band, '') AS band,
         coalesce(o.status, 'complete') AS status,
         coalesce(v."expMidptMJD", ${OBSERVED_MJD}) AS "midpointMjdTai",
         coalesce(v."expTime", o.exposure_time) AS "exposureTime", coalesce(v.ra, o.ra_deg) AS ra, coalesce(v.dec, o.dec_deg) AS dec,
         greatest(d.n, c.n)::int AS detectors, c.n::int AS "detectorsDone", c.sources::int AS sources, c.dia_sources::int AS "diaSources",
         (SELECT count(*) FROM alert a WHERE a.visit = visits.visit)::int AS alerts
       FROM (SELECT visit FROM (
               SELECT visit FROM "Visit" WHERE $4::float8 IS NULL OR "expMidptMJD" < $4
               UNION SELECT visit FROM observed_visit WHERE purpose IN ('science', 'calibrated')
                 AND ($4::float8 IS NULL OR ${OBSERVED_MJD} < $4)
             ) every WHERE ($1::bigint IS NULL OR visit < $1) AND ($2::bigint[] IS NULL OR visit = ANY($2)) ORDER BY visit DESC LIMIT $3) visits
       LEFT JOIN "Visit" v USING (visit)
       LEFT JOIN LATERAL (SELECT * FROM observed_visit x WHERE x.visit = visits.visit ORDER BY instrument LIMIT 1) o USING (visit)
       CROSS JOIN LATERAL (SELECT count(DISTINCT detector) AS n FROM observed_detector x WHERE x.visit = visits.visit) d
       CROSS JOIN LATERAL (SELECT count(*) AS n, coalesce(sum(sources), 0) AS sources, coalesce(sum(dia_sources), 0) AS dia_sources
                           FROM visit_commit x WHERE x.visit = visits.visit) c
       ORDER BY visit DESC`,
      [
        options.before?.toString() ?? null,
        options.visits?.map(String) ?? null,
        options.limit,
        options.endMjdTai ?? null,
      ],
    );
  }
}
