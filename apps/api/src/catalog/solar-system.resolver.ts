import { Inject } from '@nestjs/common';
import { Info, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import { DiaSource, MpcOrbits, SSObject, SSSource } from '#libs/schema';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { CatalogReader } from './catalog-reader.js';
import { DiaSourceType, type GraphRow, idIn, MpcOrbitType, SSObjectType, SSSourceType } from './catalog.types.js';

@Resolver(() => SSObjectType)
export class SSObjectsResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @ResolveField(() => [SSSourceType], { description: 'Its observations.' })
  ssSources(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.related(
      caller,
      { table: SSSource, key: 'ssObjectId', order: ['diaSourceId'] },
      idIn(object, 'ssObjectId')!,
      info,
    );
  }

  @ResolveField(() => [DiaSourceType], { description: 'Its detections by time.' })
  diaSources(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    const byTime = { table: DiaSource, key: 'ssObjectId', order: ['midpointMjdTai', 'diaSourceId'] };
    return this.reader.related(caller, byTime, idIn(object, 'ssObjectId')!, info);
  }

  @ResolveField(() => MpcOrbitType, { nullable: true, description: 'Its orbit.' })
  orbit(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: MpcOrbits, key: 'designation' }, idIn(object, 'designation'), info);
  }
}

@Resolver(() => SSSourceType)
export class SSSourcesResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @ResolveField(() => SSObjectType, { nullable: true })
  ssObject(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: SSObject, key: 'ssObjectId' }, idIn(source, 'ssObjectId'), info);
  }

  @ResolveField(() => DiaSourceType, { nullable: true })
  diaSource(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: DiaSource, key: 'diaSourceId' }, idIn(source, 'diaSourceId'), info);
  }
}
