import { Inject } from '@nestjs/common';
import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CatalogRepository } from '#libs/catalog';
import { circleOf, idOf, SkyRegion, TimeInterval, timeRangeOf } from '../graphql/arguments.js';
import { PageArgs, pageRequest, toPage } from '../graphql/page.js';
import { plainRow } from '../graphql/table-type.js';
import { ApiError } from '../http/problem.js';
import { CatalogBatches } from './catalog-batches.js';
import { DiaObjectType, DiaSourcePage, DiaSourceType, type GraphRow, idIn, SSSourceType } from './catalog.types.js';

@Resolver(() => DiaSourceType)
export class DiaSourcesResolver {
  constructor(
    @Inject(CatalogRepository) private readonly catalog: CatalogRepository,
    @Inject(CatalogBatches) private readonly batches: CatalogBatches,
  ) {}

  @Query(() => DiaSourcePage, { description: 'Detections on difference images: of a visit, or in a region and time.' })
  async diaSources(
    @Args({ type: () => PageArgs }) page: PageArgs,
    @Args('region', { type: () => SkyRegion, nullable: true }) region?: SkyRegion,
    @Args('time', { type: () => TimeInterval, nullable: true }) time?: TimeInterval,
    @Args('visit', { type: () => ID, nullable: true }) visit?: string,
  ) {
    if (visit == null)
      return toPage(await this.catalog.diaSources(pageRequest(page), circleOf(region), timeRangeOf(time)));
    if (region || time) throw new ApiError('BAD_ARGUMENTS', 'give either a visit, or a region and a time', visit);
    return toPage(await this.catalog.diaSourcesOfVisit(idOf(visit, 'visit'), pageRequest(page)));
  }

  @Query(() => DiaSourceType, { nullable: true })
  async diaSource(@Args('id', { type: () => ID }) id: string) {
    const row = await this.catalog.diaSource(idOf(id));
    return row ? plainRow(row) : null;
  }

  @ResolveField(() => DiaObjectType, { nullable: true, description: 'The object it belongs to.' })
  async diaObject(@Parent() source: GraphRow) {
    const id = idIn(source, 'diaObjectId');
    const row = id === undefined ? undefined : await this.batches.diaObjects.get(id);
    return row ? plainRow(row) : null;
  }

  @ResolveField(() => SSSourceType, { nullable: true, description: 'What the orbit of a known object says of it.' })
  async ssSource(@Parent() source: GraphRow) {
    const row = await this.batches.ssSources.get(idIn(source, 'diaSourceId')!);
    return row ? plainRow(row) : null;
  }
}
