import type { DataSource } from 'typeorm';
import { type JobKinds, jobKind, type JobService, submitVisit } from '#libs/jobs';
import { collectionsOf } from './collections.js';

/** Every kind of job that processes of ours run. */
export const JOB_KINDS = {
  visit: jobKind('visits'),
  detector: jobKind('detectors', { maximumLosses: 5 }),
  calibration: jobKind('calibration', { maximumLosses: 5 }),
  template: jobKind('templates', { maximumLosses: 5 }),
  level3: jobKind('level3', { maximumAttempts: 1, maximumLosses: 0 }),
} satisfies JobKinds;
export type ProcessingJobKind = keyof typeof JOB_KINDS;

/** Submits a visit whose frames are here: one job per detector under one for the visit. The same visit is submitted once. */
export async function submitObservedVisit(
  dataSource: DataSource,
  jobs: JobService,
  instrument: string,
  visit: bigint,
): Promise<string> {
  const detectors: { detector: number }[] = await dataSource.query(
    `SELECT DISTINCT detector FROM raw_frame WHERE instrument = $1 AND visit = $2 ORDER BY detector`,
    [instrument, visit.toString()],
  );
  const { parent } = await submitVisit(jobs, {
    instrument,
    visit,
    detectors: detectors.map(({ detector }) => detector),
    visitKind: 'visit',
    detectorKind: 'detector',
    run: collectionsOf(instrument).alertProduction,
  });
  await dataSource.query(
    `UPDATE observed_visit SET status = 'processing' WHERE instrument = $1 AND visit = $2 AND status IN ('announced', 'observed')`,
    [instrument, visit.toString()],
  );
  return parent.id;
}
