// What people have asked, failures too: kept in memory for a moment and written together, so that a query never waits for its own record.

import type { DataSource } from 'typeorm';
import { bulkInsert } from '#libs/database';

export interface AskedQuery {
  readonly userId: string;
  /** graphql, tap, scs ... */
  readonly door: string;
  /** GraphQL, ADQL ... */
  readonly language: string;
  readonly query: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly rows?: number;
  readonly bytes?: number;
  /** of a failure */
  readonly error?: { readonly code: string; readonly message: string };
}

export interface PastQuery extends Omit<AskedQuery, 'userId' | 'error' | 'rows' | 'bytes'> {
  readonly id: string;
  readonly outcome: 'ok' | 'failed';
  readonly rows: bigint | null;
  readonly bytes: bigint | null;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
}

const WRITE_EVERY_MS = 1_000;
const WAITING_AT_MOST = 5_000;
const TEXT_AT_MOST = 20_000;
const KEEP_DAYS = 90;

const COLUMNS = [
  { name: 'user_id', type: 'uuid' },
  { name: 'door', type: 'text' },
  { name: 'language', type: 'text' },
  { name: 'query', type: 'text' },
  { name: 'started_at', type: 'timestamptz' },
  { name: 'seconds', type: 'double precision' },
  { name: 'row_count', type: 'bigint' },
  { name: 'byte_count', type: 'bigint' },
  { name: 'outcome', type: 'text' },
  { name: 'error_code', type: 'text' },
  { name: 'error_message', type: 'text' },
];

export class QueryHistory {
  #waiting: AskedQuery[] = [];
  #dropped = 0;
  readonly #timer: NodeJS.Timeout;

  constructor(private readonly dataSource: DataSource) {
    this.#timer = setInterval(() => void this.flush().catch(() => undefined), WRITE_EVERY_MS).unref();
  }

  /** Records that found no place since the start: memory is bounded when the database is slow. */
  get dropped(): number {
    return this.#dropped;
  }

  record(query: AskedQuery): void {
    if (this.#waiting.length < WAITING_AT_MOST) this.#waiting.push(query);
    else this.#dropped++;
  }

  async flush(): Promise<void> {
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    // what a text cannot hold in PostgreSQL is not worth failing for
    const plain = (text: string): string => text.slice(0, TEXT_AT_MOST).replaceAll('\0', '\ufffd');
    await bulkInsert(
      this.dataSource,
      'query_history',
      COLUMNS,
      batch.map(({ userId, door, language, query, startedAt, seconds, rows, bytes, error }) => [
        userId,
        door,
        language,
        plain(query),
        startedAt,
        seconds,
        rows ?? null,
        bytes ?? null,
        error ? 'failed' : 'ok',
        error?.code ?? null,
        error ? plain(error.message) : null,
      ]),
    );
  }

  /** A user's own, newest first. */
  async read(userId: string, limit: number, before?: string): Promise<PastQuery[]> {
    await this.flush();
    return this.dataSource.query(
      `SELECT query_id::text AS id, door, language, query, started_at AS "startedAt", seconds, row_count AS rows, byte_count AS bytes,
         outcome, error_code AS "errorCode", error_message AS "errorMessage"
       FROM query_history WHERE user_id = $1 AND ($3::bigint IS NULL OR query_id < $3) ORDER BY query_id DESC LIMIT $2`,
      [userId, limit, before ?? null],
    );
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
    await this.dataSource.query(`DELETE FROM query_history WHERE started_at < now() - $1::int * interval '1 day'`, [
      KEEP_DAYS,
    ]);
  }
}
