// One detector of a visit: raw frames to calibrated exposure and scored detections in a worker thread, then association and the one
// transaction. Outputs are stored under names fixed by their coordinates and the commit has a ledger, so any part may be repeated.

import { commitVisit, type CommitResult, loadSnapshot } from '#libs/catalog';
import type { Exposure } from '#libs/image';
import {
  collectedValue,
  type CollectedDataset,
  type DatasetRef,
  type ExecutionReport,
  type Metric,
  type Registry,
  type StorageClass,
  TaskFailure,
} from '#libs/pipeline';
import {
  DiaCatalogStorage,
  ExposureStorage,
  fieldOf,
  loadPipeline,
  sourceIds,
  TableStorage,
  visitPlanOf,
} from '#libs/productions';
import {
  type DetectorSummaryRow,
  type DiaCatalogSnapshot,
  DiaForcedSource,
  DiaObject,
  DiaSource,
  makeSourceId,
  Source,
  SSSource,
  tableOf,
  type VisitPlan,
} from '#libs/schema';
import type { Table } from '#libs/table';
import { alertPayload } from './alert-payload.js';
import { collectionsOf, REFERENCE_CATALOGS } from './collections.js';
import type { ProcessingEnvironment } from './environment.js';
import { predictSolarSystem } from './solar-system.js';
import { runPipeline, worstFailure } from './run-pipeline.js';

export interface DetectorWork {
  readonly instrument: string;
  readonly visit: string;
  readonly detector: number;
}

export interface DetectorOutcome {
  readonly sources: number;
  readonly diaSources: number;
  readonly alerts: number;
  readonly newDiaObjects: number;
  /** why there is no difference image, when there is none */
  readonly withoutDifference?: string;
  readonly commit: CommitResult;
  /** wall-clock time of each Task [s], and of the rest */
  readonly seconds: Readonly<Record<string, number>>;
  readonly metrics: readonly Metric[];
}

const MINIMUM_ALERT_RELIABILITY = 0.1;
const REGION_MARGIN_DEG = 0.005;

export async function processDetector(
  environment: ProcessingEnvironment,
  work: DetectorWork,
  signal?: AbortSignal,
  onProgress: (fraction: number, message: string) => void = () => {},
): Promise<DetectorOutcome> {
  const { instrument, visit, detector } = work;
  const names = collectionsOf(instrument);
  const run = names.alertProduction;
  const pipeline = loadPipeline('alert-production');
  let done = 0;
  const report = await runPipeline(environment, pipeline, {
    run,
    inputs: [names.raw, names.calibrations, REFERENCE_CATALOGS, names.templates],
    query: { instrument, visit, detector },
    ...(signal && { signal }),
    onQuantum: ({ label }) => onProgress(Math.min(0.9, ++done / (pipeline.tasks.length + 2)), label),
  });
  const calexpRef = await one(environment, 'calexp', work);
  const sourceRef = await one(environment, 'source', work);
  const failure = worstFailure(report);
  if (!calexpRef || !sourceRef) throw failure ?? notProcessed(report);
  const diaSourceRef = await one(environment, 'diaSource', work);
  // a transient failure of the difference is worth another try; any other leaves the calibrated exposure as the result
  if (!diaSourceRef && failure && (failure.kind === 'transient' || failure.code === 'CANCELLED')) throw failure;

  onProgress(0.92, 'association');
  const started = performance.now();
  const calexp = await read(environment, calexpRef, ExposureStorage);
  const sources = sourceRows(await read(environment, sourceRef, TableStorage), calexp);
  const quality = qualityOf(report, sources.rowCount);
  const plan = (): Promise<VisitPlan> =>
    diaSourceRef
      ? associationPlan(environment, work, calexp, sources, quality, signal)
      : Promise.resolve(planWithoutDifference(calexp, sources, quality));
  const first = await plan();
  const associated = performance.now();
  onProgress(0.97, 'commit');
  const commit = await commitVisit(environment.dataSource, first, { replan: plan });
  return {
    sources: sources.rowCount,
    diaSources: first.diaSources.rowCount,
    alerts: first.alerts.length,
    newDiaObjects: commit.newObjects,
    ...(!diaSourceRef && { withoutDifference: failure?.message ?? reasonWithoutDifference(report) }),
    commit,
    seconds: {
      ...Object.fromEntries(report.quanta.map(({ label, seconds }) => [label, seconds])),
      association: (associated - started) / 1000,
      commit: (performance.now() - associated) / 1000,
    },
    metrics: report.quanta.flatMap(({ metrics }) => metrics),
  };
}

async function one(
  { registry }: ProcessingEnvironment,
  datasetType: string,
  { instrument, visit, detector }: DetectorWork,
): Promise<DatasetRef | undefined> {
  return (
    await registry.datasets({
      datasetType,
      query: { visit, detector },
      collections: [collectionsOf(instrument).alertProduction],
    })
  )[0];
}

const read = async <T>({ store }: ProcessingEnvironment, ref: DatasetRef, storageClass: StorageClass<T>): Promise<T> =>
  storageClass.decode(await store.get(ref));

function notProcessed(report: ExecutionReport): TaskFailure {
  const idle = report.quanta.find(({ failure }) => failure);
  const pruned = report.pruned[0];
  return new TaskFailure(
    'unprocessable',
    idle?.failure?.code ?? 'NO_INPUT',
    idle?.failure
      ? `${idle.label}: ${idle.failure.message}`
      : pruned
        ? `${pruned.label}: ${pruned.reason}`
        : 'nothing was made of this detector',
  );
}

