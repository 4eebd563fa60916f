import { Inject } from '@nestjs/common';
import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CatalogRepository } from '#libs/catalog';
import { circleOf, idOf, SkyRegion } from '../graphql/arguments.js';
import { PageArgs, pageRequest, toPage } from '../graphql/page.js';
import { plainRow } from '../graphql/table-type.js';
import { CatalogBatches } from './catalog-batches.js';
import {
  DiaForcedSourceType,
  DiaObjectPage,
  DiaObjectType,
  DiaSourceType,
  type GraphRow,
  idIn,
} from './catalog.types.js';

@Resolver(() => DiaObjectType)
export class DiaObjectsResolver {
  constructor(
    @Inject(CatalogRepository) private readonly catalog: CatalogRepository,
    @Inject(CatalogBatches) private readonly batches: CatalogBatches,
  ) {}

  @Query(() => DiaObjectPage, { description: 'Variable, transient and moving things, in order of identifier.' })
  async diaObjects(
    @Args({ type: () => PageArgs }) page: PageArgs,
    @Args('region', { type: () => SkyRegion, nullable: true }) region?: SkyRegion,
    @Args('minSources', { type: () => Int, defaultValue: 0, description: 'detections at least' }) minSources = 0,
  ) {
    return toPage(await this.catalog.diaObjects(pageRequest(page), circleOf(region), minSources));
  }

  @Query(() => DiaObjectType, { nullable: true, description: 'The current version of an object.' })
  async diaObject(@Args('id', { type: () => ID }) id: string) {
    const row = await this.catalog.diaObject(idOf(id));
    return row ? plainRow(row) : null;
  }

  @ResolveField(() => [DiaSourceType], { description: 'Its detections by time.' })
  async lightCurve(@Parent() object: GraphRow) {
    return ((await this.batches.lightCurves.get(idIn(object, 'diaObjectId')!)) ?? []).map(plainRow);
  }

  @ResolveField(() => [DiaForcedSourceType], {
    description: 'Fluxes at its place in visits that did or did not detect it, by time.',
  })
  async forcedSources(@Parent() object: GraphRow) {
    return ((await this.batches.forcedSources.get(idIn(object, 'diaObjectId')!)) ?? []).map(plainRow);
  }

  @ResolveField(() => [DiaObjectType], { description: 'Every version of it, oldest first.' })
  async history(@Parent() object: GraphRow) {
    return (await this.catalog.diaObjectHistory(idIn(object, 'diaObjectId')!)).map(plainRow);
  }
}
