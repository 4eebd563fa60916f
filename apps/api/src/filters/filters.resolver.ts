import { Inject } from '@nestjs/common';
import { Args, ID, Int, Mutation, Query, Resolver } from '@nestjs/graphql';
import { ALERTS, type Principal } from '#libs/accounts';
import { columnKey } from '#libs/filter-language';
import { ALERT_COLUMNS, FilterService, type RegisteredFilter, type StoredMatch, VisitFiltering } from '#libs/filters';
import { CurrentPrincipal, RequireScope, RequireWhole } from '../accounts/auth.guard.js';
import { idOf } from '../graphql/arguments.js';
import { ApiError } from '../http/problem.js';
import { AlertFilter, FilterColumnInfo, FilterDryRun, FilterMatch, FilterVisit } from './filter.type.js';

const MAX_PAGE = 1_000;
const DRY_RUN_ALERTS = 1_000;
const DRY_RUN_SAMPLE = 50;
const MAX_REPLAY_VISITS = 1_000;

@Resolver(() => AlertFilter)
export class FiltersResolver {
  constructor(
    @Inject(FilterService) private readonly service: FilterService,
    @Inject(VisitFiltering) private readonly filtering: VisitFiltering,
  ) {}

  @Query(() => [FilterColumnInfo], { description: 'The columns that filters may read.' })
  filterColumns(): FilterColumnInfo[] {
    return ALERT_COLUMNS.columns.map((column) => ({
      name: columnKey(column),
      type: column.type,
      unit: column.unit ?? null,
      description: column.description ?? null,
    }));
  }

  @RequireWhole(ALERTS)
  @Query(() => FilterDryRun, { description: 'What a filter would have caught among recent alerts; nothing is kept.' })
  async filterDryRun(
    @Args('query') query: string,
    @Args('visit', { type: () => ID, nullable: true, description: 'among the alerts of one visit' }) visit?: string,
  ): Promise<FilterDryRun> {
    this.service.check(query);
    const alerts = await this.filtering.recentAlerts(DRY_RUN_ALERTS, visit == null ? undefined : idOf(visit, 'visit'));
    const { matches, clauses } = this.service.dryRun(query, alerts);
    const sample = matches.slice(0, DRY_RUN_SAMPLE).map(({ row, values }) => ({
      diaSourceId: alerts[row]!.diaSource['diaSourceId'],
      ...values,
    }));
    return { alerts: alerts.length, matches: matches.length, sample, clauses: [...clauses] };
  }

  @RequireWhole(ALERTS)
  @Query(() => [FilterVisit], {
    description: 'How many alerts a filter would have passed in each of the newest visits.',
  })
  async filterReplay(
    @Args('query') query: string,
    @Args('visits', { type: () => Int, defaultValue: 20 }) visits: number,
  ): Promise<FilterVisit[]> {
    if (visits < 1 || visits > MAX_REPLAY_VISITS)
      throw new ApiError('BAD_PAGE_SIZE', `visits must be 1 to ${MAX_REPLAY_VISITS}`, visits);
    const replayed = await this.service.replay(query, visits);
    return replayed.map(({ visit, ...counts }) => ({ visit: visit.toString(), ...counts }));
  }

  @RequireScope('read')
  @Query(() => [AlertFilter], { description: 'Your filters.' })
  filters(@CurrentPrincipal() principal: Principal): Promise<RegisteredFilter[]> {
    return this.service.list(principal.userId);
  }

  @RequireScope('read')
  @Query(() => AlertFilter)
  filter(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID }) id: string,
  ): Promise<RegisteredFilter> {
    return this.service.get(principal.userId, id);
  }

  @RequireWhole(ALERTS)
  @RequireScope('read')
  @Query(() => [FilterMatch], { description: 'What a filter of yours has caught, oldest first, after a match id.' })
  async filterMatches(
    @CurrentPrincipal() principal: Principal,
    @Args('filterId', { type: () => ID }) filterId: string,
    @Args('after', { type: () => ID, defaultValue: '0' }) after: string,
    @Args('first', { type: () => Int, defaultValue: 100 }) first: number,
  ): Promise<FilterMatch[]> {
    if (!/^\d{1,18}$/.test(after)) throw new ApiError('BAD_CURSOR', 'after must be a match id', after);
    if (first < 1 || first > MAX_PAGE) throw new ApiError('BAD_PAGE_SIZE', `first must be 1 to ${MAX_PAGE}`, first);
    await this.service.get(principal.userId, filterId);
    return (await this.service.matches(filterId, BigInt(after), first)).map(toMatch);
  }

  @RequireWhole(ALERTS)
  @RequireScope('filters')
  @Mutation(() => AlertFilter, {
    description:
      'Registers a filter and activates it. A mistake is answered with its place and what may have been meant.',
  })
  registerFilter(
    @CurrentPrincipal() principal: Principal,
    @Args('name') name: string,
    @Args('query') query: string,
    @Args('description', { defaultValue: '' }) description: string,
  ): Promise<RegisteredFilter> {
    return this.service.register(principal.userId, name, query, description);
  }

  @RequireWhole(ALERTS)
  @RequireScope('filters')
  @Mutation(() => AlertFilter, {
    description: 'Adds a version and activates it; earlier versions and their matches stay.',
  })
  reviseFilter(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID }) id: string,
    @Args('query') query: string,
  ): Promise<RegisteredFilter> {
    return this.service.revise(principal.userId, id, query);
  }

  @RequireWhole(ALERTS)
  @RequireScope('filters')
  @Mutation(() => AlertFilter)
  setFilterActive(
    @CurrentPrincipal() principal: Principal,
    @Args('id', { type: () => ID }) id: string,
    @Args('active') active: boolean,
  ): Promise<RegisteredFilter> {
    return this.service.setActive(principal.userId, id, active);
  }
}

export const toMatch = (match: StoredMatch): FilterMatch => ({
  ...match,
  matchId: match.matchId.toString(),
  diaSourceId: match.diaSourceId.toString(),
  visit: match.visit.toString(),
  diaObjectId: match.diaObjectId?.toString() ?? null,
  ssObjectId: match.ssObjectId?.toString() ?? null,
});
