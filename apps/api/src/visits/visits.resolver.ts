import { Inject } from '@nestjs/common';
import { Args, ID, Info, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import { DetectorVisitProcessingSummary } from '#libs/schema';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { CatalogReader } from '../catalog/catalog-reader.js';
import { VisitDetectorType } from '../catalog/catalog.types.js';
import { idOf } from '../graphql/arguments.js';
import { checkFirst, PageArgs } from '../graphql/page.js';
import { VisitLoader } from './visit-loader.js';
import { VisitPage, VisitType } from './visit.type.js';

const DETECTORS = { table: DetectorVisitProcessingSummary, key: 'visit', order: ['detector'] };

@Resolver(() => VisitType)
export class VisitsResolver {
  constructor(
    @Inject(VisitLoader) private readonly visitLoader: VisitLoader,
    @Inject(CatalogReader) private readonly reader: CatalogReader,
  ) {}

  @Query(() => VisitPage, { description: 'Visits and how far they are, newest first.' })
  async visits(
    @Args({ type: () => PageArgs }) { first, after }: PageArgs,
    @CurrentCaller() caller: Caller,
  ): Promise<VisitPage> {
    const limit = checkFirst(first);
    const rows = await this.visitLoader.page(caller, limit + 1, after == null ? undefined : idOf(after, 'after'));
    const nodes = rows.slice(0, limit);
    return { nodes, pageInfo: { endCursor: nodes.at(-1)?.visit ?? null, hasNextPage: rows.length > limit } };
  }

  @Query(() => VisitType, { nullable: true })
  visit(@Args('id', { type: () => ID }) id: string, @CurrentCaller() caller: Caller): Promise<VisitType | null> {
    return this.visitLoader.one(caller, idOf(id).toString());
  }

  @ResolveField(() => [VisitDetectorType], { description: 'Quality of each detector.' })
  detectorSummaries(@Parent() { visit }: VisitType, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.related(caller, DETECTORS, visit, info);
  }
}
