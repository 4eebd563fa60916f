import { Inject } from '@nestjs/common';
import { Args, ArgsType, Field, ID, Info, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import { DiaObject, DiaSource, SSObject, SSSource } from '#libs/schema';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { idOf, TimeInterval, timeRangeOf } from '../graphql/arguments.js';
import { CatalogReader } from './catalog-reader.js';
import {
  DiaObjectType,
  DiaSourceType,
  diaSourceTypes,
  type GraphRow,
  idIn,
  SSObjectType,
  SSSourceType,
} from './catalog.types.js';
import { tableArgsOf } from './table-queries.js';

@ArgsType()
class DiaSourcesArgs extends tableArgsOf(diaSourceTypes) {
  @Field(() => TimeInterval, { nullable: true, description: 'of the middle of the exposure' }) time?: TimeInterval;
  @Field(() => ID, { nullable: true, description: 'only detections of this visit' }) visit?: string;
}

@Resolver(() => DiaSourceType)
export class DiaSourcesResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @Query(() => diaSourceTypes.page, { description: 'Detections on difference images.' })
  diaSources(
    @Args({ type: () => DiaSourcesArgs }) { time, visit, ...args }: DiaSourcesArgs,
    @CurrentCaller() caller: Caller,
    @Info() info: GraphQLResolveInfo,
  ) {
    const { fromMjdTai, toMjdTai } = timeRangeOf(time);
    const where = {
      and: [args.where ?? {}],
      ...(visit != null && { visit: { eq: idOf(visit, 'visit').toString() } }),
      ...((fromMjdTai !== undefined || toMjdTai !== undefined) && {
        midpointMjdTai: { gte: fromMjdTai, lt: toMjdTai },
      }),
    };
    return this.reader.page(caller, DiaSource, { ...args, where }, info);
  }

  @Query(() => DiaSourceType, { nullable: true })
  diaSource(
    @Args('id', { type: () => ID }) id: string,
    @CurrentCaller() caller: Caller,
    @Info() info: GraphQLResolveInfo,
  ) {
    return this.reader.one(caller, DiaSource, id, info);
  }

  @ResolveField(() => DiaObjectType, { nullable: true, description: 'The object it belongs to.' })
  diaObject(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: DiaObject, key: 'diaObjectId' }, idIn(source, 'diaObjectId'), info);
  }

  @ResolveField(() => SSObjectType, { nullable: true, description: 'The Solar System object it is an observation of.' })
  ssObject(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: SSObject, key: 'ssObjectId' }, idIn(source, 'ssObjectId'), info);
  }

  @ResolveField(() => SSSourceType, { nullable: true, description: 'What the orbit of a known object says of it.' })
  ssSource(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: SSSource, key: 'diaSourceId' }, idIn(source, 'diaSourceId'), info);
  }
}
