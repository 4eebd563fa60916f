import {
  type DataId,
  type DatasetRef,
  type DatasetStore,
  type DatasetToStore,
  dataIdKey,
  datasetRef,
} from '#libs/pipeline';
import { DatastoreError } from './datastore-error.js';
import { type ObjectStorage, checkedKey } from './object-storage.js';

/** `run/type/coordinates/id` without extension; coordinates make the folders readable, the id makes the name unique. */
export function datasetFolder(run: string, datasetType: string, dataId: DataId): string {
  const where = dataIdKey(dataId);
  return checkedKey(['datasets', run, datasetType, where === '' ? 'all' : where].join('/'));
}

export const objectKeyOf = ({ run, datasetType, dataId, extension }: DatasetToStore): string =>
  checkedKey(`${datasetFolder(run, datasetType, dataId)}/${datasetRef(run, datasetType, dataId).id}${extension}`);

/** Datasets in an object storage without a database: names alone say what there is. */
export class FolderDatasetStore implements DatasetStore {
  constructor(
    readonly storage: ObjectStorage,
    /** told of every dataset put, e.g. a MemoryRegistry */
    readonly registry?: { add(ref: DatasetRef): void },
  ) {}

  async put(dataset: DatasetToStore, bytes: Uint8Array): Promise<DatasetRef> {
    const ref = datasetRef(dataset.run, dataset.datasetType, dataset.dataId);
    const key = objectKeyOf(dataset);
    if (!(await this.storage.exists(key))) await this.storage.put(key, bytes);
    this.registry?.add(ref);
    return ref;
  }

  async #keyOf(ref: DatasetRef): Promise<string | undefined> {
    for await (const { key } of this.storage.list(datasetFolder(ref.run, ref.datasetType, ref.dataId))) {
      const name = key.slice(key.lastIndexOf('/') + 1);
      if (name === ref.id || name.startsWith(`${ref.id}.`)) return key;
    }
    return undefined;
  }

  async get(ref: DatasetRef): Promise<Uint8Array> {
    const key = await this.#keyOf(ref);
    if (key === undefined)
      throw new DatastoreError(
        'NOT_FOUND',
        `dataset '${ref.datasetType}' (${dataIdKey(ref.dataId)}) of run '${ref.run}' is not stored`,
        ref.id,
      );
    return this.storage.get(key);
  }

  async exists(ref: DatasetRef): Promise<boolean> {
    return (await this.#keyOf(ref)) !== undefined;
  }

  async remove(ref: DatasetRef): Promise<void> {
    const key = await this.#keyOf(ref);
    if (key !== undefined) await this.storage.remove(key);
  }
}
