// What every measurement on an exposure has: the visit it was made in, and the quality of its detector there.

import { Inject, type Type } from '@nestjs/common';
import { Info, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import { DetectorVisitProcessingSummary } from '#libs/schema';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { VisitLoader } from '../visits/visit-loader.js';
import { VisitType } from '../visits/visit.type.js';
import { CatalogReader } from './catalog-reader.js';
import {
  DiaForcedSourceType,
  DiaSourceType,
  ForcedSourceType,
  type GraphRow,
  idIn,
  SourceType,
  VisitDetectorType,
} from './catalog.types.js';
import type { RowType } from '../graphql/table-type.js';

const DETECTORS = { table: DetectorVisitProcessingSummary, key: 'visit', order: ['detector'] };

function exposureRelationsOf(node: RowType): Type {
  @Resolver(() => node)
  class ExposureRelations {
    constructor(
      @Inject(CatalogReader) readonly reader: CatalogReader,
      @Inject(VisitLoader) readonly visits: VisitLoader,
    ) {}

    @ResolveField(() => VisitType, { nullable: true, description: 'The visit it was made in.' })
    observedIn(@Parent() source: GraphRow, @CurrentCaller() caller: Caller) {
      return this.visits.one(caller, idIn(source, 'visit')!);
    }

    @ResolveField(() => VisitDetectorType, { nullable: true, description: 'Quality of the exposure it was made on.' })
    async visitDetector(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
      const rows = await this.reader.related(caller, DETECTORS, idIn(source, 'visit')!, info, ['detector']);
      return rows.find(({ detector }) => detector === source['detector']) ?? null;
    }
  }
  return ExposureRelations;
}

export const EXPOSURE_RELATIONS = [DiaSourceType, DiaForcedSourceType, SourceType, ForcedSourceType].map(
  exposureRelationsOf,
);
