// What a driven survey has produced, from the catalog, and how it compares with the truth.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Job } from '#libs/jobs';
import {
  type MeasuredDetection,
  type MeasuredSource,
  type NightScore,
  scoreNight,
  scoreVisit,
  type VisitTruth,
} from '#libs/simulation';
import type { DriveResult, SurveyContents } from './survey-driver.js';

export interface CatalogCounts {
  readonly frames: number;
  readonly visits: number;
  readonly completeVisits: number;
  readonly sources: number;
  readonly diaSources: number;
  readonly diaObjects: number;
  readonly ssObjectDetections: number;
  readonly alerts: number;
  readonly filterMatches: number;
}

export async function countCatalog(dataSource: DataSource): Promise<CatalogCounts> {
  const [row] = (await dataSource.query(`SELECT
    (SELECT count(*) FROM raw_frame) AS frames,
    (SELECT count(*) FROM observed_visit WHERE purpose IN ('science', 'calibrated')) AS visits,
    (SELECT count(*) FROM observed_visit WHERE status = 'complete') AS "completeVisits",
    (SELECT count(*) FROM "Source") AS sources,
    (SELECT count(*) FROM "DiaSource") AS "diaSources",
    (SELECT count(*) FROM "DiaObjectLast") AS "diaObjects",
    (SELECT count(*) FROM "SSSource") AS "ssObjectDetections",
    (SELECT count(*) FROM alert) AS alerts,
    (SELECT count(*) FROM filter_match) AS "filterMatches"`)) as [Record<keyof CatalogCounts, bigint>];
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, Number(value)]),
  ) as unknown as CatalogCounts;
}

/** Scores the science visits against the truth that the simulator wrote. */
export async function scoreSurvey(dataSource: DataSource, folder: string, survey: SurveyContents): Promise<NightScore> {
  const scores = [];
  for (const { visit, purpose } of survey.visits) {
    if (purpose !== 'science') continue;
    const truth = JSON.parse(await readFile(join(folder, 'truth', `${visit}.json`), 'utf8')) as VisitTruth;
    const detections: MeasuredDetection[] = await dataSource.query(
      'SELECT detector, ra, dec, snr, "psfFlux", reliability FROM "DiaSource" WHERE visit = $1',
      [visit],
    );
    const sources: MeasuredSource[] = await dataSource.query(
      'SELECT detector, ra, dec, "psfFlux", "psfFluxErr" FROM "Source" WHERE visit = $1',
      [visit],
    );
    scores.push(scoreVisit(truth, detections, sources));
  }
  return scoreNight(scores);
}

export interface StageTimes {
  /** mean wall-clock time per detector visit of each stage [s] */
  readonly perDetector: Readonly<Record<string, number>>;
  /** from the start of a visit's first detector to the end of the visit [s]: median */
  readonly perVisit: number;
}

/** Where the time went, from the results of the jobs. */
export async function stageTimes(dataSource: DataSource): Promise<StageTimes> {
  const rows: { result: { seconds?: Record<string, number> } | null }[] = await dataSource.query(
    `SELECT result FROM job WHERE kind = 'detector' AND phase = 'COMPLETED'`,
  );
  const sums = new Map<string, { total: number; count: number }>();
  for (const { result } of rows)
    for (const [stage, value] of Object.entries(result?.seconds ?? {})) {
      const entry = sums.get(stage) ?? { total: 0, count: 0 };
      sums.set(stage, { total: entry.total + value, count: entry.count + 1 });
    }
  const visits: { seconds: number }[] = await dataSource.query(
    `SELECT extract(epoch FROM max(p.ended_at) - min(c.started_at))::float8 AS seconds FROM job p JOIN job c ON c.parent_id = p.job_id
     WHERE p.kind = 'visit' AND p.phase = 'COMPLETED' GROUP BY p.job_id ORDER BY 1`,
  );
  return {
    perDetector: Object.fromEntries([...sums].map(([stage, { total, count }]) => [stage, total / count])),
    perVisit: visits[Math.floor(visits.length / 2)]?.seconds ?? NaN,
  };
}

export interface Goal {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly met: boolean;
  readonly text: string;
}

/** The numbers that a survey is held to. */
export function goalsOf(score: NightScore): Goal[] {
  const atLeast = (name: string, value: number, limit: number): Goal => ({
    name,
    value,
    limit,
    met: value >= limit,
    text: `${(100 * value).toFixed(1)} % (at least ${100 * limit} %)`,
  });
  const atMost = (name: string, value: number, limit: number, unit: string): Goal => ({
    name,
    value,
    limit,
    met: value <= limit,
    text: `${value.toFixed(1)} ${unit} (at most ${limit})`,
  });
  return [
    atLeast('completeness at true S/N > 10', score.completenessInTheClear, 0.9),
    atLeast('purity at S/N > 10', score.purity, 0.9),
    atMost('astrometry, rms per axis', score.astrometryRmsMas, 50, 'mas'),
    atMost('zero point, rms', score.zeroPointRmsMmag, 20, 'mmag'),
  ];
}

export const failedJobs = (result: DriveResult): readonly Job[] =>
  result.visitJobs.filter(({ phase }) => phase !== 'COMPLETED');
