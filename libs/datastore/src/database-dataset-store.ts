// Datasets: bytes in the object storage, then a row. The row is what makes a dataset exist; bytes without a row are orphans.

import {
  type DatasetRef,
  type DatasetStore,
  type DatasetToStore,
  type Dimension,
  dataIdKey,
  datasetRef,
} from '#libs/pipeline';
import { createHash } from 'node:crypto';
import { makeRun } from './collections.js';
import { DatastoreError } from './datastore-error.js';
import { objectKeyOf } from './folder-dataset-store.js';
import type { ObjectStorage } from './object-storage.js';
import { type SqlClient, rowsOf } from './sql.js';

interface StoredRow {
  readonly storage_key: string;
  readonly checksum: string;
}

export class DatabaseDatasetStore implements DatasetStore {
  readonly #known = new Set<string>();

  constructor(
    private readonly client: SqlClient,
    readonly storage: ObjectStorage,
  ) {}

  /** Puts once: of two puts of one (run, type, data id) the first counts, and both get the same answer. */
  async put(dataset: DatasetToStore, bytes: Uint8Array): Promise<DatasetRef> {
    const { run, datasetType, dataId } = dataset;
    const ref = datasetRef(run, datasetType, dataId);
    if ((await this.#row(ref.id)) !== undefined) return ref;
    await this.#declare(dataset);
    const stored = await this.storage.put(objectKeyOf(dataset), bytes);
    const inserted = rowsOf(
      await this.client.query(
        `INSERT INTO dataset (dataset_id, run, dataset_type, data_id, data_id_key, visit, detector, tract, patch, storage_key, size, checksum)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (dataset_id) DO NOTHING RETURNING dataset_id`,
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
      ),
    );
    // somebody else was first with other bytes: the file is now ours, so the row must say so
    if (inserted.length === 0)
      await this.client.query('UPDATE dataset SET size = $2, checksum = $3 WHERE dataset_id = $1', [
        ref.id,
        stored.size,
        stored.checksum,
      ]);
    return ref;
  }

  async #declare({ run, datasetType, dataId, storageClass }: DatasetToStore): Promise<void> {
    if (!this.#known.has(`run ${run}`)) await makeRun(this.client, run);
    this.#known.add(`run ${run}`);
    if (this.#known.has(`type ${datasetType}`)) return;
    await this.client.query(
      'INSERT INTO dataset_type (name, storage_class, dimensions) VALUES ($1, $2, $3) ON CONFLICT (name) DO NOTHING',
      [datasetType, storageClass, Object.keys(dataId) as Dimension[]],
    );
    this.#known.add(`type ${datasetType}`);
  }

  async #row(id: string): Promise<StoredRow | undefined> {
    return rowsOf<StoredRow>(
      await this.client.query('SELECT storage_key, checksum FROM dataset WHERE dataset_id = $1', [id]),
    )[0];
  }

  /** The bytes, checked against the sum recorded when they were put. */
  async get(ref: DatasetRef): Promise<Uint8Array> {
    const row = await this.#row(ref.id);
    if (row === undefined)
      throw new DatastoreError(
        'NOT_FOUND',
        `dataset '${ref.datasetType}' (${dataIdKey(ref.dataId)}) of run '${ref.run}' is not stored`,
        ref.id,
      );
    const bytes = await this.storage.get(row.storage_key);
    const checksum = createHash('sha256').update(bytes).digest('hex');
    if (checksum !== row.checksum)
      throw new DatastoreError(
        'CHECKSUM_MISMATCH',
        `'${row.storage_key}' does not hold the bytes that were put there`,
        { expected: row.checksum, found: checksum },
      );
    return bytes;
  }

  async exists(ref: DatasetRef): Promise<boolean> {
    return (await this.#row(ref.id)) !== undefined;
  }

  async remove(ref: DatasetRef): Promise<void> {
    const row = await this.#row(ref.id);
    if (row === undefined) return;
    await this.client.query('DELETE FROM dataset WHERE dataset_id = $1', [ref.id]);
    await this.storage.remove(row.storage_key);
  }

  /** Removes files of datasets that have no row and are older than `olderThanMs`: what a crash between the two left. */
  async sweepOrphans(olderThanMs = 86_400_000): Promise<readonly string[]> {
    const removed: string[] = [];
    for await (const { key, modified } of this.storage.list('datasets')) {
      if (Date.now() - modified.getTime() < olderThanMs) continue;
      const owned = rowsOf(await this.client.query('SELECT 1 FROM dataset WHERE storage_key = $1', [key]));
      if (owned.length > 0) continue;
      await this.storage.remove(key);
      removed.push(key);
    }
    return removed;
  }
}
