// Drives a simulated survey through a running installation, as an observatory would: calibrations first, then the template visits, their
// templates, and the science visits one after the other. All work is job rows; this process only submits and watches.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { importOrbits, type OrbitInput } from '#libs/catalog';
import { DatabaseDatasetStore, FolderStorage } from '#libs/datastore';
import { openFits } from '#libs/fits';
import { hasEnded, type Job, type JobService } from '#libs/jobs';
import { ingestFrame, REFERENCE_CATALOGS, submitObservedVisit } from '#libs/processing';
import { TableStorage } from '#libs/productions';
import type { Reporter } from '../reporter.js';

/** survey.json of a simulated survey. */
export interface SurveyContents {
  readonly instrument: string;
  readonly seed: number;
  readonly bands: readonly string[];
  readonly detectors: readonly number[];
  readonly detectorSize: number;
  readonly referenceCatalog: string;
  readonly orbits: string;
  readonly calibrations: readonly {
    readonly visit: string;
    readonly kind: string;
    readonly files: readonly string[];
  }[];
  readonly visits: readonly SurveyVisit[];
}
export interface SurveyVisit {
  readonly visit: string;
  readonly purpose: 'template' | 'science';
  readonly band: string;
  readonly dayObs: number;
  readonly files: readonly string[];
}

export interface DriveOptions {
  readonly folder: string;
  readonly dataDir: string;
  readonly dataSource: DataSource;
  readonly jobs: JobService;
  readonly reporter: Reporter;
  /** hands a frame in and returns when it is acknowledged; straight into store and database unless given */
  readonly deliver?: (bytes: Uint8Array) => Promise<{ readonly checksum: string; readonly visitComplete: boolean }>;
  /** called after every acknowledged frame */
  readonly onAcknowledged?: (file: string, checksum: string) => void;
  /** repeats an operation that failed because a process was killed (kill tests) */
  readonly retry?: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface DriveResult {
  readonly survey: SurveyContents;
  readonly frames: number;
  /** wall-clock time of the parts [s] */
  readonly seconds: Readonly<Record<string, number>>;
  readonly visitJobs: readonly Job[];
}

const POLL_MS = 500;

export const readSurvey = async (folder: string): Promise<SurveyContents> =>
  JSON.parse(await readFile(join(folder, 'survey.json'), 'utf8')) as SurveyContents;

export async function driveSurvey(options: DriveOptions): Promise<DriveResult> {
  const { folder, dataSource, jobs, reporter } = options;
  const retry = options.retry ?? (<T>(work: () => Promise<T>) => work());
  const storage = new FolderStorage(`${options.dataDir}/store`);
  const survey = await readSurvey(folder);
  const seconds: Record<string, number> = {};
  const timed = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await work();
    seconds[name] = (performance.now() - started) / 1000;
    return result;
  };
  let frames = 0;
  const deliver = options.deliver ?? ((bytes: Uint8Array) => ingestFrame(dataSource, storage, bytes, 'raw'));
  const ingest = async (files: readonly string[]): Promise<boolean> => {
    let complete = false;
    for (const file of files) {
      const bytes = await readFile(join(folder, file));
      const frame = await retry(() => deliver(bytes));
      options.onAcknowledged?.(file, frame.checksum);
      complete = frame.visitComplete;
      frames++;
    }
    return complete;
  };

  await timed('reference data', () => retry(() => ingestReferenceData(options, survey, storage)));
  await timed('calibrations', async () => {
    for (const [k, { files }] of survey.calibrations.entries()) {
      await ingest(files);
      reporter.progress('calibration frames', k + 1, survey.calibrations.length);
    }
    const { job } = await retry(() =>
      jobs.submit({
        kind: 'calibration',
        id: `calibration.${survey.instrument}.v1`,
        payload: { instrument: survey.instrument, label: 'v1' },
      }),
    );
    await finished(options, [job.id], 'master calibrations');
  });

