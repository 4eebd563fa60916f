import { Inject } from '@nestjs/common';
import { Args, ID, Query, Resolver } from '@nestjs/graphql';
import { CatalogRepository } from '#libs/catalog';
import { circleOf, idOf, SkyRegion } from '../graphql/arguments.js';
import { PageArgs, pageRequest, toPage } from '../graphql/page.js';
import { CatalogObjectPage, SourcePage, SourceType } from './catalog.types.js';

@Resolver(() => SourceType)
export class SourcesResolver {
  constructor(@Inject(CatalogRepository) private readonly catalog: CatalogRepository) {}

  @Query(() => SourcePage, { description: 'Detections on calibrated exposures.' })
  async sources(
    @Args({ type: () => PageArgs }) page: PageArgs,
    @Args('region', { type: () => SkyRegion, nullable: true }) region?: SkyRegion,
    @Args('visit', { type: () => ID, nullable: true }) visit?: string,
  ) {
    const only = visit == null ? undefined : idOf(visit, 'visit');
    return toPage(await this.catalog.sources(pageRequest(page), circleOf(region), only));
  }

  @Query(() => CatalogObjectPage, { description: 'Objects of the static sky.' })
  async objects(
    @Args({ type: () => PageArgs }) page: PageArgs,
    @Args('region', { type: () => SkyRegion, nullable: true }) region?: SkyRegion,
  ) {
    return toPage(await this.catalog.objects(pageRequest(page), circleOf(region)));
  }
}
