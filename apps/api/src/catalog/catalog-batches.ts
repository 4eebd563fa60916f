import { Inject, Injectable } from '@nestjs/common';
import {
  CatalogRepository,
  type DiaForcedSourceRow,
  type DiaObjectRow,
  type DiaSourceRow,
  type SSSourceRow,
} from '#libs/catalog';
import { Batch } from '../graphql/batch.js';

/** Rows that hang on other rows, loaded many at a time. */
@Injectable()
export class CatalogBatches {
  readonly lightCurves: Batch<bigint, DiaSourceRow[]>;
  readonly forcedSources: Batch<bigint, DiaForcedSourceRow[]>;
  readonly diaObjects: Batch<bigint, DiaObjectRow>;
  readonly diaSources: Batch<bigint, DiaSourceRow>;
  readonly ssSources: Batch<bigint, SSSourceRow>;

  constructor(@Inject(CatalogRepository) catalog: CatalogRepository) {
    this.lightCurves = new Batch((ids) => catalog.diaSourcesOfMany(ids));
    this.forcedSources = new Batch((ids) => catalog.diaForcedSourcesOfMany(ids));
    this.diaSources = new Batch((ids) => catalog.diaSourcesById(ids));
    this.ssSources = new Batch((ids) => catalog.ssSourcesById(ids));
    this.diaObjects = new Batch(
      async (ids) => new Map((await catalog.diaObjectsById(ids)).map((row) => [row.diaObjectId, row])),
    );
  }
}
