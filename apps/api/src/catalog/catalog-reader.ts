// Reads of the catalog on somebody's behalf: what they may see of a table, as much as they may have, only the columns they asked for.

import { Inject, Injectable } from '@nestjs/common';
import type { GraphQLResolveInfo } from 'graphql';
import { DataSource } from 'typeorm';
import { AccessService, type Caller, rowCondition } from '#libs/accounts';
import { type PlainRow, type RowFilter, selectRelated, selectRows } from '#libs/catalog';
import type { TableDescription } from '#libs/schema';
import { idOf, skySelectionOf, type SkyRegion } from '../graphql/arguments.js';
import { Batch } from '../graphql/batch.js';
import { Direction, type OrderInput } from '../graphql/filter-types.js';
import { type PageArgs, type PageOf, pageRequest } from '../graphql/page.js';
import { selectedColumns } from '../graphql/selected-columns.js';
import { ApiError } from '../http/problem.js';
import { NEEDS } from './relations.js';

export interface TableArgs extends PageArgs {
  readonly ids?: readonly string[] | null;
  readonly region?: SkyRegion | null;
  readonly where?: RowFilter | null;
  readonly orderBy?: readonly OrderInput[] | null;
  readonly asOf?: number | null;
}

export interface Relation {
  readonly table: TableDescription;
  /** the column of `table` that names the owner */
  readonly key: string;
  readonly order?: readonly string[];
  readonly everyVersion?: boolean;
}

type Info = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/** Batches with the same statement are shared by all requests of a moment; so many kinds of statements are remembered. */
const MAX_BATCHES = 1_000;

@Injectable()
export class CatalogReader {
  readonly #batches = new Map<string, Batch<string, PlainRow[]>>();

  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(AccessService) private readonly access: AccessService,
  ) {}

  /** The condition on rows somebody may see. Throws NO_SUCH_TABLE where they may see none. */
  async #only(table: TableDescription, { principal }: Caller): Promise<string | undefined> {
    const visible = await this.access.visibility(table.name, principal);
    if (!visible) throw new ApiError('NO_SUCH_TABLE', `there is no table ${table.name} for you`, table.name);
    return rowCondition(visible, 't');
  }

  async page(caller: Caller, table: TableDescription, args: TableArgs, info: Info): Promise<PageOf<PlainRow>> {
    const page = pageRequest(args);
    const { ids, where, orderBy, asOf } = args;
    const region = skySelectionOf(args.region);
    const only = await this.#only(table, caller);
    await this.access.checkQuota(caller, 'rowsPerQuery', page.first);
    const { rows, next } = await selectRows(this.dataSource, table, {
      columns: selectedColumns(info, table, ['nodes'], NEEDS),
      page,
      ...(where && { where }),
      ...(region && { region }),
      ...(ids && { ids: ids.map((id) => idOf(id).toString()) }),
      ...(orderBy && {
        order: orderBy.map(({ column, direction }) => ({ column, descending: direction === Direction.DESC })),
      }),
      ...(asOf != null && { asOf }),
      ...(only !== undefined && { only }),
    });
    this.access.spend(caller, { rows: rows.length });
    return { nodes: rows, pageInfo: { endCursor: next ?? null, hasNextPage: next !== undefined } };
  }

  /** One row by identifier. */
  async one(caller: Caller, table: TableDescription, id: string, info: Info): Promise<PlainRow | null> {
    const key = table.primaryKey[0]!;
    return (await this.related(caller, { table, key }, idOf(id).toString(), info))[0] ?? null;
  }

  /** Rows that belong to `owner` (`besides`: columns needed whatever was asked), together with those of other owners asked for in the same moment. */
  async related(
    caller: Caller,
    relation: Relation,
    owner: string,
    info: Info | readonly string[],
    besides: readonly string[] = [],
  ): Promise<readonly PlainRow[]> {
    const { table, key, order = [], everyVersion = false } = relation;
    const only = await this.#only(table, caller);
    const asked = 'fieldNodes' in info ? selectedColumns(info, table, [], NEEDS) : info;
    const columns = besides.length > 0 ? [...new Set([...asked, ...besides])] : asked;
    const kind = [table.name, key, order.join(), everyVersion, only, columns.join()].join('|');
    let batch = this.#batches.get(kind);
    if (!batch) {
      if (this.#batches.size >= MAX_BATCHES) this.#batches.clear();
      const selection = { columns, key, order, everyVersion, ...(only !== undefined && { only }) };
      batch = new Batch((owners) => selectRelated(this.dataSource, table, selection, owners));
      this.#batches.set(kind, batch);
    }
    const rows = (await batch.get(owner)) ?? [];
    this.access.spend(caller, { rows: rows.length });
    return rows;
  }

  /** The one row that a row names, if it names one that somebody may see. */
  async belongsTo(
    caller: Caller,
    relation: Relation,
    owner: string | undefined,
    info: Info | readonly string[],
  ): Promise<PlainRow | null> {
    return owner === undefined ? null : ((await this.related(caller, relation, owner, info))[0] ?? null);
  }
}
