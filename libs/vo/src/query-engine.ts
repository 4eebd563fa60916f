// Where queries of users run: connections of their own that can only read, with limits on time and cost. They take nothing from
// the connections that the survey itself needs.

import pg from 'pg';
import {
  type BinaryField,
  BinaryQuery,
  parameterText,
  quoteIdentifier,
  type RowChunk,
  splitSessionOptions,
  sqlState,
} from '#libs/database';
import { VoError } from './vo-error.js';

export interface QueryEngineOptions {
  readonly databaseUrl: string;
  /** connections, hence queries at once */
  readonly connections: number;
  /** how long a query may wait for one of them */
  readonly patienceMs: number;
  /** settings of the sessions that views look at */
  readonly settings?: Readonly<Record<string, string>>;
  /** asks the server to stop what another connection does */
  readonly cancel: (processId: number) => Promise<unknown>;
}

export interface StatementLimits {
  readonly timeoutMs: number;
  /** most the planner may expect, in its own units */
  readonly maximumCost: number;
}

export interface RunningStatement {
  readonly fields: readonly BinaryField[];
  readonly chunks: AsyncIterable<RowChunk>;
  /** gives the connection back; in the middle of the result it ends the statement */
  close(): Promise<void>;
}

const QUERY_CANCELED = '57014';
const READ_ONLY = ['default_transaction_read_only=on', 'jit=off', 'client_min_messages=error', 'TimeZone=UTC'];
const escaped = (value: string): string => value.replaceAll(/[\\\s]/g, '\\$&');

export class QueryEngine {
  #pool: pg.Pool | undefined;
  readonly #timeouts = new WeakMap<pg.PoolClient, number>();
  readonly #cheap = new Set<string>();

  constructor(private readonly options: QueryEngineOptions) {}

