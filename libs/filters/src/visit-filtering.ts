// Puts the alerts of finished visits before the active filters. An alert is marked in the transaction that keeps its matches, so a crash
// repeats the visit and a repetition adds nothing.

import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { AlertRows } from './filter-columns.js';
import { FilterService } from './filter-service.js';

/** A visit whose detectors never all report is filtered this long after its last alert. */
const PATIENCE_SECONDS = 120;

type Row = Record<string, unknown>;

@Injectable()
export class VisitFiltering {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(FilterService) private readonly filters: FilterService,
  ) {}

  /** Visits with alerts that no filter has seen yet and that are done (or waited for long enough), oldest first. */
  async pendingVisits(limit = 20): Promise<bigint[]> {
    const rows: { visit: bigint }[] = await this.dataSource.query(
      `SELECT a.visit FROM alert a WHERE a.filtered_at IS NULL GROUP BY a.visit
       HAVING max(a.published_at) < now() - make_interval(secs => $2)
         OR (NOT EXISTS (SELECT 1 FROM observed_visit v WHERE v.visit = a.visit AND v.status IN ('announced', 'observed', 'processing'))
             AND NOT EXISTS (SELECT 1 FROM alert_outbox o WHERE o.visit = a.visit AND o.published_at IS NULL))
       ORDER BY min(a.sequence) LIMIT $1`,
      [limit, PATIENCE_SECONDS],
    );
    return rows.map((row) => row.visit);
  }

  /** Returns the number of new matches. */
  async filterVisit(visit: bigint): Promise<{ alerts: number; matches: number }> {
    return this.dataSource.transaction(async (manager) => {
      const pending: { diaSourceId: bigint }[] = await manager.query(
        'SELECT "diaSourceId" FROM alert WHERE visit = $1 AND filtered_at IS NULL ORDER BY "diaSourceId" FOR UPDATE',
        [visit.toString()],
      );
      if (pending.length === 0) return { alerts: 0, matches: 0 };
      const ids = pending.map((row) => row.diaSourceId);
      const matches = await this.filters.evaluateVisit(manager, visit, await alertRows(manager, ids));
      await manager.query('UPDATE alert SET filtered_at = now() WHERE "diaSourceId" = ANY($1::bigint[])', [
        ids.map(String),
      ]);
      return { alerts: ids.length, matches };
    });
  }

  /** The alerts of past visits as filters see them, for dry runs: newest visits first, at most `limit` alerts. */
  async recentAlerts(limit: number, visit?: bigint): Promise<AlertRows[]> {
    const rows: { diaSourceId: bigint }[] = await this.dataSource.query(
      'SELECT "diaSourceId" FROM alert WHERE ($2::bigint IS NULL OR visit = $2) ORDER BY sequence DESC LIMIT $1',
      [limit, visit?.toString() ?? null],
    );
    return alertRows(
      this.dataSource.manager,
      rows.map((row) => row.diaSourceId),
    );
  }
}

/** The rows behind alerts: objects as of the commit that made the alert. */
async function alertRows(manager: EntityManager, ids: readonly bigint[]): Promise<AlertRows[]> {
  const keys = [ids.map(String)];
  const sources: Row[] = await manager.query(
    'SELECT * FROM "DiaSource" WHERE "diaSourceId" = ANY($1::bigint[]) ORDER BY "diaSourceId"',
    keys,
  );
  const objects: Row[] = await manager.query(
    `SELECT b.dia_source_id, o.* FROM alert_outbox b
     JOIN "DiaObject" o ON o."diaObjectId" = b.dia_object_id AND o."validityStartMjdTai" = b.object_valid_from
     WHERE b.dia_source_id = ANY($1::bigint[])`,
    keys,
  );
  const solarSystem: Row[] = await manager.query(
    'SELECT * FROM "SSSource" WHERE "diaSourceId" = ANY($1::bigint[])',
    keys,
  );
  const orbits: Row[] = await manager.query('SELECT * FROM mpc_orbits WHERE designation = ANY($1::text[])', [
    solarSystem.map((row) => row['designation']),
  ]);
  const byId = (rows: readonly Row[], key: string): Map<unknown, Row> => new Map(rows.map((row) => [row[key], row]));
  const [object, ssSource, orbit] = [
    byId(objects, 'dia_source_id'),
    byId(solarSystem, 'diaSourceId'),
    byId(orbits, 'designation'),
  ];
  return sources.map((diaSource): AlertRows => {
    const id = diaSource['diaSourceId'];
    const diaObject = object.get(id);
    const moving = ssSource.get(id);
    const mpcOrbit = moving && orbit.get(moving['designation']);
    return {
      diaSource,
      ...(diaObject && { diaObject }),
      ...(moving && { ssSource: moving }),
      ...(mpcOrbit && { mpcOrbit }),
    };
  });
}
