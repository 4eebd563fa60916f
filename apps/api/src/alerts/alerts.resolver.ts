import { Inject } from '@nestjs/common';
import { Args, ArgsType, Field, Float, ID, Parent, Query, ResolveField, Resolver, Subscription } from '@nestjs/graphql';
import type { Principal } from '#libs/accounts';
import { AlertArchive, alertToJson } from '#libs/alerts';
import { FilterService } from '#libs/filters';
import { CurrentPrincipal, RequireScope } from '../accounts/auth.guard.js';
import { CatalogBatches } from '../catalog/catalog-batches.js';
import { DiaObjectType, DiaSourceType } from '../catalog/catalog.types.js';
import { FilterMatch } from '../filters/filter.type.js';
import { toMatch } from '../filters/filters.resolver.js';
import { circleOf, idOf, SkyRegion, TimeInterval, timeRangeOf } from '../graphql/arguments.js';
import { GraphQLJSON } from '../graphql/json.scalar.js';
import { checkFirst, PageArgs } from '../graphql/page.js';
import { plainRow } from '../graphql/table-type.js';
import { ApiError } from '../http/problem.js';
import { leavable } from '../live/notifications.js';
import { AlertStream } from './alert-stream.js';
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
    @Inject(CatalogBatches) private readonly batches: CatalogBatches,
  ) {}

  @Query(() => AlertPage, { description: 'Published alerts in the order in which they were published.' })
  async alerts(@Args() args: AlertsArgs): Promise<AlertPage> {
    const { after, newestFirst, visit, diaObjectId, minReliability } = args;
    const { fromMjdTai, toMjdTai } = timeRangeOf(args.time);
    const region = circleOf(args.region);
    const first = checkFirst(args.first);
    const found = await this.archive.search({
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
  async alert(@Args('diaSourceId', { type: () => ID }) diaSourceId: string): Promise<AlertType> {
    return toAlert(await this.archive.find(idOf(diaSourceId, 'diaSourceId')));
  }

  @ResolveField(() => GraphQLJSON, { description: 'The packet without its cut-outs.' })
  async packet(@Parent() { diaSourceId }: AlertType) {
    return alertToJson(await this.archive.packet(BigInt(diaSourceId)));
  }

  @ResolveField(() => DiaSourceType, { nullable: true, description: 'The detection.' })
  async diaSource(@Parent() { diaSourceId }: AlertType) {
    const row = await this.batches.diaSources.get(BigInt(diaSourceId));
    return row ? plainRow(row) : null;
  }

  @ResolveField(() => DiaObjectType, { nullable: true, description: 'The object as it is now.' })
  async diaObject(@Parent() { diaObjectId }: AlertType) {
    const row = diaObjectId === null ? undefined : await this.batches.diaObjects.get(BigInt(diaObjectId));
    return row ? plainRow(row) : null;
  }

  @Subscription(() => AlertType, {
    description: 'Alerts as they are published. With `after`, first those published since; nothing is left out.',
    resolve: toAlert,
  })
  alertPublished(
    @Args('minReliability', { type: () => Float, nullable: true }) minReliability?: number,
    @Args('after', { type: () => ID, nullable: true }) after?: string,
  ) {
    const from = after == null ? undefined : idOf(after, 'after');
    return leavable((signal) => this.stream.alerts(from, minReliability ?? undefined, signal));
  }

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
