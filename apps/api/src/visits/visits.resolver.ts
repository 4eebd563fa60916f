import { Inject } from '@nestjs/common';
import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CatalogRepository } from '#libs/catalog';
import { DetectorSummaryType } from '../catalog/catalog.types.js';
import { idOf } from '../graphql/arguments.js';
import { checkFirst, PageArgs } from '../graphql/page.js';
import { plainRow } from '../graphql/table-type.js';
import { type VisitProgress, VisitProgressReader } from './visit-progress.js';
import { VisitPage, VisitType } from './visit.type.js';

const toVisit = (visit: VisitProgress): VisitType => ({ ...visit, visit: visit.visit.toString() });

@Resolver(() => VisitType)
export class VisitsResolver {
  constructor(
    @Inject(VisitProgressReader) private readonly progress: VisitProgressReader,
    @Inject(CatalogRepository) private readonly catalog: CatalogRepository,
  ) {}

  @Query(() => VisitPage, { description: 'Visits and how far they are, newest first.' })
  async visits(@Args({ type: () => PageArgs }) { first, after }: PageArgs): Promise<VisitPage> {
    const limit = checkFirst(first);
    const rows = await this.progress.read({ limit: limit + 1, ...(after != null && { before: idOf(after, 'after') }) });
    const nodes = rows.slice(0, limit).map(toVisit);
    return { nodes, pageInfo: { endCursor: nodes.at(-1)?.visit ?? null, hasNextPage: rows.length > limit } };
  }

  @Query(() => VisitType, { nullable: true })
  async visit(@Args('id', { type: () => ID }) id: string): Promise<VisitType | null> {
    const [row] = await this.progress.read({ limit: 1, visit: idOf(id) });
    return row ? toVisit(row) : null;
  }

  @ResolveField(() => [DetectorSummaryType], { description: 'Quality of each detector.' })
  async detectorSummaries(@Parent() { visit }: VisitType) {
    return (await this.catalog.detectorSummaries(BigInt(visit))).map(plainRow);
  }
}
