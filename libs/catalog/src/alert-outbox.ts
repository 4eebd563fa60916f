// The outbox: alerts promised by a committed visit, taken by whoever makes the packets. At least once: a claim that is not
// marked published in time is handed out again.

import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';

export interface OutboxAlert {
  readonly sequence: bigint;
  readonly diaSourceId: bigint;
  /** history and object of the alert are those of this commit */
  readonly commitId: bigint;
  readonly visit: bigint;
  readonly detector: number;
  readonly diaObjectId: bigint | null;
  /** validityStartMjdTai of the version of the object that the commit wrote */
  readonly objectValidFrom: number | null;
  readonly ssObjectId: bigint | null;
  readonly payload: Readonly<Record<string, unknown>> | null;
  readonly attempts: number;
  readonly publishedAt: Date | null;
}

const COLUMNS = `sequence, dia_source_id AS "diaSourceId", commit_id AS "commitId", visit, detector, dia_object_id AS "diaObjectId",
  object_valid_from AS "objectValidFrom", ss_object_id AS "ssObjectId", payload, attempts, published_at AS "publishedAt"`;

@Injectable()
export class AlertOutbox {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  /** Takes up to `limit` pending alerts, oldest first, for `leaseSeconds`; other takers do not get them meanwhile. */
  async claim(limit: number, leaseSeconds = 60): Promise<OutboxAlert[]> {
    const [rows] = await this.dataSource.query<[OutboxAlert[], number]>(
      `UPDATE alert_outbox SET claimed_until = now() + make_interval(secs => $2), attempts = attempts + 1
       WHERE sequence IN (
         SELECT sequence FROM alert_outbox WHERE published_at IS NULL AND (claimed_until IS NULL OR claimed_until < now())
         ORDER BY sequence LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [limit, leaseSeconds],
    );
    return rows.toSorted((a, b) => (a.sequence < b.sequence ? -1 : 1));
  }

  async markPublished(sequences: readonly bigint[]): Promise<void> {
    await this.dataSource.query(
      'UPDATE alert_outbox SET published_at = now(), claimed_until = NULL WHERE sequence = ANY($1::bigint[]) AND published_at IS NULL',
      [sequences.map(String)],
    );
  }

  /** Gives claims back at once, after a failure that another attempt may mend. */
  async release(sequences: readonly bigint[]): Promise<void> {
    await this.dataSource.query(
      'UPDATE alert_outbox SET claimed_until = NULL WHERE sequence = ANY($1::bigint[]) AND published_at IS NULL',
      [sequences.map(String)],
    );
  }

  async ofVisit(visit: bigint): Promise<OutboxAlert[]> {
    return this.dataSource.query(`SELECT ${COLUMNS} FROM alert_outbox WHERE visit = $1 ORDER BY sequence`, [
      String(visit),
    ]);
  }

  async find(diaSourceId: bigint): Promise<OutboxAlert | undefined> {
    const rows = await this.dataSource.query<OutboxAlert[]>(
      `SELECT ${COLUMNS} FROM alert_outbox WHERE dia_source_id = $1`,
      [String(diaSourceId)],
    );
    return rows[0];
  }

  async pendingCount(): Promise<number> {
    const [row] = await this.dataSource.query<{ n: bigint }[]>(
      'SELECT count(*) AS n FROM alert_outbox WHERE published_at IS NULL',
    );
    return Number(row!.n);
  }
}
