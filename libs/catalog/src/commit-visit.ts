// The only transaction of alert production. In order: has this detector been committed (then nothing happens); lock the
// sky cells, ascending; are they as the plan saw them (else the plan is stale); the ledger row; tables, set-based; new
// versions of the objects; the outbox; cells written to count up. Everything or nothing.

import type { DataSource, EntityManager } from 'typeorm';
import { withTransaction } from '#libs/database';
import {
  BANDS,
  DetectorVisitProcessingSummary,
  DiaForcedSource,
  DiaObject,
  DiaObjectLast,
  DiaSource,
  Source,
  SSSource,
  Visit,
  type VisitPlan,
} from '#libs/schema';
import { Table } from '#libs/table';
import { CatalogError } from './catalog-error.js';
import { insertRow, insertTable } from './rows.js';
import { skyCellOf } from './sky-cells.js';
import { mjdTaiNow } from './time.js';

export interface CommitResult {
  /** alreadyCommitted: an earlier attempt succeeded and this one changed nothing */
  readonly status: 'committed' | 'alreadyCommitted';
  readonly commitId: bigint;
  readonly timeProcessedMjdTai: number;
  /** an object of the plan had been seen at a later time before */
  readonly late: boolean;
  readonly newObjects: number;
  readonly updatedObjects: number;
  /** how often the plan had to be made */
  readonly plans: number;
}

export interface CommitOptions {
  /** makes the plan anew from a fresh snapshot after a conflict; without it a conflict is an error */
  readonly replan?: () => Promise<VisitPlan> | VisitPlan;
  /** how many plans are tried */
  readonly attempts?: number;
  /** MJD TAI; tests give their own clock */
  readonly now?: () => number;
  /** called inside the transaction, after everything was written and before it commits (tests of half-done work) */
  readonly beforeCommit?: () => Promise<void>;
}

/** smallest step between two versions of an object [d]: 0.1 ms, well above the resolution of an MJD in 64 bits */
const VERSION_STEP = 1e-9;

/**
 * Commits what one detector of a visit adds to the catalog.
 * @throws CatalogError SNAPSHOT_STALE when the sky has changed since the snapshot and no plan in time was fresh; BAD_PLAN
 */
export async function commitVisit(
  dataSource: DataSource,
  plan: VisitPlan,
  options: CommitOptions = {},
): Promise<CommitResult> {
  const attempts = options.replan ? (options.attempts ?? 10) : 1;
  for (let plans = 1; ; plans++) {
    checkPlan(plan);
    try {
      const current = plan;
      return { ...(await withTransaction(dataSource, (manager) => commit(manager, current, options))), plans };
    } catch (error) {
      const stale = error instanceof CatalogError && error.code === 'SNAPSHOT_STALE';
      if (!stale || !options.replan || plans >= attempts) throw error;
      plan = await options.replan();
    }
  }
}

async function commit(
  manager: EntityManager,
  plan: VisitPlan,
  options: CommitOptions,
): Promise<Omit<CommitResult, 'plans'>> {
  const key = [String(plan.visit.visit), plan.detector];
  const earlier = await findCommit(manager, key);
  if (earlier) return earlier;

  await lockCells(manager, plan);
  const repeated = await findCommit(manager, key);
  if (repeated) return repeated;

  const objects = plan.diaObjects.rowCount ? plan.diaObjects.data('diaObjectId', 'long') : new BigInt64Array(0);
  const last = await lastVersions(manager, objects);
  const newest = last.reduce((latest, row) => Math.max(latest, row.start), 0);
  const time = Math.max((options.now ?? mjdTaiNow)(), newest + VERSION_STEP);
  const late = last.some((row) => row.seen !== null && row.seen > plan.visit.expMidptMJD);
  const updatedObjects = last.length;
  const newObjects = objects.length - updatedObjects;

  const commitId = await writeLedger(manager, plan, { late, time, newObjects, updatedObjects });
  const constants = { commitId };
  await insertRow(manager, Visit, plan.visit);
  if (plan.summary) await insertRow(manager, DetectorVisitProcessingSummary, plan.summary);
  if (plan.sources) await insertTable(manager, Source, plan.sources);
  await insertTable(manager, DiaSource, plan.diaSources, { ...constants, timeProcessedMjdTai: time });
  await insertTable(manager, DiaForcedSource, plan.diaForcedSources, { ...constants, timeProcessedMjdTai: time });
  await insertTable(manager, SSSource, plan.ssSources);
  await updateSolarSystem(manager, plan);
  await writeObjects(manager, plan.diaObjects, { commitId, time });
  await writeOutbox(manager, plan, commitId, time);
  await countUpCells(manager, plan, last);
  await options.beforeCommit?.();
  return { status: 'committed', commitId, timeProcessedMjdTai: time, late, newObjects, updatedObjects };
}