function reasonWithoutDifference(report: ExecutionReport): string {
  const quantum = report.quanta.find(
    ({ label, failure }) =>
      failure && ['getTemplate', 'subtractImages', 'detectAndMeasure', 'scoreReality'].includes(label),
  );
  if (quantum?.failure) return quantum.failure.message;
  const pruned = report.pruned.find(({ label }) => label === 'getTemplate' || label === 'subtractImages');
  return pruned?.reason ?? 'there is no template';
}

/** Rows of the Source table from the sources of a calibrated exposure. */
function sourceRows(measured: Table, calexp: Exposure): Table {
  const { visit, detector, band, midpointMjdTai } = calexp.info!;
  const described = new Map(Source.columns.map((column) => [column.name as string, column]));
  const shared = measured.columns.map(({ name }) => name).filter((name) => described.has(name));
  const ids = sourceIds(visit, detector, measured.rowCount);
  const rows = Array.from({ length: measured.rowCount }, (_, row) => ({
    ...Object.fromEntries(shared.map((name) => [name, measured.value(name, row)])),
    sourceId: ids[row] ?? makeSourceId(visit, detector, row),
    visit,
    detector,
    band,
    midpointMjdTai,
  }));
  const fixed = ['sourceId', 'visit', 'detector', 'band', 'midpointMjdTai'].filter((name) => described.has(name));
  return tableOf(Source, rows, [...new Set([...fixed, ...shared])]);
}

/** The measures of quality that Tasks reported, under the names of the summary table. */
function qualityOf(report: ExecutionReport, sourceCount: number): Partial<DetectorSummaryRow> {
  const metrics = new Map(
    report.quanta.flatMap(({ metrics: list }) => list.map(({ name, value }): [string, number] => [name, value])),
  );
  const get = (name: string): number | null => metrics.get(name) ?? null;
  return {
    nPsfStar: Math.round(get('psfStars') ?? get('nPsfStars') ?? 0),
    psfSigma: get('psfSigma'),
    skyBg: get('skyBackground'),
    skyNoise: get('skyNoise'),
    ...(sourceCount >= 0 && {}),
  } as Partial<DetectorSummaryRow>;
}

function planWithoutDifference(science: Exposure, sources: Table, quality: Partial<DetectorSummaryRow>): VisitPlan {
  const catalogs = { cells: [] } as unknown as DiaCatalogSnapshot;
  return visitPlanOf({
    science,
    catalogs,
    associated: tableOf(DiaSource, [], ['diaSourceId']),
    diaObject: tableOf(DiaObject, [], ['diaObjectId']),
    forced: tableOf(DiaForcedSource, [], ['diaForcedSourceId']),
    ssSource: tableOf(SSSource, [], ['diaSourceId']),
    sources,
    quality,
  });
}

/** Association against a fresh snapshot. The snapshot reaches the thread through a store that answers for it from memory. */
async function associationPlan(
  environment: ProcessingEnvironment,
  work: DetectorWork,
  science: Exposure,
  sources: Table,
  quality: Partial<DetectorSummaryRow>,
  signal?: AbortSignal,
): Promise<VisitPlan> {
  const { dataSource, registry, store } = environment;
  const { instrument, visit, detector } = work;
  const { alertProduction } = collectionsOf(instrument);
  const field = fieldOf(science);
  const region = { ...field, radiusDeg: field.radiusDeg + REGION_MARGIN_DEG };
  const snapshot = await loadSnapshot(dataSource, region, {
    solarSystem: await predictSolarSystem(dataSource, science, region),
  });
  const bytes = await DiaCatalogStorage.encode(snapshot);
  const ref: DatasetRef = {
    id: '00000000-0000-8000-8000-000000000000',
    datasetType: 'diaCatalogSnapshot',
    dataId: { visit, detector },
    run: alertProduction,
  };
  const withSnapshot: Registry = {
    dataIds: (dimensions, query) => registry.dataIds(dimensions, query),
    datasets: (request) => registry.datasets(request),
    prerequisites: (request) =>
      request.datasetType === ref.datasetType ? Promise.resolve([ref]) : registry.prerequisites(request),
  };
  const report = await runPipeline(environment, loadPipeline('association'), {
    run: alertProduction,
    inputs: [],
    query: { instrument, visit, detector },
    registry: withSnapshot,
    store: {
      put: (dataset, content) => store.put(dataset, content),
      get: (wanted) => (wanted.id === ref.id ? Promise.resolve(bytes) : store.get(wanted)),
      exists: (wanted) => store.exists(wanted),
      remove: (wanted) => store.remove(wanted),
    },
    collect: ['diaCatalogs', 'associatedDiaSource', 'ssSource', 'diaForcedSource', 'diaObject'],
    skipExisting: false,
    ...(signal && { signal }),
  });
  const failure = worstFailure(report);
  if (failure) throw failure;
  const collected = new Map(report.collected.map((dataset) => [dataset.datasetType, dataset]));
  const table = (name: string): Promise<Table> => collectedValue(required(collected, name), TableStorage);
  const associated = await table('associatedDiaSource');
  const reliability = associated.has('reliability') ? associated.column('reliability') : undefined;
  return visitPlanOf({
    science,
    catalogs: { ...snapshot, cells: snapshot.cells },
    associated,
    diaObject: await table('diaObject'),
    forced: await table('diaForcedSource'),
    ssSource: await table('ssSource'),
    sources,
    quality,
    alertPayload: alertPayload(alertProduction, science, associated),
    alertWorthy: (row) => !reliability || !(Number(reliability.data[row]) < MINIMUM_ALERT_RELIABILITY),
  });
}

function required(collected: ReadonlyMap<string, CollectedDataset>, name: string): CollectedDataset {
  const found = collected.get(name);
  if (!found) throw new TaskFailure('bug', 'MISSING_OUTPUT', `the association made no ${name}`, { name });
  return found;
}
