// A filter over past visits, inside the database: every alert with its object as it was known then, so that nothing is seen ahead of time.

import type { DataSource } from 'typeorm';
import { type CheckedFilter, type FilterColumn, filterToSql } from '#libs/filter-language';
import { MAX_MATCHES_PER_VISIT } from './limits.js';

export interface VisitReplay {
  readonly visit: bigint;
  readonly alerts: number;
  /** what would have been delivered: at most the filter's LIMIT */
  readonly matches: number;
}

const REPLAY_TIMEOUT_MS = 10_000;

/** The tables of `ALERT_COLUMNS` under the aliases of the join below. */
const ALIASES: Readonly<Record<string, string>> = { diaSource: 's', diaObject: 'o', ssSource: 'm', mpcOrbit: 'r' };
const columnInJoin = ({ table, name }: FilterColumn): string => `${ALIASES[table]}."${name}"`;

/** The newest visits with alerts, newest first. Throws what the database says when it takes longer than ten seconds. */
export async function replayFilter(
  dataSource: DataSource,
  filter: CheckedFilter,
  visits: number,
): Promise<VisitReplay[]> {
  const {
    where,
    parameters,
    limitPerVisit = MAX_MATCHES_PER_VISIT,
  } = filterToSql(filter, {
    column: columnInJoin,
    parametersBefore: 1,
  });
  return dataSource.transaction(async (manager) => {
    await manager.query(`SET LOCAL statement_timeout = ${REPLAY_TIMEOUT_MS}`);
    const rows: { visit: bigint; alerts: number; matches: number }[] = await manager.query(
      `SELECT a.visit, count(*)::int AS alerts, count(*) FILTER (WHERE ${where})::int AS matches
       FROM (SELECT visit FROM alert GROUP BY visit ORDER BY max(sequence) DESC LIMIT $1) v
       JOIN alert a USING (visit)
       JOIN "DiaSource" s ON s."diaSourceId" = a."diaSourceId"
       JOIN alert_outbox b ON b.dia_source_id = a."diaSourceId"
       LEFT JOIN "DiaObject" o ON o."diaObjectId" = b.dia_object_id AND o."validityStartMjdTai" = b.object_valid_from
       LEFT JOIN "SSSource" m ON m."diaSourceId" = a."diaSourceId"
       LEFT JOIN mpc_orbits r ON r.designation = m.designation
       GROUP BY a.visit ORDER BY max(a.sequence) DESC`,
      [visits, ...parameters],
    );
    const most = Math.min(limitPerVisit, MAX_MATCHES_PER_VISIT);
    return rows.map(({ visit, alerts, matches }) => ({ visit, alerts, matches: Math.min(matches, most) }));
  });
}