async function findCommit(
  manager: EntityManager,
  key: readonly unknown[],
): Promise<Omit<CommitResult, 'plans'> | undefined> {
  const [row] = await manager.query<
    { commit_id: bigint; time_processed_mjd_tai: number; late: boolean; new_objects: number; updated_objects: number }[]
  >('SELECT * FROM visit_commit WHERE visit = $1 AND detector = $2', [...key]);
  return (
    row && {
      status: 'alreadyCommitted',
      commitId: row.commit_id,
      timeProcessedMjdTai: row.time_processed_mjd_tai,
      late: row.late,
      newObjects: row.new_objects,
      updatedObjects: row.updated_objects,
    }
  );
}

async function lockCells(manager: EntityManager, plan: VisitPlan): Promise<void> {
  const locked = await manager.query<{ cell: number; version: bigint }[]>(
    'SELECT cell, version FROM sky_cell WHERE cell = ANY($1::int[]) ORDER BY cell FOR UPDATE',
    [plan.cells.map(({ cell }) => cell)],
  );
  const versions = new Map(locked.map(({ cell, version }) => [cell, version]));
  for (const { cell, version } of plan.cells)
    if (versions.get(cell) !== version)
      throw new CatalogError('SNAPSHOT_STALE', `sky cell ${cell} has changed since the snapshot was taken`, cell);
}

interface LastVersion {
  readonly start: number;
  readonly seen: number | null;
  readonly ra: number;
  readonly dec: number;
}
const lastVersions = (manager: EntityManager, ids: BigInt64Array): Promise<LastVersion[]> =>
  manager.query(
    `SELECT "ra", "dec", "validityStartMjdTai" AS start, "lastDiaSourceMjdTai" AS seen
     FROM "DiaObjectLast" WHERE "diaObjectId" = ANY($1::bigint[])`,
    [Array.from(ids, String)],
  );

async function writeLedger(
  manager: EntityManager,
  plan: VisitPlan,
  facts: { late: boolean; time: number; newObjects: number; updatedObjects: number },
): Promise<bigint> {
  const [row] = await manager.query<{ commit_id: bigint }[]>(
    `INSERT INTO visit_commit (visit, detector, late, time_processed_mjd_tai, dia_sources, new_objects, updated_objects,
       forced_sources, ss_sources, sources, alerts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING commit_id`,
    [
      String(plan.visit.visit),
      plan.detector,
      facts.late,
      facts.time,
      plan.diaSources.rowCount,
      facts.newObjects,
      facts.updatedObjects,
      plan.diaForcedSources.rowCount,
      plan.ssSources.rowCount,
      plan.sources?.rowCount ?? 0,
      plan.alerts.length,
    ],
  );
  return row!.commit_id;
}

/** Ends the current version of each object, inserts the new one, and keeps the narrow table in step. */
async function writeObjects(
  manager: EntityManager,
  objects: Table,
  { commitId, time }: { commitId: bigint; time: number },
): Promise<void> {
  if (objects.rowCount === 0) return;
  await manager.query(
    `UPDATE "DiaObject" SET "validityEndMjdTai" = $2
     WHERE "diaObjectId" = ANY($1::bigint[]) AND "validityEndMjdTai" IS NULL`,
    [Array.from(objects.data('diaObjectId', 'long'), String), time],
  );
  const constants = { commitId, validityStartMjdTai: time };
  await insertTable(manager, DiaObject, objects, { ...constants, validityEndMjdTai: null });
  const narrow = objects.columns.filter((column) => DiaObjectLast.columns.some(({ name }) => name === column.name));
  const set = [...narrow.map(({ name }) => name), 'commitId', 'validityStartMjdTai', 'hpx29']
    .filter((name) => name !== 'diaObjectId')
    .map((name) => `"${name}" = EXCLUDED."${name}"`);
  await insertTable(
    manager,
    DiaObjectLast,
    new Table(narrow, objects.rowCount),
    constants,
    `ON CONFLICT ("diaObjectId") DO UPDATE SET ${[...new Set(set)].join(', ')}`,
  );
}

