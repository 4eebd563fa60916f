import { Inject } from '@nestjs/common';
import { Args, ID, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { CatalogRepository } from '#libs/catalog';
import { idOf } from '../graphql/arguments.js';
import { PageArgs, pageRequest, toPage } from '../graphql/page.js';
import { plainRow } from '../graphql/table-type.js';
import { type GraphRow, idIn, MpcOrbitType, SSObjectPage, SSObjectType, SSSourceType } from './catalog.types.js';

@Resolver(() => SSObjectType)
export class SolarSystemResolver {
  constructor(@Inject(CatalogRepository) private readonly catalog: CatalogRepository) {}

  @Query(() => SSObjectPage, { description: 'Known Solar System objects, in order of identifier.' })
  async ssObjects(@Args({ type: () => PageArgs }) page: PageArgs) {
    return toPage(await this.catalog.ssObjects(pageRequest(page)));
  }

  @Query(() => SSObjectType, { nullable: true })
  async ssObject(@Args('id', { type: () => ID }) id: string) {
    const row = await this.catalog.ssObject(idOf(id));
    return row ? plainRow(row) : null;
  }

  @ResolveField(() => [SSSourceType], { description: 'Its observations.' })
  async ssSources(@Parent() object: GraphRow) {
    return (await this.catalog.ssSourcesOf(idIn(object, 'ssObjectId')!)).map(plainRow);
  }

  @ResolveField(() => MpcOrbitType, { nullable: true, description: 'Its orbit.' })
  async orbit(@Parent() object: GraphRow) {
    const { designation } = object;
    const row = typeof designation === 'string' ? await this.catalog.orbit(designation) : undefined;
    return row ? plainRow(row) : null;
  }
}
