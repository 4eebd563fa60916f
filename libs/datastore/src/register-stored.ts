// A dataset whose bytes lie in the storage already: an acknowledged frame is one.

import { type DatasetRef, dataIdKey, datasetRef, type DatasetToStore } from '#libs/pipeline';
import { makeRun } from './collections.js';
import type { SqlClient } from './sql.js';

export interface StoredBytes {
  readonly key: string;
  readonly size: number;
  readonly checksum: string;
}

/** Registers stored bytes as a dataset; a second registration of the same (run, type, data id) changes nothing. */
export async function registerStored(
  client: SqlClient,
  dataset: DatasetToStore,
  stored: StoredBytes,
): Promise<DatasetRef> {
  const { run, datasetType, dataId, storageClass } = dataset;
  const ref = datasetRef(run, datasetType, dataId);
  await makeRun(client, run);
  await client.query(
    'INSERT INTO dataset_type (name, storage_class, dimensions) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING',
    [datasetType, storageClass, Object.keys(dataId)],
  );
  await client.query(
    `INSERT INTO dataset (dataset_id, run, dataset_type, data_id, data_id_key, visit, detector, tract, patch, storage_key, size, checksum)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (dataset_id) DO NOTHING`,
    [
      ref.id,
      run,
      datasetType,
      JSON.stringify(dataId),
      dataIdKey(dataId),
      ...(['visit', 'detector', 'tract', 'patch'] as const).map((dimension) => dataId[dimension] ?? null),
      stored.key,
      stored.size,
      stored.checksum,
    ],
  );
  return ref;
}
