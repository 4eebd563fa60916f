// Frames through one of the pipelines that need neither master calibrations nor catalogs: assemble, single-frame, stack, difference.
// One run per request; what cannot be processed is listed with its reason, and the rest goes on.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type DataId,
  dataIdKey,
  type DatasetRef,
  type ExecutionReport,
  type FailureKind,
  type QuantumReport,
  type StorageClass,
  TaskFailure,
} from '#libs/pipeline';
import { loadPipeline } from '#libs/productions';
import { collectionsOf } from './collections.js';
import type { ProcessingEnvironment } from './environment.js';
import { type FrameSelection, knownFrames, oneInstrument, splitByPause, visitsOf } from './frame-selection.js';
import type { Stage } from './ingest-frame.js';
import { runPipeline } from './run-pipeline.js';

export const FRAME_PIPELINES = ['assemble', 'single-frame', 'stack', 'difference'] as const;
export type FramePipeline = (typeof FRAME_PIPELINES)[number];
const STAGE: Readonly<Record<FramePipeline, Stage>> = {
  assemble: 'raw',
  'single-frame': 'raw',
  stack: 'raw',
  difference: 'calibrated',
};

export interface FramesRequest {
  readonly pipeline: FramePipeline;
  readonly run: string;
  readonly selection: FrameSelection;
  /** difference: visits of the two sets; those before and after the longest pause unless given */
  readonly template?: FrameSelection;
  readonly science?: FrameSelection;
  /** `label.config.field` -> value */
  readonly overrides?: Readonly<Record<string, unknown>>;
  readonly signal?: AbortSignal;
  readonly onPlan?: (quanta: number) => void;
  readonly onQuantum?: (report: QuantumReport) => void;
}

export interface FrameFailure {
  readonly task: string;
  readonly dataId: DataId;
  readonly kind: FailureKind | 'noInput';
  readonly code: string;
  readonly reason: string;
}

export interface FramesResult {
  readonly instrument: string;
  readonly run: string;
  readonly visits: readonly string[];
  readonly sets?: { readonly template: readonly string[]; readonly science: readonly string[] };
  readonly report: ExecutionReport;
  readonly failures: readonly FrameFailure[];
}

export async function processFrames(environment: ProcessingEnvironment, request: FramesRequest): Promise<FramesResult> {
  const { pipeline: name, run, selection, overrides = {}, signal, onQuantum, onPlan } = request;
  const stage = STAGE[name];
  const frames = await knownFrames(environment.dataSource, stage, selection);
  const instrument = oneInstrument(frames, stage);
  const sets =
    name === 'difference'
      ? await twoSets(environment, { ...request, selection: { ...selection, instrument } })
      : undefined;
  const visits = sets ? [...sets.template, ...sets.science] : visitsOf(frames);
  const pipeline = loadPipeline(name, {
    overrides: {
      ...(sets && {
        'templateStack.config.visits': sets.template,
        'templateStack.config.gridVisit': sets.science[0],
        'scienceStack.config.visits': sets.science,
        'scienceStack.config.gridVisit': sets.science[0],
      }),
      ...overrides,
    },
  });
  const { raw, calibrations } = collectionsOf(instrument);
  const report = await runPipeline(environment, pipeline, {
    run,
    inputs: [raw, calibrations],
    query: { instrument, visit: visits, ...(selection.detectors && { detector: selection.detectors }) },
    ...(signal && { signal }),
    ...(onPlan && { onPlan }),
    ...(onQuantum && { onQuantum }),
  });
  return { instrument, run, visits, ...(sets && { sets }), report, failures: failuresOf(report) };
}

async function twoSets(
  { dataSource }: ProcessingEnvironment,
  { selection, template, science }: FramesRequest,
): Promise<{ template: string[]; science: string[] }> {
  const all = await knownFrames(dataSource, 'calibrated', selection);
  const chosen = async (of: FrameSelection): Promise<string[]> =>
    visitsOf(await knownFrames(dataSource, 'calibrated', { ...selection, ...of }));
  const others = (of: readonly string[]): string[] => visitsOf(all).filter((visit) => !of.includes(visit));
  const given = {
    ...(template && { template: await chosen(template) }),
    ...(science && { science: await chosen(science) }),
  };
  const split = splitByPause(all);
  const sets = {
    template: given.template ?? (given.science ? others(given.science) : split.earlier),
    science: given.science ?? (given.template ? others(given.template) : split.later),
  };
  if (sets.template.length === 0 || sets.science.length === 0)
    throw new TaskFailure(
      'noWork',
      'TWO_SETS_NEEDED',
      `a difference needs two sets of exposures: the template set has ${sets.template.length}, the science set ${sets.science.length}`,
      sets,
    );
  return sets;
}

/**
 * What ended badly or could not begin; what merely lacked the outputs of those is not repeated. Coordinates that are none (the band of a
 * bias frame) ask for nothing: that no flat has them is no failure.
 */
export function failuresOf(report: ExecutionReport): FrameFailure[] {
  const ended = report.quanta.flatMap(({ label, dataId, status, failure }): FrameFailure[] =>
    failure && status !== 'done' && status !== 'skipped'
      ? [{ task: label, dataId, kind: failure.kind, code: failure.code, reason: failure.message }]
      : [],
  );
  const first = new Map<string, FrameFailure>();
  for (const { label, dataId, reason } of report.pruned) {
    if (Object.values(dataId).includes('')) continue;
    const key = dataIdKey(dataId);
    if (!first.has(key)) first.set(key, { task: label, dataId, kind: 'noInput', code: 'NO_INPUT', reason });
  }
  return [...ended, ...first.values()];
}

/** Every stored dataset of a type in a run, decoded. */
export async function datasetsOfRun<T>(
  { registry, store }: Pick<ProcessingEnvironment, 'registry' | 'store'>,
  run: string,
  datasetType: string,
  storageClass: StorageClass<T>,
): Promise<readonly { readonly dataId: DataId; readonly value: T }[]> {
  const refs = await registry.datasets({ datasetType, query: {}, collections: [run] });
  return Promise.all(
    refs.map(async (ref) => ({ dataId: ref.dataId, value: await storageClass.decode(await store.get(ref)) })),
  );
}

/** Copies a run's datasets into a folder as files named after them. Returns the names. */
export async function exportRun(
  { dataSource, storage }: Pick<ProcessingEnvironment, 'dataSource' | 'storage'>,
  run: string,
  folder: string,
  types?: readonly string[],
): Promise<readonly string[]> {
  const rows: { dataset_type: string; data_id: DatasetRef['dataId']; storage_key: string }[] = await dataSource.query(
    `SELECT dataset_type, data_id, storage_key FROM dataset
     WHERE run = $1 AND ($2::text[] IS NULL OR dataset_type = ANY ($2::text[])) ORDER BY dataset_type, data_id_key`,
    [run, types ?? null],
  );
  const names: string[] = [];
  for (const { dataset_type: type, data_id: dataId, storage_key: key } of rows) {
    const where = dataIdKey(dataId).replaceAll(',', '_').replaceAll('=', '-');
    const name = `${type}${where && '_'}${where}${/\.[a-z]+$/.exec(key)?.[0] ?? ''}`;
    await writeFile(join(folder, name), await storage.get(key));
    names.push(name);
  }
  return names;
}