/** Counts and arc of the Solar System objects that were seen, from all their detections. */
async function updateSolarSystem(manager: EntityManager, { ssSources }: VisitPlan): Promise<void> {
  if (ssSources.rowCount === 0) return;
  const ids = [...new Set(ssSources.data('ssObjectId', 'long'))].map(String);
  await manager.query(
    'SELECT 1 FROM "SSObject" WHERE "ssObjectId" = ANY($1::bigint[]) ORDER BY "ssObjectId" FOR UPDATE',
    [ids],
  );
  const perBand = BANDS.map((band) => `count(*) FILTER (WHERE d."band" = '${band}') AS ${band}`).join(', ');
  await manager.query(
    `UPDATE "SSObject" o SET "nObs" = s.n, "firstObservationMjdTai" = s.first, "arc" = s.last - s.first,
       ${BANDS.map((band) => `"${band}_nObs" = s.${band}`).join(', ')}
     FROM (
       SELECT l."ssObjectId" AS id, count(*) AS n, min(d."midpointMjdTai") AS first, max(d."midpointMjdTai") AS last, ${perBand}
       FROM "SSSource" l JOIN "DiaSource" d ON d."diaSourceId" = l."diaSourceId"
       WHERE l."ssObjectId" = ANY($1::bigint[]) GROUP BY l."ssObjectId"
     ) s WHERE o."ssObjectId" = s.id`,
    [ids],
  );
}

async function writeOutbox(manager: EntityManager, plan: VisitPlan, commitId: bigint, time: number): Promise<void> {
  if (plan.alerts.length === 0) return;
  await manager.query(
    `INSERT INTO alert_outbox (dia_source_id, commit_id, visit, detector, dia_object_id, object_valid_from, ss_object_id, payload)
     SELECT s."diaSourceId", $1, s."visit", s."detector", s."diaObjectId",
       CASE WHEN s."diaObjectId" IS NOT NULL THEN $2::float8 END, s."ssObjectId", a.payload
     FROM unnest($3::bigint[], $4::jsonb[]) WITH ORDINALITY AS a(id, payload, position)
     JOIN "DiaSource" s ON s."diaSourceId" = a.id ORDER BY a.position`,
    [
      String(commitId),
      time,
      plan.alerts.map(({ diaSourceId }) => String(diaSourceId)),
      plan.alerts.map(({ payload }) => (payload ? JSON.stringify(payload) : null)),
    ],
  );
}

/** Cells in which an object was made, moved or measured: snapshots that saw them before are stale now. */
async function countUpCells(manager: EntityManager, plan: VisitPlan, before: readonly LastVersion[]): Promise<void> {
  const known = new Set(plan.cells.map(({ cell }) => cell));
  const written = new Set(before.map(({ ra, dec }) => skyCellOf(ra, dec)));
  for (const table of [plan.diaObjects, plan.diaForcedSources]) {
    if (table.rowCount === 0) continue;
    const ra = table.data('ra', 'double');
    const dec = table.data('dec', 'double');
    for (let row = 0; row < table.rowCount; row++) written.add(skyCellOf(ra[row]!, dec[row]!));
  }
  for (const cell of written)
    if (!known.has(cell))
      throw new CatalogError('UNKNOWN_CELL', `the plan writes in sky cell ${cell}, outside its snapshot`, cell);
  await manager.query('UPDATE sky_cell SET version = version + 1 WHERE cell = ANY($1::int[])', [[...written]]);
}

function checkPlan(plan: VisitPlan): void {
  const bad = (message: string, value: unknown): never => {
    throw new CatalogError('BAD_PLAN', message, value);
  };
  const ids = checkDetections(plan, bad);
  const objects = new Set(plan.diaObjects.rowCount ? plan.diaObjects.data('diaObjectId', 'long') : []);
  if (objects.size !== plan.diaObjects.rowCount) bad('an object occurs twice in the plan', plan.diaObjects.rowCount);
  for (const { diaSourceId } of plan.alerts)
    if (!ids.has(diaSourceId))
      bad(`an alert speaks of detection ${diaSourceId}, which is not in the plan`, diaSourceId);
}

/** Every detection once, of this visit and detector, with one owner. Returns their identifiers. */
function checkDetections(
  { visit: { visit }, detector, diaSources }: VisitPlan,
  bad: (message: string, value: unknown) => never,
): ReadonlySet<bigint> {
  if (diaSources.rowCount === 0) return new Set();
  const visits = diaSources.data('visit', 'long');
  const detectors = diaSources.data('detector', 'short');
  const ids = new Set(diaSources.data('diaSourceId', 'long'));
  if (ids.size !== diaSources.rowCount) bad('a detection occurs twice in the plan', diaSources.rowCount - ids.size);
  for (let row = 0; row < diaSources.rowCount; row++) {
    if (visits[row] !== visit || detectors[row] !== detector)
      bad(`detection ${row} belongs to visit ${visits[row]}, detector ${detectors[row]}`, row);
    const owners = ['diaObjectId', 'ssObjectId'].filter(
      (name) => diaSources.has(name) && diaSources.value(name, row) !== null,
    );
    if (owners.length !== 1) bad(`detection ${row} has ${owners.length} owners instead of one`, row);
  }
  return ids;
}
