// The queries every table has: a page of it, and one row by identifier where rows have one.

import { Inject } from '@nestjs/common';
import { Args, ArgsType, Field, Float, ID, Info, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Caller } from '#libs/accounts';
import type { RowFilter } from '#libs/catalog';
import { CurrentCaller } from '../accounts/auth.guard.js';
import { SkyRegion } from '../graphql/arguments.js';
import type { OrderInput } from '../graphql/filter-types.js';
import { PageArgs } from '../graphql/page.js';
import { CatalogReader, type TableArgs } from './catalog-reader.js';
import {
  diaForcedSourceTypes,
  diaObjectTypes,
  forcedSourceTypes,
  objectTypes,
  orbitTypes,
  sourceTypes,
  ssObjectTypes,
  ssSourceTypes,
  type TableTypes,
  visitDetectorTypes,
} from './catalog.types.js';

/** The arguments of a page of a table: those its rows have a use for. */
export function tableArgsOf({ table, filter, order }: TableTypes, versions = false): new () => TableArgs {
  class Arguments extends PageArgs {
    ids?: string[];
    region?: SkyRegion;
    where?: RowFilter;
    orderBy?: OrderInput[];
    asOf?: number;
  }
  const add = (name: string, type: () => unknown, description: string): void =>
    Field(type as never, { nullable: true, description })(Arguments.prototype, name);
  if (table.primaryKey.length === 1 || versions) add('ids', () => [ID], 'only these, at most 10,000');
  if (table.position || versions) add('region', () => SkyRegion, 'only rows in this part of the sky');
  add('where', () => filter, 'only rows of which this holds');
  add('orderBy', () => [order], 'at most five columns; the primary key decides what is left open');
  if (versions) add('asOf', () => Float, 'objects as they were known at this time [MJD TAI]; now, unless given');
  ArgsType()(Arguments);
  return Arguments;
}

interface Names {
  readonly many: string;
  readonly one?: string;
  readonly description: string;
  readonly versions?: boolean;
}

function queriesOf(
  types: TableTypes,
  { many, one, description, versions = false }: Names,
): new (reader: CatalogReader) => object {
  const Arguments = tableArgsOf(types, versions);
  const { table } = types;
  @Resolver(() => types.node)
  class TableQueries {
    constructor(@Inject(CatalogReader) readonly reader: CatalogReader) {}

    @Query(() => types.page, { name: many, description })
    page(
      @Args({ type: () => Arguments }) args: TableArgs,
      @CurrentCaller() caller: Caller,
      @Info() info: GraphQLResolveInfo,
    ) {
      return this.reader.page(caller, table, args, info);
    }
  }
  if (one === undefined) return TableQueries;
  @Resolver(() => types.node)
  class WithOne extends TableQueries {
    @Query(() => types.node, { name: one, nullable: true })
    row(@Args('id', { type: () => ID }) id: string, @CurrentCaller() caller: Caller, @Info() info: GraphQLResolveInfo) {
      return this.reader.one(caller, table, id, info);
    }
  }
  return WithOne;
}

/** Resolvers of the tables that need no arguments of their own. */
export const TABLE_QUERIES = [
  queriesOf(diaForcedSourceTypes, {
    many: 'diaForcedSources',
    description: 'Forced photometry at the places of DIAObjects.',
  }),
  queriesOf(forcedSourceTypes, { many: 'forcedSources', description: 'Forced photometry at the places of Objects.' }),
  queriesOf(objectTypes, { many: 'objects', one: 'object', description: 'Objects of the static sky.' }),
  queriesOf(orbitTypes, { many: 'orbits', description: 'Orbits of Solar System objects.' }),
  queriesOf(ssObjectTypes, { many: 'ssObjects', one: 'ssObject', description: 'Known Solar System objects.' }),
  queriesOf(ssSourceTypes, {
    many: 'ssSources',
    one: 'ssSource',
    description: 'Detections as observations of Solar System objects.',
  }),
  queriesOf(visitDetectorTypes, {
    many: 'visitDetectors',
    description: 'Quality and geometry of every processed exposure.',
  }),
];

export const DiaObjectArgs = tableArgsOf(diaObjectTypes, true);
export const SourceArgs = tableArgsOf(sourceTypes);
