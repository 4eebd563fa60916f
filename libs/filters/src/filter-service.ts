import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { bulkInsert, sqlState } from '#libs/database';
import { compileFilter, type CompiledFilter, type FilterMatch } from '#libs/filter-language';
import { ALERT_COLUMNS, type AlertRows, batchOf } from './filter-columns.js';
import { FilterServiceError } from './filter-service-error.js';
import { MAX_MATCHES_PER_VISIT } from './limits.js';
import { replayFilter, type VisitReplay } from './replay.js';

export interface RegisteredFilter {
  readonly id: string;
  readonly ownerId: string;
  readonly name: string;
  readonly description: string;
  /** null while the filter rests */
  readonly activeVersion: number | null;
  readonly latestVersion: number;
  readonly query: string;
  readonly createdAt: Date;
}

export interface StoredMatch {
  /** grows with time: the cursor of streams and pages */
  readonly matchId: bigint;
  readonly filterId: string;
  readonly version: number;
  readonly diaSourceId: bigint;
  readonly visit: bigint;
  readonly diaObjectId: bigint | null;
  readonly ssObjectId: bigint | null;
  readonly selected: Readonly<Record<string, unknown>>;
  readonly matchedAt: Date;
}

export interface DryRun {
  readonly matches: readonly FilterMatch[];
  /** the conditions that WHERE joins by AND: how many alerts each passes, and how many fail at it alone */
  readonly clauses: readonly { readonly text: string; readonly passes: number; readonly aloneRejects: number }[];
}

const MAX_FILTERS_PER_USER = 100;
const UNIQUE_VIOLATION = '23505';
/** any constant would do */
const MATCH_LOCK = 0x6d61_7463;

const FILTER_COLUMNS = `f.id, f.owner_id AS "ownerId", f.name, f.description, f.active_version AS "activeVersion", v.version AS "latestVersion", v.query, f.created_at AS "createdAt"`;
const LATEST = `alert_filter f JOIN LATERAL (SELECT version, query FROM alert_filter_version WHERE filter_id = f.id ORDER BY version DESC LIMIT 1) v ON true`;
const MATCH_COLUMNS = `match_id AS "matchId", filter_id AS "filterId", version, "diaSourceId", visit, "diaObjectId", "ssObjectId", selected, matched_at AS "matchedAt"`;

/** NOTIFY channel on which new matches are announced (payload: the visit). */
export const FILTER_MATCH_CHANNEL = 'almagest_filter_match';

/** Registered filters: versions are never changed, only added; matches are kept once per (version, detection). */
@Injectable()
export class FilterService {
  readonly #compiled = new Map<string, CompiledFilter>();
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Parses and type-checks; throws FilterError with the place of a mistake. */
  check(query: string): CompiledFilter {
    return compileFilter(query, ALERT_COLUMNS);
  }

  async register(ownerId: string, name: string, query: string, description = ''): Promise<RegisteredFilter> {
    this.check(query);
    return this.dataSource.transaction(async (manager) => {
      await manager.query('SELECT id FROM user_account WHERE id = $1 FOR UPDATE', [ownerId]);
      const [{ count }] = (await manager.query('SELECT count(*)::int AS count FROM alert_filter WHERE owner_id = $1', [
        ownerId,
      ])) as [{ count: number }];
      if (count >= MAX_FILTERS_PER_USER)
        throw new FilterServiceError(
          'TOO_MANY_FILTERS',
          `a user may have ${MAX_FILTERS_PER_USER} filters; remove one first`,
          count,
        );
      try {
        const [{ id }] = (await manager.query(
          'INSERT INTO alert_filter (owner_id, name, description, active_version) VALUES ($1, $2, $3, 1) RETURNING id',
          [ownerId, name, description],
        )) as [{ id: string }];
        await manager.query('INSERT INTO alert_filter_version (filter_id, version, query) VALUES ($1, 1, $2)', [
          id,
          query,
        ]);
        return await this.#find(manager, id);
      } catch (error) {
        if (sqlState(error) === UNIQUE_VIOLATION)
          throw new FilterServiceError('NAME_TAKEN', `you have a filter called ${name} already`, name);
        throw error;
      }
    });
  }

  /** Adds a version and makes it the active one. */
  async revise(ownerId: string, filterId: string, query: string): Promise<RegisteredFilter> {
    this.check(query);
    return this.dataSource.transaction(async (manager) => {
      const owned: unknown[] = await manager.query(
        'SELECT id FROM alert_filter WHERE id = $1 AND owner_id = $2 FOR UPDATE',
        [filterId, ownerId],
      );
      if (owned.length === 0)
        throw new FilterServiceError('NO_SUCH_FILTER', `there is no filter ${filterId} of yours`, filterId);
      await manager.query(
        `WITH added AS (
           INSERT INTO alert_filter_version (filter_id, version, query)
           SELECT $1, max(version) + 1, $2 FROM alert_filter_version WHERE filter_id = $1 RETURNING version)
         UPDATE alert_filter SET active_version = added.version FROM added WHERE id = $1`,
        [filterId, query],
      );
      return this.#find(manager, filterId);
    });
  }

  /** Lets a filter rest, or wakes its latest version. */
  async setActive(ownerId: string, filterId: string, active: boolean): Promise<RegisteredFilter> {
    const [, changed]: [unknown, number] = await this.dataSource.query(
      `UPDATE alert_filter SET active_version = CASE WHEN $3 THEN (SELECT max(version) FROM alert_filter_version WHERE filter_id = $1) END
       WHERE id = $1 AND owner_id = $2`,
      [filterId, ownerId, active],
    );
    if (changed === 0)
      throw new FilterServiceError('NO_SUCH_FILTER', `there is no filter ${filterId} of yours`, filterId);
    return this.#find(this.dataSource.manager, filterId);
  }