  const visits = async (list: readonly SurveyVisit[], label: string): Promise<string[]> => {
    const ids: string[] = [];
    for (const visit of list) {
      if (!(await ingest(visit.files))) throw new Error(`visit ${visit.visit} is not complete after its last frame`);
      ids.push(await retry(() => submitObservedVisit(dataSource, jobs, survey.instrument, BigInt(visit.visit))));
    }
    await finished(options, ids, label);
    return ids;
  };
  const template = survey.visits.filter(({ purpose }) => purpose === 'template');
  const science = survey.visits.filter(({ purpose }) => purpose === 'science');
  const templateJobs = await timed('template visits', () => visits(template, 'template visits'));
  await timed('templates', async () => {
    const payload = { instrument: survey.instrument, label: 'v1', visits: template.map(({ visit }) => visit) };
    const { job } = await retry(() =>
      jobs.submit({ kind: 'template', id: `template.${survey.instrument}.v1`, payload }),
    );
    await finished(options, [job.id], 'templates');
  });
  const scienceJobs = await timed('science visits', () => visits(science, 'science visits'));
  await timed('alerts and filters', () => alertsDone(options));
  const visitJobs: Job[] = [];
  for (const id of [...templateJobs, ...scienceJobs]) visitJobs.push(await retry(() => jobs.get(id)));
  return { survey, frames, seconds, visitJobs };
}

async function ingestReferenceData(
  { folder, dataSource }: DriveOptions,
  survey: SurveyContents,
  storage: FolderStorage,
): Promise<void> {
  const file = await openFits(join(folder, survey.referenceCatalog));
  const table = await file.hdu(1).readTable();
  await file.close();
  const { name: storageClass, extension, mediaType } = TableStorage;
  const store = new DatabaseDatasetStore(dataSource, storage);
  await store.put(
    { datasetType: 'refcat', dataId: {}, run: REFERENCE_CATALOGS, storageClass, extension, mediaType },
    await TableStorage.encode(table),
  );
  await importOrbits(dataSource, JSON.parse(await readFile(join(folder, survey.orbits), 'utf8')) as OrbitInput[]);
}

/** Waits until jobs have ended, however they ended, showing how far their detectors are. */
async function finished(
  { dataSource, jobs, reporter, retry }: DriveOptions,
  ids: readonly string[],
  label: string,
): Promise<void> {
  const attempt = retry ?? (<T>(work: () => Promise<T>) => work());
  for (;;) {
    const state = await attempt(() => Promise.all(ids.map((id) => jobs.get(id))));
    const done = state.filter(({ phase }) => hasEnded(phase)).length;
    const active: { job_id: string; progress_message: string }[] = await attempt(() =>
      dataSource.query(
        `SELECT job_id, progress_message FROM job WHERE phase = 'EXECUTING' AND kind = 'detector' ORDER BY started_at LIMIT 2`,
      ),
    );
    reporter.progress(
      label,
      done,
      ids.length,
      active
        .map(({ job_id: id, progress_message: message }) => `${id.split('.').slice(-2).join('/')} ${message}`)
        .join(', '),
    );
    if (done === ids.length) {
      for (const job of state)
        if (job.phase === 'ERROR') reporter.line(`${job.id}: ${job.error?.code}: ${job.error?.message}`);
      return;
    }
    await sleep(POLL_MS);
  }
}

/** Waits until every alert is published and every visit with alerts has been before the filters. */
async function alertsDone({ dataSource, reporter, retry }: DriveOptions): Promise<void> {
  const attempt = retry ?? (<T>(work: () => Promise<T>) => work());
  for (;;) {
    const [row] = await attempt((): Promise<{ promised: bigint; published: bigint; unfiltered: bigint }[]> =>
      dataSource.query(
        `SELECT (SELECT count(*) FROM alert_outbox) AS promised, (SELECT count(*) FROM alert) AS published, (SELECT count(*) FROM alert WHERE filtered_at IS NULL) AS unfiltered`,
      ),
    );
    const { promised, published, unfiltered } = row!;
    reporter.progress('alerts', Number(published - unfiltered), Number(promised));
    if (published === promised && unfiltered === 0n) return;
    await sleep(POLL_MS);
  }
}
