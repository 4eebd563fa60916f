// What the pipeline needs of the world. `datastore` and `jobs` implement these on PostgreSQL and folders;
// memory-registry.ts and memory-store.ts do so for tests and programs without a database.

import { createHash } from 'node:crypto';
import { type DataId, type Dimension, dataIdKey } from './dimensions.js';
import type { ProvenanceRecord } from './provenance.js';

export type DataIdValue = string | number;
/** Which data: a value or a list of values per dimension; a dimension left out is not restricted. */
export type DataQuery = Readonly<Partial<Record<Dimension, DataIdValue | readonly DataIdValue[]>>>;

/** A dataset that exists. `id` is a UUID fixed by (run, dataset type, data id). */
export interface DatasetRef {
  readonly id: string;
  readonly datasetType: string;
  readonly dataId: DataId;
  readonly run: string;
}

export interface PrerequisiteRequest {
  readonly datasetType: string;
  readonly dimensions: readonly Dimension[];
  /** the quantum that asks: its visit gives the time, its visit and detector (or tract and patch) the region */
  readonly dataId: DataId;
  readonly collections: readonly string[];
}

/** What data there is, and what belongs to what. */
export interface Registry {
  /**
   * Every existing combination of coordinates: visits and detectors that were taken, the band and day of a visit, tracts and
   * patches of the sky map, and, when both are asked, only visits (and detectors) that overlap the patches.
   */
  dataIds(dimensions: readonly Dimension[], query: DataQuery): Promise<readonly DataId[]>;
  /** Datasets in the collections that fit the query; of several with one data id, that of the earliest collection. */
  datasets(request: {
    readonly datasetType: string;
    readonly query: DataQuery;
    readonly collections: readonly string[];
  }): Promise<readonly DatasetRef[]>;
  /** Calibrations valid at the visit's time, reference catalogs that overlap its region. */
  prerequisites(request: PrerequisiteRequest): Promise<readonly DatasetRef[]>;
}

export interface DatasetToStore {
  readonly datasetType: string;
  readonly dataId: DataId;
  readonly run: string;
  readonly storageClass: string;
  readonly extension: string;
  readonly mediaType: string;
}

/** Encoded datasets. `put` is atomic, and a second put of the same (run, type, data id) replaces nothing and fails nothing. */
export interface DatasetStore {
  put(dataset: DatasetToStore, bytes: Uint8Array): Promise<DatasetRef>;
  get(ref: DatasetRef): Promise<Uint8Array>;
  exists(ref: DatasetRef): Promise<boolean>;
  remove(ref: DatasetRef): Promise<void>;
}

export interface ProvenanceSink {
  record(record: ProvenanceRecord): Promise<void>;
}
/** For re-making what was not kept. */
export interface ProvenanceSource {
  producerOf(datasetId: string): Promise<ProvenanceRecord | undefined>;
}

/** The id of a dataset: a UUID (version 8, RFC 9562) from the SHA-256 of run, type and data id; known before the dataset is. */
export function datasetId(run: string, datasetType: string, dataId: DataId): string {
  const hash = createHash('sha256')
    .update(`${run}\n${datasetType}\n${dataIdKey(dataId)}`)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x80;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  const hex = hash.toString('hex', 0, 16);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export const datasetRef = (run: string, datasetType: string, dataId: DataId): DatasetRef => ({
  id: datasetId(run, datasetType, dataId),
  datasetType,
  dataId,
  run,
});

/** The name of a dataset inside one run. */
export const datasetKey = (datasetType: string, dataId: DataId): string => `${datasetType}|${dataIdKey(dataId)}`;
