import { Inject } from '@nestjs/common';
import { Args, ArgsType, Field, ID, Info, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import { DiaForcedSource, DiaObject, DiaSource } from '#libs/schema';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { idOf } from '../graphql/arguments.js';
import { CatalogReader, type TableArgs } from './catalog-reader.js';
import {
  DiaForcedSourceType,
  DiaObjectType,
  diaObjectTypes,
  DiaSourceType,
  type GraphRow,
  idIn,
} from './catalog.types.js';
import { LIGHT_CURVE_COLUMNS, LightCurve, toColumns } from './light-curve.js';
import { DiaObjectArgs } from './table-queries.js';

@ArgsType()
class DiaObjectsArgs extends DiaObjectArgs {
  @Field(() => Int, { defaultValue: 0, description: 'detections at least' }) minSources: number;
}

const BY_TIME = { table: DiaSource, key: 'diaObjectId', order: ['midpointMjdTai', 'diaSourceId'] };
const FORCED_BY_TIME = { table: DiaForcedSource, key: 'diaObjectId', order: ['midpointMjdTai', 'visit', 'detector'] };
const FORCED_COLUMNS = LIGHT_CURVE_COLUMNS.filter((column) => column !== 'reliability');

@Resolver(() => DiaObjectType)
export class DiaObjectsResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @Query(() => diaObjectTypes.page, {
    description: 'Variable, transient and moving things, in order of identifier unless told otherwise.',
  })
  diaObjects(
    @Args({ type: () => DiaObjectsArgs }) { minSources, ...args }: DiaObjectsArgs,
    @CurrentCaller() caller: Caller,
    @Info() info: GraphQLResolveInfo,
  ) {
    const where: TableArgs['where'] =
      minSources > 0 ? { and: [args.where ?? {}, { nDiaSources: { gte: minSources } }] } : args.where;
    return this.reader.page(caller, DiaObject, { ...args, where }, info);
  }

  @Query(() => DiaObjectType, { nullable: true, description: 'The current version of an object.' })
  async diaObject(
    @Args('id', { type: () => ID }) id: string,
    @CurrentCaller() caller: Caller,
    @Info() info: GraphQLResolveInfo,
  ) {
    const rows = await this.reader.related(caller, { table: DiaObject, key: 'diaObjectId' }, idOf(id).toString(), info);
    return rows[0] ?? null;
  }

  @ResolveField(() => [DiaSourceType], { description: 'Its detections by time.' })
  lightCurve(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.related(caller, BY_TIME, idIn(object, 'diaObjectId')!, info);
  }

  @ResolveField(() => [DiaForcedSourceType], {
    description: 'Fluxes at its place in visits that did or did not detect it, by time.',
  })
  forcedSources(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.related(caller, FORCED_BY_TIME, idIn(object, 'diaObjectId')!, info);
  }

  @ResolveField(() => LightCurve, {
    description: 'Its light curve as columns: detections, and forced measurements if wanted.',
  })
  async lightCurveColumns(
    @Parent() object: GraphRow,
    @CurrentCaller() caller: Caller,
    @Args('forced', { type: () => Boolean, defaultValue: false }) forced: boolean,
    @Args('bands', { type: () => [String], nullable: true }) bands?: string[],
  ) {
    const id = idIn(object, 'diaObjectId')!;
    const [detections, measurements] = await Promise.all([
      this.reader.related(caller, BY_TIME, id, LIGHT_CURVE_COLUMNS),
      forced ? this.reader.related(caller, FORCED_BY_TIME, id, FORCED_COLUMNS) : [],
    ]);
    return toColumns(detections, measurements, bands);
  }

  @ResolveField(() => [DiaObjectType], { description: 'Every version of it, oldest first.' })
  history(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    const every = { table: DiaObject, key: 'diaObjectId', order: ['validityStartMjdTai'], everyVersion: true };
    return this.reader.related(caller, every, idIn(object, 'diaObjectId')!, info);
  }
}
