import type { DataSource } from 'typeorm';
import type { AlertStorage } from '#libs/alerts';
import { DatabaseDatasetStore, DatabaseRegistry, FolderStorage } from '#libs/datastore';
import { StampStorage } from '#libs/productions';

/** The archive in the installation's file store; cut-outs are the stamps that alert production kept. */
export function fileAlertStorage(dataSource: DataSource, dataDir: string): AlertStorage {
  const storage = new FolderStorage(`${dataDir}/store`);
  const store = new DatabaseDatasetStore(dataSource, storage);
  const registry = new DatabaseRegistry(dataSource);
  return {
    put: (key, bytes) => storage.put(key, bytes),
    get: (key) => storage.get(key),
    async cutouts(run, visit, detector) {
      const [ref] = await registry.datasets({
        datasetType: 'diaStamps',
        query: { visit: visit.toString(), detector },
        collections: [run],
      });
      return ref ? StampStorage.decode(await store.get(ref)) : [];
    },
  };
}
