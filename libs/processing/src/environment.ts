// What processing needs of its process: database, file store, registry, threads.

import type { DataSource } from 'typeorm';
import {
  DatabaseDatasetStore,
  DatabaseProvenance,
  DatabaseRegistry,
  FolderStorage,
  type ObjectStorage,
} from '#libs/datastore';
import { type Dispatcher, type TaskLog, ThreadPool } from '#libs/pipeline';
import { TASK_MODULE } from '#libs/productions';

export const SOFTWARE_VERSION = 'almagest 0.1.0';

export interface ProcessingEnvironment {
  readonly dataSource: DataSource;
  readonly storage: ObjectStorage;
  readonly store: DatabaseDatasetStore;
  readonly registry: DatabaseRegistry;
  readonly provenance: DatabaseProvenance;
  readonly pool: ThreadPool;
  readonly log: TaskLog;
  dispatcher(): Dispatcher;
  close(): Promise<void>;
}

export function processingEnvironment(
  dataSource: DataSource,
  options: { readonly dataDir: string; readonly cores: number; readonly log: TaskLog },
): ProcessingEnvironment {
  const storage = new FolderStorage(`${options.dataDir}/store`);
  const store = new DatabaseDatasetStore(dataSource, storage);
  const provenance = new DatabaseProvenance(dataSource);
  const pool = new ThreadPool({ cores: options.cores, modules: [TASK_MODULE] });
  return {
    dataSource,
    storage,
    store,
    registry: new DatabaseRegistry(dataSource),
    provenance,
    pool,
    log: options.log,
    dispatcher: () => pool.dispatcher({ store, provenance, log: options.log }),
    close: () => pool.close(),
  };
}
