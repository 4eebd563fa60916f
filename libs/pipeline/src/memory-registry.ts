// Registry, store and provenance without a database: for tests, notebooks and programs that bring their own data.

import { type DataId, type Dimension, DIMENSIONS, dataIdKey, projectDataId } from './dimensions.js';
import { PipelineError } from './errors.js';
import {
  type DataQuery,
  type DatasetRef,
  type DatasetStore,
  type DatasetToStore,
  type PrerequisiteRequest,
  type ProvenanceSink,
  type ProvenanceSource,
  type Registry,
  datasetRef,
} from './ports.js';
import type { ProvenanceRecord } from './provenance.js';

export function fitsQuery(dataId: DataId, query: DataQuery): boolean {
  return DIMENSIONS.every((dimension) => {
    const wanted = query[dimension];
    const value = dataId[dimension];
    if (wanted === undefined || value === undefined) return true;
    return (Array.isArray(wanted) ? (wanted as readonly (string | number)[]) : [wanted as string | number]).some(
      (one) => String(one) === String(value),
    );
  });
}

const compatible = (a: DataId, b: DataId): boolean =>
  DIMENSIONS.every((d) => a[d] === undefined || b[d] === undefined || String(a[d]) === String(b[d]));

/** A dataset valid for coordinates, and, where given, for visits of a half-open interval of times in integer nanoseconds TAI. */
export interface MemoryCalibration {
  readonly ref: DatasetRef;
  readonly validFromNs?: bigint;
  readonly validUntilNs?: bigint;
}

export interface MemoryRegistryContent {
  /** tables of coordinates that exist together, e.g. visits with detectors and bands, and visits with the patches they overlap */
  readonly rows?: readonly (readonly DataId[])[];
  readonly datasets?: readonly DatasetRef[];
  readonly calibrations?: readonly MemoryCalibration[];
  readonly visitTimeNs?: (visit: string) => bigint | undefined;
}

/** Natural joins of small tables. */
export class MemoryRegistry implements Registry {
  readonly #rows: readonly (readonly DataId[])[];
  readonly #datasets: DatasetRef[];
  constructor(readonly content: MemoryRegistryContent = {}) {
    this.#rows = content.rows ?? [];
    this.#datasets = [...(content.datasets ?? [])];
  }

  add(ref: DatasetRef): void {
    if (!this.#datasets.some(({ id }) => id === ref.id)) this.#datasets.push(ref);
  }

  async dataIds(dimensions: readonly Dimension[], query: DataQuery): Promise<readonly DataId[]> {
    const asked = new Set<Dimension>([...dimensions, ...(Object.keys(query) as Dimension[])]);
    let joined: readonly DataId[] = [{}];
    const known = new Set<Dimension>();
    const used: ReadonlySet<Dimension>[] = [];
    for (const table of this.#rows) {
      const columns = new Set(table.flatMap((row) => Object.keys(row) as Dimension[]));
      // a table counts when it links what no table used so far links
      const relevant = [...columns].filter((column) => asked.has(column));
      if (relevant.length === 0 || used.some((other) => relevant.every((column) => other.has(column)))) continue;
      used.push(columns);
      joined = joined.flatMap((left) =>
        table
          .filter((right) => compatible(left, right) && fitsQuery(right, query))
          .map((right) => ({ ...left, ...right })),
      );
      for (const column of columns) known.add(column);
    }
    const unknown = dimensions.filter((dimension) => !known.has(dimension));
    if (unknown.length > 0)
      joined = joined.flatMap((row) =>
        unknown.reduce<readonly DataId[]>(
          (rows, dimension) => {
            const wanted = query[dimension];
            const values =
              wanted === undefined
                ? []
                : Array.isArray(wanted)
                  ? (wanted as readonly (string | number)[])
                  : [wanted as string | number];
            return rows.flatMap((at) => values.map((value) => ({ ...at, [dimension]: value })));
          },
          [row],
        ),
      );
    return [
      ...new Map(joined.map((row) => projectDataId(row, dimensions)).map((row) => [dataIdKey(row), row])).values(),
    ];
  }

  async datasets({
    datasetType,
    query,
    collections,
  }: Parameters<Registry['datasets']>[0]): Promise<readonly DatasetRef[]> {
    const found = new Map<string, DatasetRef>();
    for (const run of collections)
      for (const ref of this.#datasets)
        if (
          ref.datasetType === datasetType &&
          ref.run === run &&
          fitsQuery(ref.dataId, query) &&
          !found.has(dataIdKey(ref.dataId))
        )
          found.set(dataIdKey(ref.dataId), ref);
    return [...found.values()];
  }

  async prerequisites({ datasetType, dataId, collections }: PrerequisiteRequest): Promise<readonly DatasetRef[]> {
    const time = dataId.visit === undefined ? undefined : this.content.visitTimeNs?.(String(dataId.visit));
    const valid = (this.content.calibrations ?? [])
      .filter(({ ref, validFromNs, validUntilNs }) => {
        if (ref.datasetType !== datasetType || !collections.includes(ref.run) || !compatible(ref.dataId, dataId))
          return false;
        if (time === undefined) return validFromNs === undefined && validUntilNs === undefined;
        return (
          (validFromNs === undefined || validFromNs <= time) && (validUntilNs === undefined || time < validUntilNs)
        );
      })
      .map(({ ref }) => ref);
    const plain = this.#datasets.filter(
      (ref) => ref.datasetType === datasetType && collections.includes(ref.run) && compatible(ref.dataId, dataId),
    );
    return [...new Map([...valid, ...plain].map((ref) => [ref.id, ref])).values()];
  }
}

export class MemoryDatasetStore implements DatasetStore {
  readonly #bytes = new Map<string, Uint8Array>();
  /** told of every new dataset, e.g. a MemoryRegistry */
  constructor(readonly registry?: { add(ref: DatasetRef): void }) {}

  async put({ run, datasetType, dataId }: DatasetToStore, bytes: Uint8Array): Promise<DatasetRef> {
    const ref = datasetRef(run, datasetType, dataId);
    if (!this.#bytes.has(ref.id)) this.#bytes.set(ref.id, bytes.slice());
    this.registry?.add(ref);
    return ref;
  }
  async get(ref: DatasetRef): Promise<Uint8Array> {
    const bytes = this.#bytes.get(ref.id);
    if (bytes === undefined)
      throw new PipelineError('NOT_STORED', `dataset ${ref.datasetType} (${dataIdKey(ref.dataId)}) is not stored`, {
        id: ref.id,
      });
    return bytes;
  }
  async exists(ref: DatasetRef): Promise<boolean> {
    return this.#bytes.has(ref.id);
  }
  async remove(ref: DatasetRef): Promise<void> {
    this.#bytes.delete(ref.id);
  }
  get size(): number {
    return this.#bytes.size;
  }
}

export class MemoryProvenance implements ProvenanceSink, ProvenanceSource {
  readonly records: ProvenanceRecord[] = [];
  async record(record: ProvenanceRecord): Promise<void> {
    this.records.push(record);
  }
  async producerOf(datasetId: string): Promise<ProvenanceRecord | undefined> {
    return this.records.findLast(({ outputs }) =>
      Object.values(outputs).some((refs) => refs.some(({ id }) => id === datasetId)),
    );
  }
}