  /** `role`: one with nothing but SELECT on the published tables; without it the URL's own, in read-only transactions. */
  start(role?: string): void {
    const { url, session } = splitSessionOptions(this.options.databaseUrl);
    const settings = [
      ...READ_ONLY,
      ...Object.entries(this.options.settings ?? {}).map(([name, value]) => `${name}=${escaped(value)}`),
    ];
    if (role !== undefined) settings.push(`role=${role}`);
    this.#pool = new pg.Pool({
      connectionString: url,
      max: this.options.connections,
      connectionTimeoutMillis: this.options.patienceMs,
      options: [...session, ...settings.map((setting) => `-c ${setting}`)].join(' '),
      application_name: 'almagest-queries',
      keepAlive: true,
    });
    this.#pool.on('error', () => undefined); // an idle connection went away: the next query gets another
  }

  async close(): Promise<void> {
    await this.#pool?.end();
  }

  /** Asks the database for a sign of life. */
  async ping(): Promise<void> {
    const client = await this.#connect();
    try {
      await client.query('SELECT 1');
    } finally {
      client.release();
    }
  }

  /** Starts a statement; returns with its first row or its end, so that most errors are thrown here. */
  async run(
    sql: string,
    parameters: readonly unknown[],
    limits: StatementLimits,
    signal?: AbortSignal,
  ): Promise<RunningStatement> {
    signal?.throwIfAborted();
    const client = await this.#connect();
    let ended = false;
    const stop = (): void => {
      if (!ended)
        void this.options.cancel((client as pg.PoolClient & { processID: number }).processID).catch(() => undefined);
    };
    const close = (): Promise<void> => {
      if (!closed) {
        closed = true;
        signal?.removeEventListener('abort', stop);
        stop();
        client.release(!ended);
      }
      return Promise.resolve();
    };
    let closed = false;
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await this.#prepare(client, sql, parameters, limits);
      const query = client.query(new BinaryQuery(sql, parameters));
      const fields = await query.fields;
      const chunks = (async function* () {
        try {
          yield* query;
          ended = true;
        } catch (error) {
          ended = sqlState(error) !== undefined;
          throw asVoError(error, limits);
        }
      })();
      return { fields, chunks, close };
    } catch (error) {
      ended = error instanceof VoError || sqlState(error) !== undefined;
      await close();
      throw asVoError(error, limits);
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#pool === undefined) throw new VoError('BUSY', 'the service is starting; try again in a moment');
    try {
      return await this.#pool.connect();
    } catch (error) {
      if (error instanceof Error && /timeout exceeded when trying to connect/.test(error.message))
        throw new VoError('BUSY', 'too many queries at the moment; try again in a little while', undefined, {
          cause: error,
        });
      throw error;
    }
  }

  async #prepare(
    client: pg.PoolClient,
    sql: string,
    parameters: readonly unknown[],
    { timeoutMs, maximumCost }: StatementLimits,
  ): Promise<void> {
    if (this.#timeouts.get(client) !== timeoutMs) {
      await client.query(`SET statement_timeout = ${Math.round(timeoutMs)}`);
      this.#timeouts.set(client, timeoutMs);
    }
    await this.#checkCost(client, sql, parameters, maximumCost);
  }

  /** The planner is asked once for queries that differ in their numbers only, as long as they are far from any limit. */
  async #checkCost(
    client: pg.PoolClient,
    sql: string,
    parameters: readonly unknown[],
    maximumCost: number,
  ): Promise<void> {
    if (this.#cheap.has(sql)) return;
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: { 'Total Cost': number } }] }>(
      `EXPLAIN (FORMAT JSON) ${sql}`,
      parameters.map(parameterText),
    );
    const cost = rows[0]!['QUERY PLAN'][0].Plan['Total Cost'];
    if (cost > maximumCost)
      throw new VoError(
        'TOO_EXPENSIVE',
        `this query would cost about ${cost.toExponential(1)} units of work, at most ${maximumCost.toExponential(1)} are allowed; restrict it by position, identifier or time, or join on indexed columns`,
        cost,
      );
    if (cost > maximumCost / CHEAP_BY || sql.length > LONGEST_REMEMBERED) return;
    if (this.#cheap.size >= MOST_REMEMBERED) this.#cheap.clear();
    this.#cheap.add(sql);
  }
}

/** how far from the limit a query is that need not be looked at again, whatever its numbers */
const CHEAP_BY = 1e5;
const MOST_REMEMBERED = 1000;
const LONGEST_REMEMBERED = 20_000;

/** What a caller may know about a failure of the database: never SQL, never names of ours. */
function asVoError(error: unknown, { timeoutMs }: StatementLimits): unknown {
  if (error instanceof VoError) return error;
  const state = sqlState(error);
  const { message } = error as Error;
  if (state === QUERY_CANCELED)
    return new VoError(
      'QUERY_TIMEOUT',
      `the query was stopped: it may run ${Math.round(timeoutMs / 1000)} s`,
      undefined,
      { cause: error },
    );
  // class 22: data exceptions (division by zero, out of range, invalid text) are the query's own
  if (state?.startsWith('22'))
    return new VoError('QUERY_FAILED', `the query failed: ${message}`, undefined, { cause: error });
  if (state?.startsWith('53') || state === '54000')
    return new VoError(
      'QUERY_FAILED',
      'the query needs more memory or space than there is; ask for less at once',
      undefined,
      { cause: error },
    );
  return error;
}

/** SQL that lets a role read these relations and nothing else. Run it as their owner; it may be run again. */
export const grantReadSql = (role: string, schema: string, relations: readonly string[]): readonly string[] => [
  `GRANT ${quoteIdentifier(role)} TO CURRENT_USER`,
  `GRANT USAGE ON SCHEMA ${quoteIdentifier(schema)} TO ${quoteIdentifier(role)}`,
  ...relations.map(
    (relation) => `GRANT SELECT ON ${quoteIdentifier(schema)}.${quoteIdentifier(relation)} TO ${quoteIdentifier(role)}`,
  ),
];
