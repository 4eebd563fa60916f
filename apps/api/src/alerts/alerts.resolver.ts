import { Inject } from '@nestjs/common';
import {
  Args,
  ArgsType,
  Field,
  Float,
  ID,
  Info,
  Parent,
  Query,
  ResolveField,
  Resolver,
  Subscription,
} from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { ALERTS, type Caller, type Principal } from '#libs/accounts';
import { AlertArchive, alertToJson } from '#libs/alerts';
import { FilterService } from '#libs/filters';
import { DiaObject, DiaSource } from '#libs/schema';
import { CurrentCaller, CurrentPrincipal, RequireScope, RequireWhole } from '../accounts/auth.guard.js';
import { CatalogReader } from '../catalog/catalog-reader.js';
import { DiaObjectType, DiaSourceType } from '../catalog/catalog.types.js';
import { FilterMatch } from '../filters/filter.type.js';
import { toMatch } from '../filters/filters.resolver.js';
import { circleOf, idOf, SkyRegion, TimeInterval, timeRangeOf } from '../graphql/arguments.js';
import { GraphQLJSON } from '../graphql/json.scalar.js';
import { checkFirst, PageArgs } from '../graphql/page.js';
import { ApiError } from '../http/problem.js';
import { leavable } from '../live/notifications.js';
import { AlertStream } from './alert-stream.js';
import { VisibleAlerts } from './visible-alerts.js';
import { AlertPage, AlertType, toAlert } from './alert.type.js';

@ArgsType()
class AlertsArgs extends PageArgs {
  @Field(() => Boolean, { defaultValue: false, description: 'newest first' }) newestFirst: boolean;
  @Field(() => ID, { nullable: true }) visit?: string;
  @Field(() => ID, { nullable: true }) diaObjectId?: string;
  @Field(() => SkyRegion, { nullable: true }) region?: SkyRegion;
  @Field(() => TimeInterval, { nullable: true }) time?: TimeInterval;
  @Field(() => Float, { nullable: true }) minReliability?: number;
}

@Resolver(() => AlertType)
export class AlertsResolver {
  constructor(
    @Inject(AlertArchive) private readonly archive: AlertArchive,
    @Inject(AlertStream) private readonly stream: AlertStream,
    @Inject(FilterService) private readonly filters: FilterService,
    @Inject(VisibleAlerts) private readonly visible: VisibleAlerts,
    @Inject(CatalogReader) private readonly reader: CatalogReader,
  ) {}

  @Query(() => AlertPage, { description: 'Published alerts in the order in which they were published.' })
  async alerts(@Args() args: AlertsArgs, @CurrentCaller() caller: Caller): Promise<AlertPage> {
    const { after, newestFirst, visit, diaObjectId, minReliability } = args;
    const { fromMjdTai, toMjdTai } = timeRangeOf(args.time);
    const region = circleOf(args.region);
    const first = checkFirst(args.first);
    const found = await this.visible.search(caller, {
      limit: first,
      newestFirst,
      ...(after != null && { [newestFirst ? 'before' : 'after']: idOf(after, 'after') }),
      ...(visit != null && { visit: idOf(visit, 'visit') }),
      ...(diaObjectId != null && { diaObjectId: idOf(diaObjectId, 'diaObjectId') }),
      ...(minReliability != null && { minReliability }),
      ...(region && { region }),
      ...(fromMjdTai !== undefined && { beginMjdTai: fromMjdTai }),
      ...(toMjdTai !== undefined && { endMjdTai: toMjdTai }),
    });
    const nodes = found.map(toAlert);
    return { nodes, pageInfo: { endCursor: nodes.at(-1)?.sequence ?? null, hasNextPage: nodes.length === first } };
  }

  @Query(() => AlertType)
  async alert(
    @Args('diaSourceId', { type: () => ID }) diaSourceId: string,
    @CurrentCaller() caller: Caller,
  ): Promise<AlertType> {
    return toAlert(await this.visible.find(caller, idOf(diaSourceId, 'diaSourceId')));
  }

  @ResolveField(() => GraphQLJSON, { description: 'The packet without its cut-outs.' })
  async packet(@Parent() { diaSourceId }: AlertType) {
    return alertToJson(await this.archive.packet(BigInt(diaSourceId)));
  }

  @ResolveField(() => DiaSourceType, { nullable: true, description: 'The detection.' })
  diaSource(@Parent() { diaSourceId }: AlertType, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: DiaSource, key: 'diaSourceId' }, diaSourceId, info);
  }

  @ResolveField(() => DiaObjectType, { nullable: true, description: 'The object as it is now.' })
  diaObject(@Parent() { diaObjectId }: AlertType, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
    return this.reader.belongsTo(caller, { table: DiaObject, key: 'diaObjectId' }, diaObjectId ?? undefined, info);
  }

  @Subscription(() => AlertType, {
    description: 'Alerts as they are published. With `after`, first those published since; nothing is left out.',
    resolve: toAlert,
  })
  alertPublished(
    @CurrentCaller() caller: Caller,
    @Args('minReliability', { type: () => Float, nullable: true }) minReliability?: number,
    @Args('after', { type: () => ID, nullable: true }) after?: string,
  ) {
    const from = after == null ? undefined : idOf(after, 'after');
    return leavable((signal) => this.visible.follow(caller, from, minReliability ?? undefined, signal));
  }

  @RequireWhole(ALERTS)
  @RequireScope('read')
  @Subscription(() => FilterMatch, {
    description: 'What a filter of yours catches, from a match id on.',
    resolve: toMatch,
  })
  async filterMatched(
    @CurrentPrincipal() principal: Principal,
    @Args('filterId', { type: () => ID }) filterId: string,
    @Args('after', { type: () => ID, defaultValue: '0' }) after: string,
  ) {
    if (!/^[0-9a-f-]{36}$/i.test(filterId)) throw new ApiError('NO_SUCH_FILTER', 'there is no such filter', filterId);
    await this.filters.get(principal.userId, filterId);
    return leavable((signal) => this.stream.matches(filterId, idOf(after, 'after'), signal));
  }
}
