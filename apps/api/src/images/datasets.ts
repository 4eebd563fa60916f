import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { DatabaseDatasetStore, DatabaseRegistry, FolderStorage } from '#libs/datastore';
import { APP_CONFIG, type AppConfig } from '#libs/config';
import type { DatasetRef } from '#libs/pipeline';
import { collectionsOf } from '#libs/processing';
import { ApiError } from '../http/problem.js';
import { VisitProgressReader } from '../visits/visit-progress.js';
import type { ImageType } from './exposures.js';

interface DatasetRow {
  readonly dataset_type: string;
  readonly data_id: DatasetRef['dataId'];
  readonly run: string;
  readonly storage_key: string;
  readonly visit: bigint | null;
}

/** Stored datasets for readers outside: by identifier, and images by visit and detector. */
@Injectable()
export class Datasets {
  readonly storage: FolderStorage;
  readonly #store: DatabaseDatasetStore;
  readonly #registry: DatabaseRegistry;

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(VisitProgressReader) private readonly visits: VisitProgressReader,
    @Inject(APP_CONFIG) config: AppConfig,
  ) {
    this.storage = new FolderStorage(`${config.dataDir}/store`);
    this.#store = new DatabaseDatasetStore(dataSource, this.storage);
    this.#registry = new DatabaseRegistry(dataSource);
  }

  /** The bytes and a file name of any dataset but those of users' own runs, which only their owners see (level3); of visits before `endMjdTai`, if that is given. */
  async byId(id: string, endMjdTai?: number): Promise<{ bytes: Uint8Array; name: string }> {
    const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
    const [row]: DatasetRow[] = uuid
      ? await this.dataSource.query(
          "SELECT dataset_type, data_id, run, storage_key, visit FROM dataset WHERE dataset_id = $1 AND run NOT LIKE 'u/%'",
          [id],
        )
      : [];
    const visible = row && (endMjdTai === undefined || (await this.#isBefore(row.visit, endMjdTai)));
    if (!row || !visible) throw new ApiError('NO_SUCH_DATASET', `there is no dataset ${id}`, id);
    const ref: DatasetRef = { id, datasetType: row.dataset_type, dataId: row.data_id, run: row.run };
    return { bytes: await this.#store.get(ref), name: row.storage_key.split('/').at(-1)! };
  }

  /** What is of no visit (a stack of many) has no time, so an embargo covers it. */
  async #isBefore(visit: bigint | null, endMjdTai: number): Promise<boolean> {
    return visit !== null && (await this.visits.read({ limit: 1, visits: [visit], endMjdTai })).length > 0;
  }

  /** The file of an image that alert production made, of a visit before `endMjdTai` if that is given. */
  async image(visit: bigint, detector: number, datasetType: ImageType, endMjdTai?: number): Promise<Uint8Array> {
    const [observed] = await this.visits.read({
      limit: 1,
      visits: [visit],
      ...(endMjdTai !== undefined && { endMjdTai }),
    });
    if (!observed) throw new ApiError('NO_SUCH_VISIT', `there is no visit ${visit}`, visit);
    const collections = [collectionsOf(observed.instrument).alertProduction];
    const query = { visit: visit.toString(), detector };
    const [ref] = await this.#registry.datasets({ datasetType, query, collections });
    if (!ref)
      throw new ApiError('NO_SUCH_DATASET', `visit ${visit}, detector ${detector} has no ${datasetType}`, datasetType);
    return this.#store.get(ref);
  }
}
