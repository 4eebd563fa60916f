import { Inject } from '@nestjs/common';
import { Args, ArgsType, Field, ID, Info, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import { DiaObject, ForcedSource, ObjectTable, Source, Visit } from '#libs/schema';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { idOf } from '../graphql/arguments.js';
import { CatalogReader } from './catalog-reader.js';
import {
  CatalogObjectType,
  DiaForcedSourceType,
  DiaObjectType,
  ForcedSourceType,
  type GraphRow,
  idIn,
  SourceType,
  sourceTypes,
} from './catalog.types.js';
import { LightCurve, toColumns } from './light-curve.js';
import { SourceArgs } from './table-queries.js';

@ArgsType()
class SourcesArgs extends SourceArgs {
  @Field(() => ID, { nullable: true, description: 'only detections of this visit' }) visit?: string;
}

@Resolver(() => SourceType)
export class SourcesResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @Query(() => sourceTypes.page, { description: 'Detections on calibrated exposures.' })
  sources(
    @Args({ type: () => SourcesArgs }) { visit, ...args }: SourcesArgs,
    @CurrentCaller() caller: Caller,
    @Info() info: GraphQLResolveInfo,
  ) {
    const where =
      visit == null ? args.where : { and: [args.where ?? {}], visit: { eq: idOf(visit, 'visit').toString() } };
    return this.reader.page(caller, Source, { ...args, where }, info);
  }

  @Query(() => SourceType, { nullable: true })
  source(
    @Args('id', { type: () => ID }) id: string,
    @CurrentCaller() caller: Caller,
    @Info() info: GraphQLResolveInfo,
  ) {
    return this.reader.one(caller, Source, id, info);
  }
}

const FORCED = { table: ForcedSource, key: 'objectId', order: ['visit', 'detector'] };

@Resolver(() => CatalogObjectType)
export class ObjectsResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @ResolveField(() => [ForcedSourceType], { description: 'Fluxes at its place on every exposure.' })
  forcedSources(@Parent() object: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.related(caller, FORCED, idIn(object, 'objectId')!, info);
  }

  @ResolveField(() => LightCurve, { description: 'Its forced photometry by time, as columns.' })
  async lightCurveColumns(
    @Parent() object: GraphRow,
    @CurrentCaller() caller: Caller,
    @Args('bands', { type: () => [String], nullable: true }) bands?: string[],
  ) {
    const rows = await this.reader.related(caller, FORCED, idIn(object, 'objectId')!, [
      'visit',
      'detector',
      'band',
      'psfFlux',
      'psfFluxErr',
    ]);
    const visits = await Promise.all(
      rows.map((row) =>
        this.reader.belongsTo(caller, { table: Visit, key: 'visit' }, idIn(row, 'visit'), ['expMidptMJD']),
      ),
    );
    const timed = rows.flatMap((row, i) =>
      visits[i] ? [{ ...row, midpointMjdTai: visits[i]['expMidptMJD'] as number }] : [],
    );
    return toColumns(
      [],
      timed.toSorted((a, b) => a.midpointMjdTai - b.midpointMjdTai),
      bands,
    );
  }
}

@Resolver(() => ForcedSourceType)
export class ForcedSourcesResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @ResolveField(() => CatalogObjectType, { nullable: true })
  object(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: ObjectTable, key: 'objectId' }, idIn(source, 'objectId'), info);
  }
}

@Resolver(() => DiaForcedSourceType)
export class DiaForcedSourcesResolver {
  constructor(@Inject(CatalogReader) private readonly reader: CatalogReader) {}

  @ResolveField(() => DiaObjectType, { nullable: true })
  diaObject(@Parent() source: GraphRow, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: DiaObject, key: 'diaObjectId' }, idIn(source, 'diaObjectId'), info);
  }
}