  async remove(ownerId: string, filterId: string): Promise<void> {
    const [, removed]: [unknown, number] = await this.dataSource.query(
      'DELETE FROM alert_filter WHERE id = $1 AND owner_id = $2',
      [filterId, ownerId],
    );
    if (removed === 0)
      throw new FilterServiceError('NO_SUCH_FILTER', `there is no filter ${filterId} of yours`, filterId);
  }

  async list(ownerId: string): Promise<RegisteredFilter[]> {
    return this.dataSource.query(`SELECT ${FILTER_COLUMNS} FROM ${LATEST} WHERE f.owner_id = $1 ORDER BY f.name`, [
      ownerId,
    ]);
  }

  /** A filter of this user. */
  async get(ownerId: string, filterId: string): Promise<RegisteredFilter> {
    const filter = await this.#find(this.dataSource.manager, filterId);
    if (filter.ownerId !== ownerId)
      throw new FilterServiceError('NO_SUCH_FILTER', `there is no filter ${filterId} of yours`, filterId);
    return filter;
  }

  async #find(manager: EntityManager, filterId: string): Promise<RegisteredFilter> {
    const rows: RegisteredFilter[] = await manager.query(`SELECT ${FILTER_COLUMNS} FROM ${LATEST} WHERE f.id = $1`, [
      filterId,
    ]);
    if (!rows[0]) throw new FilterServiceError('NO_SUCH_FILTER', `there is no filter ${filterId}`, filterId);
    return rows[0];
  }

  /** What a filter would have matched among the given alerts, and what each of its clauses did; nothing is kept. */
  dryRun(query: string, alerts: readonly AlertRows[]): DryRun {
    const filter = this.check(query);
    const batch = batchOf(alerts);
    return {
      matches: filter.evaluate(batch, { limit: MAX_MATCHES_PER_VISIT }),
      clauses: filter.selectivity(batch).map(({ clause: { range }, passes, aloneRejects }) => ({
        text: query.slice(range.offset, range.offset + range.length),
        passes,
        aloneRejects,
      })),
    };
  }

  /** How many alerts of each of the newest visits a filter would have passed. */
  replay(query: string, visits: number): Promise<VisitReplay[]> {
    return replayFilter(this.dataSource, this.check(query).checked, visits);
  }

  /**
   * Runs every active filter over a visit's alerts inside the caller's transaction. A repetition adds nothing: matches are unique per
   * (version, detection), and what an earlier run over a part of the visit matched counts against the limit.
   */
  async evaluateVisit(manager: EntityManager, visit: bigint, alerts: readonly AlertRows[]): Promise<number> {
    const active: { id: string; version: number; query: string; already: string[] }[] = await manager.query(
      `SELECT f.id, v.version, v.query,
              array(SELECT m."diaSourceId"::text FROM filter_match m WHERE m.filter_id = f.id AND m.visit = $1 AND m.version = v.version) AS already
       FROM alert_filter f JOIN alert_filter_version v ON v.filter_id = f.id AND v.version = f.active_version ORDER BY f.created_at, f.id`,
      [visit.toString()],
    );
    const rows: unknown[][] = [];
    const batch = batchOf(alerts);
    const rowOf = new Map(alerts.map((alert, row) => [String(alert.diaSource['diaSourceId']), row]));
    for (const { id, version, query, already } of active) {
      const filter = this.#compile(id, version, query);
      const without = new Set(already.flatMap((diaSourceId) => rowOf.get(diaSourceId) ?? []));
      const limit = Math.min(filter.query.limitPerVisit ?? Infinity, MAX_MATCHES_PER_VISIT) - already.length;
      for (const match of filter.evaluate(batch, { limit, without })) {
        const { diaSource } = alerts[match.row]!;
        rows.push([
          id,
          version,
          diaSource['diaSourceId'],
          visit,
          diaSource['diaObjectId'] ?? null,
          diaSource['ssObjectId'] ?? null,
          match.values,
        ]);
      }
    }
    if (rows.length === 0) return 0;
    // match ids must become visible in their order: a reader that continues after one must not miss a smaller one
    await manager.query('SELECT pg_advisory_xact_lock($1)', [MATCH_LOCK]);
    const inserted = await bulkInsert(
      manager,
      'filter_match',
      [
        { name: 'filter_id', type: 'uuid' },
        { name: 'version', type: 'integer' },
        { name: 'diaSourceId', type: 'bigint' },
        { name: 'visit', type: 'bigint' },
        { name: 'diaObjectId', type: 'bigint' },
        { name: 'ssObjectId', type: 'bigint' },
        { name: 'selected', type: 'jsonb' },
      ],
      rows,
      { suffix: 'ON CONFLICT DO NOTHING RETURNING match_id' },
    );
    await manager.query('SELECT pg_notify($1, $2)', [FILTER_MATCH_CHANNEL, visit.toString()]);
    return inserted.length;
  }

  #compile(id: string, version: number, query: string): CompiledFilter {
    const key = `${id}/${version}`;
    let filter = this.#compiled.get(key);
    if (!filter) {
      filter = this.check(query);
      this.#compiled.set(key, filter);
    }
    return filter;
  }

  /** Matches after a cursor (a match id), oldest first. */
  async matches(filterId: string, after = 0n, limit = 100): Promise<StoredMatch[]> {
    return this.dataSource.query(
      `SELECT ${MATCH_COLUMNS} FROM filter_match WHERE filter_id = $1 AND match_id > $2 ORDER BY match_id LIMIT $3`,
      [filterId, after.toString(), limit],
    );
  }
}
